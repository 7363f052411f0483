package avroschema

import "fmt"

// A FailurePolicy says what becomes of a value that does not convert to the type of
// its field: a status that is no number, a time in no layout of the field. Every case
// is counted.
type FailurePolicy uint8

const (
	// OnErrorAuto, the zero value, is OnErrorNull where the field can be null, and
	// OnErrorReject where it cannot.
	OnErrorAuto    FailurePolicy = iota
	OnErrorReject                // the record is rejected
	OnErrorNull                  // the field is null; it must be nullable
	OnErrorDefault               // the field has its default; there must be one
	OnErrorExtras                // the field is null, and the text is kept in the record's extras under the field's label
)

var policyNames = [...]string{"auto", "reject", "null", "default", "extras"}

// String returns the name of p as the property ltsv.onerror has it.
func (p FailurePolicy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return fmt.Sprintf("FailurePolicy(%d)", p)
}

// resolve returns the policy that p is for a field that can be null or not.
func (p FailurePolicy) resolve(nullable bool) FailurePolicy {
	switch {
	case p != OnErrorAuto:
		return p
	case nullable:
		return OnErrorNull
	}
	return OnErrorReject
}

// fits returns why a field cannot have the policy p, which is resolved.
func (p FailurePolicy) fits(nullable, hasDefault, extras bool) error {
	switch {
	case p == OnErrorNull && !nullable:
		return fmt.Errorf("%w: null needs a nullable field", ErrPolicy)
	case p == OnErrorDefault && !hasDefault:
		return fmt.Errorf("%w: default needs a default", ErrPolicy)
	case p == OnErrorExtras && !nullable:
		return fmt.Errorf("%w: extras needs a nullable field", ErrPolicy)
	case p == OnErrorExtras && !extras:
		return fmt.Errorf("%w: extras needs a record with extras", ErrPolicy)
	case int(p) >= len(policyNames):
		return fmt.Errorf("%w: unknown", ErrPolicy)
	}
	return nil
}

package avroschema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
)

// names returns the names of the fields of s, whose labels are known. pinned is the
// record that was published before, or nil.
func (s *Spec) names(labels []string, pinned *node) ([]string, error) {
	names := make([]string, len(labels))
	fixed := map[string]bool{} // names that are not up for choice
	// A name that was published for another label is not free, even if that label is gone:
	// old data would be read as the new label's.
	if pinned != nil {
		for _, f := range pinned.fields {
			fixed[f.name] = true
		}
	}
	given := map[string]bool{}
	if s.Extras != "" {
		given[s.Extras] = true
	}
	for i, label := range labels {
		names[i] = s.Fields[i].Name
		if names[i] == "" {
			names[i] = pinned.nameOf(label)
		}
		if names[i] == "" && Name(label) == label && !fixed[label] {
			names[i] = label
		}
		if names[i] == "" {
			continue
		}
		if given[names[i]] {
			return nil, &SchemaError{names[i], fmt.Errorf("%w: field", ErrDuplicate)}
		}
		given[names[i]] = true
	}
	maps.Copy(fixed, given)
	wanted := map[string]int{}
	for i, label := range labels {
		if names[i] == "" {
			wanted[Name(label)]++
		}
	}
	for i, label := range labels {
		if names[i] != "" {
			continue
		}
		names[i] = Name(label)
		if wanted[names[i]] == 1 && !fixed[names[i]] {
			continue
		}
		if s.Collisions != CollisionSuffix {
			return nil, &SchemaError{names[i], s.collision(names, labels, i)}
		}
		names[i] = suffixed(label)
		if fixed[names[i]] {
			return nil, &SchemaError{names[i], fmt.Errorf("%w: with its suffix that of Fields[%d] is taken; give it another Name", ErrCollision, i)}
		}
	}
	return names, nil
}

// collision returns the error that says with what the name of field i collides. It numbers
// the fields: labels that are inferred are of a log, and may be anything.
func (s *Spec) collision(names, labels []string, i int) error {
	with := "a field of Previous"
	if names[i] == s.Extras {
		with = "Extras"
	}
	for j, label := range labels {
		if j != i && (names[j] == names[i] || names[j] == "" && Name(label) == names[i]) {
			with = fmt.Sprintf("Fields[%d]", j)
			break
		}
	}
	return fmt.Errorf("%w: that of Fields[%d] is that of %s; give it another Name, or set Collisions to CollisionSuffix", ErrCollision, i, with)
}

// suffixed returns the name of a label that shares its own with others.
func suffixed(label string) string {
	sum := sha256.Sum256([]byte(label))
	return Name(label) + "_" + hex.EncodeToString(sum[:4])
}

// nameOf returns the name that the record n has for label, or nothing.
func (n *node) nameOf(label string) string {
	if n == nil {
		return ""
	}
	for _, f := range n.fields {
		if f.label == label && f != n.extras {
			return f.name
		}
	}
	return ""
}

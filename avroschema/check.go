package avroschema

import (
	"fmt"
	"strings"
)

// A Mode says which schemas must be able to read whose data. The names are those of
// schema registries.
type Mode uint8

const (
	Backward           Mode = iota // the next schema reads data of the last one: upgrade readers first
	Forward                        // the last schema reads data of the next one: upgrade writers first
	Full                           // both
	BackwardTransitive             // Backward against all, not only the last
	ForwardTransitive
	FullTransitive
)

var modeNames = [...]string{"BACKWARD", "FORWARD", "FULL", "BACKWARD_TRANSITIVE", "FORWARD_TRANSITIVE", "FULL_TRANSITIVE"}

// String returns the name of m as registries write it: FULL_TRANSITIVE.
func (m Mode) String() string {
	if int(m) < len(modeNames) {
		return modeNames[m]
	}
	return fmt.Sprintf("Mode(%d)", m)
}

// A Rule is what a [Change] is about.
type Rule uint8

const (
	// Avro's own, by "Schema Resolution" of the specification.

	RuleType      Rule = iota // the data's type is not the reader's, nor promoted to it
	RuleName                  // the names of two records, enums or fixeds differ, and no alias says otherwise
	RuleDefault               // the data has no such field; the reader has a default for it, or breaks
	RuleUnion                 // the reader has no type for a branch of the data's union, such as null
	RuleSymbol                // the reader's enum lacks a symbol; it has a default for it, or breaks
	RuleSize                  // sizes of a fixed differ
	RuleAmbiguous             // a field's aliases find several fields
	RuleIgnored               // the reader has no such field and skips the data's
	RulePromoted              // int is read as long, string as bytes, and so on
	RuleAlias                 // a field is found by an alias

	// What Avro allows, and Hive or the meaning of the data does not, or not always.

	RuleLogical   // the logical type differs: what was milliseconds is read as microseconds
	RuleDecimal   // scale or precision differ, or bytes become a decimal
	RuleCase      // names differ by case only, and Hive's columns know none
	RulePartition // a field is called as a partition column: dt, hour
	RuleLabel     // the field takes another label than before
	RuleNewValue  // the default for what is missing differs
	RuleHive      // Hive's reader fails where Avro's rules do not: at the default of a decimal, a union whose types change, an alias of another field's name
)

var ruleNames = [...]string{
	"type", "name", "default", "union", "symbol", "size", "ambiguous", "ignored", "promoted", "alias",
	"logical", "decimal", "case", "partition", "label", "new default", "hive",
}

// String returns the name of r.
func (r Rule) String() string {
	if int(r) < len(ruleNames) {
		return ruleNames[r]
	}
	return fmt.Sprintf("Rule(%d)", r)
}

// Avro reports whether r is a rule of the Avro specification. Registries know no others.
func (r Rule) Avro() bool { return r < RuleLogical }

// A Change is one difference between two schemas.
type Change struct {
	Path    string // as in SchemaError; empty is the schema itself
	Rule    Rule
	Breaks  bool   // data cannot be read, is read as something else, or Hive cannot have the table
	Mode    Mode   // Backward or Forward: who reads
	Against int    // index in prev of the schema that next was compared with
	Detail  string // for people: types and names
}

// String returns c in one line.
func (c Change) String() string {
	s := c.Mode.String() + " against " + fmt.Sprint(c.Against) + ": "
	if c.Path != "" {
		s += c.Path + ": "
	}
	s += c.Rule.String() + ": " + c.Detail
	if c.Breaks {
		s += " (breaks)"
	}
	return s
}

// Changes are what [Check] finds.
type Changes []Change

// Err returns an [*IncompatibleError] of the changes that break, or nil.
func (cs Changes) Err() error {
	var breaks Changes
	for _, c := range cs {
		if c.Breaks {
			breaks = append(breaks, c)
		}
	}
	if breaks == nil {
		return nil
	}
	return &IncompatibleError{breaks}
}

// An IncompatibleError is why a schema may not follow those before it.
type IncompatibleError struct{ Changes Changes }

func (e *IncompatibleError) Error() string {
	lines := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		lines[i] = c.String()
	}
	return "avroschema: incompatible: " + strings.Join(lines, "; ")
}

// Check returns what changes from the schemas prev, oldest first, to next, of which some
// may break what mode demands. It needs no registry, and knows more than one: see [Rule].
//
//	err := avroschema.Check(avroschema.FullTransitive, next, published...).Err()
func Check(mode Mode, next *Schema, prev ...*Schema) Changes {
	first := len(prev) - 1
	if mode >= BackwardTransitive {
		first, mode = 0, mode-BackwardTransitive
	}
	var all Changes
	for i := max(first, 0); i < len(prev); i++ {
		if mode != Forward {
			all = append(all, compare(Backward, i, next, prev[i])...)
		}
		if mode != Backward {
			all = append(all, compare(Forward, i, prev[i], next)...)
		}
		all = append(all, hiveChanges(mode, i, next, prev[i])...)
	}
	return all
}

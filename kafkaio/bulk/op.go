package bulk

import "strconv"

// An Op is how a document is written.
type Op uint8

const (
	// Create writes a document unless its id is there. It is the only Op that
	// data streams take.
	Create Op = iota
	// Index writes a document and overwrites one with its id.
	Index
)

// String returns the action's name, as it stands in a request.
func (o Op) String() string {
	switch o {
	case Create:
		return "create"
	case Index:
		return "index"
	}
	return "Op(" + strconv.Itoa(int(o)) + ")"
}

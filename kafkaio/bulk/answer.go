package bulk

import (
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// A status is what became of one document.
type status struct {
	code int
	kind string // of the reason; "" if there is none, or it is not to be trusted
}

// done reports whether the document is in the index, and was there before.
func (s status) done(op Op) (done, before bool) {
	before = s.code == 409 && op == Create
	return before || s.code >= 200 && s.code < 300, before
}

// passes reports whether the document may be taken another time. A block of the
// cluster or an index (no master, a disk that is full, maintenance) is a 403 as
// well as a 429 or 503; a conflict under Index is another writer's.
func (s status) passes() bool {
	switch {
	case s.code == 429, s.code >= 500:
		return true
	case s.code == 409:
		return true // Create has done with it
	case s.code == 403:
		return s.kind == "cluster_block_exception"
	}
	return false
}

// An answers reads answers. It belongs to one goroutine.
type answers struct {
	scan  jsonscan.Scanner
	items []status // of the last answer
	kinds map[string]string
}

// bulk reads the answer to a request of n documents, all of it, or returns
// false if it is not one.
func (a *answers) bulk(body []byte, op string, n int) bool {
	s := &a.scan
	s.Reset(body)
	a.items = a.items[:0]
	if !s.Next() || s.Kind != jsonscan.Object {
		return false
	}
	found := false
	for s.Next() && s.Kind != jsonscan.End {
		if string(s.Key) != "items" {
			s.Skip()
			continue
		}
		if found || s.Kind != jsonscan.Array || !a.list(op, n) {
			return false
		}
		found = true
	}
	for s.Next() {
	}
	return s.Cause() == nil && found && len(a.items) == n
}

// list reads the items, each an object whose one member is the op.
func (a *answers) list(op string, n int) bool {
	s := &a.scan
	for s.Next() && s.Kind != jsonscan.End {
		if s.Kind != jsonscan.Object || len(a.items) == n {
			return false
		}
		if !s.Next() || s.Kind != jsonscan.Object || string(s.Key) != op || !a.item() {
			return false
		}
		if !s.Next() || s.Kind != jsonscan.End {
			return false
		}
	}
	return s.Kind == jsonscan.End
}

// item reads what became of one document.
func (a *answers) item() bool {
	s := &a.scan
	st := status{}
	for s.Next() && s.Kind != jsonscan.End {
		switch string(s.Key) {
		case "status":
			code, err := strconv.ParseUint(string(s.Value), 10, 16)
			if s.Kind != jsonscan.Number || err != nil || code < 200 || code > 599 {
				return false
			}
			st.code = int(code)
		case "error":
			st.kind = a.reason()
		default:
			s.Skip()
		}
	}
	a.items = append(a.items, st)
	return s.Kind == jsonscan.End && st.code != 0
}

// reason reads the type of an error, which is an object, or once was a text.
func (a *answers) reason() (kind string) {
	s := &a.scan
	if s.Kind != jsonscan.Object {
		s.Skip()
		return ""
	}
	for s.Next() && s.Kind != jsonscan.End {
		if s.Kind == jsonscan.String && string(s.Key) == "type" {
			kind = a.kind(s.Value)
		}
		s.Skip()
	}
	return kind
}

// failure reads the type of the reason why a whole request was refused. ok says
// that the answer is one of a node's, not of something in front of it.
func (a *answers) failure(body []byte) (kind string, ok bool) {
	s := &a.scan
	s.Reset(body)
	if !s.Next() || s.Kind != jsonscan.Object {
		return "", false
	}
	for s.Next() && s.Kind != jsonscan.End {
		if string(s.Key) == "error" {
			kind, ok = a.reason(), true
			continue
		}
		s.Skip()
	}
	for s.Next() {
	}
	return kind, ok && s.Cause() == nil
}

const (
	maxKind  = 64  // bytes of a type
	maxKinds = 256 // types remembered
)

// kind returns the type of a reason if it looks like one: what else a server
// says might be of a document.
func (a *answers) kind(text []byte) string {
	if k, ok := a.kinds[string(text)]; ok {
		return k
	}
	if len(text) == 0 || len(text) > maxKind {
		return ""
	}
	for _, c := range text {
		if c != '_' && (c < 'a' || c > 'z') {
			return ""
		}
	}
	k := string(text)
	if a.kinds == nil || len(a.kinds) == maxKinds {
		a.kinds = make(map[string]string)
	}
	a.kinds[k] = k
	return k
}

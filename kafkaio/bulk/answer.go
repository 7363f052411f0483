package bulk

import (
	"bytes"
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// A status is what became of one document.
type status struct {
	code int
	kind string // of the reason; "" if there is none, or it is not to be trusted
	kept bool   // by a data stream's failure store, instead of the stream
}

// done reports whether the document is in the index, and was there before.
func (s status) done(op Op) (done, before bool) {
	before = s.code == 409 && op == Create
	return before || s.code >= 200 && s.code < 300, before
}

// passes reports whether the document may be taken another time. A block of the
// cluster or an index (no master, a disk that is full, maintenance) is a 403 as
// well as a 429 or 503; a cluster that has all the shards it may have makes no
// index for any document, which is a 400; a conflict under Index is another
// writer's.
func (s status) passes() bool {
	switch {
	case s.code == 429, s.code >= 500:
		return true
	case s.code == 409:
		return true // Create has done with it
	case s.code == 403:
		return s.kind == "cluster_block_exception"
	case s.code == 400:
		return s.kind == "validation_exception"
	}
	return false
}

// An answers reads answers. It belongs to one goroutine.
type answers struct {
	scan  jsonscan.Scanner
	items []status // of the last answer
	kinds map[string]string

	asked   question
	id, got []byte // that a document was sent with, and that its item has
}

// A question is what a request asked.
type question struct {
	op string
	n  int                             // documents
	id func(dst []byte, at int) []byte // appends the id of one
}

// bulk reads the answer to a request, all of it, or returns false if it is not
// one: also if it is the answer to another.
func (a *answers) bulk(body []byte, asked question) bool {
	a.asked = asked
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
		if found || s.Kind != jsonscan.Array || !a.list() {
			return false
		}
		found = true
	}
	for s.Next() {
	}
	return s.Cause() == nil && found && len(a.items) == asked.n
}

// list reads the items, each an object whose one member is the op.
func (a *answers) list() bool {
	s := &a.scan
	for s.Next() && s.Kind != jsonscan.End {
		if s.Kind != jsonscan.Object || len(a.items) == a.asked.n {
			return false
		}
		if !s.Next() || s.Kind != jsonscan.Object || string(s.Key) != a.asked.op || !a.item() {
			return false
		}
		if !s.Next() || s.Kind != jsonscan.End {
			return false
		}
	}
	return s.Kind == jsonscan.End
}

// item reads what became of one document. An id is compared if the item has
// one: what only looks like Elasticsearch may not, and a failure store gives its
// own.
func (a *answers) item() bool {
	s := &a.scan
	st, strange := status{}, false
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
		case "_id":
			strange = !a.own() || strange
		case "failure_store":
			st.kept = s.Kind == jsonscan.String && string(s.Value) == "used"
		default:
			s.Skip()
		}
	}
	a.items = append(a.items, st)
	return s.Kind == jsonscan.End && st.code != 0 && (st.kept || !strange)
}

// own reports whether the value is the id of the document whose item is read.
func (a *answers) own() bool {
	s := &a.scan
	if s.Kind != jsonscan.String {
		s.Skip()
		return false
	}
	id := s.Value
	if s.Escaped {
		a.got = jsonscan.AppendUnescape(a.got[:0], id)
		id = a.got
	}
	a.id = a.asked.id(a.id[:0], len(a.items))
	return bytes.Equal(id, a.id)
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
// that a node has looked at it: what stands in front of one answers otherwise,
// and a node that knows no such URL has a text for an error.
func (a *answers) failure(body []byte) (kind string, ok bool) {
	s := &a.scan
	s.Reset(body)
	if !s.Next() || s.Kind != jsonscan.Object {
		return "", false
	}
	for s.Next() && s.Kind != jsonscan.End {
		if string(s.Key) == "error" {
			ok = s.Kind == jsonscan.Object
			kind = a.reason()
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

package jsonrec

import (
	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// flatten reads up to the end of the object, with dotted labels for what is in the
// objects inside. One pass of the strict scanner does it in less time than sonic's
// Preorder takes to visit the same text, which checks less (BenchmarkFlatten), and
// no depth of it can exhaust a stack.
func (r *reader) flatten() error {
	var (
		room    [128]byte
		objects [8][]byte // labels of objects met: no field may have one
		outer   [jsonscan.MaxDepth + 1]int
	)
	s, path, met := &r.scan, room[:0], objects[:0]
	empty := false // the last thing read opened an object
	for s.Next() {
		level := s.Level()
		if s.Kind == jsonscan.End {
			if level == 0 {
				return nil
			}
			if empty && !r.rec.Append(path, emptyObject) {
				return ErrDuplicate
			}
			empty = false
			path = path[:outer[level]]
			continue
		}
		if r.left--; r.left < 0 {
			return ErrMembers
		}
		if s.Kind == jsonscan.Object || s.Kind == jsonscan.Array {
			level-- // opened already
		}
		before := len(path)
		label := s.Key
		if level > 1 || s.KeyEscaped {
			if level > 1 {
				if before+1+len(s.Key) > MaxLabel {
					return ErrLabel
				}
				path = append(path, '.')
			}
			path = jsonscan.AppendUnescape(path, s.Key)
			label = path
		}
		if contains(met, label) {
			return ErrDuplicate
		}
		if empty = s.Kind == jsonscan.Object; empty {
			if r.has(label) {
				return ErrDuplicate
			}
			if len(label) > MaxLabel {
				return ErrLabel
			}
			path = append(path[:0], label...)
			outer[level] = before
			met = append(met, append(r.rec.Alloc(len(label))[:0], label...))
			continue
		}
		if err := r.field(label); err != nil {
			return err
		}
		path = path[:before]
	}
	return s.Cause()
}

// has reports whether the record has a field labelled label.
func (r *reader) has(label []byte) bool {
	for l := range r.rec.All() {
		if l == string(label) {
			return true
		}
	}
	return false
}

// emptyObject stands for an object without members, which has no labels below.
var emptyObject = transform.Value{Kind: transform.KindJSON, Bytes: []byte("{}")}

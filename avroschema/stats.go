package avroschema

import "sync/atomic"

type fieldCounters struct{ failed, repaired atomic.Int64 }

// Stats counts what an [Encoder] did.
type Stats struct {
	Records  int64 // encoded
	Rejected int64
	Fields   []FieldStats // of every field, those of nested records behind the one they are in
}

// FieldStats counts the values of a field, at every place where its record is used.
type FieldStats struct {
	Path     string // as in SchemaError, of the first place
	Failed   int64  // that did not convert, whatever became of them, or were missing and needed
	Repaired int64  // that had strings with bytes that are not UTF-8
}

// Stats returns what e has counted so far. Any goroutine may call it.
func (e *Encoder) Stats() Stats {
	s := Stats{Records: e.records.Load(), Rejected: e.rejected.Load(), Fields: make([]FieldStats, len(e.fields))}
	for i := range e.fields {
		s.Fields[i] = FieldStats{e.plan.paths[i], e.fields[i].failed.Load(), e.fields[i].repaired.Load()}
	}
	return s
}

// Add returns the sums of s and t, which are of encoders of one plan. Either may be the
// zero Stats.
func (s Stats) Add(t Stats) Stats {
	sum := Stats{Records: s.Records + t.Records, Rejected: s.Rejected + t.Rejected}
	for i := range max(len(s.Fields), len(t.Fields)) {
		var f FieldStats
		for _, from := range [...][]FieldStats{s.Fields, t.Fields} {
			if i < len(from) {
				f.Path = from[i].Path
				f.Failed += from[i].Failed
				f.Repaired += from[i].Repaired
			}
		}
		sum.Fields = append(sum.Fields, f)
	}
	return sum
}

package avroschema

import "math"

// Part returns an Inferrer for a part of the samples, for another goroutine, to be merged
// by [Inferrer.Merge]. It has no MaxFields: its memory grows with the labels that it
// meets until it is merged.
func (in *Inferrer) Part() *Inferrer {
	return &Inferrer{Name: in.Name, Namespace: in.Namespace, MaxFields: math.MaxInt, Extras: in.Extras}
}

// Merge adds what part has seen, as if its records had been added to in. Merging parts in
// the order of the samples gives the same fields in the same order.
func (in *Inferrer) Merge(part *Inferrer) {
	for _, l := range part.labels {
		if i := in.field(l.label); i >= 0 {
			in.labels[i].widen(l.typ, l.wide)
		}
	}
}

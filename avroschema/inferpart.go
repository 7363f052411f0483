package avroschema

import "math"

// Part returns an Inferrer for some of the samples, for another goroutine: what [Inferrer.Merge]
// then adds. It remembers every label it sees, so it should be merged before it has seen
// more than memory is for.
func (in *Inferrer) Part() *Inferrer {
	return &Inferrer{Name: in.Name, Namespace: in.Namespace, MaxFields: math.MaxInt, Extras: in.Extras}
}

// Merge adds what part has seen, just as if its records had been added to in. Parts that
// are merged in the order of the samples give the same fields in the same order.
func (in *Inferrer) Merge(part *Inferrer) {
	for _, l := range part.labels {
		if i := in.field(l.label); i >= 0 {
			in.labels[i].widen(l.typ, l.wide)
		}
	}
}

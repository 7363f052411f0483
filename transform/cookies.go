package transform

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var (
	errLabelTaken = errors.New("a client chose a label that the record has")
	errAllOf      = errors.New("cookie.AllOf: a label has one value")
)

// Cookies is the stage that makes fields of the cookies of the header labelled from, as
// x says (see [cookie.Extract], also for the limits):
//
//	transform.Cookies("cookie", cookie.Extract{Fields: []cookie.Field{
//		{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}},
//		{Name: "own", Label: "cookie.own", Decoder: own, Members: []string{"seg", "rank"}},
//	}})
//
// It comes behind [Missing] and [Unescape]. The header stays; [Drop] it where it is not
// wanted any more. A header that is missing, null, or no string gives nothing, and
// neither does a cookie that is missing.
//
// A cookie that cannot be decoded, that no key verifies or that is too large gives no
// field and counts as failed; what the log has under its labels is removed. [OnError]
// may say otherwise: under OnErrorNull the labels that x names for it become null, under
// OnErrorReject the record is rejected, and the error has the label from. A header that
// reaches a limit counts once more; the cookies before the limit stand.
//
// Labels that x names replace what the record has there, in its place. Labels that a
// client chose, those of [cookie.Extract.Rest] and of fields without Members, do not, or
// a client could forge a field of the log: they are left out, and count as failed.
func Cookies(from string, x cookie.Extract) Stage {
	x.Fields = append([]cookie.Field(nil), x.Fields...)
	x.Deny = append([]string(nil), x.Deny...)
	return cookies{from, x}
}

type cookies struct {
	from string
	x    cookie.Extract
}

// String returns the Go code of s with the types of decoders for the decoders: what
// they hold may be a key.
func (s cookies) String() string {
	var fields []string
	for _, f := range s.x.Fields {
		fields = append(fields, literal("", "Name", literalString(f.Name), "Label", literalString(f.Label),
			"Decoder", decoderType(f.Decoder), "Members", literalStrings(f.Members)))
	}
	list := ""
	if len(fields) > 0 {
		list = "[]cookie.Field{" + strings.Join(fields, ", ") + "}"
	}
	options := ""
	if s.x.Options != (cookie.Options{}) {
		options = fmt.Sprintf("cookie.Options%+v", s.x.Options)
	}
	return fmt.Sprintf("Cookies(%q, %s)", s.from, literal("cookie.Extract", "Fields", list,
		"Rest", literalString(s.x.Rest), "RestDecoder", decoderType(s.x.RestDecoder), "Deny", literalStrings(s.x.Deny),
		"Denied", decoderType(s.x.Denied), "Options", options))
}

func decoderType(d cookie.Decoder) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%T", d)
}

func (s cookies) Bind(b *Binder) (func() Func, error) {
	if s.from == "" {
		return nil, errNoLabel
	}
	if s.x.Options.Duplicates == cookie.AllOf {
		return nil, errAllOf
	}
	extractor, err := cookie.NewExtractor(s.x)
	if err != nil {
		return nil, err
	}
	known := extractor.Labels()
	from, to := b.Slot(s.from), make([]Slot, len(known))
	for i, label := range known {
		to[i] = output(b, label, s.from)
	}
	policy := b.Policy(OnErrorDropField)
	fields := fieldSlots(s.x.Fields, to)
	return func() Func {
		w := &cookieStage{from: from, to: to, fields: fields, policy: policy, results: extractor.Bind()}
		return w.run
	}, nil
}

// fieldSlots gives each field its part of the slots of Extractor.Labels: one for its
// label, or one for each member.
func fieldSlots(fields []cookie.Field, to []Slot) [][]Slot {
	parts := make([][]Slot, len(fields))
	for i, f := range fields {
		n := max(1, len(f.Members))
		parts[i], to = to[:n:n], to[n:]
	}
	return parts
}

// A cookieStage is Cookies at work, for one worker.
type cookieStage struct {
	from    Slot
	to      []Slot   // by Result.Index
	fields  [][]Slot // by Failure.Field
	policy  Policy
	results *cookie.Results
}

func (w *cookieStage) run(r *Record) error {
	header, ok := r.text(w.from)
	if !ok {
		return nil
	}
	limit := w.results.Extract(header)
	for _, f := range w.results.Failures() {
		var to []Slot
		if f.Field >= 0 {
			to = w.fields[f.Field]
		}
		if err := r.failInto(w.policy, w.from, to, f.Err); err != nil {
			return err
		}
	}
	if limit != nil {
		if err := r.failInto(w.policy, w.from, nil, limit); err != nil {
			return err
		}
	}
	for i := range w.results.Len() {
		result := w.results.At(i)
		if err := w.set(r, &result); err != nil {
			return err
		}
	}
	return nil
}

var cookieKinds = [...]Kind{
	cookie.KindString: KindString, cookie.KindNumber: KindNumber, cookie.KindBool: KindBool,
	cookie.KindNull: KindNull, cookie.KindJSON: KindJSON,
}

// set makes a field of a result. Its bytes are those of the worker's results, good until
// the next header, which comes with the next record. A pointer, because a copy of the
// result would be read while its parts are still being written.
func (w *cookieStage) set(r *Record, result *cookie.Result) error {
	var n *name
	if result.Index >= 0 {
		n = r.slots[w.to[result.Index]]
	} else if n = r.names.bytes(result.Label); r.at(n) != nil {
		return r.failInto(w.policy, w.from, nil, errLabelTaken)
	}
	v := Value{cookieKinds[result.Kind], result.Bytes}
	if v.Kind == KindNull {
		v = Null
	}
	r.set(n, v)
	return nil
}

// bytes is named for a label of which there may be no string yet.
func (t *names) bytes(label []byte) *name {
	if n, ok := t.known[string(label)]; ok {
		return n
	}
	return t.add(string(label))
}

package transform_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// statusClass is a stage that reaches its fields by slots: it writes 4xx for 404.
type statusClass struct{ from, to string }

var errStatus = errors.New("not a status") // an error never quotes the value

// Bind runs once, when the chain is built: a wrong configuration shows in NewChain.
func (s statusClass) Bind(b *transform.Binder) (func() transform.Func, error) {
	if s.from == "" || s.to == "" {
		return nil, errors.New("label is empty")
	}
	from, to := b.Slot(s.from), b.Output(s.to)
	policy := b.Policy(transform.OnErrorNull) // unless OnError says otherwise
	return func() transform.Func {            // runs once a worker: scratch would be made here
		return func(rec *transform.Record) error {
			v, ok := rec.Value(from)
			switch {
			case !ok:
				return nil
			case v.Kind == transform.KindNull:
				rec.SetValue(to, transform.Null)
				return nil
			case !isStatus(v.Bytes):
				return rec.Fail(policy, to, errStatus)
			}
			class := rec.Alloc(3) // lives as long as the record
			class[0], class[1], class[2] = v.Bytes[0], 'x', 'x'
			rec.SetValue(to, transform.String(class))
			return nil
		}
	}, nil
}

// String is how the chain, its errors and statistics print the stage.
func (s statusClass) String() string { return fmt.Sprintf("statusClass{%q, %q}", s.from, s.to) }

func isStatus(text []byte) bool {
	return len(text) == 3 && '1' <= text[0] && text[0] <= '5' && len(bytes.Trim(text, "0123456789")) == 0
}

func ExampleStage() {
	class := statusClass{"status", "class"}
	show("status:404\tsize:162", class)
	show("status:4o4\tsize:162", class)
	show("status:4o4\tsize:162", transform.OnError(transform.OnErrorReject, class))
	show("status:404\tsize:162", statusClass{"status", ""})
	// Output:
	// {"status":"404","size":"162","class":"4xx"}
	// {"status":"4o4","size":"162","class":null}
	// transform: stage 0, OnError(OnErrorReject, statusClass{"status", "class"}), label class: not a status
	// transform: stage 0, statusClass{"status", ""}: label is empty
}

// longer is true if the text of a value has more than n bytes.
type longer struct {
	label string
	n     int
}

func (p longer) Bind(b *transform.Binder) (func() func(*transform.Record) bool, error) {
	if p.n < 0 {
		return nil, errors.New("number is negative") // shows in NewChain
	}
	slot := b.Slot(p.label)
	return func() func(*transform.Record) bool {
		return func(rec *transform.Record) bool {
			v, ok := rec.Value(slot)
			return ok && v.Kind != transform.KindNull && len(v.Bytes) > p.n
		}
	}, nil
}

func (p longer) String() string { return fmt.Sprintf("longer{%q, %d}", p.label, p.n) }

func ExamplePredicate() {
	long := longer{"uri", 20}
	show("uri:/users/25527/orders?id=70678\tstatus:200", transform.If(long, transform.Truncate(15, "uri")))
	show("uri:/boom\tstatus:500", transform.Filter(long))
	// Output:
	// {"uri":"/users/25527/or","status":"200"}
	// transform: record skipped
}

// A record that is rejected costs itself: the error says which stage, and never quotes
// a value.
func ExampleStageError() {
	chain, err := transform.NewChain(
		transform.OnError(transform.OnErrorFail, transform.Int("status")),
		transform.OnError(transform.OnErrorReject, transform.Float("reqtime")),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	worker := chain.NewWorker(transform.LTSV{})
	for _, line := range []string{"status:200\treqtime:0.004", "status:200\treqtime:soon", "status:4o4\treqtime:0.001"} {
		_, err := worker.Process([]byte(line))
		var se *transform.StageError
		if errors.As(err, &se) {
			fmt.Println(se.Index, se.Label, "fatal:", errors.Is(err, transform.ErrFatal))
		}
	}
	// Output:
	// 1 reqtime fatal: false
	// 0 status fatal: true
}

// The counts of several workers add up.
func ExampleStats() {
	chain, err := transform.NewChain(
		transform.Int("status"),
		transform.Named("errors only", transform.Filter(transform.Greater("status", 399))),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum transform.Stats
	for _, lines := range [][]string{{"status:200", "status:404", "status:4o4"}, {"status:500", "GET /"}} {
		worker := chain.NewWorker(transform.LTSV{}) // each in a goroutine of its own
		for _, line := range lines {
			_, _ = worker.Process([]byte(line)) // what is left is of no interest here
		}
		sum = sum.Add(worker.Stats())
	}
	fmt.Println(sum.In, "in,", sum.Out, "out,", sum.Skipped, "skipped,", sum.Rejected, "rejected,", sum.Undecodable, "of them undecodable")
	for _, s := range sum.Stages {
		fmt.Printf("%s: %d skipped, %d failed\n", s.Name, s.Skipped, s.Failed)
	}
	// Output:
	// 5 in, 2 out, 2 skipped, 1 rejected, 1 of them undecodable
	// Int("status"): 0 skipped, 1 failed
	// errors only: 2 skipped, 0 failed
}

// A record can be used without a chain.
func ExampleRecord() {
	var rec transform.Record
	if err := (transform.LTSV{}).Decode(&rec, []byte("host:127.109.39.104\tstatus:200\tua:curl/8.1")); err != nil {
		fmt.Println(err)
		return
	}
	rec.Set("status", transform.Value{Kind: transform.KindNumber, Bytes: []byte("304")}) // in its place
	rec.Set("size", transform.Null)                                                      // at the end
	rec.Rename("ua", "user_agent")
	rec.Delete("host")
	kept := rec.Clone() // shares no memory with rec

	rec.Reset()
	for label, v := range kept.All() {
		fmt.Printf("%s %v %q\n", label, v.Kind, v.Bytes)
	}
	fmt.Println(rec.Len(), kept.Len())
	// Output:
	// status number "304"
	// user_agent string "curl/8.1"
	// size null ""
	// 0 3
}

// queryString is a decoder of a format of the caller's: a=1&b=2.
type queryString struct{}

func (queryString) Decode(rec *transform.Record, src []byte) error {
	rec.Reset()
	for pair := range bytes.SplitSeq(src, []byte("&")) {
		label, value, ok := bytes.Cut(pair, []byte("="))
		if !ok {
			return errors.New("queryString: pair without '='") // costs this record
		}
		rec.Append(label, transform.String(value)) // aliases src
	}
	return nil
}

func ExampleDecoder() {
	chain, err := transform.NewChain(transform.Int("page"))
	if err != nil {
		fmt.Println(err)
		return
	}
	worker := chain.NewWorker(queryString{})
	for _, src := range []string{"page=3&n=q000000", "page"} {
		rec, err := worker.Process([]byte(src))
		if err != nil {
			fmt.Println(err)
			continue
		}
		out, _ := rec.MarshalJSON()
		fmt.Println(string(out))
	}
	// Output:
	// {"page":3,"n":"q000000"}
	// queryString: pair without '='
}

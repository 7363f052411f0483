// Package transform holds a record of typed fields and the chain of stages that
// changes it on its way from one encoding to another.
//
//	chain, err := transform.NewChain(
//		transform.Missing(ltsv.EscapeNginx),  // "-" becomes null
//		transform.Unescape(ltsv.EscapeNginx), // \x22 becomes "
//		transform.Int("status", "size"),
//	)
//	…
//	worker := chain.NewWorker(transform.LTSV{}) // one a goroutine
//	rec, err := worker.Process(line)
//	switch {
//	case errors.Is(err, transform.ErrSkip): // dropped on purpose
//	case err != nil: // rejected: costs this record
//	default:
//		out, err = encoder.Append(out, rec)
//	}
//
// A [Chain] is immutable and shared; a [Worker] belongs to one goroutine, owns all
// scratch, and allocates nothing once it has seen the labels and sizes of its
// input. Stages run in the order in which they stand. No stage writes into the
// input: new values go to memory of the record's own ([Record.Alloc]).
//
// The stages, each one operation:
//
//   - fields: [Keep], [Drop], [Rename], [Set], [Default], [Copy], [Truncate]
//   - what the server wrote: [Missing], [Unescape], [NullTokens]
//   - types: [Int], [Float], [Bool]
//   - times: [Time]
//   - the request: [Request], [URL], [Path]
//   - cookies: [Cookies]
//   - addresses: [TruncateIP], [FirstForwarded], [HashKeyed]
//   - agents: [Bot], [RefererHost]
//   - which records: [Filter], [If], with [Exists], [Equal], [In], [Prefix], [Match],
//     [CIDR] and others, joined by [And], [Or], [Not]
//   - how many: [SampleRandom], [SampleByKey], [SamplePerGroup], [RateLimit], [MaxSize]
//   - a stage of your own: [Custom], [CustomEach], or a type that is a [Stage]
//
// Around a stage, [OnError] says what becomes of a value that it cannot work on, and
// [Named] gives it another name.
//
// Dropping is not failing: a stage returns [ErrSkip] for a record that is not
// wanted, and any other error to reject one. Each record that comes in is counted once,
// as out, skipped or rejected.
//
// # A stage of your own
//
// The simplest stage is a function that reaches fields by their labels:
//
//	errNoField := errors.New("no forwardedfor") // a reason never quotes a value
//	hops := transform.Custom("hops", func(rec *transform.Record) error {
//		v, ok := rec.Get("forwardedfor") // X-Forwarded-For: 203.0.113.7, 198.51.100.2
//		switch {
//		case !ok:
//			return errNoField // rejects the record
//		case v.Kind == transform.KindNull: // which Missing makes of "-"
//			return transform.ErrSkip // drops it: it came through no proxy
//		}
//		n := 1 + bytes.Count(v.Bytes, []byte(","))
//		digits := strconv.AppendInt(rec.Alloc(20)[:0], int64(n), 10) // live as long as the record
//		rec.Set("hops", transform.Value{Kind: transform.KindNumber, Bytes: digits})
//		return nil
//	})
//
// Many workers call it at once; [CustomEach] makes a function for each, with caches
// and counters of its own. New bytes come from [Record.Alloc]; the bytes of a value are
// not to be changed.
//
// A type with a Bind method is a [Stage] that reaches its fields by [Slot], checks its
// configuration when the chain is built, and obeys [OnError]: example_stage_test.go has
// one, and a [Predicate] of one's own.
//
// To test a stage, run it in a chain of its own and compare the record as JSON:
//
//	chain, err := transform.NewChain(transform.Missing(ltsv.EscapeNginx), hops)
//	require.NoError(t, err)
//	worker := chain.NewWorker(transform.LTSV{})
//	rec, err := worker.Process([]byte("forwardedfor:203.0.113.7, 198.51.100.2"))
//	require.NoError(t, err)
//	got, _ := rec.MarshalJSON()
//	require.Equal(t, `{"forwardedfor":"203.0.113.7, 198.51.100.2","hops":2}`, string(got))
//	_, err = worker.Process([]byte("forwardedfor:-"))
//	require.ErrorIs(t, err, transform.ErrSkip)
//	_, err = worker.Process([]byte("status:200"))
//	require.ErrorIs(t, err, errNoField)
package transform

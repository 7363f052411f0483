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
//	var (
//		errNoTime = errors.New("no request time") // never quotes a value
//		isSlow    = transform.Value{Kind: transform.KindBool, Bytes: []byte("true")}
//	)
//
//	slow := transform.Custom("slow", func(rec *transform.Record) error {
//		v, ok := rec.Get("reqtime")
//		switch {
//		case !ok:
//			return errNoTime // rejects the record
//		case v.Kind == transform.KindNull || bytes.HasPrefix(v.Bytes, []byte("0.")):
//			return transform.ErrSkip // drops it: under a second
//		}
//		rec.Set("slow", isSlow)
//		return nil
//	})
//
// Many workers call it at once; [CustomEach] makes a function for each, with caches
// and counters of its own. New bytes come from [Record.Alloc]; the bytes of a value are
// not to be changed.
//
// A type with a Bind method is a [Stage] that reaches its fields by [Slot], checks its
// configuration when the chain is built, and obeys [OnError]: see the example of Stage.
// That of [Predicate] shows a condition of one's own.
//
// To test a stage, run it in a chain of its own and compare the record as JSON:
//
//	chain, err := transform.NewChain(slow)
//	require.NoError(t, err)
//	worker := chain.NewWorker(transform.LTSV{})
//	rec, err := worker.Process([]byte("reqtime:2.500"))
//	require.NoError(t, err)
//	got, _ := rec.MarshalJSON()
//	require.Equal(t, `{"reqtime":"2.500","slow":true}`, string(got))
//	_, err = worker.Process([]byte("reqtime:0.004"))
//	require.ErrorIs(t, err, transform.ErrSkip)
//	_, err = worker.Process([]byte("status:200"))
//	require.ErrorIs(t, err, errNoTime)
package transform

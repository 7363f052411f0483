// Package transform holds a record of typed fields and the chain of stages that
// changes it on its way from one encoding to another.
//
//	chain, err := transform.NewChain(
//		transform.Missing(ltsv.EscapeNginx),  // "-" becomes null
//		transform.Unescape(ltsv.EscapeNginx), // \x22 becomes "
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
// Dropping is not failing: a stage returns [ErrSkip] for a record that is not
// wanted, and any other error to reject one. Of the records that come in, each is
// counted once as out, skipped or rejected.
package transform

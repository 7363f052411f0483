package kafkaio

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Handler turns one record into any number of records, which it emits into
// out. One worker calls it, never two at once.
//
//   - in and all it points to may be read during the call only: its memory is
//     used again. Clone what must be kept. in must not be changed.
//   - Returning nil with nothing emitted drops the record; that is no failure.
//   - Returning an error takes back what this call emitted, and Pipeline.OnError
//     decides. The error's text reaches dead letters and logs: it must not
//     quote the record.
//   - A panic is an error, a *PanicError, and the handler is replaced by a new
//     one from Pipeline.NewHandler.
//   - ctx has the values of Run's context but outlives it, so that a handler can
//     finish its work: it is done Pipeline.DrainTimeout after Run's is. A handler
//     that waits for something must return then, for Run waits for it.
type Handler func(ctx context.Context, in *kgo.Record, out *Batch) error

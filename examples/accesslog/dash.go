package main

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
)

// A dash feeds the live page: an independent consumer of the JSON records. What befalls it
// is no business of the others: it tries again, and the page says so.
type dash struct {
	*reader
	window *live.Window
	tally
}

func newDash(ctx context.Context, cluster *cluster, topic string, window *live.Window) (*dash, error) {
	d := &dash{window: window}
	var err error
	d.reader, err = newReader(ctx, cluster, "dash", topic, func(r *kgo.Record) {
		d.read.Add(1)
		if window.Add(r.Value) {
			d.written.Add(1)
		} else {
			d.rejected.Add(1)
		}
		d.well()
	})
	return d, err
}

// retryDash is how long a dash waits after a failure.
const retryDash = time.Second

// run reads until ctx is done.
func (d *dash) run(ctx context.Context) {
	for {
		lasting := time.AfterFunc(5*retryDash, d.well)
		err := d.reader.run(ctx)
		lasting.Stop()
		if err == nil {
			return
		}
		d.survived.Add(1)
		d.ails(err.Error())
		select {
		case <-time.After(retryDash):
		case <-ctx.Done():
			return
		}
	}
}

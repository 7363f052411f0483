package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/brokers"
)

// makeUp produces n records of the last two hours, one in ten an hour late, one in twenty a
// bot's.
func makeUp(ctx context.Context, kafka *brokers.Access, topic string, n int) error {
	cl, err := kgo.NewClient(append(kafka.Opts(), kgo.DefaultProduceTopic(topic))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	var failed error
	begin := time.Now().UTC().Add(-2 * time.Hour)
	for i := range n {
		at := begin.Add(time.Duration(i) * 2 * time.Hour / time.Duration(n))
		if i%10 == 9 {
			at = at.Add(-time.Hour)
		}
		value := fmt.Appendf(nil, `{"@timestamp":%q,"method":"GET","path":"/item/%d","status":200,"size":%d,"bot":%t}`, at.Format(time.RFC3339), i, 100+i, i%20 == 0)
		cl.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) { failed = errors.Join(failed, err) })
	}
	return errors.Join(cl.Flush(ctx), failed)
}

//go:build unix

package jobs

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// BenchmarkJob1Kafka is the row "job 1 over Kafka" of the performance table: the
// processor time of "over Kafka" against the sum of that of "bare loop", which copies
// the lines, and of "job alone". A kfake serves batches of the lines without end, and
// forgets what is produced.
func BenchmarkJob1Kafka(b *testing.B) {
	const batch = 10_000
	lines := logtest.Corpus24(1500)
	raw := kafkatest.RawBatch(b, lines)
	client := func(b *testing.B) *kgo.Client {
		c := kafkatest.Start(b, kfake.SyntheticFetch(kfake.SyntheticBatch{Batch: raw}), kfake.BlackholeProduce())
		c.Topic("in", 4)
		c.Topic("out", 4)
		return c.Client(kafkaio.GroupOpts("g", "in")...)
	}
	b.Run("bare loop", func(b *testing.B) { kafkatest.BareLoop(b, client(b), "out", batch) })
	b.Run("job alone", func(b *testing.B) {
		convert := converter(b)
		kafkatest.Measure(b, func(ready func()) {
			ready()
			var out []byte
			for i := range b.N {
				out, _ = convert(out[:0], lines[i%len(lines)])
			}
		})
	})
	b.Run("over Kafka", func(b *testing.B) {
		cl := client(b)
		kafkatest.Measure(b, func(ready func()) {
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			p := &kafkaio.Pipeline{
				NewHandler: func() kafkaio.Handler {
					convert := converter(b)
					return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
						value, err := convert(out.Buf(), in.Value)
						if err != nil {
							return err
						}
						out.Emit("out", in, value)
						return nil
					}
				},
				MaxRecords: batch,
				Observer:   &countdown{left: b.N, ready: ready, stop: stop},
			}
			if err := p.Run(ctx, cl); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// countdown stops a pipeline when it has read enough after the first batch.
type countdown struct {
	left        int
	ready, stop func()
}

func (c *countdown) Settled(s *kafkaio.Settlement) {
	if c.ready != nil {
		c.ready()
		c.ready = nil
		return
	}
	if c.left -= s.Read; c.left <= 0 {
		c.stop()
	}
}

func (c *countdown) Survived(error) {}

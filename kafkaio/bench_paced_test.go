//go:build unix

package kafkaio_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// BenchmarkPaced is what a stream of 5,000 records a second costs with fetches
// that gather, as GroupOpts and TxnOpts have them, and with fetches that return
// at once. It includes what it costs to write the stream, and the fake broker.
func BenchmarkPaced(b *testing.B) {
	line := []byte(strings.Repeat("field:value\t", 53))
	for _, test := range []struct {
		name string
		once bool
		opts []kgo.Opt
	}{
		{"GroupOpts", false, nil},
		{"GroupOpts FetchMinBytes 1", false, []kgo.Opt{kgo.FetchMinBytes(1)}},
		{"TxnOpts", true, nil},
		{"TxnOpts FetchMinBytes 1", true, []kgo.Opt{kgo.FetchMinBytes(1)}},
	} {
		b.Run(test.name, func(b *testing.B) {
			var c interface {
				broker
				Topic(string, int32)
			}
			if kafkatest.Real() {
				c = kafkatest.StartReal(b, 1).Wiped(b)
			} else {
				c = kafkatest.Start(b)
			}
			c.Topic("in", 4)
			c.Topic("out", 4)
			src := c.Client()
			kafkatest.Measure(b, func(ready func()) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				go func() {
					tick := time.NewTicker(2 * time.Millisecond)
					defer tick.Stop()
					for i := 0; i < b.N; i++ {
						if i%10 == 0 {
							<-tick.C
						}
						src.Produce(ctx, &kgo.Record{Topic: "in", Key: fmt.Append(nil, i), Value: line}, nil)
					}
				}()
				ready()
				p := &kafkaio.Pipeline{NewHandler: plainCopy, Observer: &countdown{left: b.N, stop: cancel}}
				var err error
				if test.once {
					err = p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
						return kgo.NewGroupTransactSession(append(append(c.Opts(), kafkaio.TxnOpts("t", "g", "in")...), test.opts...)...)
					})
				} else {
					err = p.Run(ctx, c.Client(append(kafkaio.GroupOpts("g", "in"), test.opts...)...))
				}
				if err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

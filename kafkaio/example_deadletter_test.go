package kafkaio_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// Once the reason is mended, dead letters go back to the topics that they were read
// from. Run it until the lag is 0, then stop it: what fails again is a new dead letter.
func ExamplePipeline_replayDeadLetters() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-dead"))
	if err != nil {
		panic(err)
	}
	defer kafka.Close()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("replay-dead", "access-dead"),
		kgo.SeedBrokers(kafka.ListenAddrs()...))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()

	var dead kafkaio.Batch // as a pipeline that reads access would have sent it
	letter := dead.DeadLetter("access-dead", &kgo.Record{
		Topic: "access", Partition: 0, Offset: 41, Key: []byte("203.0.113.7"), Value: []byte("host:203.0.113.7"),
	}, errors.New("no field status"))
	if err := cl.ProduceSync(ctx, letter).FirstErr(); err != nil {
		panic(err)
	}

	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				topic := ""
				for _, h := range in.Headers {
					if h.Key == kafkaio.HeaderTopic {
						topic = string(h.Value) // the last one counts
					}
				}
				if topic != "access" { // never to a topic that nobody listed
					return errors.New("not a dead letter of ours")
				}
				back := out.Emit(topic, in, in.Value)
				fmt.Printf("to %s: %s\n", back.Topic, back.Key)
				return nil
			}
		},
		Observer: stopAfter{cancel},
	}
	if err := p.Run(ctx, cl); err != nil {
		fmt.Println(err)
	}
	// Output:
	// to access: 203.0.113.7
	// read 1, emitted 1, dead letters 0, committed true, lag 0
}

package kafkaio_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// status returns the value of a line's status field.
func status(line []byte) ([]byte, error) {
	for field := range bytes.SplitSeq(line, []byte("\t")) {
		if v, ok := bytes.CutPrefix(field, []byte("status:")); ok {
			return v, nil
		}
	}
	return nil, errors.New("no field status") // never the line itself
}

// A whole process: it stops on SIGTERM, after it has settled what it polled.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("status", "access"),
		kgo.SeedBrokers("kafka-1:9092", "kafka-2:9092", "kafka-3:9092"),
	)...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				v, err := status(in.Value)
				if err != nil {
					return err
				}
				out.Emit("access-status", in, append(out.Buf(), v...))
				return nil
			}
		},
		DeadLetter: "access-dead",
	}
	if err := p.Run(ctx, cl); err != nil {
		panic(err)
	}
}

// A broker in the process shows what a pipeline does with three lines.
func ExamplePipeline_Run() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-status", "access-dead"))
	if err != nil {
		panic(err)
	}
	defer kafka.Close()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("status", "access"),
		kgo.SeedBrokers(kafka.ListenAddrs()...))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	lines := []*kgo.Record{
		{Topic: "access", Key: []byte("203.0.113.7"), Value: []byte("host:203.0.113.7\tstatus:200")},
		{Topic: "access", Key: []byte("203.0.113.7"), Value: []byte("host:203.0.113.7")},
		{Topic: "access", Key: []byte("203.0.113.9"), Value: []byte("host:203.0.113.9\tstatus:404")},
	}
	if err := cl.ProduceSync(ctx, lines...).FirstErr(); err != nil {
		panic(err)
	}

	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				v, err := status(in.Value)
				if err != nil {
					return err
				}
				out.Emit("access-status", in, append(out.Buf(), v...))
				return nil
			}
		},
		DeadLetter: "access-dead",
		Observer:   stopAfter{cancel},
	}
	if err := p.Run(ctx, cl); err != nil {
		fmt.Println(err)
	}
	// Output:
	// read 3, emitted 2, dead letters 1, committed true, lag 0
}

// stopAfter ends a pipeline with its first batch.
type stopAfter struct{ stop func() }

func (o stopAfter) Settled(s *kafkaio.Settlement) {
	fmt.Printf("read %d, emitted %d, dead letters %d, committed %v, lag %d\n",
		s.Read, s.Emitted, s.DeadLettered, s.Committed, s.Partitions[0].Lag())
	o.stop()
}

func (stopAfter) Survived(err error) { fmt.Println(err) }

// A handler needs no Kafka to be tested.
func ExampleBatch() {
	handler := func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
		v, err := status(in.Value)
		if err != nil {
			return err
		}
		out.Emit("access-status", in, append(out.Buf(), v...))
		return nil
	}
	var out kafkaio.Batch
	err := handler(context.Background(), &kgo.Record{Key: []byte("k"), Value: []byte("host:203.0.113.7\tstatus:200")}, &out)
	for r := range out.All() {
		fmt.Printf("%s %s=%s %v\n", r.Topic, r.Key, r.Value, err)
	}
	// Output:
	// access-status k=200 <nil>
}

// One record may go to several topics, changed by the way.
func ExampleBatch_Emit() {
	in := &kgo.Record{Key: []byte("203.0.113.7"), Value: []byte("host:203.0.113.7\tstatus:500")}
	var out kafkaio.Batch
	v := append(out.Buf(), "500"...)
	out.Emit("status", in, v)
	alarm := out.Emit("alarm", in, v)
	alarm.Headers = append(alarm.Headers, kgo.RecordHeader{Key: "severity", Value: []byte("high")})
	out.Emit("archive", in, in.Value)
	out.Emit("latest", in, nil) // a tombstone
	for r := range out.All() {
		fmt.Printf("%s: %q, %d headers\n", r.Topic, r.Value, len(r.Headers))
	}
	// Output:
	// status: "500", 0 headers
	// alarm: "500", 1 headers
	// archive: "host:203.0.113.7\tstatus:500", 0 headers
	// latest: "", 0 headers
}

// Some failures are the record's, others the system's.
func ExampleAction() {
	onError := func(in *kgo.Record, err error) kafkaio.Action {
		var panicked *kafkaio.PanicError
		switch {
		case errors.As(err, &panicked):
			return kafkaio.Stop // a bug: somebody should look
		case len(in.Value) == 0:
			return kafkaio.Skip
		}
		return kafkaio.DeadLetter
	}
	fmt.Println(onError(&kgo.Record{}, errors.New("empty")))
	fmt.Println(onError(&kgo.Record{Value: []byte("x")}, kafkaio.ErrTooLarge))
	fmt.Println(onError(&kgo.Record{Value: []byte("x")}, &kafkaio.PanicError{}))
	// Output:
	// Skip
	// DeadLetter
	// Stop
}

// A client of one's own making is refused by the option it lacks.
func ExampleClientError() {
	cl, err := kgo.NewClient(kgo.ConsumerGroup("g"), kgo.ConsumeTopics("access"))
	if err != nil {
		panic(err)
	}
	defer cl.Close()
	handler := func(context.Context, *kgo.Record, *kafkaio.Batch) error { return nil }
	p := &kafkaio.Pipeline{NewHandler: func() kafkaio.Handler { return handler }}
	fmt.Println(p.Run(context.Background(), cl))
	// Output:
	// kafkaio: unsafe client: kgo.DisableAutoCommit: missing: offsets would be committed before their records are produced
}

// An Observer that keeps figures for somebody else to read.
func ExampleObserver() {
	var o figures
	o.Settled(&kafkaio.Settlement{
		Read: 3, Emitted: 2, Skipped: 1,
		Partitions: []kafkaio.PartitionProgress{{Topic: "access", First: 7, Last: 9, Next: 10, HighWatermark: 15}},
	})
	fmt.Println(o.read, o.redone, o.lag)
	// Output:
	// 3 3 map[access/0:5]
}

type figures struct {
	read, redone int
	lag          map[string]int64
}

func (f *figures) Settled(s *kafkaio.Settlement) {
	f.read += s.Read
	if !s.Committed {
		f.redone += s.Read // at most
	}
	if f.lag == nil {
		f.lag = make(map[string]int64)
	}
	for _, p := range s.Partitions {
		f.lag[fmt.Sprintf("%s/%d", p.Topic, p.Partition)] = p.Lag()
	}
}

func (f *figures) Survived(error) {}

// A record that could not be landed, sent away by a loop of one's own: Sink has
// the Batch that is sent.
func ExampleBatch_DeadLetter() {
	in := &kgo.Record{Topic: "access", Partition: 3, Offset: 42, Key: []byte("k"), Value: []byte("{")}
	var out kafkaio.Batch
	out.DeadLetter("access-dead", in, errors.New("not a JSON object"))
	for r := range out.All() {
		fmt.Printf("%s %s=%s\n", r.Topic, r.Key, r.Value)
		for _, h := range r.Headers {
			fmt.Printf("%s: %s\n", h.Key, h.Value)
		}
	}
	// Output:
	// access-dead k={
	// __streams.errors.exception: *errors.errorString
	// __streams.errors.message: not a JSON object
	// __streams.errors.topic: access
	// __streams.errors.partition: 3
	// __streams.errors.offset: 42
}

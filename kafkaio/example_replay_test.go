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

// threeLines starts a broker whose topic access has three lines.
func threeLines(ctx context.Context) (brokers []string, stop func()) {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-status"))
	if err != nil {
		panic(err)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...))
	if err != nil {
		panic(err)
	}
	defer cl.Close()
	for _, line := range []string{"host:203.0.113.7\tstatus:200", "host:203.0.113.7", "host:203.0.113.9\tstatus:404"} {
		if err := cl.ProduceSync(ctx, &kgo.Record{Topic: "access", Value: []byte(line)}).FirstErr(); err != nil {
			panic(err)
		}
	}
	return kafka.ListenAddrs(), kafka.Close
}

// A group without members is sent to an offset of each partition, here over a record
// that it cannot handle.
func ExampleReplayAt() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	brokers, stop := threeLines(ctx)
	defer stop()
	admin, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		panic(err)
	}
	defer admin.Close()
	next := map[string]map[int32]int64{"access": {0: 2}}
	if err := kafkaio.ReplayAt(ctx, admin, "status", next); err != nil {
		fmt.Println(err)
		return
	}

	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("status", "access"), kgo.SeedBrokers(brokers...))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	p := &kafkaio.Pipeline{NewHandler: statusHandler, Observer: stopAfter{cancel}}
	if err := p.Run(ctx, cl); err != nil {
		fmt.Println(err)
	}
	// Output: read 1, emitted 1, dead letters 0, committed true, lag 0
}

func statusHandler() kafkaio.Handler {
	return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
		v, err := status(in.Value)
		if err != nil {
			return err
		}
		out.Emit("access-status", in, append(out.Buf(), v...))
		return nil
	}
}

// Without OnError and DeadLetter the first record that cannot be handled ends the run. Nothing was
// committed of its batch.
func ExampleRecordError() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	brokers, stop := threeLines(ctx)
	defer stop()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("status", "access"), kgo.SeedBrokers(brokers...))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	p := &kafkaio.Pipeline{NewHandler: statusHandler}
	err = p.Run(ctx, cl)
	if rejected, ok := errors.AsType[*kafkaio.RecordError](err); ok {
		fmt.Println(rejected.Topic, rejected.Partition, rejected.Offset, rejected.Err)
	}
	// Output: access 0 1 no field status
}

// One turn of a loop of one's own: what was polled is committed when it is safe, or
// read again.
func ExampleSource_Poll() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	brokers, stop := threeLines(ctx)
	defer stop()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-store", "access"), kgo.SeedBrokers(brokers...))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	source, err := kafkaio.NewSource(cl, kafkaio.SourceOptions{})
	if err != nil {
		panic(err)
	}
	for _, landed := range []bool{false, true} { // the store is away at first
		stretches, err := source.Poll(ctx)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, s := range stretches {
			fmt.Println(s.Topic, s.Partition, "has", len(s.Records), "records up to", s.Next)
		}
		if !landed {
			source.Rewind()
			continue
		}
		fmt.Println("committed", source.Commit(ctx))
	}
	// Output:
	// access 0 has 3 records up to 3
	// access 0 has 3 records up to 3
	// committed <nil>
}

package kafkaio_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// SASL and TLS are the client's, too. Secrets come from the environment, and
// are asked for anew with each connection, so that they may change.
func ExampleTxnOpts() {
	ca, err := os.ReadFile("/etc/kafka/ca.pem")
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	login := scram.Sha512(func(context.Context) (scram.Auth, error) {
		return scram.Auth{User: os.Getenv("KAFKA_USER"), Pass: os.Getenv("KAFKA_PASSWORD")}, nil
	})
	host, err := os.Hostname() // one process a host: an id that outlives it, and is its own
	if err != nil {
		panic(err)
	}
	open := func() (*kgo.GroupTransactSession, error) {
		return kgo.NewGroupTransactSession(append(kafkaio.TxnOpts("to-json-"+host, "to-json", "access"),
			kgo.SeedBrokers("kafka-1:9093", "kafka-2:9093", "kafka-3:9093"),
			kgo.DialTLSConfig(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}),
			kgo.SASL(login),
		)...)
	}
	p := &kafkaio.Pipeline{NewHandler: plainCopy}
	if err := p.RunTxn(context.Background(), open); err != nil {
		panic(err)
	}
}

// The same exactly once: results and offsets in one transaction.
func ExamplePipeline_RunTxn() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-status"))
	if err != nil {
		panic(err)
	}
	defer kafka.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	producer, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...))
	if err != nil {
		panic(err)
	}
	defer producer.Close()
	line := &kgo.Record{Topic: "access", Value: []byte("host:203.0.113.7\tstatus:200")}
	if err := producer.ProduceSync(ctx, line).FirstErr(); err != nil {
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
		Observer: stopAfter{cancel},
	}
	err = p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
		return kgo.NewGroupTransactSession(append(kafkaio.TxnOpts("status-1", "status", "access"),
			kgo.SeedBrokers(kafka.ListenAddrs()...))...)
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// read 1, emitted 1, dead letters 0, committed true, lag 0
}

// Records that are landed elsewhere than in Kafka are read with a Source, and
// committed when they are safe.
func ExampleSource() {
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-files", "access"), kgo.SeedBrokers("kafka-1:9092"))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	source, err := kafkaio.NewSource(cl, kafkaio.SourceOptions{})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	for {
		in, err := source.Poll(ctx)
		if err != nil {
			panic(err)
		}
		for _, stretch := range in {
			fmt.Println(stretch.Topic, stretch.Partition, len(stretch.Records))
			// write stretch.Records and sync, or source.Rewind()
		}
		if err := source.Commit(ctx); err != nil && !errors.Is(err, kafkaio.ErrNotCommitted) {
			panic(err)
		}
	}
}

// Records from elsewhere than Kafka are written with a Sink.
func ExampleSink() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access"))
	if err != nil {
		panic(err)
	}
	defer kafka.Close()
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...))
	if err != nil {
		panic(err)
	}
	defer cl.Close()
	sink, err := kafkaio.NewSink(cl)
	if err != nil {
		panic(err)
	}
	out := sink.Batch()
	out.Emit("access", nil, append(out.Buf(), "host:203.0.113.7\tstatus:200"...))
	out.Emit("access", nil, append(out.Buf(), "host:203.0.113.9\tstatus:404"...))
	fmt.Println(sink.Flush(context.Background()), sink.Batch().Len())
	// Output:
	// <nil> 0
}

// A day is read again after a mistake in the handler was mended. The group's
// pipelines are stopped first.
func ExampleReplayFrom() {
	cl, err := kgo.NewClient(kgo.SeedBrokers("kafka-1:9092"))
	if err != nil {
		panic(err)
	}
	defer cl.Close()
	yesterday := time.Now().AddDate(0, 0, -1)
	if err := kafkaio.ReplayFrom(context.Background(), cl, "to-json", yesterday, "access"); err != nil {
		panic(err)
	}
}

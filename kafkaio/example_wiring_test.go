package kafkaio_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// Metrics, traces and logs are options of the client, made by franz-go's
// plugins kprom (Prometheus), kotel (OpenTelemetry) and kslog (log/slog). Each
// is a module of its own, so that only who wants one has what it needs:
//
//	metrics := kprom.NewMetrics("ltsvpipe", kprom.Registerer(registry))
//	tracer := kotel.NewTracer(kotel.TracerProvider(provider))
//	opts = append(opts,
//		kgo.WithHooks(metrics),
//		kgo.WithHooks(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks()...),
//		kgo.WithLogger(kslog.New(slog.Default())),
//	)
//
// They see all that a pipeline does, for it does everything with the client.
// A trace goes on from a record read to those emitted for it: they have its
// context and its headers. Here a hook of one's own counts what is written, as
// kprom does, and a logger writes what the client says, as kslog does.
func ExamplePipeline_hooks() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-status"))
	if err != nil {
		panic(err)
	}
	defer kafka.Close()
	written := &written{}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("status", "access"),
		kgo.SeedBrokers(kafka.ListenAddrs()...),
		kgo.WithHooks(written),
		kgo.WithLogger(logger{slog.New(slog.NewTextHandler(os.Stderr, nil))}),
	)...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	line := &kgo.Record{Topic: "access", Value: []byte("host:203.0.113.7\tstatus:200")}
	if err := cl.ProduceSync(ctx, line).FirstErr(); err != nil {
		panic(err)
	}
	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				out.Emit("access-status", in, []byte("200"))
				return nil
			}
		},
		Observer: stopAfter{cancel},
	}
	if err := p.Run(ctx, cl); err != nil {
		fmt.Println(err)
	}
	fmt.Println("records written:", written.records.Load())
	// Output:
	// read 1, emitted 1, dead letters 0, committed true, lag 0
	// records written: 2
}

// written is a hook: it has a method of a hook interface of package kgo.
type written struct{ records atomic.Int64 }

func (w *written) OnProduceBatchWritten(_ kgo.BrokerMetadata, _ string, _ int32, m kgo.ProduceBatchMetrics) {
	w.records.Add(int64(m.NumRecords))
}

// logger is a kgo.Logger that writes warnings and errors.
type logger struct{ to *slog.Logger }

func (logger) Level() kgo.LogLevel { return kgo.LogLevelWarn }

func (l logger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	to := slog.LevelWarn
	if level == kgo.LogLevelError {
		to = slog.LevelError
	}
	l.to.Log(context.Background(), to, msg, keyvals...)
}

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

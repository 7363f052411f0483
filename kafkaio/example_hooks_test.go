package kafkaio_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/plugin/kotel"
	"github.com/twmb/franz-go/plugin/kprom"
	"github.com/twmb/franz-go/plugin/kslog"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// Metrics, traces and logs are options of the client, made by franz-go's plugins.
// They see all that a pipeline does, for it does everything with the client.

// Metrics for Prometheus come from kprom.
func ExamplePipeline_metrics() {
	registry := prometheus.NewRegistry()
	metrics := kprom.NewMetrics("ltsvpipe", kprom.Registerer(registry),
		kprom.FetchAndProduceDetail(kprom.ByTopic, kprom.Records))
	defer oneLine(kgo.WithHooks(metrics))()
	families, err := registry.Gather()
	if err != nil {
		panic(err)
	}
	for _, f := range families {
		if f.GetName() == "ltsvpipe_fetch_records_total" {
			for _, m := range f.GetMetric() {
				fmt.Println(f.GetName(), m.GetLabel()[0].GetValue(), m.GetCounter().GetValue())
			}
		}
	}
	// Output:
	// read 1, emitted 1, dead letters 0, committed true, lag 0
	// ltsvpipe_fetch_records_total access 1
}

// Traces for OpenTelemetry come from kotel. A trace goes on from a record that is
// read to those that are emitted for it: they have its context and its headers.
func ExamplePipeline_traces() {
	spans := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	tracer := kotel.NewTracer(kotel.TracerProvider(provider), kotel.TracerPropagator(propagation.TraceContext{}))
	defer oneLine(kgo.WithHooks(kotel.NewKotel(kotel.WithTracer(tracer)).Hooks()...))()
	traces := map[string]bool{}
	for _, s := range spans.Ended() {
		fmt.Println(s.Name())
		traces[s.SpanContext().TraceID().String()] = true
	}
	fmt.Println("traces:", len(traces))
	// Output:
	// read 1, emitted 1, dead letters 0, committed true, lag 0
	// access publish
	// access receive
	// access-status publish
	// traces: 1
}

// What the client has to say goes to a slog.Logger by kslog.
func ExamplePipeline_logs() {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	defer oneLine(kgo.WithLogger(kslog.New(log)))()
	// Output:
	// read 1, emitted 1, dead letters 0, committed true, lag 0
}

// oneLine runs a pipeline with opts until it has settled a batch of one line. The
// client goes on until end is called: with it ends what its hooks have to tell.
func oneLine(opts ...kgo.Opt) (end func()) {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-status"))
	if err != nil {
		panic(err)
	}
	opts = append(opts, kgo.SeedBrokers(kafka.ListenAddrs()...))
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("status", "access"), opts...)...)
	if err != nil {
		panic(err)
	}
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
	return func() {
		cl.CloseAllowingRebalance()
		kafka.Close()
	}
}

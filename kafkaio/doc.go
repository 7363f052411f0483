// Package kafkaio moves records from topics to topics: poll, handle, produce,
// commit, at least once or exactly once. It sees keys and values as bytes.
//
//	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-json", "access"),
//		kgo.SeedBrokers("kafka-1:9092", "kafka-2:9092"))...)
//	if err != nil {
//		return err
//	}
//	defer cl.CloseAllowingRebalance()
//	p := &kafkaio.Pipeline{
//		NewHandler: func() kafkaio.Handler {
//			var enc Encoder // one a worker: it needs no lock
//			return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
//				value, err := enc.Append(out.Buf(), in.Value)
//				if err != nil {
//					return err
//				}
//				out.Emit("access.json", in, value)
//				return nil
//			}
//		},
//		DeadLetter: "access-dead",
//	}
//	return p.Run(ctx, cl)
//
// # What it promises
//
// Run loses nothing: an offset is committed only after everything emitted up to
// it is acknowledged by all in-sync replicas. What was produced and not
// committed when a process died is produced again, so a record may come twice.
// Records of one partition are handled and produced in their order; records
// with one key that keep it arrive in order too, but after a crash an earlier
// stretch may come again behind a later one.
//
// RunTxn repeats nothing either, for whoever reads committed records: results,
// dead letters and offsets are one transaction. It costs some round trips a
// batch, and readers see a batch when its transaction ends.
//
// # What it leaves to others
//
// The client is the caller's and so are its brokers, TLS, SASL, compression
// and hooks: metrics (kprom), traces (kotel) and logs (kslog) are wired into
// it. There is no retry here that the client does not make, no logging, no
// global state, and no goroutine but the workers' and one that watches the
// drain. Records that fail are the pipeline's business, by Action.
package kafkaio

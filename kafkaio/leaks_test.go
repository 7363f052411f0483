package kafkaio_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// TestNoGoroutinesLeft: none is left however Run and RunTxn return. It runs
// alone, and job.wait looks.
func TestNoGoroutinesLeft(t *testing.T) {
	fault := func(key kmsg.Key, err *kerr.Error) func(*kafkatest.Cluster, *kafkaio.Pipeline) {
		return func(c *kafkatest.Cluster, _ *kafkaio.Pipeline) {
			f := kfake.Fault{Keys: []kmsg.Key{key}, Err: err, Count: -1}
			switch key {
			case kmsg.Produce:
				f.Topic = "out"
			case kmsg.Fetch:
				f.Topic = "in"
			case kmsg.InitProducerID, kmsg.EndTxn:
				f.TxnID, f.TopLevel = "t", true
			}
			c.Fault(f)
		}
	}
	lose := func(c *kafkatest.Cluster, p *kafkaio.Pipeline) { // what was read is gone, once some was
		var some atomic.Bool
		p.NewHandler = failing(func(int64) error { some.Store(true); return nil })
		c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "in", Err: kerr.OffsetOutOfRange, Count: -1,
			When: func(kmsg.Request) bool { return some.Load() }})
	}
	var (
		client  *kafkaio.ClientError
		record  *kafkaio.RecordError
		produce *kafkaio.ProduceError
		fetch   *kafkaio.FetchError
		lost    *kgo.ErrDataLoss
	)
	const both, once, least = "", "RunTxn", "Run"
	for _, way := range []struct {
		name, only string
		prepare    func(*kafkatest.Cluster, *kafkaio.Pipeline)
		opts       []kgo.Opt
		as         any   // what errors.As finds
		is         error // what errors.Is finds; nil and no as: no error
		cancel     bool
	}{
		{name: "done", cancel: true},
		{name: "refused client", opts: []kgo.Opt{kgo.ManualFlushing()}, as: &client},
		{name: "record", prepare: func(_ *kafkatest.Cluster, p *kafkaio.Pipeline) { p.NewHandler = failing(at(5, errPoison)) }, as: &record},
		{name: "panic", prepare: func(_ *kafkatest.Cluster, p *kafkaio.Pipeline) {
			p.NewHandler = failing(func(int64) error { panic(errPoison) })
		}, is: errPoison},
		{name: "produce", prepare: fault(kmsg.Produce, kerr.MessageTooLarge), as: &produce},
		{name: "fetch", prepare: fault(kmsg.Fetch, kerr.TopicAuthorizationFailed), as: &fetch},
		{name: "data loss", prepare: lose, as: &lost},
		{name: "group", prepare: fault(kmsg.JoinGroup, kerr.GroupAuthorizationFailed), as: &fetch},
		{name: "commit", only: least, prepare: fault(kmsg.OffsetCommit, kerr.GroupAuthorizationFailed), is: kerr.GroupAuthorizationFailed},
		{name: "commit", only: once, prepare: fault(kmsg.TxnOffsetCommit, kerr.GroupAuthorizationFailed), is: kerr.GroupAuthorizationFailed},
		{name: "producer id", only: once, prepare: fault(kmsg.InitProducerID, kerr.TransactionalIDAuthorizationFailed), is: kerr.TransactionalIDAuthorizationFailed},
		{name: "end", only: once, prepare: fault(kmsg.EndTxn, kerr.TransactionalIDAuthorizationFailed), is: kerr.TransactionalIDAuthorizationFailed},
		{name: "fenced for ever", only: once, cancel: true, prepare: fault(kmsg.EndTxn, kerr.ProducerFenced)},
		{name: "drain timeout", cancel: true, is: kafkaio.ErrDrainTimeout, prepare: fault(kmsg.Produce, kerr.NotEnoughReplicas)},
	} {
		for _, promise := range []string{least, once} {
			if way.only != both && way.only != promise {
				continue
			}
			t.Run(promise+" "+way.name, func(t *testing.T) {
				c := cluster(t)
				c.Produce(records(0, 10)...)
				p := &kafkaio.Pipeline{NewHandler: copying, Workers: 3, DrainTimeout: 50 * time.Millisecond}
				if way.prepare != nil {
					way.prepare(c, p)
				}
				var j *kafkatest.Job
				if promise == once {
					j = startTxn(t, p, &session{id: "t", c: c, opts: way.opts})
				} else {
					j = start(t, p, member(c, way.opts...))
				}
				if way.cancel {
					time.Sleep(150 * time.Millisecond)
					j.Cancel()
				}
				err := j.Wait()
				switch {
				case way.as != nil:
					require.ErrorAs(t, err, way.as)
				case way.is != nil:
					require.ErrorIs(t, err, way.is)
				default:
					require.NoError(t, err)
				}
			})
		}
	}
}

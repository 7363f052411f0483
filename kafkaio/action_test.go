package kafkaio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

var errPoison = errors.New("poison")

type fieldError struct{ err error }

func (e *fieldError) Error() string { return "field time: " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

// failing copies, except for offsets that bad returns an error for: then it
// fails, after having emitted something.
func failing(bad func(offset int64) error) func() kafkaio.Handler {
	return func() kafkaio.Handler {
		copy := copying()
		return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			if err := copy(ctx, in, out); err != nil {
				return err
			}
			out.Emit("out", in, in.Value)
			if err := bad(in.Offset); err != nil {
				return err
			}
			return nil
		}
	}
}

func at(offset int64, err error) func(int64) error {
	return func(o int64) error {
		if o == offset {
			return err
		}
		return nil
	}
}

func always(a kafkaio.Action) func(*kgo.Record, error) kafkaio.Action {
	return func(*kgo.Record, error) kafkaio.Action { return a }
}

func cluster(t *testing.T) *kafkatest.Cluster {
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Topic("out", 1)
	c.Topic("dead", 1)
	return c
}

// TestStop: nothing of the batch is produced or committed, and the same client
// reads all of it again.
func TestStop(t *testing.T) {
	for name, onError := range map[string]func(*kgo.Record, error) kafkaio.Action{
		"default": nil, "Stop": always(kafkaio.Stop), "unknown": always(kafkaio.Action(9)), "DeadLetter without a topic": always(kafkaio.DeadLetter),
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 100)...)
			cl := member(c)
			p := &kafkaio.Pipeline{NewHandler: failing(at(50, errPoison)), OnError: onError}
			err := start(t, p, cl).Wait()
			var bad *kafkaio.RecordError
			require.ErrorAs(t, err, &bad)
			assert.ErrorIs(t, err, errPoison)
			assert.Equal(t, "in", bad.Topic)
			assert.EqualValues(t, 0, bad.Partition)
			assert.EqualValues(t, 50, bad.Offset)
			assert.NotContains(t, err.Error(), "0/50", "content")
			if name == "unknown" {
				assert.ErrorContains(t, err, "OnError returned Action(9), which is none: poison")
			}
			assert.Zero(t, c.End("out")[0])
			assert.Empty(t, c.Committed("g", "in"))

			p.NewHandler = copying
			j := start(t, p, cl)
			kafkatest.Until(t, "everything is settled", func() bool { return c.Committed("g", "in")[0] == 100 })
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 100, true)
		})
	}
}

func TestSkipTakesBackWhatWasEmitted(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	w := &watcher{}
	var asked atomic.Int64
	p := &kafkaio.Pipeline{
		NewHandler: failing(func(o int64) error {
			if o%10 == 3 {
				return errPoison
			}
			return nil
		}),
		OnError: func(r *kgo.Record, err error) kafkaio.Action {
			asked.Add(1)
			assert.Equal(t, fmt.Sprintf("0/%d", r.Offset), string(r.Value))
			assert.Equal(t, errPoison, err)
			return kafkaio.Skip
		},
		Observer: w,
	}
	j := start(t, p, member(c))
	kafkatest.Until(t, "everything is settled", func() bool { return c.Committed("g", "in")[0] == 100 })
	require.NoError(t, j.Stop())
	assert.EqualValues(t, 10, asked.Load())
	var want []string
	for i := range 100 {
		if i%10 != 3 {
			want = append(want, fmt.Sprintf("0/%d", i), fmt.Sprintf("0/%d", i))
		}
	}
	assert.Equal(t, want, values(c.Read("out")))
	sum := w.total(t)
	assert.Equal(t, 100, sum.Read)
	assert.Equal(t, 180, sum.Emitted)
	assert.Equal(t, 10, sum.Skipped)
	assert.Zero(t, sum.Dropped)
	assert.Equal(t, sum.BytesIn-int64(len("0/33")*9+len("0/3")), sum.BytesOut/2)
}

// TestDeadLetterByDefault: where there is a topic for them, nobody needs to say so again.
func TestDeadLetterByDefault(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	j := start(t, &kafkaio.Pipeline{NewHandler: failing(at(50, errPoison)), DeadLetter: "dead"}, member(c))
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	assert.Equal(t, []string{"0/50"}, values(c.Read("dead")))
}

// TestErrorsNameThePackageOnce: also where one is the cause of another.
func TestErrorsNameThePackageOnce(t *testing.T) {
	err := &kafkaio.RecordError{Topic: "in", Offset: 3, Err: kafkaio.ErrNoTopic}
	assert.EqualError(t, err, "kafkaio: topic in partition 0 offset 3: emitted record has no topic")
}

func TestDeadLetters(t *testing.T) {
	c := cluster(t)
	sent := records(0, 10)
	sent[3] = &kgo.Record{
		Topic: "in", Key: []byte("key"), Value: []byte("original"), Timestamp: time.UnixMilli(1_600_000_000_000),
		Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("1")}},
	}
	sent[5] = &kgo.Record{Topic: "in"} // a tombstone
	c.Produce(sent...)
	w := &watcher{}
	p := &kafkaio.Pipeline{
		NewHandler: failing(func(o int64) error {
			switch o {
			case 3:
				return fmt.Errorf("wrapped: %w", &fieldError{errPoison})
			case 5:
				return errPoison
			case 7:
				return errors.New(strings.Repeat("ä", 600) + "x")
			case 8:
				panic(o)
			}
			return nil
		}),
		OnError:    always(kafkaio.DeadLetter),
		DeadLetter: "dead",
		Observer:   w,
	}
	j := start(t, p, member(c))
	kafkatest.Until(t, "everything is settled", func() bool { return c.Committed("g", "in")[0] == 10 })
	require.NoError(t, j.Stop())

	dead := c.Read("dead")
	require.Len(t, dead, 4)
	got := dead[0]
	assert.Equal(t, "key", string(got.Key))
	assert.Equal(t, "original", string(got.Value))
	assert.Equal(t, sent[3].Timestamp, got.Timestamp)
	assert.Equal(t, []kgo.RecordHeader{
		{Key: "h", Value: []byte("1")},
		{Key: "__streams.errors.exception", Value: []byte("*kafkaio_test.fieldError")},
		{Key: "__streams.errors.message", Value: []byte("wrapped: field time: poison")},
		{Key: "__streams.errors.topic", Value: []byte("in")},
		{Key: "__streams.errors.partition", Value: []byte("0")},
		{Key: "__streams.errors.offset", Value: []byte("3")},
	}, got.Headers)
	assert.Nil(t, dead[1].Value)
	assert.Nil(t, dead[1].Key)
	assert.Equal(t, "*errors.errorString", string(dead[1].Headers[0].Value))
	assert.Equal(t, strings.Repeat("ä", 512), string(dead[2].Headers[1].Value), "cut between two characters")
	assert.Equal(t, "*kafkaio.PanicError", string(dead[3].Headers[0].Value))

	assert.Len(t, c.Read("out"), 12)
	sum := w.total(t)
	assert.Equal(t, 4, sum.DeadLettered)
	assert.Equal(t, 12, sum.Emitted)
	assert.Zero(t, sum.Dropped+sum.Skipped)
}

func TestDeadLetterTopicMissingStops(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 10)...)
	p := &kafkaio.Pipeline{
		NewHandler: failing(at(5, errPoison)), OnError: always(kafkaio.DeadLetter), DeadLetter: "no-such-topic",
	}
	err := start(t, p, member(c)).Wait()
	var failed *kafkaio.ProduceError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "no-such-topic", failed.Topic)
	assert.ErrorIs(t, err, kerr.UnknownTopicOrPartition)
	assert.Empty(t, c.Committed("g", "in"))
}

func TestPanics(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	var made atomic.Int64
	build := failing(func(o int64) error {
		if o%25 == 7 {
			panic("secret of record")
		}
		return nil
	})
	p := &kafkaio.Pipeline{
		Workers:    1,
		NewHandler: func() kafkaio.Handler { made.Add(1); return build() },
		OnError: func(_ *kgo.Record, err error) kafkaio.Action {
			var panicked *kafkaio.PanicError
			assert.ErrorAs(t, err, &panicked)
			assert.Equal(t, "secret of record", panicked.Value)
			assert.Contains(t, string(panicked.Stack), "action_test.go")
			assert.NotContains(t, err.Error(), "secret")
			return kafkaio.Skip
		},
	}
	cl := member(c)
	j := start(t, p, cl)
	kafkatest.Until(t, "everything is settled", func() bool { return c.Committed("g", "in")[0] == 100 })
	require.NoError(t, j.Stop())
	assert.Len(t, c.Read("out"), 192)
	assert.EqualValues(t, 5, made.Load(), "a handler that panicked is replaced")

	c.Produce(records(0, 1)...)
	p.OnError = nil
	p.NewHandler = func() kafkaio.Handler {
		return func(context.Context, *kgo.Record, *kafkaio.Batch) error { panic(errPoison) }
	}
	err := start(t, p, cl).Wait()
	assert.ErrorIs(t, err, errPoison)
	var bad *kafkaio.RecordError
	assert.ErrorAs(t, err, &bad)
}

// TestTooLarge: what the client would refuse is the record's failure, so that
// OnError decides and one record does not end the run.
func TestTooLarge(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 20)...)
	var large atomic.Int64
	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			copy := copying()
			return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				if in.Offset%5 == 2 {
					out.Emit("out", in, make([]byte, 50_000+int(in.Offset)))
					return nil
				}
				return copy(ctx, in, out)
			}
		},
		OnError: func(_ *kgo.Record, err error) kafkaio.Action {
			assert.ErrorIs(t, err, kafkaio.ErrTooLarge)
			large.Add(1)
			return kafkaio.DeadLetter
		},
		DeadLetter: "dead",
	}
	j := start(t, p, member(c, kgo.ProducerBatchMaxBytes(50_000)))
	kafkatest.Until(t, "everything is settled", func() bool { return c.Committed("g", "in")[0] == 20 })
	require.NoError(t, j.Stop())
	assert.EqualValues(t, 4, large.Load())
	assert.Equal(t, []string{"0/2", "0/7", "0/12", "0/17"}, values(c.Read("dead")))
	assert.Len(t, c.Read("out"), 16)
}

// TestNoTopic: what the client cannot produce is the record's failure.
func TestNoTopic(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 20)...)
			pipe := &kafkaio.Pipeline{
				NewHandler: func() kafkaio.Handler {
					return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
						topic := "out"
						if in.Offset%20 == 7 {
							topic = ""
						}
						out.Emit(topic, in, in.Value)
						return nil
					}
				},
				OnError: func(_ *kgo.Record, err error) kafkaio.Action {
					assert.ErrorIs(t, err, kafkaio.ErrNoTopic)
					return kafkaio.DeadLetter
				},
				DeadLetter: "dead",
			}
			j := p.start(t, pipe, c, "t")
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			assert.Equal(t, []string{"0/7"}, values(c.Read("dead")))
			assert.Len(t, c.Read("out"), 19)
			c.Produce(records(0, 20)...)
			j = p.start(t, pipe, c, "t", kgo.DefaultProduceTopic("out"))
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			assert.Len(t, c.Read("out"), 39)
		})
	}
}

// TestDeadLetterTooLarge: a record that can be read but not be produced with
// this client does not end the run.
func TestDeadLetterTooLarge(t *testing.T) {
	large := func(n int) []byte { return []byte(strings.Repeat("x", n)) }
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c := cluster(t)
			sent := records(0, 20)
			headers := []kgo.RecordHeader{{Key: "h", Value: []byte("1")}}
			at := time.UnixMilli(1_600_000_000_000)
			sent[3] = &kgo.Record{Topic: "in", Key: []byte("key"), Value: large(50_000), Headers: headers, Timestamp: at}
			sent[7] = &kgo.Record{Topic: "in", Key: large(50_000), Value: []byte("value"), Headers: headers, Timestamp: at}
			sent[9] = &kgo.Record{Topic: "in", Key: []byte("key"), Value: large(49_000), Headers: headers, Timestamp: at}
			c.Produce(sent...)
			pipe := &kafkaio.Pipeline{
				NewHandler: failing(func(o int64) error {
					if len(sent[o].Value)+len(sent[o].Key) > 1000 {
						return &fieldError{errPoison}
					}
					return nil
				}),
				OnError: always(kafkaio.DeadLetter), DeadLetter: "dead",
			}
			j := p.start(t, pipe, c, "t", kgo.ProducerBatchMaxBytes(50_000))
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			dead := c.Read("dead")
			require.Len(t, dead, 3)
			for i, want := range []struct {
				key, offset string
				value       int
				headers     int
			}{{"key", "3", 0, 1}, {"", "7", 0, 0}, {"key", "9", 49_000, 1}} {
				got := dead[i]
				assert.Equal(t, want.key, string(got.Key))
				assert.Len(t, got.Value, want.value)
				assert.NotNil(t, got.Value, "no tombstone")
				assert.Equal(t, at, got.Timestamp)
				require.Len(t, got.Headers, want.headers+5)
				says := got.Headers[want.headers:]
				assert.Equal(t, "*kafkaio_test.fieldError", string(says[0].Value))
				assert.Contains(t, string(says[1].Value), "field time: poison")
				assert.Equal(t, want.value == 0, strings.Contains(string(says[1].Value), "left out"))
				assert.Equal(t, want.offset, string(says[4].Value))
			}
			assert.Len(t, c.Read("out"), 2*17)
		})
	}
}

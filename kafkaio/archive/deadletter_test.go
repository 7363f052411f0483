package archive_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// untimed is the Folder of records of which every tenth has no time.
func untimed(bad error) archive.Folder {
	return archive.Hourly(func(r *kgo.Record) (time.Time, error) {
		if r.Offset%10 == 3 {
			return time.Time{}, bad
		}
		return r.Timestamp, nil
	})
}

// TestDeadLetter: what cannot land is in the topic of dead letters, as it was,
// with the reason, and the rest has landed; with each way to say so.
func TestDeadLetter(t *testing.T) {
	bad := errors.New("no time")
	for name, onError := range map[string]func(*kgo.Record, error) kafkaio.Action{
		"by default": nil,
		"OnError":    func(*kgo.Record, error) kafkaio.Action { return kafkaio.DeadLetter },
	} {
		t.Run(name, func(t *testing.T) {
			alongside(t)
			kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
				k.Topic("in", 2)
				k.Topic("dead", 1)
				feed(k, 2, 1000)
				root, w := t.TempDir(), &watcher{}
				a := plain(root)
				a.Folder, a.OnError, a.DeadLetter, a.Observer = untimed(bad), onError, "dead", w
				land(t, k, a)
				var good []*kgo.Record
				lost := make(map[string]*kgo.Record)
				for _, r := range k.Read("in") {
					if r.Offset%10 == 3 {
						lost[string(r.Value)] = r
					} else {
						good = append(good, r)
					}
				}
				requireOnce(t, root, "ndjson", good)
				dead := k.Read("dead")
				assert.Len(t, dead, len(lost))
				for _, r := range dead {
					was := lost[string(r.Value)]
					require.NotNil(t, was)
					delete(lost, string(r.Value))
					assert.True(t, was.Timestamp.Equal(r.Timestamp))
					headers := make(map[string]string)
					for _, h := range r.Headers {
						headers[h.Key] = string(h.Value)
					}
					assert.Equal(t, "no time", headers[kafkaio.HeaderMessage])
					assert.Equal(t, "in", headers[kafkaio.HeaderTopic])
				}
				var sum archive.Roll
				for _, r := range w.all() {
					sum.Records += r.Records
					sum.DeadLettered += r.DeadLettered
					sum.Skipped += r.Skipped
				}
				assert.EqualValues(t, 1800, sum.Records)
				assert.EqualValues(t, 200, sum.DeadLettered)
				assert.Zero(t, sum.Skipped)
			})
		})
	}
}

// TestNoDeadLetterTopic: OnError asks for what there is no topic for, and the error says so
// once.
func TestNoDeadLetterTopic(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	feed(c.Kafka, 1, 100)
	bad := archive.ErrFolder
	a := plain(t.TempDir())
	a.Folder, a.OnError = untimed(bad), func(*kgo.Record, error) kafkaio.Action { return kafkaio.DeadLetter }
	err := start(t, a, member(c.Kafka)).Wait()
	require.ErrorIs(t, err, bad)
	assert.ErrorContains(t, err, "offset 3: no Archive.DeadLetter to send it to: archive: not a folder to land in")
}

// TestDeadLetterRefused: a dead letter that Kafka does not take ends Run, and
// nothing lands that came after it, so that the next comes by it again.
func TestDeadLetterRefused(t *testing.T) {
	for _, roll := range []archive.Limits{{Records: 20}, {Age: 20 * time.Millisecond}, {}} {
		t.Run(roll.Age.String(), func(t *testing.T) {
			t.Parallel()
			c := kafkatest.Start(t)
			c.Topic("in", 1)
			c.Topic("dead", 1)
			feed(c.Kafka, 1, 100)
			root := t.TempDir()
			a := plain(root)
			a.Folder, a.DeadLetter, a.Roll = untimed(errors.New("no time")), "dead", roll
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "dead", Err: kerr.TopicAuthorizationFailed, Count: 1})
			cl := member(c.Kafka)
			_, refused := errors.AsType[*kafkaio.ProduceError](start(t, a, cl).Wait())
			require.True(t, refused)
			cl.CloseAllowingRebalance()
			a.Roll = archive.Limits{Records: 20, Age: 20 * time.Millisecond}
			land(t, c.Kafka, a)
			letters := make(map[string]bool)
			for _, r := range c.Read("dead") {
				letters[string(r.Value)] = true
			}
			assert.Len(t, letters, 10)
			var good []*kgo.Record
			for _, r := range c.Read("in") {
				if r.Offset%10 != 3 {
					good = append(good, r)
				}
			}
			requireOnce(t, root, "ndjson", good)
		})
	}
}

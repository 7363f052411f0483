package archive_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
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

func plain(root string) *archive.Archive {
	return &archive.Archive{
		FS: archive.Dir(root), Format: archive.NDJSON{Compression: archive.Plain},
		Roll: archive.Limits{Records: 150, Age: 100 * time.Millisecond}, MaxRecords: 100,
	}
}

// TestRebalance: members come and go while records do, with each way of
// sharing partitions that clients have.
func TestRebalance(t *testing.T) {
	for name, balancer := range map[string]kgo.GroupBalancer{"cooperative": kgo.CooperativeStickyBalancer(), "eager": kgo.RangeBalancer()} {
		t.Run(name, func(t *testing.T) {
			alongside(t)
			kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
				const partitions, n, rounds = 6, 800, 8
				k.Topic("in", partitions)
				root := t.TempDir()
				w := &watcher{}
				var members []*kafkatest.Job
				var clients []*kgo.Client
				for i := range rounds {
					for p := range int32(partitions) {
						k.Produce(records(p, i*n/rounds, (i+1)*n/rounds, n)...)
					}
					if i%3 == 2 { // the oldest leaves
						require.NoError(t, members[0].Stop())
						clients[0].CloseAllowingRebalance()
						members, clients = members[1:], clients[1:]
					}
					a := plain(root)
					a.Observer = w
					cl := member(k, kgo.Balancers(balancer))
					members, clients = append(members, start(t, a, cl)), append(clients, cl)
					time.Sleep(150 * time.Millisecond)
				}
				k.AwaitCommitted(t, "g", "in")
				for _, m := range members {
					require.NoError(t, m.Stop())
				}
				requireOnce(t, root, "ndjson", k.Read("in"))
			})
		})
	}
}

// TestRevoked: what is open of a partition that moves is thrown away, and the
// other member lands it.
func TestRevoked(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 4)
	feed(c.Kafka, 4, 100)
	root, w := t.TempDir(), &watcher{}
	a := plain(root)
	a.Roll, a.Observer = archive.Limits{Age: time.Hour}, w
	old := start(t, a, member(c.Kafka))
	kafkatest.Until(t, "written", func() bool { return len(left(t, root)) >= 4 })
	b := plain(root)
	heir := start(t, b, member(c.Kafka))
	kafkatest.Until(t, "half of it has landed", func() bool { return len(c.Committed("g", "in")) >= 2 })
	for n := 100; !w.met(archive.ErrRevoked); n++ { // it is seen with the next records
		for p := range int32(4) {
			c.Produce(records(p, n, n+1, 100_000)...)
		}
		time.Sleep(20 * time.Millisecond)
	}
	require.NoError(t, old.Stop())
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, heir.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
	assert.Empty(t, left(t, root))
}

// TestZombie: an owner stands still at each step of a roll in turn, while
// another takes its partition over and lands on, and wakes then.
func TestZombie(t *testing.T) {
	for _, step := range []string{"create _archive/in+0/data", "write _archive/in+0/data", "sync _archive/in+0/data", "create _archive/in+0/roll", "rename _archive/in+0/roll", "list _archive", "mkdir dt=", "rename dt=", "sync folder dt=", "remove _archive"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.Start(t)
			c.Topic("in", 1)
			c.Produce(records(0, 0, 400, 1000)...)
			root := t.TempDir()
			asleep, wake := make(chan struct{}), make(chan struct{})
			var claimed, once atomic.Bool
			a := plain(root)
			a.DrainTimeout = 5 * time.Second
			a.FS = &brokenFS{FS: a.FS, fail: func(op, name string) error {
				if strings.HasPrefix(op+" "+name, "create _archive/in+0/data") {
					claimed.Store(true)
				}
				if claimed.Load() && strings.HasPrefix(op+" "+name, step) && once.CompareAndSwap(false, true) {
					close(asleep)
					<-wake
				}
				return nil
			}}
			// Of two members, this balancer gives the one partition to the first,
			// whether the zombie sleeps in the middle of a batch, and is thrown out
			// of the group, or between two, and its client goes on without it.
			named := func(name string) *kgo.Client {
				return member(c.Kafka, kgo.ClientID(name), kgo.Balancers(kgo.RangeBalancer()), kgo.SessionTimeout(600*time.Millisecond), kgo.RebalanceTimeout(500*time.Millisecond))
			}
			zombie := start(t, a, named("second"))
			<-asleep
			c.Produce(records(0, 400, 1000, 1000)...)
			w := &watcher{}
			b := plain(root)
			b.Observer = w
			heir := start(t, b, named("first"))
			kafkatest.Until(t, "the heir has landed something", func() bool { return len(w.all()) >= 2 })
			close(wake)
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, heir.Stop())
			require.NoError(t, zombie.Stop())
			requireOnce(t, root, "ndjson", c.Read("in"))
		})
	}
}

// TestOldWatermark: what another owner lands, after a member fetched and before it claims,
// is further than the end of the log that the member knows of. The log has lost nothing.
func TestOldWatermark(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 50, 1000)...)
	root := t.TempDir()
	asleep, wake := make(chan struct{}), make(chan struct{})
	var once sync.Once
	a := plain(root)
	a.FS = &brokenFS{FS: a.FS, fail: func(op, name string) error {
		if strings.HasPrefix(op+" "+name, "create _archive/in+0/claim") {
			once.Do(func() { close(asleep); <-wake })
		}
		return nil
	}}
	late := start(t, a, member(c.Kafka))
	<-asleep
	c.Produce(records(0, 50, 400, 1000)...)
	other := start(t, plain(root), c.Client(append(kafkaio.GroupOpts("h", "in"), quick()...)...))
	kafkatest.Until(t, "the other has landed all", func() bool { return c.Committed("h", "in")[0] == 400 })
	require.NoError(t, other.Stop())
	close(wake)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, late.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
}

// TestCommitRefused: what the group did not take it is told again, also when no
// more records come. What has landed does not depend on it.
func TestCommitRefused(t *testing.T) {
	for _, refusal := range []*kerr.Error{kerr.RebalanceInProgress, kerr.UnknownMemberID, kerr.IllegalGeneration} {
		t.Run(refusal.Message, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.Start(t)
			c.Topic("in", 1)
			c.Produce(records(0, 0, 150, 400)...)
			root, w := t.TempDir(), &watcher{}
			a := plain(root)
			a.Observer = w
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: refusal, Count: 2})
			j := start(t, a, member(c.Kafka))
			kafkatest.Until(t, "it is told", func() bool { return w.met(kafkaio.ErrNotCommitted) && w.met(refusal) })
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			requireOnce(t, root, "ndjson", c.Read("in"))
		})
	}
}

// TestStaleMember: a member that the group has given up, and that does not know,
// claims nothing any more once another has the partition.
func TestStaleMember(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 150, 10_000)...)
	root := t.TempDir()
	var old, heir watcher
	a := plain(root)
	a.Observer = &old
	// Of two members, this balancer gives the one partition to the first.
	stale := start(t, a, member(c.Kafka, kgo.ClientID("second"), kgo.Balancers(kgo.RangeBalancer()), kgo.HeartbeatInterval(4*time.Minute), kgo.SessionTimeout(5*time.Minute)))
	kafkatest.Until(t, "it has landed something", func() bool { return len(old.all()) > 0 })
	c.Evict("g")
	b := plain(root)
	b.Observer = &heir
	living := start(t, b, member(c.Kafka, kgo.ClientID("first"), kgo.Balancers(kgo.RangeBalancer())))
	n := 150
	more := func() bool {
		c.Produce(records(0, n, n+30, 10_000)...)
		n += 30
		time.Sleep(20 * time.Millisecond)
		return len(heir.all()) >= 10 && old.met(kerr.UnknownMemberID)
	}
	kafkatest.Until(t, "the heir has landed", more)
	require.False(t, heir.met(archive.ErrFenced), "the heir is left in peace")
	require.NoError(t, stale.Stop())
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, living.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
}

// TestTwoGroups: two groups that land the same topic in the same place keep
// fencing each other. Nothing lands twice, and Run says why it cannot go on.
func TestTwoGroups(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	root := t.TempDir()
	w := &watcher{}
	a := plain(root)
	a.Observer = w
	one := start(t, a, member(c.Kafka))
	two := start(t, a, c.Client(append(kafkaio.GroupOpts("h", "in"), quick()...)...))
	ctx, cancel := context.WithTimeout(t.Context(), kafkatest.Patience)
	defer cancel()
	var err error
	n := 0
	for ; err == nil; n += 10 {
		c.Produce(records(0, n, n+10, 100_000)...)
		select {
		case <-one.Done():
			err = one.Wait()
		case <-two.Done():
			err = two.Wait()
		case <-time.After(10 * time.Millisecond):
		}
		require.NoError(t, ctx.Err())
	}
	require.ErrorIs(t, err, archive.ErrFenced)
	require.True(t, w.met(archive.ErrFenced))
	one.Cancel()
	two.Cancel()
	time.Sleep(300 * time.Millisecond)
	final := start(t, plain(root), c.Client(append(kafkaio.GroupOpts("i", "in"), quick()...)...))
	kafkatest.Until(t, "all has landed", func() bool { return c.Committed("i", "in")[0] == c.End("in")[0] })
	require.NoError(t, final.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
}

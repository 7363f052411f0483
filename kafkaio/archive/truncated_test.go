package archive_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// A relic is a cluster whose disk can be set back, as the log of a partition is
// when its leader dies and one is elected that had not all of it.
type relic struct {
	*kafkatest.Cluster
	t    *testing.T
	data string
	port int

	elections int
}

func newRelic(t *testing.T) *relic {
	r := &relic{t: t, data: t.TempDir()}
	r.Cluster = kafkatest.Start(t, kfake.DataDir(r.data))
	_, port, _ := strings.Cut(r.Seeds()[0], ":")
	var err error
	r.port, err = strconv.Atoi(port)
	require.NoError(t, err)
	r.Topic("in", 1)
	return r
}

// restart has the cluster begin anew with what is in data. The partition has a
// new leader epoch, as after every election.
func (r *relic) restart(data string) {
	r.t.Helper()
	r.Close()
	r.data = data
	r.Cluster = kafkatest.Start(r.t, kfake.DataDir(data), kfake.Ports(r.port))
	r.elections++
	for range r.elections { // the disk may be of before the last ones
		require.NoError(r.t, r.MoveTopicPartition("in", 0, 0))
	}
}

// copy returns what is on the disk now.
func (r *relic) copy() string {
	r.t.Helper()
	r.restart(r.data) // which writes it
	r.Close()
	dir := r.t.TempDir()
	require.NoError(r.t, os.CopyFS(dir, os.DirFS(r.data)))
	r.restart(r.data)
	return dir
}

// deaf are the options of a member that does not hear that the group is of
// before it joined: else it joins again, and what is open is thrown away. Those of
// cooperative groups ask once half a second after they joined, whatever the interval.
var deaf = []kgo.Opt{
	kgo.Balancers(kgo.RangeBalancer()),
	kgo.HeartbeatInterval(4 * time.Minute), kgo.SessionTimeout(5 * time.Minute),
}

// others are n records that come after a log was cut at i.
func others(i, n int) (rs []*kgo.Record) {
	for n := range n {
		rs = append(rs, &kgo.Record{Topic: "in", Timestamp: began, Offset: int64(i + n), Value: fmt.Appendf(nil, `{"other":%d}`, n)})
	}
	return rs
}

// TestTruncated: a log loses its end, of which nothing has landed, and gets other
// records there. Under Skip those land, and what was open of the lost ones does
// not; under Stop what was read lands, and Run says what was lost.
func TestTruncated(t *testing.T) {
	for _, action := range []kafkaio.Action{kafkaio.Stop, kafkaio.Skip} {
		for _, more := range []int{30, 50, 80} { // fewer than were lost, as many, more
			t.Run(fmt.Sprint(action, " ", more), func(t *testing.T) {
				t.Parallel()
				r := newRelic(t)
				r.Produce(records0(0, 100)...)
				root, w := t.TempDir(), &watcher{}
				land(t, r.Kafka, plain(root))
				then := r.copy()
				r.Produce(records0(100, 150)...)
				a := plain(root)
				a.Roll, a.Observer, a.OnDataLoss = archive.Limits{Age: time.Hour}, w, action
				cl := member(r.Kafka, deaf...)
				j := start(t, a, cl)
				kafkatest.Until(t, "written", func() bool { return len(left(t, root)) > 0 && cl.BufferedFetchRecords() == 0 })
				time.Sleep(100 * time.Millisecond)
				r.restart(then)
				r.Produce(others(100, more)...)
				var lost *kgo.ErrDataLoss
				if action == kafkaio.Stop {
					require.ErrorAs(t, j.Wait(), &lost)
					requireOnce(t, root, "ndjson", records0(0, 150))
					cl.CloseAllowingRebalance()
					cl = member(r.Kafka)
					err := start(t, a, cl).Wait() // as long as nobody decides
					assert.True(t, errors.Is(err, archive.ErrBehind) || errors.As(err, &lost), "%v", err)
					cl.CloseAllowingRebalance()
					a.OnDataLoss = kafkaio.Skip
					require.ErrorIs(t, start(t, a, member(r.Kafka)).Wait(), archive.ErrBehind)
					requireOnce(t, root, "ndjson", records0(0, 150))
					return
				}
				kafkatest.Until(t, "the loss is told", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return errors.As(errors.Join(w.survived...), &lost) })
				kafkatest.Until(t, "written again", func() bool { return len(left(t, root)) > 0 && cl.BufferedFetchRecords() == 0 })
				time.Sleep(100 * time.Millisecond)
				require.NoError(t, j.Stop())
				requireOnce(t, root, "ndjson", append(records0(0, 100), others(100, more)...))
			})
		}
	}
}

// TestTruncatedLanded: a log loses what has landed. Other records at those
// offsets cannot land there, so Run says so, whatever OnDataLoss says, in the
// one that sees it and in those that come after.
func TestTruncatedLanded(t *testing.T) {
	for _, more := range []int{30, 50, 80} {
		t.Run(strconv.Itoa(more), func(t *testing.T) {
			t.Parallel()
			r := newRelic(t)
			r.Produce(records0(0, 100)...)
			root := t.TempDir()
			land(t, r.Kafka, plain(root))
			then := r.copy()
			r.Produce(records0(100, 150)...)
			a := plain(root)
			a.OnDataLoss = kafkaio.Skip
			cl := member(r.Kafka, deaf...)
			j := start(t, a, cl)
			r.AwaitCommitted(t, "g", "in")
			r.restart(then)
			r.Produce(others(100, more)...)
			require.ErrorIs(t, j.Wait(), archive.ErrBehind)
			for range 2 {
				cl.CloseAllowingRebalance()
				cl = member(r.Kafka)
				require.ErrorIs(t, start(t, a, cl).Wait(), archive.ErrBehind)
			}
			requireOnce(t, root, "ndjson", records0(0, 150))
		})
	}
}

package kafkatest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestDeathInJoin: a member that dies while it waits to join a group is given
// its part by a generation that begins later, and is out when its session has
// ended.
func TestDeathInJoin(t *testing.T) {
	Each(t, 1, func(t *testing.T, k *Kafka) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		living, dying := member{cl: k.Client()}, member{cl: k.Client()}
		require.NoError(t, living.join(ctx))
		require.NoError(t, living.sync(ctx))

		joined := make(chan error, 1)
		go func() { joined <- dying.join(ctx) }()
		rebalances := func() bool { return living.beat(ctx) == kerr.RebalanceInProgress }
		require.Eventually(t, rebalances, 10*time.Second, 20*time.Millisecond, "nobody waits to join")
		dying.cl.Close()
		require.Error(t, <-joined)
		time.Sleep(200 * time.Millisecond) // until the broker knows
		require.NoError(t, living.join(ctx))
		require.NoError(t, living.sync(ctx))
		require.NoError(t, living.beat(ctx))
		require.Eventually(t, rebalances, 10*time.Second, 100*time.Millisecond, "the dead member keeps its part")
	})
}

// A member is one of group g, by its requests alone.
type member struct {
	cl         *kgo.Client
	id         string
	generation int32
}

func (m *member) join(ctx context.Context) error {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.ProtocolType = "g", "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 2000, 5000
	p := kmsg.NewJoinGroupRequestProtocol()
	p.Name = "range"
	req.Protocols = append(req.Protocols, p)
	for {
		req.MemberID = m.id
		resp, err := req.RequestWith(ctx, m.cl)
		if err != nil {
			return err
		}
		m.id, m.generation = resp.MemberID, resp.Generation
		if err = kerr.ErrorForCode(resp.ErrorCode); err != kerr.MemberIDRequired {
			return err
		}
	}
}

func (m *member) sync(ctx context.Context) error {
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = "g", m.id, m.generation
	req.ProtocolType, req.Protocol = kmsg.StringPtr("consumer"), kmsg.StringPtr("range")
	resp, err := req.RequestWith(ctx, m.cl)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

func (m *member) beat(ctx context.Context) error {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = "g", m.id, m.generation
	resp, err := req.RequestWith(ctx, m.cl)
	if err != nil {
		return err
	}
	return kerr.ErrorForCode(resp.ErrorCode)
}

// Package kafkatest starts Kafka for tests: brokers of the fake kfake in the
// test's own process, which speak the real protocol, and real brokers of Apache
// Kafka where Java and Maven are.
//
// What a test says of meaning it says with Each, of both; faults by error code
// are injected into the fake alone, with Start.
package kafkatest

import (
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	kindFake = "kfake"
	kindReal = "Kafka"
)

// A Cluster is a fake that ends with its test. Its embedded cluster injects
// faults.
type Cluster struct {
	*Kafka
	*kfake.Cluster
}

// Start starts a fake: one broker, no topics, session timeouts from 500 ms,
// unless opts say otherwise.
func Start(t testing.TB, opts ...kfake.Opt) *Cluster {
	t.Helper()
	base := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.GroupMinSessionTimeout(500 * time.Millisecond),
	}
	c, err := kfake.NewCluster(append(base, opts...)...)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	t.Cleanup(c.Close)
	fake := &fakeNodes{c: c, addrs: c.ListenAddrs()}
	return &Cluster{&Kafka{Kind: kindFake, t: t, seeds: func() []string { return fake.addrs }, nodes: fake}, c}
}

func startFake(t testing.TB, brokers int) *Kafka {
	t.Helper()
	c := Start(t, kfake.NumBrokers(brokers), kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "50"}))
	return c.Kafka
}

// fakeNodes are a fake's brokers: to be killed is to leave the cluster, whose
// data the others have.
type fakeNodes struct {
	mu    sync.Mutex
	c     *kfake.Cluster
	addrs []string
}

func (f *fakeNodes) count() int { return len(f.addrs) }

func (f *fakeNodes) kill(node int) error { return f.c.RemoveNode(int32(node)) }

func (f *fakeNodes) restart(node int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, port, err := net.SplitHostPort(f.addrs[node])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	_, _, err = f.c.AddNode(int32(node), n)
	return err
}

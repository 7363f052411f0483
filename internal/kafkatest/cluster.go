// Package kafkatest starts Kafka for tests: brokers of the fake kfake in the
// test's own process, which speak the real protocol, and real brokers of Apache
// Kafka where Java and Maven are.
//
// What a test says of meaning it says with Each, of both; faults by error code
// are injected into the fake alone, with Start.
package kafkatest

import (
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
	nodes := &fakeNodes{}
	base := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ListenFn(nodes.listen),
		kfake.GroupMinSessionTimeout(500 * time.Millisecond),
	}
	c, err := kfake.NewCluster(append(base, opts...)...)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	t.Cleanup(c.Close)
	nodes.c, nodes.addrs = c, c.ListenAddrs()
	return &Cluster{&Kafka{Kind: kindFake, t: t, seeds: func() []string { return nodes.addrs }, nodes: nodes}, c}
}

func startFake(t testing.TB, brokers int) *Kafka {
	t.Helper()
	c := Start(t, kfake.NumBrokers(brokers), kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "50"}))
	return c.Kafka
}

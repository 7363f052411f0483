package kafkatest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// version is the Apache Kafka that real brokers are: 4.x, which needs Java 17.
const version = "4.1.1"

// Real reports whether tests are to have real brokers: LTSVPIPE_REAL is 1.
func Real() bool { return realtest.On() }

// shared are the real clusters of this process, by number of brokers. To start
// one takes ten seconds, and Main stops them.
var shared struct {
	sync.Mutex
	clusters map[int]*realNodes
	failed   map[int]error
}

// Main runs a package's tests and stops the real brokers they have started.
func Main(m *testing.M) int {
	defer func() {
		shared.Lock()
		defer shared.Unlock()
		for _, r := range shared.clusters {
			r.stop()
		}
	}()
	return m.Run()
}

// StartReal returns a real cluster of one or three brokers, as the last test
// left it except that all its brokers run. The test fails if there is none to
// be had.
func StartReal(t testing.TB, brokers int) *Kafka {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if err := shared.failed[brokers]; err != nil {
		t.Fatal("kafkatest: ", err)
	}
	r := shared.clusters[brokers]
	var err error
	if r == nil {
		if r, err = newReal(brokers, nil); err == nil {
			shared.clusters = with(shared.clusters, brokers, r)
		}
	} else {
		err = r.resume()
	}
	if err != nil {
		shared.failed = with(shared.failed, brokers, err)
		t.Fatal("kafkatest: ", err)
	}
	return &Kafka{Kind: kindReal, t: t, seeds: r.seeds, nodes: r}
}

func with[V any](m map[int]V, key int, value V) map[int]V {
	if m == nil {
		m = make(map[int]V)
	}
	m[key] = value
	return m
}

// realNodes are brokers that are controllers too, one process each.
type realNodes struct {
	mu    sync.Mutex
	dir   string
	nodes []*node
}

// newReal starts brokers. If there is more to say of them, extend does, which gets a port that
// is free.
func newReal(brokers int, extend func(n *node, port int)) (_ *realNodes, err error) {
	jars, err := realtest.Maven("org.apache.kafka:kafka_2.13:" + version)
	if err != nil {
		return nil, fmt.Errorf("no real Kafka: %w", err)
	}
	r := &realNodes{}
	if r.dir, err = os.MkdirTemp("", "kafkatest"); err != nil {
		return nil, fmt.Errorf("no real Kafka: %w", err)
	}
	defer func() {
		if err != nil {
			r.stop()
		}
	}()
	ports, err := freePorts(3 * brokers)
	if err != nil {
		return nil, fmt.Errorf("no real Kafka: %w", err)
	}
	var id [16]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, fmt.Errorf("no real Kafka: %w", err)
	}
	id[0] &= 0x7f // else one in 64 would begin with "-", like an option
	cluster := base64.RawURLEncoding.EncodeToString(id[:])
	for i := range brokers {
		r.nodes = append(r.nodes, &node{
			jars: jars, dir: filepath.Join(r.dir, fmt.Sprint("node", i+1)), id: i + 1,
			port: ports[3*i], controller: ports[3*i+1],
		})
		if extend != nil {
			extend(r.nodes[i], ports[3*i+2])
		}
	}
	errs := make([]error, brokers)
	var all sync.WaitGroup
	for i, n := range r.nodes {
		all.Go(func() { errs[i] = n.format(cluster, r.nodes) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, r.resume()
}

// resume starts what does not run and waits until the cluster is whole.
func (r *realNodes) resume() error {
	for i := range r.nodes {
		if err := r.restart(i); err != nil {
			return err
		}
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(r.seeds()...), kgo.RetryBackoffFn(func(int) time.Duration { return 100 * time.Millisecond }))
	if err != nil {
		return err
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for {
		whole := true
		for _, b := range cl.SeedBrokers() {
			resp, err := b.RetriableRequest(ctx, kmsg.NewPtrMetadataRequest())
			whole = whole && err == nil && len(resp.(*kmsg.MetadataResponse).Brokers) == len(r.nodes)
		}
		if whole {
			return nil
		}
		for _, n := range r.nodes {
			if err := n.died(); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("real Kafka does not become ready")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (r *realNodes) seeds() (addrs []string) {
	for _, n := range r.nodes {
		addrs = append(addrs, n.addr())
	}
	return addrs
}

func (r *realNodes) count() int { return len(r.nodes) }

func (r *realNodes) kill(node int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nodes[node].kill()
}

func (r *realNodes) restart(node int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.nodes[node].start()
}

func (r *realNodes) stop() {
	for i := range r.nodes {
		_ = r.kill(i)
	}
	os.RemoveAll(r.dir)
}

// freePorts returns ports that nobody listens on now.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all of them together, lest one is given out twice
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

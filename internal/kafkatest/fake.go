package kafkatest

import (
	"net"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// fakeNodes are a fake's brokers: to be killed is to leave the cluster, whose
// data the others have, and to lose all connections. kfake alone would go on
// answering on those it has, as the broker that it no longer is.
type fakeNodes struct {
	c     *kfake.Cluster
	addrs []string

	mu    sync.Mutex
	away  map[int]bool
	conns map[string][]*conn // by the address they came to
}

func (f *fakeNodes) count() int { return len(f.addrs) }

func (f *fakeNodes) kill(node int) error {
	if f.isAway(node) {
		return nil
	}
	err := f.c.RemoveNode(int32(node))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away == nil {
		f.away = make(map[int]bool)
	}
	f.away[node] = true
	for _, conn := range f.conns[f.addrs[node]] {
		conn.hangUp()
	}
	delete(f.conns, f.addrs[node])
	return err
}

func (f *fakeNodes) isAway(node int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.away[node]
}

func (f *fakeNodes) restart(node int) error {
	if !f.isAway(node) {
		return nil
	}
	_, port, err := net.SplitHostPort(f.addrs[node])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	if _, _, err = f.c.AddNode(int32(node), n); err == nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.away, node)
	}
	return err
}

func (f *fakeNodes) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	return &listener{l, f}, err
}

// A listener remembers whom it has let in.
type listener struct {
	net.Listener
	f *fakeNodes
}

func (l *listener) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := newConn(accepted)
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	if l.f.conns == nil {
		l.f.conns = make(map[string][]*conn)
	}
	addr := l.Addr().String()
	l.f.conns[addr] = append(l.f.conns[addr], c)
	return c, nil
}

package kafkatest

import (
	"net"
	"strconv"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
)

// fakeNodes are a fake's brokers: to be killed is to leave the cluster, whose
// data the others have, and to lose all connections. kfake alone would go on
// answering on those it has, as the broker that it no longer is. The last one
// cannot leave: it lets nobody in.
type fakeNodes struct {
	c     *kfake.Cluster
	addrs []string

	mu    sync.Mutex
	away  map[int]bool
	last  string             // address of the broker that cannot leave, while it is away
	conns map[string][]*conn // by the address they came to
}

func (f *fakeNodes) count() int { return len(f.addrs) }

func (f *fakeNodes) kill(node int) error {
	if f.isAway(node) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	if len(f.away) == len(f.addrs)-1 {
		f.last = f.addrs[node]
	} else {
		f.mu.Unlock()
		err = f.c.RemoveNode(int32(node))
		f.mu.Lock()
	}
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
	if f.comesBack(node) {
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

// comesBack lets clients in again if node is the one that could not leave.
func (f *fakeNodes) comesBack(node int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last != f.addrs[node] {
		return false
	}
	f.last = ""
	delete(f.away, node)
	return true
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
	for {
		accepted, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if c := l.letIn(accepted); c != nil {
			return c, nil
		}
		accepted.Close()
	}
}

// letIn returns nil if the broker is away.
func (l *listener) letIn(accepted net.Conn) *conn {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	addr := l.Addr().String()
	if l.f.last == addr {
		return nil
	}
	c := newConn(accepted)
	if l.f.conns == nil {
		l.f.conns = make(map[string][]*conn)
	}
	l.f.conns[addr] = append(l.f.conns[addr], c)
	return c
}

package kafkatest

import (
	"net"
	"sync"
	"sync/atomic"
)

// A conn is a fake's end of a connection. Should the client go while the fake
// still owes it an answer, the fake hears of it only when it has answered.
//
// Kafka begins a member's session with the answer to its JoinGroup, whoever is
// there to read it. kfake begins none if it knows that the connection is gone:
// a member that dies while it waits to join, and that the next generation
// counts in, would keep its partitions for ever.
type conn struct {
	net.Conn
	owes     atomic.Bool
	answered chan struct{} // one answer, or none yet, that was written
	closed   chan struct{}
	close    sync.Once
}

func newConn(c net.Conn) *conn {
	return &conn{Conn: c, answered: make(chan struct{}, 1), closed: make(chan struct{})}
}

// Read is only ever called by one goroutine at once. A client that asks for
// more than one thing at once, which kgo does not when it joins, is owed the
// last.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.owes.Store(true)
	}
	for err != nil && c.owes.Load() {
		select {
		case <-c.answered:
		case <-c.closed:
			return n, err
		}
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	c.owes.Store(false)
	select {
	case c.answered <- struct{}{}:
	default:
	}
	return c.Conn.Write(p)
}

// hangUp is how a broker that dies leaves its client.
func (c *conn) hangUp() { c.Conn.Close() }

func (c *conn) Close() error {
	c.close.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

package transform

// An arena is memory for the values of one record.
type arena struct {
	buf []byte // len is what is in use
}

const (
	arenaSize = 4 << 10
	// arenaKeep is the most that a record keeps for the next one.
	arenaKeep = 1 << 20
)

func (a *arena) reset() {
	if cap(a.buf) > arenaKeep {
		a.buf = nil
	}
	a.buf = a.buf[:0]
}

// alloc returns n bytes. What was handed out before stays where it is.
func (a *arena) alloc(n int) []byte {
	if cap(a.buf)-len(a.buf) < n {
		a.buf = make([]byte, 0, max(2*cap(a.buf), n, arenaSize))
	}
	at := len(a.buf)
	a.buf = a.buf[:at+n]
	return a.buf[at : at+n : at+n]
}

// giveBack ends the use of the last n bytes of the last alloc.
func (a *arena) giveBack(n int) { a.buf = a.buf[:len(a.buf)-n] }

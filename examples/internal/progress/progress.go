// Package progress shows on a terminal how far a run is.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

const interval = 200 * time.Millisecond

// A Line is one line of a terminal that is written again and again. On anything
// but a terminal it shows nothing.
type Line struct {
	w    io.Writer
	stop chan struct{}
	done sync.WaitGroup
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Start shows text() on w, if w is a terminal, until Stop. What is wider than the
// terminal is cut off: a line that wraps could not be written again.
func Start(w io.Writer, text func() string) *Line {
	l := &Line{w: w, stop: make(chan struct{})}
	if IsTerminal(w) {
		l.done.Go(func() { l.show(text) })
	}
	return l
}

// fit cuts a line to the terminal's width.
func (l *Line) fit(text string) string {
	width, _, err := term.GetSize(int(l.w.(*os.File).Fd()))
	if runes := []rune(text); err == nil && width > 0 && len(runes) >= width {
		return string(runes[:width-1])
	}
	return text
}

func (l *Line) show(text func() string) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		fmt.Fprintf(l.w, "\r\x1b[K%s", l.fit(text()))
		select {
		case <-tick.C:
		case <-l.stop:
			fmt.Fprint(l.w, "\r\x1b[K")
			return
		}
	}
}

// Stop takes the line away. Call it once.
func (l *Line) Stop() {
	close(l.stop)
	l.done.Wait()
}

// Bar draws how much of total is done, as far as total is known, in 30 columns.
func Bar(done, total int64) string {
	const width = 30
	if total <= 0 {
		return ""
	}
	full := int(min(done, total) * width / total)
	bar := make([]rune, width)
	for i := range bar {
		bar[i] = '░'
		if i < full {
			bar[i] = '█'
		}
	}
	return fmt.Sprintf("%s %3d %% ", string(bar), min(done, total)*100/total)
}

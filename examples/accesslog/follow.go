package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/tail"
)

// followed is a log that goes on. How far it was shipped is kept in a file, so that
// after a restart no line is missing; lines that were on their way come twice.
type followed struct {
	*tail.Follower
	state   string
	pending int // lines that are not known to be safe
}

// maxPending bounds what is shipped twice after a restart.
const maxPending = 10_000

func (c *config) openFollowed() (*followed, error) {
	var mark tail.Mark
	if c.log.state != "" {
		var err error
		if mark, err = tail.LoadMark(c.log.state); err == nil {
			err = mark.Save(c.log.state) // to know now that it can be
		}
		if err != nil {
			return nil, fmt.Errorf("-state: %w", err)
		}
	}
	switch err := checkLog(c.log.file); {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(c.stderr, "accesslog: -file %s is not there yet: waiting for it\n", c.log.file)
	case err != nil:
		return nil, err
	}
	f, found, err := tail.Open(c.log.file, mark, tail.Options{MaxLine: maxLine})
	if err != nil {
		return nil, err
	}
	if !found {
		fmt.Fprintln(c.stderr, "accesslog: the file that -state tells of is gone: lines may be missing; going on with -file from its beginning")
	}
	return &followed{Follower: f, state: c.log.state}, nil
}

func (f *followed) next(ctx context.Context) ([]byte, error) {
	line, err := f.Next(ctx)
	if err != nil {
		return nil, err
	}
	f.pending++
	return bytes.Clone(line), nil
}

func (f *followed) left() int64 { return f.TooLong() + f.Torn() }

func (f *followed) resting() bool { return f.pending >= maxPending || f.pending > 0 && !f.Buffered() }

func (f *followed) safe() error {
	f.pending = 0
	if f.state == "" {
		return nil
	}
	mark, err := f.Mark()
	if err != nil {
		return err
	}
	return mark.Save(f.state)
}

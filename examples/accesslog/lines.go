package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
)

// nginxLog is a log of 3,000 lines that nginx 1.22.1 wrote, some of the requests
// hostile.
//
//go:embed testdata/nginx.ltsv.gz
var nginxLog []byte

// maxLine is the longest line that the agent ships, in bytes. A longer one would
// not fit into a batch that brokers take by default.
const maxLine = 900_000

// lines are a log that is read once, or again and again.
type lines struct {
	src     *bufio.Reader
	file    io.Closer // nil if there is nothing to close
	again   []byte    // if not nil, what comes when src is at its end
	started bool
	tooLong int64 // lines left out
}

func (c *config) openOnce() (*lines, error) {
	switch c.log.file {
	case "":
		z, err := gzip.NewReader(bytes.NewReader(nginxLog))
		if err != nil {
			return nil, err
		}
		log, err := io.ReadAll(z)
		if err != nil {
			return nil, err
		}
		return &lines{src: bufio.NewReaderSize(bytes.NewReader(log), maxLine), again: log}, nil
	case "-":
		return &lines{src: bufio.NewReaderSize(c.stdin, maxLine)}, nil
	}
	if err := checkLog(c.log.file); err != nil {
		return nil, err
	}
	f, err := os.Open(c.log.file)
	if err != nil {
		return nil, fmt.Errorf("-file: %w", err)
	}
	return &lines{src: bufio.NewReaderSize(f, maxLine), file: f}, nil
}

// checkLog returns an error if what is called name is no file to read lines of.
func checkLog(name string) error {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return fmt.Errorf("-file: %w", err)
	case info.IsDir():
		return fmt.Errorf("-file %s: is a folder", name)
	}
	return nil
}

func (l *lines) Close() error {
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}

func (l *lines) left() int64   { return l.tooLong }
func (l *lines) resting() bool { return false }
func (l *lines) safe() error   { return nil }

func (l *lines) next(context.Context) ([]byte, error) {
	for {
		line, err := l.src.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			if err := l.skip(); err != nil {
				return nil, err
			}
			continue
		}
		if err == io.EOF && len(line) == 0 && l.again != nil {
			l.src.Reset(bytes.NewReader(l.again))
			continue
		}
		if err != nil && (err != io.EOF || len(line) == 0) {
			return nil, err
		}
		if text, whole := bytes.CutSuffix(line, []byte("\n")); whole {
			line = bytes.TrimSuffix(text, []byte("\r"))
		}
		if !l.started {
			l.started = true
			line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF")) // a byte order mark
		}
		if len(line) > 0 {
			return bytes.Clone(line), nil
		}
	}
}

// skip passes over the rest of a line that is too long.
func (l *lines) skip() error {
	l.tooLong++
	for {
		_, err := l.src.ReadSlice('\n')
		switch {
		case err == nil, err == io.EOF:
			return nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return fmt.Errorf("read: %w", err)
		}
	}
}

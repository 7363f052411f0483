package transform

import (
	"fmt"
	"strings"
)

// A Chain is a sequence of stages, checked and ready to run. It is immutable and
// may be shared.
type Chain struct {
	stages []boundStage
	labels []string // by slot
}

type boundStage struct {
	name string
	make func() Func
}

// NewChain binds the stages, which run in this order; without stages records pass as
// they were decoded. A mistake in the configuration of any shows here, as an error that
// names the stage.
func NewChain(stages ...Stage) (*Chain, error) {
	c := &Chain{}
	b := &Binder{}
	for i, s := range stages {
		if s == nil {
			return nil, fmt.Errorf("transform: stage %d: %w", i, errNilStage)
		}
		name := stageName(s)
		b.stage = i
		f, err := bindStage(b, s)
		if err == nil {
			err = b.err
		}
		if err != nil {
			return nil, fmt.Errorf("transform: stage %d, %s: %w", i, name, err)
		}
		c.stages = append(c.stages, boundStage{name, f})
	}
	c.labels = b.labels
	return c, nil
}

// bindStage binds s, which may be inside of another stage. What a factory of the caller's
// own makes shows when a worker is made, which has no error: a Func that is nil rejects
// every record.
func bindStage(b *Binder, s Stage) (func() Func, error) {
	if s == nil {
		return nil, errNilStage
	}
	f, err := s.Bind(b)
	if err == nil && f == nil {
		err = errNilMake
	}
	if err != nil {
		return nil, err
	}
	return func() Func {
		if run := f(); run != nil {
			return run
		}
		return func(*Record) error { return errNilFunc }
	}, nil
}

func stageName(s Stage) string {
	if named, ok := s.(fmt.Stringer); ok {
		if name := named.String(); name != "" {
			return name
		}
	}
	return fmt.Sprintf("%T", s)
}

// String returns the stages as the Go code has them, a line each, in the order in
// which they run. Keys and secrets are not in it.
func (c *Chain) String() string {
	var b strings.Builder
	for _, s := range c.stages {
		b.WriteString(s.name)
		b.WriteByte('\n')
	}
	return b.String()
}

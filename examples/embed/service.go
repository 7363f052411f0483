package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// serve makes alerts of access.ltsv until ctx is done. cl is made with kafkaio.GroupOpts.
func serve(ctx context.Context, cl *kgo.Client, observer kafkaio.Observer) error {
	chain, err := transform.NewChain(
		transform.Missing(ltsv.EscapeNginx),
		transform.Unescape(ltsv.EscapeNginx),
		transform.Custom("team", team),
		slow{after: 2},
		transform.Filter(alarming{}),
		transform.Keep("time", "team", "status", "reqtime", "slow", "req"),
	)
	if err != nil {
		return err
	}
	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			worker := chain.NewWorker(transform.LTSV{})
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				rec, err := worker.Process(in.Value)
				if errors.Is(err, transform.ErrSkip) {
					return nil // nothing to be called about
				}
				if err == nil {
					out.Emit("alerts", in, appendLogfmt(out.Buf(), rec))
				}
				return err
			}
		},
		DeadLetter: "alerts.dlq",
		Observer:   observer,
	}
	return p.Run(ctx, cl)
}

// team is a stage that is a function: it says whose a virtual host is. New values are
// slices of what the record holds, or of rec.Alloc.
func team(rec *transform.Record) error {
	vhost, ok := rec.Get("vhost")
	if !ok {
		return errors.New("no vhost") // a reason never quotes the record
	}
	name, _, _ := bytes.Cut(vhost.Bytes, []byte("."))
	rec.Set("team", transform.Value{Bytes: name})
	return nil
}

// slow is a stage with slots: it marks requests that took long. Bind finds its mistakes
// before there is a record, and makes numbers of its labels, which cost no search.
type slow struct{ after float64 } // seconds

func (s slow) Bind(b *transform.Binder) (func() transform.Func, error) {
	if s.after <= 0 {
		return nil, errors.New("everything takes longer than that")
	}
	took, mark := b.Slot("reqtime"), b.Output("slow")
	run := func(rec *transform.Record) error {
		v, _ := rec.Value(took)
		if seconds, err := strconv.ParseFloat(string(v.Bytes), 64); err == nil && seconds > s.after {
			rec.SetValue(mark, transform.True)
		}
		return nil
	}
	return func() transform.Func { return run }, nil // it has no scratch: all workers share it
}

// alarming is a predicate: the server failed, or somebody waited too long.
type alarming struct{}

func (alarming) Bind(b *transform.Binder) (func() func(*transform.Record) bool, error) {
	status, mark := b.Slot("status"), b.Slot("slow")
	ask := func(rec *transform.Record) bool {
		v, _ := rec.Value(status)
		_, slow := rec.Value(mark)
		return slow || len(v.Bytes) == 3 && v.Bytes[0] == '5'
	}
	return func() func(*transform.Record) bool { return ask }, nil
}

// appendLogfmt is an encoder: label="value" and so on.
func appendLogfmt(dst []byte, rec *transform.Record) []byte {
	for label, v := range rec.All() {
		if v.Kind != transform.KindNull {
			dst = append(append(dst, label...), '=')
			dst = append(strconv.AppendQuote(dst, string(v.Bytes)), ' ')
		}
	}
	return bytes.TrimSuffix(dst, []byte(" "))
}

// progress is an observer: it counts.
type progress struct {
	w                  io.Writer
	read, alerts, dead int
}

func (p *progress) Settled(s *kafkaio.Settlement) {
	p.read, p.alerts, p.dead = p.read+s.Read, p.alerts+s.Emitted, p.dead+s.DeadLettered
	fmt.Fprintf(p.w, "read %d, alerts %d, dead %d\n", p.read, p.alerts, p.dead)
}

func (p *progress) Survived(err error) { fmt.Fprintln(p.w, "goes on after:", err) }

package bulk

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// A worker makes requests of records and sends them until each is settled. One
// goroutine works with it, and what it keeps it uses again.
type worker struct {
	r       *run
	doc     document
	post    *poster
	answers answers
	body    []byte
	items   []item
	full    bool // the body is as large as run.limit lets it be
	tally
}

// An item is a document in a request's body.
type item struct {
	at  int // index of the batch's record
	end int // of the document in the body
}

// tally is what a worker counts in one batch.
type tally struct {
	indexed, kept, duplicates, requests, retried int
	bytesOut                                     int64
	slowest                                      time.Duration
}

func newWorker(r *run) (*worker, error) {
	post, err := newPoster(&r.Target, r.client)
	return &worker{r: r, doc: document{op: r.Op, index: r.Index}, post: post}, err
}

// work lands portions until there are none left. An error is one that ends Run.
func (w *worker) work(ctx context.Context) error {
	for {
		from, to := w.r.portion()
		if from == to || ctx.Err() != nil {
			return nil
		}
		for from < to {
			from = w.fill(from, to)
			if err := w.deliver(ctx, w.items, w.body, w.r.Retry.fresh()); err != nil {
				return err
			}
		}
	}
}

// fill makes a request of records from on, as many as it takes, and returns
// where the next begins. What cannot be a document is refused.
func (w *worker) fill(from, to int) int {
	w.body, w.items, w.full = w.body[:0], w.items[:0], false
	most, limit := w.r.Limits.Bytes, int(w.r.limit.Load())
	for ; from < to && len(w.items) < w.r.Limits.Items; from++ {
		body, err := w.doc.append(w.body, w.r.records[from], most)
		if err != nil {
			w.r.refused[from] = err
			continue
		}
		if len(body) > limit && len(w.items) > 0 {
			w.full = true
			return from
		}
		w.body = body
		w.items = append(w.items, item{from, len(body)})
	}
	return from
}

// deliver sends items until each is settled. body holds theirs alone; both are
// changed.
func (w *worker) deliver(ctx context.Context, items []item, body []byte, patience patience) (err error) {
	for late := 0; len(items) > 0 && ctx.Err() == nil; {
		if len(items) > 1 && int64(len(body)) > 2*w.r.limit.Load() { // which has shrunk since
			if items, body, err = w.half(ctx, items, body, patience); err != nil {
				return err
			}
			patience = w.r.Retry.fresh()
			continue
		}
		to := w.r.nodes.pick()
		o := w.try(ctx, to, items, body)
		if ctx.Err() != nil {
			return nil
		}
		switch o.verdict {
		case fatal:
			return o.err
		case split:
			if len(items) == 1 {
				w.r.refused[items[0].at] = &ItemError{Status: o.err.Status, Type: o.err.Type}
				return nil
			}
			w.r.survive(o.err)
			if items, body, err = w.half(ctx, items, body, w.r.Retry.fresh()); err != nil {
				return err
			}
			patience, late = w.r.Retry.fresh(), 0
			continue
		case answered:
			before := len(items)
			items, body = w.settle(items, body)
			if len(items) == 0 {
				return nil
			}
			if len(items) < before {
				patience = w.r.Retry.fresh()
			}
			o.err = w.left(to, items)
		}
		w.retried += len(items)
		if o.err.GaveUp = patience.over(); o.err.GaveUp {
			return o.err
		}
		w.r.survive(o.err)
		if late++; !o.late {
			late = 0
		}
		if late == 2 && len(items) > 1 {
			w.r.shrink(len(body) / 2) // so that it is too large next time
			late = 0
		}
		patience.wait(ctx, o.after)
	}
	return nil
}

// half delivers the first half of items, and returns the second.
func (w *worker) half(ctx context.Context, items []item, body []byte, patience patience) ([]item, []byte, error) {
	n := len(items) / 2
	at := items[n-1].end
	if err := w.deliver(ctx, items[:n:n], body[:at:at], patience); err != nil {
		return nil, nil, err
	}
	return items[n:], w.from(items[n:], body, at), nil
}

// from returns the body from at on, for items whose ends become those in it.
func (w *worker) from(items []item, body []byte, at int) []byte {
	for i := range items {
		items[i].end -= at
	}
	return body[at:]
}

// An outcome is what became of a try.
type outcome struct {
	verdict verdict
	err     *RequestError
	after   time.Duration // to wait at least
	late    bool          // no answer in time, or not all of the body was taken: it may be too large
}

type verdict uint8

const (
	again    verdict = iota // all of it
	answered                // w.answers has what became of each document
	split                   // too large, or one document spoils it
	fatal
)

// try sends a request once.
func (w *worker) try(ctx context.Context, to *node, items []item, body []byte) outcome {
	start := time.Now()
	resp, err := w.request(ctx, to, items, body)
	took := time.Since(start)
	w.slowest = max(w.slowest, took)
	failure := &RequestError{Node: to.name, Items: len(items), Err: err}
	if resp == nil || err != nil && resp.StatusCode < 400 {
		if errors.Is(err, errAnswerTooLong) && len(items) > 1 {
			failure.Status = resp.StatusCode
			return outcome{verdict: split, err: failure}
		}
		w.r.nodes.failed(to, took, 0)
		return outcome{err: failure, late: w.post.cut || errors.Is(err, context.DeadlineExceeded)}
	}
	if resp.StatusCode == http.StatusOK {
		if !w.answers.bulk(w.post.answer.Bytes(), w.question(items)) {
			w.r.nodes.failed(to, took, 0)
			failure.Status, failure.Err = resp.StatusCode, ErrBadAnswer
			return outcome{err: failure}
		}
		w.r.nodes.answered(to)
		if w.full {
			w.r.grow()
		}
		return outcome{verdict: answered, after: retryAfter(resp.Header)}
	}
	return w.refusal(to, resp, took, failure, len(body))
}

func (w *worker) question(items []item) question {
	return question{w.r.Op.String(), len(items), func(dst []byte, at int) []byte {
		return appendID(dst, w.r.records[items[at].at])
	}}
}

func (w *worker) request(ctx context.Context, to *node, items []item, body []byte) (*http.Response, error) {
	wire, err := w.post.encode(body)
	if err != nil {
		return nil, err
	}
	w.requests++
	w.bytesOut += int64(len(wire))
	ctx, cancel := context.WithTimeout(ctx, w.r.Limits.Timeout)
	defer cancel()
	return w.post.post(ctx, to.url, wire, len(items))
}

// refusal says how to go on after a status that is none of success.
func (w *worker) refusal(to *node, resp *http.Response, took time.Duration, failure *RequestError, bytes int) outcome {
	kind, genuine := w.answers.failure(w.post.answer.Bytes())
	failure.Status, failure.Type = resp.StatusCode, kind
	o := outcome{err: failure, after: retryAfter(resp.Header)}
	switch code := resp.StatusCode; {
	case code == http.StatusRequestEntityTooLarge:
		o.verdict = split
		if failure.Items > 1 { // one alone is no smaller for it
			w.r.shrink(bytes)
		}
	case code == http.StatusBadRequest && genuine:
		o.verdict = split
	case code == http.StatusTooManyRequests:
		// The node works, and the others have no less to do.
	case code == http.StatusRequestTimeout, code >= 500:
		o.after = min(o.after, w.r.nodes.failed(to, took, o.after))
	case status{code: code, kind: kind}.passes():
	default:
		o.verdict = fatal
	}
	return o
}

// settle takes the documents out that w.answers has settled, and returns those
// that are to be sent again, with their body.
func (w *worker) settle(items []item, body []byte) ([]item, []byte) {
	kept, end, begin := items[:0], 0, 0
	for i, it := range items {
		st := w.answers.items[i]
		done, before := st.done(w.r.Op)
		switch {
		case before:
			w.duplicates++
		case done:
			w.indexed++
			if st.kept {
				w.kept++
			}
		case st.passes():
			w.answers.items[len(kept)] = st
			n := copy(body[end:], body[begin:it.end])
			end += n
			kept = append(kept, item{it.at, end})
		default:
			w.r.refused[it.at] = &ItemError{Status: st.code, Type: st.kind}
		}
		begin = it.end
	}
	return kept, body[:end]
}

// left says why items were not settled.
func (w *worker) left(to *node, items []item) *RequestError {
	first := w.answers.items[0]
	return &RequestError{Node: to.name, Status: http.StatusOK, Items: len(items), Err: &ItemError{Status: first.code, Type: first.kind}}
}

package bulk_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// A fault answers a request instead of a fake, the first few times.
type fault func(w http.ResponseWriter, r *http.Request, body []byte, f *searchtest.Fake)

func status(code int, body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte, _ *searchtest.Fake) {
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}
}

const refusal = `{"error":{"root_cause":[],"type":"some_exception","reason":"secret"},"status":400}`

// written has the fake take the documents, and changes the answer.
func written(change func([]byte) []byte) fault {
	return func(w http.ResponseWriter, _ *http.Request, body []byte, f *searchtest.Fake) {
		_, _ = w.Write(change(take(f, body)))
	}
}

// replaced changes the first place in the answer. An answer of failures alone may have
// none.
func replaced(pattern, by string) fault {
	re := regexp.MustCompile(pattern)
	return written(func(a []byte) []byte {
		at := re.FindIndex(a)
		if at == nil {
			return a
		}
		return slices.Concat(a[:at[0]], []byte(by), a[at[1]:])
	})
}

func midway(w http.ResponseWriter, _ *http.Request, body []byte, f *searchtest.Fake) {
	answer := take(f, body)
	w.Header().Set("Content-Length", fmt.Sprint(len(answer)))
	_, _ = w.Write(answer[:len(answer)/2])
	panic(http.ErrAbortHandler)
}

// take writes documents to f behind its back.
func take(f *searchtest.Fake, body []byte) []byte {
	r := httptest.NewRequest(http.MethodPost, "/_bulk", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-ndjson")
	w := httptest.NewRecorder()
	f.Answer(w, r, body)
	return w.Body.Bytes()
}

func hang(w http.ResponseWriter, r *http.Request, _ []byte, _ *searchtest.Fake) { <-r.Context().Done() }
func drop(http.ResponseWriter, *http.Request, []byte, *searchtest.Fake)         { panic(http.ErrAbortHandler) }

// swap exchanges the first two items.
func swap(a []byte) []byte {
	return regexp.MustCompile(`(\{"create":.*?\}),(\{"create":.*?\}\})`).ReplaceAll(a, []byte("$2,$1"))
}

func hints(w http.ResponseWriter, _ *http.Request, body []byte, f *searchtest.Fake) {
	for range 10_000 {
		w.WriteHeader(http.StatusEarlyHints)
	}
	_, _ = w.Write(take(f, body))
}

// raw answers with bytes, and then hangs until the client has had enough.
func raw(text string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte, _ *searchtest.Fake) {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = conn.Write([]byte(text))
		_, _ = buffered.ReadByte() // until the client closes
	}
}

// encoded answers with a body that is said to be gzip.
func encoded(body string) fault {
	return func(w http.ResponseWriter, _ *http.Request, _ []byte, _ *searchtest.Fake) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, body)
	}
}

// zipped answers with gzip, of so many MiB of white space in front, whole or half.
func zipped(spaces int, half bool) fault {
	return func(w http.ResponseWriter, r *http.Request, body []byte, f *searchtest.Fake) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for range spaces {
			_, _ = z.Write(bytes.Repeat([]byte(" "), 1<<20))
		}
		_, _ = z.Write(take(f, body))
		_ = z.Close()
		n := b.Len()
		if half {
			n /= 2
		}
		encoded(b.String()[:n])(w, r, body, f)
	}
}

// drip answers a byte at a time.
func drip(w http.ResponseWriter, r *http.Request, body []byte, f *searchtest.Fake) {
	for _, c := range take(f, body) {
		_, _ = w.Write([]byte{c})
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// redirect sends elsewhere: to another host, which must not be asked.
func redirect(code int) fault {
	return func(w http.ResponseWriter, r *http.Request, _ []byte, _ *searchtest.Fake) {
		http.Redirect(w, r, "http://secret.invalid/_bulk", code)
	}
}

// passing are the ways to fail that Run goes on after, and what it tells.
var passing = map[string]struct {
	fault fault
	check func(*bulk.RequestError) bool
}{
	"429":             {status(429, refusal), func(e *bulk.RequestError) bool { return e.Status == 429 && e.Type == "some_exception" }},
	"500":             {status(500, ""), func(e *bulk.RequestError) bool { return e.Status == 500 && e.Type == "" }},
	"502":             {status(502, "<html>secret</html>"), func(e *bulk.RequestError) bool { return e.Status == 502 }},
	"503":             {status(503, refusal), func(e *bulk.RequestError) bool { return e.Status == 503 }},
	"504":             {status(504, refusal), func(e *bulk.RequestError) bool { return e.Status == 504 }},
	"408":             {status(408, ""), func(e *bulk.RequestError) bool { return e.Status == 408 }},
	"cluster block":   {status(403, `{"error":{"type":"cluster_block_exception"},"status":403}`), func(e *bulk.RequestError) bool { return e.Status == 403 }},
	"slow":            {hang, func(e *bulk.RequestError) bool { return e.Status == 0 && e.Err != nil }},
	"dropped":         {drop, func(e *bulk.RequestError) bool { return e.Status == 0 && e.Err != nil }},
	"lost answer":     {written(func(a []byte) []byte { panic(http.ErrAbortHandler) }), func(e *bulk.RequestError) bool { return e.Status == 0 }},
	"dropped midway":  {midway, func(e *bulk.RequestError) bool { return e.Err != nil }},
	"cut short":       {replaced(`]}$`, "  "), bad},
	"garbage":         {status(200, "<html>secret</html>"), bad},
	"empty":           {status(200, ""), bad},
	"something else":  {status(200, `{"acknowledged":true}`), bad},
	"an item less":    {replaced(`\{"create":.*?\}\},`, ""), bad},
	"an item more":    {replaced(`]`, `,{"create":{"status":201}}]`), bad},
	"another op":      {replaced(`"create"`, `"delete"`), bad},
	"no status":       {replaced(`"status"`, `"took"`), bad},
	"a status of 99":  {replaced(`"status":\d+`, `"status":99`), bad},
	"something after": {replaced(`$`, "{"), bad},
	"another's":       {replaced(`"_id":"in`, `"_id":"on`), bad},
	"another order":   {written(swap), bad},
	"a flood of 1xx":  {hints, unanswered},
	"a huge header": {func(w http.ResponseWriter, _ *http.Request, body []byte, f *searchtest.Fake) {
		w.Header().Set("X-Secret", strings.Repeat("secret", 1<<20))
		_, _ = w.Write(take(f, body))
	}, unanswered},
	"another protocol":    {raw("SSH-2.0-secret\r\n"), unanswered},
	"a header of no use":  {raw("HTTP/1.1 200 OK\r\nsecret\r\n\r\n"), unanswered},
	"a trailer of no use": {raw("HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nsecret\r\n\r\n"), func(e *bulk.RequestError) bool { return e.Err != nil }},
	"a length of no use":  {raw("HTTP/1.1 200 OK\r\nContent-Length: secret\r\n\r\n"), unanswered},
	"no gzip":             {encoded("<html>"), func(e *bulk.RequestError) bool { return e.Err != nil }},
	"half of gzip":        {zipped(0, true), func(e *bulk.RequestError) bool { return e.Err != nil }},
	"slow, after a drip":  {drip, func(e *bulk.RequestError) bool { return errors.Is(e, context.DeadlineExceeded) }},
	"slow, in its header": {raw("HTTP/1.1 200 OK\r\nContent-"), func(e *bulk.RequestError) bool { return errors.Is(e, context.DeadlineExceeded) }},
}

func unanswered(e *bulk.RequestError) bool { return e.Status == 0 && e.Err != nil }

func bad(e *bulk.RequestError) bool { return errors.Is(e, bulk.ErrBadAnswer) && e.Status == 200 }

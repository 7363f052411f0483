package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

var key = []byte("keyboard cat")

// converter returns job 1 on one line, for one goroutine.
func converter(t testing.TB) func(dst, line []byte) ([]byte, error) {
	chain, err := JSON(ltsv.EscapeNginx, key)
	require.NoError(t, err)
	w := chain.NewWorker(transform.LTSV{})
	var enc jsonrec.Encoder
	return func(dst, line []byte) ([]byte, error) {
		rec, err := w.Process(line)
		if err != nil {
			return dst, err
		}
		return enc.Append(dst, rec)
	}
}

// TestPlainWayAgrees: the reference of the benchmark does the same work. It reads
// cookies as net/http does, so those lines are compared on which that is all right.
func TestPlainWayAgrees(t *testing.T) {
	convert := converter(t)
	same := 0
	for _, line := range logtest.Lines(logtest.Nginx) {
		ours, err := convert(nil, line)
		require.NoError(t, err)
		plain, err := plainJob1(string(line), key)
		require.NoError(t, err)
		var a, b map[string]any
		require.NoError(t, json.Unmarshal(ours, &a))
		require.NoError(t, json.Unmarshal(plain, &b))
		if assert.ObjectsAreEqual(a, b) {
			same++
		}
	}
	assert.Greater(t, same, 2600, "of 3,000, one in eight of which is hostile")
}

func TestJob1MustSurvive(t *testing.T) {
	convert := converter(t)
	for in, want := range map[string]string{
		"":                                       `{"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"status:000\tsize:009":                   `{"status":0,"size":9,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"apptime:0.001, 0.002 : -":               `{"apptime":0.002,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"reqtime:NaN\truntime:1e999":             `{"reqtime":null,"runtime":null,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		`req:\x16\x03\x01 x`:                     `{"@timestamp":"1970-01-01T00:00:00.000Z","method":null,"path":null,"protocol":null,"query":null,"bot":false}`,
		"req:-":                                  `{"@timestamp":"1970-01-01T00:00:00.000Z","method":null,"path":null,"protocol":null,"query":null,"bot":false}`,
		"req:GET /":                              `{"@timestamp":"1970-01-01T00:00:00.000Z","method":null,"path":null,"protocol":null,"query":null,"bot":false}`,
		"req:GET /a b?c d HTTP/1.1":              `{"@timestamp":"1970-01-01T00:00:00.000Z","method":"GET","path":"/a b","protocol":"HTTP/1.1","query":"c d","bot":false}`,
		"req:GET /a HTTP/2\tmethod:PUT\turi:/b?": `{"method":"PUT","@timestamp":"1970-01-01T00:00:00.000Z","path":"/b","protocol":"HTTP/2","query":"","bot":false}`,
		"uri:-":                                  `{"@timestamp":"1970-01-01T00:00:00.000Z","path":null,"query":null,"bot":false}`,
		"host:unix:":                             `{"host":null,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"host:::ffff:1.2.3.4":                    `{"host":"1.2.3.0","@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"host:2001:db8:1:2::3":                   `{"host":"2001:db8:1::","@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"forwardedfor:[2001:db8::1]:80, x":       `{"@timestamp":"1970-01-01T00:00:00.000Z","client":"2001:db8::","bot":false}`,
		"forwardedfor:unknown, 192.0.2.1":        `{"@timestamp":"1970-01-01T00:00:00.000Z","client":null,"bot":false}`,
		"ua:GoogleBot":                           `{"ua":"GoogleBot","@timestamp":"1970-01-01T00:00:00.000Z","bot":true}`,
		"ident:-\tuser:x\tother:-\tmore:1":       `{"other":null,"more":"1","@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"host:fe80::1%eth0":                      `{"host":"fe80::","@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"host:192.0.2.1:80":                      `{"host":null,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"host:192.0.2.1, 192.0.2.2":              `{"host":null,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"status:9223372036854775808\tsize:1e3":   `{"status":null,"size":null,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"status:200\tstatus:500\tsize:":          `{"status":200,"size":null,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"bot:x\t@timestamp:x\tcookie.uid:x":      `{"bot":false,"@timestamp":"1970-01-01T00:00:00.000Z","cookie.uid":"x"}`,
		"cookie.uid:x\tcookie:uid=7":             `{"cookie.uid":7,"@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"path:x\turi:/a\tclient:x":               `{"path":"/a","client":null,"@timestamp":"1970-01-01T00:00:00.000Z","query":null,"bot":false}`,
		"vhost:a\xff\xe5b":                       `{"vhost":"a��b","@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`,
		"cookie:uid=007; own=%zz; sess=x; =":     `{"@timestamp":"1970-01-01T00:00:00.000Z","bot":false,"cookie.uid":7}`,
	} {
		got, err := convert(nil, []byte(in+"\tmsec:0.000"))
		require.NoError(t, err, in)
		assert.Equal(t, want, string(got), in)
	}
	for in, want := range map[string]string{
		"29/Feb/2024:23:59:59 +0000": "2024-02-29T23:59:59.000Z",
		"29/Feb/2026:23:59:59 +0000": "",
		"22/Nov/2026:16:00:60 +0000": "",
		"22/Nov/2026:16:00:49 +2459": "",
		"22/Nov/2026:16:00:49 +0900": "2026-11-22T07:00:49.000Z",
		"2026-11-22T16:00:49+00:00":  "2026-11-22T16:00:49.000Z",
		"-":                          "",
	} {
		got, err := convert(nil, []byte("time:"+in))
		if want == "" {
			var stage *transform.StageError
			require.ErrorAs(t, err, &stage, in)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, `{"@timestamp":"`+want+`","bot":false}`, string(got))
	}
	_, err := convert(nil, []byte("status:200"))
	var stage *transform.StageError
	require.ErrorAs(t, err, &stage)
	for in, want := range map[string]error{
		":x\tmsec:0.000": ltsv.ErrEmptyLabel,
		"x\tmsec:0.000":  ltsv.ErrNoColon,
		"msec:0.000" + strings.Repeat("\tx:", ltsv.DefaultMaxFields):      ltsv.ErrTooManyFields,
		"msec:0.000\tua:" + strings.Repeat("x", ltsv.DefaultMaxLineBytes): ltsv.ErrLineTooLong,
	} {
		_, err := convert(nil, []byte(in))
		require.ErrorIs(t, err, want)
	}
	ua := strings.Repeat("x", 64<<10)
	got, err := convert(nil, []byte("msec:0.000\tua:"+ua+"bot"))
	require.NoError(t, err)
	assert.Equal(t, `{"ua":"`+ua+`bot","@timestamp":"1970-01-01T00:00:00.000Z","bot":false}`, string(got), "of the first 4096 bytes")
}

func TestJob1PrintsNoKey(t *testing.T) {
	chain, err := JSON(ltsv.EscapeNginx, key)
	require.NoError(t, err)
	for _, s := range []string{chain.String(), fmt.Sprintf("%v %+v %#v", chain, chain, chain)} {
		assert.NotContains(t, s, "keyboard")
		assert.NotContains(t, s, fmt.Sprint(key))
	}
}

func TestJob1AllocatesNothing(t *testing.T) {
	convert := converter(t)
	lines := logtest.Corpus24(500)
	var out []byte
	i := 0
	step := func() {
		out, _ = convert(out[:0], lines[i%len(lines)])
		i++
	}
	for range 2 * len(lines) {
		step()
	}
	assert.Zero(t, testing.AllocsPerRun(500, step))
}

// FuzzJob1: any bytes give one valid object without duplicates, or a typed error.
func FuzzJob1(f *testing.F) {
	for _, line := range logtest.Lines(logtest.Nginx)[:30] {
		f.Add(line)
	}
	f.Add([]byte("msec:0.000\tcookie:sess=eyJhIjp7ImIiOlsxXX19; own=a%3D%ff\treq:\\x00"))
	convert := converter(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		out, err := convert(nil, line)
		if err != nil {
			var syntax *ltsv.SyntaxError
			var stage *transform.StageError
			if !errors.As(err, &syntax) && !errors.As(err, &stage) {
				t.Fatalf("%T", err)
			}
			return
		}
		d := json.NewDecoder(bytes.NewReader(out))
		seen := map[string]bool{}
		for depth, name := 0, true; ; {
			token, err := d.Token()
			if err != nil {
				break
			}
			if delim, ok := token.(json.Delim); ok {
				if depth++; delim == '}' || delim == ']' {
					depth -= 2
				}
				if depth == 1 && delim != '{' && delim != '[' {
					name = true
				}
				continue
			}
			if depth != 1 {
				continue
			}
			if label, ok := token.(string); ok && name {
				if seen[label] {
					t.Fatalf("%q twice in %s", label, out)
				}
				seen[label] = true
			}
			name = !name
		}
		if !json.Valid(out) {
			t.Fatalf("%q → %s", line, out)
		}
	})
}

// filled is what job 1 gives, as a struct that is ready to be marshalled.
type filled struct {
	Time       string   `json:"@timestamp"`
	Host       string   `json:"host"`
	Client     string   `json:"client"`
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Protocol   string   `json:"protocol"`
	Query      *string  `json:"query"`
	Status     int      `json:"status"`
	Size       int64    `json:"size"`
	ReqSize    int64    `json:"reqsize"`
	ReqTime    float64  `json:"reqtime"`
	Runtime    *float64 `json:"runtime"`
	AppTime    *float64 `json:"apptime"`
	Taken      int64    `json:"taken"`
	UA         string   `json:"ua"`
	Referer    string   `json:"referer"`
	VHost      string   `json:"vhost"`
	Server     string   `json:"server"`
	Scheme     string   `json:"scheme"`
	Cache      *string  `json:"cache"`
	ReqID      string   `json:"reqid"`
	RefHost    string   `json:"referer_host"`
	Bot        bool     `json:"bot"`
	CookieUID  int64    `json:"cookie.uid"`
	CookieSeg  string   `json:"cookie.own.seg"`
	CookieRank string   `json:"cookie.own.rank"`
}

// logged is what a line holds, 24 fields as they are logged, ready to be marshalled.
type logged struct {
	Time         string `json:"time"`
	Host         string `json:"host"`
	ForwardedFor string `json:"forwardedfor"`
	Req          string `json:"req"`
	Status       string `json:"status"`
	Size         string `json:"size"`
	Referer      string `json:"referer"`
	UA           string `json:"ua"`
	ReqTime      string `json:"reqtime"`
	Cache        string `json:"cache"`
	Runtime      string `json:"runtime"`
	AppTime      string `json:"apptime"`
	VHost        string `json:"vhost"`
	Server       string `json:"server"`
	ReqID        string `json:"reqid"`
	Method       string `json:"method"`
	URI          string `json:"uri"`
	Protocol     string `json:"protocol"`
	Scheme       string `json:"scheme"`
	ReqSize      string `json:"reqsize"`
	Msec         string `json:"msec"`
	Cookie       string `json:"cookie"`
	User         string `json:"user"`
	Taken        string `json:"taken"`
}

// sonicMarshal is sonic.Marshal where sonic compiles.
var sonicMarshal func(v any) ([]byte, error)

// BenchmarkJob1 holds job 1 beside sonic on structs that are filled already, with what
// job 1 gives and with what the line holds, and beside the plain way: maps, strings, net/http, time, encoding/json.
func BenchmarkJob1(b *testing.B) {
	lines := logtest.Corpus24(1000)
	size := int64(len(bytes.Join(lines, nil)) / len(lines))
	run := func(name string, f func(i int)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				f(i)
				if i++; i == len(lines) {
					i = 0
				}
			}
		})
	}
	convert := converter(b)
	var out []byte
	run("job1", func(i int) { out, _ = convert(out[:0], lines[i]) })
	texts := make([]string, len(lines))
	structs, inputs := make([]filled, len(lines)), make([]logged, len(lines))
	var rec transform.Record
	var enc jsonrec.Encoder
	for i, line := range lines {
		texts[i] = string(line)
		object, err := convert(nil, line)
		require.NoError(b, err)
		require.NoError(b, json.Unmarshal(object, &structs[i]))
		require.NoError(b, transform.LTSV{}.Decode(&rec, line))
		object, err = enc.Append(nil, &rec)
		require.NoError(b, err)
		require.NoError(b, json.Unmarshal(object, &inputs[i]))
	}
	if sonicMarshal != nil {
		run("sonic.Marshal of a filled struct", func(i int) { _, _ = sonicMarshal(&structs[i]) })
		run("sonic.Marshal of the 24 fields", func(i int) { _, _ = sonicMarshal(&inputs[i]) })
	}
	run("the plain way", func(i int) { _, _ = plainJob1(texts[i], key) })
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint("all lines, workers=", workers), func(b *testing.B) {
			each := make([]func(dst, line []byte) ([]byte, error), workers)
			for k := range each {
				each[k] = converter(b)
			}
			b.SetBytes(size * int64(len(lines)))
			for b.Loop() {
				var all sync.WaitGroup
				for k := range workers {
					all.Go(func() {
						var out []byte
						for i := k; i < len(lines); i += workers {
							out, _ = each[k](out[:0], lines[i])
						}
					})
				}
				all.Wait()
			}
		})
	}
}

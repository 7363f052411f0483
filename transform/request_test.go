package transform

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

func TestRequest(t *testing.T) {
	long := strings.Repeat("x", 64<<10)
	for req, want := range map[string]string{
		"GET /x?y HTTP/1.1":               "GET|/x?y|HTTP/1.1",
		"GET /a b  c HTTP/1.1":            "GET|/a b  c|HTTP/1.1",
		"GET  /  HTTP/1.0":                "GET|/|HTTP/1.0",
		"GET / HTTP/1.1 HTTP/1.1":         "GET|/ HTTP/1.1|HTTP/1.1",
		"PRI * HTTP/2":                    "PRI|*|HTTP/2",
		"M-SEARCH * HTTP/3.0":             "M-SEARCH|*|HTTP/3.0",
		"CONNECT h:443 HTTP/1.1":          "CONNECT|h:443|HTTP/1.1",
		"GET http://h/ HTTP/1.1":          "GET|http://h/|HTTP/1.1",
		"GET /" + long + " HTTP/1.1":      "GET|/" + long + "|HTTP/1.1",
		"GET /\xff\x00 HTTP/1.1":          "GET|/\xff\x00|HTTP/1.1",
		"":                                "",
		" ":                               "",
		"-":                               "",
		"GET":                             "",
		"GET /":                           "",
		"GET HTTP/1.1":                    "",
		"GET  HTTP/1.1":                   "",
		" / HTTP/1.1":                     "",
		"GET / HTTP/1.1 ":                 "",
		"GET / HTTP/1.":                   "",
		"GET / HTTP/1,1":                  "",
		"GET / HTTP/a":                    "",
		"GET / HTTP/a.1":                  "",
		"GET / HTTP/1.a":                  "",
		"GET / HTTP/11":                   "",
		"GET / HTTP/10.1":                 "",
		"GET / http/1.1":                  "",
		"GET / ICE/1.01":                  "",
		"G\xc3\x89T / HTTP/1.1":           "",
		"\"GET / HTTP/1.1":                "",
		"\x16\x03\x01\x02\x00 a HTTP/1.1": "",
		"\x16\x03\x01\x02\x00\x01\xfc":    "",
		long:                              "",
	} {
		w := mustChain(t, Request{}, Drop("req")).NewWorker(LTSV{})
		got := process(t, w, "req:"+req+"\ta:1")
		if want == "" {
			assert.Equal(t, []string{"a=1", "method=null", "uri=null", "protocol=null"}, got, "%.40q", req)
			assert.EqualValues(t, 1, w.Stats().Stages[0].Failed)
			continue
		}
		p := strings.Split(want, "|")
		assert.Equal(t, []string{"a=1", "method=" + p[0], "uri=" + p[1], "protocol=" + p[2]}, got, "%.40q", req)
	}
}

func TestRequestOutputs(t *testing.T) {
	dash := Missing(ltsv.EscapeNginx)
	assert.Equal(t, []string{"a=1"}, onLine(t, "a:1", Request{}), "no source, no output")
	assert.Equal(t, []string{"req=null", "method=null", "uri=null", "protocol=null"}, onLine(t, "req:-", dash, Request{}))
	assert.Equal(t, []string{"method=GET", "req=GET / HTTP/1.1", "uri=/", "protocol=HTTP/1.1"},
		onLine(t, "method:POST\treq:GET / HTTP/1.1", Request{}), "the later stage wins")
	for line, want := range map[string][]string{
		"method:POST\treq:GET / HTTP/1.1":                       {"method=POST", "req=GET / HTTP/1.1", "uri=/", "protocol=HTTP/1.1"},
		"uri:-\treq:GET / HTTP/1.1":                             {"uri=null", "req=GET / HTTP/1.1", "method=GET", "protocol=HTTP/1.1"},
		"protocol:x\treq:bad":                                   {"protocol=x", "req=bad", "method=null", "uri=null"},
		"protocol:x\treq:-":                                     {"protocol=x", "req=null", "method=null", "uri=null"},
		"req:GET / HTTP/1.1":                                    {"req=GET / HTTP/1.1", "method=GET", "uri=/", "protocol=HTTP/1.1"},
		"req:\x16\x03":                                          {"req=\x16\x03", "method=null", "uri=null", "protocol=null"},
		"method:GET\turi:/\tprotocol:HTTP/1.1\treq:bad":         {"method=GET", "uri=/", "protocol=HTTP/1.1", "req=bad"},
		"method:GET\turi:/\tprotocol:HTTP/1.1\treq:A /b HTTP/2": {"method=GET", "uri=/", "protocol=HTTP/1.1", "req=A /b HTTP/2"},
	} {
		assert.Equal(t, want, onLine(t, line, dash, Request{OnlyMissing: true}), line)
	}
	assert.Equal(t, []string{"r=GET", "u=/", "p=HTTP/1.1"}, onLine(t, "r:GET / HTTP/1.1", Request{From: "r", Method: "r", URI: "u", Protocol: "p"}), "in place")
	s := mustChain(t, Request{})
	w := s.NewWorker(LTSV{})
	rec, err := w.Decode(nil)
	require.NoError(t, err)
	rec.Set("req", Value{KindJSON, []byte("[1]")})
	require.NoError(t, w.Run())
	assert.Equal(t, []string{"req=[1]", "method=null", "uri=null", "protocol=null"}, dump(rec))
}

func TestRequestPolicies(t *testing.T) {
	for p, want := range map[Policy][]string{
		OnErrorKeep:      {"uri=1", "req=bad"},
		OnErrorDropField: {"req=bad"},
		OnErrorNull:      {"uri=null", "req=bad", "method=null", "protocol=null"},
	} {
		assert.Equal(t, want, onLine(t, "uri:1\treq:bad", OnError(p, Request{})))
	}
	_, err := mustChain(t, OnError(OnErrorReject, Request{})).NewWorker(LTSV{}).Process([]byte("req:secret"))
	require.ErrorIs(t, err, errNotRequest)
	assert.NotContains(t, err.Error(), "secret")
}

func TestRequestRefuses(t *testing.T) {
	refused(t, Request{Method: "uri"}, Request{Protocol: "method"})
	_, err := NewChain(Request{}, Request{From: "x"})
	require.Error(t, err)
	assert.Equal(t, "Request{}", Request{}.String())
	assert.Equal(t, `Request{From: "a", Method: "b", URI: "c", Protocol: "d", OnlyMissing: true}`, Request{"a", "b", "c", "d", true}.String())
}

// TestRequestOnRealLogs compares with what nginx logs apart.
func TestRequestOnRealLogs(t *testing.T) {
	w := mustChain(t, Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx), Request{Method: "m", URI: "u", Protocol: "p"}).NewWorker(LTSV{})
	for _, line := range logtest.Lines(logtest.Nginx) {
		rec, err := w.Process(line)
		require.NoError(t, err)
		for ours, logged := range map[string]string{"m": "method", "u": "uri", "p": "protocol"} {
			got, _ := rec.Get(ours)
			want, _ := rec.Get(logged)
			if got.Kind != KindNull {
				require.Equal(t, string(want.Bytes), string(got.Bytes))
			}
		}
	}
	for _, name := range logtest.Names {
		w := mustChain(t, Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx), Request{Method: "m", URI: "u", Protocol: "p"}).NewWorker(LTSV{})
		truth := logtest.Truth(name)
		for i, line := range logtest.Lines(name) {
			rec, err := w.Process(line)
			require.NoError(t, err)
			if v, _ := rec.Get("m"); v.Kind != KindNull {
				require.Equal(t, truth[i].Method, string(v.Bytes))
			}
		}
	}
}

func TestRequestAllocs(t *testing.T) {
	allocatesNothing(t, logtest.Lines(logtest.Nginx)[:200], Request{Method: "m", URI: "u", Protocol: "p"}, Request{OnlyMissing: true})
}

// FuzzRequest compares with the same rules on strings.
func FuzzRequest(f *testing.F) {
	for _, s := range []string{"GET /x?y HTTP/1.1", "GET  / HTTP/2", "\x16\x03 a HTTP/1.1", "-", "GET HTTP/1.1", "GET / HTTP/1.1 ", "GET  / HTTP/d"} {
		f.Add(s)
	}
	version := regexp.MustCompile(`^HTTP/[0-9](\.[0-9])?$`)
	f.Fuzz(func(t *testing.T, s string) {
		methodEnd, uriStart, uriEnd, protocolStart, ok := splitRequest([]byte(s))
		words := strings.Split(s, " ")
		method, protocol := words[0], words[len(words)-1]
		uri := ""
		if len(words) > 2 {
			uri = strings.Trim(strings.Join(words[1:len(words)-1], " "), " ")
		}
		token := method != "" && strings.Trim(method, "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == ""
		for _, c := range method {
			token = token && c > ' ' && c < 0x7f && !strings.ContainsRune("\"(),/:;<=>?@[\\]{}", c)
		}
		if want := token && uri != "" && version.MatchString(protocol); want != ok {
			t.Fatal(ok)
		}
		if ok && (s[:methodEnd] != method || s[uriStart:uriEnd] != uri || s[protocolStart:] != protocol) {
			t.Fatal(methodEnd, uriStart, uriEnd, protocolStart)
		}
	})
}

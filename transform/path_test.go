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

func TestPath(t *testing.T) {
	for path, want := range map[string]string{
		"/users/25527/orders":                   "/users/:id/orders",
		"/":                                     "/",
		"//":                                    "//",
		"":                                      "",
		"*":                                     "*",
		"7":                                     ":id",
		"/7/":                                   "/:id/",
		"/7?8/9":                                "/:id",
		"/v1/a7":                                "/v1/a7",
		"/00000000-0000-0000-0000-00000000000f": "/:uuid",
		"/ABCDEF01-abcd-0000-0000-00000000000F/x":  "/:uuid/x",
		"/00000000-0000-0000-0000-00000000000g":    "/00000000-0000-0000-0000-00000000000g",
		"/00000000-0000-0000-0000+00000000000f":    "/00000000-0000-0000-0000+00000000000f",
		"/b67cf41b30f2d5a51e4052c8f895336f":        "/:hex",
		"/b67cf41b30f2d5a":                         "/b67cf41b30f2d5a",
		"/1234567890123456":                        "/:id",
		"/1234567890abcdefg":                       "/1234567890abcdefg",
		"/%31/\xff\x00":                            "/%31/\xff\x00",
		"/" + strings.Repeat("9", 64<<10):          "/:id",
		"/" + strings.Repeat("x", 64<<10):          "/*",
		"/a/" + strings.Repeat("x", 64<<10) + "/b": "/a/*",
		strings.Repeat("/a", 17):                   strings.Repeat("/a", 16) + "/*",
		strings.Repeat("/a", 16):                   strings.Repeat("/a", 16),
		strings.Repeat("/1", 100_000):              strings.Repeat("/:id", 16) + "/*",
		strings.Repeat("/", 100_000):               strings.Repeat("/", 17) + "*",
	} {
		assert.Equal(t, []string{"path=" + want}, onLine(t, "path:"+path, Path{}), "%.40q", path)
	}
	assert.Equal(t, []string{"a=1"}, onLine(t, "a:1", Path{}), "no source, no output")
	assert.Equal(t, []string{"path=null"}, onLine(t, "path:-", Missing(ltsv.EscapeNginx), Path{}))
	assert.Equal(t, []string{"route=/:id", "uri=/7?x"}, onLine(t, "route:old\turi:/7?x", Path{From: "uri", To: "route"}))
	assert.Equal(t, []string{"path=/7/*"}, onLine(t, "path:/7/abc", Path{NoGuess: true, MaxSegments: 1}))
	assert.Equal(t, []string{"path=/*"}, onLine(t, "path:/abc/d", Path{MaxBytes: 2}))
	assert.Equal(t, []string{"path=/7"}, onLine(t, "path:/7", Path{MaxBytes: 2, NoGuess: true}))

	w := mustChain(t, Path{}).NewWorker(LTSV{})
	rec, err := w.Decode(nil)
	require.NoError(t, err)
	rec.Set("path", boolValue(true))
	require.NoError(t, w.Run())
	assert.Equal(t, []string{"path=null"}, dump(rec))
}

func TestPathPatterns(t *testing.T) {
	s := Path{Patterns: []string{"/users/me", "/users/:name", "/users/:id/orders", "/static/*", "/"}}
	for path, want := range map[string]string{
		"/users/me":         "/users/me",
		"/users/tom":        "/users/:name",
		"/users/7":          "/users/:name",
		"/users/tom/orders": "/users/:id/orders",
		"/users//orders":    "/users//orders",
		"/users/tom/":       "/users/tom/",
		"/users/7/x":        "/users/:id/x",
		"/static/a/b/c?d":   "/static/*",
		"/static/":          "/static/*",
		"/static":           "/static",
		"/":                 "/",
		"users/me":          "users/me",
		"":                  "",
		"/static/" + strings.Repeat("x/", 50_000): "/static/*",
	} {
		assert.Equal(t, []string{"path=" + want}, onLine(t, "path:"+path, s), "%.40q", path)
	}
	assert.Equal(t, []string{"path=/*"}, onLine(t, "path:/x/y", Path{Patterns: []string{"/*"}}))
	assert.Equal(t, []string{"path=x"}, onLine(t, "path:x", Path{Patterns: []string{"/*"}}))
}

func TestPathRefuses(t *testing.T) {
	refused(t, Path{MaxSegments: -1}, Path{MaxBytes: -1}, Path{MaxBytes: 1})
	for _, p := range []string{"", "x", "/a/*/b", "/:", "/a?b", "/:/a"} {
		refused(t, Path{Patterns: []string{p}})
	}
	assert.Equal(t, "Path{}", Path{}.String())
	assert.Equal(t, `Path{From: "a", To: "b", Patterns: []string{"/:x"}, NoGuess: true, MaxSegments: 1, MaxBytes: 2}`, Path{"a", "b", []string{"/:x"}, true, 1, 2}.String())
}

var (
	digitsOnly = regexp.MustCompile(`^[0-9]+$`)
	uuidOnly   = regexp.MustCompile(`^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	hexOnly    = regexp.MustCompile(`^(?i)[0-9a-f]{16,}$`)
)

// pathPlainly does what the stage does without patterns and bounds.
func pathPlainly(path string) string {
	path, _, _ = strings.Cut(path, "?")
	segments := strings.Split(path, "/")
	for i, s := range segments {
		switch {
		case digitsOnly.MatchString(s):
			segments[i] = ":id"
		case uuidOnly.MatchString(s):
			segments[i] = ":uuid"
		case hexOnly.MatchString(s):
			segments[i] = ":hex"
		}
	}
	return strings.Join(segments, "/")
}

func TestPathOnRealLogs(t *testing.T) {
	w := mustChain(t, URL{}, Path{}).NewWorker(LTSV{})
	different := map[string]bool{}
	for _, line := range logtest.Lines(logtest.Nginx) {
		rec, err := w.Process(line)
		require.NoError(t, err)
		uri, _ := rec.Get("uri")
		got, _ := rec.Get("path")
		want := pathPlainly(string(uri.Bytes))
		if len(want) <= defaultMaxPathBytes {
			require.Equal(t, want, string(got.Bytes))
		}
		different[string(got.Bytes)] = true
	}
	assert.Less(t, len(different), 300)
}

func TestPathAllocs(t *testing.T) {
	allocatesNothing(t, logtest.Lines(logtest.Nginx)[:200], URL{}, Path{Patterns: []string{"/up/*", "/users/:id/orders"}})
}

// FuzzPath compares with regular expressions, and holds the bounds against it.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"/users/25527/orders", "/7?8", "//", "/ABCDEF01-abcd-0000-0000-00000000000F", "/b67cf41b30f2d5a51e4052c8f895336f/x"} {
		f.Add(s)
	}
	wide := pathStage{guess: true, maxSegments: 1 << 20, maxBytes: 1 << 20}
	narrow := pathStage{guess: true, maxSegments: 3, maxBytes: 20}
	var r Record
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > 1<<16 {
			return
		}
		r.Reset()
		in := []byte(s)
		if got, want := string(wide.normalise(&r, in)), pathPlainly(s); got != want || string(in) != s {
			t.Fatalf("%q, want %q", got, want)
		}
		got := narrow.normalise(&r, in)
		if len(got) > 20 || strings.Count(string(got), "/") > 4 {
			t.Fatalf("%q", got)
		}
		if again := narrow.normalise(&r, got); string(again) != string(got) {
			t.Fatalf("%q, then %q", got, again)
		}
		whole, isCut := strings.CutSuffix(string(got), "*")
		if want := pathPlainly(s); want != string(got) && (!isCut || !strings.HasPrefix(want, whole)) {
			t.Fatalf("%q of %q", got, want)
		}
	})
}

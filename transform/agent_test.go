package transform

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

var userAgents = []string{
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0) Gecko/20100101 Firefox/115.0",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36",
	"Mozilla/5.0 (compatible; Googlebot/2.92; +http://www.google.com/bot.html)",
	"facebookexternalhit/1.63", "curl/8.56.0", "Amazon CloudFront", "-", "",
}

// containsWord is what Bot does, the plain way.
func containsWord(ua string, words []string) bool {
	ua = strings.ToLower(ua)
	for _, w := range words {
		if strings.Contains(ua, w) {
			return true
		}
	}
	return false
}

func TestBot(t *testing.T) {
	for _, word := range BotWords() {
		for pad := range 5 { // even and odd places, at both ends
			for _, ua := range []string{word, strings.ToUpper(word)} {
				ua = strings.Repeat("(", pad) + ua
				assert.Equal(t, []string{"ua=" + ua, "bot=true"}, onLine(t, "ua:"+ua, Bot("ua", "bot")))
				assert.Equal(t, []string{"ua=" + ua + "x", "bot=true"}, onLine(t, "ua:"+ua+"x", Bot("ua", "bot")))
				assert.Equal(t, []string{"ua=" + ua[:len(ua)-1], "bot=false"}, onLine(t, "ua:"+ua[:len(ua)-1], Bot("ua", "bot")))
			}
		}
	}
	assert.Equal(t, []string{"a=1", "bot=false"}, onLine(t, "a:1", Bot("ua", "bot")), "missing")
	assert.Equal(t, []string{"ua=", "bot=false"}, onLine(t, "ua:", Bot("ua", "bot")), "empty")
	assert.Equal(t, []string{"ua=null", "bot=false"}, onLine(t, "ua:-", Missing(ltsv.EscapeNginx), Bot("ua", "bot")), "null")
	assert.Equal(t, []string{"bot=true", "ua=Bot"}, onLine(t, "bot:x\tua:Bot", Bot("ua", "bot")), "in its place")
	assert.Equal(t, []string{"ua=true"}, onLine(t, "ua:Bot", Bot("ua", "ua")))
	assert.Equal(t, []string{"ua=Bot", "bot=false"}, onLine(t, "ua:Bot", Bot("ua", "bot", "Spider", "été")))
	assert.Equal(t, []string{"ua=SPIDER", "bot=true"}, onLine(t, "ua:SPIDER", Bot("ua", "bot", "Spider", "été")))
	assert.Equal(t, `Bot("ua", "bot")`, stageName(Bot("ua", "bot")))
	assert.Equal(t, `Bot("ua", "bot", "Spider")`, stageName(Bot("ua", "bot", "Spider")))
	refused(t, Bot("", "bot"), Bot("ua", ""), Bot("ua", "bot", "ab"), Bot("ua", "bot", ""))
}

// TestBotIsBounded: of 64 KB the first 4096 bytes count, and a word across the end of
// them does not.
func TestBotIsBounded(t *testing.T) {
	for at, want := range map[int]string{0: "true", 4093: "true", 4094: "false", 4096: "false", 60000: "false"} {
		ua := strings.Repeat("x", at) + "bot" + strings.Repeat("y", 65536-at)
		assert.Equal(t, "bot="+want, onLine(t, "ua:"+ua, Bot("ua", "bot"))[1], at)
	}
}

// TestBotOnRealLogs compares with what was sent.
func TestBotOnRealLogs(t *testing.T) {
	for name, e := range map[string]ltsv.Escaping{
		logtest.Nginx: ltsv.EscapeNginx, logtest.NginxJSON: ltsv.EscapeJSON, logtest.Apache: ltsv.EscapeApache,
	} {
		chain := mustChain(t, Missing(e), Unescape(e), Bot("ua", "bot"))
		w, bots := chain.NewWorker(LTSV{}), 0
		truth := logtest.Truth(name)
		for i, line := range logtest.Lines(name) {
			rec, err := w.Process(line)
			require.NoError(t, err)
			got, ok := rec.Get("bot")
			require.True(t, ok)
			want := containsWord(string(truth[i].UserAgent), BotWords())
			if want && name == logtest.Apache && truth[i].Status == 400 {
				continue // Apache did not read it
			}
			require.Equal(t, boolValue(want), got)
			if want {
				bots++
			}
		}
		require.NotZero(t, bots)
	}
}

// TestManyBotWords: more words than the table has lists for.
func TestManyBotWords(t *testing.T) {
	var words []string
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			words = append(words, string(a)+string(b)+"!", "_"+string(b)+string(a))
		}
	}
	f := newWordFinder(words)
	for _, w := range words {
		assert.True(t, f.in([]byte(w)) && f.in([]byte("."+w)) && f.in([]byte("."+strings.ToUpper(w)+".")), w)
	}
	assert.False(t, f.in([]byte("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0)")))
}

// referers are what logs hold in the place of one, with their hosts.
var referers = map[string]string{
	"https://www.example.com/up/api/v1/items/39884": "www.example.com",
	"http://x/?a=\"\xff":                            "x",
	"HTTPS://WWW.Example.COM":                       "www.example.com",
	"https://example.com:8443/":                     "example.com",
	"https://example.com:/":                         "example.com",
	"https://user:pass@example.com/":                "example.com",
	"https://user@evil.example@example.com?x":       "example.com",
	"https://example.com?q=http://other/":           "example.com",
	"https://example.com#@other":                    "example.com",
	"https://example.com/@other":                    "example.com",
	"https://example.com.":                          "example.com.",
	"https://a_b-c.example":                         "a_b-c.example",
	"https://例え.jp/":                                "例え.jp",
	"https://xn--r8jz45g.jp/":                       "xn--r8jz45g.jp",
	"https://[2001:DB8::1]:443/":                    "2001:db8::1",
	"https://[::1]":                                 "::1",
	"https://203.0.113.7:80/":                       "203.0.113.7",
	"https://" + strings.Repeat("a", 255):           strings.Repeat("a", 255),
	"https://" + strings.Repeat("a", 256):           "null",
	"https://[::1":                                  "null",
	"https://[::1]x":                                "null",
	"https://[1.2.3.4]/":                            "null",
	"https://[fe80::1%25eth0]/":                     "null",
	"https://::1/":                                  "null",
	"https://example.com:x/":                        "null",
	"https://a b/":                                  "null",
	"https://a\\b/":                                 "null",
	"https://a%41/":                                 "null",
	"https://a\xff/":                                "null",
	"https://":                                      "null",
	"https:///path":                                 "null",
	"https://@/":                                    "null",
	"https://:80/":                                  "null",
	"https:/example.com/":                           "null",
	"https:example.com":                             "null",
	"//example.com/":                                "null",
	"/path":                                         "null",
	"www.example.com":                               "null",
	"about:blank":                                   "null",
	"android-app://com.google.android.gm/":          "null",
	"ftp://example.com/":                            "null",
	"httpx://example.com/":                          "null",
	"://example.com/":                               "null",
	" https://example.com/":                         "null",
	"https":                                         "null",
	"-":                                             "null",
	"":                                              "null",
	"https://" + strings.Repeat("a@", 32768) + "host": "host",
}

func TestRefererHost(t *testing.T) {
	for in, want := range referers {
		assert.Equal(t, []string{"referer=" + in, "h=" + want}, onLine(t, "referer:"+in, RefererHost("referer", "h")), in)
	}
	assert.Equal(t, []string{"a=1"}, onLine(t, "a:1", RefererHost("referer", "h")), "no label, no output")
	assert.Equal(t, []string{"referer=null", "h=null"}, onLine(t, "referer:-", Missing(ltsv.EscapeNginx), RefererHost("referer", "h")))
	assert.Equal(t, []string{"h=x.y", "referer=http://X.Y"}, onLine(t, "h:old\treferer:http://X.Y", RefererHost("referer", "h")), "in its place")
	assert.Equal(t, []string{"referer=x.y"}, onLine(t, "referer:http://X.Y", RefererHost("referer", "referer")))
	assert.Equal(t, `RefererHost("referer", "h")`, stageName(RefererHost("referer", "h")))
	refused(t, RefererHost("", "h"), RefererHost("referer", ""))

	chain := mustChain(t, RefererHost("referer", "h"))
	w := chain.NewWorker(LTSV{})
	for _, line := range []string{"referer:/path", "referer:", "a:1", "referer:http://x/"} {
		_, err := w.Process([]byte(line))
		require.NoError(t, err)
	}
	assert.EqualValues(t, 1, w.Stats().Stages[0].Failed, "none is not a failure")
}

func TestRefererHostOnRealLogs(t *testing.T) {
	for _, name := range []string{logtest.Nginx, logtest.Apache} {
		e, _ := ltsv.ParseEscaping(name)
		chain := mustChain(t, Missing(e), Unescape(e), RefererHost("referer", "h"))
		w := chain.NewWorker(LTSV{})
		for _, line := range logtest.Lines(name) {
			rec, err := w.Process(line)
			require.NoError(t, err)
			sent, _ := rec.Get("referer")
			got, _ := rec.Get("h")
			want := ""
			if m := regexp.MustCompile(`^https?://([a-z.]+)`).FindSubmatch(sent.Bytes); m != nil {
				want = string(m[1])
			}
			require.Equal(t, want, string(got.Bytes))
		}
	}
}

func TestAgentDoesNotAllocate(t *testing.T) {
	lines := []string{"ua:" + strings.Repeat("bo", 32768), "a:1"}
	for _, ua := range userAgents {
		lines = append(lines, "ua:"+ua)
	}
	for referer := range referers {
		lines = append(lines, "referer:"+referer)
	}
	allocatesNothing(t, lines, Bot("ua", "bot"), RefererHost("referer", "h"))
}

func FuzzBot(f *testing.F) {
	for _, ua := range userAgents {
		f.Add(ua, "Spider", "curl/")
	}
	f.Add("xaAb\xc3\xa9t\xc3\xa9", "été", "\x00\x00\x00")
	f.Fuzz(func(t *testing.T, ua, word, word2 string) {
		words := append(BotWords(), word, word2)
		finder := newWordFinder(words)
		if len(word) < 3 || len(word2) < 3 {
			if finder != nil {
				t.Fatal("a short word")
			}
			return
		}
		want := false
		for _, w := range words {
			want = want || strings.Contains(string(asciiLower(ua)), string(asciiLower(w)))
		}
		if got := finder.in([]byte(ua)); got != want {
			t.Fatalf("%q %q: %t", ua, words, got)
		}
	})
}

// asciiLower puts ASCII letters into lower case, and nothing else.
func asciiLower(s string) []byte {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return b
}

func FuzzRefererHost(f *testing.F) {
	for referer := range referers {
		f.Add(referer)
	}
	plain := regexp.MustCompile(`^[-._0-9A-Za-z\x{80}-\x{10FFFF}]+$`)
	f.Fuzz(func(t *testing.T, text string) {
		host, ok := hostOf([]byte(text))
		// The authority by itself: what stands behind it, and what net/url thinks of
		// a password, does not matter here.
		scheme, rest, cut := strings.Cut(text, "://")
		want := ""
		if lower := strings.ToLower(scheme); cut && (lower == "http" || lower == "https") {
			if i := strings.IndexAny(rest, "/?#"); i >= 0 {
				rest = rest[:i]
			}
			rest = rest[strings.LastIndexByte(rest, '@')+1:]
			if u, err := url.Parse("http://" + rest); err == nil && !strings.Contains(rest, "%") {
				want = u.Hostname()
				_, v6 := parseAddr6([]byte(want))
				if bracketed := strings.HasPrefix(rest, "["); bracketed != v6 || !bracketed && (!plain.MatchString(want) || !utf8.ValidString(want) || len(want) > maxHost) {
					want = ""
				}
			}
		}
		if ok != (want != "") || ok && string(host) != want {
			t.Fatalf("%q: %q %t, net/url: %q", text, host, ok, want)
		}
	})
}

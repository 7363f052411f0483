package transform

import (
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// A stageBench is a stage, and what one writes instead of it without this library, on
// a record that is a map. It may change the map, but so that it can be done again.
type stageBench struct {
	name  string
	stage Stage
	plain func(m map[string]string) // nil: there is nothing to compare
	set   map[string]string         // values that the lines of the corpus do not have
}

// Results that the compiler must not find out to be unused.
var (
	sinkBool bool
	sinkText string
	sinkInt  int
)

var stageBenches = []stageBench{
	{name: "Keep", stage: Keep("status", "uri", "ua", "reqtime"), plain: func(m map[string]string) {
		out := make(map[string]string)
		for _, label := range []string{"status", "uri", "ua", "reqtime"} {
			if v, ok := m[label]; ok {
				out[label] = v
			}
		}
	}},
	{name: "Drop", stage: Drop("cookie", "user", "msec", "none")},
	{name: "Rename", stage: Rename("ua", "user_agent"), plain: func(m map[string]string) {
		from, to := "ua", "user_agent"
		v, ok := m[from]
		if !ok { // and back again
			from, to = to, from
			v = m[from]
		}
		m[to] = v
		delete(m, from)
	}},
	{name: "Set", stage: Set("site", str("shop")), plain: func(m map[string]string) { m["site"] = "shop" }},
	{name: "Default", stage: Default("site", str("shop")), plain: func(m map[string]string) {
		if _, ok := m["none"]; !ok {
			m["site"] = "shop"
		}
	}},
	{name: "Copy", stage: Copy("uri", "path"), plain: func(m map[string]string) { m["path"] = m["uri"] }},
	{name: "Truncate", stage: Truncate(64), plain: func(m map[string]string) {
		for _, v := range m {
			if len(v) > 64 {
				sinkText = strings.ToValidUTF8(v[:64], "")
			}
		}
	}},
	{name: "Missing", stage: Missing(ltsv.EscapeNginx), plain: func(m map[string]string) {
		for _, v := range m {
			if v == "-" {
				sinkInt++
			}
		}
	}},
	{name: "Unescape", stage: Unescape(ltsv.EscapeNginx), plain: func(m map[string]string) {
		for _, v := range m {
			if strings.Contains(v, `\x`) {
				sinkText, _ = strconv.Unquote(`"` + v + `"`)
			}
		}
	}},
	{name: "Unescape one", stage: Unescape(ltsv.EscapeNginx, "ua"), set: map[string]string{"ua": `say \x22hi\x22 twice, or \x22hi\x22 again`},
		plain: func(m map[string]string) { sinkText, _ = strconv.Unquote(`"` + m["ua"] + `"`) }},
	{name: "NullTokens", stage: NullTokens([]string{"-", "N/A"}), plain: func(m map[string]string) {
		for _, v := range m {
			if v == "-" || v == "N/A" {
				sinkInt++
			}
		}
	}},
	{name: "Int", stage: Int("status", "size", "reqsize", "taken"), plain: func(m map[string]string) {
		for _, label := range []string{"status", "size", "reqsize", "taken"} {
			sinkInt, _ = strconv.Atoi(m[label])
		}
	}},
	{name: "Float", stage: Float("reqtime"), plain: plainFloat},
	{name: "Float of a list", stage: Float("reqtime"), set: map[string]string{"reqtime": "0.001, 0.002 : 0.003"}, plain: func(m map[string]string) {
		items := strings.FieldsFunc(m["reqtime"], func(c rune) bool { return strings.ContainsRune(",: ", c) })
		_, _ = strconv.ParseFloat(items[len(items)-1], 64)
	}},
	{name: "Float of 1e999", stage: Float("reqtime"), set: map[string]string{"reqtime": "1e999"}, plain: plainFloat},
	{name: "Bool", stage: Bool("user"), set: map[string]string{"user": "false"}, plain: func(m map[string]string) {
		sinkBool, _ = strconv.ParseBool(m["user"])
	}},

	{name: "Time of time_local", stage: Time{To: "@timestamp", From: []string{"time"}}, plain: func(m map[string]string) {
		at, _ := time.Parse(LayoutCommonLog, m["time"])
		m["@timestamp"] = at.UTC().Format("2006-01-02T15:04:05.000Z")
	}},
	{name: "Time of msec", stage: Time{To: "@timestamp", From: []string{"msec", "time"}}, plain: func(m map[string]string) {
		sec, _ := strconv.ParseFloat(m["msec"], 64)
		m["@timestamp"] = time.UnixMilli(int64(sec*1000 + 0.5)).UTC().Format("2006-01-02T15:04:05.000Z")
	}},
	{name: "Request", stage: Request{Method: "m", URI: "u", Protocol: "p"}, plain: func(m map[string]string) {
		words := strings.Split(m["req"], " ")
		if n := len(words); n > 2 {
			m["m"], m["u"], m["p"] = words[0], strings.Join(words[1:n-1], " "), words[n-1]
		}
	}},
	{name: "URL", stage: URL{}, plain: func(m map[string]string) {
		m["path"], m["query"], _ = strings.Cut(m["uri"], "?")
	}},
	{name: "URL with a parameter", stage: URL{Params: []Param{{"id", "id"}}}, plain: func(m map[string]string) {
		if u, err := url.ParseRequestURI(m["uri"]); err == nil {
			m["path"], m["query"], m["id"] = u.EscapedPath(), u.RawQuery, u.Query().Get("id")
		}
	}},
	{name: "Path", stage: Path{From: "uri"}, plain: func(m map[string]string) { sinkText = pathPlainly(m["uri"]) }},
	{name: "Path by patterns", stage: Path{From: "uri", Patterns: []string{"/up/*", "/users/:id/orders"}}},
	{name: "Cookies", stage: Cookies("cookie", plainCookies), plain: func(m map[string]string) { cookiesPlainly(m["cookie"]) }},
	{name: "TruncateIP", stage: TruncateIP(24, 48, "host"), plain: plainTruncate},
	{name: "TruncateIP v6", stage: TruncateIP(24, 48, "host"), set: map[string]string{"host": "2001:db8:1:2:3:4:5:6"}, plain: plainTruncate},
	{name: "FirstForwarded", stage: FirstForwarded("forwardedfor", "client"), plain: func(m map[string]string) {
		first := strings.TrimSpace(strings.Split(m["forwardedfor"], ",")[0])
		if _, err := netip.ParseAddr(first); err == nil {
			m["client"] = first
		}
	}},
	{name: "HashKeyed", stage: HashKeyed([]byte("key"), "host"), plain: func(m map[string]string) { sinkText = hmacHex("key", m["host"]) }},
	{name: "Bot", stage: Bot("ua", "bot"), plain: func(m map[string]string) { sinkBool = containsWord(m["ua"], botWords) }},
	{name: "Bot of 64 KB", stage: Bot("ua", "bot"), set: map[string]string{"ua": strings.Repeat("Mozilla/5.0 (Macintosh; ", 65536/24)},
		plain: func(m map[string]string) { sinkBool = containsWord(m["ua"], botWords) }},
	{name: "RefererHost", stage: RefererHost("referer", "referer_host"), plain: func(m map[string]string) {
		if u, err := url.Parse(m["referer"]); err == nil {
			m["referer_host"] = strings.ToLower(u.Hostname())
		}
	}},

	{name: "Filter by Exists", stage: Filter(Exists("cookie")), plain: func(m map[string]string) { _, sinkBool = m["cookie"] }},
	{name: "Filter by IsNull", stage: Filter(Not(IsNull("cookie"))), plain: func(m map[string]string) { sinkBool = m["cookie"] == "-" }},
	{name: "Filter by Equal", stage: Filter(Equal("status", "200")), plain: func(m map[string]string) { sinkBool = m["status"] == "200" }},
	{name: "Filter by In", stage: Filter(In("status", "200", "304", "404")), plain: func(m map[string]string) {
		switch m["status"] {
		case "200", "304", "404":
			sinkBool = true
		}
	}},
	{name: "Filter by Prefix", stage: Filter(Prefix("uri", "/users/")), plain: func(m map[string]string) {
		sinkBool = strings.HasPrefix(m["uri"], "/users/")
	}},
	{name: "Filter by Suffix", stage: Filter(Suffix("uri", ".php")), plain: func(m map[string]string) {
		sinkBool = strings.HasSuffix(m["uri"], ".php")
	}},
	{name: "Filter by Contains", stage: Filter(Contains("uri", "utm_source=")), plain: func(m map[string]string) {
		sinkBool = strings.Contains(m["uri"], "utm_source=")
	}},
	{name: "Filter by Glob", stage: Filter(Glob("uri", "/users/*/orders*")), plain: func(m map[string]string) {
		sinkBool, _ = path.Match("/users/*/orders*", m["uri"])
	}},
	{name: "Filter by Match", stage: Filter(Match("uri", `^/users/.*/orders`)), plain: func(m map[string]string) {
		sinkBool = plainOrders.MatchString(m["uri"])
	}},
	{name: "Filter by Match of 64 KB", stage: Filter(Match("uri", `^/users/.*/orders`)),
		set:   map[string]string{"uri": "/users/" + strings.Repeat("x", 65536)},
		plain: func(m map[string]string) { sinkBool = plainOrders.MatchString(m["uri"]) }},
	{name: "Filter by Greater", stage: Filter(Greater("reqtime", 0.5)), plain: func(m map[string]string) {
		n, err := strconv.ParseFloat(m["reqtime"], 64)
		sinkBool = err == nil && n > 0.5
	}},
	{name: "Filter by Between", stage: Filter(Between("status", 400, 599)), plain: func(m map[string]string) {
		n, err := strconv.Atoi(m["status"])
		sinkBool = err == nil && 400 <= n && n <= 599
	}},
	{name: "Filter by CIDR", stage: Filter(CIDR("host", plainPrefixes...)), plain: func(m map[string]string) {
		ip := net.ParseIP(m["host"])
		for _, n := range plainNets {
			if n.Contains(ip) {
				sinkBool = true
			}
		}
	}},
	{name: "Filter by And, Or, Not", stage: Filter(Not(And(Equal("method", "GET"), Or(Equal("status", "404"), Prefix("uri", "/health"))))),
		plain: func(m map[string]string) {
			sinkBool = !(m["method"] == "GET" && (m["status"] == "404" || strings.HasPrefix(m["uri"], "/health")))
		}},
	{name: "If", stage: If(Equal("status", "200"), Set("ok", boolValue(true))), plain: func(m map[string]string) {
		if m["status"] == "200" {
			m["ok"] = "true"
		}
	}},

	{name: "SampleRandom", stage: SampleRandom(0.1, 1), plain: func(map[string]string) { sinkBool = rand.Float64() < 0.1 }},
	{name: "SampleByKey", stage: SampleByKey("reqid", 10), plain: func(m map[string]string) {
		h := fnv.New64a()
		_, _ = h.Write([]byte(m["reqid"]))
		sinkBool = h.Sum64()%10 == 0
	}},
	{name: "SamplePerGroup", stage: SamplePerGroup("host", 10, 2000), plain: func(m map[string]string) { plainCounts[m["host"]]++ }},
	{name: "RateLimit", stage: RateLimit{Key: "host", PerSecond: 10}, plain: func(m map[string]string) {
		k := plainBuckets[m["host"]]
		if k == nil {
			k = &bucket{}
			plainBuckets[m["host"]] = k
		}
		sinkBool = k.take(time.Since(plainStart).Seconds(), 10, 10)
	}},
	{name: "MaxSize", stage: MaxSize(1 << 20), plain: func(m map[string]string) {
		sinkInt = 0
		for label, v := range m {
			sinkInt += len(label) + len(v)
		}
	}},
	{name: "Custom", stage: Custom("slow", func(r *Record) error {
		if v, ok := r.Get("reqtime"); ok && v.Bytes[0] != '0' {
			r.Set("slow", boolValue(true))
		}
		return nil
	}), plain: func(m map[string]string) {
		if v, ok := m["reqtime"]; ok && v[0] != '0' {
			m["slow"] = "true"
		}
	}},
}

// What the plain ways keep.
var (
	plainCookies  = func() (x cookie.Extract) { x = someCookies(); x.Fields = append(x.Fields[:3:3], x.Fields[4]); return x }()
	plainOrders   = regexp.MustCompile(`^/users/.*/orders`)
	plainPrefixes = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("fc00::/7")}
	plainNets     = func() (nets []*net.IPNet) {
		for _, p := range plainPrefixes {
			_, n, _ := net.ParseCIDR(p.String())
			nets = append(nets, n)
		}
		return nets
	}()
	plainCounts  = map[string]int{}
	plainBuckets = map[string]*bucket{}
	plainStart   = time.Now()
)

func plainFloat(m map[string]string) { _, _ = strconv.ParseFloat(m["reqtime"], 64) }

func plainTruncate(m map[string]string) {
	ip, err := netip.ParseAddr(m["host"])
	if err != nil {
		return
	}
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	p, _ := ip.Prefix(bits)
	sinkText = p.Addr().String()
}

// BenchmarkStage measures each stage on records of 24 fields, and the plain way beside
// it. The time is that of the stage alone: filling the record is measured too, in turn
// with it, and taken off.
func BenchmarkStage(b *testing.B) {
	lines := logtest.Corpus24(64)
	for _, c := range stageBenches {
		b.Run(c.name+"/stage", func(b *testing.B) {
			var records [][]benchField
			var r Record
			for _, line := range lines {
				var fields []benchField
				if err := (LTSV{}).Decode(&r, line); err != nil {
					b.Fatal(err)
				}
				for label, v := range r.All() {
					if text, ok := c.set[label]; ok {
						v = str(text)
					}
					fields = append(fields, benchField{[]byte(label), v})
				}
				records = append(records, fields)
			}
			w := mustChain(b, c.stage).NewWorker(LTSV{})
			alone(b, func(i int) {
				w.rec.Reset()
				for _, f := range records[i%len(records)] {
					w.rec.Append(f.label, f.value)
				}
			}, func(int) {
				if err := w.funcs[0](&w.rec); err != nil && err != ErrSkip {
					b.Fatal(err)
				}
			})
		})
		if c.plain == nil {
			continue
		}
		b.Run(c.name+"/plain", func(b *testing.B) {
			var records []map[string]string
			for _, line := range lines {
				m := map[string]string{}
				for label, value := range ltsv.Fields(line) {
					m[string(label)] = string(value)
				}
				for label, text := range c.set {
					m[label] = text
				}
				records = append(records, m)
			}
			alone(b, func(int) {}, func(i int) { c.plain(records[i%len(records)]) })
		})
	}
}

type benchField struct {
	label []byte
	value Value
}

// alone measures what do takes after prepare. Both are timed in small batches in turn,
// and of the differences the middle one counts: so it matters little what else the
// machine does.
func alone(b *testing.B, prepare, do func(i int)) {
	const batch = 100
	differences := make([]float64, 0, b.N/batch+1)
	for i := range batch { // what is remembered, is
		prepare(i)
		do(i)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; done += batch { // not b.Loop, which times all of it
		end := min(done+batch, b.N)
		start := time.Now()
		for i := done; i < end; i++ {
			prepare(i)
		}
		middle := time.Now()
		for i := done; i < end; i++ {
			prepare(i)
			do(i)
		}
		both := time.Since(middle)
		differences = append(differences, float64(both-middle.Sub(start))/float64(end-done))
	}
	slices.Sort(differences)
	b.ReportMetric(differences[len(differences)/2], "ns/op")
}

package jobs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// plainJob1 is job 1 as one writes it with the standard library and without a
// thought of speed: the reference of BenchmarkJob1.
func plainJob1(line string, key []byte) ([]byte, error) {
	in := map[string]string{}
	for _, field := range strings.Split(line, "\t") {
		label, value, ok := strings.Cut(field, ":")
		if !ok {
			return nil, errors.New("no colon")
		}
		if _, twice := in[label]; !twice {
			in[label] = value
		}
	}
	out := map[string]any{}
	for label, value := range in {
		if value == "-" {
			out[label] = nil
			continue
		}
		in[label] = plainUnescape(value)
		out[label] = strings.ToValidUTF8(in[label], "\uFFFD")
	}
	stamp, err := plainTime(in)
	if err != nil {
		return nil, err
	}
	out["@timestamp"] = stamp.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	if host, ok := in["host"]; ok {
		out["host"] = plainNetwork(host)
	}
	if list, ok := in["forwardedfor"]; ok {
		first, _, _ := strings.Cut(list, ",")
		out["client"] = plainNetwork(strings.TrimSpace(first))
	}
	if uri, ok := in["uri"]; ok {
		path, query, found := strings.Cut(uri, "?")
		out["path"], out["query"] = path, nil
		if found {
			out["query"] = query
		}
	}
	for _, label := range []string{"status", "size", "reqsize"} {
		if n, err := strconv.ParseInt(in[label], 10, 64); err == nil {
			out[label] = n
		}
	}
	for _, label := range []string{"reqtime", "runtime", "apptime"} {
		if text, ok := in[label]; ok && text != "-" {
			items := regexp.MustCompile(`[,:] *`).Split(text, -1)
			if n := items[len(items)-1]; n != "-" {
				out[label] = json.Number(n)
			}
		}
	}
	if referer, ok := in["referer"]; ok {
		out["referer_host"] = nil
		if u, err := url.Parse(referer); err == nil && u.Hostname() != "" {
			out["referer_host"] = strings.ToLower(u.Hostname())
		}
	}
	out["bot"] = false
	for _, word := range []string{"bot", "crawl", "spider", "slurp", "facebookexternalhit", "curl/", "wget/", "python-requests",
		"go-http-client", "okhttp", "headlesschrome", "monitor", "pingdom"} {
		if strings.Contains(strings.ToLower(in["ua"]), word) {
			out["bot"] = true
		}
	}
	plainCookies(in["cookie"], key, out)
	for _, gone := range []string{"cookie", "req", "time", "msec", "forwardedfor", "uri", "ident", "user"} {
		delete(out, gone)
	}
	return json.Marshal(out)
}

func plainUnescape(s string) string {
	if !strings.Contains(s, `\x`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && s[i+1] == 'x' {
			if n, err := strconv.ParseUint(s[i+2:i+4], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func plainTime(in map[string]string) (time.Time, error) {
	if msec, ok := in["msec"]; ok && msec != "-" {
		f, err := strconv.ParseFloat(msec, 64)
		return time.UnixMilli(int64(f*1000 + 0.5)), err
	}
	return time.Parse("02/Jan/2006:15:04:05 -0700", in["time"])
}

func plainNetwork(s string) any {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return nil
	}
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, _ := a.Prefix(bits)
	return p.Addr().String()
}

func plainCookies(header string, key []byte, out map[string]any) {
	r := http.Request{Header: http.Header{"Cookie": {header}}}
	seen := map[string]bool{}
	for _, c := range r.Cookies() {
		if seen[c.Name] {
			continue
		}
		seen[c.Name] = true
		switch c.Name {
		case "uid":
			if n, err := strconv.ParseInt(c.Value, 10, 64); err == nil {
				out["cookie.uid"] = n
			}
		case "own":
			if text, err := url.PathUnescape(c.Value); err == nil {
				values, _ := url.ParseQuery(text)
				for _, member := range []string{"seg", "rank", "src"} {
					if values.Has(member) {
						out["cookie.own."+member] = values.Get(member)
					}
				}
			}
		case "sess":
			var sess map[string]any
			if text, err := base64.RawURLEncoding.DecodeString(c.Value); err == nil && json.Unmarshal(text, &sess) == nil {
				for _, member := range []string{"uid", "lang", "t"} {
					if v, ok := sess[member]; ok {
						out["cookie.sess."+member] = v
					}
				}
			}
		case "connect.sid":
			text, err := url.PathUnescape(c.Value)
			if i := strings.LastIndexByte(text, '.'); err == nil && i > 2 && strings.HasPrefix(text, "s:") {
				mac := hmac.New(sha256.New, key)
				mac.Write([]byte(text[2:i]))
				if hmac.Equal([]byte(base64.RawStdEncoding.EncodeToString(mac.Sum(nil))), []byte(text[i+1:])) {
					out["cookie.sid"] = text[2:i]
				}
			}
		case "theme":
			out["cookie.theme"] = strings.Trim(c.Value, `"`)
		}
	}
}

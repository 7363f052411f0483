package jobs

import (
	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// JSON returns job 1: what an access log in LTSV becomes in Elasticsearch. e is the
// escaping of the server that wrote the log; cookieKey is the secret of the signed
// cookie connect.sid, which is left out if there is none.
//
// An input label that is not in the line gives no output, but for @timestamp, without
// which a record is rejected, and bot. What the server writes for "no value" is null,
// and so is a value that does not convert. Labels that the job does not know pass as
// strings, at their place.
func JSON(e ltsv.Escaping, cookieKey []byte) (*transform.Chain, error) {
	return transform.NewChain(jsonStages(e, cookieKey)...)
}

func jsonStages(e ltsv.Escaping, cookieKey []byte) []transform.Stage {
	null := func(s transform.Stage) transform.Stage { return transform.OnError(transform.OnErrorNull, s) }
	return []transform.Stage{
		transform.Missing(e),
		transform.Unescape(e),
		transform.Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true},
		null(transform.TruncateIP(24, 48, "host")),
		transform.FirstForwarded("forwardedfor", "client"),
		null(transform.TruncateIP(24, 48, "client")),
		// Of the request line what is not logged apart; in this order, which is
		// that of the output.
		transform.Request{URI: "path", OnlyMissing: true},
		transform.If(transform.Exists("uri"), transform.Copy("uri", "path")),
		transform.URL{From: "path"},
		transform.Int("status", "size", "reqsize", "taken"),
		transform.Float("reqtime", "runtime", "apptime"),
		transform.RefererHost("referer", "referer_host"),
		transform.Bot("ua", "bot"),
		transform.Cookies("cookie", cookies(cookieKey)),
		transform.Drop("cookie", "req", "time", "msec", "forwardedfor", "uri", "ident", "user"),
	}
}

// cookies names the company's own cookies. All others are left out.
func cookies(key []byte) cookie.Extract {
	x := cookie.Extract{Fields: []cookie.Field{
		{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}},
		{
			Name: "own", Label: "cookie.own", Members: []string{"seg", "rank", "src"},
			Decoder: cookie.Chain(cookie.Percent{}, cookie.Pairs('&', '='), cookie.Percent{Plus: true}),
		},
		{
			Name: "sess", Label: "cookie.sess", Members: []string{"uid", "lang", "t"},
			Decoder: cookie.Chain(cookie.Base64{URL: true}, cookie.JSON{}),
		},
	}}
	if len(key) > 0 {
		x.Fields = append(x.Fields, cookie.Field{
			Name: "connect.sid", Label: "cookie.sid",
			Decoder: cookie.Chain(cookie.Percent{}, signed.Express{Keys: signed.Secrets(key)}),
		})
	}
	x.Fields = append(x.Fields, cookie.Field{Name: "theme", Label: "cookie.theme"})
	return x
}

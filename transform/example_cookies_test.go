package transform_test

import (
	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

func ExampleCookies() {
	own := cookie.Chain(cookie.Percent{}, cookie.Pairs('&', '='), cookie.Percent{Plus: true})
	show(`cookie:own=seg%3Db%26rank%3D5%26src%3Dtop; uid=4840603; theme=\x22dark\x22; csrftoken=a32e69083d235422537696b2c9498373`,
		transform.Unescape(ltsv.EscapeNginx),
		transform.Cookies("cookie", cookie.Extract{Fields: []cookie.Field{
			{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}},
			{Name: "own", Label: "cookie.own", Decoder: own, Members: []string{"seg", "rank", "src"}},
			{Name: "theme", Label: "cookie.theme"},
		}}),
		transform.Drop("cookie"),
	)
	// Output: {"cookie.uid":4840603,"cookie.own.seg":"b","cookie.own.rank":"5","cookie.own.src":"top","cookie.theme":"dark"}
}

package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleBot() {
	bot := transform.Bot("ua", "bot")
	show("ua:facebookexternalhit/1.63\tstatus:200", bot)
	show("status:400", bot)
	show("ua:Amazon CloudFront\tstatus:200",
		transform.Bot("ua", "bot", append(transform.BotWords(), "cloudfront")...))
	// Output:
	// {"ua":"facebookexternalhit/1.63","status":"200","bot":true}
	// {"status":"400","bot":false}
	// {"ua":"Amazon CloudFront","status":"200","bot":true}
}

func ExampleRefererHost() {
	host := transform.RefererHost("referer", "referer_host")
	show("referer:https://www.example.com/missing/35636\tstatus:200", host)
	show("referer:about:blank\tstatus:200", host)
	show("status:200", host)
	// Output:
	// {"referer":"https://www.example.com/missing/35636","status":"200","referer_host":"www.example.com"}
	// {"referer":"about:blank","status":"200","referer_host":null}
	// {"status":"200"}
}

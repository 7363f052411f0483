package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleBot() {
	bot := transform.Bot("ua", "bot")
	showStages("ua:facebookexternalhit/1.63\tstatus:200", bot)
	showStages("status:400", bot)
	showStages("ua:Amazon CloudFront\tstatus:200",
		transform.Bot("ua", "bot", append(transform.BotWords(), "cloudfront")...))
	// Output:
	// {"ua":"facebookexternalhit/1.63","status":"200","bot":true} <nil>
	// {"status":"400","bot":false} <nil>
	// {"ua":"Amazon CloudFront","status":"200","bot":true} <nil>
}

func ExampleRefererHost() {
	host := transform.RefererHost("referer", "referer_host")
	showStages("referer:https://www.example.com/missing/35636\tstatus:200", host)
	showStages("referer:about:blank\tstatus:200", host)
	showStages("status:200", host)
	// Output:
	// {"referer":"https://www.example.com/missing/35636","status":"200","referer_host":"www.example.com"} <nil>
	// {"referer":"about:blank","status":"200","referer_host":null} <nil>
	// {"status":"200"} <nil>
}

package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleTime() {
	stage := transform.Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true}
	show("time:22/Nov/2026:16:00:49 +0000	msec:1795363249.567", stage) // nginx
	show("time:22/Nov/2026:16:00:51 +0000", stage)                     // Apache
	show("status:200", stage)
	// Output:
	// {"time":"22/Nov/2026:16:00:49 +0000","msec":"1795363249.567","@timestamp":"2026-11-22T16:00:49.567Z"}
	// {"time":"22/Nov/2026:16:00:51 +0000","@timestamp":"2026-11-22T16:00:51.000Z"}
	// transform: stage 0, Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true}, label @timestamp: no time in the record
}

func ExampleTime_inPlace() {
	show("time:22/Nov/2026:16:00:49 +0900", transform.Time{To: "time", From: []string{"time"}, Format: transform.TimeSeconds, KeepZone: true})
	show("time:22/Nov/2026:16:00:49 +0900", transform.Time{To: "time", From: []string{"time"}, Format: transform.TimeEpochMillis})
	// Output:
	// {"time":"2026-11-22T16:00:49+09:00"}
	// {"time":1795330849000}
}

package transform_test

import (
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// show runs a line through stages and prints what comes out, a field a line.
func showTime(line string, stages ...transform.Stage) {
	chain, err := transform.NewChain(stages...)
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, err := chain.NewWorker(transform.LTSV{}).Process([]byte(line))
	if err != nil {
		fmt.Println(err)
		return
	}
	for label, v := range rec.All() {
		if v.Kind == transform.KindNull {
			fmt.Println(label, v.Kind)
			continue
		}
		fmt.Printf("%s %v %s\n", label, v.Kind, v.Bytes)
	}
}

func ExampleTime() {
	stage := transform.Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true}
	showTime("time:22/Nov/2026:16:00:49 +0000	msec:1795363249.567", stage) // nginx
	showTime("time:22/Nov/2026:16:00:51 +0000", stage)                     // Apache
	showTime("status:200", stage)
	// Output:
	// time string 22/Nov/2026:16:00:49 +0000
	// msec string 1795363249.567
	// @timestamp string 2026-11-22T16:00:49.567Z
	// time string 22/Nov/2026:16:00:51 +0000
	// @timestamp string 2026-11-22T16:00:51.000Z
	// transform: stage 0, Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true}, label @timestamp: no time in the record
}

func ExampleTime_inPlace() {
	showTime("time:22/Nov/2026:16:00:49 +0900", transform.Time{To: "time", From: []string{"time"}, Format: transform.TimeSeconds, KeepZone: true})
	showTime("time:22/Nov/2026:16:00:49 +0900", transform.Time{To: "time", From: []string{"time"}, Format: transform.TimeEpochMillis})
	// Output:
	// time string 2026-11-22T16:00:49+09:00
	// time number 1795330849000
}

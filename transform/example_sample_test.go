package transform_test

import (
	"fmt"
	"time"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// showKept runs lines through a stage and prints those that are kept.
func showKept(s transform.Stage, lines ...string) {
	chain, err := transform.NewChain(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	w := chain.NewWorker(transform.LTSV{})
	for _, line := range lines {
		if _, err := w.Process([]byte(line)); err == nil {
			fmt.Printf("%q\n", line)
		}
	}
}

// Three visitors of a log, by the cookie that tells them apart.
var visits = []string{
	"uid:4840603\turi:/", "uid:252867\turi:/", "uid:4562775\turi:/",
	"uid:4840603\turi:/users", "uid:252867\turi:/products", "uid:4562775\turi:/old",
}

func ExampleSampleRandom() {
	showKept(transform.SampleRandom(0.5, 7), visits...)
	// Output:
	// "uid:4840603\turi:/"
	// "uid:252867\turi:/"
	// "uid:4562775\turi:/"
	// "uid:4840603\turi:/users"
}

func ExampleSampleByKey() {
	showKept(transform.SampleByKey("uid", 4), visits...)
	// Output:
	// "uid:4840603\turi:/"
	// "uid:4840603\turi:/users"
}

func ExampleSamplePerGroup() {
	showKept(transform.SamplePerGroup("uid", 2, 1000), visits...)
	// Output:
	// "uid:4840603\turi:/"
	// "uid:252867\turi:/"
	// "uid:4562775\turi:/"
}

func ExampleRateLimit() {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	showKept(transform.RateLimit{
		Key: "uid", PerSecond: 0.5, // one in two seconds
		Now: func() time.Time { noon = noon.Add(500 * time.Millisecond); return noon },
	}, visits...)
	// Output:
	// "uid:4840603\turi:/"
	// "uid:252867\turi:/"
	// "uid:4562775\turi:/"
}

func ExampleMaxSize() {
	const line = "host:127.220.159.37\tstatus:200\tcookie:_ga=GA1.2.624105427.1513771713"
	showStages(line, transform.MaxSize(60))
	showStages(line, transform.OnError(transform.OnErrorDropField, transform.MaxSize(60)))
	// Output:
	// transform: stage 0, MaxSize(60): record is too large
	// {"host":"127.220.159.37","status":"200"} <nil>
}

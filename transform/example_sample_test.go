package transform_test

import (
	"fmt"
	"time"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

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
	show(line, transform.MaxSize(60))
	show(line, transform.OnError(transform.OnErrorDropField, transform.MaxSize(60)))
	// Output:
	// transform: stage 0, MaxSize(60): record is too large
	// {"host":"127.220.159.37","status":"200"}
}

// Another program can tell whether SampleByKey keeps a key.
func ExampleSampleHash() {
	for _, uid := range []string{"4840603", "252867", "4562775"} {
		fmt.Println(uid, transform.SampleHash([]byte(uid))%4 == 0)
	}
	// Output:
	// 4840603 true
	// 252867 false
	// 4562775 false
}

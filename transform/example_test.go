package transform_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// A line that nginx wrote, in part.
const line = "time:22/Nov/2026:16:00:49 +0000\thost:127.109.39.104\tstatus:200\tsize:5\t" +
	"referer:-\tua:curl/8.1 \\x22x\\x22\treqtime:0.000\tapptime:0.001, 0.002 : -\tscheme:https"

// show runs stages on a line and prints the record as JSON, or the error.
func show(line string, stages ...transform.Stage) {
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
	out, _ := jsonrec.Marshal(rec)
	fmt.Println(string(out))
}

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

func ExampleNewChain() {
	chain, err := transform.NewChain(
		transform.Missing(ltsv.EscapeNginx),
		transform.Unescape(ltsv.EscapeNginx),
		transform.Keep("status", "ua"),
		transform.Int("status"),
	)
	if err != nil {
		fmt.Println(err) // a mistake in the configuration of a stage
		return
	}
	fmt.Print(chain)
	worker := chain.NewWorker(transform.LTSV{})
	for _, line := range []string{line, "not a record"} {
		rec, err := worker.Process([]byte(line))
		if err != nil {
			fmt.Println(err) // costs this record
			continue
		}
		for label, v := range rec.All() {
			fmt.Println(label, v.Kind, string(v.Bytes))
		}
	}
	stats := worker.Stats()
	fmt.Println(stats.In, stats.Out, stats.Rejected)
	// Output:
	// Missing(nginx)
	// Unescape(nginx)
	// Keep("status", "ua")
	// Int("status")
	// status number 200
	// ua string curl/8.1 "x"
	// ltsv: column 1: field has no colon
	// 2 1 1
}

func ExampleKeep() {
	show(line, transform.Keep("status", "size"))
	// Output: {"status":"200","size":"5"}
}

func ExampleDrop() {
	show("host:127.109.39.104\tstatus:200\tsize:5", transform.Drop("host"))
	// Output: {"status":"200","size":"5"}
}

func ExampleCopy() {
	show("host:127.109.39.104\tstatus:200", transform.Copy("host", "client"))
	// Output: {"host":"127.109.39.104","status":"200","client":"127.109.39.104"}
}

func ExampleFloat() {
	show(line, transform.Keep("reqtime", "apptime"), transform.Float("reqtime", "apptime"))
	// Output: {"reqtime":0.000,"apptime":0.002}
}

func ExampleRename() {
	show("ua:curl/8.1\thost:192.0.2.7", transform.Rename("ua", "user_agent"))
	// Output: {"user_agent":"curl/8.1","host":"192.0.2.7"}
}

func ExampleSet() {
	show("status:200", transform.Set("site", transform.String([]byte("shop"))))
	// Output: {"status":"200","site":"shop"}
}

func ExampleDefault() {
	show("status:200", transform.Default("vhost", transform.String([]byte("unknown"))))
	show("vhost:www", transform.Default("vhost", transform.String([]byte("unknown"))))
	// Output:
	// {"status":"200","vhost":"unknown"}
	// {"vhost":"www"}
}

func ExampleTruncate() {
	show("ua:化粧水\turi:/products/88644", transform.Truncate(5))
	// Output: {"ua":"化","uri":"/prod"}
}

func ExampleInt() {
	show("status:000\tsize:5\treqsize:-7\ttaken:fast", transform.Int("status", "size", "reqsize", "taken"))
	// Output: {"status":0,"size":5,"reqsize":-7,"taken":null}
}

func ExampleBool() {
	show("tls:on\tcached:no", transform.Bool("tls", "cached"))
	// Output: {"tls":true,"cached":false}
}

func ExampleNullTokens() {
	show("cache:-\tua:a-b\tuser:N/A", transform.NullTokens([]string{"-", "N/A"}))
	// Output: {"cache":null,"ua":"a-b","user":null}
}

func ExampleMissing() {
	show(`referer:-	ua:\x2D	cookie:`, transform.Missing(ltsv.EscapeNginx), transform.Unescape(ltsv.EscapeNginx))
	// Output: {"referer":null,"ua":"-","cookie":""}
}

func ExampleUnescape() {
	show(`ua:say \x22hi\x22	uri:/\xE5\x8C\x96`, transform.Unescape(ltsv.EscapeNginx))
	// Output: {"ua":"say \"hi\"","uri":"/化"}
}

func ExampleFilter() {
	healthy := transform.And(transform.Equal("uri", "/health"), transform.In("status", "200", "204"))
	show("uri:/health\tstatus:200", transform.Filter(transform.Not(healthy)))
	show("uri:/health\tstatus:500", transform.Filter(transform.Not(healthy)))
	// Output:
	// transform: record skipped
	// {"uri":"/health","status":"500"}
}

func ExampleIf() {
	api := transform.If(transform.Prefix("uri", "/api/"), transform.Set("tier", transform.String([]byte("api"))), transform.Drop("referer"))
	show("uri:/api/v1\treferer:x", api)
	show("uri:/\treferer:x", api)
	// Output:
	// {"uri":"/api/v1","tier":"api"}
	// {"uri":"/","referer":"x"}
}

func ExampleOnError() {
	show("status:4o4", transform.Int("status"))
	show("status:4o4", transform.OnError(transform.OnErrorKeep, transform.Int("status")))
	show("status:4o4", transform.OnError(transform.OnErrorReject, transform.Int("status")))
	// Output:
	// {"status":null}
	// {"status":"4o4"}
	// transform: stage 0, OnError(OnErrorReject, Int("status")), label status: not an integer
}

func ExampleNamed() {
	show("size:x", transform.Named("sizes", transform.OnError(transform.OnErrorReject, transform.Int("size"))))
	// Output: transform: stage 0, sizes, label size: not an integer
}

// A stage is a function on a record. To test it, run it in a chain of its own, as
// here.
func ExampleCustom() {
	errNoField := errors.New("no forwardedfor") // a reason never quotes a value
	hops := transform.Custom("hops", func(rec *transform.Record) error {
		v, ok := rec.Get("forwardedfor") // X-Forwarded-For: 203.0.113.7, 198.51.100.2
		switch {
		case !ok:
			return errNoField // rejects the record
		case v.Kind == transform.KindNull: // which Missing makes of "-"
			return transform.ErrSkip // drops it: it came through no proxy
		}
		n := 1 + bytes.Count(v.Bytes, []byte(","))
		digits := strconv.AppendInt(rec.Alloc(20)[:0], int64(n), 10) // live as long as the record
		rec.Set("hops", transform.Value{Kind: transform.KindNumber, Bytes: digits})
		return nil
	})
	missing := transform.Missing(ltsv.EscapeNginx)
	show("forwardedfor:203.0.113.7, 198.51.100.2", missing, hops)
	show("forwardedfor:-", missing, hops)
	show("status:200", missing, hops)
	// Output:
	// {"forwardedfor":"203.0.113.7, 198.51.100.2","hops":2}
	// transform: record skipped
	// transform: stage 1, hops: no forwardedfor
}

// Each worker has a counter of its own here, so that none needs a lock.
func ExampleCustomEach() {
	every := transform.CustomEach("every third", func() transform.Func {
		n := 0
		return func(*transform.Record) error {
			if n++; n%3 != 0 {
				return transform.ErrSkip
			}
			return nil
		}
	})
	chain, err := transform.NewChain(every)
	if err != nil {
		fmt.Println(err)
		return
	}
	worker := chain.NewWorker(transform.LTSV{})
	for _, line := range []string{"n:1", "n:2", "n:3", "n:4"} {
		rec, err := worker.Process([]byte(line))
		if errors.Is(err, transform.ErrSkip) {
			continue
		}
		v, _ := rec.Get("n")
		fmt.Println(string(v.Bytes))
	}
	fmt.Println(worker.Stats().Skipped, "skipped")
	// Output:
	// 3
	// 3 skipped
}

// Between the two halves of Process a caller can set fields that are not in the line.
func ExampleWorker_Decode() {
	chain, err := transform.NewChain(transform.Keep("partition", "status"))
	if err != nil {
		fmt.Println(err)
		return
	}
	worker := chain.NewWorker(transform.LTSV{})
	rec, err := worker.Decode([]byte(line))
	if err != nil {
		fmt.Println(err)
		return
	}
	rec.Set("partition", transform.Value{Kind: transform.KindNumber, Bytes: []byte("3")})
	if err := worker.Run(); err != nil {
		fmt.Println(err)
		return
	}
	out, _ := rec.MarshalJSON()
	fmt.Println(string(out))
	// Output: {"status":"200","partition":3}
}

func ExampleLTSVEncoder() {
	chain, err := transform.NewChain(transform.Unescape(ltsv.EscapeNginx), transform.Keep("status", "ua"))
	if err != nil {
		fmt.Println(err)
		return
	}
	rec, err := chain.NewWorker(transform.LTSV{}).Process([]byte(line))
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := transform.LTSVEncoder{Escaping: ltsv.EscapeApache}.Append(nil, rec)
	fmt.Printf("%s %v\n", out, err)
	// Output: status:200	ua:curl/8.1 \"x\" <nil>
}

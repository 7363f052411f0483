package transform_test

import (
	"fmt"
	"net/netip"

	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// showStages runs stages on a line and prints the record as JSON.
func showStages(line string, stages ...transform.Stage) {
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
	out, err := new(jsonrec.Encoder).Append(nil, rec)
	fmt.Println(string(out), err)
}

func ExampleTruncateIP() {
	showStages("host:127.109.39.104\tforwardedfor:2001:db8:1:2::7\tstatus:200",
		transform.TruncateIP(24, 48, "host", "forwardedfor"))
	// Output: {"host":"127.109.39.0","forwardedfor":"2001:db8:1::","status":"200"} <nil>
}

func ExampleFirstForwarded() {
	const line = "host:127.109.39.104\tforwardedfor:198.51.100.7, 10.0.0.1, unknown\tstatus:200"
	showStages(line, transform.FirstForwarded("forwardedfor", "client"))
	showStages(line, // without what tells the visitor
		transform.FirstForwarded("forwardedfor", "client"),
		transform.TruncateIP(24, 48, "host", "client"),
		transform.Drop("forwardedfor"))
	// Output:
	// {"host":"127.109.39.104","forwardedfor":"198.51.100.7, 10.0.0.1, unknown","status":"200","client":"198.51.100.7"} <nil>
	// {"host":"127.109.39.0","status":"200","client":"198.51.100.0"} <nil>
}

func ExampleCIDR() {
	internal := transform.CIDR("host", netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fc00::/7"))
	showStages("host:127.109.39.104\tstatus:200", transform.Filter(transform.Not(internal)))
	// Output: transform: record skipped
}

func ExampleHashKeyed() {
	showStages("host:127.109.39.104\tstatus:200",
		transform.HashKeyed([]byte("a key from the caller"), "host"))
	// Output: {"host":"7c72decf28e2733d76338c7f6fe280e6","status":"200"} <nil>
}

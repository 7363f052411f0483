package transform_test

import (
	"net/netip"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

func ExampleTruncateIP() {
	show("host:127.109.39.104\tforwardedfor:2001:db8:1:2::7\tstatus:200",
		transform.TruncateIP(24, 48, "host", "forwardedfor"))
	// Output: {"host":"127.109.39.0","forwardedfor":"2001:db8:1::","status":"200"}
}

func ExampleFirstForwarded() {
	const line = "host:127.109.39.104\tforwardedfor:198.51.100.7, 10.0.0.1, unknown\tstatus:200"
	show(line, transform.FirstForwarded("forwardedfor", "client"))
	show(line, // without what tells the visitor
		transform.FirstForwarded("forwardedfor", "client"),
		transform.TruncateIP(24, 48, "host", "client"),
		transform.Drop("forwardedfor"))
	// Output:
	// {"host":"127.109.39.104","forwardedfor":"198.51.100.7, 10.0.0.1, unknown","status":"200","client":"198.51.100.7"}
	// {"host":"127.109.39.0","status":"200","client":"198.51.100.0"}
}

func ExampleCIDR() {
	internal := transform.CIDR("host", netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fc00::/7"))
	show("host:127.109.39.104\tstatus:200", transform.Filter(transform.Not(internal)))
	// Output: transform: record skipped
}

func ExampleHashKeyed() {
	show("host:127.109.39.104\tstatus:200",
		transform.HashKeyed([]byte("a key from the caller"), "host"))
	// Output: {"host":"7c72decf28e2733d76338c7f6fe280e6","status":"200"}
}

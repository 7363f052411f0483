package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

// showFilter runs a filter by p on a line of the nginx log.
func showFilter(p transform.Predicate) {
	show("uri:/users/25527/orders?id=70678\tstatus:200\tsize:5\treqtime:0.123\tua:-", transform.NullTokens([]string{"-"}), transform.Filter(p))
}

func ExampleExists() {
	showFilter(transform.Exists("cookie"))
	// Output: transform: record skipped
}

func ExampleEqual() {
	showFilter(transform.Equal("status", "404"))
	// Output: transform: record skipped
}

func ExampleIn() {
	showFilter(transform.In("status", "200", "204", "304"))
	// Output: {"uri":"/users/25527/orders?id=70678","status":"200","size":"5","reqtime":"0.123","ua":null}
}

func ExamplePrefix() {
	showFilter(transform.Not(transform.Prefix("uri", "/health")))
	// Output: {"uri":"/users/25527/orders?id=70678","status":"200","size":"5","reqtime":"0.123","ua":null}
}

func ExampleAnd() {
	showFilter(transform.And(transform.Equal("status", "200"), transform.Greater("reqtime", 0.5)))
	// Output: transform: record skipped
}

func ExampleOr() {
	showFilter(transform.Or(transform.Between("status", 500, 599), transform.Greater("reqtime", 0.1)))
	// Output: {"uri":"/users/25527/orders?id=70678","status":"200","size":"5","reqtime":"0.123","ua":null}
}

func ExampleNot() {
	showFilter(transform.Not(transform.Equal("status", "200")))
	// Output: transform: record skipped
}

func ExampleSuffix() {
	showFilter(transform.Suffix("uri", ".php"))
	// Output: transform: record skipped
}

func ExampleContains() {
	showFilter(transform.Not(transform.Contains("uri", "id=")))
	// Output: transform: record skipped
}

func ExampleGlob() {
	showFilter(transform.Glob("uri", "/users/*/orders?*"))
	// Output: {"uri":"/users/25527/orders?id=70678","status":"200","size":"5","reqtime":"0.123","ua":null}
}

func ExampleMatch() {
	showFilter(transform.Match("uri", `^/users/\d+/`))
	// Output: {"uri":"/users/25527/orders?id=70678","status":"200","size":"5","reqtime":"0.123","ua":null}
}

func ExampleGreater() {
	showFilter(transform.Greater("reqtime", 0.1))
	// Output: {"uri":"/users/25527/orders?id=70678","status":"200","size":"5","reqtime":"0.123","ua":null}
}

func ExampleLess() {
	showFilter(transform.Less("size", 5))
	// Output: transform: record skipped
}

func ExampleBetween() {
	showFilter(transform.Or(transform.Between("status", 400, 599), transform.Greater("reqtime", 1)))
	// Output: transform: record skipped
}

func ExampleIsNull() {
	showFilter(transform.Not(transform.IsNull("ua")))
	// Output: transform: record skipped
}

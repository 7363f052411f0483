package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleRequest() {
	showTime("host:127.109.39.104	req:GET /users/25527/orders?id=70678 HTTP/1.1	status:200", transform.Request{}, transform.Drop("req"))
	// Output:
	// host string 127.109.39.104
	// status string 200
	// method string GET
	// uri string /users/25527/orders?id=70678
	// protocol string HTTP/1.1
}

func ExampleRequest_onlyMissing() {
	showTime("req:GET /old HTTP/1.1	uri:/new", transform.Request{OnlyMissing: true}) // rewritten
	showTime("req:-	uri:/new", transform.Request{})
	// Output:
	// req string GET /old HTTP/1.1
	// uri string /new
	// method string GET
	// protocol string HTTP/1.1
	// req string -
	// uri null
	// method null
	// protocol null
}

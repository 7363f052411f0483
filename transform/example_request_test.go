package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleRequest() {
	show("host:127.109.39.104	req:GET /users/25527/orders?id=70678 HTTP/1.1	status:200", transform.Request{}, transform.Drop("req"))
	// Output: {"host":"127.109.39.104","status":"200","method":"GET","uri":"/users/25527/orders?id=70678","protocol":"HTTP/1.1"}
}

func ExampleRequest_onlyMissing() {
	show("req:GET /old HTTP/1.1	uri:/new", transform.Request{OnlyMissing: true}) // rewritten
	show("req:-	uri:/new", transform.Request{})
	// Output:
	// {"req":"GET /old HTTP/1.1","uri":"/new","method":"GET","protocol":"HTTP/1.1"}
	// {"req":"-","uri":null,"method":null,"protocol":null}
}

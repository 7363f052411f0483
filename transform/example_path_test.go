package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExamplePath() {
	show("path:/users/25527/orders", transform.Path{})
	show("path:/up/api/v1/items/39884", transform.Path{Patterns: []string{"/up/*", "/users/:id/orders"}})
	show("uri:/products/80736/reviews?page=80736&n=q000000", transform.Path{From: "uri", To: "route"})
	// Output:
	// {"path":"/users/:id/orders"}
	// {"path":"/up/*"}
	// {"uri":"/products/80736/reviews?page=80736&n=q000000","route":"/products/:id/reviews"}
}

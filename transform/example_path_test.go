package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExamplePath() {
	showTime("path:/users/25527/orders", transform.Path{})
	showTime("path:/up/api/v1/items/39884", transform.Path{Patterns: []string{"/up/*", "/users/:id/orders"}})
	showTime("uri:/products/80736/reviews?page=80736&n=q000000", transform.Path{From: "uri", To: "route"})
	// Output:
	// path string /users/:id/orders
	// path string /up/*
	// uri string /products/80736/reviews?page=80736&n=q000000
	// route string /products/:id/reviews
}

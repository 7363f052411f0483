package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleURL() {
	showTime("uri:/users/25527/orders?id=70678&utm_source=mail&n=q000000", transform.URL{
		Params: []transform.Param{{Name: "utm_source", Label: "source"}, {Name: "page", Label: "page"}},
	}, transform.Drop("uri"))
	showTime("uri:/boom", transform.URL{})
	// Output:
	// path string /users/25527/orders
	// query string id=70678&utm_source=mail&n=q000000
	// source string mail
	// uri string /boom
	// path string /boom
	// query null
}

func ExampleURL_absolute() {
	showTime("referer:https://www.example.com/products/65334/reviews?page=66904", transform.URL{
		From: "referer", Scheme: "referer_scheme", Host: "referer_host", Path: "referer_path", Query: "referer_query",
	})
	// Output:
	// referer string https://www.example.com/products/65334/reviews?page=66904
	// referer_scheme string https
	// referer_host string www.example.com
	// referer_path string /products/65334/reviews
	// referer_query string page=66904
}

package transform_test

import "github.com/ltsvpipe/ltsvpipe/transform"

func ExampleURL() {
	show("uri:/users/25527/orders?id=70678&utm_source=mail&n=q000000", transform.URL{
		Params: []transform.Param{{Name: "utm_source", Label: "source"}, {Name: "page", Label: "page"}},
	}, transform.Drop("uri"))
	show("uri:/boom", transform.URL{})
	// Output:
	// {"path":"/users/25527/orders","query":"id=70678&utm_source=mail&n=q000000","source":"mail"}
	// {"uri":"/boom","path":"/boom","query":null}
}

func ExampleURL_absolute() {
	show("referer:https://www.example.com/products/65334/reviews?page=66904", transform.URL{
		From: "referer", Scheme: "referer_scheme", Host: "referer_host", Path: "referer_path", Query: "referer_query",
	})
	// Output: {"referer":"https://www.example.com/products/65334/reviews?page=66904","referer_scheme":"https","referer_host":"www.example.com","referer_path":"/products/65334/reviews","referer_query":"page=66904"}
}

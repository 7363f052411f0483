// Package elastic says how the examples find Elasticsearch and OpenSearch.
package elastic

import (
	"os"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// Auth returns who the environment says we are: ELASTIC_API_KEY, or ELASTIC_USER and
// ELASTIC_PASSWORD; nobody without them.
func Auth() bulk.Auth {
	if key := os.Getenv("ELASTIC_API_KEY"); key != "" {
		return bulk.APIKey(key)
	}
	if user := os.Getenv("ELASTIC_USER"); user != "" {
		return bulk.Basic(user, os.Getenv("ELASTIC_PASSWORD"))
	}
	return bulk.Auth{}
}

// Package searchtest starts what documents land in, for tests: a fake node in
// the test's own process that takes _bulk, and a real OpenSearch and a real
// Elasticsearch where Java and Maven are.
package searchtest

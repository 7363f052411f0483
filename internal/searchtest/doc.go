// Package searchtest starts what documents land in, for tests: a fake node in
// the test's own process that takes _bulk, and a real OpenSearch where Java and
// Maven are.
package searchtest

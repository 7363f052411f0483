package avrotest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestJava(t *testing.T) {
	out := Java(t, "testdata/Version.java", []byte(`{"type":"long"}`), "a", "é")
	assert.Equal(t, "\"long\"\na é\n", string(out))
}

package live

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestVisible(t *testing.T) {
	for in, want := range map[string]string{
		"/a?b<script>&":         "/a?b<script>&",
		"/\u202egpj.exe":        "/\ufffdgpj.exe",
		"/\x00\x1b[31m\u0085":   "/\ufffd\ufffd[31m\ufffd",
		"/\u2028\u2029\u200b/é": "/\ufffd\ufffd\ufffd/é",
		"/日本\xe8\xaa":           "/日本",
		"/\xff\xff":             "/\ufffd\ufffd",
		"":                      "",
	} {
		assert.Equal(t, want, visible([]byte(in)), "%q", in)
	}
}

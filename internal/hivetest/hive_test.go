package hivetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestHive(t *testing.T) {
	h := Start(t, "UTC")
	assert.Equal(t, []string{"1\té"}, h.Rows(t, `SELECT 1, "é"`))
	h.Rows(t, "CREATE TABLE t (a INT)")
	_, err := h.Run(t, "SELECT x")
	assert.ErrorContains(t, err, "'x'")
	assert.Equal(t, []string{"0"}, h.Rows(t, "SELECT count(*) FROM t"))
	assert.NotEmpty(t, h.Rows(t, "DESCRIBE FORMATTED t"))
}

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/hivetest"
)

// TestHive has Hive read what the archive landed of a log of three hours, some lines of
// which come an hour late and some of bots.
func TestHive(t *testing.T) {
	hive := hivetest.Start(t, "Asia/Tokyo")
	begin := time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
	var log strings.Builder
	count := map[string]int{}
	for i := range 3000 {
		at, ua := begin.Add(time.Duration(i)*3*time.Hour/3000), "Mozilla/5.0"
		if i%10 == 9 {
			at = at.Add(-time.Hour)
		}
		if i%7 == 0 {
			ua = "Googlebot"
		} else {
			count[at.Format("2006-01-02\t15")]++
		}
		fmt.Fprintf(&log, "msec:%d.%03d\treq:GET /%d HTTP/1.1\tstatus:200\tsize:%d\tua:%s\n", at.Unix(), at.UnixMilli()%1000, i, i, ua)
	}
	var byPartition []string
	for partition, n := range count {
		byPartition = append(byPartition, fmt.Sprint(partition, "\t", n))
	}
	slices.Sort(byPartition)
	dir := t.TempDir()
	file := filepath.Join(dir, "log")
	require.NoError(t, os.WriteFile(file, []byte(log.String()), 0o600))
	dir = filepath.Join(dir, "access")
	statements := filepath.Join(t.TempDir(), "access.sql")
	_, errs, sum, status := start(t, t.Context(), "", "-quiet", "-file", file, "-archive", dir, "-hive", statements)
	require.Zero(t, status, errs)
	require.EqualValues(t, 3000, sum.Shipped)

	sql, err := os.ReadFile(statements)
	require.NoError(t, err)
	for statement := range strings.SplitSeq(strings.TrimSuffix(string(sql), ";\n"), ";\n") {
		hive.Rows(t, statement)
	}
	assert.Equal(t, byPartition, hive.Rows(t, "SELECT dt, `hour`, count(*) FROM access GROUP BY dt, `hour` ORDER BY dt, `hour`"))
	assert.Equal(t, []string{"2026-11-22 23:58:44.4\tGET\t/2979\t200\t2979\tfalse\tNULL"}, // it came late
		hive.Rows(t, "SELECT `timestamp`, method, path, status, size, bot, uid FROM access WHERE dt = '2026-11-22' AND path = '/2979'"))
}

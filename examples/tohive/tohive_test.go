package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/hdfstest"
	"github.com/ltsvpipe/ltsvpipe/internal/hivetest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

func TestEmbedded(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-dir", dir, "-n", "5000", "-table", "logs.access"}, &out))
	files, err := filepath.Glob(filepath.Join(dir, "dt=*", "hour=*", "access.json+*.avro"))
	require.NoError(t, err)
	folders := make(map[string]bool)
	for _, file := range files {
		folders[filepath.Dir(file)] = true
	}
	statements := strings.Split(strings.TrimSuffix(out.String(), ";\n"), ";\n")
	require.Len(t, statements, 1+len(folders))
	assert.Contains(t, statements[0], "CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`access`")
	assert.Contains(t, statements[0], "LOCATION 'file://"+dir+"'")
	assert.Regexp(t, "^ALTER TABLE `logs`.`access` ADD IF NOT EXISTS PARTITION \\(`dt`='\\d{4}-\\d\\d-\\d\\d', `hour`='\\d\\d'\\)$", statements[1])
}

func TestMistakes(t *testing.T) {
	assert.ErrorContains(t, run(t.Context(), []string{"-hdfs", "127.0.0.1:1"}, io.Discard), "-dir")
	assert.ErrorContains(t, run(t.Context(), []string{"-table", "a-b"}, io.Discard), "name")
	assert.EqualError(t, run(t.Context(), []string{"x"}, io.Discard), `unexpected argument "x"`)
	assert.ErrorContains(t, run(t.Context(), []string{"-brokers", "127.0.0.1:1", "-dir", t.TempDir()}, io.Discard), "-brokers 127.0.0.1:1: none answers: unable to dial")
	assert.ErrorIs(t, run(t.Context(), []string{"-dir", filepath.Join(t.TempDir(), "none"), "-n", "1"}, io.Discard), fs.ErrNotExist)
}

// TestHive lands a topic in HDFS, gives Hive the statements as they are printed, and asks
// it for what is in the table: what was put into the topic.
func TestHive(t *testing.T) {
	hive := hivetest.Start(t, "Asia/Tokyo")
	namenode := hdfstest.Start(t)
	dfs, err := hdfstest.Connect(namenode)
	require.NoError(t, err)
	defer dfs.Close()
	require.NoError(t, dfs.MkdirAll("/logs/access", 0o755))
	cluster := kafkatest.Start(t, kfake.NumBrokers(1))
	cluster.Topic("access.json", 3)

	// Two hours around midnight, one record in ten an hour late, one in seven a bot's.
	begin := time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC)
	rows, bytes := map[string]int{}, map[string]int{}
	var records []*kgo.Record
	for i := range 6000 {
		at := begin.Add(time.Duration(i) * 2 * time.Hour / 6000)
		if i%10 == 9 {
			at = at.Add(-time.Hour)
		}
		records = append(records, &kgo.Record{Topic: "access.json", Partition: int32(i % 3), Value: fmt.Appendf(nil,
			`{"@timestamp":%q,"method":"GET","path":"/item/%d","status":200,"size":%d,"bot":%t}`, at.Format("2006-01-02T15:04:05.000Z"), i, i, i%7 == 0)})
		if i%7 != 0 {
			partition := at.Format("2006-01-02\t15")
			rows[partition]++
			bytes[partition] += i
		}
	}
	var byPartition []string
	for partition, n := range rows {
		byPartition = append(byPartition, fmt.Sprint(partition, "\t", n, "\t", bytes[partition]))
	}
	slices.Sort(byPartition)
	require.Len(t, byPartition, 4)

	cluster.Produce(records...)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	statements, ended := new(strings.Builder), make(chan error)
	go func() {
		ended <- run(ctx, []string{"-brokers", cluster.Seeds()[0], "-hdfs", namenode, "-dir", "/logs/access", "-age", "100ms"}, statements)
	}()
	require.Eventually(t, func() bool {
		return fmt.Sprint(cluster.Committed("to-hive", "access.json")) == fmt.Sprint(cluster.End("access.json"))
	}, time.Minute, 20*time.Millisecond)
	stop()
	require.NoError(t, <-ended)

	for statement := range strings.SplitSeq(strings.TrimSuffix(statements.String(), ";\n"), ";\n") {
		hive.Rows(t, statement)
	}
	assert.Equal(t, []string{"dt=2026-11-22/hour=21", "dt=2026-11-22/hour=22", "dt=2026-11-22/hour=23", "dt=2026-11-23/hour=00"}, hive.Rows(t, "SHOW PARTITIONS access"))
	assert.Equal(t, byPartition, hive.Rows(t, "SELECT dt, `hour`, count(*), sum(size) FROM access GROUP BY dt, `hour` ORDER BY dt, `hour`"))
	assert.Equal(t, []string{"2026-11-22 23:29:46.8\tGET\t/item/5989\t200\t5989\tNULL\t23"}, // late, but of its own hour
		hive.Rows(t, "SELECT `timestamp`, method, path, status, size, client, `hour` FROM access WHERE path = '/item/5989' AND dt = '2026-11-22'"))
	assert.Empty(t, hive.Rows(t, "SELECT path FROM access WHERE path = '/item/5989' AND dt = '2026-11-23'"), "a predicate on partitions")
	assert.Equal(t, []string{"0"}, hive.Rows(t, "SELECT count(*) FROM access WHERE `hour` <> date_format(`timestamp`, 'HH') OR dt <> date_format(`timestamp`, 'yyyy-MM-dd')"))

	// Hive finds the same partitions by itself, and nothing in the archive's own folder.
	hive.Rows(t, "ALTER TABLE access DROP PARTITION (dt > '')")
	assert.Equal(t, []string{"0"}, hive.Rows(t, "SELECT count(*) FROM access"))
	hive.Rows(t, "MSCK REPAIR TABLE access")
	assert.Equal(t, byPartition, hive.Rows(t, "SELECT dt, `hour`, count(*), sum(size) FROM access GROUP BY dt, `hour` ORDER BY dt, `hour`"))
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/hamba/avro/v2/ocf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// TestArchive has another library read what landed in files, of which Hive is told.
func TestArchive(t *testing.T) {
	dir, sql := filepath.Join(t.TempDir(), "access"), filepath.Join(t.TempDir(), "sql")
	_, errs, sum, status := start(t, t.Context(), "", "-quiet", "-n", "5000", "-archive", dir, "-hive", sql, "-hive-table", "logs.access")
	require.Zero(t, status, errs)
	statements, err := os.ReadFile(sql)
	require.NoError(t, err)
	assert.Regexp(t, "(?s)^CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`access`\n.*LOCATION 'file://"+dir+"'\n.*;\n"+
		"ALTER TABLE `logs`.`access` ADD IF NOT EXISTS PARTITION \\(`dt`='2026-11-22', `hour`='16'\\);\n$", string(statements))
	written := sum.Jobs["avro"].Written
	assert.Positive(t, written)
	assert.Equal(t, counts{Read: written, Written: written}, sum.Jobs["archive"])
	read := int64(0)
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".avro" {
			return err
		}
		assert.Equal(t, "dt=2026-11-22/hour=16", strings.TrimPrefix(filepath.Dir(path), dir+"/"))
		for _, got := range readContainer(t, path) {
			assert.Equal(t, 16, got["timestamp"].(time.Time).UTC().Hour())
			read++
		}
		return nil
	}))
	assert.Equal(t, written, read)
}

// readContainer returns the records of a container file, as another library reads them.
func readContainer(t *testing.T, path string) (all []map[string]any) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	records, err := ocf.NewDecoder(f)
	require.NoError(t, err)
	for records.HasNext() {
		var got map[string]any
		require.NoError(t, records.Decode(&got))
		all = append(all, got)
	}
	require.NoError(t, records.Error())
	return all
}

// startRegistry starts a registry that ends with the test, and returns its URL.
func startRegistry(t *testing.T) string {
	schemas := srfake.New()
	t.Cleanup(schemas.Close)
	return schemas.URL()
}

// TestRegistryIsNeeded where others read the topics: the ids of one in the process would
// be nothing to them.
func TestRegistryIsNeeded(t *testing.T) {
	for _, args := range []string{"", "-run avro", "-run archive -archive x", "-run json,avro,dash"} {
		_, errs, _, status := start(t, t.Context(), "", append([]string{"-brokers", "127.0.0.1:1"}, strings.Fields(args)...)...)
		assert.Equal(t, 2, status, args)
		assert.Contains(t, errs, "-brokers needs -registry", args)
	}
	for _, args := range []string{"-run agent,json,dash", "-run elastic -elastic http://127.0.0.1:1", "-registry http://127.0.0.1:1"} {
		_, err := parse(append([]string{"-brokers", "127.0.0.1:1"}, strings.Fields(args)...), io.Discard)
		assert.NoError(t, err, args)
	}
}

// TestPartsApart runs the agent and each job as processes would that share nothing but
// the cluster and the registry, and has others read the Avro by what the registry says.
func TestPartsApart(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.NumBrokers(1))
	for _, topic := range []string{"access.ltsv", "access.json", "access.avro", "access.dlq"} {
		cluster.Topic(topic, 2)
	}
	schemas := srfake.New()
	defer schemas.Close()
	var log strings.Builder
	for i := range 300 {
		ua := "Mozilla/5.0"
		if i%3 == 0 {
			ua = "Googlebot"
		}
		fmt.Fprintf(&log, "msec:1770000000.%03d\treq:GET /%d HTTP/1.1\tstatus:200\tua:%s\n", i, i, ua)
	}
	log.WriteString("msec:1770000000.000\treq:-\tstatus:200\n") // job 1 takes it, job 2 does not
	file := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(file, []byte(log.String()), 0o600))

	ctx, cancel := context.WithCancel(t.Context())
	args := []string{"-quiet", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-registry", schemas.URL()}
	sums := make(chan summary)
	for _, part := range []string{"json", "avro"} {
		go func() {
			_, errs, sum, status := start(t, ctx, "", append(args, "-run", part, "-id", part)...)
			assert.Zero(t, status, errs)
			sums <- sum
		}()
	}
	_, errs, sum, status := start(t, ctx, "", append(args, "-run", "agent", "-file", file)...)
	require.Zero(t, status, errs)
	assert.EqualValues(t, 301, sum.Shipped)
	avroRecords := func() int { return len(cluster.Read("access.avro")) }
	require.Eventually(t, func() bool { return avroRecords() == 200 && len(cluster.Read("access.dlq")) == 1 }, 20*time.Second, 20*time.Millisecond)
	cancel()
	jobs := map[string]counts{}
	for range 2 {
		for part, c := range (<-sums).Jobs {
			jobs[part] = c
		}
	}
	assert.Equal(t, map[string]counts{
		"json": {Read: 301, Written: 301},
		"avro": {Read: 301, Written: 200, Skipped: 100, Rejected: 1, DeadLettered: 1},
	}, jobs)

	cl, err := sr.NewClient(sr.URLs(schemas.URL()))
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, rec := range cluster.Read("access.avro") {
		var header sr.ConfluentHeader
		id, data, err := header.DecodeID(rec.Value)
		require.NoError(t, err)
		text, err := cl.SchemaByID(t.Context(), id)
		require.NoError(t, err)
		schema, err := avro.ParseWithCache(text.Schema, "", &avro.SchemaCache{})
		require.NoError(t, err)
		var got map[string]any
		require.NoError(t, avro.Unmarshal(schema, data, &got))
		assert.Equal(t, 200, got["status"])
		seen[got["path"].(string)] = true
	}
	assert.Len(t, seen, 200)
	subject, err := cl.SchemaByVersion(t.Context(), "access.avro-value", -1)
	require.NoError(t, err)
	assert.True(t, json.Valid([]byte(subject.Schema.Schema)))
}

package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// TestJob2File takes the real logs through both jobs into container files, and has them
// read by implementations of Avro that are not ours: all records are there, but for those
// of bots and without a request, and every field is what the JSON of job 1 says.
func TestJob2File(t *testing.T) {
	logs := []struct {
		name   string
		escape ltsv.Escaping
		codec  avroschema.Codec
	}{
		{logtest.Nginx, ltsv.EscapeNginx, avroschema.CodecDeflate},
		{logtest.NginxJSON, ltsv.EscapeJSON, avroschema.CodecSnappy},
		{logtest.Apache, ltsv.EscapeApache, avroschema.CodecNull},
	}
	var files []avrotest.File
	var want [][]any
	for _, log := range logs {
		texts := job1(t, log.name, log.escape)
		path := filepath.Join(t.TempDir(), log.name+".avro")
		written, skipped, rejected := writeJob2(t, path, log.codec, texts)
		var rows []any
		for _, text := range texts {
			if row := rowOf(t, text); row != nil {
				rows = append(rows, row)
			}
		}
		assert.Equal(t, len(texts), written+skipped+rejected)
		assert.Len(t, rows, written)
		assert.Greater(t, written, len(texts)/2)
		files, want = append(files, avrotest.File{Path: path}), append(want, rows)
	}
	for _, r := range avrotest.Readers {
		t.Run(r.Name, func(t *testing.T) {
			for i, got := range r.Read(t, files...) {
				require.Len(t, got, len(want[i]), logs[i].name)
				for n, row := range got {
					require.Equal(t, want[i][n], row, "%s, record %d", logs[i].name, n)
				}
			}
		})
	}
}

// job1 returns the JSON of a log.
func job1(t *testing.T, log string, e ltsv.Escaping) (texts [][]byte) {
	t.Helper()
	chain, err := JSON(e, key)
	require.NoError(t, err)
	w := chain.NewWorker(transform.LTSV{})
	var enc jsonrec.Encoder
	for _, line := range logtest.Lines(log) {
		rec, err := w.Process(line)
		require.NoError(t, err)
		text, err := enc.Append(nil, rec)
		require.NoError(t, err)
		texts = append(texts, text)
	}
	return texts
}

// writeJob2 writes job 2's file of job 1's JSON.
func writeJob2(t *testing.T, path string, codec avroschema.Codec, texts [][]byte) (written, skipped, rejected int) {
	t.Helper()
	chain, err := Avro()
	require.NoError(t, err)
	schema, err := AccessLog()
	require.NoError(t, err)
	f, err := os.Create(path)
	require.NoError(t, err)
	file, err := avroschema.NewFileWriter(f, schema, avroschema.FileOptions{Codec: codec, BlockBytes: 16 << 10})
	require.NoError(t, err)
	w := chain.NewWorker(jsonrec.Decoder{})
	for _, text := range texts {
		rec, err := w.Process(text)
		if errors.Is(err, transform.ErrSkip) {
			skipped++
			continue
		}
		require.NoError(t, err)
		if err := file.Write(rec); err != nil {
			_, costsOne := errors.AsType[*avroschema.FieldError](err)
			require.True(t, costsOne, "%v", err)
			rejected++
			continue
		}
		written++
	}
	require.NoError(t, file.Close())
	require.NoError(t, f.Close())
	return written, skipped, rejected
}

// rowOf returns what is to be read of a record of job 1, or nil if it is that of a bot or
// has no request.
func rowOf(t *testing.T, text []byte) any {
	t.Helper()
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	require.NoError(t, d.Decode(&members))
	if members["bot"] == true || members["method"] == nil || members["path"] == nil {
		return nil
	}
	row := map[string]any{}
	for field, member := range fromMember {
		switch v := members[member].(type) {
		case json.Number:
			if row[field] = v.String(); field == "reqtime" || field == "apptime" {
				f, err := v.Float64()
				require.NoError(t, err)
				row[field] = avrotest.Double(f)
			}
		case string:
			switch row[field] = v; field {
			case "timestamp":
				at, err := time.Parse(time.RFC3339Nano, v)
				require.NoError(t, err)
				row[field] = avrotest.Timestamp(at)
			case "rank":
				if n, err := strconv.ParseInt(v, 10, 32); err != nil {
					row[field] = nil
				} else {
					row[field] = strconv.FormatInt(n, 10)
				}
			}
		default:
			row[field] = v
		}
	}
	return row
}

//go:build amd64 || arm64

package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/bytedance/sonic"
	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// accessLog has the fields of AccessLog, and the members of job 1 that they come from.
type accessLog struct {
	Timestamp   time.Time `json:"@timestamp" avro:"timestamp"`
	Method      string    `json:"method" avro:"method"`
	Path        string    `json:"path" avro:"path"`
	Status      int       `json:"status" avro:"status"`
	Size        *int64    `json:"size" avro:"size"`
	ReqTime     *float64  `json:"reqtime" avro:"reqtime"`
	AppTime     *float64  `json:"apptime" avro:"apptime"`
	Bot         bool      `json:"bot" avro:"bot"`
	Server      *string   `json:"server" avro:"server"`
	VHost       *string   `json:"vhost" avro:"vhost"`
	Client      *string   `json:"client" avro:"client"`
	RefererHost *string   `json:"referer_host" avro:"referer_host"`
	UID         *int64    `json:"cookie.uid" avro:"uid"`
	Segment     *string   `json:"cookie.own.seg" avro:"segment"`
	Rank        *int      `json:"cookie.own.rank,string" avro:"rank"`
	Source      *string   `json:"cookie.own.src" avro:"source"`
	Lang        *string   `json:"cookie.sess.lang" avro:"lang"`
}

// BenchmarkJob2 is the row "JSON to Avro" of the performance table: job 2 on job 1's
// records, against a struct that sonic fills and hamba/avro encodes, which checks and
// counts nothing. One operation is one record.
func BenchmarkJob2(b *testing.B) {
	schema, err := AccessLog()
	require.NoError(b, err)
	theirs, err := avro.ParseWithCache(schema.JSON(), "", &avro.SchemaCache{})
	require.NoError(b, err)
	chain, err := JSON(ltsv.EscapeNginx, nil)
	require.NoError(b, err)
	w, ours := chain.NewWorker(transform.LTSV{}), job2(b)
	var enc jsonrec.Encoder
	var texts [][]byte
	size := 0
	for _, line := range logtest.Corpus24(1000) {
		rec, err := w.Process(line)
		require.NoError(b, err)
		text, err := enc.Append(nil, rec)
		require.NoError(b, err)
		out, err := ours(nil, text)
		if errors.Is(err, transform.ErrSkip) {
			continue
		}
		require.NoError(b, err)
		var s accessLog
		require.NoError(b, sonic.Unmarshal(text, &s))
		again, err := avro.Marshal(theirs, &s)
		require.NoError(b, err)
		require.Equal(b, again, out)
		texts = append(texts, text)
		size += len(text)
	}
	require.NotEmpty(b, texts)
	size /= len(texts)
	b.Run("job 2", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		var out []byte
		for i := 0; b.Loop(); i++ {
			if out, err = ours(out[:0], texts[i%len(texts)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sonic and hamba", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			var s accessLog
			if err := sonic.Unmarshal(texts[i%len(texts)], &s); err != nil {
				b.Fatal(err)
			}
			if _, err := avro.Marshal(theirs, &s); err != nil {
				b.Fatal(err)
			}
		}
	})
}

//go:build (amd64 || arm64) && !purego && !go1.28

package jsonrec

import (
	"testing"

	"github.com/bytedance/sonic"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// line24 has the 24 fields of logtest.Corpus24.
type line24 struct {
	Time         string `json:"time"`
	Host         string `json:"host"`
	ForwardedFor string `json:"forwardedfor"`
	Req          string `json:"req"`
	Status       string `json:"status"`
	Size         string `json:"size"`
	Referer      string `json:"referer"`
	UA           string `json:"ua"`
	ReqTime      string `json:"reqtime"`
	Cache        string `json:"cache"`
	RunTime      string `json:"runtime"`
	AppTime      string `json:"apptime"`
	VHost        string `json:"vhost"`
	Server       string `json:"server"`
	ReqID        string `json:"reqid"`
	Method       string `json:"method"`
	URI          string `json:"uri"`
	Protocol     string `json:"protocol"`
	Scheme       string `json:"scheme"`
	ReqSize      string `json:"reqsize"`
	Msec         string `json:"msec"`
	Cookie       string `json:"cookie"`
	User         string `json:"user"`
	Taken        string `json:"taken"`
}

// BenchmarkEncode24 is the row "LTSV to JSON, no stages" of the performance table.
// One operation is one record. Of sonic only the encoding is measured: its struct
// is filled beforehand.
func BenchmarkEncode24(b *testing.B) {
	lines := logtest.Corpus24(1000)
	var rec transform.Record
	var enc Encoder
	var size int
	filled := make([]line24, len(lines))
	records := make([]*transform.Record, len(lines))
	for i, line := range lines {
		require.NoError(b, transform.LTSV{}.Decode(&rec, line))
		out, err := enc.Append(nil, &rec)
		require.NoError(b, err)
		require.NoError(b, sonic.Unmarshal(out, &filled[i]))
		records[i] = rec.Clone()
		theirs, err := sonic.Marshal(&filled[i])
		require.NoError(b, err)
		require.JSONEq(b, string(out), string(theirs))
		size += len(line)
	}
	size /= len(lines)
	var out []byte
	b.Run("LTSV to JSON", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			_ = transform.LTSV{}.Decode(&rec, lines[i%len(lines)])
			out, _ = enc.Append(out[:0], &rec)
		}
	})
	b.Run("Decoder LTSV alone", func(b *testing.B) {
		b.SetBytes(int64(size))
		for i := 0; b.Loop(); i++ {
			_ = transform.LTSV{}.Decode(&rec, lines[i%len(lines)])
		}
	})
	b.Run("Encoder alone", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			out, _ = enc.Append(out[:0], records[i%len(lines)])
		}
	})
	b.Run("sonic.Marshal", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := sonic.Marshal(&filled[i%len(lines)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

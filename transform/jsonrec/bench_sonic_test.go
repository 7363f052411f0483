//go:build (amd64 || arm64) && !purego && !go1.28

package jsonrec

import (
	"encoding/json"
	"testing"

	"github.com/bytedance/sonic"
	"github.com/bytedance/sonic/ast"
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

// job1Struct has the members of job1.
type job1Struct struct {
	Timestamp   string  `json:"@timestamp"`
	Host        string  `json:"host"`
	Client      string  `json:"client"`
	Method      string  `json:"method"`
	Path        string  `json:"path"`
	Query       string  `json:"query"`
	Protocol    string  `json:"protocol"`
	Status      int     `json:"status"`
	Size        int64   `json:"size"`
	Referer     string  `json:"referer"`
	RefererHost string  `json:"referer_host"`
	UA          string  `json:"ua"`
	ReqTime     float64 `json:"reqtime"`
	RunTime     float64 `json:"runtime"`
	AppTime     float64 `json:"apptime"`
	VHost       string  `json:"vhost"`
	Server      string  `json:"server"`
	ReqID       string  `json:"reqid"`
	Bot         bool    `json:"bot"`
	UID         int64   `json:"cookie.uid"`
	Segment     string  `json:"cookie.own.seg"`
	Rank        string  `json:"cookie.own.rank"`
	Source      string  `json:"cookie.own.src"`
	Theme       string  `json:"cookie.theme"`
}

// BenchmarkDecode reads job1, 24 members. The structs of sonic and encoding/json are
// used again, which neither makes safe against members that are absent.
func BenchmarkDecode(b *testing.B) {
	src := []byte(job1)
	var rec transform.Record
	var s job1Struct
	for _, way := range []struct {
		name string
		do   func() error
	}{
		{"Decoder", func() error { return Decoder{}.Decode(&rec, src) }},
		{"sonic struct", func() error { return sonic.Unmarshal(src, &s) }},
		{"sonic struct, strict as encoding json", func() error { return sonic.ConfigStd.Unmarshal(src, &s) }},
		{"encoding json struct", func() error { return json.Unmarshal(src, &s) }},
		{"encoding json map", func() error { m := map[string]any{}; return json.Unmarshal(src, &m) }},
	} {
		b.Run(way.name, func(b *testing.B) { benchmark(b, len(src), way.do) })
	}
}

// BenchmarkFlatten makes dotted labels of nested objects, by the scanner and by
// sonic's Preorder, which visits the same text and checks less of it. The
// visitor neither looks for duplicates nor fills a record.
func BenchmarkFlatten(b *testing.B) {
	var rec transform.Record
	require.NoError(b, Decoder{}.Decode(&rec, []byte(job1)))
	nested := Encoder{Nested: true}
	src, err := nested.Append(nil, &rec)
	require.NoError(b, err)
	v, text := new(visitor), string(src)
	require.NoError(b, ast.Preorder(text, v, nil))
	require.Equal(b, rec.Len(), v.leaves)
	for _, way := range []struct {
		name string
		do   func() error
	}{
		{"Decoder", func() error { return Decoder{Flatten: true}.Decode(&rec, src) }},
		{"sonic Preorder", func() error { v.path = v.path[:0]; return ast.Preorder(text, v, nil) }},
	} {
		b.Run(way.name, func(b *testing.B) { benchmark(b, len(src), way.do) })
	}
}

func benchmark(b *testing.B, size int, do func() error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		if err := do(); err != nil {
			b.Fatal(err)
		}
	}
}

// A visitor makes dotted paths and counts the leaves.
type visitor struct {
	path   []byte
	outer  []int
	leaves int
}

func (v *visitor) leaf() error {
	v.leaves++
	v.path = v.path[:v.outer[len(v.outer)-1]]
	return nil
}

func (v *visitor) OnNull() error                        { return v.leaf() }
func (v *visitor) OnBool(bool) error                    { return v.leaf() }
func (v *visitor) OnString(string) error                { return v.leaf() }
func (v *visitor) OnInt64(int64, json.Number) error     { return v.leaf() }
func (v *visitor) OnFloat64(float64, json.Number) error { return v.leaf() }
func (v *visitor) OnArrayBegin(int) error               { return nil }
func (v *visitor) OnArrayEnd() error                    { return nil }

func (v *visitor) OnObjectBegin(int) error {
	v.outer = append(v.outer, len(v.path))
	return nil
}

func (v *visitor) OnObjectEnd() error {
	v.outer = v.outer[:len(v.outer)-1]
	if n := len(v.outer); n > 0 {
		v.path = v.path[:v.outer[n-1]]
	}
	return nil
}

func (v *visitor) OnObjectKey(key string) error {
	v.path = append(append(v.path, key...), '.')
	return nil
}

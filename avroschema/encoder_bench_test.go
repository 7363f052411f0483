package avroschema_test

import (
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// spec24 describes the 24 fields of logtest.Corpus24.
func spec24() *Spec {
	return &Spec{Name: "Line24", Namespace: "bench", Nulls: []string{"-"}, Fields: []Field{
		{Label: "time", Type: TypeTimestampMillis, Required: true},
		{Label: "host", Required: true},
		{Label: "forwardedfor"},
		{Label: "req", Required: true},
		{Label: "status", Type: TypeInt, Required: true},
		{Label: "size", Type: TypeLong},
		{Label: "referer"},
		{Label: "ua"},
		{Label: "reqtime", Type: TypeDouble},
		{Label: "cache"},
		{Label: "runtime", Type: TypeDouble},
		{Label: "apptime", Type: TypeDouble},
		{Label: "vhost"},
		{Label: "server"},
		{Label: "reqid"},
		{Label: "method"},
		{Label: "uri"},
		{Label: "protocol"},
		{Label: "scheme"},
		{Label: "reqsize", Type: TypeLong},
		{Label: "msec", Type: TypeDouble},
		{Label: "cookie"},
		{Label: "user"},
		{Label: "taken", Type: TypeLong},
	}}
}

// line24 has the fields of spec24.
type line24 struct {
	Time         time.Time `avro:"time"`
	Host         string    `avro:"host"`
	ForwardedFor *string   `avro:"forwardedfor"`
	Req          string    `avro:"req"`
	Status       int32     `avro:"status"`
	Size         *int64    `avro:"size"`
	Referer      *string   `avro:"referer"`
	UA           *string   `avro:"ua"`
	ReqTime      *float64  `avro:"reqtime"`
	Cache        *string   `avro:"cache"`
	RunTime      *float64  `avro:"runtime"`
	AppTime      *float64  `avro:"apptime"`
	VHost        *string   `avro:"vhost"`
	Server       *string   `avro:"server"`
	ReqID        *string   `avro:"reqid"`
	Method       *string   `avro:"method"`
	URI          *string   `avro:"uri"`
	Protocol     *string   `avro:"protocol"`
	Scheme       *string   `avro:"scheme"`
	ReqSize      *int64    `avro:"reqsize"`
	Msec         *float64  `avro:"msec"`
	Cookie       *string   `avro:"cookie"`
	User         *string   `avro:"user"`
	Taken        *int64    `avro:"taken"`
}

// compiled returns the schema that s describes, its plan, and what hamba/avro has of it.
func compiled(t testing.TB, s *Spec) (*Schema, *Plan, avro.Schema) {
	t.Helper()
	schema, err := s.Schema()
	require.NoError(t, err)
	plan, err := Compile(schema)
	require.NoError(t, err)
	theirs, err := avro.ParseWithCache(schema.JSON(), "", new(avro.SchemaCache))
	require.NoError(t, err)
	return schema, plan, theirs
}

// BenchmarkEncode24 is the row "record to Avro" of the performance table. One operation
// is one record. The record's values are the texts of the log, as LTSV has them; of
// hamba/avro only the encoding is measured, its struct is filled beforehand and of the
// types of the schema.
func BenchmarkEncode24(b *testing.B) {
	_, plan, theirs := compiled(b, spec24())
	// Each record has an encoder of its own, as in a worker, where labels are the same
	// strings from record to record.
	lines := logtest.Corpus24(8)
	encoders := make([]*Encoder, len(lines))
	records := make([]transform.Record, len(lines))
	filled := make([]line24, len(lines))
	size := 0
	for i, line := range lines {
		encoders[i] = plan.NewEncoder()
		require.NoError(b, transform.LTSV{}.Decode(&records[i], line))
		out, err := encoders[i].Append(nil, &records[i])
		require.NoError(b, err)
		require.NoError(b, avro.Unmarshal(theirs, out, &filled[i]))
		again, err := avro.Marshal(theirs, &filled[i])
		require.NoError(b, err)
		require.Equal(b, again, out)
		size += len(out)
	}
	size /= len(lines)
	var out []byte
	b.Run("Encoder", func(b *testing.B) {
		benchmark(b, size, func(i int) (err error) {
			out, err = encoders[i%len(lines)].Append(out[:0], &records[i%len(lines)])
			return err
		})
	})
	b.Run("hamba Marshal", func(b *testing.B) {
		benchmark(b, size, func(i int) error {
			_, err := avro.Marshal(theirs, &filled[i%len(lines)])
			return err
		})
	})
	b.Run("LTSV to Avro", func(b *testing.B) {
		var rec transform.Record
		e := plan.NewEncoder()
		benchmark(b, size, func(i int) (err error) {
			_ = transform.LTSV{}.Decode(&rec, lines[i%len(lines)])
			out, err = e.Append(out[:0], &rec)
			return err
		})
	})
}

// benchmark runs do on one record after the other.
func benchmark(b *testing.B, size int, do func(i int) error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := do(i); err != nil {
			b.Fatal(err)
		}
	}
}

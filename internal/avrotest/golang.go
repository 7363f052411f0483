package avrotest

import (
	"os"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/hamba/avro/v2/ocf"
	"github.com/linkedin/goavro/v2"
	"github.com/stretchr/testify/require"
)

func parse(t testing.TB, schema string) avro.Schema {
	t.Helper()
	s, err := avro.ParseWithCache(schema, "", new(avro.SchemaCache))
	require.NoError(t, err)
	return s
}

func readHamba(t testing.TB, files []File) (all [][]any) {
	t.Helper()
	for _, file := range files {
		var records []any
		if file.Writer == "" {
			f, err := os.Open(file.Path)
			require.NoError(t, err)
			d, err := ocf.NewDecoder(f, ocf.WithDecoderSchemaCache(new(avro.SchemaCache)))
			require.NoError(t, err)
			for d.HasNext() {
				var v any
				require.NoError(t, d.Decode(&v))
				records = append(records, plain(d.Schema(), v))
			}
			require.NoError(t, d.Error())
			require.NoError(t, f.Close())
		} else {
			data, err := os.ReadFile(file.Path)
			require.NoError(t, err)
			records = Hamba(t, parse(t, file.Writer), data)
		}
		all = append(all, records)
	}
	return all
}

// Hamba returns the bare records that data is, as hamba/avro reads them.
func Hamba(t testing.TB, s avro.Schema, data []byte) (records []any) {
	t.Helper()
	for r := avro.NewReader(nil, 16).Reset(data); ; {
		if r.Peek(); r.Error != nil {
			return records
		}
		v := r.ReadNext(s)
		require.NoError(t, r.Error)
		records = append(records, plain(s, v))
	}
}

func readGoavro(t testing.TB, files []File) (all [][]any) {
	t.Helper()
	for _, file := range files {
		f, err := os.Open(file.Path)
		require.NoError(t, err)
		var records []any
		if file.Writer == "" {
			d, err := goavro.NewOCFReader(f)
			require.NoError(t, err)
			s := parse(t, string(d.MetaData()["avro.schema"]))
			for d.Scan() {
				v, err := d.Read()
				require.NoError(t, err)
				records = append(records, plain(s, v))
			}
			require.NoError(t, d.Err())
		} else {
			codec, err := goavro.NewCodec(file.Writer)
			require.NoError(t, err)
			data, err := os.ReadFile(file.Path)
			require.NoError(t, err)
			records = Goavro(t, codec, parse(t, file.Writer), data)
		}
		require.NoError(t, f.Close())
		all = append(all, records)
	}
	return all
}

// Goavro returns the bare records that data is, as goavro reads them; s is the schema of
// codec.
func Goavro(t testing.TB, codec *goavro.Codec, s avro.Schema, data []byte) (records []any) {
	t.Helper()
	for len(data) > 0 {
		v, rest, err := codec.NativeFromBinary(data)
		require.NoError(t, err)
		records, data = append(records, plain(s, v)), rest
	}
	return records
}

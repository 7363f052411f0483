package jobs

import (
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// avroEncoder runs a chain on one text after the other, and encodes what comes out.
func avroEncoder(t testing.TB, chain *transform.Chain, d transform.Decoder) func(dst, src []byte) ([]byte, error) {
	schema, err := AccessLog()
	require.NoError(t, err)
	plan, err := avroschema.Compile(schema)
	require.NoError(t, err)
	w, enc := chain.NewWorker(d), plan.NewEncoder()
	return func(dst, src []byte) ([]byte, error) {
		rec, err := w.Process(src)
		if err != nil {
			return dst, err
		}
		return enc.Append(dst, rec)
	}
}

func job2(t testing.TB) func(dst, src []byte) ([]byte, error) {
	chain, err := Avro()
	require.NoError(t, err)
	return avroEncoder(t, chain, jsonrec.Decoder{})
}

// fields of job 2's schema and the members of job 1 that they come from.
var fromMember = map[string]string{
	"timestamp": "@timestamp", "method": "method", "path": "path", "status": "status", "size": "size",
	"reqtime": "reqtime", "apptime": "apptime", "bot": "bot", "server": "server", "vhost": "vhost",
	"client": "client", "referer_host": "referer_host", "uid": "cookie.uid", "segment": "cookie.own.seg",
	"rank": "cookie.own.rank", "source": "cookie.own.src", "lang": "cookie.sess.lang",
}

// TestJob2 takes job 1's records of the real logs through job 2, and compares every field
// that another decoder reads with the member of the JSON.
func TestJob2(t *testing.T) {
	schema, err := AccessLog()
	require.NoError(t, err)
	reader, err := avro.ParseWithCache(schema.JSON(), "", &avro.SchemaCache{})
	require.NoError(t, err)
	for name, escape := range map[string]ltsv.Escaping{
		logtest.Nginx: ltsv.EscapeNginx, logtest.NginxJSON: ltsv.EscapeJSON, logtest.Apache: ltsv.EscapeApache,
	} {
		t.Run(name, func(t *testing.T) {
			first, err := JSON(escape, key)
			require.NoError(t, err)
			both, err := JSONAvro(escape, key)
			require.NoError(t, err)
			one, two := avroEncoder(t, both, transform.LTSV{}), job2(t)
			w := first.NewWorker(transform.LTSV{})
			var enc jsonrec.Encoder
			written, bots, rejected := 0, 0, 0
			for _, line := range logtest.Lines(name) {
				rec, err := w.Process(line)
				require.NoError(t, err)
				text, err := enc.Append(nil, rec)
				require.NoError(t, err)
				var members map[string]any
				require.NoError(t, json.Unmarshal(text, &members))

				data, err := two(nil, text)
				direct, err2 := one(nil, line)
				switch {
				case members["bot"] == true:
					require.ErrorIs(t, err, transform.ErrSkip)
					require.ErrorIs(t, err2, transform.ErrSkip)
					bots++
					continue
				case members["method"] == nil || members["path"] == nil:
					_, rejects := errors.AsType[*avroschema.FieldError](err)
					require.True(t, rejects, "%v", err)
					require.Equal(t, err, err2)
					rejected++
					continue
				}
				require.NoError(t, err)
				require.NoError(t, err2)
				require.Equal(t, data, direct, "both jobs in one pass do the same")
				written++
				var got map[string]any
				require.NoError(t, avro.Unmarshal(reader, data, &got))
				for field, member := range fromMember {
					require.Equal(t, wanted(t, field, members[member]), got[field], field)
				}
				require.Len(t, got, len(fromMember))
			}
			assert.Positive(t, written)
			assert.Positive(t, bots)
			t.Log(written, "written,", bots, "of bots,", rejected, "rejected")
		})
	}
}

// wanted is what a field is of a member.
func wanted(t *testing.T, field string, member any) any {
	switch v := member.(type) {
	case nil:
		return nil
	case float64:
		switch field {
		case "status":
			return int(v)
		case "size", "uid":
			return int64(v)
		}
		return v
	case string:
		switch field {
		case "timestamp":
			at, err := time.Parse(time.RFC3339Nano, v)
			require.NoError(t, err)
			return at.UTC()
		case "rank":
			n, err := strconv.ParseInt(v, 10, 32)
			if err != nil {
				return nil
			}
			return int(n)
		}
		return v
	}
	return member
}

func TestJob2DoesNotAllocate(t *testing.T) {
	convert, two := converter(t), job2(t)
	text, err := convert(nil, logtest.Corpus24(2)[1])
	require.NoError(t, err)
	var out []byte
	assert.Zero(t, testing.AllocsPerRun(200, func() { out, err = two(out[:0], text) }))
	require.NoError(t, err)
}

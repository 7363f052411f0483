package jsonrec

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

func TestEncoder(t *testing.T) {
	var enc Encoder
	var rec transform.Record
	out, err := enc.Append([]byte("kept"), &rec)
	require.NoError(t, err)
	assert.Equal(t, `kept{}`, string(out))

	require.NoError(t, transform.LTSV{}.Decode(&rec, []byte("b:2\ta:\"x\"\tb:3\tbad\xfflabel:\xff\"")))
	rec.Set("n", transform.Value{Kind: transform.KindNumber, Bytes: []byte("0.000")})
	rec.Set("t", transform.True)
	rec.Set("j", transform.Value{Kind: transform.KindJSON, Bytes: []byte(`{"k":[1]}`)})
	rec.Set("gone", transform.Null)
	rec.Set("none", transform.Null)
	rec.Delete("gone")
	out, err = enc.Append(nil, &rec)
	require.NoError(t, err)
	assert.Equal(t, `{"b":"2","a":"\"x\"","bad`+"\uFFFD"+`label":"`+"\uFFFD"+`\"","n":0.000,"t":true,"j":{"k":[1]},"none":null}`, string(out))
}

// TestEncoderOnRealLogs: the members, in order, are the fields of the line.
func TestEncoderOnRealLogs(t *testing.T) {
	var enc Encoder
	var rec transform.Record
	for _, name := range logtest.Names {
		for _, line := range logtest.Lines(name) {
			require.NoError(t, transform.LTSV{}.Decode(&rec, line))
			out, err := enc.Append(nil, &rec)
			require.NoError(t, err)
			labels, values := members(t, out)
			i := 0
			for label, value := range ltsv.Fields(line) {
				require.Equal(t, string(label), labels[i])
				require.Equal(t, string([]rune(string(value))), values[i])
				i++
			}
			require.Len(t, labels, i)
		}
	}
}

// members reads an object of strings by encoding/json.
func members(t testing.TB, object []byte) (labels, values []string) {
	d := json.NewDecoder(bytes.NewReader(object))
	for i := 0; ; i++ {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", object, err)
		}
		switch v := token.(type) {
		case json.Delim:
			if v == '}' {
				return labels, values
			}
		case string:
			if i%2 == 1 {
				labels = append(labels, v)
			} else {
				values = append(values, v)
			}
		}
	}
}

// FuzzEncoder: any line that parses gives one valid object without duplicates.
func FuzzEncoder(f *testing.F) {
	for _, line := range logtest.Lines(logtest.NginxJSON)[:10] {
		f.Add(line)
	}
	f.Add([]byte("a:\x00\xff\ta\xff:\"\ta\xfe:\\"))
	var enc Encoder
	var rec transform.Record
	f.Fuzz(func(t *testing.T, line []byte) {
		if (transform.LTSV{}).Decode(&rec, line) != nil {
			return
		}
		out, err := enc.Append(nil, &rec)
		if err != nil || !json.Valid(out) {
			t.Fatalf("%q → %s, %v", line, out, err)
		}
		if bytes.ContainsAny(out, "\n\r") {
			t.Fatalf("%q → %s: more than a line", line, out)
		}
		labels, _ := members(t, out)
		seen := map[string]bool{}
		for _, l := range labels {
			if seen[l] {
				t.Fatalf("%q → %s: duplicate member", line, out)
			}
			seen[l] = true
		}
	})
}

func TestEncoderAllocatesNothing(t *testing.T) {
	lines := logtest.Corpus24(100)
	worker := mustChain(t).NewWorker(transform.LTSV{})
	one, null := transform.Value{Kind: transform.KindNumber, Bytes: []byte("1")}, transform.Null
	for _, enc := range []*Encoder{
		{}, {OmitNull: true}, {Nested: true}, {Unlisted: "u", Listed: []string{"time"}}, {Unlisted: "u", Nested: true, OmitNull: true},
	} {
		var out []byte
		i := 0
		step := func() {
			rec, err := worker.Process(lines[i%len(lines)])
			if err != nil {
				t.Error(err)
				return
			}
			rec.Set("cookie.uid", one)
			rec.Set("cookie.own.rank", null)
			rec.Set("cookie.own.seg", one)
			out, _ = enc.Append(out[:0], rec)
			i++
		}
		for range lines {
			step()
		}
		assert.Zero(t, testing.AllocsPerRun(200, step))
	}
}

// TestEncoderAndDst: Append extends dst and does not read, keep or outgrow it.
func TestEncoderAndDst(t *testing.T) {
	rec := record(t, "a:1 b.c:text b.d:\xff\"") // of every way to write
	for _, enc := range []*Encoder{{}, {Nested: true}, {Unlisted: "u"}} {
		want := appended(t, enc, rec)
		for room := range len(want) + 20 {
			buf := bytes.Repeat([]byte{'#'}, 4+room+4)
			copy(buf, "kept")
			out, err := enc.Append(buf[:4:4+room], rec)
			require.NoError(t, err)
			require.Equal(t, "kept"+want, string(out))
			require.Equal(t, "####", string(buf[4+room:]), "written behind the capacity")
			for i := range out {
				out[i] = '!'
			}
			require.Equal(t, want, appended(t, enc, rec), "what was appended is the caller's")
		}
	}
}

func mustChain(t testing.TB) *transform.Chain {
	c, err := transform.NewChain(transform.Missing(ltsv.EscapeNginx), transform.Unescape(ltsv.EscapeNginx))
	require.NoError(t, err)
	return c
}

// TestMarshalJSONOfRecord: the record's own method says what the encoder says.
func TestMarshalJSONOfRecord(t *testing.T) {
	var rec transform.Record
	var enc Encoder
	for _, name := range logtest.Names {
		for _, line := range logtest.Lines(name) {
			require.NoError(t, transform.LTSV{}.Decode(&rec, line))
			rec.Set("n", transform.Value{Kind: transform.KindNumber, Bytes: []byte("0.0")})
			rec.Set("empty", transform.Value{Kind: transform.KindJSON})
			rec.Set("none", transform.Null)
			want, err := enc.Append(nil, &rec)
			require.NoError(t, err)
			got, err := rec.MarshalJSON()
			require.NoError(t, err)
			require.Equal(t, string(want), string(got))
		}
	}
	rec.Reset()
	got, err := json.Marshal(&rec)
	require.NoError(t, err)
	require.Equal(t, "{}", string(got))
}

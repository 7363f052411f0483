package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/hamba/avro/v2/ocf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// escapes are the real logs' escapings.
var escapes = map[string]string{logtest.Nginx: "nginx", logtest.NginxJSON: "json", logtest.Apache: "apache"}

// readContainer returns what hamba/avro reads of a container file.
func readContainer(t testing.TB, file string) (schema string, records []map[string]any) {
	t.Helper()
	d, err := ocf.NewDecoder(strings.NewReader(file))
	require.NoError(t, err)
	for d.HasNext() {
		var rec map[string]any
		require.NoError(t, d.Decode(&rec))
		records = append(records, rec)
	}
	require.NoError(t, d.Error())
	return string(d.Metadata()["avro.schema"]), records
}

// lastLine returns the counts.
func lastLine(t testing.TB, errs string) (c counts) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(errs, "\n"), "\n")
	last := strings.Replace(lines[len(lines)-1], "inferred", "written", 1)
	_, err := fmt.Sscanf(last, "read=%d written=%d skipped=%d rejected=%d", &c.read, &c.written, &c.skipped, &c.rejected)
	require.NoError(t, err, errs)
	require.Equal(t, c.read, c.written+c.skipped+c.rejected)
	return c
}

// file writes text into a new file of that name, and returns its path.
func file(t testing.TB, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, text, 0o600))
	return path
}

// TestJob2: over JSON and in one pass the same records come out, which are those of job 1
// that are not of bots.
func TestJob2(t *testing.T) {
	for name, escape := range escapes {
		t.Run(name, func(t *testing.T) {
			key := "-cookie-key=keyboard cat"
			log := logtest.Log(name)
			text, errs, status := convertString(t, bytes.NewReader(log), "-job", "json", "-escape", escape, key)
			require.Zero(t, status, errs)
			over, errs, status := convertString(t, strings.NewReader(text), "-from", "json", "-job", "avro", "-to", "avro")
			require.Zero(t, status, errs)
			direct, errs2, status := convertString(t, bytes.NewReader(log), "-job", "avro", "-to", "avro", "-escape", escape, key)
			require.Zero(t, status, errs2)
			require.Equal(t, errs, errs2)
			total := lastLine(t, errs)

			schema, got := readContainer(t, direct)
			schema2, got2 := readContainer(t, over)
			require.Equal(t, schema, schema2)
			require.Equal(t, got, got2)
			require.EqualValues(t, total.written, len(got))

			want := counts{}
			for _, o := range objects(t, text) {
				want.read++
				switch {
				case o["bot"] == true:
					want.skipped++
					continue
				case o["method"] == nil || o["path"] == nil:
					want.rejected++
					continue
				}
				rec := got[want.written]
				want.written++
				require.Equal(t, o["@timestamp"], rec["timestamp"].(time.Time).UTC().Format("2006-01-02T15:04:05.000Z"))
				require.Equal(t, o["path"], rec["path"])
				require.Equal(t, o["method"], rec["method"])
				require.EqualValues(t, o["status"], rec["status"])
				require.Equal(t, o["cookie.own.seg"], rec["segment"])
			}
			assert.Equal(t, want, total)
			assert.Positive(t, want.written)
			assert.Positive(t, want.skipped)
		})
	}
}

// TestCodecs: every codec has the same records, over many blocks and in order, and says
// its name.
func TestCodecs(t *testing.T) {
	var input bytes.Buffer
	const n = 60_000
	for i := range n {
		fmt.Fprintf(&input, "n:%d\tpad:%s\n", i, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[:i%48])
	}
	schema := file(t, "s.avsc", []byte(`{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}`))
	for _, codec := range []string{"", "null", "deflate", "snappy", "zstandard"} {
		args := []string{"-to", "avro", "-schema", schema}
		if codec != "" {
			args = append(args, "-codec", codec)
		}
		out, errs, status := convertString(t, bytes.NewReader(input.Bytes()), args...)
		require.Zero(t, status, errs)
		require.Equal(t, summary(n, n, 0), errs)
		_, records := readContainer(t, out)
		require.Len(t, records, n)
		for i, rec := range records {
			require.Equal(t, map[string]any{"n": i}, rec)
		}
		d, err := ocf.NewDecoder(strings.NewReader(out))
		require.NoError(t, err)
		if codec == "" {
			codec = "deflate"
		}
		assert.Equal(t, codec, string(d.Metadata()["avro.codec"]))
	}
}

// TestSchemaFile: what does not convert is null where it can be, else rejected, and both
// are said.
func TestSchemaFile(t *testing.T) {
	schema := file(t, "s.avsc", []byte(`{"type":"record","name":"R","fields":[
		{"name":"code","type":"int","ltsv.label":"status"},
		{"name":"size","type":["null","long"],"default":null}]}`))
	rejects := filepath.Join(t.TempDir(), "rejects")
	in := "status:200\tsize:5\nstatus:x\tsize:6\nsize:7\nstatus:404\tsize:big\nbad\n"
	out, errs, status := convertString(t, strings.NewReader(in), "-to", "avro", "-schema", schema, "-rejects", rejects)
	require.Zero(t, status)
	assert.Equal(t, "field code: 2 not converted, or missing\nfield size: 1 not converted, or missing\n"+summary(5, 2, 3), errs)
	_, records := readContainer(t, out)
	assert.Equal(t, []map[string]any{{"code": 200, "size": int64(5)}, {"code": 404, "size": nil}}, records)
	b, err := os.ReadFile(rejects)
	require.NoError(t, err)
	rejected := objects(t, string(b))
	require.Len(t, rejected, 3)
	assert.Equal(t, 2.0, rejected[0]["line"])
	assert.Contains(t, rejected[0]["error"], "code")
	assert.NotContains(t, rejected[0]["error"], "x\"")
	assert.Equal(t, "c3RhdHVzOngJc2l6ZTo2", rejected[0]["raw"])

	out, errs, status = convertString(t, strings.NewReader(""), "-to", "avro", "-schema", schema)
	require.Zero(t, status)
	assert.Equal(t, summary(0, 0, 0), errs)
	_, records = readContainer(t, out)
	assert.Empty(t, records, "a file of no records is one")
}

// TestInfer: the schema that is printed takes its own input, with nothing lost, and is the
// one that -to avro infers itself, of a file and of a stream.
func TestInfer(t *testing.T) {
	for name, escape := range escapes {
		for _, job := range []string{"raw", "json"} {
			t.Run(name+" "+job, func(t *testing.T) {
				log := file(t, name, logtest.Log(name))
				args := func(more ...string) []string { return append(more, "-escape", escape, "-job", job, log) }
				printed, errs, status := convertString(t, nil, args("-infer")...)
				require.Zero(t, status, errs)
				n := lastLine(t, errs).read
				require.Equal(t, fmt.Sprintf("read=%d inferred=%d skipped=0 rejected=0\n", n, n), errs)

				by := func(args ...string) (string, []map[string]any) {
					t.Helper()
					out, errs, status := convertString(t, bytes.NewReader(logtest.Log(name)), args...)
					require.Zero(t, status, errs)
					require.Equal(t, summary(int(n), int(n), 0), errs, "all records, and all values, fit")
					return readContainer(t, out)
				}
				schema, records := by(args("-to", "avro", "-schema", file(t, "s.avsc", []byte(printed)))...)
				require.JSONEq(t, printed, schema)
				for _, args := range [][]string{args("-to", "avro"), {"-to", "avro", "-escape", escape, "-job", job}} {
					schema2, records2 := by(args...)
					require.Equal(t, schema, schema2)
					require.Equal(t, records, records2)
				}
				requireSameValues(t, printed, args(), records)
			})
		}
	}
}

// requireSameValues compares records with the JSON that args give, value by value.
func requireSameValues(t *testing.T, schema string, args []string, records []map[string]any) {
	t.Helper()
	var record struct {
		Fields []struct {
			Name  string
			Label string `json:"ltsv.label"`
		}
	}
	require.NoError(t, json.Unmarshal([]byte(schema), &record))
	out, errs, status := convertString(t, nil, args...)
	require.Zero(t, status, errs)
	compared := 0
	for i, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		var o map[string]any
		d := json.NewDecoder(strings.NewReader(line))
		d.UseNumber()
		require.NoError(t, d.Decode(&o))
		for _, f := range record.Fields {
			if f.Label == "" {
				f.Label = f.Name
			}
			text, ok := o[f.Label]
			if got := records[i][f.Name]; f.Name != "extras" && ok && text != nil && text != "-" && text != "" {
				switch got := got.(type) {
				case float64:
					var want float64
					_, err := fmt.Sscan(fmt.Sprint(text), &want)
					require.NoError(t, err)
					require.Equal(t, want, got)
				case string:
					if m, nested := text.(map[string]any); nested {
						require.NotEmpty(t, m)
						continue
					}
					require.Equal(t, fmt.Sprint(text), got, "%s of line %d", f.Label, i+1)
				default:
					require.Equal(t, fmt.Sprint(text), fmt.Sprint(got), "%s of line %d", f.Label, i+1)
				}
				compared++
			}
		}
	}
	require.Greater(t, compared, 5*len(records))
}

// TestInferOfStart: what comes behind the start of a stream that a schema was made of is
// kept, too; of a file all is known.
func TestInferOfStart(t *testing.T) {
	var input bytes.Buffer
	pad := strings.Repeat("x", 4000)
	const n = 2 * sampleText / 4000
	for i := range n {
		fmt.Fprintf(&input, "n:%d\tpad:%s\n", i, pad)
	}
	input.WriteString("n:x\tnew:1\tpad:y\n")
	out, errs, status := convertString(t, bytes.NewReader(input.Bytes()), "-to", "avro", "-codec", "snappy")
	require.Zero(t, status, errs)
	assert.Equal(t, "field n: 1 not converted, or missing\n"+summary(n+1, n+1, 0), errs)
	_, records := readContainer(t, out)
	require.Len(t, records, n+1)
	assert.Equal(t, map[string]any{"n": int64(0), "pad": pad, "extras": map[string]any{}}, records[0])
	for i, rec := range records[:n] {
		require.EqualValues(t, i, rec["n"])
	}
	assert.Equal(t, map[string]any{"n": nil, "pad": "y", "extras": map[string]any{"n": "x", "new": "1"}}, records[n])

	out, errs, status = convertString(t, nil, "-to", "avro", file(t, "log", input.Bytes()))
	require.Zero(t, status, errs)
	assert.Equal(t, summary(n+1, n+1, 0), errs)
	_, records = readContainer(t, out)
	assert.Equal(t, map[string]any{"n": "x", "pad": "y", "new": int64(1), "extras": map[string]any{}}, records[n])

	// A record that fails in both passes is rejected once.
	rejects := filepath.Join(t.TempDir(), "rejects")
	_, errs, _ = convertString(t, nil, "-to", "avro", "-rejects", rejects, file(t, "log", []byte("a:1\nbad\n")))
	assert.Equal(t, summary(2, 1, 1), errs)
	b, err := os.ReadFile(rejects)
	require.NoError(t, err)
	assert.Len(t, objects(t, string(b)), 1)
}

// TestInferCollision: labels that come to one name do not stop a run.
func TestInferCollision(t *testing.T) {
	out, errs, status := convertString(t, strings.NewReader("user-id:1\tuser.id:x\n"), "-to", "avro")
	require.Zero(t, status, errs)
	_, records := readContainer(t, out)
	require.Len(t, records, 1)
	assert.Len(t, records[0], 3)

	printed, errs, status := convertString(t, strings.NewReader(""), "-infer")
	require.Zero(t, status, errs)
	assert.Contains(t, printed, "extras", "of nothing, a schema that keeps everything")
}

// TestTornAvro: a run that fails leaves whole blocks of what it read, and says so.
func TestTornAvro(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out.avro")
	lines := strings.Repeat("n:1\tpad:"+strings.Repeat("x", 100)+"\n", 3*blockText/100)
	in := io.MultiReader(strings.NewReader(lines), iotest.ErrReader(os.ErrPermission))
	_, errs, status := convertString(t, in, "-to", "avro", "-schema", file(t, "s", []byte(`{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}`)), "-o", out)
	assert.Equal(t, 1, status)
	assert.Equal(t, "convert: read standard input: permission denied; what was written before is in "+out+".part\n", errs)
	assert.NoFileExists(t, out)
	b, err := os.ReadFile(out + ".part")
	require.NoError(t, err)
	_, records := readContainer(t, string(b))
	assert.NotEmpty(t, records)
	assert.Less(t, len(records), strings.Count(lines, "\n")+1)
}

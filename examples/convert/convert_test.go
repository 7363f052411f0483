package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// convertString runs the program on input and returns what it wrote.
func convertString(t testing.TB, input io.Reader, args ...string) (out, errs string, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(t.Context(), args, input, &stdout, &stderr)
	return stdout.String(), stderr.String(), status
}

func objects(t testing.TB, out string) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(out) {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &m), line)
		all = append(all, m)
	}
	return all
}

func summary(read, written, rejected int) string {
	return fmt.Sprintf("read=%d written=%d skipped=0 rejected=%d\n", read, written, rejected)
}

// TestRealLogs: every header decodes to the bytes that were sent, but where Apache
// logged "missing" for headers that it refused to read.
func TestRealLogs(t *testing.T) {
	for name, escape := range map[string]string{logtest.Nginx: "nginx", logtest.NginxJSON: "json", logtest.Apache: "apache"} {
		for _, missing := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " missing=", missing), func(t *testing.T) {
				truth := logtest.Truth(name)
				out, errs, status := convertString(t, bytes.NewReader(logtest.Log(name)), "-escape", escape, fmt.Sprintf("-missing=%t", missing))
				require.Zero(t, status, errs)
				assert.Equal(t, summary(len(truth), len(truth), 0), errs)
				records := objects(t, out)
				require.Len(t, records, len(truth))
				refused, checked := 0, 0
				for i, rec := range records {
					require.Contains(t, rec["req"], "n="+truth[i].N, "the order is that of the input")
					for _, label := range logtest.HeaderLabels {
						got, there := rec[label]
						if !there {
							require.Equal(t, logtest.NginxJSON, name)
							require.NotContains(t, string(logtest.Lines(name)[i]), "\t"+label+":")
							continue
						}
						sent := truth[i].Header(label)
						none := map[bool]any{true: nil, false: map[string]any{"nginx": "-", "apache": "-", "json": ""}[escape]}[missing]
						switch {
						case sent == nil, escape == "json" && len(sent) == 0:
							require.Equal(t, none, got)
						case got == none && name == logtest.Apache && truth[i].Status == 400:
							refused++
						default:
							require.Equal(t, string([]rune(string(sent))), got, "line %d, %s", i+1, label)
							checked++
						}
					}
				}
				assert.Greater(t, checked, 2*len(truth))
				assert.Equal(t, name == logtest.Apache, refused > 0)
			})
		}
	}
}

func TestRejects(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rejects")
	input := "\xEF\xBB\xBFbad\r\na:1\n\n:x\xff\nb:2\tb c:3\nlast"
	out, errs, status := convertString(t, strings.NewReader(input), "-rejects", file)
	assert.Zero(t, status)
	assert.Equal(t, "{\"a\":\"1\"}\n{\"b\":\"2\",\"b c\":\"3\"}\n", out)
	assert.Equal(t, summary(5, 2, 3), errs)
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, []map[string]any{
		{"line": 1.0, "offset": 3.0, "raw": "YmFk", "error": "ltsv: line 1, offset 3: column 1: field has no colon"},
		{"line": 4.0, "offset": 13.0, "raw": "Onj/", "error": "ltsv: line 4, offset 13: column 1: label is empty"},
		{"line": 6.0, "offset": 27.0, "raw": "bGFzdA==", "error": "ltsv: line 6, offset 27: column 1: field has no colon"},
	}, objects(t, string(b)))

	_, errs, status = convertString(t, strings.NewReader(input), "-strict")
	assert.Zero(t, status, "rejects are counted, not fatal, whether kept or not")
	assert.Equal(t, summary(5, 1, 4), errs)

	one := filepath.Join(t.TempDir(), "one")
	two := filepath.Join(t.TempDir(), "two")
	require.NoError(t, os.WriteFile(one, []byte("a:1\nbad\n"), 0o600))
	require.NoError(t, os.WriteFile(two, []byte("\nbad\na:2"), 0o600))
	out, errs, status = convertString(t, strings.NewReader("a:stdin\nbad"), "-rejects", file, one, "-", two)
	assert.Zero(t, status)
	assert.Equal(t, "{\"a\":\"1\"}\n{\"a\":\"stdin\"}\n{\"a\":\"2\"}\n", out)
	assert.Equal(t, summary(6, 3, 3), errs)
	b, err = os.ReadFile(file)
	require.NoError(t, err)
	var places []string
	for _, o := range objects(t, string(b)) {
		places = append(places, fmt.Sprint(filepath.Base(fmt.Sprint(o["file"])), o["line"], o["offset"]))
	}
	assert.Equal(t, []string{"one2 4", "<nil>2 8", "two2 1"}, places)
}

func TestLongLines(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rejects")
	fits := "a:" + strings.Repeat("x", ltsv.DefaultMaxLineBytes-2)
	for _, end := range []string{"\n", "\r\n", ""} {
		input := fits + "\r\nb:1\n" + strings.Repeat("y", 5<<20) + "\nc:2\n" + fits + "z" + end
		if end != "" {
			input += "d:3"
		}
		out, errs, status := convertString(t, strings.NewReader(input), "-rejects", file)
		require.Zero(t, status)
		want := []string{"a", "b", "c"}
		if end != "" {
			want = append(want, "d")
		}
		var got []string
		for _, o := range objects(t, out) {
			for label := range o {
				got = append(got, label)
			}
		}
		assert.Equal(t, want, got)
		assert.Equal(t, summary(len(want)+2, len(want), 2), errs)
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		rejected := objects(t, string(b))
		require.Len(t, rejected, 2)
		assert.Equal(t, true, rejected[0]["cut"])
		assert.Equal(t, float64(len(fits)+len("\r\nb:1\n")), rejected[0]["offset"])
		assert.Equal(t, 3.0, rejected[0]["line"])
		assert.Equal(t, 5.0, rejected[1]["line"])
		assert.Contains(t, rejected[1]["error"], "too long")
	}
}

// TestReadsAsReader: any input, cut anywhere, gives the records and rejects that
// ltsv.Reader gives.
func TestReadsAsReader(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	words := []string{"a:1", "b:2\tc:3", "bad", ":x", "", "\r", "d:\xff", "\xEF\xBB\xBFe:5", "\t", "\n", "\r\n", "\n\n"}
	for range 300 {
		var input strings.Builder
		for range rnd.IntN(20) {
			input.WriteString(words[rnd.IntN(len(words))])
			if rnd.IntN(3) > 0 {
				input.WriteByte('\n')
			}
		}
		var wantOut []byte
		var wantErrors []string
		var rec transform.Record
		var enc jsonrec.Encoder
		for line, err := range ltsv.NewReader(strings.NewReader(input.String())).All() {
			if err != nil {
				wantErrors = append(wantErrors, err.Error())
				continue
			}
			require.NoError(t, transform.LTSV{}.Decode(&rec, line.Line()))
			wantOut, err = enc.Append(wantOut, &rec)
			require.NoError(t, err)
			wantOut = append(wantOut, '\n')
		}
		for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader, iotest.HalfReader} {
			file := filepath.Join(t.TempDir(), "rejects")
			out, errs, status := convertString(t, wrap(strings.NewReader(input.String())), "-rejects", file)
			require.Zero(t, status, errs)
			require.Equal(t, string(wantOut), out, "%q", input.String())
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			var gotErrors []string
			for _, o := range objects(t, string(b)) {
				gotErrors = append(gotErrors, fmt.Sprint(o["error"]))
			}
			require.Equal(t, wantErrors, gotErrors, "%q", input.String())
			written := bytes.Count(wantOut, []byte("\n"))
			require.Equal(t, summary(written+len(wantErrors), written, len(wantErrors)), errs)
		}
	}
}

func TestToLTSV(t *testing.T) {
	for _, name := range logtest.Names {
		log := string(logtest.Log(name))
		out, errs, status := convertString(t, strings.NewReader(log), "-to", "ltsv", "-strict")
		require.Zero(t, status, errs)
		require.Equal(t, log, out)
	}
	out, errs, _ := convertString(t, strings.NewReader("a:\\x22\nb:\\x09\n"), "-to", "ltsv", "-escape", "nginx")
	assert.Equal(t, "a:\"\n", out)
	assert.Equal(t, summary(2, 1, 1), errs, "a TAB would break the line")
}

// TestOrder: many chunks, all cores, and the order of the input.
func TestOrder(t *testing.T) {
	var input, want bytes.Buffer
	for i := range 200_000 {
		fmt.Fprintf(&input, "n:%d\tpad:%s\n", i, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[:i%48])
		fmt.Fprintf(&want, "{\"n\":\"%d\",\"pad\":\"%s\"}\n", i, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[:i%48])
	}
	out, errs, status := convertString(t, &input)
	require.Zero(t, status)
	assert.Equal(t, summary(200_000, 200_000, 0), errs)
	assert.True(t, want.String() == out)
}

// TestSlowStream: a line comes out before the next one has come in.
func TestSlowStream(t *testing.T) {
	in, feed := io.Pipe()
	lines, out := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(t.Context(), nil, in, out, io.Discard)
		out.Close()
	}()
	buf := make([]byte, 100)
	for i := range 5 {
		_, err := fmt.Fprintf(feed, "n:%d\n", i)
		require.NoError(t, err)
		n, err := lines.Read(buf)
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprintf("{\"n\":\"%d\"}\n", i), string(buf[:n]))
	}
	feed.Close()
	assert.Zero(t, <-done)
}

// TestJob1Rejects a record without a time, and takes what else it is given.
func TestJob1Rejects(t *testing.T) {
	out, errs, _ := convertString(t, strings.NewReader("status:200\ntime:x\nmsec:1795363249.567\ttime:x\nmsec:-\ttime:-\n"), "-job", "json")
	assert.Equal(t, "{\"@timestamp\":\"2026-11-22T16:00:49.567Z\",\"bot\":false}\n", out)
	assert.Equal(t, summary(4, 1, 3), errs)
	t.Setenv("LTSVPIPE_COOKIE_KEY", "keyboard cat")
	out, _, _ = convertString(t, strings.NewReader("msec:0.000\tcookie:connect.sid=s%3Au807290.FHHKf8%2B0ePx6U0sES2ogoB5TrBJtOGDYOtGlvhVAKKk"), "-job", "json")
	assert.Contains(t, out, `"cookie.sid":"u807290"`)
}

// pieces reads what it is given, a piece a call, and then waits until it is closed.
type pieces struct {
	list [][]byte
	wait chan struct{}
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.list) == 0 {
		<-p.wait
		return 0, io.EOF
	}
	n := copy(b, p.list[0])
	if p.list[0] = p.list[0][n:]; len(p.list[0]) == 0 {
		p.list = p.list[1:]
	}
	return n, nil
}

// TestLongLineInPieces: a line that was given up is rejected, whatever its start
// looks like, and what stands behind it does not wait for more.
func TestLongLineInPieces(t *testing.T) {
	in := &pieces{list: [][]byte{
		[]byte(byteOrderMark), []byte("a:" + strings.Repeat("x", ltsv.DefaultMaxLineBytes-2)),
		[]byte("yyy\tuser:bob\nb:1\nc:"), []byte("2\n"), []byte(strings.Repeat("z", ltsv.DefaultMaxLineBytes+70_000)), []byte("z\nd:1\ne:1\n"),
	}, wait: make(chan struct{})}
	lines, out := io.Pipe()
	var stderr bytes.Buffer
	done := make(chan int)
	go func() { done <- run(t.Context(), nil, in, out, &stderr) }()
	var got string
	buf := make([]byte, 1000)
	for !strings.Contains(got, `"e"`) { // before the input has ended
		n, err := lines.Read(buf)
		require.NoError(t, err)
		got += string(buf[:n])
	}
	close(in.wait)
	assert.Zero(t, <-done)
	assert.Equal(t, "{\"b\":\"1\"}\n{\"c\":\"2\"}\n{\"d\":\"1\"}\n{\"e\":\"1\"}\n", got)
	assert.Equal(t, summary(6, 4, 2), stderr.String())
}

func TestRecordsWithoutFields(t *testing.T) {
	out, errs, _ := convertString(t, strings.NewReader("a:1\n\t\t\nb:2\n"), "-to", "ltsv")
	assert.Equal(t, "a:1\nb:2\n", out)
	assert.Equal(t, "read=3 written=2 skipped=1 rejected=0\n", errs)
	out, _, _ = convertString(t, strings.NewReader("\t\t\n"))
	assert.Equal(t, "{}\n", out)
}

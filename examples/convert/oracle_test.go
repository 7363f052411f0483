package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// oracle runs a script of testdata.
func oracle(t *testing.T, input []byte, script string, args ...string) []string {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil && os.Getenv("LTSVPIPE_REAL") == "" {
		t.Skip("the oracle is a Python script, and python3 is not here")
	}
	require.NoError(t, err)
	cmd := exec.Command(python, append([]string{"testdata/" + script}, args...)...)
	cmd.Stdin = bytes.NewReader(input)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
}

// TestJob1 compares job 1 with the same job written in Python, member by member:
// name, order, kind, and the digits of numbers.
func TestJob1(t *testing.T) {
	for _, key := range []string{"keyboard cat", ""} {
		for name, escape := range escapes {
			log := logtest.Log(name)
			lines := oracle(t, log, "job1.py", escape, key)
			out, errs, status := convertString(t, bytes.NewReader(log), "-job", "json", "-escape", escape, "-cookie-key", key)
			require.Zero(t, status, errs)
			assert.Equal(t, summary(len(lines), len(lines), 0), errs)
			got := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
			require.Len(t, got, len(lines))
			signed := 0
			for i := range lines {
				require.Equal(t, ordered(t, lines[i]), ordered(t, got[i]), "%s, line %d", name, i+1)
				signed += strings.Count(got[i], `"cookie.sid"`)
			}
			assert.Equal(t, key != "", signed > 0)
		}
	}
}

// ordered lists the members of an object: name, kind and value, in order.
func ordered(t *testing.T, object string) []string {
	d := json.NewDecoder(strings.NewReader(object))
	d.UseNumber()
	var list []string
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		require.NoError(t, err, object)
		list = append(list, fmt.Sprintf("%T %v", token, token))
	}
}

// TestContainer has a reader that is not Go, and was written for this alone, read what
// comes of real logs, and compares it with the JSON of another way, value by value.
func TestContainer(t *testing.T) {
	for name, escape := range escapes {
		log := logtest.Log(name)
		args := []string{"-escape", escape, "-job", "json"}
		text, errs, status := convertString(t, bytes.NewReader(log), args...)
		require.Zero(t, status, errs)
		want := objects(t, text)

		inferred, errs, status := convertString(t, bytes.NewReader(log), append(args, "-to", "avro", "-codec", "null")...)
		require.Zero(t, status, errs)
		got := objects(t, strings.Join(oracle(t, []byte(inferred), "container.py"), "\n"))
		require.Len(t, got, len(want))
		for i, rec := range got {
			for _, member := range []string{"path", "query", "ua", "status", "size", "reqtime", "bot"} {
				if v := want[i][member]; v != "" && v != "-" { // which inference takes for no value
					require.Equal(t, v, rec[member], "%s of line %d", member, i+1)
				}
			}
		}

		job2, errs, status := convertString(t, bytes.NewReader(log), "-escape", escape, "-job", "avro", "-to", "avro")
		require.Zero(t, status, errs)
		got = objects(t, strings.Join(oracle(t, []byte(job2), "container.py"), "\n"))
		for _, o := range want {
			if o["bot"] == true || o["method"] == nil || o["path"] == nil {
				continue
			}
			at, err := time.Parse(time.RFC3339Nano, o["@timestamp"].(string))
			require.NoError(t, err)
			require.NotEmpty(t, got)
			require.EqualValues(t, at.UnixMilli(), got[0]["timestamp"])
			for field, member := range map[string]string{
				"method": "method", "path": "path", "status": "status", "size": "size", "reqtime": "reqtime",
				"client": "client", "referer_host": "referer_host", "uid": "cookie.uid", "segment": "cookie.own.seg", "lang": "cookie.sess.lang",
			} {
				require.Equal(t, o[member], got[0][field], field)
			}
			got = got[1:]
		}
		assert.Empty(t, got)
	}
}

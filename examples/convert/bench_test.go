package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// BenchmarkConvert converts a log of 200 MB, file to file, in the page cache: against a
// copy of the file by the kernel, and against a disk, whose bytes a second are to be had
// from dd. The bytes are those that come in.
func BenchmarkConvert(b *testing.B) {
	dir := b.TempDir()
	in, out := filepath.Join(dir, "in.ltsv"), filepath.Join(dir, "out")
	text := append(bytes.Join(logtest.Lines(logtest.Nginx), []byte("\n")), '\n')
	text = bytes.Repeat(text, 200_000_000/len(text))
	require.NoError(b, os.WriteFile(in, text, 0o600))
	records := bytes.Count(text, []byte("\n"))
	bench := func(name string, once func()) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				once()
				b.StopTimer()
				require.NoError(b, os.Remove(out))
				b.StartTimer()
			}
			b.ReportMetric(float64(records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
	bench("copy", func() {
		from, err := os.Open(in)
		require.NoError(b, err)
		to, err := os.Create(out)
		require.NoError(b, err)
		_, err = io.Copy(to, from)
		require.NoError(b, err)
		require.NoError(b, from.Close())
		require.NoError(b, to.Close())
	})
	for _, job := range []struct {
		name string
		args []string
	}{
		{"raw", nil},
		{"to=ltsv", []string{"-escape", "nginx", "-to", "ltsv"}},
		{"job=json", []string{"-job", "json", "-cookie-key", "keyboard cat"}},
		{"job=avro", []string{"-job", "avro", "-to", "avro"}},
		{"inferred", []string{"-to", "avro"}},
	} {
		bench(job.name, func() {
			var errs bytes.Buffer
			require.Zero(b, run(b.Context(), append(job.args, "-o", out, in), nil, io.Discard, &errs), errs.String())
		})
	}
}

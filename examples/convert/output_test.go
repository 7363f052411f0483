package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	if os.Getenv("CONVERT_IS_MAIN") == "1" {
		main()
	}
	os.Exit(m.Run())
}

// program returns the program itself, for what signals do to it.
func program(t *testing.T, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd = exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), "CONVERT_IS_MAIN=1")
	stderr = new(bytes.Buffer)
	cmd.Stderr = stderr
	return cmd, stderr
}

func read1(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}

// TestNameIsForWholeFiles: what a failed run leaves has another name, and what was there
// before is as it was.
func TestNameIsForWholeFiles(t *testing.T) {
	dir := t.TempDir()
	out, rejects := filepath.Join(dir, "out"), filepath.Join(dir, "rejects")
	fails := func() io.Reader {
		return io.MultiReader(strings.NewReader("a:1\nbad\n"), iotest.ErrReader(os.ErrPermission))
	}
	_, errs, status := convertString(t, fails(), "-o", out)
	assert.Equal(t, 1, status)
	assert.Equal(t, "convert: read standard input: permission denied; what was written before is in "+out+".part\n", errs)
	assert.NoFileExists(t, out)
	assert.Equal(t, "{\"a\":\"1\"}\n", read1(t, out+".part"))

	_, errs, status = convertString(t, strings.NewReader("b:2\n"), "-o", out)
	require.Zero(t, status, errs)
	assert.Equal(t, "{\"b\":\"2\"}\n", read1(t, out))
	assert.NoFileExists(t, out+".part")

	_, errs, status = convertString(t, fails(), "-o", out, "-rejects", rejects)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "; what was written before is in "+rejects+".part and "+out+".part\n")
	assert.Equal(t, "{\"b\":\"2\"}\n", read1(t, out))
	assert.NoFileExists(t, rejects)
	assert.Len(t, objects(t, read1(t, rejects+".part")), 1)

	// Of nothing nothing is left.
	_, errs, status = convertString(t, iotest.ErrReader(os.ErrPermission), "-o", filepath.Join(dir, "x"), "-rejects", filepath.Join(dir, "none", "x"))
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "create")
	assert.NoFileExists(t, filepath.Join(dir, "x.part"))
}

func TestFilesKeepWhatTheyAre(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "target"), filepath.Join(dir, "link")
	require.NoError(t, os.WriteFile(target, []byte("old"), 0o600))
	require.NoError(t, os.Chmod(target, 0o604))
	require.NoError(t, os.Symlink("target", link))
	_, errs, status := convertString(t, strings.NewReader("a:1\n"), "-o", link)
	require.Zero(t, status, errs)
	assert.Equal(t, "{\"a\":\"1\"}\n", read1(t, target))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSymlink, info.Mode().Type())
	info, err = os.Stat(target)
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o604), info.Mode().Perm())

	_, errs, status = convertString(t, strings.NewReader("a:1\n"), "-o", os.DevNull)
	require.Zero(t, status, errs)
	info, err = os.Stat(os.DevNull)
	require.NoError(t, err)
	assert.Equal(t, fs.ModeDevice, info.Mode().Type()&fs.ModeDevice)

	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no device that is always full")
	}
	for _, args := range [][]string{{}, {"-to", "avro"}, {"-infer"}} {
		_, errs, status = convertString(t, strings.NewReader("a:1\n"), append(args, "-o", "/dev/full")...)
		assert.Equal(t, 1, status)
		assert.Equal(t, "convert: write /dev/full: no space left on device\n", errs)
	}
}

func TestOutputsDoNotOverwriteInput(t *testing.T) {
	input := file(t, "log", []byte("a:1\n"))
	for _, flag := range []string{"-rejects", "-o"} {
		_, errs, status := convertString(t, nil, flag, input, input)
		assert.Equal(t, 1, status)
		assert.Equal(t, "convert: "+flag+" "+input+" is an input too\n", errs)
		assert.Equal(t, "a:1\n", read1(t, input))
	}
	part := file(t, "log.part", []byte("a:1\n"))
	_, errs, status := convertString(t, nil, "-o", strings.TrimSuffix(part, ".part"), part)
	assert.Equal(t, 1, status)
	assert.Equal(t, "convert: -o "+part+" is an input too\n", errs)
	assert.Equal(t, "a:1\n", read1(t, part))
}

// TestAvroIsNotAppended: who appends to a container damages it.
func TestAvroIsNotAppended(t *testing.T) {
	name := file(t, "x.avro", []byte("what is there"))
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	defer f.Close()
	var errs strings.Builder
	assert.Equal(t, 1, run(t.Context(), []string{"-to", "avro"}, strings.NewReader("a:1\n"), f, &errs))
	assert.Equal(t, "convert: write output: avroschema: the file is not empty\n", errs.String())
	assert.Equal(t, "what is there", read1(t, name))
}

// TestOutputFailsWhileInputIsIdle: the error does not wait for input.
func TestOutputFailsWhileInputIsIdle(t *testing.T) {
	in := &pieces{list: [][]byte{[]byte("a:1\n")}, wait: make(chan struct{})}
	defer close(in.wait)
	lines, out := io.Pipe()
	lines.CloseWithError(os.ErrClosed)
	var stderr bytes.Buffer
	done := make(chan int)
	go func() { done <- run(t.Context(), nil, in, out, &stderr) }()
	assert.Equal(t, 1, <-done)
	assert.Contains(t, stderr.String(), "convert: write output: ")
}

func TestInterrupted(t *testing.T) {
	for _, args := range [][]string{{}, {"-to", "avro"}, {"-infer"}} {
		in := &pieces{list: [][]byte{[]byte("a:1\n")}, wait: make(chan struct{})}
		ctx, cancel := context.WithCancel(t.Context())
		var stderr bytes.Buffer
		done := make(chan int)
		go func() { done <- run(ctx, args, in, io.Discard, &stderr) }()
		cancel()
		assert.Equal(t, 1, <-done)
		assert.Equal(t, "convert: interrupted\n", stderr.String())
		close(in.wait)
	}
}

// TestSignal: who ends the program in the middle of a stream finds what it wrote.
func TestSignal(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	cmd, stderr := program(t, "-o", out)
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = io.WriteString(in, "a:1\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		b, err := os.ReadFile(out + ".part")
		return err == nil && len(b) > 0
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.Error(t, cmd.Wait())
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
	assert.Equal(t, "convert: interrupted; what was written before is in "+out+".part\n", stderr.String())
	assert.Equal(t, "{\"a\":\"1\"}\n", read1(t, out+".part"))
	assert.NoFileExists(t, out)
}

func TestBrokenPipe(t *testing.T) {
	cmd, stderr := program(t)
	cmd.Stdin = bytes.NewReader(bytes.Repeat([]byte("a:1\n"), 1<<20))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = out.Read(make([]byte, 10))
	require.NoError(t, err)
	require.NoError(t, out.Close())
	require.Error(t, cmd.Wait())
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
	assert.Equal(t, "convert: write output: broken pipe\n", stderr.String())
}

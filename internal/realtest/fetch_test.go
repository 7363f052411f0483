package realtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOnce(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("locks, and where the cache is, are Linux's")
	}
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	var filled atomic.Int32
	fill := func(dir string) ([]*exec.Cmd, error) {
		filled.Add(1)
		return nil, os.WriteFile(filepath.Join(dir, "a"), []byte("whole"), 0o644)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			dir, err := once("test", []string{"a:1", "b:2"}, fill)
			if assert.NoError(t, err) {
				text, err := os.ReadFile(filepath.Join(dir, "a"))
				assert.NoError(t, err)
				assert.Equal(t, "whole", string(text))
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, filled.Load())

	_, err := once("test", []string{"a:1", "b:3"}, fill)
	require.NoError(t, err)
	assert.EqualValues(t, 2, filled.Load(), "another version is another folder")

	_, err = once("test", []string{"c"}, func(dir string) ([]*exec.Cmd, error) {
		return []*exec.Cmd{exec.Command("sh", "-c", "echo why >&2; exit 3")}, nil
	})
	require.ErrorContains(t, err, "no c: ")
	require.ErrorContains(t, err, "why")
	found := errors.New("no network")
	_, err = once("test", []string{"c"}, func(string) ([]*exec.Cmd, error) { return nil, found })
	require.ErrorIs(t, err, found, "what failed is tried again")

	_, err = Maven("a:1")
	require.ErrorContains(t, err, "not group:artifact:version")
	left, err := filepath.Glob(filepath.Join(cache, "ltsvpipe", ".fetch*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestFetch fetches small things of each kind.
func TestFetch(t *testing.T) {
	Need(t, "Maven, npm and PyPI")
	jars, err := Maven("org.slf4j:slf4j-nop:2.0.17")
	require.NoError(t, err)
	names, err := filepath.Glob(filepath.Join(jars, "*.jar"))
	require.NoError(t, err)
	assert.Len(t, names, 2)

	modules, err := NPM("inherits@2.0.4")
	require.NoError(t, err)
	node := exec.Command("node", "-e", "console.log(typeof require('inherits'))")
	node.Env = append(node.Environ(), "NODE_PATH="+modules)
	assert.Equal(t, "function\n", string(Output(t, node, nil)))

	python, err := PyPI("six==1.17.0")
	require.NoError(t, err)
	assert.Equal(t, "1.17.0\n", string(Output(t, exec.Command(python, "-c", "import six; print(six.__version__)"), nil)))
}

package archive

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEntryTorn: no part of an entry is one, nor an entry of something else.
func TestEntryTorn(t *testing.T) {
	e := entry{Topic: "in", Partition: 3, Next: 70, LeaderEpoch: 2, Files: []move{{dataName(version{4, 5}), "dt=1/in+3+1+2.x"}}}
	text, err := e.encode()
	require.NoError(t, err)
	got, err := decodeEntry(bytes.NewReader(text), "in", 3)
	require.NoError(t, err)
	got.End = ""
	assert.Equal(t, e, got)
	for n := range len(text) - 1 {
		_, err := decodeEntry(bytes.NewReader(text[:n]), "in", 3)
		require.ErrorIs(t, err, ErrCorrupt, "%d bytes", n)
	}
	_, err = decodeEntry(bytes.NewReader(text), "in", 4)
	require.ErrorIs(t, err, ErrCorrupt)
	_, err = decodeEntry(bytes.NewReader(text), "out", 3)
	require.ErrorIs(t, err, ErrCorrupt)
}

func TestEntryNames(t *testing.T) {
	v := version{12, 345}
	for _, name := range []string{claimName(12), rollName(v), rollName(v) + tmp, dataName(v)} {
		assert.EqualValues(t, 12, epochOf(name), name)
	}
	for _, name := range []string{"", "x", "claim-", "claim-1", "roll-1-2", "data-0000000012", "lost+found", claimName(12) + tmp} {
		assert.Zero(t, epochOf(name), name)
	}
	assert.True(t, version{1, 9}.less(version{2, 0}))
	assert.False(t, version{2, 0}.less(version{2, 0}))
}

// TestFolderPaths: a record's folder is below the root and can be seen.
func TestFolderPaths(t *testing.T) {
	for _, good := range []string{"a", "dt=2026-03-01/hour=10", "día=1", strings.Repeat("a", 255)} {
		assert.True(t, validFolder(good), good)
	}
	for _, bad := range []string{"", ".", "..", "/a", "a/", "a//b", "a/../b", "a/./b", "_archive", "a/_b", ".a", "a/.b", `a\b`, "c:", "a\nb", "a\x00b", "\xff", strings.Repeat("a", 256), strings.Repeat("a/", 513) + "a"} {
		assert.False(t, validFolder(bad), bad)
	}
}

func FuzzEntry(f *testing.F) {
	text, err := entry{Topic: "in", Partition: 3, Next: 70, Files: []move{{dataName(version{4, 5}), "dt=1/x"}}}.encode()
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"topic":"in"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := decodeEntry(bytes.NewReader(text), "in", 3)
		if err != nil {
			return
		}
		again, err := e.encode()
		require.NoError(t, err)
		same, err := decodeEntry(bytes.NewReader(again), "in", 3)
		require.NoError(t, err)
		require.Equal(t, e, same)
	})
}

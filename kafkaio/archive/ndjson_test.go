package archive_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// TestNDJSON: what goes in comes out, as another reader of gzip sees it too,
// and what is rejected leaves nothing behind.
func TestNDJSON(t *testing.T) {
	for _, format := range []archive.NDJSON{{}, {Compression: archive.Zstd}, {Compression: archive.Plain}} {
		var out bytes.Buffer
		enc, err := format.NewEncoder(&out, nil)
		require.NoError(t, err)
		var want []string
		for i := range 20_000 {
			line := fmt.Sprintf(`{"n":%d}`, i)
			want = append(want, line)
			require.NoError(t, enc.WriteEncoded([]byte(line)))
			for _, bad := range []string{"", "{\n}", "{}\r"} {
				require.ErrorIs(t, enc.WriteEncoded([]byte(bad)), archive.ErrLine)
			}
		}
		require.NoError(t, enc.Close())
		file := filepath.Join(t.TempDir(), "x."+format.Ext())
		require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
		require.Equal(t, want, lines(t, file))
		if format.Compression != archive.Gzip {
			continue
		}
		if gzip, err := exec.LookPath("gzip"); err == nil {
			text, err := exec.Command(gzip, "-dc", file).Output()
			require.NoError(t, err)
			assert.Equal(t, 20_000, bytes.Count(text, []byte("\n")))
		}
	}
	_, err := archive.NDJSON{Compression: 9}.NewEncoder(&bytes.Buffer{}, nil)
	require.Error(t, err)
}

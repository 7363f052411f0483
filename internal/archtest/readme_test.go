package archtest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadmeCompiles: the Go of README.md is what a compiler takes, inside functions that
// have what its readers have.
func TestReadmeCompiles(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	source := `package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

func main() { _, _, _, _ = pipeline, exactlyOnce, lines, stage }

func pipeline(ctx context.Context, brokers []string) error {
@0}

func exactlyOnce(ctx context.Context, p *kafkaio.Pipeline, brokers []string, host string) error {
@1}

func lines(file io.Reader) {
@2}

func stage() transform.Stage {
@3	return hops
}
`
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, 4)
	for i, block := range blocks {
		code := strings.ReplaceAll(block[1], "…", "_ = status")
		source = strings.ReplaceAll(source, "@"+string(rune('0'+i)), code)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(source), 0o600))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "internal", "readme", "main.go"): file}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "overlay"), overlay, 0o600))
	cmd := exec.Command("go", "build", "-overlay", filepath.Join(dir, "overlay"), "-o", filepath.Join(dir, "out"), "./internal/readme")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, string(out))
}

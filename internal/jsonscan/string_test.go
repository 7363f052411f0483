package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppendUnescape(t *testing.T) {
	for _, tt := range []struct{ raw, want string }{
		{``, ``},
		{`plain`, `plain`},
		{`\"\\\/\b\f\n\r\t`, "\"\\/\b\f\n\r\t"},
		{`a\u0041\u00e9\u808Cz`, "aAé肌z"},
		{`\ud83d\ude00`, "😀"},
		{`\ud83d`, "\ufffd"},
		{`\ude00\ud83dx`, "\ufffd\ufffdx"},
		{`\ud83d\n`, "\ufffd\n"},
		{`\ud83d\u0041`, "\ufffdA"},
		{`\u0000`, "\x00"},
		// Not from a Scanner: nothing is promised but to stay alive.
		{`\`, `\`},
		{`\u12`, "\ufffd12"},
	} {
		if got := AppendUnescape([]byte("> "), []byte(tt.raw)); string(got) != "> "+tt.want {
			t.Errorf("%s: got %q, want %q", tt.raw, got, tt.want)
		}
	}
}

// The string scan goes eight bytes at a time: put every byte at every offset.
func TestStringEveryByteEverywhere(t *testing.T) {
	for size := range 40 {
		for at := range size {
			for c := range 256 {
				src := []byte(`"` + strings.Repeat("a", size) + `"`)
				src[1+at] = byte(c)
				want := json.Valid(src) && c < 0x80
				if got := Valid(src); got != want {
					t.Fatalf("size %d, byte %#x at %d: %v", size, c, at, got)
				}
			}
		}
	}
}

func FuzzUnescape(f *testing.F) {
	f.Add([]byte(`\ud83d\ude00\u00e9\n肌`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := AppendUnescape(nil, raw)
		src := append(append([]byte{'"'}, raw...), '"')
		if !Valid(src) {
			return
		}
		var want string
		if err := json.Unmarshal(src, &want); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, []byte(want)) {
			t.Fatalf("%q: got %q, want %q", raw, got, want)
		}
		if len(got) > len(raw) {
			t.Fatal("unescaping made it longer")
		}
	})
}

// TestPlainEnd puts each byte that is not plain at every place of texts of every length,
// from every offset.
func TestPlainEnd(t *testing.T) {
	for size := range 100 {
		text := bytes.Repeat([]byte("~"), size)
		for from := range min(size+1, 20) {
			require.Equal(t, size, plainEnd(text, from))
			for at := from; at < size; at++ {
				for _, c := range []byte{'"', '\\', 0, 0x1f, 0x80, 0xff} {
					text[at] = c
					require.Equal(t, at, plainEnd(text, from), "%d of %d from %d: %x", at, size, from, c)
					text[at] = '~'
				}
			}
		}
	}
}

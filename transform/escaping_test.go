package transform

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// TestUnescapeAll: the short cut over the whole line gives what each value for itself
// gives, whatever became of the record before.
func TestUnescapeAll(t *testing.T) {
	edits := map[string]func(*Record){
		"none":   func(*Record) {},
		"delete": func(r *Record) { r.Delete("req") },
		"null":   func(r *Record) { r.Set("ua", Null) },
		"set":    func(r *Record) { r.Set("host", String([]byte(`\x41#41`))) },
		"add":    func(r *Record) { r.Set("key", String([]byte(`\x41#41`))) },
		"rename": func(r *Record) { r.Rename("cookie", "time") },
	}
	lines := append(logtest.Lines(logtest.Nginx), logtest.Lines(logtest.Apache)...)
	for _, line := range []string{
		"", `a\x41b:1`, `\x41:\x42`, `a:\x41` + "\t" + `a:\x42`, "\t\t" + `a:\x41` + "\t\t" + `b:\x5cx41` + "\tc:\t", `a:#41\`, `a:\x4`,
	} {
		lines = append(lines, []byte(line))
	}
	for _, e := range []ltsv.Escaping{ltsv.EscapeNginx, ltsv.EscapeApache, ltsv.EscapeHAProxy, ltsv.EscapeNone} {
		for name, edit := range edits {
			before := Custom("edit", func(r *Record) error { edit(r); return nil })
			all, err := NewChain(before, Unescape(e), Unescape(e))
			require.NoError(t, err)
			one := Custom("one by one", func(r *Record) error {
				for label, v := range r.All() {
					if v.Kind == KindString {
						r.Set(label, String(ltsv.AppendUnescape(nil, v.Bytes, e)))
					}
				}
				return nil
			})
			each, err := NewChain(before, one, one)
			require.NoError(t, err)
			w, want := all.NewWorker(LTSV{}), each.NewWorker(LTSV{})
			for _, line := range lines {
				a, err := w.Process(line)
				require.NoError(t, err)
				b, err := want.Process(line)
				require.NoError(t, err)
				got, _ := a.MarshalJSON()
				expected, _ := b.MarshalJSON()
				assert.Equal(t, string(expected), string(got), "%v %s %q", e, name, line)
			}
		}
	}
}

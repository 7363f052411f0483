package ltsv

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// The reference of every ratio: a loop that looks for the TAB and for the colon
// of each field with bytes.IndexByte, into a slice that is used again. Like Parse
// it wants a label and a colon in each field, and hands out clipped slices.
func plainLoop(fields []Field, line []byte) ([]Field, error) {
	fields = fields[:0]
	for start := 0; start < len(line); {
		end := bytes.IndexByte(line[start:], '\t')
		if end < 0 {
			end = len(line)
		} else {
			end += start
		}
		colon := bytes.IndexByte(line[start:end], ':')
		if colon <= 0 {
			return fields, ErrNoColon
		}
		colon += start
		fields = append(fields, Field{line[start:colon:colon], line[colon+1 : end : end]})
		start = end + 1
	}
	return fields, nil
}

// visit touches every label and value.
func visit(r *Record) (sum int) {
	for label, value := range r.All() {
		sum += len(label) + int(label[0])
		if len(value) > 0 {
			sum += int(value[0])
		}
	}
	return sum
}

func visitFields(line []byte) (sum int) {
	for label, value := range Fields(line) {
		sum += len(label) + int(label[0])
		if len(value) > 0 {
			sum += int(value[0])
		}
	}
	return sum
}

var corpora = []struct {
	name  string
	make  func(int) [][]byte
	label [4]string
}{
	{"fields=24", logtest.Corpus24, [4]string{"uri", "status", "reqtime", "vhost"}},
	{"fields=8", logtest.Corpus8, [4]string{"uri", "status", "reqtime", "vhost"}},
	{"fields=64tiny", logtest.CorpusTiny, [4]string{"am", "az", "bc", "cl"}},
}

// BenchmarkLine holds the parser beside its reference and beside what no parser
// can be faster than: looking for the line's end, and copying the line.
func BenchmarkLine(b *testing.B) {
	for _, c := range corpora {
		lines := c.make(1000)
		bytesPerLine := len(bytes.Join(lines, nil)) / len(lines)
		run := func(name string, f func(line []byte)) {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(bytesPerLine))
				i := 0
				for b.Loop() {
					f(lines[i])
					if i++; i == len(lines) {
						i = 0
					}
				}
			})
		}
		var all []Field
		run("plain-loop", func(line []byte) { all, _ = plainLoop(all, line) })
		var r Record
		sel := NewSelector(c.label[:]...)
		var values [][]byte
		eachIndexerBench(func(suffix string) {
			run("Parse"+suffix, func(line []byte) { _ = r.Parse(line) })
			run("Parse+Selector4"+suffix, func(line []byte) {
				_ = r.Parse(line)
				values = sel.Select(values[:0], &r)
			})
			run("Parse+All"+suffix, func(line []byte) {
				_ = r.Parse(line)
				visit(&r)
			})
			run("ParseStrict"+suffix, func(line []byte) { _ = r.ParseStrict(line) })
		})
		run("Parse+Get4", func(line []byte) {
			_ = r.Parse(line)
			for _, l := range c.label {
				_, _ = r.Get(l)
			}
		})
		run("Fields", func(line []byte) { visitFields(line) })
		run("IndexByte-newline", func(line []byte) { bytes.IndexByte(line, '\n') })
		buf := make([]byte, 4096)
		run("copy", func(line []byte) { copy(buf, line) })
	}
}

// BenchmarkSelectorMixed: lines of several layouts in turn, so that predictions fail.
func BenchmarkSelectorMixed(b *testing.B) {
	for _, layouts := range []int{1, 2, 5} {
		b.Run(fmt.Sprint("layouts=", layouts), func(b *testing.B) {
			lines := logtest.Corpus24(1000)
			for i := range lines {
				lines[i] = append(bytes.Repeat([]byte("x:1\t"), i%layouts), lines[i]...)
			}
			var r Record
			sel := NewSelector("uri", "status", "reqtime", "vhost")
			var values [][]byte
			i := 0
			for b.Loop() {
				_ = r.Parse(lines[i])
				values = sel.Select(values[:0], &r)
				if i++; i == len(lines) {
					i = 0
				}
			}
		})
	}
}

// BenchmarkBuffer reads 128 MB, beside looking for line ends and copying.
func BenchmarkBuffer(b *testing.B) {
	line := append(bytes.Join(logtest.Corpus24(3000), []byte("\n")), '\n')
	buf := bytes.Repeat(line, 128<<20/len(line))
	run := func(name string, f func()) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(buf)))
			for b.Loop() {
				f()
			}
		})
	}
	run("IndexByte-newline", func() {
		for rest := buf; len(rest) > 0; {
			rest = rest[bytes.IndexByte(rest, '\n')+1:]
		}
	})
	dst := make([]byte, len(buf))
	run("copy", func() { copy(dst, buf) })
	run("Scan", func() {
		for range Scan(buf) {
		}
	})
	sel := NewSelector("uri", "status", "reqtime", "vhost")
	var values [][]byte
	run("Scan+Selector4", func() {
		for rec := range Scan(buf) {
			values = sel.Select(values[:0], rec)
		}
	})
	run("Scan+Selector4,2goroutines", func() {
		done := make(chan int)
		pieces := Split(buf, 2)
		for _, piece := range pieces {
			go func() {
				sel := NewSelector("uri", "status", "reqtime", "vhost")
				var values [][]byte
				for rec := range Scan(piece) {
					values = sel.Select(values[:0], rec)
				}
				done <- len(values)
			}()
		}
		for range pieces {
			<-done
		}
	})
	run("Reader", func() {
		r := NewReader(onlyReader{bytes.NewReader(buf)})
		for {
			if _, err := r.Read(); err != nil {
				return
			}
		}
	})
}

type onlyReader struct{ io.Reader }

func BenchmarkEscape(b *testing.B) {
	lines := logtest.Lines(logtest.Nginx)
	var values [][]byte
	for _, line := range lines {
		var r Record
		_ = r.Parse(line)
		v, _ := r.Get("ua")
		values = append(values, v)
	}
	var dst []byte
	for name, f := range map[string]func(dst, v []byte) []byte{
		"unescape-nginx": func(dst, v []byte) []byte { return AppendUnescape(dst, v, EscapeNginx) },
		"escape-nginx":   func(dst, v []byte) []byte { return AppendEscape(dst, v, EscapeNginx) },
		"append":         func(dst, v []byte) []byte { return append(dst, v...) },
	} {
		b.Run(name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				dst = f(dst[:0], values[i%len(values)])
				i++
			}
		})
	}
}

func BenchmarkDecoder(b *testing.B) {
	type entry struct {
		Host    string  `ltsv:"host"`
		Status  int     `ltsv:"status"`
		Size    int64   `ltsv:"size"`
		URI     string  `ltsv:"uri"`
		ReqTime float64 `ltsv:"reqtime"`
		UA      string  `ltsv:"ua"`
		VHost   string  `ltsv:"vhost"`
	}
	lines := logtest.Corpus24(1000)
	b.Run("Decoder", func(b *testing.B) {
		d, err := NewDecoder[entry]()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		var r Record
		var v entry
		i := 0
		for b.Loop() {
			_ = r.Parse(lines[i%len(lines)])
			if err := d.Decode(&v, &r); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("Unmarshal", func(b *testing.B) {
		b.ReportAllocs()
		var v entry
		i := 0
		for b.Loop() {
			if err := Unmarshal(lines[i%len(lines)], &v); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("Marshal", func(b *testing.B) {
		b.ReportAllocs()
		v := entry{Host: "127.0.0.1", Status: 200, Size: 5, URI: "/", ReqTime: 0.001, UA: "curl/8.1", VHost: "www"}
		for b.Loop() {
			if _, err := Marshal(&v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

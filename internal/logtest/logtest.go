// Package logtest holds real access logs for tests and benchmarks, and makes
// corpora of a given shape out of them.
//
// The logs were written by nginx 1.22.1 and Apache 2.4.71 on requests sent over
// raw sockets, about one in eight of them hostile: raw bytes, quotes, TABs, broken
// cookies, empty headers. Beside each log stands what was really sent.
package logtest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

//go:embed testdata/*.gz
var files embed.FS

// The names of the logs.
const (
	Nginx     = "nginx"      // 3,000 records of 22 fields, escape=default
	NginxJSON = "nginx-json" // 1,000 records of 12 fields, escape=json
	Apache    = "apache"     // 1,000 records of 13 fields
)

// Names are the names of all logs.
var Names = []string{Nginx, NginxJSON, Apache}

// Log returns the bytes of a log.
func Log(name string) []byte { return read(name + ".ltsv") }

// Lines returns the lines of a log, without their ends.
func Lines(name string) [][]byte {
	return bytes.Split(bytes.TrimSuffix(Log(name), []byte("\n")), []byte("\n"))
}

// A Request is what a client sent. A header that it did not send is nil.
type Request struct {
	N            string `json:"n"`
	Method       string `json:"method"`
	URI          string `json:"uri"`
	Status       int    `json:"status"`
	UserAgent    []byte `json:"user_agent"`
	Cookie       []byte `json:"cookie"`
	Referer      []byte `json:"referer"`
	ForwardedFor []byte `json:"x_forwarded_for"`
}

// Header returns the header that the log has under label.
func (r *Request) Header(label string) []byte {
	switch label {
	case "ua":
		return r.UserAgent
	case "cookie":
		return r.Cookie
	case "referer":
		return r.Referer
	case "forwardedfor":
		return r.ForwardedFor
	}
	panic("logtest: no header has the label " + label)
}

// HeaderLabels are the labels for which Header has an answer.
var HeaderLabels = []string{"ua", "cookie", "referer", "forwardedfor"}

// Truth returns the request behind each line of a log.
func Truth(name string) []Request {
	var all []Request
	for d := json.NewDecoder(bytes.NewReader(read(name + ".truth.jsonl"))); ; {
		var r Request
		if err := d.Decode(&r); err == io.EOF {
			return all
		} else if err != nil {
			panic(err)
		}
		all = append(all, r)
	}
}

func read(name string) []byte {
	f, err := files.Open("testdata/" + name + ".gz")
	if err != nil {
		panic(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return b
}

// Corpus24 returns n lines of 24 fields and about 640 bytes: the fields of the
// nginx log and two more.
func Corpus24(n int) [][]byte {
	return corpus(n, func(i int, line string) string {
		return line + fmt.Sprintf("\tuser:-\ttaken:%d", 100+i%900)
	})
}

// Corpus8 returns n lines of 8 of the nginx log's fields and about 240 bytes.
func Corpus8(n int) [][]byte {
	want := map[string]bool{"time": true, "host": true, "status": true, "ua": true,
		"reqtime": true, "vhost": true, "reqid": true, "uri": true}
	return corpus(n, func(_ int, line string) string {
		var kept []string
		for field := range strings.SplitSeq(line, "\t") {
			if label, _, _ := strings.Cut(field, ":"); want[label] {
				kept = append(kept, field)
			}
		}
		return strings.Join(kept, "\t")
	})
}

// CorpusTiny returns n lines of 64 fields of 5 bytes, which punish what is done
// once a field.
func CorpusTiny(n int) [][]byte {
	return corpus(n, func(i int, _ string) string {
		var fields []string
		for k := range 64 {
			fields = append(fields, fmt.Sprintf("%c%c:%02d", 'a'+k/26, 'a'+k%26, (i+k)%100))
		}
		return strings.Join(fields, "\t")
	})
}

// corpus makes n lines out of those of the nginx log. They lie one behind the
// other, as the values of a Kafka batch or the lines of a file do.
func corpus(n int, make1 func(i int, line string) string) [][]byte {
	real := Lines(Nginx)
	var all []byte
	ends := make([]int, n)
	for i := range ends {
		all = append(all, make1(i, string(real[i%len(real)]))...)
		ends[i] = len(all)
		all = append(all, '\n')
	}
	lines := make([][]byte, n)
	start := 0
	for i, end := range ends {
		lines[i] = all[start:end:end]
		start = end + 1
	}
	return lines
}

package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A sink answers _bulk as a node does and remembers the ids.
type sink struct {
	*http.Server
	url string

	mu  sync.Mutex
	ids map[string]bool // index and id
}

func startSink() (*sink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sink{url: "http://" + l.Addr().String(), ids: make(map[string]bool)}
	s.Server = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // until Close
	return s, nil
}

func (s *sink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ids)
}

func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, "not gzip", http.StatusBadRequest)
			return
		}
		body = z
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := []byte(`{"errors":false,"items":[`)
	for in := bufio.NewReaderSize(body, 1<<20); ; {
		action, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		var create struct {
			Create struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
			}
		}
		document, err := in.ReadBytes('\n')
		if err != nil || json.Unmarshal(action, &create) != nil || !json.Valid(document) {
			http.Error(w, "not a request", http.StatusBadRequest)
			return
		}
		id, status := create.Create.Index+"/"+create.Create.ID, http.StatusCreated
		if s.ids[id] {
			status = http.StatusConflict
		}
		s.ids[id] = true
		answer = fmt.Appendf(answer, `{"create":{"status":%d}},`, status)
	}
	_, _ = w.Write(append(answer[:len(answer)-1], "]}"...))
}

package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func working() *system {
	s := &system{cfg: &config{log: logConfig{n: 2000}}, agent: &agent{}}
	s.agent.read.Store(1503)
	s.agent.written.Store(1500)
	s.agent.rejected.Store(3)
	j := &job{part: "json", back: &reader{}}
	j.read.Store(1400)
	j.written.Store(1390)
	j.skipped.Store(8)
	j.rejected.Store(2)
	j.back.count.Store(1390)
	e := &job{part: "elastic"}
	e.read.Store(1_234_567)
	e.written.Store(1_234_560)
	e.duplicates.Store(7)
	s.jobs = []*job{j, e}
	return s
}

func TestProgressText(t *testing.T) {
	assert.Equal(t, "██████████████████████░░░░░░░░  75 % shipped 1,500 · json 1,400 (700/s), 2 rejected · elastic 1,234,567", working().progressText(2*time.Second))
	s := working()
	s.agent = nil
	assert.Equal(t, "json 1,400 (700/s), 2 rejected · elastic 1,234,567", s.progressText(2*time.Second))
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	working().writeTable(&out, 2*time.Second)
	assert.Equal(t, strings.TrimPrefix(`
      part        read     written   skipped   rejected   read back   records/s
     agent       1,503       1,500         0          3           –         751
      json       1,400       1,390         8          2       1,390         700
   elastic   1,234,567   1,234,567         0          0           –     617,283
`, "\n"), out.String())
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1: "-1", -123: "-123", -1234: "-1,234", 1234567: "1,234,567", 100000: "100,000"} {
		assert.Equal(t, want, grouped(n))
	}
}

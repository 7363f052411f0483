package kafkaio

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	poolBytes  = 48 << 20 // of decompressed data kept
	poolRecord = 80 << 10 // records kept: 16 MiB
	poolTries  = 16       // slices looked at for one that is long enough
)

// A pool keeps the memory of fetched records for the next fetch: the bytes
// that a record batch is decompressed into and its records. What comes back
// above the limits is left to the garbage collector.
type pool struct {
	mu      sync.Mutex
	data    [][]byte
	size    int // of data, in bytes
	records [][]kgo.Record
	count   int // of records
}

var (
	_ kgo.PoolDecompressBytes = (*pool)(nil)
	_ kgo.PoolRecords         = (*pool)(nil)
)

// GetDecompressBytes returns the slice that came back last. The client lets it
// grow where it is too short and gives the longer one back.
func (p *pool) GetDecompressBytes([]byte, kgo.CompressionCodecType) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.data)
	if n == 0 {
		return nil
	}
	s := p.data[n-1]
	p.data[n-1] = nil
	p.data = p.data[:n-1]
	p.size -= cap(s)
	return s
}

// PutDecompressBytes keeps s.
func (p *pool) PutDecompressBytes(s []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size+cap(s) > poolBytes {
		return
	}
	p.size += cap(s)
	p.data = append(p.data, s)
}

// GetRecords returns the last slice that holds n, of the few that came back
// last: a log of small batches leaves very many short ones.
func (p *pool) GetRecords(n int) []kgo.Record {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.records) - 1; i >= max(0, len(p.records)-poolTries); i-- {
		s := p.records[i]
		if cap(s) < n {
			continue
		}
		last := len(p.records) - 1
		p.records[i] = p.records[last]
		p.records[last] = nil
		p.records = p.records[:last]
		p.count -= cap(s)
		return s
	}
	return make([]kgo.Record, 0, n+n/8)
}

// PutRecords keeps s, and for it lets go of what has been there longest.
func (p *pool) PutRecords(s []kgo.Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cap(s) > poolRecord {
		return
	}
	for p.count+cap(s) > poolRecord {
		p.count -= cap(p.records[0])
		p.records[0] = nil
		p.records = p.records[1:]
	}
	p.count += cap(s)
	p.records = append(p.records, s)
}

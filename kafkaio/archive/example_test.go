package archive_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// served returns a client of a broker that has four records, of two hours, and
// what ends the broker.
func served() (*kgo.Client, func()) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access"))
	if err != nil {
		log.Fatal(err)
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-hive", "access"), kgo.SeedBrokers(c.ListenAddrs()...))...)
	if err != nil {
		log.Fatal(err)
	}
	for i, minute := range []int{10, 50, 70, 30} { // the last one is late
		err := cl.ProduceSync(context.Background(), &kgo.Record{
			Topic: "access", Timestamp: time.Date(2026, 3, 1, 10, minute, 0, 0, time.UTC),
			Value: fmt.Appendf(nil, `{"n":%d}`, i),
		}).FirstErr()
		if err != nil {
			log.Fatal(err)
		}
	}
	return cl, func() { cl.CloseAllowingRebalance(); c.Close() }
}

// until ends a Run when all four records have landed.
type untilFour struct{ done context.CancelFunc }

func (u untilFour) Survived(error) {}
func (u untilFour) Rolled(r *archive.Roll) {
	if r.Next == 4 {
		u.done()
	}
}

// A topic lands by the hour of its records, and Hive is told of each.
func Example() {
	cl, end := served()
	defer end()
	root, err := os.MkdirTemp("", "archive")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)

	ctx, done := context.WithCancel(context.Background())
	a := &archive.Archive{
		FS:     archive.Dir(root),
		Format: archive.NDJSON{Compression: archive.Zstd},
		Roll:   archive.Limits{Bytes: 256 << 20, Age: 100 * time.Millisecond},
		OnFolder: func(_ context.Context, folder string) error {
			fmt.Println("new partition", folder)
			return nil
		},
		Observer: untilFour{done},
		Workers:  1,
	}
	if err := a.Run(ctx, cl); err != nil {
		log.Fatal(err)
	}
	files, err := fs.Glob(os.DirFS(root), "dt=*/hour=*/*")
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range files {
		fmt.Println(file)
	}
	// Unordered output:
	// new partition dt=2026-03-01/hour=10
	// new partition dt=2026-03-01/hour=11
	// dt=2026-03-01/hour=10/access+0+0000000000000000+0000000000000003.ndjson.zst
	// dt=2026-03-01/hour=11/access+0+0000000000000002+0000000000000002.ndjson.zst
}

// The event's time may be anywhere in a record: here in a header.
func ExampleHourly() {
	folder := archive.Hourly(func(r *kgo.Record) (time.Time, error) {
		for _, h := range r.Headers {
			if h.Key == "event-time" && len(h.Value) == 8 {
				return time.UnixMilli(int64(binary.BigEndian.Uint64(h.Value))), nil
			}
		}
		return time.Time{}, errors.New("no event time")
	})
	milli := binary.BigEndian.AppendUint64(nil, uint64(time.Date(2026, 3, 1, 23, 59, 59, 0, time.UTC).UnixMilli()))
	dir, err := folder(nil, &kgo.Record{Headers: []kgo.RecordHeader{{Key: "event-time", Value: milli}}})
	fmt.Println(string(dir), err)
	// Output: dt=2026-03-01/hour=23 <nil>
}

// Records that belong elsewhere are told by any part of them.
func ExampleFolder() {
	byTopic := func(dst []byte, r *kgo.Record) ([]byte, error) {
		dst = append(append(dst, r.Topic...), '/')
		return archive.Daily(nil)(dst, r)
	}
	dir, err := archive.Folder(byTopic)(nil, &kgo.Record{Topic: "access", Timestamp: time.Unix(0, 0)})
	fmt.Println(string(dir), err)
	// Output: access/dt=1970-01-01 <nil>
}

// A Format of the caller's: values that carry the identifier of their schema
// in front, as those of a schema registry do, in files of one schema each.
type framed struct{}

func (framed) Ext() string { return "bin" }

func (framed) NewEncoder(w io.Writer, first *kgo.Record) (archive.Encoder, error) {
	if len(first.Value) < 5 {
		return nil, errors.New("no schema")
	}
	return &framedFile{w: w, schema: [4]byte(first.Value[1:5])}, nil
}

type framedFile struct {
	w      io.Writer
	schema [4]byte
}

func (f *framedFile) WriteEncoded(value []byte) error {
	if len(value) < 5 {
		return errors.New("no schema")
	}
	if [4]byte(value[1:5]) != f.schema {
		return archive.ErrNewFile
	}
	_, err := f.w.Write(value[5:])
	return err
}

func (f *framedFile) Close() error { return nil }

func ExampleFormat() {
	var format archive.Format = framed{}
	enc, err := format.NewEncoder(io.Discard, &kgo.Record{Value: []byte("\x00\x00\x00\x00\x07first")})
	fmt.Println(err)
	fmt.Println(enc.WriteEncoded([]byte("\x00\x00\x00\x00\x07first")))
	fmt.Println(enc.WriteEncoded([]byte("\x00\x00\x00\x00\x08second")))
	// Output:
	// <nil>
	// <nil>
	// archive: record needs a file of its own
}

func ExampleParseName() {
	n, ok := archive.ParseName("access+0+0000000000000100+0000000000000199.ndjson.zst")
	fmt.Println(n.Topic, n.Partition, n.First, n.Last, n.Ext, ok)
	// Output: access 0 100 199 ndjson.zst true
}

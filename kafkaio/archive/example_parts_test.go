package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// A value that is no line is rejected, and costs that record only.
func ExampleNDJSON() {
	var file bytes.Buffer
	enc, err := archive.NDJSON{Compression: archive.Plain}.NewEncoder(&file, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, value := range []string{`{"status":200}`, "{\n}", `{"status":404}`} {
		if err := enc.WriteEncoded([]byte(value)); err != nil {
			fmt.Println(err)
		}
	}
	if err := enc.Close(); err != nil {
		log.Fatal(err)
	}
	fmt.Print(file.String())
	// Output:
	// archive: value is not one line
	// {"status":200}
	// {"status":404}
}

// Without a function, the time is that of the Kafka record.
func ExampleDaily() {
	folder := archive.Daily(nil)
	dir, err := folder(nil, &kgo.Record{Timestamp: time.Date(2026, 3, 1, 23, 59, 59, 0, time.UTC)})
	fmt.Println(string(dir), err)
	// Output: dt=2026-03-01 <nil>
}

// survivors is an Observer that tells what passes from what somebody should look at.
type survivors struct{}

func (survivors) Rolled(r *archive.Roll) {
	fmt.Println(r.Topic, r.Partition, r.Reason, r.Records, "records,", r.HighWatermark-r.Next, "left")
	for _, f := range r.Files {
		fmt.Println(f.Path())
	}
}

func (survivors) Survived(err error) {
	moved, ok := errors.AsType[*archive.PartitionError](err)
	switch {
	case ok && errors.Is(err, archive.ErrRevoked):
		fmt.Println("rebalance:", moved.Topic, moved.Partition) // as usual
	case ok && errors.Is(err, archive.ErrFenced):
		fmt.Println("stood still:", moved.Topic, moved.Partition) // often: another group lands here
	default:
		fmt.Println(err)
	}
}

func ExampleObserver() {
	var o archive.Observer = survivors{}
	o.Rolled(&archive.Roll{
		Topic: "access", Partition: 3, Reason: archive.ByAge, Records: 200, Next: 200, HighWatermark: 260,
		Files: []archive.Landed{{
			Folder: "dt=2026-03-01/hour=10", Records: 200, Bytes: 9120,
			Name: archive.Name{Topic: "access", Partition: 3, First: 0, Last: 199, Ext: "ndjson.zst"},
		}},
	})
	o.Survived(&archive.PartitionError{Topic: "access", Partition: 3, Err: archive.ErrRevoked})
	// Output:
	// access 3 ByAge 200 records, 60 left
	// dt=2026-03-01/hour=10/access+3+0000000000000000+0000000000000199.ndjson.zst
	// rebalance: access 3
}

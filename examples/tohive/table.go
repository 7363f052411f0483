package main

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/hive"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// A table is one of Hive's, over container files that job 2 makes of JSON: what an
// archive needs to know of it.
type table struct {
	*hive.Table
	schema *avroschema.Schema
	chain  *transform.Chain
}

var _ archive.Format = (*table)(nil)

// newTable returns the table name, or database.name, in the folder dir.
func newTable(name, namenode, dir string, out io.Writer) (t *table, err error) {
	t = &table{}
	location := "hdfs://" + strings.Split(namenode, ",")[0] + dir
	if namenode == "" {
		if location, err = hive.Local(dir); err != nil {
			return nil, err
		}
	}
	if t.schema, err = jobs.AccessLog(); err != nil {
		return nil, err
	}
	t.Table = hive.NewTable(name, location, t.schema, out)
	t.chain, err = jobs.Avro()
	return t, err
}

func (*table) Ext() string { return "avro" }

func (t *table) NewEncoder(w io.Writer, _ *kgo.Record) (archive.Encoder, error) {
	f, err := avroschema.NewFileWriter(w, t.schema, avroschema.FileOptions{})
	return &file{f, t.chain.NewWorker(jsonrec.Decoder{})}, err
}

// A file is a container file of records that come as JSON.
type file struct {
	*avroschema.FileWriter
	worker *transform.Worker
}

func (f *file) WriteEncoded(value []byte) error {
	rec, err := f.worker.Process(value)
	if err != nil {
		return err
	}
	return f.Write(rec)
}

// eventTime returns when the request was.
func eventTime(r *kgo.Record) (time.Time, error) {
	var event struct {
		Time time.Time `json:"@timestamp"`
	}
	err := json.Unmarshal(r.Value, &event)
	return event.Time, err
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// A table is one of Hive's, over container files that job 2 makes of JSON: what an
// archive needs to know of it.
type table struct {
	hive   avroschema.HiveTable
	schema *avroschema.Schema
	chain  *transform.Chain
	out    io.Writer // takes the statements
}

var _ archive.Format = (*table)(nil)

// newTable returns the table name, or database.name, in the folder dir.
func newTable(name, namenode, dir string, out io.Writer) (t *table, err error) {
	t = &table{hive: avroschema.HiveTable{Name: name}, out: out}
	if database, name, ok := strings.Cut(name, "."); ok {
		t.hive.Database, t.hive.Name = database, name
	}
	if namenode != "" {
		t.hive.Location = "hdfs://" + strings.Split(namenode, ",")[0] + dir
	} else if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	} else {
		t.hive.Location = "file://" + dir
	}
	if t.schema, err = jobs.AccessLog(); err != nil {
		return nil, err
	}
	t.chain, err = jobs.Avro()
	return t, err
}

// create writes the statement that makes the table.
func (t *table) create() error {
	sql, err := avroschema.HiveDDL(t.schema, t.hive)
	if err == nil {
		_, err = fmt.Fprintf(t.out, "%s;\n", sql)
	}
	return err
}

// addPartition writes the statement that shows Hive a folder, as dt=2026-11-22/hour=16.
func (t *table) addPartition(_ context.Context, folder string) error {
	var values []string
	for part := range strings.SplitSeq(folder, "/") {
		_, value, _ := strings.Cut(part, "=")
		values = append(values, value)
	}
	sql, err := avroschema.HiveAddPartition(t.hive, values...)
	if err == nil {
		_, err = fmt.Fprintf(t.out, "%s;\n", sql)
	}
	return err
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

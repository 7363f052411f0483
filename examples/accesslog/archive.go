package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/hive"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// newArchive returns what lands the Avro records in files by the hour of the request,
// each once: a table of Hive's.
func newArchive(_ context.Context, cfg *config, cluster *cluster) (*job, error) {
	if err := os.MkdirAll(cfg.archive.dir, 0o777); err != nil {
		return nil, fmt.Errorf("-archive: %w", err)
	}
	j := &job{part: "archive", name: "archive", cfg: cfg, cluster: cluster, group: cfg.groups.archive, in: cfg.topics.avro, to: cfg.archive.dir}
	a := &archive.Archive{
		FS:         archive.Dir(cfg.archive.dir),
		Format:     containers{cluster.schemas},
		Folder:     archive.Hourly(requestTime),
		Roll:       archive.Limits{Age: cfg.archive.age},
		OnDataLoss: cfg.onLoss(),
		Observer:   landed{j},
	}
	if cfg.archive.hive != "" {
		table, err := newTable(&cfg.archive)
		if err != nil {
			return nil, fmt.Errorf("-hive: %w", err)
		}
		a.OnFolder = table.AddPartition
	}
	j.land = func(ctx context.Context) error {
		cl, err := j.member()
		if err != nil {
			return err
		}
		defer cl.CloseAllowingRebalance()
		return a.Run(ctx, cl)
	}
	return j, nil
}

// newTable returns the table over the archive, whose first statement is written.
func newTable(cfg *archiveConfig) (*hive.Table, error) {
	schema, err := jobs.AccessLog()
	if err != nil {
		return nil, err
	}
	location, err := hive.Local(cfg.dir)
	if err != nil {
		return nil, err
	}
	table := hive.NewTable(cfg.table, location, schema, appended(cfg.hive))
	return table, table.Create()
}

// appended is the name of a file at whose end is written. It is open for a Write only, so
// that who feeds it to Hive may take it away.
type appended string

func (name appended) Write(b []byte) (int, error) {
	f, err := os.OpenFile(string(name), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
	if err != nil {
		return 0, err
	}
	n, err := f.Write(b)
	return n, errors.Join(err, f.Close())
}

// requestTime returns the first field of job 2's schema, timestamp in milliseconds.
func requestTime(r *kgo.Record) (time.Time, error) {
	_, data, err := avroschema.CutConfluent(r.Value)
	if err != nil {
		return time.Time{}, err
	}
	ms, n := binary.Varint(data)
	if n <= 0 {
		return time.Time{}, io.ErrUnexpectedEOF
	}
	return time.UnixMilli(ms), nil
}

// containers are Avro container files of records in Confluent's frames. Each has
// the schema of its first record, and another file begins where that changes.
type containers struct{ schemas *schemas }

func (containers) Ext() string { return "avro" }

func (c containers) NewEncoder(w io.Writer, first *kgo.Record) (archive.Encoder, error) {
	id, _, err := avroschema.CutConfluent(first.Value)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	schema, err := c.schemas.ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := avroschema.NewFileWriter(w, schema, avroschema.FileOptions{})
	return &container{f, id}, err
}

type container struct {
	*avroschema.FileWriter
	id uint32
}

func (c *container) WriteEncoded(value []byte) error {
	id, data, err := avroschema.CutConfluent(value)
	if err != nil {
		return err
	}
	if id != c.id {
		return archive.ErrNewFile
	}
	return c.FileWriter.WriteEncoded(data)
}

// landed counts what has landed.
type landed struct{ *job }

func (l landed) Rolled(r *archive.Roll) {
	l.took(0, 0, r.Took, 0)
	l.read.Add(r.Records + r.Skipped)
	l.written.Add(r.Records)
	l.skipped.Add(r.Skipped)
	l.well()
}

package main

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// newArchive returns what lands the Avro records in files by the hour of the request,
// each once: a table of Hive's.
func newArchive(_ context.Context, cfg *config, cluster *cluster) (*job, error) {
	if err := os.MkdirAll(cfg.archive.dir, 0o777); err != nil {
		return nil, err
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

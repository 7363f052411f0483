// Package hive writes the statements by which Hive gets to know a folder of Avro files: the
// table, and each folder in it as a partition.
package hive

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// A Table is one of Hive's, in folders such as dt=2026-11-22/hour=16.
type Table struct {
	table  avroschema.HiveTable
	schema *avroschema.Schema
	out    io.Writer
}

// NewTable returns the table called name, or database.name, at a location (see [Local]).
// out takes the statements, one a Write.
func NewTable(name, location string, schema *avroschema.Schema, out io.Writer) *Table {
	t := &Table{avroschema.HiveTable{Name: name, Location: location}, schema, out}
	if database, name, ok := strings.Cut(name, "."); ok {
		t.table.Database, t.table.Name = database, name
	}
	return t
}

// Local is the location of a folder on the local disk.
func Local(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	return "file://" + dir, err
}

// Create writes the statement that makes the table.
func (t *Table) Create() error {
	return t.write(avroschema.HiveDDL(t.schema, t.table))
}

// AddPartition writes the statement that shows Hive a folder. It is the OnFolder of an
// archive.
func (t *Table) AddPartition(_ context.Context, folder string) error {
	var values []string
	for part := range strings.SplitSeq(folder, "/") {
		_, value, _ := strings.Cut(part, "=")
		values = append(values, value)
	}
	return t.write(avroschema.HiveAddPartition(t.table, values...))
}

func (t *Table) write(sql string, err error) error {
	if err == nil {
		_, err = fmt.Fprintf(t.out, "%s;\n", sql)
	}
	return err
}

package avroschema

import (
	"fmt"

	"github.com/hamba/avro/v2"
)

// This is the one file that knows hamba/avro's schemas. None of its types shows in an
// exported name: it is archived, and may have to go.

// second is a schema as hamba/avro has it, for its container files.
type second struct{ schema avro.Schema }

// judge lets hamba/avro read a schema, whole and without references, in a cache of its
// own: its global one keeps the named types of every schema a process ever parsed, and
// resolves other schemas' references by them.
//
// Its parser panics on some schemas, such as a record whose default needs the record's
// own fields.
func judge(schema string) (s second, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: it panics", ErrRefused)
		}
	}()
	s.schema, err = avro.ParseWithCache(schema, "", new(avro.SchemaCache))
	if err != nil {
		return second{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return s, nil
}

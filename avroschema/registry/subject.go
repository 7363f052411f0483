package registry

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// A Strategy says which subject the schemas of a topic's records are under. Its values
// are the three of Confluent's serializers; all that write to a topic, and what checks
// their schemas, must use the same.
type Strategy uint8

const (
	TopicName       Strategy = iota // access-value: one schema a topic, the usual
	RecordName                      // ltsvpipe.accesslog.AccessLog: one history in all topics
	TopicRecordName                 // access-ltsvpipe.accesslog.AccessLog: several kinds of records in a topic
)

// A Part is which of a record's two parts a schema is of.
type Part uint8

const (
	Value Part = iota
	Key
)

// ErrSubject is why a strategy gives no subject.
var ErrSubject = errors.New("registry: no subject")

// Subject returns the subject of a topic's schema. It fails on a strategy or a part that
// is none, a missing topic, and a schema that the strategy wants by its name and that
// has none, as long or an array. Only [TopicName] takes the part, and no schema.
func (s Strategy) Subject(topic string, part Part, schema *avroschema.Schema) (string, error) {
	if topic == "" && s != RecordName {
		return "", fmt.Errorf("%w: no topic", ErrSubject)
	}
	switch s {
	case TopicName:
		switch part {
		case Value:
			return topic + "-value", nil
		case Key:
			return topic + "-key", nil
		}
		return "", fmt.Errorf("%w: neither key nor value", ErrSubject)
	case RecordName, TopicRecordName:
		if schema == nil || !strings.HasPrefix(schema.Canonical(), `{"name":`) {
			return "", fmt.Errorf("%w: the schema has no name", ErrSubject)
		}
		if s == RecordName {
			return schema.Name(), nil
		}
		return topic + "-" + schema.Name(), nil
	}
	return "", fmt.Errorf("%w: unknown strategy", ErrSubject)
}

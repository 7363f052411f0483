package registry

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

func TestSubject(t *testing.T) {
	parse := func(text string) *avroschema.Schema {
		s, err := avroschema.Parse(text)
		require.NoError(t, err)
		return s
	}
	named := parse(recordJSON("a long"))
	tricky := parse(`{"type":"fixed","name":"array","size":1}`) // a name, though it looks like none
	for _, test := range []struct {
		strategy Strategy
		topic    string
		part     Part
		schema   *avroschema.Schema
		want     string // empty: none
	}{
		{TopicName, "t", Value, named, "t-value"},
		{TopicName, "t", Key, named, "t-key"},
		{TopicName, "t", Key, nil, "t-key"},
		{TopicName, "t", Key + 1, nil, ""},
		{TopicName, "", Key, nil, ""},
		{RecordName, "t", Value, named, "a.b.R"},
		{RecordName, "", Key, named, "a.b.R"},
		{RecordName, "t", Value, tricky, "array"},
		{RecordName, "t", Value, parse(`{"type":"array","items":"long"}`), ""},
		{RecordName, "t", Value, parse(`["null",` + recordJSON("a long") + `]`), ""},
		{RecordName, "t", Value, nil, ""},
		{RecordName, "t", Value, &avroschema.Schema{}, ""},
		{TopicRecordName, "t", Value, named, "t-a.b.R"},
		{TopicRecordName, "t", Key, named, "t-a.b.R"},
		{TopicRecordName, "t", Key, parse(`"long"`), ""},
		{TopicRecordName, "", Key, named, ""},
		{TopicRecordName + 1, "t", Key, named, ""},
	} {
		got, err := test.strategy.Subject(test.topic, test.part, test.schema)
		assert.Equal(t, test.want, got)
		if test.want == "" {
			assert.ErrorIs(t, err, ErrSubject)
		} else {
			assert.NoError(t, err)
		}
	}
}

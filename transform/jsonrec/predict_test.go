package jsonrec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// TestPredictedLabels: a record that has met labels at their places decodes as a new one
// does, whatever comes next.
func TestPredictedLabels(t *testing.T) {
	texts := []string{
		`{"a":1,"bb":"x","c\\d":2,"ü":3,"":4}`,
		`{"a":1,"bb":"x","c\\d":2,"ü":3,"":4}`,
		`{"bb":1,"a":2}`,
		`{"a" : {"a":1,"bb":2}, "bb" : [1]}`,
		`{"ab":1,"b":2,"c\d":3}`,
		`{"\u0061":1,"bb":2}`,
		`{"a":1,"a":2}`,
		`{"a":1,"b\b":2}`,
		`{"a`, `{"a"`, `{"a":`, `{"a":1,"bb`, `{"a":1,"bb"}`, `{"a"x1}`, `{}`,
		`{"a":1,"bb":"x","c\\d":2}`,
		`{"a":1,"bb":"x","cookie.own.seg":"y","a label of more than 24 bytes":null,"e":true}`,
		`{"a":-1.5e3, "bb": "x\ny","cookie.own.seg":"\u00e9é","a label of more than 24 bytes":1,"e":false}`,
		`{"a":1234567,"cookie.own.seg":"` + strings.Repeat("long ", 1000) + `","e":0,"bb":"é","f":12345678,"g":123}`,
		`{"a":1,"e":tru}`, `{"a":01,"bb":1}`, `{"a":1,"bb":"x}`, `{"a":1,"bb":"\x"}`, "{\"a\":1,\"bb\":\"\n\"}",
		"{\"a\":1,\"bb\":\"\xff\"}", `{"a":1,,"bb":2}`, `{"a":1 ,"bb":2}`, `{"a":1,"bb":2,}`, `{"a":1"bb":2}`,
		`{"a":1,"bb":{"a":2},"cookie.own.seg":"x","e":1,"a":2}`,
	}
	old := new(transform.Record)
	for range 2 {
		for _, text := range texts {
			fresh := new(transform.Record)
			err := Decoder{}.Decode(old, []byte(text))
			assert.Equal(t, Decoder{}.Decode(fresh, []byte(text)), err, text)
			var got, want []any
			for label, v := range old.All() {
				got = append(got, label, v)
			}
			for label, v := range fresh.All() {
				want = append(want, label, v)
			}
			assert.Equal(t, want, got, text)
		}
	}
}

// TestPredictedMembers: an encoder that has met labels behind one another writes as a new
// one does, whatever comes next, of one record or another.
func TestPredictedMembers(t *testing.T) {
	texts := []string{
		`{"a":1,"bb":"x","c":null,"d":2}`, `{"a":1,"bb":"x","c":null,"d":2}`,
		`{"a":1,"c":2}`, `{"bb":1,"a":2}`, `{"d":1}`, `{}`, `{"bb":1,"d":null,"c":2}`, `{"a":1,"e":2}`,
	}
	for _, omit := range []bool{false, true} {
		old := Encoder{OmitNull: omit}
		records := [2]transform.Record{} // the same labels, in other strings
		for range 2 {
			for _, text := range texts {
				for i := range records {
					require.NoError(t, Decoder{}.Decode(&records[i], []byte(text)))
					want, err := (&Encoder{OmitNull: omit}).Append(nil, &records[i])
					require.NoError(t, err)
					got, err := old.Append(nil, &records[i])
					require.NoError(t, err)
					assert.Equal(t, string(want), string(got))
				}
			}
			old.forget()
		}
	}
}

package avroschema

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// askJava lets Java's Avro answer questions, one line each.
func askJava(t *testing.T, questions []string) []string {
	t.Helper()
	out := avrotest.Java(t, "testdata/Schemas.java", []byte(strings.Join(questions, "\n")+"\n"))
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	require.Len(t, answers, len(questions))
	return answers
}

func TestCanonicalIsJavas(t *testing.T) {
	realtest.Need(t, "Java's Avro")
	schemas := []*Schema{parse(t, wide), parse(t, accessLogJSON)}
	for seed := range uint64(500) {
		_, w := schemaPair(seed, true)
		schemas = append(schemas, parse(t, w))
	}
	var questions, want []string
	for _, s := range schemas {
		questions = append(questions, "normal\t"+s.JSON())
		want = append(want, strings.Join([]string{s.Canonical(), hex.EncodeToString(bigEndian(s.FingerprintCRC64())), md5Hex(s), sha256Hex(s)}, "\t"))
	}
	assert.Equal(t, want, askJava(t, questions))
}

func TestCheckIsJavas(t *testing.T) {
	realtest.Need(t, "Java's Avro")
	var questions, want, found []string
	ask := func(reader, writer *Schema) {
		changes := Check(Backward, reader, writer)
		verdict := "COMPATIBLE"
		if broken(changes) {
			verdict = "INCOMPATIBLE"
		}
		questions = append(questions, "compatible\t"+reader.JSON()+"\t"+writer.JSON())
		want = append(want, verdict)
		found = append(found, strings.Join(lines(changes), "\n"))
	}
	for seed := range uint64(4000) {
		r, w := schemaPair(seed, true)
		reader, err := Parse(r)
		if err != nil {
			continue // a default that a change made wrong
		}
		writer := parse(t, w)
		ask(reader, writer)
		ask(writer, reader)
	}
	compatible := 0
	for i, answer := range askJava(t, questions) {
		if answer == "COMPATIBLE" {
			compatible++
		}
		require.Equal(t, answer, want[i], "%s\n%s", questions[i], found[i])
	}
	assert.Greater(t, compatible, len(questions)/5)
	assert.Less(t, compatible, len(questions)*4/5)
}

// Three versions of one schema: what each wrote, each that may reads.
func TestEvolutionIsJavas(t *testing.T) {
	realtest.Need(t, "Java's Avro")
	spec := Spec{Name: "AccessLog", Namespace: "com.example.logs", Fields: []Field{
		{Label: "status", Type: TypeInt, Required: true},
		{Label: "ua"},
	}}
	v1, err := spec.Schema()
	require.NoError(t, err)
	spec.Fields = append(spec.Fields, Field{Label: "size", Type: TypeLong}, Field{Label: "scheme", Required: true, Default: "http"})
	v2, err := spec.Schema()
	require.NoError(t, err)
	spec.Fields = append(spec.Fields[:1], spec.Fields[2:]...) // without ua
	spec.Fields[0].Type = TypeLong
	spec.Fields = append(spec.Fields, Field{Label: "agent", Aliases: []string{"ua"}}, Field{Label: "price", Type: TypeDecimal, Precision: 5, Scale: 2, Default: "-1.5"})
	v3, err := spec.Schema()
	require.NoError(t, err)

	assert.NoError(t, Check(FullTransitive, v2, v1).Err())
	assert.NoError(t, Check(BackwardTransitive, v3, v1, v2).Err())
	assert.Error(t, Check(Forward, v3, v1, v2).Err(), "a long is no int")

	first := encode(t, v1, `{"status":404,"ua":"größe"}`)
	second := encode(t, v2, `{"status":200,"size":1099511627776,"scheme":"https"}`)
	assert.Equal(t, []string{
		`{"status": 404, "ua": "größe", "size": null, "scheme": "http"}`,
		`{"status": 200, "ua": null}`,
		`{"status": 404, "size": null, "scheme": "http", "agent": "größe", "price": "ÿj"}`,
		`{"status": 200, "size": 1099511627776, "scheme": "https", "agent": null, "price": "ÿj"}`,
	}, askJava(t, []string{
		"read\t" + v2.JSON() + "\t" + v1.JSON() + "\t" + first,
		"read\t" + v1.JSON() + "\t" + v2.JSON() + "\t" + second,
		"read\t" + v3.JSON() + "\t" + v1.JSON() + "\t" + first,
		"read\t" + v3.JSON() + "\t" + v2.JSON() + "\t" + second,
	}))
}

// encode returns a record of JSON as our encoder writes it, for a line of a question.
func encode(t *testing.T, s *Schema, text string) string {
	t.Helper()
	plan, err := Compile(s)
	require.NoError(t, err)
	data, err := plan.NewEncoder().Append(nil, decodeJSON(t, text))
	require.NoError(t, err)
	return base64.StdEncoding.EncodeToString(data)
}

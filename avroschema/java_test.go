package avroschema

import (
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

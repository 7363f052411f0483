package avroschema

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// TestInferrerMergesParts: however the samples are parted, what comes of them is the same.
func TestInferrerMergesParts(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	values := []string{"null", `""`, `"-"`, "true", "1", `"007"`, "1.5", "9007199254740993", `"x"`, `{"a":1}`}
	for range 500 {
		var records []*transform.Record
		kinds := 1 + rnd.IntN(len(values)) // few, so that narrow types come out too
		for range rnd.IntN(12) {
			var members []string
			for _, label := range rnd.Perm(8)[:rnd.IntN(6)] {
				members = append(members, fmt.Sprintf(`"l%d":%s`, label, values[rnd.IntN(kinds)]))
			}
			members = append(members, `"extras":1,"":2`)
			records = append(records, decodeJSON(t, "{"+strings.Join(members, ",")+"}"))
		}
		whole := &Inferrer{Name: "R", MaxFields: 5}
		merged := &Inferrer{Name: "R", MaxFields: 5}
		for _, rec := range records {
			whole.Add(rec)
		}
		for rest := records; len(rest) > 0; {
			n := 1 + rnd.IntN(len(rest))
			part := merged.Part()
			for _, rec := range rest[:n] {
				part.Add(rec)
			}
			merged.Merge(part)
			rest = rest[n:]
		}
		require.Equal(t, whole.Spec(), merged.Spec())
	}
}

package bulk

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// real is what OpenSearch 2.19 answers without a filter.
const realAnswer = `{"took":827,"errors":true,"items":[
{"create":{"_index":".ds-ds-a-000001","_id":"t+0+1","_version":1,"result":"created","_shards":{"total":2,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}},
{"create":{"_index":".ds-ds-a-000001","_id":"t+0+1","status":409,"error":{"type":"version_conflict_engine_exception","reason":"[t+0+1]: version conflict","index":".ds-ds-a-000001","shard":"0","index_uuid":"SI"}}},
{"create":{"_index":".ds-ds-a-000001","_id":"t+0+5","status":400,"error":{"type":"mapper_parsing_exception","reason":"failed to parse field. Preview of field's value: 'secret'","caused_by":{"type":"illegal_argument_exception","reason":"secret","caused_by":{"type":"date_time_parse_exception","reason":"x"}}}}}]}`

var answerTable = []struct {
	body string
	want []status // nil: not an answer
}{
	{realAnswer, []status{{code: 201}, {code: 409, kind: "version_conflict_engine_exception"}, {code: 400, kind: "mapper_parsing_exception"}}},
	{`{"errors":false,"items":[]}`, []status{}},
	{`{"items":[{"create":{"status":201}}]}`, []status{{code: 201}}},
	{` { "items" : [ { "create" : { "status" : 429 , "error" : "text of old" } } ] } `, []status{{code: 429}}},
	{`{"items":[{"create":{"error":{"type":"Personal data: x"},"status":400}}]}`, []status{{code: 400}}},
	{`{"items":[{"create":{"error":{"type":"` + strings.Repeat("x", 65) + `"},"status":400}}]}`, []status{{code: 400}}},
	{`{"items":[{"create":{"error":{"type":{"type":"x"}},"status":400}}]}`, []status{{code: 400}}},
	{`{"items":[{"create":{"error":null,"status":200}}]}`, []status{{code: 200}}},
	{`{"items":[{"create":{"_id":"t\u002b0+1","status":201}}]}`, []status{{code: 201}}},
	{`{"items":[{"create":{"_id":"t+0+2","status":201}}]}`, nil},
	{`{"items":[{"create":{"_id":"t+0+2","_id":"t+0+1","status":201}}]}`, nil},
	{`{"items":[{"create":{"_id":null,"status":201}}]}`, nil},
	{`{"items":[{"create":{"_id":{"a":["t+0+1"]},"status":201}}]}`, nil},
	{`{"items":[{"create":{"_id":"t+0+5","status":201}},{"create":{"_id":"t+0+1","status":201}}]}`, nil},
	{`{"items":[{"create":{"_id":"Zx9","failure_store":"used","status":201}}]}`, []status{{code: 201, kept: true}}},
	{`{"items":[{"create":{"_id":"Zx9","failure_store":"failed","status":400}}]}`, nil},
	{`{"items":[{"create":{"_id":"t+0+1","failure_store":"not_enabled","status":400}}]}`, []status{{code: 400}}},
	{``, nil},
	{`[]`, nil},
	{`{}`, nil},
	{`{"items":null}`, nil},
	{`{"items":{}}`, nil},
	{`{"items":[],"items":[]}`, nil},
	{`{"items":[]}{}`, nil},
	{`{"items":[]`, nil},
	{`{"items":[1]}`, nil},
	{`{"items":[{}]}`, nil},
	{`{"items":[{"index":{"status":200}}]}`, nil},
	{`{"items":[{"create":{"status":200},"create":{"status":200}}]}`, nil},
	{`{"items":[{"create":200}]}`, nil},
	{`{"items":[{"create":{}}]}`, nil},
	{`{"items":[{"create":{"status":"200"}}]}`, nil},
	{`{"items":[{"create":{"status":2e2}}]}`, nil},
	{`{"items":[{"create":{"status":99}}]}`, nil},
	{`{"items":[{"create":{"status":600}}]}`, nil},
	{`{"items":[{"create":{"status":200}}`, nil},
}

// asked is a request of the first documents of realAnswer, and of others.
func asked(op string, n int) question {
	ids := []string{"t+0+1", "t+0+1", "t+0+5"}
	return question{op, n, func(dst []byte, at int) []byte { return append(dst, ids[min(at, 2)]...) }}
}

func TestAnswers(t *testing.T) {
	var a answers
	for _, c := range answerTable {
		n := len(c.want)
		ok := a.bulk([]byte(c.body), asked("create", n))
		require.Equal(t, c.want != nil, ok, c.body)
		if !ok {
			for n := range 3 {
				require.False(t, a.bulk([]byte(c.body), asked("create", n)), c.body)
			}
			continue
		}
		assert.ElementsMatch(t, c.want, a.items, c.body)
		assert.False(t, a.bulk([]byte(c.body), asked("create", n+1)), "an item is missing")
		assert.False(t, n > 0 && a.bulk([]byte(c.body), asked("create", n-1)), "an item too many")
		assert.False(t, n > 0 && a.bulk([]byte(c.body), asked("index", n)))
	}
}

func TestFailure(t *testing.T) {
	var a answers
	for body, want := range map[string]struct {
		kind string
		ok   bool
	}{
		`{"error":{"root_cause":[{"type":"a"}],"type":"json_parse_exception","reason":"secret"},"status":400}`: {"json_parse_exception", true},
		`{"error":"no handler found for uri [/typo/x/_bulk] and method [POST]","status":400}`:                  {"", false},
		`{"status":400}`:              {"", false},
		`<html>`:                      {"", false},
		``:                            {"", false},
		`{"error":{"type":"x"}`:       {"x", false},
		`{"error":{"type":"x"}} junk`: {"x", false},
	} {
		kind, ok := a.failure([]byte(body))
		assert.Equal(t, want.ok, ok, body)
		assert.Equal(t, want.kind, kind, body)
	}
}

// TestKindsAreBounded: a server that invents types fills no memory.
func TestKindsAreBounded(t *testing.T) {
	var a answers
	for i := range 10_000 {
		name := strings.NewReplacer("0", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", "6", "g", "7", "h", "8", "i", "9", "j").Replace(fmt.Sprint(i))
		require.Equal(t, name, a.kind([]byte(name)))
	}
	assert.LessOrEqual(t, len(a.kinds), maxKinds)
}

func TestAnswersAllocateNothing(t *testing.T) {
	var a answers
	body := []byte(realAnswer)
	q := asked("create", 3)
	require.True(t, a.bulk(body, q))
	assert.Zero(t, testing.AllocsPerRun(100, func() { a.bulk(body, q) }))
}

// FuzzAnswers: what is taken for an answer is one to encoding/json too, with the
// same statuses.
func FuzzAnswers(f *testing.F) {
	for _, c := range answerTable {
		f.Add([]byte(c.body), len(c.want))
	}
	f.Fuzz(func(t *testing.T, body []byte, n int) {
		var a answers
		if n < 0 || n > 1000 || !a.bulk(body, asked("create", n)) {
			return
		}
		var want struct {
			Items []map[string]map[string]any `json:"items"`
		}
		require.NoError(t, json.Unmarshal(body, &want))
		require.Len(t, a.items, n)
		for _, it := range a.items {
			require.True(t, it.code >= 200 && it.code <= 599)
			for _, c := range it.kind {
				require.True(t, c == '_' || c >= 'a' && c <= 'z')
			}
		}
	})
}

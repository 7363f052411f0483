package avroschema

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parse(t testing.TB, text string) *Schema {
	t.Helper()
	s, err := Parse(text)
	require.NoError(t, err, text)
	return s
}

// lines returns what Check finds, one line each.
func lines(all Changes) []string {
	out := []string{}
	for _, c := range all {
		out = append(out, c.String())
	}
	return out
}

// What one change comes to in both directions.
func TestCheckRules(t *testing.T) {
	for _, test := range []struct {
		name, prev, next  string // fields of a record
		backward, forward []string
	}{
		{"equal", `{"name":"a","type":"int"}`, `{"name":"a","type":"int","doc":"d"}`, nil, nil},
		{
			"a field more", ``, `{"name":"a","type":["null","int"],"default":null}`,
			[]string{"a: default: the data has no such field: its default is read"}, []string{"a: ignored: the reader has no such field"},
		},
		{
			"a required field more", ``, `{"name":"a","type":"int"}`,
			[]string{"a: default: the data has no such field, and there is no default (breaks)"}, []string{"a: ignored: the reader has no such field"},
		},
		{
			"int to long", `{"name":"a","type":"int"}`, `{"name":"a","type":"long"}`,
			[]string{"a: promoted: int is read as long"}, []string{"a: type: long is read as int (breaks)"},
		},
		{
			"to a nullable", `{"name":"a","type":"int"}`, `{"name":"a","type":["null","int"]}`,
			nil, []string{"a: union: data may be null, which is read as int (breaks)"},
		},
		{
			"union", `{"name":"a","type":["null","int"]}`, `{"name":"a","type":["null","string"]}`,
			[]string{"a: union: the reader's union has no type for int (breaks)"}, []string{"a: union: the reader's union has no type for string (breaks)"},
		},
		{
			"milliseconds to microseconds", `{"name":"a","type":{"type":"long","logicalType":"timestamp-millis"}}`,
			`{"name":"a","type":["null",{"type":"long","logicalType":"timestamp-micros"}]}`,
			[]string{"a: logical: timestamp-millis is read as timestamp-micros (breaks)"},
			[]string{"a: union: data may be null, which is read as long (breaks)", "a: logical: timestamp-micros is read as timestamp-millis (breaks)"},
		},
		{
			"a number becomes a time", `{"name":"a","type":"long"}`, `{"name":"a","type":{"type":"long","logicalType":"timestamp-millis"}}`,
			[]string{"a: logical: long is read as timestamp-millis"}, []string{"a: logical: timestamp-millis is read as long"},
		},
		{
			"scale", `{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}}`,
			`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":3}}`,
			[]string{"a: decimal: decimal(9,2) is read as decimal(9,3) (breaks)"}, []string{"a: decimal: decimal(9,3) is read as decimal(9,2) (breaks)"},
		},
		{
			"precision", `{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":9}}`,
			`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":10}}`,
			[]string{"a: decimal: decimal(9,0) is read as decimal(10,0)"}, []string{"a: decimal: decimal(10,0) is read as decimal(9,0) (breaks)"},
		},
		{
			"rename with an alias", `{"name":"a","type":"int"}`, `{"name":"b","type":"int","aliases":["a"],"ltsv.label":"a"}`,
			[]string{"b: alias: it is found as a"}, []string{"a: default: the data has no such field, and there is no default (breaks)", "b: ignored: the reader has no such field"},
		},
		{
			"another label", `{"name":"a","type":"int","ltsv.label":"x"}`, `{"name":"a","type":"int"}`,
			[]string{"a: label: label a, with the data x"}, []string{"a: label: label x, with the data a"},
		},
		{
			"another default", `{"name":"a","type":"int","default":1}`, `{"name":"a","type":"int","default":2}`,
			[]string{"a: new default: the defaults differ"}, []string{"a: new default: the defaults differ"},
		},
		{
			"two aliases", `{"name":"a","type":"int"},{"name":"b","type":"int"}`, `{"name":"c","type":"int","aliases":["a","b"]}`,
			[]string{"c: ambiguous: it is found by its aliases more than once (breaks)", "a: ignored: the reader has no such field", "b: ignored: the reader has no such field"},
			[]string{
				"a: default: the data has no such field, and there is no default (breaks)",
				"b: default: the data has no such field, and there is no default (breaks)", "c: ignored: the reader has no such field",
			},
		},
		{
			"symbols", `{"name":"a","type":{"type":"enum","name":"E","symbols":["A"],"default":"A"}}`, `{"name":"a","type":{"type":"enum","name":"E","symbols":["A","B"]}}`,
			nil, []string{"a: symbol: B is read as A"},
		},
		{
			"a symbol less", `{"name":"a","type":{"type":"enum","name":"E","symbols":["A","B"]}}`, `{"name":"a","type":{"type":"enum","name":"E","symbols":["A"]}}`,
			[]string{"a: symbol: B is unknown to the reader (breaks)"}, nil,
		},
		{
			"fixed", `{"name":"a","type":{"type":"fixed","name":"F","size":1}}`, `{"name":"a","type":{"type":"fixed","name":"F","size":2}}`,
			[]string{"a: size: 1 bytes are read as 2 (breaks)"}, []string{"a: size: 2 bytes are read as 1 (breaks)"},
		},
		{
			"names", `{"name":"a","type":{"type":"fixed","name":"F","size":1}}`, `{"name":"a","type":{"type":"fixed","name":"x.G","size":1,"aliases":["F"]}}`,
			[]string{"a: name: F is read as x.G (breaks)"}, []string{"a: name: x.G is read as F (breaks)"},
		},
		{
			"case", `{"name":"status","type":"int","default":0}`, `{"name":"Status","type":"int","default":0}`,
			[]string{
				"Status: default: the data has no such field: its default is read", "status: ignored: the reader has no such field",
				"Status: case: it was status, which Hive takes for the same and Avro does not (breaks)",
			},
			[]string{
				"status: default: the data has no such field: its default is read", "Status: ignored: the reader has no such field",
				"Status: case: it was status, which Hive takes for the same and Avro does not (breaks)",
			},
		},
		{
			"case twice", `{"name":"status","type":"int","default":0}`, `{"name":"status","type":"int","default":0},{"name":"Status","type":"int","default":0}`,
			[]string{
				"Status: default: the data has no such field: its default is read",
				"Status: case: the field status is the same column (breaks)",
			},
			[]string{"Status: ignored: the reader has no such field", "Status: case: the field status is the same column (breaks)"},
		},
		{
			"partition", ``, `{"name":"Hour","type":"int","default":0}`,
			[]string{"Hour: default: the data has no such field: its default is read", "Hour: partition: a partition column has this name (breaks)"},
			[]string{"Hour: ignored: the reader has no such field", "Hour: partition: a partition column has this name (breaks)"},
		},
		{
			"decimal", ``, `{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":9},"default":""},{"name":"b","type":["null",{"type":"bytes","logicalType":"decimal","precision":9}],"default":null}`,
			[]string{
				"a: default: the data has no such field: its default is read", "b: default: the data has no such field: its default is read",
				"a: hive: Hive does not read the default of a decimal or a union of several types (breaks)",
			},
			[]string{
				"a: ignored: the reader has no such field", "b: ignored: the reader has no such field",
				"a: hive: Hive does not read the default of a decimal or a union of several types (breaks)",
			},
		},
		{
			"an alias of another field's name", `{"name":"a","type":"int"}`, `{"name":"b","type":"int","aliases":["a"]},{"name":"a","type":"int"}`,
			[]string{"b: alias: it is found as a", "b: label: label b, with the data a", "b: hive: its alias takes the data of the field a (breaks)"},
			[]string{"b: ignored: the reader has no such field", "b: hive: its alias takes the data of the field a (breaks)"},
		},
		{
			"unions", `{"name":"a","type":["int","string"]},{"name":"b","type":"int"},{"name":"c","type":["int","string"]}`,
			`{"name":"a","type":["null","string","int"]},{"name":"b","type":["int"]},{"name":"c","type":["long","string"]},{"name":"d","type":["int","string"],"default":1},{"name":"e","type":["null","int","string"],"default":null}`,
			[]string{
				"c: promoted: int is read as long",
				"d: default: the data has no such field: its default is read", "e: default: the data has no such field: its default is read",
				"b: hive: Hive reads a union of several types only where data has one (breaks)",
				"c: hive: Hive does not read int of a union as another type (breaks)",
				"d: hive: Hive does not read the default of a decimal or a union of several types (breaks)",
			},
			[]string{
				"a: union: the reader's union has no type for null (breaks)",
				"c: union: the reader's union has no type for long (breaks)",
				"d: ignored: the reader has no such field", "e: ignored: the reader has no such field",
				"b: hive: Hive reads a union of several types only where data has one (breaks)",
				"c: hive: Hive does not read int of a union as another type (breaks)",
				"d: hive: Hive does not read the default of a decimal or a union of several types (breaks)",
			},
		},
		{
			"decimals renamed and in a record", `{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":9}}`,
			`{"name":"b","type":{"type":"bytes","logicalType":"decimal","precision":9},"default":"","aliases":["a"],"ltsv.label":"a"},{"name":"r","type":{"type":"record","name":"I","fields":[{"name":"x","type":{"type":"bytes","logicalType":"decimal","precision":9}}]},"default":{"x":""}}`,
			[]string{
				"b: alias: it is found as a", "r: default: the data has no such field: its default is read",
				"r: hive: Hive does not read the default of a decimal or a union of several types (breaks)",
			},
			[]string{
				"a: default: the data has no such field, and there is no default (breaks)",
				"b: ignored: the reader has no such field", "r: ignored: the reader has no such field",
				"r: hive: Hive does not read the default of a decimal or a union of several types (breaks)",
			},
		},
		{
			"deep", `{"name":"a","type":{"type":"array","items":{"type":"map","values":{"type":"record","name":"I","fields":[{"name":"x","type":"int"}]}}}}`,
			`{"name":"a","type":{"type":"array","items":{"type":"map","values":{"type":"record","name":"I","fields":[{"name":"X","type":"int","default":0},{"name":"hour","type":"int","default":0}]}}}}`,
			[]string{
				"a[]{}.X: default: the data has no such field: its default is read", "a[]{}.hour: default: the data has no such field: its default is read",
				"a[]{}.x: ignored: the reader has no such field", "a[]{}.X: case: it was x, which Hive takes for the same and Avro does not (breaks)",
			},
			[]string{
				"a[]{}.x: default: the data has no such field, and there is no default (breaks)", "a[]{}.X: ignored: the reader has no such field",
				"a[]{}.hour: ignored: the reader has no such field", "a[]{}.X: case: it was x, which Hive takes for the same and Avro does not (breaks)",
			},
		},
		{
			"recursion", `{"name":"a","type":["null","R"]}`, `{"name":"a","type":["null","R"]},{"name":"b","type":"long","default":1}`,
			[]string{"b: default: the data has no such field: its default is read"}, []string{"b: ignored: the reader has no such field"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			prev, next := parse(t, record(test.prev)), parse(t, record(test.next))
			assert.Equal(t, prefixed("BACKWARD against 0: ", test.backward), lines(Check(Backward, next, prev)))
			assert.Equal(t, prefixed("FORWARD against 0: ", test.forward), lines(Check(Forward, next, prev)))
		})
	}
}

func prefixed(prefix string, lines []string) []string {
	out := []string{}
	for _, line := range lines {
		out = append(out, prefix+line)
	}
	return out
}

func TestCheckModes(t *testing.T) {
	first := parse(t, record(`{"name":"a","type":"int"}`))
	second := parse(t, record(`{"name":"b","type":"int","default":0}`))
	third := parse(t, record(`{"name":"a","type":"int","default":1},{"name":"b","type":"int"}`))
	for mode, want := range map[Mode][]string{
		Backward:           nil,
		Forward:            nil,
		Full:               nil,
		BackwardTransitive: {"BACKWARD against 0: b: default: the data has no such field, and there is no default (breaks)"},
		ForwardTransitive:  nil,
		FullTransitive:     {"BACKWARD against 0: b: default: the data has no such field, and there is no default (breaks)"},
	} {
		err := Check(mode, third, first, second).Err()
		if want == nil {
			assert.NoError(t, err, mode)
			continue
		}
		var incompatible *IncompatibleError
		require.ErrorAs(t, err, &incompatible, mode)
		assert.Equal(t, want, lines(incompatible.Changes), mode)
		assert.EqualError(t, err, "avroschema: incompatible: "+want[0])
	}
	assert.Empty(t, Check(FullTransitive, third))
}

// Types that hold each other twice at every level are cut short.
func TestCheckIsBounded(t *testing.T) {
	s := parse(t, `{"type":"record","name":"R0","fields":[]}`)
	for i := range 20 {
		var err error
		s, err = Parse(fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":"R%d"},{"name":"b","type":"R%d"}]}`, i+1, i, i), s)
		require.NoError(t, err)
	}
	assert.ErrorContains(t, Check(Backward, s, parse(t, s.JSON())).Err(), "too intricate")

	_, err := Parse(`{"type":"record","name":"R","fields":[{"name":"a","type":"R20"}]}`, s)
	assert.ErrorIs(t, err, ErrTooLarge, "its JSON would nest too deep")
}

// A schemaGenerator writes random schemas.
type schemaGenerator struct {
	*rand.Rand
	names   int
	aliases bool
}

func (g *schemaGenerator) typ(depth int) string {
	primitives := []string{`"null"`, `"boolean"`, `"int"`, `"long"`, `"float"`, `"double"`, `"bytes"`, `"string"`}
	n := 14
	if depth == 0 {
		n = len(primitives) + 2
	}
	switch k := g.IntN(n); {
	case k < len(primitives):
		return primitives[k]
	case k == 8:
		g.names++
		def := []string{"", `,"default":"A"`}[g.IntN(2)]
		return fmt.Sprintf(`{"type":"enum","name":"%s","symbols":%s%s}`, g.name("E"), []string{`["A"]`, `["A","B"]`, `["B","A"]`}[g.IntN(3)], def)
	case k == 9:
		g.names++
		return fmt.Sprintf(`{"type":"fixed","name":"%s","size":%d}`, g.name("F"), 1+g.IntN(2))
	case k == 10:
		return `{"type":"array","items":` + g.typ(depth-1) + `}`
	case k == 11:
		return `{"type":"map","values":` + g.typ(depth-1) + `}`
	case k == 12:
		return g.union(depth - 1)
	}
	return g.record(g.name("N"), depth-1)
}

// name returns a name that is the same in most schemas.
func (g *schemaGenerator) name(prefix string) string {
	g.names++
	if g.IntN(12) == 0 {
		return fmt.Sprintf("x.%s%d", prefix, g.names)
	}
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *schemaGenerator) union(depth int) string {
	branches := []string{`"null"`}
	for range 1 + g.IntN(2) {
		b := g.typ(depth)
		if b[0] != '[' && !strings.Contains(strings.Join(branches, ","), b[:min(len(b), 14)]) {
			branches = append(branches, b)
		}
	}
	g.Shuffle(len(branches), func(i, j int) { branches[i], branches[j] = branches[j], branches[i] })
	return "[" + strings.Join(branches, ",") + "]"
}

func (g *schemaGenerator) record(name string, depth int) string {
	var fields []string
	for c := 'a'; c < 'd'; c++ {
		if g.IntN(4) == 0 {
			continue
		}
		typ, extra := g.typ(depth), ""
		switch {
		case typ == `"int"` || typ == `"long"` || typ == `"double"`:
			extra = []string{"", `,"default":1`}[g.IntN(2)]
		case strings.HasPrefix(typ, `["null"`):
			extra = []string{"", `,"default":null`}[g.IntN(2)]
		}
		if g.aliases && g.IntN(6) == 0 {
			extra += fmt.Sprintf(`,"aliases":["%c"]`, 'a'+(c-'a'+1)%3)
		}
		fields = append(fields, fmt.Sprintf(`{"name":"%c","type":%s%s}`, c, typ, extra))
	}
	return fmt.Sprintf(`{"type":"record","name":"%s","fields":[%s]}`, name, strings.Join(fields, ","))
}

// pair returns two schemas that have much in common.
func schemaPair(seed uint64, aliases bool) (reader, writer string) {
	w := &schemaGenerator{Rand: rand.New(rand.NewPCG(seed, 1)), aliases: aliases}
	writer = w.record("R", 2)
	if seed%4 == 0 {
		r := &schemaGenerator{Rand: rand.New(rand.NewPCG(seed, 2)), aliases: aliases}
		return r.record("R", 2), writer
	}
	// Promotions and the like, at random places.
	changes := []struct{ from, to string }{
		{`"int"`, `"long"`}, {`"long"`, `"double"`}, {`"string"`, `"bytes"`}, {`"bytes"`, `"string"`}, {`,"default":1`, ``},
		{`["A","B"]`, `["A"]`}, {`["A"]`, `["B","A"]`}, {`"size":1`, `"size":2`}, {`"name":"a"`, `"name":"e"`}, {`"null",`, ``}, {`"float"`, `["null","double"]`},
	}
	reader = writer
	for range 1 + w.IntN(3) {
		c := changes[w.IntN(len(changes))]
		if at := strings.Index(reader, c.from); at >= 0 {
			reader = reader[:at] + c.to + reader[at+len(c.from):]
		}
	}
	return reader, writer
}

// Where hamba/avro is right, it says the same. It is asked once a pair: its answers are
// kept under fingerprints that know no defaults. It takes the first field of the data
// that is called as a field or one of its aliases, whichever stands first, and it has not
// seen a union of one branch or of a default: aliases are left to Java.
func TestCheckIsHambas(t *testing.T) {
	compatible, pairs := 0, 0
	for seed := range uint64(3000) {
		r, w := schemaPair(seed, false)
		reader, err := Parse(r)
		if err != nil {
			continue // a default that a change made wrong
		}
		writer := parse(t, w)
		pairs++
		want := avro.NewSchemaCompatibility().Compatible(reader.second.schema, writer.second.schema) == nil
		got := !broken(Check(Backward, reader, writer))
		if got {
			compatible++
		}
		require.Equal(t, want, got, "seed %d\nreader %s\nwriter %s\n%s", seed, r, w, strings.Join(lines(Check(Backward, reader, writer)), "\n"))
	}
	assert.Greater(t, compatible, pairs/5)
	assert.Less(t, compatible, pairs*4/5)
}

// Whatever the schemas, Check ends; and a schema reads its own data.
func FuzzCheck(f *testing.F) {
	for seed := range uint64(8) {
		next, prev := schemaPair(seed, true)
		f.Add(next, prev)
	}
	f.Add(wide, accessLogJSON)
	f.Fuzz(func(t *testing.T, next, prev string) {
		s, err := Parse(next)
		if err != nil {
			return
		}
		for _, c := range Check(Full, s, s) {
			require.True(t, !c.Breaks || c.Rule == RuleAmbiguous, "%s", c)
		}
		HiveIssues(s, HiveTable{})
		if other, err := Parse(prev); err == nil {
			for _, c := range Check(FullTransitive, s, other, s) {
				require.NotEmpty(t, c.String())
			}
		}
	})
}

// A schema is for any number of goroutines: the race detector watches.
func TestSchemaIsShared(t *testing.T) {
	s, old := parse(t, wide), parse(t, record(``))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				_, err := Parse(`{"type":"array","items":"a.b.Wide"}`, s)
				assert.NoError(t, err)
				Check(Full, s, old)
				HiveIssues(s, HiveTable{})
				_ = s.Canonical() + s.JSON() + s.Name()
				assert.NotZero(t, s.FingerprintCRC64())
			}
		})
	}
	wg.Wait()
}

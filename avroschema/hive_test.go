package avroschema

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHiveDDL(t *testing.T) {
	s := parse(t, record(`{"name":"a","doc":"it's ${env:HOME}; \\ é 😀\n","type":["null","string"],"default":null}`))
	ddl, err := HiveDDL(s, HiveTable{Database: "logs", Name: "access", Location: "hdfs:///it's/access;"})
	require.NoError(t, err)
	assert.Equal(t, "CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`access`\n"+
		"PARTITIONED BY (`dt` STRING, `hour` STRING)\n"+
		"STORED AS AVRO\n"+
		`LOCATION 'hdfs:///it\'s/access\u003b'`+"\n"+
		`TBLPROPERTIES ('avro.schema.literal'='{"type":"record","name":"R","fields":[{"name":"a","doc":"it\'s \u0024{env:HOME}\u003b \\\\ \\u00e9 \\ud83d\\ude00\\n","type":["null","string"],"default":null}]}')`, ddl)

	ddl, err = HiveDDL(s, HiveTable{Name: "a", Partitions: []string{}, SchemaURL: "hdfs:///s.avsc"})
	require.NoError(t, err)
	assert.Equal(t, "CREATE EXTERNAL TABLE IF NOT EXISTS `a`\nSTORED AS AVRO\nTBLPROPERTIES ('avro.schema.url'='hdfs:///s.avsc')", ddl)
}

func TestHiveSetSchema(t *testing.T) {
	s := parse(t, record(`{"name":"a","type":"int"}`))
	sql, err := HiveSetSchema(s, HiveTable{Database: "logs", Name: "access", Location: "hdfs:///access"})
	require.NoError(t, err)
	assert.Equal(t, "ALTER TABLE `logs`.`access` SET TBLPROPERTIES ('avro.schema.literal'='"+record(`{"name":"a","type":"int"}`)+"')", sql)
	sql, err = HiveSetSchema(s, HiveTable{Name: "a", Partitions: []string{}, SchemaURL: "hdfs:///s.avsc"})
	require.NoError(t, err)
	assert.Equal(t, "ALTER TABLE `a` SET TBLPROPERTIES ('avro.schema.url'='hdfs:///s.avsc')", sql)
	_, err = HiveSetSchema(s, HiveTable{Name: "a", Partitions: []string{"A"}})
	assert.ErrorIs(t, err, ErrHive, "a column of the schema")
	_, err = HiveSetSchema(s, HiveTable{})
	assert.ErrorIs(t, err, ErrHive)
}

func TestHiveAddPartition(t *testing.T) {
	sql, err := HiveAddPartition(HiveTable{Database: "logs", Name: "access"}, "2026-11-22", "16")
	require.NoError(t, err)
	assert.Equal(t, "ALTER TABLE `logs`.`access` ADD IF NOT EXISTS PARTITION (`dt`='2026-11-22', `hour`='16')", sql)

	sql, err = HiveAddPartition(HiveTable{Name: "a", Partitions: []string{"day"}}, "'); DROP TABLE x")
	require.NoError(t, err)
	assert.Equal(t, `ALTER TABLE `+"`a`"+` ADD IF NOT EXISTS PARTITION (`+"`day`"+`='\')\u003b DROP TABLE x')`, sql)

	for _, values := range [][]string{nil, {"a"}, {"a", "b", "c"}, {"a", ""}} {
		_, err := HiveAddPartition(HiveTable{Name: "a"}, values...)
		assert.ErrorIs(t, err, ErrHive)
		_, err = HiveFolder(HiveTable{Name: "a"}, values...)
		assert.ErrorIs(t, err, ErrHive)
	}
}

func TestHiveFolder(t *testing.T) {
	folder, err := HiveFolder(HiveTable{Name: "a", Partitions: []string{"Host", "hour"}}, "www.example.com:8080", "16")
	require.NoError(t, err)
	assert.Equal(t, "host=www.example.com%3A8080/hour=16", folder)
}

func TestHiveTableRefused(t *testing.T) {
	s := parse(t, record(`{"name":"a","type":"int"}`))
	for _, table := range []HiveTable{
		{}, {Name: "a b"}, {Name: "a`b"}, {Name: "a.b"}, {Database: "x-y", Name: "a"}, {Name: "é"},
		{Name: "a", Partitions: []string{"dt", "DT"}}, {Name: "a", Partitions: []string{""}}, {Name: "a", Partitions: []string{"a b"}},
		{Name: "a", Partitions: []string{"A"}}, // a column of the schema
	} {
		_, err := HiveDDL(s, table)
		assert.ErrorIs(t, err, ErrHive, "%v", table)
	}
	_, err := HiveAddPartition(HiveTable{Name: "x;y"}, "a", "b")
	assert.ErrorIs(t, err, ErrHive)
}

func TestHiveIssues(t *testing.T) {
	const union = "a union of other than null and one type is a uniontype, which nothing can be compared with"
	for _, test := range []struct {
		fields string
		want   []HiveIssue
	}{
		{`{"name":"a","type":["null","long"]},{"name":"b","type":["int","null"]},{"name":"c","type":{"type":"array","items":["null","string"]}}`, nil},
		{`{"name":"a","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"b","type":{"type":"int","logicalType":"date"}}`, nil},
		{`{"name":"a","type":["int","string"]}`, []HiveIssue{{"a", false, union}}},
		{`{"name":"a","type":["null","int",{"type":"enum","name":"E","symbols":["A"]}]}`, []HiveIssue{{"a", false, union}, {"a|2", false, "an enum is a string"}}},
		{`{"name":"a","type":"null"}`, []HiveIssue{{"a", false, "a type of nothing but null is void, which other tables cannot have"}}},
		{`{"name":"a","type":["null","R"]}`, []HiveIssue{{"a", true, "a record in itself"}}},
		{``, []HiveIssue{{"", true, "a record without fields"}}},
		{`{"name":"Hour","type":"int"}`, []HiveIssue{{"Hour", true, "a partition column has this name"}, {"Hour", false, "the column is called hour"}}},
		{`{"name":"aB","type":"int"},{"name":"ab","type":"int"}`, []HiveIssue{{"aB", false, "the column is called ab"}, {"ab", true, "another field is the same column, for case does not count"}}},
		{`{"name":"a","type":{"type":"enum","name":"E","symbols":["A"]}}`, []HiveIssue{{"a", false, "an enum is a string"}}},
		{`{"name":"a","type":{"type":"long","logicalType":"timestamp-micros"}}`, []HiveIssue{{"a", false, "timestamp-micros is read as bigint"}}},
		{`{"name":"a","type":{"type":"int","logicalType":"time-millis"}}`, []HiveIssue{{"a", false, "time-millis is read as int"}}},
		{`{"name":"a","type":{"type":"fixed","name":"D","size":12,"logicalType":"duration"}}`, []HiveIssue{{"a", false, "duration is read as binary"}}},
		{`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":39}}`, []HiveIssue{{"a", true, "a decimal of more than 38 digits"}}},
		{`{"name":"a","type":{"type":"fixed","name":"D","size":12,"logicalType":"decimal","precision":9}}`, []HiveIssue{{"a", false, "a decimal of fixed bytes is read as binary"}}},
		{
			`{"name":"a","type":{"type":"map","values":{"type":"array","items":{"type":"record","name":"I","fields":[{"name":"X","type":["int","string"]}]}}}}`,
			[]HiveIssue{{"a{}[].X", false, "the column is called x"}, {"a{}[].X", false, union}},
		},
		{
			`{"name":"` + strings.Repeat("a", 129) + `","type":"int"}`,
			[]HiveIssue{{strings.Repeat("a", 129), false, "the name is over 128 bytes, which some metastores do not hold"}},
		},
		{
			`{"name":"` + strings.Repeat("a", 768) + `","type":"int"}`,
			[]HiveIssue{{strings.Repeat("a", 768), true, "the name is over 767 bytes, which no metastore holds"}},
		},
		{
			`{"name":"a","x":"` + strings.Repeat("a", 4000) + `","type":"int"}`,
			[]HiveIssue{{"", false, "the schema is over 4000 bytes, which metastores before Hive 2.3 cut: use SchemaURL"}},
		},
		{`{"name":"a","type":{"type":"record","name":"I","fields":[]}}`, nil},
		{
			`{"name":"time","type":"int"},{"name":"_a","type":"int"},{"name":"a","doc":"` + strings.Repeat("é", 257) + `","type":"int"}`,
			[]HiveIssue{{"a", false, "the doc is cut to 256 characters, for metastores hold no more"}, {"time", false, "the name needs backquotes in queries"}, {"_a", false, "the name needs backquotes in queries"}},
		},
	} {
		assert.Equal(t, test.want, HiveIssues(parse(t, record(test.fields)), HiveTable{}), "%.100s", test.fields)
	}
	assert.Equal(t, []HiveIssue{{"", true, "only a record has columns"}}, HiveIssues(parse(t, `"int"`), HiveTable{}))
}

// unescapeHive is what Hive makes of a string literal: unescapeSQLString of its
// BaseSemanticAnalyzer.
func unescapeHive(t *testing.T, literal string) string {
	require.True(t, len(literal) > 1 && literal[0] == '\'' && literal[len(literal)-1] == '\'')
	var units []uint16
	for text := literal[1 : len(literal)-1]; text != ""; {
		if text[0] != '\\' {
			require.NotEqual(t, byte('\''), text[0], "the literal ends early")
			units = append(units, uint16(text[0]))
			text = text[1:]
			continue
		}
		if text[1] != 'u' {
			units = append(units, uint16(text[1]))
			text = text[2:]
			continue
		}
		n, err := strconv.ParseUint(text[2:6], 16, 16)
		require.NoError(t, err)
		units = append(units, uint16(n))
		text = text[6:]
	}
	return string(utf16.Decode(units))
}

func FuzzHiveString(f *testing.F) {
	for _, s := range []string{"", `it's`, `\`, "\n\x00;${x}--", "é😀\uffff", `\u0041`, "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "\ufffd")
		literal := hiveString(s)
		for _, c := range []byte(literal) {
			require.True(t, ' ' <= c && c <= '~' && c != ';' && c != '$')
		}
		require.Equal(t, s, unescapeHive(t, literal))

		text, err := json.Marshal(s)
		require.NoError(t, err)
		var back string
		require.NoError(t, json.Unmarshal([]byte(asciiJSON(string(text))), &back))
		require.Equal(t, s, back)
	})
}

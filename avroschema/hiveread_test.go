package avroschema

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hamba/avro/v2/ocf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/hivetest"
)

// TestHiveReads asks Apache Hive for what the tables of HiveDDL hold. What it must say is
// written by hand, the same in every zone.
func TestHiveReads(t *testing.T) {
	for _, zone := range []string{"UTC", "Asia/Tokyo"} {
		t.Run(zone, func(t *testing.T) {
			h := hive{hivetest.Start(t, zone, "hive.input.format=org.apache.hadoop.hive.ql.io.HiveInputFormat", "fs.local.block.size=8192")} // several splits of a file
			t.Run("types", h.types)
			t.Run("codecs", h.codecs)
			t.Run("unmarked", func(t *testing.T) { h.unmarked(t, zone) })
			if zone == "UTC" {
				return // the rest knows no time
			}
			t.Run("versions", h.versions)
			t.Run("texts", h.texts)
			t.Run("folders", h.folders)
			t.Run("issues", h.issues)
			t.Run("random schemas", h.random)
			t.Run("words", h.words)
		})
	}
}

type hive struct{ *hivetest.Hive }

// table makes a table without partitions of container files, one for each list of
// records, which are JSON.
func (h hive) table(t *testing.T, name string, s *Schema, o FileOptions, files ...[]string) (folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), name)
	require.NoError(t, os.Mkdir(folder, 0o755))
	for i, records := range files {
		writeFile(t, filepath.Join(folder, fmt.Sprint(i, ".avro")), s, o, records...)
	}
	ddl, err := HiveDDL(s, HiveTable{Name: name, Partitions: []string{}, Location: "file://" + folder})
	require.NoError(t, err)
	h.Rows(t, ddl)
	return folder
}

func writeFile(t *testing.T, path string, s *Schema, o FileOptions, records ...string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	w, err := NewFileWriter(f, s, o)
	require.NoError(t, err)
	for _, text := range records {
		require.NoError(t, w.Write(decodeJSON(t, text)), text)
	}
	require.NoError(t, w.Close())
}

// columns returns what Hive says of a table's columns.
func (h hive) columns(t *testing.T, name string) (columns []string) {
	t.Helper()
	for _, row := range h.Rows(t, "DESCRIBE "+name) {
		column, rest, _ := strings.Cut(row, "\t")
		kind, _, _ := strings.Cut(rest, "\t")
		columns = append(columns, strings.TrimSpace(column)+" "+strings.TrimSpace(kind))
	}
	return columns
}

func (h hive) types(t *testing.T) {
	inner := &Spec{Name: "Inner", Fields: []Field{{Label: "x", Type: TypeInt}, {Label: "at", Type: TypeTimestampMillis}}}
	spec := Spec{Name: "Types", Extras: "extras", Fields: []Field{
		{Label: "text"},
		{Label: "i", Type: TypeInt},
		{Label: "l", Type: TypeLong},
		{Label: "f", Type: TypeFloat},
		{Label: "d", Type: TypeDouble},
		{Label: "b", Type: TypeBool, Required: true},
		{Label: "raw", Type: TypeBytes},
		{Label: "at", Type: TypeTimestampMillis},
		{Label: "micros", Type: TypeTimestampMicros},
		{Label: "day", Type: TypeDate},
		{Label: "money", Type: TypeDecimal, Precision: 38, Scale: 10},
		{Label: "price", Type: TypeDecimal, Precision: 5, Scale: 2},
		{Label: "m", Type: TypeMap},
		{Label: "list", Type: TypeArray},
		{Label: "r", Type: TypeRecord, Record: inner},
	}}
	s, err := spec.Schema()
	require.NoError(t, err)
	h.table(t, "types", s, FileOptions{}, []string{
		`{"text":"größe\t😀","i":1,"l":2,"f":0.5,"d":0.1,"b":true,"raw":"ab","at":"2026-11-22T16:00:00.123Z","micros":"2026-11-22T16:00:00.123456Z","day":"2026-11-22","money":"1234567.5","price":"-1.5","m":{"k":"v"},"list":["a","b"],"r":{"x":7,"at":"2026-11-22T16:00:00.123Z"},"other":"o"}`,
		`{"b":false}`,
		`{"text":"","i":-2147483648,"l":-9223372036854775808,"f":-3.4028235e38,"d":-1.7976931348623157e308,"b":true,"raw":"","at":"1969-12-31T23:59:59.999Z","micros":"1969-12-31T23:59:59.999999Z","day":"1969-12-31","money":"-9999999999999999999999999999.9999999999","price":"-999.99","m":{},"list":[],"r":{}}`,
		`{"i":2147483647,"l":9223372036854775807,"d":5e-324,"b":true,"at":"1500-03-01T00:00:00.001Z","day":"1500-03-01","money":"9999999999999999999999999999.9999999999","price":"0.01"}`,
		`{"b":true,"at":"0001-01-01T00:00:00Z","day":"0001-01-01"}`,
		`{"b":true,"at":"9999-12-31T23:59:59.999Z","day":"9999-12-31"}`,
	})
	assert.Equal(t, []string{
		"text string", "i int", "l bigint", "f float", "d double", "b boolean", "raw binary", "at timestamp", "micros bigint", "day date",
		"money decimal(38,10)", "price decimal(5,2)", "m map<string,string>", "list array<string>", "r struct<x:int,at:timestamp>", "extras map<string,string>",
	}, h.columns(t, "types"))
	want := []string{
		"größe\t😀\t1\t2\t0.5\t0.1\ttrue\tab\t2026-11-22 16:00:00.123\t1795363200123456\t2026-11-22\t1234567.5000000000\t-1.50\t" + `{"k":"v"}	["a","b"]	{"x":7,"at":"2026-11-22 16:00:00.123"}	{"other":"o"}`,
		"NULL\tNULL\tNULL\tNULL\tNULL\tfalse\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\tNULL\t{}",
		"\t-2147483648\t-9223372036854775808\t-3.4028235E38\t-1.7976931348623157E308\ttrue\t\t1969-12-31 23:59:59.999\t-1\t1969-12-31\t-9999999999999999999999999999.9999999999\t-999.99\t" + `{}	[]	{"x":null,"at":null}	{}`,
		"NULL\t2147483647\t9223372036854775807\tNULL\t4.9E-324\ttrue\tNULL\t1500-03-01 00:00:00.001\tNULL\t1500-03-01\t9999999999999999999999999999.9999999999\t0.01\tNULL\tNULL\tNULL\t{}",
		"NULL\tNULL\tNULL\tNULL\tNULL\ttrue\tNULL\t0001-01-01 00:00:00\tNULL\t0001-01-01\tNULL\tNULL\tNULL\tNULL\tNULL\t{}",
		"NULL\tNULL\tNULL\tNULL\tNULL\ttrue\tNULL\t9999-12-31 23:59:59.999\tNULL\t9999-12-31\tNULL\tNULL\tNULL\tNULL\tNULL\t{}",
	}
	assert.Equal(t, want, h.Rows(t, "SELECT * FROM types"))
	assert.Equal(t, []string{"6\t2147483647\t9999-12-31 23:59:59.999\t0001-01-01\t-1001.48"},
		h.Rows(t, "SELECT count(*), max(i), max(at), min(day), sum(price) FROM types"), "as MapReduce sees it")
	assert.Equal(t, []string{"1\t2026-11-23 01:00:00.123\t7\tv\tb"},
		h.Rows(t, "SELECT i, from_utc_timestamp(at, 'Asia/Tokyo'), r.x, m['k'], list[1] FROM types WHERE at = '2026-11-22 16:00:00.123' AND day = DATE '2026-11-22'"))
}

// codecs lets MapReduce count what many blocks of every codec hold.
func (h hive) codecs(t *testing.T) {
	s, err := (&Spec{Name: "Numbers", Fields: []Field{{Label: "n", Type: TypeLong, Required: true}, {Label: "at", Type: TypeTimestampMillis}, {Label: "text"}}}).Schema()
	require.NoError(t, err)
	const records, files = 3000, 2
	all := make([][]string, files)
	for i := range records {
		text := fmt.Sprintf(`{"n":%d,"at":"2026-11-22T%02d:%02d:00.001Z","text":"%d"}`, i, i/60%24, i%60, i%7)
		all[i%files] = append(all[i%files], text)
	}
	for _, codec := range []Codec{CodecNull, CodecDeflate, CodecSnappy, CodecZstandard} {
		name := "codec_" + codec.String()
		folder := h.table(t, name, s, FileOptions{Codec: codec, BlockBytes: 1 << 10}, all...)
		assert.Equal(t, []string{"3000\t4498500\t2026-11-22 00:00:00.001\t2026-11-22 23:59:00.001\t7"},
			h.Rows(t, "SELECT count(*), sum(n), min(at), max(at), count(DISTINCT text) FROM "+name), name)

		s, url := s.JSON(), filepath.Join(t.TempDir(), "s.avsc")
		require.NoError(t, os.WriteFile(url, []byte(s), 0o644))
		ddl, err := HiveDDL(parse(t, s), HiveTable{Name: name + "_url", Partitions: []string{}, Location: "file://" + folder, SchemaURL: "file://" + url})
		require.NoError(t, err)
		h.Rows(t, ddl)
		assert.Equal(t, []string{"2999\t2026-11-22 01:59:00.001\t3"}, h.Rows(t, "SELECT * FROM "+name+"_url WHERE n = 2999"))
	}
}

// unmarked is what the metadata of our files is for: of a file without it, Hive makes
// times of its own zone, and other days before 1582.
func (h hive) unmarked(t *testing.T, zone string) {
	s := parse(t, record(`{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"day","type":{"type":"int","logicalType":"date"}}`))
	folder := h.table(t, "unmarked", s, FileOptions{})
	f, err := os.Create(filepath.Join(folder, "a.avro"))
	require.NoError(t, err)
	defer f.Close()
	w, err := ocf.NewEncoder(s.JSON(), f)
	require.NoError(t, err)
	_, err = w.Write(appendLong(appendLong(nil, 1795363200123), -171654)) // 1500-01-11, by the rules of today
	require.NoError(t, err)
	require.NoError(t, w.Close())
	want := map[string]string{"UTC": "2026-11-22 16:00:00.123\t1500-01-02", "Asia/Tokyo": "2026-11-23 01:00:00.123\t1500-01-02"}
	assert.Equal(t, []string{want[zone]}, h.Rows(t, "SELECT * FROM unmarked"))
}

// versions has files of three versions of a schema in one table, which has the last.
func (h hive) versions(t *testing.T) {
	spec := Spec{Name: "AccessLog", Fields: []Field{{Label: "status", Type: TypeInt, Required: true}, {Label: "ua"}}}
	v1, err := spec.Schema()
	require.NoError(t, err)
	spec.Fields = append(spec.Fields, Field{Label: "size", Type: TypeLong}, Field{Label: "scheme", Required: true, Default: "http"})
	v2, err := spec.Schema()
	require.NoError(t, err)
	spec.Fields = append(spec.Fields[:1], spec.Fields[2:]...) // without ua
	spec.Fields[0].Type = TypeLong
	cost := Field{Label: "cost", Type: TypeDecimal, Precision: 5, Scale: 2}
	spec.Fields = append(spec.Fields, Field{Label: "agent", Aliases: []string{"ua"}}, cost)
	v3, err := spec.Schema()
	require.NoError(t, err)
	require.NoError(t, Check(BackwardTransitive, v3, v1, v2).Err())

	// The table goes from version to version, and each has a partition of its own and files
	// in those of the others.
	table := HiveTable{Name: "versions", Partitions: []string{"v"}, Location: "file://" + t.TempDir()}
	all := []struct {
		s      *Schema
		record string
	}{
		{v1, `{"status":404,"ua":"größe"}`},
		{v2, `{"status":500,"size":7,"scheme":"ftp"}`},
		{v3, `{"status":3000000000,"size":1099511627776,"scheme":"https","agent":"x","cost":"2.25"}`},
	}
	for i, version := range all {
		sql, err := HiveDDL(version.s, table)
		if i > 0 {
			sql, err = HiveSetSchema(version.s, table)
		}
		require.NoError(t, err)
		h.Rows(t, sql)
		folder := fmt.Sprint(strings.TrimPrefix(table.Location, "file://"), "/v=", i+1)
		require.NoError(t, os.Mkdir(folder, 0o755))
		for j, other := range all {
			writeFile(t, fmt.Sprint(folder, "/", j, ".avro"), other.s, FileOptions{}, other.record)
		}
		sql, err = HiveAddPartition(table, fmt.Sprint(i+1))
		require.NoError(t, err)
		h.Rows(t, sql)
	}
	var want []string
	for v := range 3 {
		want = append(want, fmt.Sprintf("404\tNULL\thttp\tgröße\tNULL\t%d", v+1), fmt.Sprintf("500\t7\tftp\tNULL\tNULL\t%d", v+1), fmt.Sprintf("3000000000\t1099511627776\thttps\tx\t2.25\t%d", v+1))
	}
	assert.Equal(t, want, h.Rows(t, "SELECT * FROM versions ORDER BY v, status"))
	assert.Equal(t, []string{"9\t9000002712\t3"}, h.Rows(t, "SELECT count(*), sum(status), count(cost) FROM versions"))

	for _, test := range []struct{ name, old, oldRecord, next, want string }{
		{"cases", `{"name":"aB","type":["null","int"]}`, `{"aB":1}`, `{"name":"ab","type":["null","int"],"default":null}`, "NULL"}, // not 1
		{"decimals", `{"name":"a","type":"int"}`, `{"a":1}`, `{"name":"a","type":"int"},{"name":"b","type":{"type":"bytes","logicalType":"decimal","precision":9},"default":"A"}`, ""},
		{"nullable_decimals", `{"name":"a","type":"int"}`, `{"a":1}`, `{"name":"b","type":[{"type":"bytes","logicalType":"decimal","precision":9},"null"],"default":"A"}`, ""},
		{"nested_decimals", `{"name":"a","type":"int"}`, `{"a":1}`, `{"name":"b","type":{"type":"record","name":"I","fields":[{"name":"x","type":{"type":"bytes","logicalType":"decimal","precision":9}}]},"default":{"x":"A"}}`, ""},
		{"union_defaults", `{"name":"a","type":"int"}`, `{"a":1}`, `{"name":"b","type":["int","string"],"default":1}`, ""},
	} {
		old, next := parse(t, record(test.old)), parse(t, record(test.next))
		assert.Error(t, Check(Backward, next, old).Err(), test.name)
		folder := h.table(t, test.name, next, FileOptions{})
		writeFile(t, filepath.Join(folder, "old.avro"), old, FileOptions{}, test.oldRecord)
		rows, err := h.Run(t, "SELECT * FROM "+test.name)
		if test.want == "" {
			assert.ErrorContains(t, err, "chema", test.name)
		} else {
			assert.Equal(t, []string{test.want}, rows, test.name)
		}
	}
}

// texts checks that a schema's text comes through statements and metastore as it is.
func (h hive) texts(t *testing.T) {
	doc := `it's ${env:HOME} ${system:user.home}; -- \\ \" é 😀`
	s := parse(t, record(`{"name":"a","doc":"`+doc+`","type":["null","string"],"default":null},{"name":"b","doc":"`+strings.Repeat("é😀", 300)+`","type":"int"},{"name":"c","type":"int","x":"`+strings.Repeat("x", 20_000)+`"}`))
	h.table(t, "texts", s, FileOptions{}, []string{`{"a":"x","b":1,"c":2}`})
	rows := h.Rows(t, "DESCRIBE texts")
	require.Len(t, rows, 3)
	assert.Equal(t, "a                   \tstring              \t"+`it's ${env:HOME} ${system:user.home}; -- \ " é 😀`, strings.TrimRight(rows[0], " "))
	assert.Equal(t, "b                   \tint                 \t"+strings.Repeat("é😀", 85)+"é", strings.TrimRight(rows[1], " "))
	assert.Equal(t, []string{"x\t1\t2"}, h.Rows(t, "SELECT * FROM texts"))
}

// folders has Hive name the folders of all characters.
func (h hive) folders(t *testing.T) {
	table := HiveTable{Name: "folders", Partitions: []string{"Value", "n"}}
	ddl, err := HiveDDL(parse(t, record(`{"name":"a","type":"int"}`)), table)
	require.NoError(t, err)
	h.Rows(t, ddl)
	statement, want := "", []string(nil)
	for c := rune(1); c <= 0x7f; c++ {
		values := []string{"x" + string(c) + "ß😀", "1"}
		sql, err := HiveAddPartition(table, values...)
		require.NoError(t, err)
		if statement != "" {
			sql = sql[strings.Index(sql, " PARTITION ("):] // another of the same statement
		}
		statement += sql
		folder, err := HiveFolder(table, values...)
		require.NoError(t, err)
		want = append(want, folder)
	}
	h.Rows(t, statement)
	assert.ElementsMatch(t, want, h.Rows(t, "SHOW PARTITIONS folders"))
}

func (h hive) issues(t *testing.T) {
	for i, test := range []struct {
		fields, record string
		columns        string // none: Hive refuses the table
		rows           string
	}{
		{`{"name":"a","type":["int","string"]},{"name":"b","type":["null","int","string"]}`, `{"a":1,"b":"x"}`, "a uniontype<int,string>, b uniontype<int,string>", `{0:1}	{1:"x"}`},
		{`{"name":"a","type":"null"}`, `{}`, "a void", "NULL"},
		{`{"name":"a","type":{"type":"record","name":"I","fields":[]}}`, `{"a":{}}`, "a struct<>", "{}"},
		{`{"name":"aB","type":{"type":"record","name":"I","fields":[{"name":"xY","type":"int"}]}}`, `{"aB":{"xY":1}}`, "ab struct<xy:int>", `{"xy":1}`},
		{`{"name":"a","type":{"type":"enum","name":"E","symbols":["A","B"]}}`, `{"a":"B"}`, "a string", "B"},
		{`{"name":"a","type":{"type":"fixed","name":"F","size":3}}`, `{"a":"abc"}`, "a binary", "abc"},
		{`{"name":"a","type":{"type":"fixed","name":"F","size":1,"logicalType":"decimal","precision":2}}`, `{"a":"65"}`, "a binary", "A"},
		{`{"name":"a","type":{"type":"string","logicalType":"uuid"}}`, `{"a":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}`, "a string", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"},
		{`{"name":"a","type":{"type":"long","logicalType":"timestamp-micros"}}`, `{"a":"1970-01-01T00:00:01Z"}`, "a bigint", "1000000"},
		{`{"name":"a","type":{"type":"long","logicalType":"local-timestamp-millis"}}`, `{"a":"1970-01-01T00:00:01Z"}`, "a bigint", "1000"},
		{`{"name":"a","type":"int"},{"name":"` + strings.Repeat("b", 767) + `","type":"int"}`, `{"a":1,"` + strings.Repeat("b", 767) + `":2}`, "a int, " + strings.Repeat("b", 767) + " int", "1\t2"},
		{fields: `{"name":"` + strings.Repeat("b", 768) + `","type":"int"}`},
		{fields: `{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":39}}`},
		{fields: `{"name":"a","type":["null",{"type":"record","name":"I","fields":[{"name":"i","type":["null","I"]}]}]}`},
		{fields: `{"name":"aB","type":"int"},{"name":"Ab","type":"int"}`},
		{fields: ``},
	} {
		s, name := parse(t, record(test.fields)), fmt.Sprint("issues_", i)
		table := HiveTable{Name: name, Partitions: []string{}}
		if test.columns == "" {
			_, err := HiveDDL(s, table)
			assert.ErrorIs(t, err, ErrHive)
			_, err = h.Run(t, anyDDL(s, table))
			assert.Error(t, err, test.fields)
			continue
		}
		h.table(t, name, s, FileOptions{}, []string{test.record})
		assert.Equal(t, test.columns, strings.Join(h.columns(t, name), ", "))
		assert.Equal(t, []string{test.rows}, h.Rows(t, "SELECT * FROM "+name), test.fields)
	}

	_, err := h.Run(t, "SELECT a FROM issues_0 WHERE a = 1")
	assert.ErrorContains(t, err, "uniontype", "which nothing can be compared with")
	_, err = h.Run(t, "CREATE TABLE copied STORED AS ORC AS SELECT a FROM issues_1")
	assert.ErrorContains(t, err, "VOID", "which other tables cannot have")

	// Of two fields of a struct that differ by case, Hive finds the first.
	s := parse(t, record(`{"name":"a","type":{"type":"record","name":"I","fields":[{"name":"xY","type":"int"},{"name":"xy","type":"int"}]}}`))
	folder := t.TempDir()
	writeFile(t, filepath.Join(folder, "a.avro"), s, FileOptions{}, `{"a":{"xY":1,"xy":2}}`)
	table := HiveTable{Name: "twins", Partitions: []string{}, Location: "file://" + folder}
	_, err = HiveDDL(s, table)
	assert.ErrorIs(t, err, ErrHive)
	h.Rows(t, anyDDL(s, table))
	assert.Equal(t, []string{"1"}, h.Rows(t, "SELECT a.xy FROM twins"))
}

// anyDDL is HiveDDL, but also of what has issues.
func anyDDL(s *Schema, t HiveTable) string {
	ddl := "CREATE EXTERNAL TABLE " + t.quoted() + " STORED AS AVRO "
	if t.Location != "" {
		ddl += "LOCATION " + hiveString(t.Location)
	}
	return ddl + " TBLPROPERTIES ('avro.schema.literal'=" + hiveString(hiveSchema(s)) + ")"
}

// random has Hive judge schemas as HiveIssues does, and read the data of earlier versions
// wherever Check allows it.
func (h hive) random(t *testing.T) {
	refused, read := 0, 0
	for seed := range uint64(250) {
		text, old := schemaPair(seed, true)
		s, err := Parse(text)
		if err != nil {
			continue // a default that a change made wrong
		}
		table := HiveTable{Name: fmt.Sprint("random_", seed), Partitions: []string{}, Location: "file://" + t.TempDir()}
		_, want := HiveDDL(s, table)
		_, got := h.Run(t, anyDDL(s, table))
		require.Equal(t, want == nil, got == nil, "%s\n%v\n%v", text, want, got)
		if want != nil {
			refused++
			continue
		}
		writer := parse(t, old)
		if Check(Backward, s, writer).Err() != nil {
			continue
		}
		f, err := os.Create(filepath.Join(strings.TrimPrefix(table.Location, "file://"), "a.avro"))
		require.NoError(t, err)
		w, err := NewFileWriter(f, writer, FileOptions{})
		require.NoError(t, err)
		for range 5 {
			require.NoError(t, w.WriteEncoded(appendRandom(nil, writer.root, rand.New(rand.NewPCG(seed, 3)))))
		}
		require.NoError(t, errors.Join(w.Close(), f.Close()))
		require.Len(t, h.Rows(t, "SELECT * FROM "+table.Name), 5, "%s\n%s", text, old)
		read++
	}
	assert.Positive(t, refused)
	assert.Greater(t, read, 20)
}

// appendRandom appends some value of type n.
func appendRandom(dst []byte, n *node, r *rand.Rand) []byte {
	switch n.kind {
	case kindBoolean:
		dst = append(dst, byte(r.IntN(2)))
	case kindInt, kindLong:
		dst = appendLong(dst, r.Int64N(100))
	case kindFloat:
		dst = append(dst, 0, 0, 0, 0)
	case kindDouble:
		dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
	case kindBytes, kindString:
		dst = appendText(dst, "text")
	case kindFixed:
		dst = append(dst, make([]byte, n.size)...)
	case kindEnum:
		dst = appendLong(dst, r.Int64N(int64(len(n.symbols))))
	case kindArray:
		dst = append(appendRandom(appendLong(dst, 1), n.items, r), 0)
	case kindMap:
		dst = append(appendRandom(appendText(appendLong(dst, 1), "key"), n.items, r), 0)
	case kindRecord:
		for _, f := range n.fields {
			dst = appendRandom(dst, f.typ, r)
		}
	case kindUnion:
		i := r.IntN(len(n.branches))
		dst = appendRandom(appendLong(dst, int64(i)), n.branches[i], r)
	}
	return dst
}

// words checks the words that need backquotes, and some that do not.
func (h hive) words(t *testing.T) {
	for _, word := range append([]string{"_a"}, hiveWords...) {
		rows, err := h.Run(t, "SELECT "+word+" FROM (SELECT 'column' AS `"+word+"`) t")
		assert.True(t, err != nil || rows[0] != "column", word)
	}
	for _, word := range []string{"host", "path", "method", "status", "size", "protocol", "referer", "server", "vhost", "apptime", "reqtime", "query", "uri", "ua", "day", "hour", "type", "key", "value", "state", "session", "id", "name", "version", "url"} {
		assert.False(t, needsBackquotes(word), word)
		assert.Equal(t, []string{"column"}, h.Rows(t, "SELECT "+word+" FROM (SELECT 'column' AS `"+word+"`) t"), word)
	}
}

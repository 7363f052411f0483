package avroschema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// A HiveTable is an external table over Avro container files in folders such as
// dt=2026-11-22/hour=16. The zero value of everything but Name means defaults.
type HiveTable struct {
	// Database and Name: letters, digits and _. Default of Database: the session's.
	Database, Name string

	// Location is the folder of the table, as hdfs:///logs/access. Default: where Hive
	// keeps tables.
	Location string

	// Partitions are the partition columns, all strings, from the outer folder to the
	// inner. Default: dt, hour. An empty list that is not nil is none.
	Partitions []string

	// SchemaURL is where Hive reads the schema: a file in HDFS, or a registry. Default:
	// the schema is a property of the table, as text.
	SchemaURL string
}

// ErrHive says that Hive cannot have such a table, or not with this schema.
var ErrHive = errors.New("avroschema: not for Hive")

// defaultPartitions are the partition columns that a table has unless it says otherwise.
var defaultPartitions = []string{"dt", "hour"}

func (t HiveTable) partitions() []string {
	if t.Partitions == nil {
		return defaultPartitions
	}
	return t.Partitions
}

// check returns why Hive cannot have a table of t's names.
func (t HiveTable) check() error {
	if !hiveName(t.Name) || t.Database != "" && !hiveName(t.Database) {
		return fmt.Errorf("%w: the name of a table has letters, digits and _", ErrHive)
	}
	seen := map[string]bool{}
	for _, p := range t.partitions() {
		if !hiveName(p) || seen[strings.ToLower(p)] {
			return fmt.Errorf("%w: partition columns have names of letters, digits and _, no two the same", ErrHive)
		}
		seen[strings.ToLower(p)] = true
	}
	return nil
}

// hiveName reports whether every Hive takes s for a table or partition column.
func hiveName(s string) bool { return s != "" && validName("_"+s) }

// HiveDDL returns the statement, without a semicolon, that creates the table for data of
// schema s if it is not there. Hive takes the columns from the schema. The error is
// [ErrHive] if t has a name that Hive does not take, or one of [HiveIssues] breaks.
//
// A timestamp-millis of files of [FileWriter] is a TIMESTAMP with the time of UTC,
// whatever the zones of server and session: from_utc_timestamp(column, 'Asia/Tokyo') is
// that of another zone.
//
// Whatever text is in s and t, it stays inside its quotes: also where a command line
// splits statements at semicolons or fills in ${variables}.
func HiveDDL(s *Schema, t HiveTable) (string, error) {
	if err := t.checkSchema(s); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("CREATE EXTERNAL TABLE IF NOT EXISTS " + t.quoted() + "\n")
	if partitions := t.partitions(); len(partitions) > 0 {
		b.WriteString("PARTITIONED BY (")
		for i, p := range partitions {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(hiveIdentifier(p) + " STRING")
		}
		b.WriteString(")\n")
	}
	b.WriteString("STORED AS AVRO\n")
	if t.Location != "" {
		b.WriteString("LOCATION " + hiveString(t.Location) + "\n")
	}
	b.WriteString(t.properties(s))
	return b.String(), nil
}

// HiveSetSchema returns the statement, without a semicolon, that gives a table which is
// there another schema: that of t.SchemaURL, or s as text. Hive reads all files by it, in
// partitions old and new, so it must be one that can read them: see [Check]. What is an
// error is as for [HiveDDL]; t.Location counts for nothing.
func HiveSetSchema(s *Schema, t HiveTable) (string, error) {
	if err := t.checkSchema(s); err != nil {
		return "", err
	}
	return "ALTER TABLE " + t.quoted() + " SET " + t.properties(s), nil
}

// checkSchema returns why Hive cannot have the table t with schema s.
func (t HiveTable) checkSchema(s *Schema) error {
	if s == nil || s.root == nil {
		return errNoSchema
	}
	if err := t.check(); err != nil {
		return err
	}
	for _, issue := range HiveIssues(s, t) {
		if issue.Breaks {
			return fmt.Errorf("%w: %s", ErrHive, issue)
		}
	}
	return nil
}

// properties returns the clause that says what the table's schema is.
func (t HiveTable) properties(s *Schema) string {
	if t.SchemaURL != "" {
		return "TBLPROPERTIES ('avro.schema.url'=" + hiveString(t.SchemaURL) + ")"
	}
	return "TBLPROPERTIES ('avro.schema.literal'=" + hiveString(hiveSchema(s)) + ")"
}

// HiveAddPartition returns the statement, without a semicolon, that makes one folder of
// the table visible if it is not yet: a value for each partition column, as 2026-11-22
// and 16. The folder is that of [HiveFolder], below the table's location.
func HiveAddPartition(t HiveTable, values ...string) (string, error) {
	if err := t.checkValues(values); err != nil {
		return "", err
	}
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = hiveIdentifier(t.partitions()[i]) + "=" + hiveString(v)
	}
	return "ALTER TABLE " + t.quoted() + " ADD IF NOT EXISTS PARTITION (" + strings.Join(parts, ", ") + ")", nil
}

// HiveFolder returns the folder of a partition as Hive names it, dt=2026-11-22/hour=16:
// what could be taken for something else in a path is %XX there.
func HiveFolder(t HiveTable, values ...string) (string, error) {
	if err := t.checkValues(values); err != nil {
		return "", err
	}
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(strings.ToLower(t.partitions()[i]) + "=")
		for _, c := range []byte(v) {
			if c < ' ' || c == 0x7f || strings.IndexByte(`"#%'*/:=?[\]^{`, c) >= 0 {
				fmt.Fprintf(&b, "%%%02X", c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	return b.String(), nil
}

// checkValues returns why values are none of a partition of t.
func (t HiveTable) checkValues(values []string) error {
	if err := t.check(); err != nil {
		return err
	}
	if n := len(t.partitions()); len(values) != n || n == 0 {
		return fmt.Errorf("%w: %d values for %d partition columns", ErrHive, len(values), n)
	}
	if slices.Contains(values, "") {
		return fmt.Errorf("%w: the value of a partition column is empty", ErrHive)
	}
	return nil
}

// quoted returns the table's name with its database.
func (t HiveTable) quoted() string {
	if t.Database == "" {
		return hiveIdentifier(t.Name)
	}
	return hiveIdentifier(t.Database) + "." + hiveIdentifier(t.Name)
}

// hiveIdentifier returns name in backquotes.
func hiveIdentifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// hiveString returns s as a string literal. What is not plain ASCII, and what the command
// lines of Hive look for even in quotes, is written as \uXXXX, which Hive and Spark take
// for a unit of UTF-16.
func hiveString(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range s {
		switch {
		case r == '\\' || r == '\'':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r > '~' || r == ';' || r == '$':
			appendEscapes(&b, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// hiveSchema returns the text of s that the table has: s itself, but for docs of columns
// that no metastore holds.
func hiveSchema(s *Schema) string {
	long := func(f *field) bool { return len(hiveComment(f.doc)) < len(f.doc) }
	if !slices.ContainsFunc(s.root.fields, long) {
		return asciiJSON(s.json)
	}
	root := *s.root
	root.fields = slices.Clone(root.fields)
	for i, f := range root.fields {
		short := *f
		short.doc = hiveComment(f.doc)
		root.fields[i] = &short
		if root.extras == f {
			root.extras = &short
		}
	}
	return asciiJSON(string(root.json(nil, "", map[*node]bool{})))
}

// hiveComment returns as much of doc as metastores hold of a column's comment.
func hiveComment(doc string) string {
	units := 0
	for i, r := range doc {
		if units += utf16.RuneLen(r); units > maxHiveComment {
			return doc[:i]
		}
	}
	return doc
}

// asciiJSON returns a JSON text in ASCII: metastores keep it in whatever character set
// their database has.
func asciiJSON(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r > '~' {
			appendEscapes(&b, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// appendEscapes appends r as one or two \uXXXX.
func appendEscapes(b *strings.Builder, r rune) {
	for _, unit := range utf16.AppendRune(nil, r) {
		fmt.Fprintf(b, `\u%04x`, unit)
	}
}

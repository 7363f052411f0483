package avroschema_test

import (
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A Spec says which labels become which columns.
func ExampleSpec() {
	spec := avroschema.Spec{
		Name: "AccessLog", Namespace: "com.example.logs",
		Fields: []avroschema.Field{
			{Label: "@timestamp", Name: "timestamp", Type: avroschema.TypeTimestampMillis, Required: true},
			{Label: "status", Type: avroschema.TypeInt, Required: true},
			{Label: "cookie.uid", Type: avroschema.TypeLong},
			{Label: "price", Type: avroschema.TypeDecimal, Precision: 8, Scale: 2},
		},
	}
	schema, err := spec.Schema()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.JSON())
	// Output:
	// {"type":"record","name":"AccessLog","namespace":"com.example.logs","fields":[{"name":"timestamp","type":{"type":"long","logicalType":"timestamp-millis"},"ltsv.label":"@timestamp"},{"name":"status","type":"int"},{"name":"cookie_uid","type":["null","long"],"default":null,"ltsv.label":"cookie.uid"},{"name":"price","type":["null",{"type":"bytes","logicalType":"decimal","precision":8,"scale":2}],"default":null}]}
}

// Labels that come to one name are an error, or told apart in a way that does not depend
// on their order. What was published before keeps its name.
func ExampleSpec_previous() {
	first := avroschema.Spec{Name: "R", Fields: []avroschema.Field{{Label: "user-id"}}}
	published, err := first.Schema()
	if err != nil {
		fmt.Println(err)
		return
	}
	second := avroschema.Spec{Name: "R", Fields: []avroschema.Field{{Label: "user.id"}, {Label: "user-id"}}}
	_, err = second.Schema()
	fmt.Println(errors.Is(err, avroschema.ErrCollision))

	second.Previous, second.Collisions = published, avroschema.CollisionSuffix
	schema, err := second.Schema()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Canonical())
	// Output:
	// true
	// {"name":"R","type":"record","fields":[{"name":"user_id_f4f09501","type":["null","string"]},{"name":"user_id","type":["null","string"]}]}
}

// A schema that a user has, with a type that another one defines.
func ExampleParse() {
	kind, err := avroschema.Parse(`{"type":"enum","name":"com.example.Method","symbols":["GET","POST"]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	schema, err := avroschema.Parse(`{
		"type": "record", "name": "Access", "namespace": "com.example",
		"fields": [
			{"name": "method", "type": "Method"},
			{"name": "agent", "type": ["null", "string"], "default": null, "ltsv.label": "ua"}
		]}`, kind)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(schema.Name())
	fmt.Println(schema.Canonical())

	_, err = avroschema.Parse(`{"type":"record","name":"R","fields":[{"name":"n","type":"int","default":"0"}]}`)
	fmt.Println(err)
	// Output:
	// com.example.Access
	// {"name":"com.example.Access","type":"record","fields":[{"name":"method","type":{"name":"com.example.Method","type":"enum","symbols":["GET","POST"]}},{"name":"agent","type":["null","string"]}]}
	// avroschema: n: default does not fit the type
}

func ExampleName() {
	for _, label := range []string{"status", "X-Forwarded-For", "@timestamp", "cookie.own.seg"} {
		fmt.Println(avroschema.Name(label))
	}
	// Output:
	// status
	// x_forwarded_for
	// f__timestamp
	// cookie_own_seg
}

// The fingerprint by which single-object encoding names a schema.
func ExampleSchema_FingerprintCRC64() {
	schema, err := avroschema.Parse(`{"type": "long", "logicalType": "timestamp-millis"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%016x\n", schema.FingerprintCRC64())
	fmt.Printf("%x\n", schema.FingerprintMD5())
	fmt.Printf("%x\n", schema.FingerprintSHA256())
	// Output:
	// d054e14493f41db7
	// e1dd9a1ef98b451b53690370b393966b
	// c32c497df6730c97fa07362aa5023f37d49a027ec452360778114cf427965add
}

// A first schema from a sample, for a person to look at.
func ExampleInferrer() {
	in := avroschema.Inferrer{Name: "AccessLog"}
	var rec transform.Record
	for _, line := range []string{
		"status:200	reqtime:0.010	id:007	referer:-	size:512",
		"status:404	reqtime:1	id:12	referer:-	size:-",
	} {
		if err := (transform.LTSV{}).Decode(&rec, []byte(line)); err != nil {
			fmt.Println(err)
			return
		}
		in.Add(&rec)
	}
	spec := in.Spec()
	for _, f := range spec.Fields {
		fmt.Println(f.Label, f.Type)
	}
	fmt.Println("the rest goes to", spec.Extras)
	// Output:
	// status long
	// reqtime double
	// id string
	// size long
	// the rest goes to extras
}

// Avro reads milliseconds as microseconds without a word. Check has one.
func ExampleCheck() {
	version := func(field string) *avroschema.Schema {
		s, err := avroschema.Parse(`{"type":"record","name":"R","fields":[` + field + `]}`)
		if err != nil {
			panic(err)
		}
		return s
	}
	first := version(`{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}`)
	second := version(`{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},{"name":"n","type":"int","default":0}`)
	for _, change := range avroschema.Check(avroschema.Backward, second, first) {
		fmt.Println(change)
		fmt.Println("breaks:", change.Breaks, "by Avro:", change.Rule.Avro())
	}
	// Output:
	// BACKWARD against 0: at: logical: timestamp-millis is read as timestamp-micros (breaks)
	// breaks: true by Avro: false
	// BACKWARD against 0: n: default: the data has no such field: its default is read
	// breaks: false by Avro: true
}

func ExampleHiveDDL() {
	spec := avroschema.Spec{Name: "AccessLog", Fields: []avroschema.Field{{Label: "status", Type: avroschema.TypeInt, Required: true}}}
	schema, err := spec.Schema()
	if err != nil {
		fmt.Println(err)
		return
	}
	table := avroschema.HiveTable{Database: "logs", Name: "access", Location: "hdfs:///logs/access"}
	ddl, err := avroschema.HiveDDL(schema, table)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(ddl)
	// Output:
	// CREATE EXTERNAL TABLE IF NOT EXISTS `logs`.`access`
	// PARTITIONED BY (`dt` STRING, `hour` STRING)
	// STORED AS AVRO
	// LOCATION 'hdfs:///logs/access'
	// TBLPROPERTIES ('avro.schema.literal'='{"type":"record","name":"AccessLog","fields":[{"name":"status","type":"int"}]}')
}

func ExampleHiveAddPartition() {
	sql, err := avroschema.HiveAddPartition(avroschema.HiveTable{Name: "access"}, "2026-11-22", "16")
	fmt.Println(sql, err)
	// Output: ALTER TABLE `access` ADD IF NOT EXISTS PARTITION (`dt`='2026-11-22', `hour`='16') <nil>
}

func ExampleHiveIssues() {
	schema, err := avroschema.Parse(`{"type":"record","name":"R","fields":[
		{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},
		{"name":"size","type":["null","long","string"]},
		{"name":"hour","type":"int"}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, issue := range avroschema.HiveIssues(schema, avroschema.HiveTable{}) {
		fmt.Println(issue, issue.Breaks)
	}
	// Output:
	// hour: a partition column has this name true
	// at: timestamp-micros is read as bigint false
	// size: a union of other than null and one type is a uniontype, which nothing can be compared with false
}

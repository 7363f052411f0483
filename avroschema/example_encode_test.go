package avroschema_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// accessSchema is the schema of the examples below.
func accessSchema() *avroschema.Schema {
	spec := avroschema.Spec{Name: "AccessLog", Nulls: []string{"-"}, Extras: "extras", Fields: []avroschema.Field{
		{Label: "msec", Name: "time", Type: avroschema.TypeTimestampMillis, Required: true},
		{Label: "status", Type: avroschema.TypeInt, Required: true},
		{Label: "size", Type: avroschema.TypeLong, OnError: avroschema.OnErrorExtras},
	}}
	schema, err := spec.Schema()
	if err != nil {
		panic(err)
	}
	return schema
}

// record decodes a line of the log.
func record(line string) *transform.Record {
	rec := new(transform.Record)
	if err := (transform.LTSV{}).Decode(rec, []byte(line)); err != nil {
		panic(err)
	}
	return rec
}

// A plan is compiled once; each goroutine has an encoder of its own.
func ExampleEncoder() {
	plan, err := avroschema.Compile(accessSchema())
	if err != nil {
		fmt.Println(err)
		return
	}
	enc := plan.NewEncoder()
	var buf []byte
	for _, line := range []string{
		"msec:1795363249.567	status:200	size:1532",
		"msec:1795363250.001	status:304	size:-",
		"msec:1795363250.020	status:200	size:huge	host:192.0.2.7", // both go to extras
		"msec:1795363251.000	status:4o4",
	} {
		buf, err = enc.Append(buf[:0], record(line))
		var fe *avroschema.FieldError
		if errors.As(err, &fe) {
			fmt.Println(err) // costs this record
			continue
		}
		fmt.Printf("%x\n", buf)
	}
	stats := enc.Stats()
	fmt.Println(stats.Records, "encoded,", stats.Rejected, "rejected")
	for _, f := range stats.Fields {
		if f.Failed > 0 {
			fmt.Println(f.Path, "failed", f.Failed)
		}
	}
	// Output:
	// bef6e8bfc068900302f81700
	// a2fde8bfc068e0040000
	// c8fde8bfc0689003000408686f7374123139322e302e322e370873697a65086875676500
	// avroschema: field status: does not convert to the type
	// 3 encoded, 1 rejected
	// status failed 1
	// size failed 1
}

// A schema that records cannot be encoded by is refused when it is compiled.
func ExampleCompile() {
	schema, err := avroschema.Parse(`{"type":"record","name":"R","fields":[
		{"name":"took","type":{"type":"fixed","name":"D","size":12,"logicalType":"duration"}}]}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = avroschema.Compile(schema)
	fmt.Println(err)
	fmt.Println(errors.Is(err, avroschema.ErrUnsupported))
	// Output:
	// avroschema: took: cannot be encoded from records: a duration
	// true
}

// The value of a Kafka record as Confluent's deserializers expect it.
func ExampleAppendConfluent() {
	plan, err := avroschema.Compile(accessSchema())
	if err != nil {
		fmt.Println(err)
		return
	}
	const id = 7 // that the registry gave the schema
	value := avroschema.AppendConfluent(nil, id)
	value, err = plan.NewEncoder().Append(value, record("msec:1795363249.567	status:200	size:1532"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%x\n", value)

	gotID, encoding, err := avroschema.CutConfluent(value)
	fmt.Println(gotID, len(encoding), err)
	_, _, err = avroschema.CutConfluent([]byte(`{"status":200}`))
	fmt.Println(errors.Is(err, avroschema.ErrFrame))
	// Output:
	// 0000000007bef6e8bfc068900302f81700
	// 7 12 <nil>
	// true
}

// Without a registry, a message carries the fingerprint of its schema.
func ExampleAppendSingleObject() {
	schema := accessSchema()
	plan, err := avroschema.Compile(schema)
	if err != nil {
		fmt.Println(err)
		return
	}
	message := avroschema.AppendSingleObject(nil, schema)
	message, err = plan.NewEncoder().Append(message, record("msec:1795363249.567	status:200	size:1532"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%x\n", message)

	fingerprint, encoding, err := avroschema.CutSingleObject(message)
	fmt.Println(fingerprint == schema.FingerprintCRC64(), len(encoding), err)
	// Output:
	// c30159f63a11fc42c558bef6e8bfc068900302f81700
	// true 12 <nil>
}

// A container file, which any reader of Avro takes.
func ExampleFileWriter() {
	var file bytes.Buffer // an *os.File, or what archive.Format is given
	w, err := avroschema.NewFileWriter(&file, accessSchema(), avroschema.FileOptions{Codec: avroschema.CodecZstandard})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range []string{"msec:1795363249.567	status:200	size:1532", "status:200"} {
		err := w.Write(record(line))
		var fe *avroschema.FieldError
		if errors.As(err, &fe) {
			fmt.Println(err) // costs this record
			continue
		}
		if err != nil {
			fmt.Println(err) // of the writer below: the file must be written anew
			return
		}
	}
	if err := w.Close(); err != nil { // the file itself is the caller's to close
		fmt.Println(err)
		return
	}
	fmt.Println(w.Records(), w.Written() == int64(file.Len()))
	fmt.Printf("%q\n", file.Bytes()[:4])
	// Output:
	// avroschema: field time: missing or null, and there is no default
	// 1 true
	// "Obj\x01"
}

// Workers encode and compress blocks, one goroutine writes them.
func ExampleBlock() {
	var file bytes.Buffer
	w, err := avroschema.NewFileWriter(&file, accessSchema(), avroschema.FileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	parts := [][]string{
		{"msec:1795363249.567	status:200	size:1532", "msec:1795363250.001	status:304	size:-"},
		{"msec:1795363251.200	status:404	size:162"},
	}
	encoded := make([][]byte, len(parts))
	var wg sync.WaitGroup
	for i, lines := range parts {
		wg.Go(func() { encoded[i] = encodeBlocks(w.NewBlock(), lines) })
	}
	wg.Wait()
	for _, blocks := range encoded { // in the order of the parts
		if err := w.WriteBlocks(blocks); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(w.Close(), w.Records())
	// Output: <nil> 3
}

// encodeBlocks returns lines as blocks of a container file.
func encodeBlocks(block *avroschema.Block, lines []string) (blocks []byte) {
	for i, line := range lines {
		if err := block.Write(record(line)); err != nil {
			panic(err) // a *FieldError costs this record only
		}
		if !block.Full() && i < len(lines)-1 {
			continue
		}
		var err error
		if blocks, err = block.AppendTo(blocks); err != nil {
			panic(err) // the codec failed
		}
	}
	return blocks
}

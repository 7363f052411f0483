// Outside is a module that is not this one: a test builds it elsewhere, with every package
// of the library.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/avroschema/registry"
	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

const line = "host:203.0.113.7\tstatus:200\tcookie:uid=42; theme=dark"

func main() {
	if err := run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run() error {
	var fields ltsv.Record
	if err := fields.Parse([]byte(line)); err != nil {
		return err
	}
	header, _ := fields.Get("cookie")
	uid, _ := cookie.Get(header, "uid")
	fmt.Println("ltsv:", fields.Len(), "fields; cookie:", string(uid))
	unsigned := signed.Express{Keys: signed.Secrets([]byte("keyboard cat"))}.Bind()
	fmt.Println("signed:", errors.Is(unsigned(nil, nil, []byte("s:42.forged")), cookie.ErrUnverified))

	chain, err := transform.NewChain(transform.Int("status"), transform.Drop("cookie"))
	if err != nil {
		return err
	}
	rec, err := chain.NewWorker(transform.LTSV{}).Process([]byte(line))
	if err != nil {
		return err
	}
	object, err := jsonrec.Marshal(rec)
	if err != nil {
		return err
	}
	fmt.Println("jsonrec:", string(object))

	spec := avroschema.Spec{Name: "Access", Fields: []avroschema.Field{{Label: "status", Type: avroschema.TypeInt, Required: true}}}
	schema, err := spec.Schema()
	if err != nil {
		return err
	}
	plan, err := avroschema.Compile(schema)
	if err != nil {
		return err
	}
	data, err := plan.NewEncoder().Append(nil, rec)
	if err != nil {
		return err
	}
	fmt.Printf("avroschema: %x\n", data)

	http, err := sr.NewClient()
	if err != nil {
		return err
	}
	if _, err := registry.New(http, registry.Options{}); err != nil {
		return err
	}
	cl, err := kgo.NewClient()
	if err != nil {
		return err
	}
	defer cl.Close()
	fmt.Println("kafkaio refuses a client without a group:", new(kafkaio.Pipeline).Run(cl.Context(), cl) != nil)
	_, ok := archive.ParseName("access+0+0000000000000000+0000000000004999.avro")
	index, err := bulk.Fixed("access")(nil)
	fmt.Println("archive:", ok, "bulk:", index)
	return err
}

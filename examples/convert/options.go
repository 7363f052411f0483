package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// options are what the command line says.
type options struct {
	from        string
	to          string
	job         string
	key         string // of signed cookies
	escape      ltsv.Escaping
	strict      bool
	missing     bool
	schemaName  string
	codec       avroschema.Codec
	infer       bool
	outName     string
	rejectsName string
	files       []string
}

func parse(args []string) (*options, error) {
	var o options
	fs := flag.NewFlagSet("convert", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.from, "from", "ltsv", "")
	fs.StringVar(&o.to, "to", "json", "")
	fs.StringVar(&o.job, "job", "raw", "")
	escape := fs.String("escape", "", "")
	fs.StringVar(&o.key, "cookie-key", os.Getenv("LTSVPIPE_COOKIE_KEY"), "")
	fs.BoolVar(&o.strict, "strict", false, "")
	fs.BoolVar(&o.missing, "missing", false, "")
	fs.StringVar(&o.schemaName, "schema", "", "")
	codec := fs.String("codec", "deflate", "")
	fs.BoolVar(&o.infer, "infer", false, "")
	fs.StringVar(&o.outName, "o", "", "")
	fs.StringVar(&o.rejectsName, "rejects", "", "")
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w; convert -h tells of all flags", err)
	}
	o.files = fs.Args()
	for _, c := range []struct {
		flag, value string
		allowed     []string
	}{
		{"-from", o.from, []string{"ltsv", "json"}},
		{"-to", o.to, []string{"json", "ltsv", "avro"}},
		{"-job", o.job, []string{"raw", "json", "avro"}},
		{"-escape", *escape, []string{"none", "nginx", "apache", "json", "haproxy", ""}},
		{"-codec", *codec, []string{"null", "deflate", "snappy", "zstandard"}},
	} {
		if !slices.Contains(c.allowed, c.value) {
			return nil, fmt.Errorf("%s %q: must be %s", c.flag, c.value, oneOf(c.allowed))
		}
	}
	given := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if err := o.fit(given); err != nil {
		return nil, err
	}
	if *escape == "" {
		*escape = map[string]string{"raw": "none", "json": "nginx", "avro": "nginx"}[o.job]
	}
	o.escape, _ = ltsv.ParseEscaping(*escape)
	for o.codec.String() != *codec {
		o.codec++
	}
	return &o, nil
}

// oneOf lists names, of which an empty one is not said.
func oneOf(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// fit returns an error if the flags that were given do not go together.
func (o *options) fit(given map[string]bool) error {
	switch {
	case o.from == "json" && (o.job == "json" || given["escape"] || given["missing"] || given["strict"]):
		return errors.New("-from json: -job json, -escape, -missing and -strict are for LTSV")
	case o.job == "avro" && (o.to != "avro" || o.schemaName != "" || o.infer):
		return errors.New("-job avro: it writes by a schema of its own, with -to avro")
	case o.job == "json" && o.to == "ltsv":
		return errors.New("-job json: LTSV has no such label as @timestamp, so not -to ltsv")
	case o.infer && (given["to"] || given["schema"] || given["codec"]):
		return errors.New("-infer prints a schema and does nothing else: no -to, -schema or -codec")
	case o.to != "avro" && (given["schema"] || given["codec"]):
		return errors.New("-schema and -codec are for -to avro")
	case o.to == "avro" && packers[filepath.Ext(o.outName)] != nil:
		return fmt.Errorf("-o %s: an Avro file compresses its blocks itself, by -codec", o.outName)
	case o.outName != "" && o.outName == o.rejectsName:
		return errors.New("-o and -rejects are the same file")
	}
	return nil
}

// waits reports whether it is a person at a terminal who is to give the input, and may not
// know it.
func (o *options) waits(stdin io.Reader) bool {
	f, ok := stdin.(*os.File)
	return ok && len(o.files) == 0 && term.IsTerminal(int(f.Fd()))
}

// checkTerminal refuses to write Avro where a person looks.
func (o *options) checkTerminal(stdout io.Writer) error {
	f, ok := stdout.(*os.File)
	if ok && o.to == "avro" && o.outName == "" && term.IsTerminal(int(f.Fd())) {
		return errors.New("-to avro is not for terminals: use -o or a pipe")
	}
	return nil
}

// checkOutput refuses to write over an input.
func (o *options) checkOutput(flag, name string) error {
	for _, name := range []string{name, name + unfinished} {
		out, err := os.Stat(name)
		if err != nil {
			continue // it is not there yet
		}
		for _, file := range o.files {
			if in, err := os.Stat(file); err == nil && os.SameFile(in, out) {
				return fmt.Errorf("%s %s is an input too", flag, name)
			}
		}
	}
	return nil
}

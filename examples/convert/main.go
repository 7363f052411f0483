// Convert reads access logs in LTSV, or JSON, and writes JSON or LTSV, a line a
// record, on all cores and in the order of the input.
//
//	convert -escape nginx -missing access.log > access.json
//	convert -from json -to ltsv -o access.ltsv.zst access.json.gz
//
// Files whose names end in .gz or .zst are compressed, of input and of output.
//
// A line that is wrong costs itself only: -rejects FILE gets it, with its place
// and what is wrong. The last line of standard error is the count.
//
// With -job json it runs job 1 of examples/accesslog, whose escaping is nginx unless
// -escape says otherwise, and whose key for signed cookies comes from -cookie-key or
// from the environment, LTSVPIPE_COOKIE_KEY.
//
// With -to ltsv values are written as they are after -escape has undone the
// server's escaping; those that LTSV cannot hold then, with a TAB or a line end in
// them, are rejected.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

const usage = `usage: convert [-from ltsv|json] [-to json|ltsv] [-job raw|json] [-escape none|nginx|apache|json|haproxy]
               [-cookie-key KEY] [-strict] [-missing] [-o FILE] [-rejects FILE] [FILE...]
`

func main() {
	signal.Ignore(syscall.SIGPIPE) // a broken pipe is an error to report
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process. It returns the exit status: 1 when something
// could not be read or written, 2 for a wrong command line.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opts, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "convert:", err)
		return 2
	}
	total, err := opts.convert(stdin, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "convert:", err)
		return 1
	}
	fmt.Fprintf(stderr, "read=%d written=%d skipped=%d rejected=%d\n", total.read, total.written, total.skipped, total.rejected)
	return 0
}

type options struct {
	from    string
	to      string
	job     string
	key     string // of signed cookies
	escape  ltsv.Escaping
	strict  bool
	missing bool
	out     string
	rejects string
	files   []string
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
	fs.StringVar(&o.out, "o", "", "")
	fs.StringVar(&o.rejects, "rejects", "", "")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	o.files = fs.Args()
	for _, c := range []struct {
		flag, value string
		allowed     []string
	}{
		{"-from", o.from, []string{"ltsv", "json"}},
		{"-to", o.to, []string{"json", "ltsv"}},
		{"-job", o.job, []string{"raw", "json"}},
	} {
		if !slices.Contains(c.allowed, c.value) {
			return nil, fmt.Errorf("%s %q: must be %s", c.flag, c.value, strings.Join(c.allowed, " or "))
		}
	}
	if o.from == "json" && (o.job == "json" || o.strict || o.missing || *escape != "") {
		return nil, errors.New("-from json: -job json, -escape, -missing and -strict are for LTSV")
	}
	if o.out != "" && o.out == o.rejects {
		return nil, errors.New("-o and -rejects are the same file")
	}
	if *escape == "" {
		*escape = map[string]string{"raw": "none", "json": "nginx"}[o.job]
	}
	var known bool
	if o.escape, known = ltsv.ParseEscaping(*escape); !known {
		return nil, fmt.Errorf("-escape %q: must be none, nginx, apache, json or haproxy", *escape)
	}
	return &o, nil
}

func (o *options) convert(stdin io.Reader, stdout, stderr io.Writer) (total counts, err error) {
	chain, err := jobs.Raw(o.escape, o.missing)
	if o.job == "json" {
		chain, err = jobs.JSON(o.escape, []byte(o.key))
	}
	if err != nil {
		return total, err
	}
	c := &conversion{out: stdout, newWorker: func() *worker {
		w := &worker{Worker: chain.NewWorker(o.decoder()), enc: new(jsonrec.Encoder)}
		if o.to == "ltsv" {
			w.enc = transform.LTSVEncoder{}
		}
		return w
	}}
	for _, file := range []struct {
		flag, name string
		to         *io.Writer
	}{{"-o", o.out, &c.out}, {"-rejects", o.rejects, &c.rejects}} {
		if file.name == "" {
			continue
		}
		if err := o.checkOutput(file.flag, file.name); err != nil {
			return total, err
		}
		f, err1 := create(file.name)
		if err1 != nil {
			return total, fmt.Errorf("create %s: %w", file.name, cause(err1))
		}
		buf := bufio.NewWriter(f)
		*file.to = buf
		defer func() {
			if err2 := errors.Join(buf.Flush(), f.Close()); err == nil && err2 != nil {
				err = fmt.Errorf("write %s: %w", file.name, cause(err2))
			}
		}()
	}
	inputs, size := o.inputs(stdin)
	line := progress.Start(stderr, func() string {
		done := c.doneBytes.Load()
		return fmt.Sprintf("%s%d records, %d MB", progress.Bar(done, size), c.doneRecords.Load(), done>>20)
	})
	defer line.Stop()
	return c.run(inputs)
}

// decoder returns what reads a line of the input.
func (o *options) decoder() transform.Decoder {
	if o.from == "json" {
		return jsonrec.Decoder{}
	}
	return transform.LTSV{Strict: o.strict}
}

// checkOutput refuses to write over an input.
func (o *options) checkOutput(flag, name string) error {
	out, err := os.Stat(name)
	if err != nil {
		return nil // it is not there yet
	}
	for _, file := range o.files {
		if in, err := os.Stat(file); err == nil && os.SameFile(in, out) {
			return fmt.Errorf("%s %s is an input too", flag, name)
		}
	}
	return nil
}

// inputs returns what is to be read, and how many bytes it has in all, 0 if that
// is not known.
func (o *options) inputs(stdin io.Reader) (inputs []input, size int64) {
	if len(o.files) == 0 {
		return []input{{stdin: stdin}}, 0
	}
	known := true
	for _, name := range o.files {
		if name == "-" {
			inputs = append(inputs, input{stdin: stdin})
			known = false
			continue
		}
		inputs = append(inputs, input{name: name})
		info, err := os.Stat(name)
		known = known && err == nil && info.Mode().IsRegular()
		if known {
			size += info.Size()
		}
	}
	if !known {
		size = 0
	}
	return inputs, size
}

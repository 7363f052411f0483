// Convert reads access logs in LTSV, or JSON, a line a record, and writes JSON, LTSV or
// an Avro container file, on all cores and in the order of the input.
//
//	convert -escape nginx -missing access.log > access.json
//	convert -from json -to ltsv -o access.ltsv.zst access.json.gz
//	convert -job json -o access.json access.log
//	convert -job avro -to avro -o access.avro access.log
//	convert -infer access.log > access.avsc
//	convert -to avro -schema access.avsc -o access.avro access.log
//
// It reads the files, one behind the other, or standard input, which is also called -.
// Files whose names end in .gz or .zst are compressed, of input and of output; what comes
// out has a member, or frame, for each MiB of input, which every reader takes for one.
//
// # What is wrong, and what is left behind
//
// A line that is wrong costs itself only: -rejects FILE gets a JSON object with its place,
// what is wrong, and the whole line in base64, as raw (with cut, the start of one that is
// too long). That is personal data, as the log is. The last line of standard error counts:
// read is written, skipped (dropped on purpose) and rejected together. The exit status is 0
// also if there were rejects, 1 if something could not be read or written, 2 for a wrong
// command line.
//
// FILE of -o and -rejects gets its name when the run has ended well and its bytes are on
// the disk; until then, and ever after if it did not, what was written is in FILE.part.
// Devices and pipes are written as they are. Standard output that is cut short shows by
// the exit status.
//
// # Jobs
//
// A job is the work of examples/accesslog. -job json is job 1, from LTSV, and makes what
// Elasticsearch gets: times, numbers, addresses, the company's cookies. -job avro is job 2,
// what analysis gets of that, in its own schema: from the JSON of job 1, or from LTSV by
// both in one pass; records of bots are skipped. Reading LTSV, both take the escaping of
// nginx unless -escape says otherwise, and the key of signed cookies from the environment,
// LTSVPIPE_COOKIE_KEY, or, to try things out, from -cookie-key. -job raw, the default,
// leaves records as they are, but for what -escape and -missing say: the server's escaping
// is undone, and what it writes for "no value" is null.
//
// # LTSV
//
// With -to ltsv values are written as they are after -escape has undone the server's
// escaping; those that LTSV cannot hold then, with a TAB, a line end or a NUL in them, are
// rejected; so are labels that ltsv.org has not. -strict reads by the grammar of ltsv.org, to the byte.
//
// # Avro
//
// With -to avro records are written by the job's schema, by the one in -schema FILE, or,
// without either, by one that is inferred. -schema takes the JSON of any record that
// avroschema.Compile takes; the label of a field is its name, or its property ltsv.label.
// Values that do not convert to their field's type are null where that can be, else they
// cost the record; standard error has a line for each field with such values.
//
// The inferred schema is made of all records, in a pass of its own before the other, if
// the input is regular files. If it is standard input, or a pipe, the first 16 MiB are
// held in memory, and it is made of those: it takes every record that comes later too, and
// keeps in the map extras what does not fit. -infer prints it, and does nothing else; it
// is a draft, made to be looked at, and then kept for -schema, so that the files of many
// runs have one schema.
//
// -codec compresses the blocks: null, deflate (the default, which every reader has),
// snappy, the fastest, or zstandard, the smallest. Blocks are made of full MiB of input: a
// slow stream comes out in pieces of that.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: convert [-from ltsv|json] [-to json|ltsv|avro] [-job raw|json|avro] [FLAG...] [FILE...]

Reads access logs, a line a record, and writes JSON, LTSV or an Avro container file, on
all cores and in order. Files named .gz or .zst are compressed. - is standard input.

  -from ltsv|json      what comes in; default ltsv
  -to json|ltsv|avro   what comes out; default json
  -job raw|json|avro   what is done to records: nothing (the default), job 1 or job 2
  -o FILE              where to; default standard output. It is FILE.part until it is whole
  -rejects FILE        gets a JSON object for each line that is wrong: its place, the reason,
                       and the line itself in base64, which is personal data

jobs, as in examples/accesslog:
  json                 job 1, for search: of LTSV; a record gets @timestamp and numbers, addresses
                       are cut, the request and the company's cookies are taken apart
  avro                 job 2, for analysis: of job 1's JSON, or of LTSV by both jobs at once; what
                       comes out is Avro (-to avro), 17 fields a record, and no bots

of LTSV:
  -escape none|nginx|apache|json|haproxy   the server's escaping, to be undone; default none, of jobs nginx
  -missing             what the server writes for "no value" is null; jobs do that anyway
  -strict              the grammar of ltsv.org, to the byte
  -cookie-key KEY      of jobs' signed cookies, to try things out: others can read a command
                       line. Default $LTSVPIPE_COOKIE_KEY, where a real one belongs

of Avro:
  -schema FILE         the schema to write by, as JSON; default the job's, or inferred: files are read
                       twice for it, of standard input the first 16 MiB count
  -codec null|deflate|snappy|zstandard     default deflate
  -infer               print the schema inferred of the input, and do nothing else

The last line of standard error counts the records. Exit status: 0, also with rejects; 1 when
something could not be read or written; 2 for a wrong command line.
`

func main() {
	signal.Ignore(syscall.SIGPIPE) // a broken pipe is an error to report
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opts, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		return 0
	}
	if err == nil {
		err = opts.checkTerminal(stdout)
	}
	if err != nil {
		fmt.Fprintln(stderr, "convert:", err)
		return 2
	}
	if opts.waits(stdin) {
		fmt.Fprintln(stderr, "convert: reading standard input; convert -h tells how to read files")
	}
	var total counts
	c, err := newConversion(opts, stdin, stdout, stderr)
	if err == nil {
		total, err = c.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(stderr, "convert:", err)
		return 1
	}
	written := "written"
	if opts.infer {
		written = "inferred"
	}
	fmt.Fprintln(stderr, total.report(written))
	return 0
}

// Package ltsv reads and writes Labeled Tab-separated Values, the format of many
// access logs.
//
// A line is a record: fields joined by TABs, each a label, a colon and a value.
//
//	time:22/Nov/2026:16:00:49 +0000	host:192.0.2.7	status:200	uri:/a?b=c:d	ua:-
//
// The first colon splits label and value. Values may be empty and hold any byte
// but NUL, TAB, LF and CR; labels hold 0-9 A-Z a-z _ . and - only. That is the
// grammar of ltsv.org; what servers write is looser, so there are three readings:
//
//	              Fields          Parse           ParseStrict, Valid
//	a:1<TAB>b:2   a=1 b=2         a=1 b=2         a=1 b=2
//	a:            a=(empty)       a=(empty)       a=(empty)
//	a:b:c         a=b:c           a=b:c           a=b:c
//	a:1<TAB>a:2   a=1 a=2         a=1 a=2         a=1 a=2
//	a:1<TAB>      a=1             a=1             ErrEmptyField
//	a b:1         "a b"=1         "a b"=1         ErrInvalidLabel
//	a:<NUL>       a=<NUL>         a=<NUL>         ErrInvalidByte
//	:1            (empty)=1       ErrEmptyLabel   ErrEmptyLabel
//	a             a=(nil)         ErrNoColon      ErrNoColon
//
// # Reading
//
// [Record] is a view of one line: it keeps the line and where its fields end, and
// cuts labels and values out when asked. Nothing is copied and nothing allocated:
// what it hands out aliases the line, with clipped capacity. Use one Record for
// many lines, or a [Reader] for a stream, [Scan] for a buffer, [Split] to share a
// buffer among goroutines. To take the same few fields out of many lines there is
// [Selector], to fill structs [Decoder] and [Unmarshal].
//
// A line that is wrong costs itself and no other: the error is a [*SyntaxError]
// that says where it is wrong and why, and holds no byte of it, since access logs
// are personal data.
//
// # Values
//
// A server escapes bytes that it does not want in its log, each kind of server in
// its own way: see [Escaping]. Split first, then give each value once through
// [AppendUnescape]; [Escaping.Missing] tells a value from the sign for none.
//
// # Writing
//
// [AppendField], [Writer] and [Marshal] refuse what would break the line; a Writer
// with an Escaping escapes it instead.
//
// # Limits
//
// A line has at most 1 MiB and 1,024 fields unless other limits are set
// ([Record.SetLimits], [Reader]); a longer one gives [ErrLineTooLong] or
// [ErrTooManyFields].
//
// # Speed
//
// On amd64 with AVX2 the fields of a line are found by assembly, 64 bytes at a
// time; elsewhere, and with the build tag purego, in Go. `go test -bench Line`
// measures both beside a loop over [bytes.IndexByte].
package ltsv

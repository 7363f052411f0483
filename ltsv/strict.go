package ltsv

import "bytes"

// ParseStrict is [Record.Parse] by the grammar of ltsv.org, every byte of it: no
// field may be empty, a label holds 0-9 A-Z a-z _ . - only, and a value no NUL,
// TAB, LF or CR.
func (r *Record) ParseStrict(line []byte) error {
	maxFields, err := r.limits(line)
	if err != nil {
		return err
	}
	spans, regular := indexFields(line, r.spans, maxFields)
	r.line, r.spans = line, spans
	if regular && r.labelsValid() && valueEnd(line) == len(line) {
		return nil
	}
	r.line, r.spans = nil, spans[:0]
	return checkStrict(line, maxFields)
}

// labelsValid reports whether every label holds only what a label may.
func (r *Record) labelsValid() bool {
	start := 0
	for _, s := range r.spans {
		if label := r.line[start:s.colon]; labelEnd(label) < len(label) {
			return false
		}
		start = int(s.end) + 1
	}
	return true
}

// Valid returns nil if line, which must hold no line end, keeps to the grammar of
// ltsv.org, and a [*SyntaxError] with the first mistake if it does not. The
// default limits hold.
func Valid(line []byte) error {
	if len(line) > DefaultMaxLineBytes {
		return &SyntaxError{Err: ErrLineTooLong}
	}
	return checkStrict(line, DefaultMaxFields)
}

// checkStrict finds the first mistake in line.
func checkStrict(line []byte, maxFields int) error {
	if len(line) == 0 {
		return nil
	}
	for start, n := 0, 1; start <= len(line); n++ {
		end := fieldEnd(line, start)
		at, err := checkField(line[start:end])
		if err == nil && n > maxFields {
			at, err = 0, ErrTooManyFields
		}
		if err != nil {
			return &SyntaxError{Column: start + at + 1, Err: err}
		}
		start = end + 1
	}
	return nil
}

// checkField finds the first mistake in a field and where it is.
func checkField(field []byte) (at int, err error) {
	if len(field) == 0 {
		return 0, ErrEmptyField
	}
	colon := colonIndex(field, 0, len(field))
	switch colon {
	case -1:
		return 0, ErrNoColon
	case 0:
		return 0, ErrEmptyLabel
	}
	if i := labelEnd(field[:colon]); i < colon {
		return i, ErrInvalidLabel
	}
	value := field[colon+1:]
	if i := valueEnd(value); i < len(value) {
		return colon + 1 + i, ErrInvalidByte
	}
	return 0, nil
}

// valueEnd returns the position of the first NUL, LF or CR in b, or len(b). A TAB
// is not looked for: it has already split the fields.
func valueEnd(b []byte) int {
	end := len(b)
	for _, c := range [...]byte{0, '\n', '\r'} {
		if i := bytes.IndexByte(b[:end], c); i >= 0 {
			end = i
		}
	}
	return end
}

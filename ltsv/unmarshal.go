package ltsv

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Unmarshal reads line, as [Record.Parse] does, into the struct or the
// map[string]string that v points to.
//
// A struct's fields are tagged `ltsv:"label"`. They may be strings, []byte (a
// copy is made), bools, integers, floats, [time.Time], anything whose pointer is
// an [encoding.TextUnmarshaler], and pointers to these. Fields without a tag, or
// tagged "-", are left alone, but for embedded structs, whose fields count as the
// struct's own. Options follow the label behind commas:
//
//	Time time.Time `ltsv:"time,layout=02/Jan/2006:15:04:05 -0700"`
//	Size int64     `ltsv:"size,omitempty"`
//
// layout is the last option, as for [time.Parse], or [LayoutUnix]; without it a
// time is RFC 3339. omitempty is for [Marshal].
//
// Of a repeated label the first counts. A field whose label is not in the line is
// left as it is. A value that is empty or "-", which servers write for "no
// value", sets a pointer to nil and any other field to its zero value, but for
// strings, []byte and TextUnmarshalers, which get it as it is.
//
// The errors are a [*SyntaxError], or a [*FieldError], after which the fields
// before the one it names have been set.
func Unmarshal(line []byte, v any) error {
	ptr := reflect.ValueOf(v)
	if ptr.Kind() != reflect.Pointer || ptr.IsNil() {
		return fmt.Errorf("ltsv: Unmarshal into %T, not a pointer: %w", v, ErrType)
	}
	var rec Record
	if err := rec.Parse(line); err != nil {
		return err
	}
	if m, ok := v.(*map[string]string); ok {
		unmarshalMap(&rec, m)
		return nil
	}
	dst := ptr.Elem()
	plan, err := planOf(dst.Type())
	if err != nil {
		return err
	}
	seen := make([]bool, len(plan.fields))
	for label, value := range rec.All() {
		i, ok := plan.byLabel[string(label)]
		if !ok || seen[i] {
			continue
		}
		seen[i] = true
		if err := plan.fields[i].read(dst, value); err != nil {
			return err
		}
	}
	return nil
}

func unmarshalMap(rec *Record, m *map[string]string) {
	if *m == nil {
		*m = make(map[string]string, rec.Len())
	}
	seen := make(map[string]bool, rec.Len())
	for label, value := range rec.All() {
		if l := string(label); !seen[l] {
			seen[l] = true
			(*m)[l] = string(value)
		}
	}
}

// A Decoder reads many records into values of one struct type, by the rules of
// [Unmarshal]. A label at the place where the last record had it is not looked up. A
// Decoder is for one goroutine at a time.
type Decoder[T any] struct {
	plan *structPlan
	last []labelAt // of each place in the last records
	seen []bool    // by field of the plan
}

// labelAt is a label and its field of the plan, or -1.
type labelAt struct {
	label string
	field int
}

// NewDecoder returns a Decoder, or an error if T is not a struct or a tag in it is
// wrong.
func NewDecoder[T any]() (*Decoder[T], error) {
	plan, err := planOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return &Decoder[T]{plan: plan, seen: make([]bool, len(plan.fields))}, nil
}

// Decode sets every tagged field of v from r. Unlike Unmarshal it sets fields whose
// labels are not in r to their zero values, so that v can be used again for the
// next record with nothing of the last one left in it. What it puts into v does
// not alias the line, nor what it put there before.
//
// A field whose value does not fit becomes zero, and the others are set all the
// same; the error is the [*FieldError] of the first.
func (d *Decoder[T]) Decode(v *T, r *Record) error {
	clear(d.seen)
	dst := reflect.ValueOf(v).Elem()
	var first error
	for place := range r.spans {
		i := d.fieldOf(place, r.Label(place))
		if i < 0 || d.seen[i] {
			continue
		}
		d.seen[i] = true
		f := &d.plan.fields[i]
		if err := f.read(dst, r.Value(place)); err != nil {
			dst.FieldByIndex(f.index).SetZero()
			if first == nil {
				first = err
			}
		}
	}
	for i, seen := range d.seen {
		if !seen {
			dst.FieldByIndex(d.plan.fields[i].index).SetZero()
		}
	}
	return first
}

// fieldOf returns the field of the plan that has the label at a place, or -1.
func (d *Decoder[T]) fieldOf(place int, label []byte) int {
	if place < len(d.last) && d.last[place].label == string(label) {
		return d.last[place].field
	}
	i, ok := d.plan.byLabel[string(label)]
	if !ok {
		i = -1
	}
	if at := (labelAt{string(label), i}); place < len(d.last) {
		d.last[place] = at
	} else if place == len(d.last) {
		d.last = append(d.last, at)
	}
	return i
}

func (f *planField) read(dst reflect.Value, value []byte) error {
	if err := f.set(dst.FieldByIndex(f.index), value); err != nil {
		return &FieldError{Field: f.name, Label: f.label, Err: err}
	}
	return nil
}

// A setFunc sets dst from value. Its errors are ErrValue and ErrRange: those of
// other packages quote the value.
type setFunc func(dst reflect.Value, value []byte) error

func setterOf(t reflect.Type, layout string) (setFunc, error) {
	if t.Kind() == reflect.Pointer {
		set, err := setterOf(t.Elem(), layout)
		if err != nil || t.Elem().Kind() == reflect.Pointer {
			return nil, ErrType
		}
		return func(dst reflect.Value, value []byte) error {
			if noValue(value) {
				dst.SetZero()
				return nil
			}
			to := reflect.New(t.Elem()) // a new one: the old one may have been kept
			if err := set(to.Elem(), value); err != nil {
				return err
			}
			dst.Set(to)
			return nil
		}, nil
	}
	switch {
	case t == timeType:
		return orZero(timeSetter(layout)), nil
	case reflect.PointerTo(t).Implements(textUnmarshalerType):
		return setText, nil
	}
	switch t.Kind() {
	case reflect.String:
		return setString, nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return setBytes, nil
		}
	case reflect.Bool:
		return orZero(setBool), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return orZero(setInt), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return orZero(setUint), nil
	case reflect.Float32, reflect.Float64:
		return orZero(setFloat), nil
	}
	if marshalsText(t) {
		return func(reflect.Value, []byte) error { return ErrType }, nil // for writing only
	}
	return nil, ErrType
}

func noValue(value []byte) bool { return len(value) == 0 || string(value) == "-" }

// orZero sets the zero value for what servers write for "no value".
func orZero(set setFunc) setFunc {
	return func(dst reflect.Value, value []byte) error {
		if noValue(value) {
			dst.SetZero()
			return nil
		}
		return set(dst, value)
	}
}

func setString(dst reflect.Value, value []byte) error {
	// Most values repeat from line to line; the comparison saves the copy.
	if dst.String() != string(value) {
		dst.SetString(string(value))
	}
	return nil
}

func setBytes(dst reflect.Value, value []byte) error {
	dst.SetBytes(append([]byte{}, value...))
	return nil
}

func setText(dst reflect.Value, value []byte) error {
	if dst.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(value) != nil {
		return ErrValue
	}
	return nil
}

func setBool(dst reflect.Value, value []byte) error {
	b, err := strconv.ParseBool(string(value))
	if err != nil {
		return ErrValue
	}
	dst.SetBool(b)
	return nil
}

func setInt(dst reflect.Value, value []byte) error {
	n, err := strconv.ParseInt(string(value), 10, dst.Type().Bits())
	if err != nil {
		return numberError(err)
	}
	dst.SetInt(n)
	return nil
}

func setUint(dst reflect.Value, value []byte) error {
	n, err := strconv.ParseUint(string(value), 10, dst.Type().Bits())
	if err != nil {
		return numberError(err)
	}
	dst.SetUint(n)
	return nil
}

func setFloat(dst reflect.Value, value []byte) error {
	n, err := strconv.ParseFloat(string(value), dst.Type().Bits())
	if err != nil {
		return numberError(err)
	}
	dst.SetFloat(n)
	return nil
}

func numberError(err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return ErrRange
	}
	return ErrValue
}

func timeSetter(layout string) setFunc {
	return func(dst reflect.Value, value []byte) error {
		var t time.Time
		var err error
		if layout == LayoutUnix {
			t, err = parseUnix(string(value))
		} else {
			t, err = time.Parse(layout, string(value))
		}
		if err != nil {
			return ErrValue
		}
		dst.Set(reflect.ValueOf(t))
		return nil
	}
}

// parseUnix reads seconds since 1970 with up to nine decimals that count.
func parseUnix(s string) (time.Time, error) {
	whole, decimals, _ := strings.Cut(s, ".")
	sec, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || sec < math.MinInt32*1000 || sec > math.MaxInt32*1000 {
		return time.Time{}, ErrValue
	}
	if strings.Trim(decimals, "0123456789") != "" {
		return time.Time{}, ErrValue
	}
	nsec, err := strconv.ParseUint((decimals + "000000000")[:9], 10, 32)
	if err != nil {
		return time.Time{}, ErrValue
	}
	if strings.HasPrefix(whole, "-") {
		return time.Unix(sec, -int64(nsec)).UTC(), nil
	}
	return time.Unix(sec, int64(nsec)).UTC(), nil
}

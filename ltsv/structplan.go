package ltsv

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"
)

// Why a struct cannot be marshalled or unmarshalled, or a value not put into it.
var (
	ErrType  = errors.New("type cannot be marshalled or unmarshalled")
	ErrTag   = errors.New("ltsv tag is wrong")
	ErrValue = errors.New("value is not of the field's type")
	ErrRange = errors.New("value is out of the field's range")
)

// A FieldError says which field of a struct could not be read or written and why.
// It does not hold the value.
type FieldError struct {
	Field string // Go name of the struct's field, with the names of the structs it is embedded in
	Label string
	Err   error // ErrValue, ErrRange, ErrInvalidByte; ErrType for a type with only half of the text methods
}

func (e *FieldError) Error() string {
	return "ltsv: field " + e.Field + ", label " + e.Label + ": " + e.Err.Error()
}

func (e *FieldError) Unwrap() error { return e.Err }

// A structPlan says how a struct and a line correspond. It is immutable.
type structPlan struct {
	fields  []planField
	byLabel map[string]int
}

type planField struct {
	name      string
	label     string
	index     []int // as in reflect.Value.FieldByIndex
	omitEmpty bool
	set       setFunc
	append    appendFunc
}

// plans memorises the plan, or the error, of each struct type.
var plans sync.Map // reflect.Type → planResult

type planResult struct {
	plan *structPlan
	err  error
}

func planOf(t reflect.Type) (*structPlan, error) {
	if known, ok := plans.Load(t); ok {
		return known.(planResult).plan, known.(planResult).err
	}
	p := &structPlan{byLabel: map[string]int{}}
	err := p.addStruct(t, nil, "")
	if err != nil {
		p = nil
	}
	plans.Store(t, planResult{p, err})
	return p, err
}

// addStruct adds the tagged fields of t, and those of the structs embedded in it.
func (p *structPlan) addStruct(t reflect.Type, index []int, prefix string) error {
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("ltsv: %s: %w", t, ErrType)
	}
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		tag, tagged := f.Tag.Lookup("ltsv")
		switch {
		case tag == "-" || !tagged && !f.Anonymous:
		case !tagged && f.Type.Kind() == reflect.Struct:
			if err := p.addStruct(f.Type, at, prefix+f.Name+"."); err != nil {
				return err
			}
		case !tagged && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct:
			return fmt.Errorf("ltsv: field %s%s of %s: embedded pointer to a struct: %w", prefix, f.Name, t, ErrType)
		case !tagged: // an embedded type that is no struct
		case !f.IsExported():
			return fmt.Errorf("ltsv: field %s%s of %s is tagged but not exported: %w", prefix, f.Name, t, ErrTag)
		default:
			if err := p.addField(f, tag, at, prefix+f.Name); err != nil {
				return fmt.Errorf("ltsv: field %s of %s: %w", prefix+f.Name, t, err)
			}
		}
	}
	return nil
}

func (p *structPlan) addField(f reflect.StructField, tag string, index []int, name string) error {
	label, options, _ := strings.Cut(tag, ",")
	if label == "" || labelEnd(label) < len(label) {
		return ErrTag
	}
	if _, twice := p.byLabel[label]; twice {
		return ErrTag
	}
	field := planField{name: name, label: label, index: index}
	var layout string
	for options != "" {
		if l, ok := strings.CutPrefix(options, "layout="); ok {
			layout = l // to the end: a layout may have commas
			break
		}
		var option string
		option, options, _ = strings.Cut(options, ",")
		if option != "omitempty" {
			return ErrTag
		}
		field.omitEmpty = true
	}
	if layout != "" && indirect(f.Type) != timeType {
		return ErrTag
	}
	if layout == "" {
		layout = time.RFC3339Nano
	}
	var err error
	if field.set, err = setterOf(f.Type, layout); err != nil {
		return err
	}
	if field.append, err = appenderOf(f.Type, layout); err != nil {
		return err
	}
	p.byLabel[label] = len(p.fields)
	p.fields = append(p.fields, field)
	return nil
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

var (
	timeType            = reflect.TypeFor[time.Time]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
)

// LayoutUnix as the layout of a time.Time field is seconds since 1970 with any
// decimals, as nginx writes $msec. Package transform calls it LayoutEpochSeconds.
const LayoutUnix = "unix"

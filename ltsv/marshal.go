package ltsv

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Marshal returns v, a struct, a map[string]string, or a pointer to one, as a
// line without its end. The tags are those of [Unmarshal]; the fields come in the
// order of the struct, those of a map in the order of their labels.
//
// A nil pointer gives an empty value. With the option omitempty a nil pointer, an
// empty string or slice, false, 0 and the zero time give no field. A value that
// would break the line is refused with [ErrInvalidByte].
func Marshal(v any) ([]byte, error) {
	src := reflect.ValueOf(v)
	if src.Kind() == reflect.Pointer && !src.IsNil() {
		src = src.Elem()
	}
	if !src.IsValid() || src.Kind() == reflect.Pointer {
		return nil, fmt.Errorf("ltsv: Marshal of nil: %w", ErrType)
	}
	if m, ok := src.Interface().(map[string]string); ok {
		return marshalMap(m)
	}
	plan, err := planOf(src.Type())
	if err != nil {
		return nil, err
	}
	var line, text []byte
	for i := range plan.fields {
		f := &plan.fields[i]
		value := src.FieldByIndex(f.index)
		if f.omitEmpty && isEmpty(value) {
			continue
		}
		if text, err = f.append(text[:0], value); err == nil {
			line, err = AppendField(line, f.label, text)
		}
		if err != nil {
			return nil, &FieldError{Field: f.name, Label: f.label, Err: cause(err)}
		}
	}
	return line, nil
}

func marshalMap(m map[string]string) ([]byte, error) {
	var line []byte
	for _, label := range slices.Sorted(maps.Keys(m)) {
		var err error
		if line, err = AppendField(line, label, []byte(m[label])); err != nil {
			return nil, err
		}
	}
	return line, nil
}

func isEmpty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	if t, ok := v.Interface().(time.Time); ok {
		return t.IsZero()
	}
	return v.IsZero()
}

func cause(err error) error {
	if syntax, ok := err.(*SyntaxError); ok {
		return syntax.Err
	}
	return err
}

// An appendFunc appends the text of src to dst.
type appendFunc func(dst []byte, src reflect.Value) ([]byte, error)

func appenderOf(t reflect.Type, layout string) (appendFunc, error) {
	if t.Kind() == reflect.Pointer {
		app, err := appenderOf(t.Elem(), layout)
		if err != nil {
			return nil, err
		}
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			if src.IsNil() {
				return dst, nil
			}
			return app(dst, src.Elem())
		}, nil
	}
	switch {
	case t == timeType:
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			return appendTime(dst, src.Interface().(time.Time), layout), nil
		}, nil
	case t.Implements(textMarshalerType):
		return appendText, nil
	case marshalsText(t):
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			ptr := reflect.New(t)
			ptr.Elem().Set(src)
			return appendText(dst, ptr)
		}, nil
	}
	switch t.Kind() {
	case reflect.String:
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			return append(dst, src.String()...), nil
		}, nil
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return func(dst []byte, src reflect.Value) ([]byte, error) {
				return append(dst, src.Bytes()...), nil
			}, nil
		}
	case reflect.Bool:
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			return strconv.AppendBool(dst, src.Bool()), nil
		}, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			return strconv.AppendInt(dst, src.Int(), 10), nil
		}, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			return strconv.AppendUint(dst, src.Uint(), 10), nil
		}, nil
	case reflect.Float32, reflect.Float64:
		return func(dst []byte, src reflect.Value) ([]byte, error) {
			return strconv.AppendFloat(dst, src.Float(), 'f', -1, t.Bits()), nil
		}, nil
	}
	if reflect.PointerTo(t).Implements(textUnmarshalerType) { // for reading only
		return func(dst []byte, _ reflect.Value) ([]byte, error) { return dst, ErrType }, nil
	}
	return nil, ErrType
}

func marshalsText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textMarshalerType) }

func appendText(dst []byte, src reflect.Value) ([]byte, error) {
	text, err := src.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return dst, ErrValue
	}
	return append(dst, text...), nil
}

func appendTime(dst []byte, t time.Time, layout string) []byte {
	if layout != LayoutUnix {
		return t.AppendFormat(dst, layout)
	}
	sec, nsec := t.Unix(), int64(t.Nanosecond())
	if sec < 0 && nsec > 0 { // -0.5 is second -1 and half a second
		sec, nsec = sec+1, 1e9-nsec
		if sec == 0 {
			dst = append(dst, '-')
		}
	}
	dst = strconv.AppendInt(dst, sec, 10)
	if nsec == 0 {
		return dst
	}
	dst = append(dst, '.')
	digits := strconv.AppendInt(nil, 1e9+nsec, 10)[1:]
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(dst, digits...)
}

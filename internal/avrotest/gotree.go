package avrotest

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/hamba/avro/v2"
)

const (
	localLayout = "2006-01-02T15:04:05.000000"
	clockLayout = "15:04:05.000000"
)

// plain returns v, a value of schema s as hamba/avro and goavro have it, in the form that
// [Reader.Read] returns.
func plain(s avro.Schema, v any) any {
	switch s := s.(type) {
	case *avro.RefSchema:
		return plain(s.Schema(), v)
	case *avro.UnionSchema:
		return plainUnion(s, v)
	case *avro.RecordSchema:
		members := map[string]any{}
		for _, f := range s.Fields() {
			members[f.Name()] = plain(f.Type(), v.(map[string]any)[f.Name()])
		}
		return members
	case *avro.MapSchema:
		members := map[string]any{}
		for key, value := range v.(map[string]any) {
			members[key] = plain(s.Values(), value)
		}
		return members
	case *avro.ArraySchema:
		items := []any{}
		for _, item := range v.([]any) {
			items = append(items, plain(s.Items(), item))
		}
		return items
	}
	switch v := v.(type) {
	case nil, bool, string:
		return v
	case float32:
		return Double(float64(v))
	case float64:
		return Double(v)
	case []byte:
		return hex.EncodeToString(v)
	case *big.Rat:
		return v.FloatString(logical(s).(*avro.DecimalLogicalSchema).Scale())
	case time.Time:
		switch logicalName(s) {
		case avro.Date:
			return v.Format(time.DateOnly)
		case avro.LocalTimestampMillis, avro.LocalTimestampMicros:
			return v.Format(localLayout)
		}
		return Timestamp(v)
	case time.Duration:
		return time.Time{}.Add(v).Format(clockLayout)
	case int64:
		switch logicalName(s) { // to goavro these are no types
		case avro.LocalTimestampMillis:
			return time.UnixMilli(v).UTC().Format(localLayout)
		case avro.LocalTimestampMicros:
			return time.UnixMicro(v).UTC().Format(localLayout)
		}
		return strconv.FormatInt(v, 10)
	case int, int32:
		return fmt.Sprint(v)
	}
	fixed := reflect.ValueOf(v) // an array of bytes
	bytes := make([]byte, fixed.Len())
	reflect.Copy(reflect.ValueOf(bytes), fixed)
	return hex.EncodeToString(bytes)
}

// Double returns f as [Reader.Read] does.
func Double(f float64) string { return fmt.Sprintf("%016x", math.Float64bits(f)) }

// Timestamp returns t as [Reader.Read] does.
func Timestamp(t time.Time) string { return t.UTC().Format(localLayout) + "Z" }

// plainUnion returns the value in a union: nil, one with the name of its type, or, of
// hamba/avro, a value of one of the types that Go has too.
func plainUnion(s *avro.UnionSchema, v any) any {
	if v == nil {
		return nil
	}
	name := ""
	if named, ok := v.(map[string]any); ok {
		for name, v = range named {
		}
	}
	for _, branch := range s.Types() {
		is := branchName(branch)
		if branch.Type() != avro.Null && (name == is || name == string(branch.Type()) || name == "" && holds(is, v)) {
			return plain(branch, v)
		}
	}
	panic("avrotest: no branch for " + name)
}

// branchName returns the name of a type of a union in Avro's JSON, with that of its
// logical type.
func branchName(s avro.Schema) string {
	if ref, ok := s.(*avro.RefSchema); ok {
		s = ref.Schema()
	}
	if named, ok := s.(avro.NamedSchema); ok {
		return named.FullName()
	}
	if l := logicalName(s); l != "" {
		return string(s.Type()) + "." + string(l)
	}
	return string(s.Type())
}

// holds reports whether v is of the type that hamba/avro has for name.
func holds(name string, v any) bool {
	switch v.(type) {
	case bool:
		return name == "boolean"
	case int:
		return name == "int"
	case int64:
		return name == "long"
	case float32:
		return name == "float"
	case float64:
		return name == "double"
	case string:
		return name == "string" || name == "string.uuid"
	case []byte:
		return name == "bytes"
	case *big.Rat:
		return name == "bytes.decimal"
	case time.Duration:
		return name == "int.time-millis" || name == "long.time-micros"
	}
	return name == "int.date" || strings.HasPrefix(name, "long.timestamp-")
}

func logical(s avro.Schema) avro.LogicalSchema {
	if s, ok := s.(avro.LogicalTypeSchema); ok && s.Logical() != nil && !reflect.ValueOf(s.Logical()).IsNil() {
		return s.Logical()
	}
	return nil
}

// logicalName returns the name of the logical type of s, or nothing.
func logicalName(s avro.Schema) avro.LogicalType {
	if l := logical(s); l != nil {
		return l.Type()
	}
	return ""
}

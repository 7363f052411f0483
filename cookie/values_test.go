package cookie_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// show writes values as name=kind:bytes, joined by |; kinds by their first letter.
func show(values *cookie.Values) string {
	var all []string
	for v := range values.All() {
		all = append(all, fmt.Sprintf("%s=%c:%s", v.Name, "snb0j"[v.Kind], v.Bytes))
	}
	return strings.Join(all, "|")
}

func TestValues(t *testing.T) {
	var v cookie.Values
	add := func(name string, kind cookie.Kind, value string) {
		t.Helper()
		require.NoError(t, v.Add([]byte(name), kind, []byte(value)))
	}
	add("a", cookie.KindString, "x")
	add("", cookie.KindNumber, "1")
	add("b", cookie.KindNull, "null")
	add("a", cookie.KindBool, "true") // the first counts
	require.Equal(t, "a=s:x|=n:1|b=0:null", show(&v))
	require.Equal(t, 1, v.Repeated())

	got, ok := v.Get("b")
	require.True(t, ok)
	require.Equal(t, cookie.KindNull, got.Kind)
	_, ok = v.Get("c")
	require.False(t, ok)

	v.Truncate(5)
	require.Equal(t, 3, v.Len())
	v.Truncate(1)
	require.Equal(t, "a=s:x", show(&v))
	add("b", cookie.KindString, "again")
	require.Equal(t, "a=s:x|b=s:again", show(&v))

	// What is handed out is clipped.
	first := v.At(0)
	_ = append(first.Bytes, "XXX"...)
	_ = append(first.Name, "XXX"...)
	require.Equal(t, "a=s:x|b=s:again", show(&v))

	v.Reset()
	require.Zero(t, v.Len())
	require.Zero(t, v.Repeated())
	for range v.All() {
		t.Error("a value after Reset")
	}
	add("a", cookie.KindString, "new")
	for range v.All() {
		break
	}
	require.Equal(t, "a=s:new", show(&v))
}

func TestValuesBuf(t *testing.T) {
	var v cookie.Values
	for i := range 20 {
		buf, err := v.Buf(10)
		require.NoError(t, err)
		require.Zero(t, len(buf))
		require.Equal(t, 10, cap(buf))
		buf = append(buf, fmt.Sprint("v", i)...)
		require.NoError(t, v.Add(fmt.Append(nil, "n", i), cookie.KindString, buf))
	}
	for i := range 20 {
		require.Equal(t, fmt.Sprint("n", i), string(v.At(i).Name))
		require.Equal(t, fmt.Sprint("v", i), string(v.At(i).Bytes))
	}
	// A Buf that is not used, or outgrown, does no harm.
	_, err := v.Buf(100)
	require.NoError(t, err)
	buf, err := v.Buf(2)
	require.NoError(t, err)
	require.NoError(t, v.Add([]byte("long"), cookie.KindString, append(buf, "outgrown"...)))
	got, _ := v.Get("long")
	require.Equal(t, "outgrown", string(got.Bytes))
	// Its own bytes may be added again.
	require.NoError(t, v.Add([]byte("copy"), cookie.KindString, v.At(3).Bytes))
	got, _ = v.Get("copy")
	require.Equal(t, "v3", string(got.Bytes))
	_, err = v.Buf(cookie.MaxDecoded)
	require.ErrorIs(t, err, cookie.ErrTooLarge)
}

func TestValuesLimits(t *testing.T) {
	var v cookie.Values
	for i := range cookie.MaxValues {
		require.NoError(t, v.Add(fmt.Append(nil, i), cookie.KindString, nil))
	}
	var limit *cookie.LimitError
	require.ErrorAs(t, v.Add([]byte("more"), cookie.KindString, nil), &limit)
	require.Equal(t, cookie.LimitValues, limit.Limit)
	require.Equal(t, cookie.MaxValues, v.Len())

	v.Reset()
	require.NoError(t, v.Add([]byte("a"), cookie.KindString, []byte(strings.Repeat("x", cookie.MaxDecoded-1))))
	require.NoError(t, v.Add(nil, cookie.KindString, nil))
	require.ErrorAs(t, v.Add([]byte("b"), cookie.KindString, nil), &limit)
	require.Equal(t, cookie.LimitDecoded, limit.Limit)
	require.ErrorAs(t, v.Add(nil, cookie.KindString, []byte("x")), &limit)
	require.Equal(t, 2, v.Len())

	// A value that fits with a name that does not leaves nothing behind.
	v.Reset()
	require.Error(t, v.Add([]byte(strings.Repeat("n", cookie.MaxDecoded)), cookie.KindString, []byte("x")))
	require.NoError(t, v.Add([]byte("a"), cookie.KindString, []byte(strings.Repeat("x", cookie.MaxDecoded-1))))
}

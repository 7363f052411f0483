package textconv

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestInt64(t *testing.T) {
	for text, want := range map[string]any{
		"0": 0, "-0": 0, "000": 0, "009": 9, "+7": 7, "-12": -12, "200": 200,
		"9223372036854775807": int64(math.MaxInt64), "-9223372036854775808": int64(math.MinInt64),
		"0000000000000000000000000000000000000000042": 42,
		"9223372036854775808":                         ErrRange, "-9223372036854775809": ErrRange,
		"18446744073709551616": ErrRange, "99999999999999999999999": ErrRange,
		"": ErrSyntax, "-": ErrSyntax, "+": ErrSyntax, "+-1": ErrSyntax, "1.0": ErrSyntax, "1e3": ErrSyntax, " 1": ErrSyntax, "1 ": ErrSyntax,
		"0x10": ErrSyntax, "1_000": ErrSyntax, "99999999999999999999x": ErrSyntax, "１": ErrSyntax,
	} {
		checkInt(t, Int64, text, want)
	}
	for text, want := range map[string]any{
		"2147483647": math.MaxInt32, "-2147483648": math.MinInt32, "2147483648": ErrRange, "-2147483649": ErrRange,
		"4294967296": ErrRange, "1099511627776": ErrRange, "x": ErrSyntax,
	} {
		checkInt(t, Int32, text, want)
	}
	for text, want := range map[string]any{
		"200": 200, "200.0": 200, "2e2": 200, "2.5e1": 25, "2500e-2": 25, "-0.0": 0, "0e99999999999999": 0, "1e18": int64(1e18),
		"-9223372036854775808.0": int64(math.MinInt64), "-9.223372036854775808e18": int64(math.MinInt64),
		"1e19": ErrRange, "1e999999999999": ErrRange, "9223372036854775808.0": ErrRange,
		"0.5": ErrPrecision, "25e-1": ErrPrecision, "1e-999999999999": ErrPrecision, "1.": ErrSyntax, ".5": ErrSyntax, "1e": ErrSyntax, "NaN": ErrSyntax,
	} {
		checkInt(t, Integer, text, want)
	}
}

func checkInt[N int32 | int64](t *testing.T, f func([]byte) (N, error), text string, want any) {
	t.Helper()
	got, err := f([]byte(text))
	if wantErr, bad := want.(error); bad {
		assert.Equal(t, wantErr, err, text)
		assert.Zero(t, got, text)
		return
	}
	require.NoError(t, err, text)
	assert.EqualValues(t, want, got, text)
}

func TestFloats(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "0.000", "0.123", "1795363249.567", "-12.5e-3", "1e22", "1e23", "8.5e22", "9007199254740993", "9007199254740992.5",
		"123456789012345678901234567890.5", "1.7976931348623157e308", "4.9e-324", "2.2250738585072011e-308", "1e-400", "0e400", "-0.0e-9",
		"3.4028235677973366e38", "3.4028234e38", "16777217", "16777216.5", "0000000000000000000000000001.5", "1e10", "1e11", "0.1", "7038531e-10",
		"0." + strings.Repeat("0", 400) + "1e400", strings.Repeat("9", 400) + "e-400", "+1.5",
	} {
		checkFloats(t, text)
	}
	for text, want := range map[string]error{
		"NaN": ErrSyntax, "nan": ErrSyntax, "Inf": ErrSyntax, "-Infinity": ErrSyntax, "0x1p-2": ErrSyntax, "1_0": ErrSyntax, ".5": ErrSyntax,
		"5.": ErrSyntax, "": ErrSyntax, "-": ErrSyntax, "1e": ErrSyntax, "1e+": ErrSyntax, "1.5.5": ErrSyntax, "1,5": ErrSyntax, "--1": ErrSyntax,
		"1e309": ErrRange, "-1e999999999999": ErrRange, strings.Repeat("9", 310): ErrRange, "1.8e308": ErrRange,
	} {
		_, err := Float64([]byte(text))
		assert.Equal(t, want, err, text)
		_, err = Float32([]byte(text))
		assert.Equal(t, want, err, text)
	}
	_, err := Float32([]byte("3.5e38"))
	assert.Equal(t, ErrRange, err)
}

// checkFloats compares with strconv a text of the grammar.
func checkFloats(t *testing.T, text string) {
	t.Helper()
	want, wantErr := strconv.ParseFloat(text, 64)
	got, err := Float64([]byte(text))
	require.Equal(t, wantErr != nil, err != nil, text)
	if err == nil && math.Float64bits(want) != math.Float64bits(got) {
		t.Fatalf("%s: %v, want %v", text, got, want)
	}
	want, wantErr = strconv.ParseFloat(text, 32)
	got32, err := Float32([]byte(text))
	require.Equal(t, wantErr != nil, err != nil, text)
	if err == nil && math.Float32bits(float32(want)) != math.Float32bits(got32) {
		t.Fatalf("%s: %v, want %v", text, got32, float32(want))
	}
}

func TestDecimal(t *testing.T) {
	for _, test := range []struct {
		text             string
		precision, scale int
		want             string // in units of the scale, or
		err              error
	}{
		{"12.5", 5, 2, "1250", nil},
		{"-0.01", 5, 2, "-1", nil},
		{"+000.10", 5, 2, "10", nil},
		{"1.500", 3, 1, "15", nil},
		{"1.5e2", 5, 2, "15000", nil},
		{"-12345e-3", 5, 3, "-12345", nil},
		{"0e999999999999999999", 1, 0, "0", nil},
		{strings.Repeat("9", 38), 38, 0, strings.Repeat("9", 38), nil},
		{"-" + strings.Repeat("9", 76), 76, 0, "-" + strings.Repeat("9", 76), nil},
		{"1e75", 76, 0, "1" + strings.Repeat("0", 75), nil},
		{"18446744073709551616", 20, 0, "18446744073709551616", nil},
		{"-18446744073709551616", 20, 0, "-18446744073709551616", nil},
		{"12.505", 5, 2, "", ErrPrecision},
		{"1e-999999999999", 5, 2, "", ErrPrecision},
		{"1234.5", 5, 2, "", ErrRange},
		{"1e999999999999", 76, 0, "", ErrRange},
		{"NaN", 5, 2, "", ErrSyntax},
		{"1/2", 5, 2, "", ErrSyntax},
		{"", 5, 2, "", ErrSyntax},
	} {
		d, err := ParseDecimal([]byte(test.text), test.precision, test.scale)
		require.Equal(t, test.err, err, test.text)
		if err == nil {
			assert.Equal(t, test.want, d.big().String(), test.text)
			checkDecimal(t, test.text, test.precision, test.scale)
		}
	}
}

// big is d as Java's BigInteger reads its bytes.
func (d *Decimal) big() *big.Int {
	b := d.Append(nil, d.Len())
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// checkDecimal compares with math/big a text of the grammar.
func checkDecimal(t *testing.T, text string, precision, scale int) {
	d, err := ParseDecimal([]byte(text), precision, scale)
	r, ok := new(big.Rat).SetString(text)
	require.True(t, ok, text)
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)))
	switch {
	case !r.IsInt():
		require.Equal(t, ErrPrecision, err, text)
		return
	case len(new(big.Int).Abs(r.Num()).String()) > precision:
		require.Equal(t, ErrRange, err, text)
		return
	}
	require.NoError(t, err, text)
	require.Equal(t, r.Num().String(), d.big().String(), text)
	for _, size := range []int{d.Len(), 31, 32, 33, 40} {
		if size < d.Len() {
			continue
		}
		b := d.Append([]byte("kept"), size)
		require.Len(t, b, 4+size)
		n := new(big.Int).SetBytes(b[4:])
		if b[4] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size)))
		}
		require.Equal(t, r.Num().String(), n.String(), "%s in %d bytes", text, size)
	}
	if n := d.Len(); n > 1 { // one byte less would lose the sign
		b := d.Append(nil, n)
		require.False(t, b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80, text)
	}
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{
		"0", "-0.000", "009", "1795363249.567", "9223372036854775808", "1e22", "123456789012345678901234567890.5e-10", "1.7976931348623159e308",
		"NaN", "0x1p4", "1_0", "+1.5E+3", "340282356779733661637539395458142568447", "99999999999999999999999999999999999999e-3", "1e309",
	} {
		f.Add(s, uint8(38), uint8(3))
	}
	f.Fuzz(func(t *testing.T, s string, precision, scale uint8) {
		n, err := Int64([]byte(s))
		want, wantErr := strconv.ParseInt(s, 10, 64)
		if n != want && wantErr == nil || (err == nil) != (wantErr == nil) || err == ErrRange && !errors.Is(wantErr, strconv.ErrRange) {
			t.Fatal(s, n, err, want, wantErr)
		}
		n32, err := Int32([]byte(s))
		if want, wantErr := strconv.ParseInt(s, 10, 32); n32 != int32(want) && wantErr == nil || (err == nil) != (wantErr == nil) {
			t.Fatal(s, n32, err, want, wantErr)
		}
		if _, ok := scan([]byte(s)); !ok {
			for _, f := range []func([]byte) error{
				func(b []byte) error { _, err := Float64(b); return err },
				func(b []byte) error { _, err := Float32(b); return err },
				func(b []byte) error { _, err := Integer(b); return err },
				func(b []byte) error { _, err := ParseDecimal(b, 10, 2); return err },
			} {
				require.Equal(t, ErrSyntax, f([]byte(s)))
			}
			return
		}
		checkFloats(t, s)
		if i := strings.IndexAny(s, "eE"); i >= 0 && len(s)-i > 4 {
			return // math/big would write all the zeros
		}
		p := 1 + int(precision)%MaxDecimal
		checkDecimal(t, s, p, int(scale)%(p+1))
		n, err = Integer([]byte(s))
		if r, _ := new(big.Rat).SetString(s); err == nil && (!r.IsInt() || r.Num().Cmp(big.NewInt(n)) != 0) || err != nil && r.IsInt() && r.Num().IsInt64() {
			t.Fatal(s, n, err)
		}
	})
}

func TestNumbersAllocs(t *testing.T) {
	texts := [][]byte{
		[]byte("200"), []byte("0.123"), []byte("-12345678901234567890.12345678901234567890"), []byte("1e999"), []byte("x"),
		[]byte("9999999999999999999999999999999"), []byte("1.2345678901234567e-300"),
	}
	if long := texts[2]; testing.AllocsPerRun(1, func() { sink = view(long) }) > 0 {
		texts = append(texts[:2], texts[3:]...) // with the tag purego
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		for _, s := range texts {
			_, _ = Int64(s)
			_, _ = Float64(s)
			_, _ = Float32(s)
			_, _ = Integer(s)
			_, _ = ParseDecimal(s, 38, 10)
		}
	}))
}

var sink string

func BenchmarkNumbers(b *testing.B) {
	status, taken, amount := []byte("200"), []byte("0.123"), []byte("12345.67")
	for name, f := range map[string]func(){
		"Int64":              func() { _, _ = Int64(status) },
		"strconv.ParseInt":   func() { _, _ = strconv.ParseInt(string(status), 10, 64) },
		"Float64":            func() { _, _ = Float64(taken) },
		"strconv.ParseFloat": func() { _, _ = strconv.ParseFloat(string(taken), 64) },
		"ParseDecimal":       func() { _, _ = ParseDecimal(amount, 10, 2) },
		"big.Rat":            func() { _, _ = new(big.Rat).SetString(string(amount)) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
}

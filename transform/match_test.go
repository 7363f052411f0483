package transform

import (
	"math"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTextPredicates(t *testing.T) {
	for _, c := range []struct {
		p       Predicate
		text    string
		yes, no []string
	}{
		{Suffix("v", ".php"), `Suffix("v", ".php")`, []string{"/a.php", ".php"}, []string{"php", ".php/", ""}},
		{Suffix("v", ""), `Suffix("v", "")`, []string{"", "x"}, nil},
		{Contains("v", "ab"), `Contains("v", "ab")`, []string{"ab", "xabx"}, []string{"", "a", "ba", "AB"}},
		{Glob("v", "/users/*/orders"), `Glob("v", "/users/*/orders")`, []string{"/users/7/orders", "/users//orders", "/users/7/x/orders"}, []string{"/users/orders", "/users/7/orders/", "x/users/7/orders", ""}},
		{Glob("v", "*a*b?"), `Glob("v", "*a*b?")`, []string{"abc", "xxaabbb", "aaab日"}, []string{"ab", "bac", "abcc"}},
		{Glob("v", ""), `Glob("v", "")`, []string{""}, []string{"x"}},
		{Glob("v", "**"), `Glob("v", "**")`, []string{"", "x"}, nil},
		{Glob("v", "?"), `Glob("v", "?")`, []string{"x", "日", "\xff"}, []string{"", "xx", "\xff\xff"}},
		{Glob("v", `\*\?\\`), `Glob("v", "\\*\\?\\\\")`, []string{`*?\`}, []string{`x?\`, `\*\?\\`}},
		{Match("v", "^/(img|css)/"), `Match("v", "^/(img|css)/")`, []string{"/img/x", "/css/"}, []string{"/js/", "x/img/", ""}},
		{IsNull("v"), `IsNull("v")`, nil, []string{"", "null", "-"}},
	} {
		assert.Equal(t, c.text, predicateName(c.p))
		for _, yes := range c.yes {
			assert.True(t, answers(t, c.p, str(yes), true), "%s %q", c.text, yes)
		}
		for _, no := range c.no {
			assert.False(t, answers(t, c.p, str(no), true), "%s %q", c.text, no)
		}
		assert.False(t, answers(t, c.p, Value{}, false), "%s, missing", c.text)
		_, asksForNull := c.p.(isNull)
		assert.Equal(t, asksForNull, answers(t, c.p, Null, true), "%s, null", c.text)
	}
	assert.True(t, answers(t, Suffix("v", "3"), Value{KindNumber, []byte("123")}, true), "the text, whatever the kind")
	refused(t, Filter(Suffix("", "x")), Filter(Contains("", "x")), Filter(Glob("", "x")), Filter(Match("", "x")), Filter(IsNull("")),
		Filter(Glob("v", `x\`)), Filter(Glob("v", "\xff")), Filter(Match("v", "(")))
}

// TestMatchIsBounded: a huge value costs what its first 4096 bytes cost.
func TestMatchIsBounded(t *testing.T) {
	long := strings.Repeat("x", 4096)
	assert.True(t, answers(t, Match("v", "x$"), str(long+"y"), true), "it ends there")
	assert.False(t, answers(t, Match("v", "y"), str(long+"y"), true))
	assert.True(t, answers(t, Match("v", "y"), str(long[1:]+"y"), true))
}

// TestGlobIsBounded: a pattern that makes others try for hours.
func TestGlobIsBounded(t *testing.T) {
	assert.False(t, answers(t, Glob("v", strings.Repeat("*a", 50)+"b"), str(strings.Repeat("a", 65536)), true))
}

func TestNumberPredicates(t *testing.T) {
	for _, c := range []struct {
		p       Predicate
		text    string
		yes, no []string
	}{
		{Greater("v", 0.5), `Greater("v", 0.5)`, []string{"0.501", "1", "+1", "1e3", "1E+3", "00000001", "18446744073709551616", "1e308"}, []string{"0.5", "0.500", "0", "-1", "000"}},
		{Less("v", 1), `Less("v", 1)`, []string{"0.999", "-1", "-1e308", "000", "0.000", "-0"}, []string{"1", "009", "1.0"}},
		{Between("v", 400, 499), `Between("v", 400, 499)`, []string{"400", "499", "499.0", "0404"}, []string{"399", "500", "499.001", "-404"}},
		{Between("v", 1, 1), `Between("v", 1, 1)`, []string{"1"}, []string{"2"}},
		{Greater("v", math.Inf(-1)), `Greater("v", -Inf)`, []string{"0", "-1e308"}, nil},
	} {
		assert.Equal(t, c.text, predicateName(c.p))
		for _, yes := range c.yes {
			assert.True(t, answers(t, c.p, str(yes), true), "%s %q", c.text, yes)
			assert.True(t, answers(t, c.p, Value{KindNumber, []byte(yes)}, true), "%s %q", c.text, yes)
		}
		for _, no := range c.no {
			assert.False(t, answers(t, c.p, str(no), true), "%s %q", c.text, no)
		}
		for _, none := range []string{"", "-", "+", "NaN", "Inf", "1e999", "0x10", "1_000", "1.", ".5", "1,5", "1 ", "0.001, 0.002 : -", "true", "--1", "1.2.3", "1e", strings.Repeat("9", 400)} {
			assert.False(t, answers(t, c.p, str(none), true), "%s %q", c.text, none)
		}
		assert.False(t, answers(t, c.p, True, true))
		assert.False(t, answers(t, c.p, Null, true))
		assert.False(t, answers(t, c.p, Value{}, false))
	}
	nan := math.NaN()
	refused(t, Filter(Greater("", 1)), Filter(Less("", 1)), Filter(Between("", 1, 2)), Filter(Greater("v", nan)), Filter(Less("v", nan)),
		Filter(Between("v", nan, 1)), Filter(Between("v", 1, nan)), Filter(Between("v", 2, 1)))
}

// TestPredicatesDoNotAllocate is without Match: package regexp has its scratch in a
// pool, which the garbage collector empties, and the race detector at random.
func TestPredicatesDoNotAllocate(t *testing.T) {
	allocatesNothing(t, []string{
		"v:/users/7/orders", "v:0.123", "v:-", "v:NaN", "v:1e9", "v:12345678901234567.5", "v:0.001, 0.002 : -", "v:" + strings.Repeat("a", 65536), "a:1",
	}, Filter(Not(And(Suffix("v", "x"), Contains("v", "x")))), If(Or(Glob("v", "*a*b"), IsNull("v"),
		Greater("v", 1e9), Less("v", -1e9), Between("v", 0.2, 0.3))))
}

func FuzzGlob(f *testing.F) {
	for _, pattern := range []string{"/users/*/orders", "*a*b?", "**", "", `\*\?\\`, `x\`, "*é?", "?日*?", "*?", "[a]*"} {
		for _, text := range []string{"/users/7/orders", "xxaabbb", "", `*?\`, "é日x\xff", "\xc3", "[a]"} {
			f.Add(pattern, text)
		}
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		tokens, err := parseGlob(pattern)
		if err != nil {
			return
		}
		expr := "(?s)^"
		for i := 0; i < len(pattern); i++ {
			switch pattern[i] {
			case '*':
				expr += ".*"
			case '?':
				expr += "."
			case '\\':
				i++
				fallthrough
			default:
				j := i + 1
				for j < len(pattern) && pattern[j]&0xC0 == 0x80 {
					j++
				}
				expr += regexp.QuoteMeta(pattern[i:j])
				i = j - 1
			}
		}
		re, err := regexp.Compile(expr + "$")
		if err != nil {
			return // longer than regexp allows
		}
		got := matchGlob(tokens, []byte(text))
		// To regexp a byte that is not UTF-8 equals U+FFFD, to us it does not.
		if want := re.MatchString(text); got != want && !strings.Contains(pattern, "\uFFFD") {
			t.Fatalf("%q %q: %t, regexp: %t", pattern, text, got, want)
		}
		if !strings.ContainsAny(pattern, `[\`) && !strings.Contains(text, "/") {
			if want, err := path.Match(pattern, text); err == nil && got != want {
				t.Fatalf("%q %q: %t, path.Match: %t", pattern, text, got, want)
			}
		}
	})
}

func FuzzNumberOf(f *testing.F) {
	for _, s := range []string{"0", "000", "009", "0.001", "-0.5", "+7", "1e3", "1e999", "NaN", "Inf", "0x1p4", "1_0", ".5", "5.", "999999999999999", "9999999999999999", "0.30000000000000004", "123456789012345.6"} {
		f.Add(s)
	}
	grammar := regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := numberOf([]byte(text))
		want, err := strconv.ParseFloat(text, 64)
		if len(text) > 5000 {
			return // strconv cuts exponents of 10,000 and more off
		}
		if valid := err == nil && grammar.MatchString(text); ok != valid || ok && got != want {
			t.Fatalf("%q: %v %t, strconv: %v %v", text, got, ok, want, err)
		}
	})
}

package cookie_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		header string
		offset int
		err    error
	}{
		{"a=b", 0, nil},
		{"SID=31d4d96e407aad42; lang=en-US", 0, nil},
		{`a="b"; c=""; d=`, 0, nil},
		{" a=b\t", 0, nil},
		{"a=b=c:/?{}", 0, nil},
		{"", 0, cookie.ErrName},
		{"  ", 2, cookie.ErrName},
		{"-", 1, cookie.ErrNoEqual},
		{"a", 1, cookie.ErrNoEqual},
		{"a; b=1", 1, cookie.ErrNoEqual},
		{"=a", 0, cookie.ErrName},
		{"a b=c", 1, cookie.ErrName},
		{"a =c", 1, cookie.ErrName},
		{"\xe3\x81\x82=1", 0, cookie.ErrName},
		{"a=b;", 4, cookie.ErrSeparator},
		{"a=b;c=d", 4, cookie.ErrSeparator},
		{"a=b;  c=d", 5, cookie.ErrName},
		{"a=b;\tc=d", 4, cookie.ErrSeparator},
		{"a=b; ", 4, cookie.ErrSeparator},
		{"a=b; ; c=d", 5, cookie.ErrName},
		{"a=x y", 3, cookie.ErrValue},
		{"a=1,2", 3, cookie.ErrValue},
		{"a=1, b=2", 3, cookie.ErrValue},
		{`a=b\`, 3, cookie.ErrValue},
		{"a=\x00", 2, cookie.ErrValue},
		{"a=\xff", 2, cookie.ErrValue},
		{`a="`, 3, cookie.ErrQuote},
		{`a="1;2"`, 4, cookie.ErrQuote},
		{`a=b"`, 3, cookie.ErrQuote},
		{`a="b"c`, 5, cookie.ErrValue},
		{`a="b""`, 5, cookie.ErrQuote},
		{`a="b c"`, 4, cookie.ErrValue},
		{"a=" + strings.Repeat("x", cookie.MaxHeader-2), 0, nil},
		{"a=" + strings.Repeat("x", cookie.MaxHeader-1), cookie.MaxHeader, cookie.ErrTooLarge},
		{strings.Repeat("a=1; ", cookie.MaxCookies-1) + "a=1", 0, nil},
		{strings.Repeat("a=1; ", cookie.MaxCookies) + "a=1", 5 * cookie.MaxCookies, cookie.ErrTooLarge},
	} {
		err := cookie.Validate([]byte(tt.header))
		if tt.err == nil {
			require.NoError(t, err, "%.50q", tt.header)
			continue
		}
		var syntax *cookie.SyntaxError
		require.ErrorAs(t, err, &syntax, "%.50q", tt.header)
		require.ErrorIs(t, err, tt.err, "%.50q", tt.header)
		require.Equal(t, tt.offset, syntax.Offset, "%.50q", tt.header)
		require.NotEqual(t, errors.Is(err, cookie.ErrMalformed), errors.Is(err, cookie.ErrTooLarge))
	}
}

// Nothing that is wrong with a header is told by quoting it.
func TestErrorsQuoteNothing(t *testing.T) {
	for _, header := range []string{"SECRET", "SECRET=x y", `x="SECRET`, "x=SECRET;"} {
		require.NotContains(t, cookie.Validate([]byte(header)).Error(), "SECRET")
	}
	for l := cookie.LimitHeader; l <= cookie.LimitChain+1; l++ {
		err := &cookie.LimitError{Limit: l}
		require.ErrorIs(t, err, cookie.ErrTooLarge)
		require.Contains(t, err.Error(), l.String())
	}
}

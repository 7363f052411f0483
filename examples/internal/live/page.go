package live

import (
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed page/page.html
var pageHTML string

//go:embed page/page.css
var pageCSS string

//go:embed page/page.js
var pageJS string

// page returns the page in one piece, and the content security policy that allows
// what is in it and nothing else.
func page(every time.Duration) (html []byte, policy string) {
	text := strings.NewReplacer(
		"<!-- style -->", "<style>"+pageCSS+"</style>",
		"<!-- script -->", "<script>"+pageJS+"</script>",
		"{every}", strconv.FormatInt(every.Milliseconds(), 10),
	).Replace(pageHTML)
	policy = fmt.Sprintf("default-src 'none'; connect-src 'self'; img-src data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		source(pageCSS), source(pageJS))
	return []byte(text), policy
}

// source names an inline style or script by what is in it (CSP 3, 2.3.1).
func source(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

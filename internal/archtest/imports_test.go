// Package archtest keeps the architecture as it is meant to be.
package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/ltsvpipe/ltsvpipe"

// allowed says what each package may import directly, besides the standard
// library. An entry that ends in /... is a package and all below it. Packages of
// this module are written from its root.
var allowed = map[string][]string{
	"ltsv":                 {},
	"cookie":               {"internal/jsonscan"},
	"cookie/signed":        {"cookie"},
	"transform":            {"ltsv", "cookie", "internal/jsonscan", "internal/textconv"},
	"transform/jsonrec":    {"transform", "internal/jsonscan", "github.com/bytedance/sonic/..."},
	"avroschema":           {"transform", "internal/jsonscan", "internal/textconv", "github.com/hamba/avro/v2/...", "github.com/klauspost/compress/..."},
	"avroschema/registry":  {"avroschema", "github.com/twmb/franz-go/pkg/sr"},
	"kafkaio":              {"github.com/twmb/franz-go/pkg/..."},
	"kafkaio/bulk":         {"kafkaio", "internal/jsonscan", "github.com/twmb/franz-go/pkg/...", "github.com/klauspost/compress/..."},
	"kafkaio/archive":      {"kafkaio", "github.com/twmb/franz-go/pkg/...", "github.com/klauspost/compress/..."},
	"internal/jsonscan":    {},
	"internal/textconv":    {},
	"internal/benchreport": {},
}

// free are the packages that may import anything.
func free(pkg string) bool {
	return strings.HasPrefix(pkg, "examples/") || strings.HasPrefix(pkg, "internal/") && strings.HasSuffix(pkg, "test")
}

// alone are the packages that may pull in nothing outside this module and the
// standard library, not even through others.
var alone = []string{"ltsv", "cookie", "cookie/signed"}

type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
}

func list(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Standard,Imports,Deps"}, args...)...)
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		require.Fail(t, "go list", "%s", exit.Stderr)
	}
	require.NoError(t, err)
	var all []goPackage
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := d.Decode(&p); err == io.EOF {
			return all
		} else if err != nil {
			require.NoError(t, err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	standard := map[string]bool{"C": true, "unsafe": true}
	for _, p := range list(t, "std") {
		standard[p.ImportPath] = true
	}
	seen := map[string]bool{}
	for _, p := range list(t, "./...") {
		pkg := strings.TrimPrefix(p.ImportPath, module+"/")
		if free(pkg) {
			continue
		}
		rules, ok := allowed[pkg]
		if !assert.True(t, ok, "package %s is not in the table", pkg) {
			continue
		}
		seen[pkg] = true
		for _, imported := range p.Imports {
			path := strings.TrimPrefix(imported, module+"/")
			assert.True(t, standard[imported] || slices.ContainsFunc(rules, func(rule string) bool {
				tree, all := strings.CutSuffix(rule, "/...")
				return path == rule || all && (path == tree || strings.HasPrefix(path, tree+"/"))
			}), "%s must not import %s", pkg, path)
		}
		if slices.Contains(alone, pkg) {
			for _, dep := range p.Deps {
				assert.True(t, standard[dep] || strings.HasPrefix(dep, module+"/"), "%s must not pull in %s", pkg, dep)
			}
		}
	}
	for pkg := range allowed {
		assert.True(t, seen[pkg], "package %s of the table is gone", pkg)
	}
}

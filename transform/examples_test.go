package transform

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryStageHasAnExample: the examples are the manual of the stages and predicates.
func TestEveryStageHasAnExample(t *testing.T) {
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, f)
	}
	pkg, err := doc.NewFromFiles(set, files, "github.com/ltsvpipe/ltsvpipe/transform")
	require.NoError(t, err)

	checked := 0
	for _, typ := range pkg.Types {
		if slices.ContainsFunc(typ.Methods, func(m *doc.Func) bool { return m.Name == "Bind" }) {
			checked++
			assert.NotEmpty(t, typ.Examples, typ.Name)
		}
		if typ.Name == "Stage" || typ.Name == "Predicate" {
			for _, f := range typ.Funcs { // which return one
				checked++
				assert.NotEmpty(t, f.Examples, f.Name)
			}
		}
	}
	assert.Greater(t, checked, 40)
}

package archtest

import (
	"encoding/json"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hamba is archived, with advisories on decoding: it may have to go.
const hamba = "github.com/hamba/avro/v2"

// hambaFiles are the files, tests and what they share apart, that import it.
var hambaFiles = []string{"avroschema/hamba.go"}

func TestHambaStaysInItsFiles(t *testing.T) {
	var found []string
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if support, _ := filepath.Match("../../internal/*test", path); support {
			return filepath.SkipDir
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err == nil && (imported == hamba || strings.HasPrefix(imported, hamba+"/")) {
				name, err := filepath.Rel("../..", path)
				require.NoError(t, err)
				found = append(found, filepath.ToSlash(name))
				break
			}
		}
		return err
	}))
	assert.Equal(t, hambaFiles, found)
}

// An exposure walks all that a user of a package can reach by exported names.
type exposure struct {
	seen  map[types.Type]bool
	found []string
}

func (e *exposure) walk(path string, typ types.Type) {
	if typ == nil || e.seen[typ] {
		return
	}
	e.seen[typ] = true
	switch typ := typ.(type) {
	case *types.Alias:
		e.walk(path, types.Unalias(typ))
	case *types.Named:
		e.named(path, typ)
	case *types.Pointer:
		e.walk(path, typ.Elem())
	case *types.Slice:
		e.walk(path, typ.Elem())
	case *types.Array:
		e.walk(path, typ.Elem())
	case *types.Chan:
		e.walk(path, typ.Elem())
	case *types.Map:
		e.walk(path, typ.Key())
		e.walk(path, typ.Elem())
	case *types.Signature:
		for v := range typ.Params().Variables() {
			e.walk(path, v.Type())
		}
		for v := range typ.Results().Variables() {
			e.walk(path, v.Type())
		}
	case *types.Struct:
		for f := range typ.Fields() {
			if f.Exported() || f.Embedded() {
				e.walk(path+"."+f.Name(), f.Type())
			}
		}
	case *types.Interface:
		for m := range typ.Methods() {
			e.walk(path+"."+m.Name(), m.Type())
		}
	}
}

func (e *exposure) named(path string, typ *types.Named) {
	pkg := typ.Obj().Pkg()
	switch {
	case pkg == nil: // error
		return
	case pkg.Path() == hamba || strings.HasPrefix(pkg.Path(), hamba+"/"):
		e.found = append(e.found, path+" shows "+typ.String())
		return
	case !strings.HasPrefix(pkg.Path(), module):
		return
	}
	for m := range typ.Methods() {
		if m.Exported() {
			e.walk(path+"."+m.Name(), m.Type())
		}
	}
	for arg := range typ.TypeArgs().Types() {
		e.walk(path, arg)
	}
	e.walk(path, typ.Underlying())
}

func (e *exposure) scope(pkg *types.Package) {
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			e.walk(pkg.Name()+"."+name, obj.Type())
		}
	}
}

func TestHambaShowsInNoExportedName(t *testing.T) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", "./avroschema/...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	exports := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		err := d.Decode(&p)
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		exports[p.ImportPath] = p.Export
	}
	imp := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	load := func(path string) *types.Package {
		pkg, err := imp.Import(path)
		require.NoError(t, err)
		return pkg
	}
	for path := range exports {
		if strings.HasPrefix(path, module+"/avroschema") {
			e := exposure{seen: map[types.Type]bool{}}
			e.scope(load(path))
			assert.Empty(t, e.found)
			assert.NotEmpty(t, e.seen)
		}
	}
	theirs := exposure{seen: map[types.Type]bool{}}
	theirs.scope(load(hamba))
	assert.NotEmpty(t, theirs.found, "the walk must find what there is to find")
}

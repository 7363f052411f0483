package registry

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/registrytest"
)

func TestRegister(t *testing.T) {
	r := registrytest.Fake(t)
	tr := traced(r)
	c := client(t, r.URL(), Options{})
	one := record(t, "a long")

	first, err := c.Register(t.Context(), "s-value", one)
	require.NoError(t, err)
	assert.Equal(t, Registered{one, 1, "s-value", first.Version}, first)
	assert.Equal(t, []string{"POST /subjects/s-value", "POST /subjects/s-value/versions"}, tr.take(), "a new subject")

	again, err := c.Register(t.Context(), "s-value", record(t, "a long")) // equal, not the same
	require.NoError(t, err)
	assert.Equal(t, first, again)
	_, err = c.Lookup(t.Context(), "s-value", one)
	require.NoError(t, err)
	assert.Empty(t, tr.take(), "known")

	c = client(t, r.URL(), Options{})
	found, err := c.Register(t.Context(), "s-value", one)
	require.NoError(t, err)
	assert.Equal(t, Registered{one, 1, "s-value", 1}, found)
	assert.Equal(t, []string{"POST /subjects/s-value"}, tr.take(), "registered before")

	second, err := c.Register(t.Context(), "s-value", record(t, "a long", "b long?"))
	require.NoError(t, err)
	assert.EqualValues(t, 2, second.ID)
	assert.Equal(t, []string{
		"POST /subjects/s-value", "GET /config/s-value?defaultToGlobal=true", "GET /subjects/s-value/versions/latest", "POST /subjects/s-value/versions",
	}, tr.take(), "a new version")
}

func TestLookup(t *testing.T) {
	r := registrytest.Fake(t)
	c := client(t, r.URL(), Options{})
	s := record(t, "a long")
	_, err := c.Lookup(t.Context(), "s", s)
	require.ErrorIs(t, err, ErrNotFound)
	assert.False(t, r.SubjectExists("s"))
	r.SeedSchema("s", 3, 9, sr.Schema{Schema: s.JSON()})
	tr := traced(r)
	for range 2 {
		got, err := c.Lookup(t.Context(), "s", s)
		require.NoError(t, err)
		assert.Equal(t, Registered{s, 9, "s", 3}, got)
	}
	assert.Len(t, tr.take(), 1)
	_, err = c.Lookup(t.Context(), "s", record(t, "b long"))
	require.ErrorIs(t, err, ErrNotFound)
}

// TestRegisterAtOnce: all workers of a process register when it starts.
func TestRegisterAtOnce(t *testing.T) {
	r := registrytest.Fake(t)
	tr := traced(r)
	c := client(t, r.URL(), Options{})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			got, err := c.Register(t.Context(), "s", record(t, "a long"))
			if assert.NoError(t, err) {
				assert.EqualValues(t, 1, got.ID)
			}
		})
	}
	all.Wait()
	assert.Len(t, tr.take(), 2)
}

func TestRegisterRefuses(t *testing.T) {
	r := registrytest.Fake(t)
	c := client(t, r.URL(), Options{})
	for _, s := range []*avroschema.Schema{nil, {}} {
		_, err := c.Register(t.Context(), "s", s)
		require.ErrorIs(t, err, ErrSchema)
		_, err = c.Lookup(t.Context(), "s", s)
		require.ErrorIs(t, err, ErrSchema)
		_, err = c.Check(t.Context(), "s", s)
		require.ErrorIs(t, err, ErrSchema)
	}
	for _, subject := range []string{"", ".", ".."} {
		_, err := c.Register(t.Context(), subject, record(t))
		require.ErrorIs(t, err, ErrRefused)
	}
}

// TestRegisterReferences: a reference's version is asked for if it is not known, once a
// registration, and what is not as the reference has it goes to no registry.
func TestRegisterReferences(t *testing.T) {
	ip, err := avroschema.Parse(`{"type":"fixed","name":"IP","size":4}`)
	require.NoError(t, err)
	s, err := avroschema.Parse(`{"type":"record","name":"Log","fields":[{"name":"ip","type":"IP"}]}`, ip)
	require.NoError(t, err)
	r := registrytest.Fake(t)
	r.SeedSchema("ip", 3, 9, sr.Schema{Schema: ip.JSON()})
	c := client(t, r.URL(), Options{})
	other, err := c.Register(t.Context(), "other", ip)
	require.NoError(t, err)
	require.EqualValues(t, 9, other.ID, "one schema, in two subjects")
	tr := traced(r)
	at := Registered{Schema: ip, ID: 9, Subject: "ip"}
	first, err := c.Register(t.Context(), "s", s, at)
	require.NoError(t, err)
	assert.Same(t, s, first.Schema)
	assert.Equal(t, []string{"GET /schemas/ids/9/versions", "POST /subjects/s", "POST /subjects/s/versions"}, tr.take())
	stored, ok := r.GetSchema("s", 1)
	require.True(t, ok)
	assert.Equal(t, []sr.SchemaReference{{Name: "IP", Subject: "ip", Version: 3}}, stored.References)
	assert.Equal(t, `{"type":"record","name":"Log","fields":[{"name":"ip","type":"IP"}]}`, stored.Schema.Schema)

	_, err = c.Register(t.Context(), "s", s, at)
	require.NoError(t, err)
	_, err = c.Lookup(t.Context(), "s", s, at)
	require.NoError(t, err)
	assert.Empty(t, tr.take(), "known")
	_, err = c.Lookup(t.Context(), "s", s)
	require.ErrorIs(t, err, ErrNotFound, "whole it is another")
	tr.take()

	wide, err := avroschema.Parse(`{"type":"fixed","name":"IP","size":16}`)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		refs []Registered
		want error
	}{
		"no schema":         {[]Registered{{ID: 9, Subject: "ip", Version: 3}}, ErrSchema},
		"an empty schema":   {[]Registered{{Schema: new(avroschema.Schema), ID: 9, Subject: "ip", Version: 3}}, ErrSchema},
		"another type":      {[]Registered{{Schema: wide, ID: 9, Subject: "ip", Version: 3}}, ErrSchema},
		"itself":            {[]Registered{{Schema: s, ID: 9, Subject: "ip", Version: 3}}, ErrSchema},
		"no version, no id": {[]Registered{{Schema: ip, Subject: "ip"}}, ErrRefused},
		"too many":          {slices.Repeat([]Registered{{Schema: ip, ID: 9, Subject: "ip", Version: 3}}, MaxReferences+1), ErrLimit},
	} {
		_, err := c.Register(t.Context(), "t", s, test.refs...)
		require.ErrorIs(t, err, test.want, name)
		_, err = c.Lookup(t.Context(), "t", s, test.refs...)
		require.ErrorIs(t, err, test.want, name)
	}
	assert.Empty(t, tr.take(), "refused before the registry hears of it")
	_, err = c.Register(t.Context(), "t", s, Registered{Schema: ip, ID: 9, Subject: "nobody"})
	require.ErrorIs(t, err, ErrNotFound)
	_, err = c.Register(t.Context(), "t", s, Registered{Schema: ip, ID: 77, Subject: "ip"})
	require.ErrorIs(t, err, ErrNotFound)
	assert.False(t, r.SubjectExists("t"))
}

// TestIncompatible: the fake takes everything, so what is refused is refused by us.
func TestIncompatible(t *testing.T) {
	for _, test := range []struct {
		name  string
		level sr.CompatibilityLevel
		rules Rules
		prev  [][]string // the versions, oldest first
		next  []string
		want  []string // the changes that break
	}{
		{"backward, a field without default", sr.CompatBackward, AllRules, [][]string{{"a long"}}, []string{"a long", "b long"}, []string{"b default"}},
		{"forward allows it", sr.CompatForward, AllRules, [][]string{{"a long"}}, []string{"a long", "b long"}, nil},
		{"forward, a field less", sr.CompatForward, AllRules, [][]string{{"a long", "b long"}}, []string{"a long"}, []string{"b default"}},
		{"backward allows it", sr.CompatBackward, AllRules, [][]string{{"a long", "b long"}}, []string{"a long"}, nil},
		{"full, promoted", sr.CompatFull, AllRules, [][]string{{"a int"}}, []string{"a long"}, []string{"a type"}},
		{"none", sr.CompatNone, AllRules, [][]string{{"a int"}}, []string{"a string"}, nil},
		{"the latest counts", sr.CompatBackward, AllRules, [][]string{{"a long"}, {}}, []string{"a string?"}, nil},
		{"all count", sr.CompatBackwardTransitive, AllRules, [][]string{{"a long"}, {}}, []string{"a string?"}, []string{"a union"}},
		{"Hive", sr.CompatBackward, AllRules, [][]string{{"a long"}}, []string{"a long", "A long?"}, []string{"A case"}},
		{"Avro does not mind", sr.CompatBackward, AvroRules, [][]string{{"a long"}}, []string{"a long", "A long?"}, nil},
		{"Avro does", sr.CompatBackward, AvroRules, [][]string{{"a long"}}, []string{"b long", "A long?"}, []string{"b default"}},
		{"no rules", sr.CompatBackward, NoRules, [][]string{{"a long"}}, []string{"a string"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := registrytest.Fake(t)
			require.NoError(t, r.SetCompat("s", test.level))
			for i, fields := range test.prev {
				r.SeedSchema("s", 2*i+1, i+1, sr.Schema{Schema: recordJSON(fields...)})
			}
			c := client(t, r.URL(), Options{Rules: test.rules})
			_, err := c.Register(t.Context(), "s", record(t, test.next...))
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrIncompatible)
			broken, ok := errors.AsType[*IncompatibleError](err)
			require.True(t, ok)
			var got []string
			for _, change := range broken.Changes {
				got = append(got, change.Path+" "+change.Rule.String())
				assert.True(t, change.Breaks)
				assert.Less(t, change.Against, len(broken.Versions))
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, "s", broken.Subject)
			assert.Equal(t, test.level.String(), broken.Mode.String())
			_, there := r.GetSchema("s", 2*len(test.prev))
			assert.False(t, there, "nothing is registered")

			whole, checked := c.Check(t.Context(), "s", record(t, test.next...))
			assert.Equal(t, err, checked)
			assert.GreaterOrEqual(t, len(whole.Changes), len(broken.Changes))
			assert.Equal(t, broken.Versions, whole.Versions)
		})
	}
}

func TestIncompatibleErrorNamesVersions(t *testing.T) {
	r := registrytest.Fake(t)
	require.NoError(t, r.SetCompat("s", sr.CompatFullTransitive))
	r.SeedSchema("s", 3, 1, sr.Schema{Schema: recordJSON("a long")})
	r.SeedSchema("s", 7, 2, sr.Schema{Schema: recordJSON("a long", "b long?")})
	c := client(t, r.URL(), Options{})
	_, err := c.Register(t.Context(), "s", record(t, "a long", "b string?"))
	require.EqualError(t, err, `registry: "s" is FULL_TRANSITIVE: incompatible with what came before`+
		`; version 7: b: union: the reader's union has no type for long (BACKWARD); version 7: b: union: the reader's union has no type for string (FORWARD)`)
}

func TestCheckHasNothingToCompare(t *testing.T) {
	r := registrytest.Fake(t)
	c := client(t, r.URL(), Options{})
	got, err := c.Check(t.Context(), "new", record(t))
	require.NoError(t, err)
	assert.Equal(t, Comparison{Subject: "new"}, got)
	require.NoError(t, r.SetCompat("new", sr.CompatFullTransitive))
	got, err = c.Check(t.Context(), "new", record(t))
	require.NoError(t, err)
	assert.Equal(t, Comparison{Subject: "new", Mode: avroschema.FullTransitive}, got)
}

// TestCheckConfig: what registries say of modes, other than the fake.
func TestCheckConfig(t *testing.T) {
	for name, test := range map[string]struct {
		subject, global string // answers of /config; empty is 404
		want            error
	}{
		"of the registry": {"", `{"compatibilityLevel":"BACKWARD"}`, ErrIncompatible},
		"of the subject":  {`{"compatibilityLevel":"BACKWARD","alias":""}`, `{"compatibilityLevel":"NONE"}`, ErrIncompatible},
		"a group":         {`{"compatibilityLevel":"BACKWARD","compatibilityGroup":"major"}`, "", nil},
		"a new level":     {`{"compatibilityLevel":"SIDEWAYS"}`, "", ErrResponse},
		"nothing":         {`{}`, "", ErrResponse},
		"nowhere":         {"", "", ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			r := registrytest.Fake(t)
			r.SeedSchema("s", 1, 1, sr.Schema{Schema: recordJSON("a long")})
			r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
				say, ok := map[string]string{"/config/s": test.subject, "/config": test.global}[req.URL.Path]
				if !ok {
					return false
				}
				if say == "" {
					w.WriteHeader(http.StatusNotFound)
					say = `{"error_code":40408,"message":"not configured"}`
				}
				_, _ = w.Write([]byte(say))
				return true
			})
			_, err := client(t, r.URL(), Options{}).Register(t.Context(), "s", record(t, "a string"))
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, test.want)
		})
	}
}

// TestCheckOfWhatCannotBeRead: one that cannot be compared with is no reason to go on.
func TestCheckOfWhatCannotBeRead(t *testing.T) {
	r := registrytest.Fake(t)
	r.SeedSchema("s", 1, 1, sr.Schema{Schema: `{"type":"object"}`, Type: sr.TypeJSON})
	_, err := client(t, r.URL(), Options{}).Register(t.Context(), "s", record(t))
	require.ErrorIs(t, err, ErrSchema)
	_, err = client(t, r.URL(), Options{Rules: NoRules}).Register(t.Context(), "s", record(t))
	require.NoError(t, err)
}

// TestCheckOfVersionsThatGo: between the list and the fetch.
func TestCheckOfVersionsThatGo(t *testing.T) {
	r := registrytest.Fake(t)
	require.NoError(t, r.SetCompat("s", sr.CompatBackwardTransitive))
	for i := range 3 {
		r.SeedSchema("s", i+1, i+1, sr.Schema{Schema: recordJSON("a long")})
	}
	r.Intercept(func(w http.ResponseWriter, req *http.Request) bool {
		if req.URL.Path != "/subjects/s/versions" {
			return false
		}
		_, _ = w.Write([]byte(`[3,2,1,4]`))
		return true
	})
	got, err := client(t, r.URL(), Options{}).Check(t.Context(), "s", record(t, "a long", "b long?"))
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3}, got.Versions)
}

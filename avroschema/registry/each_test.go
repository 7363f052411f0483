package registry

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
	"github.com/ltsvpipe/ltsvpipe/internal/registrytest"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// TestEachRegistry: what goes for the fake goes for a real registry.
func TestEachRegistry(t *testing.T) {
	registrytest.Each(t, func(t *testing.T, url string) {
		cl := registrytest.Client(t, url)
		c := client(t, url, Options{})
		ctx := t.Context()
		t.Run("history", func(t *testing.T) {
			const subject = "access-value"
			var ids []uint32
			for _, fields := range [][]string{{"a long"}, {"a long", "b string?"}, {"a long", "c double?"}} {
				s := record(t, fields...)
				_, err := c.Lookup(ctx, subject, s)
				require.ErrorIs(t, err, ErrNotFound)
				got, err := c.Register(ctx, subject, s)
				require.NoError(t, err)
				for _, c := range []*Client{c, client(t, url, Options{})} { // who knows, and who does not
					again, err := c.Register(ctx, subject, s)
					require.NoError(t, err)
					assert.Equal(t, got.ID, again.ID)
				}
				back, err := c.ByID(ctx, got.ID)
				require.NoError(t, err)
				assert.Equal(t, s.JSON(), back.JSON())
				ids = append(ids, got.ID)
				if len(ids) == 1 {
					require.NoError(t, cl.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatFullTransitive}, subject)[0].Err)
				}
			}
			for version, id := range ids {
				r, err := c.BySubject(ctx, subject, version+1)
				require.NoError(t, err)
				assert.Equal(t, id, r.ID)
				assert.Equal(t, version+1, r.Version)
			}
			latest, err := c.BySubject(ctx, subject, Latest)
			require.NoError(t, err)
			assert.Equal(t, ids[2], latest.ID)

			// With version 2 alone this breaks, where b is a string.
			_, err = c.Register(ctx, subject, record(t, "a long", "b long?"))
			broken, ok := errors.AsType[*IncompatibleError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, []int{1, 2, 3}, broken.Versions)
			for _, change := range broken.Changes {
				assert.Equal(t, 1, change.Against)
			}
		})
		t.Run("not found", func(t *testing.T) {
			_, err := c.ByID(ctx, math.MaxInt32)
			require.ErrorIs(t, err, ErrNotFound)
			_, err = c.BySubject(ctx, "nobody", Latest)
			require.ErrorIs(t, err, ErrNotFound)
			_, err = c.BySubject(ctx, "access-value", 99)
			require.ErrorIs(t, err, ErrNotFound)
			_, err = c.Lookup(ctx, "nobody", record(t))
			require.ErrorIs(t, err, ErrNotFound)
		})
		t.Run("references", func(t *testing.T) {
			_, err := cl.RegisterSchema(ctx, "ip", sr.Schema{Schema: `{"type":"fixed","name":"IP","namespace":"a.b","size":4}`}, -1, -1)
			require.NoError(t, err)
			id, err := cl.RegisterSchema(ctx, "log-value", sr.Schema{
				Schema:     `{"type":"record","name":"Log","namespace":"a.b","fields":[{"name":"ip","type":"a.b.IP"}]}`,
				References: []sr.SchemaReference{{Name: "a.b.IP", Subject: "ip", Version: 1}},
			}, -1, -1)
			require.NoError(t, err)
			s, err := c.ByID(ctx, uint32(id))
			require.NoError(t, err)
			assert.Equal(t, `{"name":"a.b.Log","type":"record","fields":[{"name":"ip","type":{"name":"a.b.IP","type":"fixed","size":4}}]}`, s.Canonical())
		})
		t.Run("shared types", func(t *testing.T) {
			ip, err := avroschema.Parse(`{"type":"fixed","name":"a.c.IP","size":4}`)
			require.NoError(t, err)
			host, err := avroschema.Parse(`{"type":"record","name":"a.c.Host","fields":[{"name":"ip","type":"IP"}]}`, ip)
			require.NoError(t, err)
			s, err := avroschema.Parse(`{"type":"record","name":"a.c.Hop","fields":[{"name":"to","type":"Host"},{"name":"by","type":"IP"}]}`, host, ip)
			require.NoError(t, err)

			first, err := c.Register(ctx, "a.c.IP", ip)
			require.NoError(t, err)
			second, err := c.Register(ctx, "a.c.Host", host, first)
			require.NoError(t, err)
			third, err := c.Register(ctx, "hops-value", s, first, second)
			require.NoError(t, err)
			whole, err := c.Register(ctx, "whole-hops-value", s)
			require.NoError(t, err)
			assert.NotEqual(t, third.ID, whole.ID)

			stored, err := cl.SchemaByID(ctx, int(third.ID))
			require.NoError(t, err)
			assert.ElementsMatch(t, []sr.SchemaReference{
				{Name: "a.c.IP", Subject: "a.c.IP", Version: 1}, {Name: "a.c.Host", Subject: "a.c.Host", Version: 1},
			}, stored.References)
			assert.NotContains(t, stored.Schema, "fixed")
			other := client(t, url, Options{})
			back, err := other.ByID(ctx, third.ID)
			require.NoError(t, err)
			assert.Equal(t, s.JSON(), back.JSON())

			first, err = other.BySubject(ctx, "a.c.IP", Latest)
			require.NoError(t, err)
			second, err = other.Lookup(ctx, "a.c.Host", host, first)
			require.NoError(t, err)
			again, err := other.Lookup(ctx, "hops-value", s, first, second)
			require.NoError(t, err)
			assert.Equal(t, third.ID, again.ID)
			again, err = client(t, url, Options{}).Register(ctx, "hops-value", s, first, second)
			require.NoError(t, err)
			assert.Equal(t, third.ID, again.ID)

			_, err = c.Register(ctx, "a.c.None", ip, Registered{Schema: host, Subject: "a.c.Host", Version: 99})
			require.Error(t, err)
		})
		t.Run("any name", func(t *testing.T) {
			const subject = "a/b c%ü:d-value"
			r, err := c.Register(ctx, subject, record(t, "z long"))
			require.NoError(t, err)
			latest, err := c.BySubject(ctx, subject, Latest)
			require.NoError(t, err)
			assert.Equal(t, r.ID, latest.ID)
		})
		t.Run("read by KafkaJS", func(t *testing.T) { readByKafkaJS(t, c, url) })
		if strings.Contains(t.Name(), "srfake") {
			return
		}
		t.Run("its own judgement", func(t *testing.T) { // the fake has none
			c := client(t, url, Options{Rules: NoRules})
			_, err := c.Register(ctx, "access-value", record(t, "a string"))
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok, "%v", err)
			require.ErrorIs(t, err, ErrIncompatible)
			assert.Equal(t, 409, e.Status)
			assert.NotEmpty(t, e.Message)

			var answer any
			err = c.ask(ctx, Error{Op: "register"}, "POST", "/subjects/x/versions", posted{Schema: "{nope"}, &answer)
			require.ErrorIs(t, err, ErrRefused)
		})
	})
}

// readByKafkaJS: a consumer in JavaScript reads what a producer of ours writes, with
// nothing but the frames and the registry.
func readByKafkaJS(t *testing.T, c *Client, url string) {
	realtest.Need(t, "a client in JavaScript")
	spec := avroschema.Spec{
		Name: "AccessLog", Namespace: "com.example.logs",
		Fields: []avroschema.Field{
			{Label: "@timestamp", Name: "timestamp", Type: avroschema.TypeTimestampMillis, Required: true},
			{Label: "path", Type: avroschema.TypeString, Required: true},
			{Label: "status", Type: avroschema.TypeInt, Required: true},
			{Label: "reqtime", Type: avroschema.TypeDouble},
			{Label: "size", Type: avroschema.TypeLong},
			{Label: "bot", Type: avroschema.TypeBool, Required: true},
		},
	}
	schema, err := spec.Schema()
	require.NoError(t, err)
	r, err := c.Register(t.Context(), "kafkajs-value", schema)
	require.NoError(t, err)
	plan, err := c.Plan(t.Context(), r.ID)
	require.NoError(t, err)
	e := plan.NewEncoder()
	var frames, want []string
	for _, line := range [][2]string{
		{
			`{"@timestamp":"2026-11-22T16:00:49.567Z","path":"/a?ü","status":200,"reqtime":0.25,"size":5000000000,"bot":false}`,
			`{"timestamp":1795363249567,"path":"/a?ü","status":200,"reqtime":0.25,"size":5000000000,"bot":false}`,
		},
		{
			`{"@timestamp":"1970-01-01T00:00:00Z","path":"","status":404,"size":null,"bot":true}`,
			`{"timestamp":0,"path":"","status":404,"reqtime":null,"size":null,"bot":true}`,
		},
	} {
		rec := new(transform.Record)
		require.NoError(t, jsonrec.Decoder{}.Decode(rec, []byte(line[0])))
		frame, err := e.Append(avroschema.AppendConfluent(nil, r.ID), rec)
		require.NoError(t, err)
		frames = append(frames, base64.StdEncoding.EncodeToString(frame))
		want = append(want, line[1])
	}

	// And one whose schema has a type by reference.
	geo, err := avroschema.Parse(`{"type":"record","name":"com.example.Geo","fields":[{"name":"country","type":"string"}]}`)
	require.NoError(t, err)
	visit, err := avroschema.Parse(`{"type":"record","name":"com.example.Visit","fields":[{"name":"geo","type":"Geo"},{"name":"path","type":"string"}]}`, geo)
	require.NoError(t, err)
	shared, err := c.Register(t.Context(), "com.example.Geo", geo)
	require.NoError(t, err)
	r, err = c.Register(t.Context(), "visits-value", visit, shared)
	require.NoError(t, err)
	plan, err = c.Plan(t.Context(), r.ID)
	require.NoError(t, err)
	rec := new(transform.Record)
	require.NoError(t, jsonrec.Decoder{}.Decode(rec, []byte(`{"geo":{"country":"JP"},"path":"/"}`)))
	frame, err := plan.NewEncoder().Append(avroschema.AppendConfluent(nil, r.ID), rec)
	require.NoError(t, err)
	frames = append(frames, base64.StdEncoding.EncodeToString(frame))
	want = append(want, `{"geo":{"country":"JP"},"path":"/"}`)

	out := registrytest.Node(t, "testdata/read.js", []byte(strings.Join(frames, "\n")), url)
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, got, len(want))
	for i := range want {
		assert.JSONEq(t, want[i], got[i])
	}
}

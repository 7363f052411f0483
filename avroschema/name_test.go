package avroschema

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestName(t *testing.T) {
	for label, want := range map[string]string{
		"status": "status", "X-Agent": "x_agent", "@timestamp": "f__timestamp", "cookie.own.seg": "cookie_own_seg",
		"": "f_", "1st": "f_1st", "_id": "f__id", "größe": "gr__e", "ΩMEGA": "f__mega", "\xff\xfe": "f___", "\u212a": "f__",
		"a\u212a": "a_", "HTTP_2": "http_2",
	} {
		assert.Equal(t, want, Name(label), label)
	}
}

func FuzzName(f *testing.F) {
	for _, label := range []string{"status", "@timestamp", "", "größe", "\xff", "1"} {
		f.Add(label)
	}
	f.Fuzz(func(t *testing.T, label string) {
		name := Name(label)
		require.True(t, validName(name))
		require.Equal(t, name, Name(name), "a name is its own")
		require.NotEqual(t, byte('_'), name[0])
	})
}

// namesOf returns the names that labels get.
func namesOf(t *testing.T, c Collision, previous *Schema, labels ...string) (map[string]string, error) {
	t.Helper()
	spec := Spec{Name: "R", Collisions: c, Previous: previous}
	for _, label := range labels {
		spec.Fields = append(spec.Fields, Field{Label: label})
	}
	s, err := spec.Schema()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, f := range s.root.fields {
		names[f.label] = f.name
	}
	return names, nil
}

func TestCollisions(t *testing.T) {
	_, err := namesOf(t, CollisionError, nil, "user-id", "user.id")
	require.ErrorIs(t, err, ErrCollision)
	_, err = namesOf(t, CollisionError, nil, "user_id", "user.id")
	require.ErrorIs(t, err, ErrCollision)

	want := map[string]string{"user-id": "user_id_a7571dde", "user.id": "user_id_f4f09501", "user_id": "user_id", "a": "a"}
	labels := []string{"user-id", "user.id", "user_id", "a"}
	for range 4 {
		labels = append(labels[1:], labels[0])
		for _, order := range [][]string{labels, reversed(labels)} {
			got, err := namesOf(t, CollisionSuffix, nil, order...)
			require.NoError(t, err)
			assert.Equal(t, want, got, "whatever the order")
		}
	}
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

// What is published stays, whoever comes later.
func TestPinnedNames(t *testing.T) {
	first, err := (&Spec{Name: "R", Fields: []Field{{Label: "user-id"}, {Label: "Status", Name: "code"}}}).Schema()
	require.NoError(t, err)

	names, err := namesOf(t, CollisionSuffix, first, "user_id", "user.id", "user-id", "Status")
	require.NoError(t, err)
	assert.Equal(t, "user_id", names["user-id"])
	assert.Equal(t, "code", names["Status"])
	assert.Equal(t, suffixed("user.id"), names["user.id"])
	assert.Equal(t, suffixed("user_id"), names["user_id"])

	_, err = namesOf(t, CollisionError, first, "user_id")
	require.ErrorIs(t, err, ErrCollision, "a column does not change its meaning when its label goes")

	second, err := (&Spec{Name: "R", Previous: first, Fields: []Field{
		{Label: "in", Type: TypeRecord, Record: &Spec{Name: "In", Fields: []Field{{Label: "X", Name: "y"}}}},
	}}).Schema()
	require.NoError(t, err)
	third, err := (&Spec{Name: "R", Previous: second, Fields: []Field{
		{Label: "in", Type: TypeRecord, Record: &Spec{Name: "In", Fields: []Field{{Label: "X"}}}},
	}}).Schema()
	require.NoError(t, err)
	assert.Equal(t, second.JSON(), third.JSON(), "in nested records too")
}

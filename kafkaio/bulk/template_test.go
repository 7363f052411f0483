package bulk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

func TestTemplateRefuses(t *testing.T) {
	patterns := []string{"access-*"}
	for name, tpl := range map[string]bulk.Template{
		"no patterns":  {},
		"priority":     {Patterns: patterns, Priority: -1},
		"twice":        {Patterns: patterns, Fields: []bulk.Field{{Name: "a", Type: "long"}, {Name: "a", Type: "ip"}}},
		"rest twice":   {Patterns: patterns, Fields: []bulk.Field{{Name: "labels", Type: "long"}}},
		"no name":      {Patterns: patterns, Fields: []bulk.Field{{Type: "long"}}},
		"no type":      {Patterns: patterns, Fields: []bulk.Field{{Name: "a"}}},
		"no timestamp": {Patterns: patterns, Fields: []bulk.Field{{Name: "a", Type: "long"}}, DataStream: true},
		"settings":     {Patterns: patterns, Settings: map[string]any{"a": func() {}}},
	} {
		text, err := tpl.JSON()
		assert.Error(t, err, name)
		assert.Empty(t, text)
	}
}

// TestAccessLogNames: no name is there twice, plain or ECS, nor is one an object
// and a value at once.
func TestAccessLogNames(t *testing.T) {
	for _, ecs := range []bool{false, true} {
		names := map[string]bool{}
		for _, f := range append(bulk.AccessLog(), bulk.Field{Name: "labels"}) {
			name := f.Name
			if ecs && f.ECS != "" {
				name = f.ECS
			}
			assert.False(t, names[name], name)
			names[name] = true
		}
		for name := range names {
			for i, c := range name {
				if c == '.' {
					assert.False(t, names[name[:i]], "%s and %s", name, name[:i])
				}
			}
		}
		text, err := bulk.Template{Patterns: []string{"a"}, ECS: ecs}.JSON()
		require.NoError(t, err)
		require.True(t, json.Valid(text))
		for name := range names {
			assert.Contains(t, string(text), `"`+name+`": {`)
		}
	}
}

func TestTemplateComponent(t *testing.T) {
	text, err := bulk.Template{Component: true, DataStream: true, Patterns: []string{"x"}, Priority: 3}.JSON()
	require.NoError(t, err)
	for _, name := range []string{"index_patterns", "data_stream", "priority"} {
		assert.NotContains(t, string(text), name)
	}
	assert.True(t, strings.HasSuffix(string(text), "}\n"))
}

// Command vectors writes what gorilla/securecookie makes: one JSON object a line.
package main

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	"github.com/gorilla/securecookie"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	secret := "a hash key for gorilla, 32 bytes"
	put := func(name string, value any, serializer securecookie.Serializer) {
		s := securecookie.New([]byte(secret), nil)
		s.SetSerializer(serializer)
		made := time.Now().Unix()
		text, err := s.Encode(name, value)
		if err != nil {
			panic(err)
		}
		want, err := serializer.Serialize(value)
		if err != nil {
			panic(err)
		}
		out.Encode(map[string]any{
			"library": "gorilla/securecookie v1.1.2", "format": "gorilla", "name": name,
			"secrets": []string{secret}, "made": made, "value": text, "want": string(want),
		})
	}
	for _, text := range []string{"", "u807290", "a|b|c", "化粧水", strings.Repeat("x", 1000)} {
		put("session", []byte(text), securecookie.NopEncoder{})
	}
	put("my|name", []byte("value"), securecookie.NopEncoder{})
	put("session", map[string]any{"uid": 1, "lang": "ja"}, securecookie.JSONEncoder{})
}

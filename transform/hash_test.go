package transform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func hmacHex(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

func TestHashKeyed(t *testing.T) {
	key := []byte("key")
	s := HashKeyed(key, "a", "b", "c", "n", "missing")
	clear(key) // it was copied
	assert.Equal(t, []string{"a=" + hmacHex("key", "7"), "b=" + hmacHex("key", "7"), "c=" + hmacHex("key", ""), "n=null", "d=7"},
		onLine(t, "a:7\tb:7\tc:\tn:-\td:7", Int("b"), NullTokens([]string{"-"}), s), "a number is as private as a string")
	assert.Equal(t, []string{"a=" + hmacHex("key", strings.Repeat("x", 65536))}, onLine(t, "a:"+strings.Repeat("x", 65536), s))
	refused(t, HashKeyed(nil, "a"), HashKeyed([]byte{}, "a"), HashKeyed([]byte("k")), HashKeyed([]byte("k"), ""), HashKeyed([]byte("k"), "a", "b", "a"))
}

func TestHashKeyedWorkersAgree(t *testing.T) {
	chain := mustChain(t, HashKeyed([]byte("key"), "a"))
	for range 2 {
		rec, err := chain.NewWorker(LTSV{}).Process([]byte("a:7"))
		require.NoError(t, err)
		assert.Equal(t, []string{"a=" + hmacHex("key", "7")}, dump(rec))
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	type nested struct{ hidden any }
	s := HashKeyed([]byte("SECRET"), "uid")
	chain := mustChain(t, s)
	assert.Equal(t, "HashKeyed(key, \"uid\")\n", chain.String())
	_, refusal := NewChain(HashKeyed([]byte("SECRET")))
	w := chain.NewWorker(LTSV{})
	for _, v := range []any{s, &s, nested{s}, chain, chain.String(), refusal, OnError(OnErrorNull, s), If(Exists("a"), s), w.Stats(), w.funcs} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%U", "%b"} {
			text := fmt.Sprintf(verb, v)
			require.NotContains(t, text, "SECRET")
			require.NotContains(t, strings.ToLower(text), "534543524554")
			require.NotContains(t, text, "83 69 67")
			require.NotContains(t, text, "123 105 103")
		}
		text, _ := json.Marshal(v)
		require.NotContains(t, string(text), "SECRET")
		require.NotContains(t, string(text), "U0VDUkVU")
	}
}

func FuzzHashKeyed(f *testing.F) {
	f.Add("key", "203.0.113.77")
	f.Add("k", "")
	f.Fuzz(func(t *testing.T, key, text string) {
		chain, err := NewChain(HashKeyed([]byte(key), "v"))
		if key == "" {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		w := chain.NewWorker(LTSV{})
		for range 2 { // the second after the first
			w.rec.Reset()
			w.rec.Set("v", str(text))
			require.NoError(t, w.Run())
			require.Equal(t, []string{"v=" + hmacHex(key, text)}, dump(&w.rec))
		}
	})
}

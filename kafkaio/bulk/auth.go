package bulk

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// An Auth is an Authorization header. It prints as its scheme, without the
// secret, whatever the verb.
type Auth struct{ value string }

// Basic is a user and a password.
func Basic(user, password string) Auth {
	return Auth{"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}
}

// APIKey is an API key of Elasticsearch, as encoded when it was made: the
// base64 of its id, a colon, and the key.
func APIKey(encoded string) Auth { return Auth{"ApiKey " + encoded} }

// Bearer is a token. One that expires is better added by a Transport of
// Target.Client, which can renew it.
func Bearer(token string) Auth { return Auth{"Bearer " + token} }

// String returns the scheme.
func (a Auth) String() string {
	scheme, _, _ := strings.Cut(a.value, " ")
	if scheme == "" {
		return "none"
	}
	return scheme + " ***"
}

// Format prints String, for every verb.
func (a Auth) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(a.String())) }

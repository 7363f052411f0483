package cookie

// deny lists what the names of session and credential cookies contain, in
// lower case. Too much is left out rather than too little: a cookie that is
// meant is named in Extract.Fields.
var deny = []string{
	"session", "sessid", "sid", "auth", "token", "jwt", "csrf", "xsrf", "remember",
	"__host-", "__secure-", "awsalb", "oidc", "nonce", "mfa",
}

// DefaultDeny returns the texts that the built-in deny list looks for inside a
// name, in lower case: PHPSESSID, connect.sid and __Host-id are all held back.
func DefaultDeny() []string { return append([]string(nil), deny...) }

// Denied reports whether the built-in deny list holds a cookie of this name
// back, in any case.
func Denied(name []byte) bool { return containsAny(name, deny) }

// containsAny reports whether one of the texts, which are in lower case, stands
// in name, in any case.
func containsAny(name []byte, texts []string) bool {
	for _, text := range texts {
		for i := 0; i+len(text) <= len(name); i++ {
			if startsFold(name[i:], text) {
				return true
			}
		}
	}
	return false
}

func startsFold(b []byte, text string) bool {
	for i := range len(text) {
		if lower(b[i]) != text[i] {
			return false
		}
	}
	return true
}

package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"
)

// What an [Error] wraps.
var (
	ErrNotFound     = errors.New("not found")                          // 404: the id, the subject, the version, or the schema in its subject
	ErrUnauthorized = errors.New("not authorized")                     // 401, 403, 407
	ErrIncompatible = errors.New("incompatible with what came before") // 409; an IncompatibleError wraps it too
	ErrRefused      = errors.New("refused")                            // another 4xx: a schema it does not take, a subject that is read-only
	ErrUnavailable  = errors.New("unavailable")                        // no answer, 408, 429 or 5xx: later it may do
	ErrResponse     = errors.New("not the answer of a schema registry")
	ErrSchema       = errors.New("not an Avro schema of use here") // another format, or what avroschema.Parse refuses
	ErrReferences   = errors.New("references in a circle")
	ErrLimit        = errors.New("over a limit") // MaxAnswerBytes and so on
)

// An Error says what was asked of the registry and why there is no result. It names
// subjects and ids and has the registry's words, but no secret that the [sr.Client] was
// given: nothing of URLs, headers and bodies.
type Error struct {
	Op      string // what was to be done, such as "register"
	Subject string // empty if asked by id
	Version int    // 0 if none was named
	ID      uint32 // 0 if none was named
	Status  int    // of HTTP; 0 if there was no answer, or a good one
	Code    int    // the registry's error code, such as 40401; 0 if it gave none
	Message string // the registry's words, at most 200 bytes; may be empty
	Err     error  // wraps ErrNotFound, ErrUnauthorized, …, and the cause if there is one; or it is the context's error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("registry: " + e.Op)
	if e.Subject != "" {
		fmt.Fprintf(&b, " %q", e.Subject)
	}
	if e.Version > 0 {
		fmt.Fprintf(&b, " version %d", e.Version)
	}
	if e.ID != 0 {
		fmt.Fprintf(&b, " id %d", e.ID)
	}
	b.WriteString(": " + e.Err.Error())
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d, code %d)", e.Status, e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %q", e.Message)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// maxMessage is how much of the registry's words an error keeps.
const maxMessage = 200

// failed completes e with what became of a request. Of err only the innermost cause is
// kept: the texts around it quote URLs, whose user part may be a password, and bodies.
func (c *Client) failed(ctx context.Context, e Error, err error) error {
	answer, answered := errors.AsType[*sr.ResponseError](err)
	switch {
	case answered:
		e.Status, e.Code = answer.StatusCode, answer.ErrorCode
		if e.Code != 0 { // else it is no registry that speaks
			message := c.secrets.Replace(answer.Message)
			e.Message = strings.ToValidUTF8(message[:min(len(message), maxMessage)], "")
		}
		e.Err = kindOf(e.Status)
	case ctx.Err() != nil:
		e.Err = ctx.Err()
	case errors.Is(err, errTooLong):
		e.Err = fmt.Errorf("%w: an answer of more than %d bytes", ErrLimit, MaxAnswerBytes)
	default:
		e.Err = ErrUnavailable
		if inner := cause(err); inner != nil {
			e.Err = fmt.Errorf("%w: %w", ErrUnavailable, inner)
		}
	}
	return &e
}

// kindOf returns what an HTTP status means. Registries choose it by the rules of
// Confluent's API, where the first digits of an error code are it.
func kindOf(status int) error {
	switch {
	case status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return ErrUnauthorized
	case status == http.StatusConflict:
		return ErrIncompatible
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		return ErrUnavailable
	case status >= 400:
		return ErrRefused
	}
	return ErrResponse
}

// cause returns why there was no answer: from under net/http's error, which quotes the
// URL, or from under that of the sr.Client.
func cause(err error) error {
	if sent, ok := errors.AsType[*url.Error](err); ok {
		return sent.Err
	}
	return errors.Unwrap(err)
}

// secretsOf replaces what the client was given to be let in with.
func secretsOf(cl *sr.Client) *strings.Replacer {
	var secrets []string
	hide := func(secret string) {
		if secret != "" {
			secrets = append(secrets, secret, "***")
		}
	}
	if auth := cl.OptValues("BasicAuth"); len(auth) == 2 {
		user, password := auth[0].(string), auth[1].(string)
		hide(basic(user, password))
		hide(password)
	}
	if token, ok := cl.OptValue("BearerToken").(string); ok {
		hide(token)
	}
	for _, text := range cl.OptValue("URLs").([]string) {
		if u, err := url.Parse(text); err == nil && u.User != nil {
			password, _ := u.User.Password()
			hide(basic(u.User.Username(), password))
			hide(password)
		}
	}
	return strings.NewReplacer(secrets...)
}

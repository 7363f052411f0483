package bulk

import (
	"errors"
	"fmt"
	"net/http"
)

// Why a record cannot be a document.
var (
	ErrNotObject = errors.New("bulk: value is not one JSON object")
	ErrLineEnd   = errors.New("bulk: value has a line end inside, which would break the request")
	ErrTooLarge  = errors.New("bulk: document is too large")                        // for Limits.Bytes, or alone for the server (413)
	ErrNoTime    = errors.New("bulk: no time to name the index by")                 // ByTimestamp, ByKafkaTime
	ErrIndexName = errors.New("bulk: index name is empty or longer than 255 bytes") // from Indexer.Index
)

// Why documents or requests are refused, of an *ItemError or a *RequestError.
var (
	ErrForbidden    = errors.New("bulk: not authorized")     // 401, 403
	ErrIndexMissing = errors.New("bulk: index not found")    // 404
	ErrBadAnswer    = errors.New("bulk: not a bulk answer")  // 200, and the body is broken, cut short, or of another request
	ErrGaveUp       = errors.New("bulk: gave up for a time") // Retry.GiveUp
)

// An ItemError is a document that the server refused. errors.Is finds
// ErrForbidden, ErrIndexMissing and ErrTooLarge, by Status.
type ItemError struct {
	Status int    // of HTTP
	Type   string // of the reason, such as mapper_parsing_exception; empty if unknown
}

func (e *ItemError) Error() string {
	return "bulk: document refused: " + statusText(e.Status, e.Type)
}

// Is finds the sentinels of the status.
func (e *ItemError) Is(target error) bool { return means(e.Status, target) }

// A RequestError is a request that failed as a whole, or of which documents
// failed that are sent again. errors.Is finds ErrForbidden and ErrIndexMissing,
// by Status.
type RequestError struct {
	Node   string // its URL
	Status int    // of HTTP; 0 if there was no answer
	Type   string // of the reason; empty if unknown
	Items  int    // documents that were not landed by it; 0 for a template
	Err    error  // of the connection, ErrBadAnswer, an *ItemError of the first document; or nil
	GaveUp bool   // after Retry.GiveUp: errors.Is finds ErrGaveUp
}

func (e *RequestError) Error() string {
	s := "bulk: request to " + e.Node
	if e.Items > 0 {
		s = fmt.Sprintf("bulk: request of %d documents to %s", e.Items, e.Node)
	}
	if e.Status != 0 {
		s += ": " + statusText(e.Status, e.Type)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.GaveUp {
		s += ": gave up"
	}
	return s
}

func (e *RequestError) Unwrap() error { return e.Err }

// Is finds the sentinels of the status, and ErrGaveUp.
func (e *RequestError) Is(target error) bool {
	return target == ErrGaveUp && e.GaveUp || means(e.Status, target)
}

func means(status int, target error) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == ErrForbidden
	case http.StatusNotFound:
		return target == ErrIndexMissing
	case http.StatusRequestEntityTooLarge:
		return target == ErrTooLarge
	}
	return false
}

func statusText(status int, kind string) string {
	if kind == "" {
		return fmt.Sprintf("status %d", status)
	}
	return fmt.Sprintf("status %d, %s", status, kind)
}

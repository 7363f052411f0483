// Package jobs holds the work that the examples do on records, as values that
// they share.
package jobs

import (
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// Raw returns a chain that leaves records as they were sent: the server's escaping
// is undone and, if missing is set, what the server writes for "no value" is null.
func Raw(e ltsv.Escaping, missing bool) (*transform.Chain, error) {
	var stages []transform.Stage
	if missing {
		stages = append(stages, transform.Missing(e))
	}
	if e != ltsv.EscapeNone {
		stages = append(stages, transform.Unescape(e))
	}
	return transform.NewChain(stages...)
}

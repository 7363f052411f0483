package jsonrec

import "github.com/ltsvpipe/ltsvpipe/transform"

// Marshal returns rec as one JSON object, as the zero [Encoder] writes it. It
// serves logs and tests; programs that encode many records keep an Encoder.
func Marshal(rec *transform.Record) ([]byte, error) { return new(Encoder).Append(nil, rec) }

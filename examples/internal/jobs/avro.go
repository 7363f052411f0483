package jobs

import (
	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// Avro returns job 2: what of job 1's records analysis needs. The chain takes records
// that a jsonrec.Decoder made of job 1's JSON, and skips those of bots; they are encoded
// by [AccessLog], which has no other fields. A record without a time, a method, a path or
// a status is rejected then; what else does not convert is null.
func Avro() (*transform.Chain, error) { return transform.NewChain(avroStages()...) }

// JSONAvro returns both jobs in one pass, from LTSV to records for [AccessLog]. The
// parameters are those of [JSON].
func JSONAvro(e ltsv.Escaping, cookieKey []byte) (*transform.Chain, error) {
	return transform.NewChain(append(jsonStages(e, cookieKey), avroStages()...)...)
}

func avroStages() []transform.Stage {
	return []transform.Stage{transform.Filter(transform.Not(transform.Equal("bot", "true")))}
}

// AccessLog returns the schema of job 2.
func AccessLog() (*avroschema.Schema, error) {
	s := avroschema.Spec{
		Name: "AccessLog", Namespace: "ltsvpipe.accesslog",
		Doc: "A request that a web server answered, but for those of bots.",
		Fields: []avroschema.Field{
			{Label: "@timestamp", Name: "timestamp", Type: avroschema.TypeTimestampMillis, Required: true},
			{Label: "method", Required: true},
			{Label: "path", Required: true},
			{Label: "status", Type: avroschema.TypeInt, Required: true},
			{Label: "size", Type: avroschema.TypeLong},
			{Label: "reqtime", Type: avroschema.TypeDouble},
			{Label: "apptime", Type: avroschema.TypeDouble},
			{Label: "bot", Type: avroschema.TypeBool, Required: true},
			{Label: "server"},
			{Label: "vhost"},
			{Label: "client"},
			{Label: "referer_host"},
			{Label: "cookie.uid", Name: "uid", Type: avroschema.TypeLong},
			{Label: "cookie.own.seg", Name: "segment"},
			{Label: "cookie.own.rank", Name: "rank", Type: avroschema.TypeInt},
			{Label: "cookie.own.src", Name: "source"},
			{Label: "cookie.sess.lang", Name: "lang"},
		},
	}
	return s.Schema()
}

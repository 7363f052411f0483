package bulk

// AccessLog returns the fields of an access log in JSON as examples/accesslog
// writes it, with their names in the Elastic Common Schema where that has one,
// and below accesslog where it has none. To give records those names, put stages
// in front:
//
//	for _, f := range bulk.AccessLog() {
//		if f.ECS != "" {
//			stages = append(stages, transform.Rename(f.Name, f.ECS))
//		}
//	}
//
// Values stay what they are: http.version says HTTP/1.1 where the schema says
// 1.1. What cookies hold is the browser's to choose: its members are keywords
// where any text or number may stand.
func AccessLog() []Field {
	return []Field{
		{Name: "@timestamp", Type: "date"},
		{Name: "host", ECS: "source.ip", Type: "ip"},
		{Name: "client", ECS: "client.ip", Type: "ip"},
		{Name: "method", ECS: "http.request.method", Type: "keyword"},
		{Name: "path", ECS: "url.path", Type: "keyword"},
		{Name: "query", ECS: "url.query", Type: "keyword"},
		{Name: "protocol", ECS: "http.version", Type: "keyword"},
		{Name: "status", ECS: "http.response.status_code", Type: "long"},
		{Name: "size", ECS: "http.response.body.bytes", Type: "long"},
		{Name: "reqsize", ECS: "http.request.bytes", Type: "long"},
		{Name: "reqtime", ECS: "accesslog.reqtime", Type: "double"},
		{Name: "runtime", ECS: "accesslog.runtime", Type: "double"},
		{Name: "apptime", ECS: "accesslog.apptime", Type: "double"},
		{Name: "taken", ECS: "accesslog.taken", Type: "long"},
		{Name: "ua", ECS: "user_agent.original", Type: "keyword"},
		{Name: "referer", ECS: "http.request.referrer", Type: "keyword"},
		{Name: "referer_host", ECS: "accesslog.referer_host", Type: "keyword"},
		{Name: "vhost", ECS: "url.domain", Type: "keyword"},
		{Name: "server", ECS: "server.address", Type: "keyword"},
		{Name: "scheme", ECS: "url.scheme", Type: "keyword"},
		{Name: "cache", ECS: "accesslog.cache", Type: "keyword"},
		{Name: "reqid", ECS: "http.request.id", Type: "keyword"},
		{Name: "bot", ECS: "accesslog.bot", Type: "boolean"},
		{Name: "cookie.uid", ECS: "accesslog.cookie.uid", Type: "long"},
		{Name: "cookie.own.seg", ECS: "accesslog.cookie.own.seg", Type: "keyword"},
		{Name: "cookie.own.rank", ECS: "accesslog.cookie.own.rank", Type: "keyword"},
		{Name: "cookie.own.src", ECS: "accesslog.cookie.own.src", Type: "keyword"},
		{Name: "cookie.sess.uid", ECS: "accesslog.cookie.sess.uid", Type: "keyword"},
		{Name: "cookie.sess.lang", ECS: "accesslog.cookie.sess.lang", Type: "keyword"},
		{Name: "cookie.sess.t", ECS: "accesslog.cookie.sess.t", Type: "keyword"},
		{Name: "cookie.sid", ECS: "accesslog.cookie.sid", Type: "keyword"},
		{Name: "cookie.theme", ECS: "accesslog.cookie.theme", Type: "keyword"},
	}
}

package ltsv

// The labels that ltsv.org recommends for access logs.
const (
	LabelTime            = "time"             // time the request was received
	LabelHost            = "host"             // remote host
	LabelForwardedFor    = "forwardedfor"     // X-Forwarded-For header
	LabelIdent           = "ident"            // remote logname
	LabelUser            = "user"             // remote user
	LabelReq             = "req"              // first line of the request
	LabelMethod          = "method"           // request method
	LabelURI             = "uri"              // request URI
	LabelProtocol        = "protocol"         // requested protocol
	LabelStatus          = "status"           // status code
	LabelSize            = "size"             // size of the response, without headers, in bytes
	LabelReqSize         = "reqsize"          // size of the request, with headers, in bytes
	LabelReferer         = "referer"          // Referer header
	LabelUA              = "ua"               // User-Agent header
	LabelVHost           = "vhost"            // Host header
	LabelReqTimeMicrosec = "reqtime_microsec" // time taken to serve the request, in microseconds
	LabelReqTime         = "reqtime"          // time taken to serve the request, in seconds
	LabelCache           = "cache"            // X-Cache header of the response
	LabelRuntime         = "runtime"          // execution time of the application, X-Runtime of the response
	LabelAppTime         = "apptime"          // response time of the upstream server
)

// labelByte tells which bytes a label may hold: lbyte = %x30-39 / %x41-5A /
// %x61-7A / "_" / "." / "-" in the grammar of ltsv.org.
var labelByte = func() (t [256]bool) {
	for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-" {
		t[c] = true
	}
	return t
}()

// labelEnd returns the position of the first byte of label that no label may
// hold, or len(label).
func labelEnd[T []byte | string](label T) int {
	for i := range len(label) {
		if !labelByte[label[i]] {
			return i
		}
	}
	return len(label)
}

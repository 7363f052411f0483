// Package live shows on a web page what an access log says just now.
//
// A [Window] counts the records of job 1, JSON objects, over the last minute: by
// server, by vhost and together. A [Handler] serves them as one page without outside
// files, which server-sent events keep up to date, and as JSON:
//
//	w := live.NewWindow(live.WindowOptions{Parts: parts})
//	h := live.NewHandler(w, live.HandlerOptions{})
//	srv := &http.Server{Addr: "127.0.0.1:8080", Handler: h}
//	srv.RegisterOnShutdown(h.Close)
//
// and w.Add(record.Value) for each record. Time is that of arrival: a log that is
// behind, or has a wrong clock, is shown when it comes.
//
// The page shows paths and hosts of the log, which may be personal data, to whoever
// can reach it. Let it listen on a loopback address, or behind something that asks
// who is there.
package live

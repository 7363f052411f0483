package live_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
)

func ExampleWindow() {
	now := time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)
	w := live.NewWindow(live.WindowOptions{Now: func() time.Time { return now }})
	w.Add([]byte(`{"server":"web01","status":200,"reqtime":0.012,"path":"/users/25527/orders","bot":false}`))
	w.Add([]byte(`{"server":"web01","status":404,"reqtime":0.250,"path":"/users/7/orders","bot":true}`))
	w.Add([]byte(`{"server":"web02","status":200,"reqtime":0.010,"path":"/","bot":false}`))
	now = now.Add(time.Second)
	s := w.Snapshot()
	for _, g := range s.Servers {
		fmt.Printf("%s: %d requests, %d of them 4xx, half within %.3f s\n", g.Name, g.Requests, g.Status[4], g.Times.P50)
	}
	fmt.Println(s.All.Paths[0].Path, s.All.Paths[0].Requests)
	// Output:
	// web01: 2 requests, 1 of them 4xx, half within 0.012 s
	// web02: 1 requests, 0 of them 4xx, half within 0.010 s
	// /users/:id/orders 2
}

// A server that ends in order: Shutdown has the handler close its streams, which would
// never end by themselves.
func ExampleHandler() {
	w := live.NewWindow(live.WindowOptions{Parts: func() []live.Part {
		return []live.Part{{Name: "job 1", Read: 3, Written: 2, Rejected: 1, Lag: -1}}
	}})
	h := live.NewHandler(w, live.HandlerOptions{})
	srv := httptest.NewUnstartedServer(h) // or &http.Server{Addr: "127.0.0.1:8080", Handler: h}
	srv.Config.RegisterOnShutdown(h.Close)
	srv.Start()
	w.Add([]byte(`{"server":"web01","status":200}`))

	resp, err := http.Get(srv.URL + "/events")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		event, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue // a comment, or the end of an event
		}
		var s live.Snapshot
		if err := json.Unmarshal([]byte(event), &s); err != nil {
			log.Fatal(err)
		}
		fmt.Println(s.Records, s.Parts[0].Name, s.Parts[0].Rejected)
		break
	}
	fmt.Println(srv.Config.Shutdown(context.Background()))
	// Output:
	// 1 job 1 1
	// <nil>
}

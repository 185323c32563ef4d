package app

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A defect that panics in the bot's endpoint or behind a link is an error in the log, and no answer that looks like one.
func TestPanicsAreSeen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		panics any
		want   string
	}{{"a nil map", "a nil map"}, {http.ErrAbortHandler, ""}} { // the second ends a broken export, which has been written down
		var written bytes.Buffer
		log := slog.New(slog.NewTextHandler(&written, &slog.HandlerOptions{Level: slog.LevelWarn}))
		server := httptest.NewUnstartedServer(surviving(log, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic(c.panics)
		})))
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
		server.Start()
		resp, err := http.Get(server.URL + "/l/token-of-somebody")
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		server.Close()
		if err == nil {
			t.Errorf("%v: half an answer was sent as a whole one", c.panics)
		}
		if got := written.String(); c.want == "" && got != "" || !strings.Contains(got, c.want) || c.want != "" && !strings.Contains(got, "edge_test.go") || strings.Contains(got, "token-of") {
			t.Errorf("%v: the log says %q", c.panics, got)
		}
	}
}

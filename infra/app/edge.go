package app

import (
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"
)

const (
	// maxTarget bounds the address of a request; deep links stay far below.
	maxTarget = 8 << 10
	// writeWait is how long one piece of an answer may take to leave. Answers as a whole may take as long as they need: event
	// streams do for hours.
	writeWait = time.Minute
)

// secured gives every answer the headers that a browser should see. What a part of Herald sets itself stands above: the tab, which Teams
// frames, and the pages with a style of their own.
func secured(https bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		if https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if len(r.RequestURI) > maxTarget {
			http.Error(w, "The address of this request is too long.", http.StatusRequestURITooLong)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// patient ends answers whose reader does not read.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&paced{w, http.NewResponseController(w)}, r)
	})
}

type paced struct {
	http.ResponseWriter
	rc *http.ResponseController
}

func (p *paced) Write(b []byte) (int, error) {
	_ = p.rc.SetWriteDeadline(time.Now().Add(writeWait)) // a writer without deadlines is a test's
	return p.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (p *paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }

// surviving writes a panic down where an operator sees it, and closes the connection: half an answer must not pass for a whole one. net/http
// would write it among what clients do wrong, which nobody reads.
func surviving(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p != http.ErrAbortHandler {
				part, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/") // the rest may be a link's token
				log.ErrorContext(r.Context(), "panic", "method", r.Method, "path", "/"+part, "panic", p, "stack", string(debug.Stack()))
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}

// local lets only this machine in, and not what a proxy on this machine passes on: the metrics tell how many people a tenant writes to.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(host)
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via"} {
			if r.Header.Get(name) != "" {
				ip = nil
			}
		}
		if ip == nil || !ip.IsLoopback() {
			http.Error(w, "The metrics are for this machine only. Set HERALD_METRICS_ADDR to give them a listener of their own.", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isHTTPS(address string) bool { return strings.HasPrefix(address, "https://") }

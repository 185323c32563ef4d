package sandbox

import (
	"io/fs"
	"net/http"
	"strings"
)

// handler routes by the first segment of the path. What holds tokens speaks TLS only, as the real cloud does; the page and
// the control API speak both.
func (c *Cloud) handler() http.Handler {
	entra, connector, graph, control, page := c.entraRoutes(), c.connectorRoutes(), c.graphRoutes(), c.controlRoutes(), c.pageRoutes()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		var h http.Handler
		switch {
		case first == "api":
			control.ServeHTTP(w, r)
			return
		case first == "teams":
			h = connector
		case first == "graph":
			h = graph
		case first == "sts": // the v1 issuer's own path, so that a verifier may start from the issuer of a token
			h = http.StripPrefix("/sts", entra)
		case first == "botframework", first == "common", first == "organizations", isEntraPath(r.URL.Path):
			h = entra
		default:
			page.ServeHTTP(w, r)
			return
		}
		if r.TLS == nil {
			writeError(w, &apiError{status: http.StatusForbidden, code: "https_required", message: "this part of the cloud answers over https only: " + c.TLSURL()})
			return
		}
		h.ServeHTTP(w, r)
	})
}

func isEntraPath(path string) bool {
	return strings.Contains(path, "/oauth2/") || strings.Contains(path, "/discovery/") || strings.Contains(path, "/.well-known/")
}

// pageRoutes serves the page. Assets carry a hash in their name and may be kept; the page itself may not.
func (c *Cloud) pageRoutes() http.Handler {
	files := http.FileServerFS(c.options.Page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if name == "" || name == "index.html" {
			w.Header().Set("Cache-Control", "no-store")
			http.ServeFileFS(w, r, c.options.Page, "index.html")
			return
		}
		if info, err := fs.Stat(c.options.Page, name); err != nil || info.IsDir() {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(name, "assets/") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		files.ServeHTTP(w, r)
	})
}

package tab

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/gorilla/mux"

	"herald/campaigns/message/icons"
)

// teamsFrames are the hosts that may frame the tab
// (msteams-docs, tabs/how-to/tab-requirements; validDomains.json of TeamsJS for the government clouds).
var teamsFrames = []string{
	"https://*.cloud.microsoft", "https://teams.microsoft.com", "https://*.teams.microsoft.com", "https://*.microsoft365.com",
	"https://*.office.com", "https://outlook.office.com", "https://outlook.office365.com", "https://outlook-sdf.office.com",
	"https://outlook-sdf.office365.com", "https://teams.microsoft.us", "https://gov.teams.microsoft.us", "https://dod.teams.microsoft.us",
}

func (s *Server) pageRoutes(root *mux.Router) {
	root.Path("/").Methods("GET", "HEAD").Handler(http.RedirectHandler("/tab/", http.StatusFound))
	root.Path("/tab").Methods("GET", "HEAD").Handler(http.RedirectHandler("/tab/", http.StatusMovedPermanently))
	root.Path("/tab/config.json").Methods("GET").Handler(s.outer(func(w http.ResponseWriter, r *http.Request) error {
		s.json(w, r, http.StatusOK, s.Config)
		return nil
	}))
	root.PathPrefix("/tab/").Methods("GET", "HEAD").Handler(s.outer(s.servePage))
	root.Path("/i/{file:[a-z0-9]+\\.(?:png|jpg)}").Methods("GET", "HEAD").Handler(s.outer(s.serveImage))
	root.PathPrefix("/i/").Methods("GET", "HEAD").Handler(s.outer(func(w http.ResponseWriter, _ *http.Request) error {
		http.Error(w, "There is no such image.", http.StatusNotFound)
		return nil
	}))
	formats := http.FileServerFS(icons.FS)
	root.Path("/assets/formats/{name:[a-z]+\\.png}").Methods("GET", "HEAD").Handler(s.outer(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "public, max-age=86400")
		http.StripPrefix("/assets/formats/", formats).ServeHTTP(w, r)
		return nil
	}))
}

// servePage serves the built page. Every path that is no file is a place inside the
// page, which reads it from the address.
func (s *Server) servePage(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/tab")
	name = strings.TrimPrefix(name, "/")
	h := w.Header()
	h.Set("Content-Security-Policy", s.policy())
	h.Set("Referrer-Policy", "no-referrer")
	asset := strings.HasPrefix(name, "assets/")
	if name != "" {
		if st, err := fs.Stat(s.Page, name); err == nil && !st.IsDir() {
			if asset { // the build names these by their content
				h.Set("Cache-Control", "public, max-age=31536000, immutable")
			}
			http.ServeFileFS(w, r, s.Page, name)
			return nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrInvalid) {
			return err
		}
		if asset {
			return &httpError{http.StatusNotFound, "no_such_file", "There is no such file. Reload the page: it may have been updated."}
		}
	}
	h.Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, s.Page, "index.html")
	return nil
}

// policy allows what the page needs and nothing else. Fluent UI and Adaptive Cards write
// styles at run time; card images may come from any https host, Herald's own from itself.
func (s *Server) policy() string {
	frames := append(append([]string{}, teamsFrames...), s.Config.HostOrigins...)
	return "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; font-src 'self' data:; " +
		"connect-src 'self' https://res.cdn.office.net; base-uri 'none'; form-action 'none'; frame-ancestors " + strings.Join(frames, " ")
}

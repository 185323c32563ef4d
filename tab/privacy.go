package tab

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
)

type privacyJSON struct {
	RetentionDays int `json:"retentionDays"`
	Forgotten     int `json:"forgotten"`
}

type knownJSON struct {
	ID          string                  `json:"id"`
	DisplayName string                  `json:"displayName"`
	Email       string                  `json:"email"`
	State       *campaigns.InstallState `json:"state"`
	OptedOut    bool                    `json:"optedOut"`
	Left        bool                    `json:"left"`
	Known       *tracesJSON             `json:"known,omitempty"`
}

type tracesJSON struct {
	Deliveries int `json:"deliveries"`
	Lists      int `json:"lists"`
	Authored   int `json:"authored"`
	Typed      int `json:"typed"`
	Installs   int `json:"installs"`
	Noted      int `json:"noted"`
}

// restoredJSON says when the database came out of a backup.
type restoredJSON struct {
	At      time.Time `json:"at"`
	Stopped int       `json:"stopped"`
}

func known(t campaigns.Trace) knownJSON {
	out := knownJSON{ID: t.Person.ID, DisplayName: t.Person.DisplayName, Email: t.Person.Address(), OptedOut: t.OptedOut, Left: t.Gone}
	if t.State != "" {
		out.State = &t.State
	}
	return out
}

func (s *Server) restored(ctx context.Context, a campaigns.Actor) (*restoredJSON, error) {
	r, err := s.Service.Restored(ctx, a)
	if err != nil || r == nil {
		return nil, err
	}
	return &restoredJSON{r.At, r.Stopped}, nil
}

func (s *Server) getPrivacy(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	p, err := s.Service.Privacy(r.Context(), a)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, privacyJSON(p))
	return nil
}

func (s *Server) knownPeople(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	found, err := s.Service.KnownPeople(r.Context(), a, r.URL.Query().Get("q"))
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, itemsJSON[knownJSON]{each(found, known)})
	return nil
}

// personID is written in lower case everywhere.
func personID(r *http.Request) string { return strings.ToLower(mux.Vars(r)["personId"]) }

func (s *Server) knownPerson(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	t, err := s.Service.KnownPerson(r.Context(), a, personID(r))
	if err != nil {
		return err
	}
	out := known(t)
	out.Known = &tracesJSON{t.Deliveries, t.Lists, t.Authored, t.Typed, t.Installs, t.Noted}
	s.json(w, r, http.StatusOK, out)
	return nil
}

func (s *Server) exportPerson(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	data, err := s.Service.ExportPerson(r.Context(), a, personID(r))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="person.json"`)
	s.json(w, r, http.StatusOK, data)
	return nil
}

func (s *Server) forgetPerson(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f, err := s.Service.ForgetPerson(r.Context(), a, personID(r))
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, f)
	return nil
}

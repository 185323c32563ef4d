package tab

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"herald/campaigns"
)

// Administration is what the pages for Admins look at: the program itself, not its campaigns.
type Administration interface {
	// Health looks at everything that Herald stands on, as far as it concerns the tenant. It may take some seconds.
	Health(ctx context.Context, tenant string) HealthReport
	// Package writes the Teams app package. A wrong option is a *campaigns.Error that names the field.
	Package(w io.Writer, o PackageOptions) error
}

// HealthReport is how Herald is.
type HealthReport struct {
	State    string          `json:"state"` // of the worst finding: ok, warning, problem
	At       time.Time       `json:"at"`
	Findings []HealthFinding `json:"findings"`
}

// HealthFinding is one thing that was looked at. Check and Code are stable; the texts are English, for readers without words of
// their own for them.
type HealthFinding struct {
	Check  string            `json:"check"`
	Code   string            `json:"code"`
	State  string            `json:"state"`
	Params map[string]string `json:"params"`
	What   string            `json:"what"`
	Cause  string            `json:"cause"`
	Remedy string            `json:"remedy"`
}

// PackageOptions is what an app package may say otherwise than usual; empty: as usual.
type PackageOptions struct{ Version, Name, Accent, Environment string }

func (s *Server) getHealth(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	if err := a.Require(campaigns.Administer); err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, s.Admin.Health(r.Context(), a.TenantID))
	return nil
}

func (s *Server) getPackage(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	if err := a.Require(campaigns.Administer); err != nil {
		return err
	}
	q := r.URL.Query()
	var body bytes.Buffer
	if err := s.Admin.Package(&body, PackageOptions{Version: q.Get("version"), Name: q.Get("name"), Accent: q.Get("accent"), Environment: q.Get("env")}); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="herald.zip"`)
	h.Set("Cache-Control", "no-store")
	_, _ = body.WriteTo(w) // a client that has gone needs no answer
	return nil
}

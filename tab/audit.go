package tab

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
)

type auditJSON struct {
	ID     string           `json:"id"`
	At     time.Time        `json:"at"`
	Actor  authorJSON       `json:"actor"`
	Action campaigns.Action `json:"action"`
	Target targetJSON       `json:"target"`
	Detail json.RawMessage  `json:"detail"`
}

type targetJSON struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

func auditFilter(r *http.Request) (f campaigns.AuditFilter, err error) {
	q := r.URL.Query()
	f = campaigns.AuditFilter{Query: strings.TrimSpace(q.Get("q")), Actor: strings.TrimSpace(q.Get("actor")), Actions: split[campaigns.Action](q.Get("action")), Cursor: q.Get("cursor")}
	for name, to := range map[string]**time.Time{"from": &f.From, "to": &f.To} {
		if text := q.Get(name); text != "" {
			if *to, err = momentOf(&text, "/"+name); err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

func (s *Server) listAudit(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f, err := auditFilter(r)
	if err != nil {
		return err
	}
	if f.Limit, err = limitOf(r.URL.Query().Get("limit"), 50, 200); err != nil {
		return err
	}
	items, next, err := s.Service.AuditLog(r.Context(), a, f)
	if err != nil {
		return err
	}
	out := make([]auditJSON, len(items))
	for i, e := range items {
		if e.Actor.ID == "" { // Herald itself writes no lines
			e.Actor.ID = campaigns.Former
		}
		out[i] = auditJSON{e.ID, e.At, authorJSON(e.Actor), e.Action, targetJSON(e.Target), e.Detail}
	}
	s.json(w, r, http.StatusOK, newPage(out, next))
	return nil
}

// exportAudit streams the log: every line, or those that the filter lets through.
func (s *Server) exportAudit(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f, err := auditFilter(r)
	if err != nil {
		return err
	}
	f.Limit = 1000
	items, next, err := s.Service.AuditLog(r.Context(), a, f)
	if err != nil {
		return err
	}
	if err := s.Service.AuditExport(r.Context(), a); err != nil {
		return err
	}
	return s.stream(w, r, func(out rows) error {
		header := []string{"at", "actor", "actor_id", "action", "target_kind", "target", "target_id", "detail"}
		return pages(out, header, items, next, func(e campaigns.Entry) []string {
			return []string{stamp(&e.At), e.Actor.DisplayName, e.Actor.ID, string(e.Action), e.Target.Kind, e.Target.Name, e.Target.ID, string(e.Detail)}
		}, func(cursor string) ([]campaigns.Entry, string, error) {
			f.Cursor = cursor
			return s.Service.AuditLog(r.Context(), a, f)
		})
	})
}

type approvalJSON struct {
	State       campaigns.ApprovalState `json:"state"`
	RequestedBy authorJSON              `json:"requestedBy"`
	RequestedAt time.Time               `json:"requestedAt"`
	SendAt      *time.Time              `json:"sendAt"`
	Window      *windowJSON             `json:"window"`
	Recipients  int                     `json:"recipients"`
	By          *authorJSON             `json:"by"`
	DecidedAt   *time.Time              `json:"decidedAt"`
	Comment     string                  `json:"comment"`
	Grown       bool                    `json:"grown"`
	Before      int                     `json:"before"`
}

func approval(ap *campaigns.Approval) *approvalJSON {
	if ap == nil || ap.State == campaigns.Alone { // nobody was asked
		return nil
	}
	return &approvalJSON{ap.State, authorJSON(ap.RequestedBy), ap.RequestedAt, ap.SendAt, window(ap.Window), ap.Recipients, (*authorJSON)(ap.By), ap.DecidedAt, ap.Comment, ap.Grown, ap.Before}
}

// decide handles the two answers to a campaign that waits for approval.
func (s *Server) decide(use func(ctx context.Context, a campaigns.Actor, id string, version int, comment string) (*campaigns.Campaign, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
		version, err := requiredVersion(r)
		if err != nil {
			return err
		}
		var in struct {
			Comment string `json:"comment"`
		}
		if err := decodeStrict(w, r, &in); err != nil {
			return err
		}
		c, err := use(r.Context(), a, mux.Vars(r)["id"], version, in.Comment)
		if err != nil {
			return err
		}
		return s.answer(w, r, http.StatusAccepted, c)
	}
}

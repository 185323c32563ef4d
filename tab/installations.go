package tab

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
)

type installationJSON struct {
	ID         string                      `json:"id"`
	Audience   installedAudienceJSON       `json:"audience"`
	RemovedToo bool                        `json:"removedToo"`
	State      campaigns.InstallationState `json:"state"`
	Reason     *campaigns.Reason           `json:"reason"`
	Total      int                         `json:"total"`
	Pending    int                         `json:"pending"`
	Installed  int                         `json:"installed"`
	Already    int                         `json:"already"`
	Failed     int                         `json:"failed"`
	Waiting    *int                        `json:"waiting,omitempty"`
	Unreached  *int                        `json:"unreached,omitempty"`
	Named      bool                        `json:"named"`
	CreatedBy  authorJSON                  `json:"createdBy"`
	CreatedAt  time.Time                   `json:"createdAt"`
	EndedAt    *time.Time                  `json:"endedAt"`
	ResumeAt   *time.Time                  `json:"resumeAt"`
}

// installedAudienceJSON says for whom, in words. A list that has been deleted has no name.
type installedAudienceJSON struct {
	All      bool     `json:"all"`
	Lists    []string `json:"lists"`
	Excluded []string `json:"excluded"`
	Typed    int      `json:"typed"`
}

type installPreviewJSON struct {
	Total     int `json:"total"`
	Installed int `json:"installed"`
	Blocked   int `json:"blocked"`
	Missing   int `json:"missing"`
	Removed   int `json:"removed"`
	Unknown   int `json:"unknown"`
	Excluded  int `json:"excluded"`
}

type installTargetJSON struct {
	ID          string                       `json:"id"`
	DisplayName string                       `json:"displayName"`
	Email       string                       `json:"email"`
	State       campaigns.InstallTargetState `json:"state"`
	Reason      *campaigns.Reason            `json:"reason"`
	Reachable   bool                         `json:"reachable"`
}

type installInput struct {
	Audience   campaigns.Audience `json:"audience"`
	RemovedToo bool               `json:"removedToo"`
}

func optional(r campaigns.Reason) *campaigns.Reason {
	if r == "" {
		return nil
	}
	return &r
}

// installations makes them JSON; counted: how many wait, or do not any more, is known.
func (s *Server) installations(ctx context.Context, tenantID string, counted bool, items ...*campaigns.Installation) ([]installationJSON, error) {
	of := make([]*campaigns.Campaign, len(items))
	for i, item := range items {
		of[i] = &campaigns.Campaign{Audience: item.Audience}
	}
	names, err := s.Service.ListNames(ctx, tenantID, of...)
	if err != nil {
		return nil, err
	}
	named := func(ids []string) []string {
		return each(ids, func(id string) string { return names[id] })
	}
	out := make([]installationJSON, len(items))
	for i, item := range items {
		out[i] = installationJSON{
			ID: item.ID, Audience: installedAudienceJSON{item.Audience.All, named(item.Audience.ListIDs), named(item.Audience.ExcludeListIDs), item.Typed}, RemovedToo: item.RemovedToo,
			State: item.State, Reason: optional(item.Reason), Total: item.Total, Pending: item.Pending, Installed: item.Installed, Already: item.Already, Failed: item.Failed,
			Named: item.Waiting >= 0, CreatedBy: authorJSON(item.CreatedBy), CreatedAt: item.CreatedAt, EndedAt: item.EndedAt, ResumeAt: item.ResumeAt,
		}
		if counted && item.Waiting >= 0 {
			out[i].Waiting, out[i].Unreached = &item.Waiting, &item.Unreached
		}
	}
	return out, nil
}

func (s *Server) answerInstallation(w http.ResponseWriter, r *http.Request, status int, i *campaigns.Installation) error {
	out, err := s.installations(r.Context(), i.TenantID, true, i)
	if err == nil {
		s.json(w, r, status, out[0])
	}
	return err
}

func (s *Server) getInstallable(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	obstacles, err := s.Service.InstallObstacles(r.Context(), a)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, struct {
		Obstacles []campaigns.Reason `json:"obstacles"`
	}{list(obstacles)})
	return nil
}

func (s *Server) previewInstallation(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in campaigns.Audience
	if err := decode(w, r, &in); err != nil {
		return err
	}
	p, err := s.Service.PreviewInstallation(r.Context(), a, in)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, installPreviewJSON(p))
	return nil
}

func (s *Server) startInstallation(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in installInput
	if err := decodeStrict(w, r, &in); err != nil {
		return err
	}
	i, err := s.Service.StartInstallation(r.Context(), a, in.Audience, in.RemovedToo)
	if err != nil {
		return err
	}
	return s.answerInstallation(w, r, http.StatusCreated, i)
}

func (s *Server) listInstallations(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 20, 100)
	if err != nil {
		return err
	}
	items, next, err := s.Service.Installations(r.Context(), a, q.Get("cursor"), limit)
	if err != nil {
		return err
	}
	out, err := s.installations(r.Context(), a.TenantID, false, items...)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, newPage(out, next))
	return nil
}

func (s *Server) installationPeople(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 50, 200)
	if err != nil {
		return err
	}
	items, next, err := s.Service.InstallationTargets(r.Context(), a, mux.Vars(r)["id"], campaigns.InstallTargetFilter{Group: campaigns.InstallGroup(q.Get("state")), Cursor: q.Get("cursor"), Limit: limit})
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, newPage(each(items, func(t campaigns.InstallTarget) installTargetJSON {
		return installTargetJSON{t.Person.ID, t.Person.DisplayName, t.Person.Address(), t.State, optional(t.Reason), t.Reachable}
	}), next))
	return nil
}

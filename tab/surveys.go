package tab

import (
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/survey"
)

type surveyJSON struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	survey.Definition
	ClosesAt  *time.Time             `json:"closesAt"`
	ClosedAt  *time.Time             `json:"closedAt"`
	Status    campaigns.SurveyStatus `json:"status"`
	CreatedAt time.Time              `json:"createdAt"`
	UpdatedAt time.Time              `json:"updatedAt"`
	CreatedBy authorJSON             `json:"createdBy"`
	Version   int                    `json:"version"`
	Problems  []message.Problem      `json:"problems"`
	Campaigns int                    `json:"campaigns"`
	Sent      int                    `json:"sent"`
	Answered  int                    `json:"answered"`
}

func newSurvey(v *campaigns.Survey, now time.Time) surveyJSON {
	out := surveyJSON{
		ID: v.ID, Name: v.Name, Definition: v.Definition, ClosesAt: v.ClosesAt, ClosedAt: v.ClosedAt, Status: v.Status(now), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
		CreatedBy: authorJSON(v.CreatedBy), Version: v.Version, Problems: list(v.Lacks()), Campaigns: v.Campaigns, Sent: v.Sent, Answered: v.Answered,
	}
	out.Questions = list(out.Questions)
	return out
}

type surveyInput struct {
	Name string `json:"name"`
	survey.Definition
	ClosesAt *string `json:"closesAt"`
}

func (in surveyInput) input() (campaigns.SurveyInput, error) {
	at, err := momentOf(in.ClosesAt, "/closesAt")
	return campaigns.SurveyInput{Name: in.Name, Definition: in.Definition, ClosesAt: at}, err
}

func (s *Server) listSurveys(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 50, 200)
	if err != nil {
		return err
	}
	f := campaigns.SurveyFilter{Query: strings.TrimSpace(q.Get("q")), Status: campaigns.SurveyStatus(q.Get("status")), Sort: q.Get("sort"), Cursor: q.Get("cursor"), Limit: limit}
	switch q.Get("order") {
	case "":
		f.Desc = f.Sort != "name" // the newest first, names from A to Z
	case "asc":
	case "desc":
		f.Desc = true
	default:
		return campaigns.Errorf(campaigns.CodeInvalid, "unknown_order", "order must be asc or desc.")
	}
	items, next, err := s.Service.Surveys(r.Context(), a, f)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, newPage(each(items, func(v *campaigns.Survey) surveyJSON { return newSurvey(v, s.Service.Now()) }), next))
	return nil
}

func (s *Server) answerSurvey(w http.ResponseWriter, r *http.Request, status int, v *campaigns.Survey) error {
	return s.versioned(w, r, status, "surveys/"+v.ID, v.Version, newSurvey(v, s.Service.Now()))
}

func (s *Server) createSurvey(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	in, err := read(w, r, &surveyInput{})
	if err != nil {
		return err
	}
	v, err := s.Service.CreateSurvey(r.Context(), a, in)
	if err != nil {
		return err
	}
	return s.answerSurvey(w, r, http.StatusCreated, v)
}

func (s *Server) putSurvey(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	version, err := requiredVersion(r)
	if err != nil {
		return err
	}
	in, err := read(w, r, &surveyInput{})
	if err != nil {
		return err
	}
	v, err := s.Service.UpdateSurvey(r.Context(), a, mux.Vars(r)["id"], version, in)
	if err != nil {
		return err
	}
	return s.answerSurvey(w, r, http.StatusOK, v)
}

func (s *Server) deleteSurvey(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	answers := false
	switch r.URL.Query().Get("answers") {
	case "", "keep":
	case "delete":
		answers = true
	default:
		return campaigns.Errorf(campaigns.CodeInvalid, "unknown_answers", "answers must be delete, or left out.")
	}
	return deleted(w, s.Service.DeleteSurvey(r.Context(), a, mux.Vars(r)["id"], answers))
}

func (s *Server) reopenSurvey(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in struct {
		ClosesAt *string `json:"closesAt"`
	}
	// Strict: with a misspelled "closesAt" it would stay open for good.
	if err := decodeStrict(w, r, &in); err != nil {
		return err
	}
	at, err := momentOf(in.ClosesAt, "/closesAt")
	if err != nil {
		return err
	}
	v, err := s.Service.ReopenSurvey(r.Context(), a, mux.Vars(r)["id"], at)
	if err != nil {
		return err
	}
	return s.answerSurvey(w, r, http.StatusOK, v)
}

func (s *Server) previewSurvey(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in struct {
		survey.Definition
		View   string `json:"view"`
		At     string `json:"at"`
		Locale string `json:"locale"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	p, err := s.Service.PreviewSurvey(r.Context(), a, campaigns.SurveyPreview{Definition: in.Definition, View: in.View, At: in.At, Locale: in.Locale})
	if err != nil {
		return err
	}
	body, err := p.Rendered.Body()
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, struct {
		previewJSON
		Questions int `json:"questions"`
	}{previewJSON{Activity: body, Missing: list(p.Missing), Problems: list(p.Problems)}, len(in.Questions)})
	return nil
}

type surveyCampaignJSON struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Status     campaigns.Status `json:"status"`
	StartedAt  *time.Time       `json:"startedAt"`
	Version    *int             `json:"version"`
	Sent       int              `json:"sent"`
	Answered   int              `json:"answered"`
	ReminderOf *string          `json:"reminderOf"`
}

func (s *Server) surveyCampaigns(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	items, err := s.Service.SurveyCampaigns(r.Context(), a, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	out := make([]surveyCampaignJSON, len(items))
	for i, c := range items {
		out[i] = surveyCampaignJSON{ID: c.ID, Name: c.Name, Status: c.Status, StartedAt: c.StartedAt, Sent: c.Sent, Answered: c.Answered}
		if c.Version != 0 {
			out[i].Version = &c.Version
		}
		if c.ReminderOf != "" {
			out[i].ReminderOf = &c.ReminderOf
		}
	}
	s.json(w, r, http.StatusOK, itemsJSON[surveyCampaignJSON]{out})
	return nil
}

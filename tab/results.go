package tab

import (
	"net/http"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/campaigns/survey"
)

func resultFilter(r *http.Request) campaigns.ResultFilter {
	q := r.URL.Query()
	return campaigns.ResultFilter{Campaign: q.Get("campaign"), ListID: q.Get("list"), Column: q.Get("column"), Value: q.Get("value")}
}

func (s *Server) surveyResults(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	f := resultFilter(r)
	res, err := s.Service.Results(r.Context(), a, mux.Vars(r)["id"], f)
	if err != nil {
		return err
	}
	out := struct {
		SurveyID     string          `json:"surveyId"`
		CampaignID   *string         `json:"campaignId"`
		Anonymous    bool            `json:"anonymous"`
		Suppressed   bool            `json:"suppressed"`
		Sent         int             `json:"sent"`
		Started      int             `json:"started"`
		Answered     int             `json:"answered"`
		ResponseRate *float64        `json:"responseRate"`
		Questions    []survey.Result `json:"questions"`
	}{res.SurveyID, nil, res.Anonymous, res.Suppressed, res.Sent, res.Started, res.Answered, res.Rate(), list(res.Questions)}
	if res.CampaignID != "" {
		out.CampaignID = &res.CampaignID
	}
	s.json(w, r, http.StatusOK, out)
	return nil
}

// exportResults streams one row per person who has answered.
func (s *Server) exportResults(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	t, err := s.Service.ResultTable(r.Context(), a, mux.Vars(r)["id"], resultFilter(r))
	if err != nil {
		return err
	}
	if err := s.Service.ExportResults(r.Context(), a, mux.Vars(r)["id"], resultFilter(r), fileType(r)); err != nil {
		return err
	}
	return s.stream(w, r, func(out rows) error {
		who := func(name, email, at string) []string {
			if t.Anonymous {
				return nil
			}
			return []string{name, email, at}
		}
		if err := out.row(append(who("name", "email", "answered_at"), t.Columns...)); err != nil {
			return err
		}
		return t.Each(func(row campaigns.ResultRow) error {
			return out.row(append(who(row.DisplayName, row.Email, stamp(row.AnsweredAt)), row.Cells...))
		})
	})
}

type textJSON struct {
	Text        string  `json:"text"`
	DisplayName *string `json:"displayName"`
}

func (s *Server) surveyTexts(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 50, 200)
	if err != nil {
		return err
	}
	items, next, err := s.Service.Texts(r.Context(), a, mux.Vars(r)["id"], campaigns.TextFilter{
		ResultFilter: resultFilter(r), Question: q.Get("question"), Query: q.Get("q"), Cursor: q.Get("cursor"), Limit: limit,
	})
	if err != nil {
		return err
	}
	out := make([]textJSON, len(items))
	for i, t := range items {
		out[i].Text = t.Text
		if t.DisplayName != "" {
			out[i].DisplayName = &t.DisplayName
		}
	}
	s.json(w, r, http.StatusOK, newPage(out, next))
	return nil
}

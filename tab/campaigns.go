package tab

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/campaigns/message"
)

func (s *Server) getMe(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	type can struct {
		Read  bool `json:"read"`
		Write bool `json:"write"`
		Send  bool `json:"send"`
		// Prepare: lists and people. Others: everybody's campaigns, and not only own ones.
		Prepare bool `json:"prepare"`
		Others  bool `json:"others"`
		Approve bool `json:"approve"`
		Admin   bool `json:"admin"`
	}
	if err := s.Service.Met(r.Context(), a); err != nil {
		return err
	}
	// The token does not say the language; the person's Teams told the bot.
	var locale *string
	ref, err := s.Service.Store.Reference(r.Context(), a.TenantID, a.PersonID)
	if err != nil && campaigns.CodeOf(err) != campaigns.CodeNotFound {
		return err
	}
	if ref.Locale != "" {
		locale = &ref.Locale
	}
	restored, err := s.restored(r.Context(), a)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, struct {
		ID          string           `json:"id"`
		TenantID    string           `json:"tenantId"`
		DisplayName string           `json:"displayName"`
		UPN         string           `json:"upn"`
		Roles       []campaigns.Role `json:"roles"`
		Locale      *string          `json:"locale"`
		Can         can              `json:"can"`
		Restored    *restoredJSON    `json:"restored"`
	}{a.PersonID, a.TenantID, a.DisplayName, a.UPN, list(a.Roles), locale, can{a.Can(campaigns.Read), a.Can(campaigns.Write), a.Can(campaigns.Send), a.Can(campaigns.Prepare), a.Can(campaigns.Others), a.Can(campaigns.Approve), a.Can(campaigns.Administer)}, restored})
	return nil
}

func (s *Server) listCampaigns(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q := r.URL.Query()
	limit, err := limitOf(q.Get("limit"), 50, 200)
	if err != nil {
		return err
	}
	f := campaigns.Filter{
		Statuses: split[campaigns.Status](q.Get("status")), Formats: split[message.Format](q.Get("format")), Author: strings.TrimSpace(q.Get("author")),
		Query: strings.TrimSpace(q.Get("q")), Sort: campaigns.Sort(q.Get("sort")), Cursor: q.Get("cursor"), Limit: limit,
	}
	switch order := q.Get("order"); order {
	case "", "desc":
	case "asc":
		f.Ascending = true
	default:
		return campaigns.Errorf(campaigns.CodeInvalid, "unknown_order", "order is asc or desc.")
	}
	items, next, totals, err := s.Service.List(r.Context(), a, f)
	if err != nil {
		return err
	}
	out, err := s.campaigns(r.Context(), items...)
	if err != nil {
		return err
	}
	all := map[campaigns.Status]int{campaigns.Draft: 0, campaigns.Scheduled: 0, campaigns.Sending: 0, campaigns.Completed: 0, campaigns.Stopped: 0, campaigns.Failed: 0}
	for st, n := range totals {
		all[st] = n
	}
	s.json(w, r, http.StatusOK, campaignPage{newPage(out, next), all})
	return nil
}

// split reads values separated by commas.
func split[T ~string](text string) (out []T) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, T(part))
		}
	}
	return out
}

// authors handles the lists of those to choose from.
func (s *Server) authors(use func(context.Context, campaigns.Actor) ([]campaigns.Author, error)) handler {
	return func(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
		authors, err := use(r.Context(), a)
		if err != nil {
			return err
		}
		s.json(w, r, http.StatusOK, itemsJSON[authorJSON]{each(authors, func(a campaigns.Author) authorJSON { return authorJSON(a) })})
		return nil
	}
}

func (s *Server) createCampaign(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	in, err := read(w, r, &inputJSON{})
	if err != nil {
		return err
	}
	c, err := s.Service.Create(r.Context(), a, in)
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusCreated, c)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, c *campaigns.Campaign) error {
	out, err := s.campaigns(r.Context(), c)
	if err != nil {
		return err
	}
	return s.versioned(w, r, status, "campaigns/"+c.ID, c.Version, out[0])
}

func (s *Server) putCampaign(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	version, err := requiredVersion(r)
	if err != nil {
		return err
	}
	in, err := read(w, r, &inputJSON{})
	if err != nil {
		return err
	}
	c, err := s.Service.Update(r.Context(), a, mux.Vars(r)["id"], version, in)
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusOK, c)
}

func (s *Server) deleteCampaign(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	return deleted(w, s.Service.Delete(r.Context(), a, mux.Vars(r)["id"]))
}

func (s *Server) tryCampaign(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in struct {
		Email string `json:"email"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	p, err := s.Service.Try(r.Context(), a, mux.Vars(r)["id"], in.Email)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusAccepted, struct {
		Recipient personJSON `json:"recipient"`
		Sent      bool       `json:"sent"`
	}{personJSON{p.DisplayName, p.Address()}, true})
	return nil
}

func (s *Server) sendCampaign(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	version, err := ifMatch(r)
	if err != nil {
		return err
	}
	var in struct {
		At     *string           `json:"at"`
		Window *campaigns.Window `json:"window"`
	}
	// Strict: with a misspelled "at" a campaign for tomorrow would leave at once.
	if err := decodeStrict(w, r, &in); err != nil {
		return err
	}
	at, err := momentOf(in.At, "/at")
	if err != nil {
		return err
	}
	var c *campaigns.Campaign
	switch id := mux.Vars(r)["id"]; {
	case in.Window == nil:
		c, err = s.Service.Send(r.Context(), a, id, version, at)
	case at == nil:
		c, err = s.Service.SendWithin(r.Context(), a, id, version, *in.Window)
	default:
		err = campaigns.Errorf(campaigns.CodeInvalid, "ambiguous_timing", "Send either at a moment or within a window, not both.")
	}
	if err != nil {
		return err
	}
	return s.answer(w, r, http.StatusAccepted, c)
}

// momentOf reads an optional moment; field is where it stands in the request.
func momentOf(text *string, field string) (*time.Time, error) {
	if text == nil {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, *text)
	at = at.UTC()
	if year := at.Year(); err != nil || year < 1 || year > 9999 { // others cannot be written as JSON
		return nil, &campaigns.Error{Code: campaigns.CodeInvalid, Reason: "invalid_time", Message: "That is not a time. Write it like 2026-11-27T14:30:00+01:00.",
			Problems: []message.Problem{{Field: field, Code: "invalid_time", Message: "Write the time like 2026-11-27T14:30:00+01:00."}}}
	}
	return &at, nil
}

type previewInput struct {
	Format  message.Format  `json:"format"`
	Content message.Content `json:"content"`
	// Audience of unsaved content: its lists have the values.
	Audience campaigns.Audience `json:"audience"`
	// Timed: it goes out within a window.
	Timed  bool   `json:"timed"`
	As     string `json:"as"`
	Locale string `json:"locale"`
}

// previewCampaign shows a saved campaign; previewContent shows what is not saved yet.
func (s *Server) previewCampaign(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in previewInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	c, err := s.Service.Get(r.Context(), a, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	in.Format, in.Content, in.Audience, in.Timed = c.Format, c.Content, c.Audience, c.Timing.Window != nil
	return s.preview(w, r, a, in)
}

func (s *Server) previewContent(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in previewInput
	if err := decode(w, r, &in); err != nil {
		return err
	}
	return s.preview(w, r, a, in)
}

func (s *Server) preview(w http.ResponseWriter, r *http.Request, a campaigns.Actor, in previewInput) error {
	p, err := s.Service.Preview(r.Context(), a, in.Format, in.Content, in.Audience, in.Timed, in.As, in.Locale)
	if err != nil {
		return err
	}
	body, err := p.Rendered.Body()
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, previewJSON{Activity: body, Missing: list(p.Missing), Problems: list(p.Problems)})
	return nil
}

func (s *Server) getReport(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	rep, err := s.Service.Report(r.Context(), a, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	told, err := s.campaigns(r.Context(), rep.Campaign)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, reportJSON{Campaign: told[0], Result: rep.Result, SentAt: rep.SentAt, Counts: rep.Counts, Engagement: rep.Engagement, Reasons: list(rep.Reasons)})
	return nil
}

func (s *Server) listLinks(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	links, err := s.Service.Links(r.Context(), a, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, itemsJSON[linkJSON]{each(links, func(l campaigns.LinkReport) linkJSON {
		return linkJSON{Index: l.Index, URL: l.URL, Text: l.Text, Recipients: l.Recipients, Clicks: l.Clicks}
	})})
	return nil
}

func (s *Server) getTimeline(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	t, err := s.Service.Timeline(r.Context(), a, mux.Vars(r)["id"])
	if err != nil {
		return err
	}
	buckets := make([]bucketJSON, len(t.Buckets))
	for i, b := range t.Buckets {
		buckets[i] = bucketJSON(b)
	}
	s.json(w, r, http.StatusOK, timelineJSON{From: t.From, To: t.To, Step: int(t.Step / time.Second), Buckets: buckets})
	return nil
}

// recipientFilter reads whom the address of r asks for.
func recipientFilter(r *http.Request) campaigns.RecipientFilter {
	q := r.URL.Query()
	return campaigns.RecipientFilter{Status: campaigns.DeliveryStatus(q.Get("status")), Reason: campaigns.Reason(q.Get("reason")), Query: strings.TrimSpace(q.Get("q"))}
}

func (s *Server) listRecipients(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	q, id := r.URL.Query(), mux.Vars(r)["id"]
	limit, err := limitOf(q.Get("limit"), 50, 1000)
	if err != nil {
		return err
	}
	f := recipientFilter(r)
	f.Cursor, f.Limit = q.Get("cursor"), limit
	items, next, err := s.Service.Recipients(r.Context(), a, id, f)
	if err != nil {
		return err
	}
	total, more := len(items), false
	if f.Cursor != "" || next != "" {
		if total, more, err = s.Service.CountRecipients(r.Context(), a, id, f); err != nil {
			return err
		}
	}
	s.json(w, r, http.StatusOK, recipientPage{newPage(each(items, recipient), next), total, more})
	return nil
}

// listOfRecipients makes a list of a campaign's recipients.
func (s *Server) listOfRecipients(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in struct {
		Name   string                   `json:"name"`
		Status campaigns.DeliveryStatus `json:"status"`
		Reason campaigns.Reason         `json:"reason"`
		Query  string                   `json:"q"`
	}
	// Strict: with a misspelled filter everybody would be on the list.
	if err := decodeStrict(w, r, &in); err != nil {
		return err
	}
	l, err := s.Service.ListRecipients(r.Context(), a, mux.Vars(r)["id"], campaigns.RecipientFilter{Status: in.Status, Reason: in.Reason, Query: strings.TrimSpace(in.Query)}, in.Name)
	if err != nil {
		return err
	}
	return s.answerList(w, r, http.StatusCreated, l)
}

func (s *Server) verifyRecipient(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	v, err := s.Service.Verify(r.Context(), a, r.URL.Query().Get("email"))
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, struct {
		Found       bool   `json:"found"`
		Installed   bool   `json:"installed"`
		Blocked     bool   `json:"blocked"`
		DisplayName string `json:"displayName"`
	}{v.Found, v.Installed, v.Blocked, v.Person.DisplayName})
	return nil
}

func (s *Server) searchPeople(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	limit, err := limitOf(r.URL.Query().Get("limit"), 10, 50)
	if err != nil {
		return err
	}
	people, source, err := s.Service.SearchPeople(r.Context(), a, r.URL.Query().Get("q"), limit)
	if err != nil {
		return err
	}
	s.json(w, r, http.StatusOK, struct {
		Items  []foundJSON            `json:"items"`
		Source campaigns.PeopleSource `json:"source"`
	}{found(people), source})
	return nil
}

func (s *Server) countAudience(w http.ResponseWriter, r *http.Request, a campaigns.Actor) error {
	var in campaigns.Audience
	if err := decode(w, r, &in); err != nil {
		return err
	}
	detail, err := limitOf(r.URL.Query().Get("limit"), campaigns.DetailLimit, campaigns.MaxDetail)
	if err != nil {
		return err
	}
	n, err := s.Service.CountAudience(r.Context(), a, in, detail)
	if err != nil {
		return err
	}
	columns := make([]audienceColumnJSON, len(n.Columns))
	for i, c := range n.Columns {
		columns[i] = audienceColumnJSON{c.Column, list(c.MissingIn)}
	}
	s.json(w, r, http.StatusOK, countJSON{Total: n.Total, Installed: n.Installed, NotInstalled: n.NotInstalled, Unknown: n.Unknown, OptedOut: n.OptedOut, Excluded: n.Excluded, Duplicates: n.Duplicates, UnknownEmails: list(n.UnknownEmails), NotInstalledPeople: found(n.NotInstalledPeople), Columns: columns})
	return nil
}

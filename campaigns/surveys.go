package campaigns

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// SurveyInput is what an author can write of a survey.
type SurveyInput struct {
	Name       string
	Definition survey.Definition
	ClosesAt   *time.Time // whether answers are taken is also said by CloseSurvey
}

// checkSurvey finds everything that is invalid, as opposed to merely missing. was is the survey that the input changes.
func (s *Service) checkSurvey(ctx context.Context, tenantID string, in *SurveyInput, was *Survey) error {
	in.Name = strings.TrimSpace(in.Name)
	ps := surveyName(in.Name)
	if in.ClosesAt != nil {
		at := in.ClosesAt.UTC().Truncate(time.Millisecond)
		in.ClosesAt = &at
		kept := was != nil && was.ClosesAt != nil && was.ClosesAt.Equal(at)
		if !kept && !at.After(s.Now()) {
			ps = append(ps, closesInPast())
		}
	}
	if in.Definition.Questions == nil {
		in.Definition.Questions = []survey.Question{}
	}
	wrong, err := s.wrongSurvey(ctx, tenantID, in.Definition)
	if err != nil {
		return err
	}
	if ps = append(ps, wrong...); len(ps) > 0 {
		return invalid(ps)
	}
	return nil
}

func surveyName(name string) []message.Problem {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return []message.Problem{{Field: "/name", Code: "name_required", Message: "Give the survey a name."}}
	case n > MaxNameLength:
		return []message.Problem{{Field: "/name", Code: "name_too_long", Message: "The name is too long; 120 characters are the most.", Value: short(name), Params: message.Params{"limit": MaxNameLength}}}
	}
	return nil
}

func closesInPast() message.Problem {
	return message.Problem{Field: "/closesAt", Code: "closes_in_past", Message: "That time has passed. Choose a later one, or none."}
}

// wrongSurvey finds what is wrong with a definition. Intro and thanks may use the columns of every list there is: which of
// them the people of a campaign have, the campaign says.
func (s *Service) wrongSurvey(ctx context.Context, tenantID string, d survey.Definition) ([]message.Problem, error) {
	columns := slices.Clone(s.Settings.Columns)
	ps := survey.Validate(d, columns...)
	if !slices.ContainsFunc(ps, func(p message.Problem) bool { return p.Code == unknownVariable }) {
		return ps, nil
	}
	of, err := s.Store.ListColumns(ctx, tenantID)
	if err != nil {
		return nil, err
	}
	return survey.Validate(d, append(columns, of...)...), nil
}

// CreateSurvey saves a new survey, which may be incomplete.
func (s *Service) CreateSurvey(ctx context.Context, a Actor, in SurveyInput) (*Survey, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	if err := s.checkSurvey(ctx, a.TenantID, &in, nil); err != nil {
		return nil, err
	}
	return s.createSurvey(ctx, a, in)
}

func (s *Service) createSurvey(ctx context.Context, a Actor, in SurveyInput) (*Survey, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	now := s.moment()
	v := &Survey{
		TenantID: a.TenantID, ID: id.String(), Name: in.Name, Definition: in.Definition, ClosesAt: in.ClosesAt, Version: 1,
		CreatedAt: now, UpdatedAt: now, CreatedBy: Author{ID: a.PersonID, DisplayName: a.DisplayName},
	}
	return v, s.Store.CreateSurvey(ctx, v)
}

// GetSurvey returns one survey.
func (s *Service) GetSurvey(ctx context.Context, a Actor, id string) (*Survey, error) {
	if err := a.require(Read); err != nil {
		return nil, err
	}
	return s.Store.Survey(ctx, a.TenantID, id)
}

// Surveys returns a page of the tenant's surveys.
func (s *Service) Surveys(ctx context.Context, a Actor, f SurveyFilter) (items []*Survey, next string, err error) {
	if err := a.require(Read); err != nil {
		return nil, "", err
	}
	if f.Status != "" && !f.Status.Valid() {
		return nil, "", Errorf(CodeInvalid, "unknown_status", "There is no status %q. Use draft, open or closed.", short(string(f.Status)))
	}
	switch f.Sort {
	case "", "name", "created", "updated":
	default:
		return nil, "", Errorf(CodeInvalid, "unknown_sort", "Surveys cannot be sorted by %q. Use name, created or updated.", short(f.Sort))
	}
	return s.Store.Surveys(ctx, a.TenantID, f, s.Now())
}

// UpdateSurvey replaces name, definition and closing time. Campaigns that are scheduled or sent ask what they asked before.
// CodeStale carries the newest version.
func (s *Service) UpdateSurvey(ctx context.Context, a Actor, id string, version int, in SurveyInput) (*Survey, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	v, err := s.Store.Survey(ctx, a.TenantID, id)
	if err != nil {
		return nil, err
	}
	if v.Version != version {
		return nil, staleSurvey(v)
	}
	if err := s.checkSurvey(ctx, a.TenantID, &in, v); err != nil {
		return nil, err
	}
	now := s.moment()
	v.Name, v.Definition, v.ClosesAt = in.Name, in.Definition, in.ClosesAt
	err = s.Store.UpdateSurvey(ctx, v, now)
	if err == nil {
		// Not what is there now: with the version of somebody who was next, the author would overwrite them unseen.
		v.Version, v.UpdatedAt = v.Version+1, now
		return v, nil
	}
	if CodeOf(err) != CodeStale {
		return nil, err
	}
	newest, err := s.Store.Survey(ctx, a.TenantID, id)
	if err != nil {
		return nil, err
	}
	return nil, staleSurvey(newest)
}

func staleSurvey(v *Survey) *Error {
	e := Errorf(CodeStale, "stale_version", "Someone else changed this survey meanwhile. Compare with their version, then save again.")
	e.Survey = v
	return e
}

// DeleteSurvey removes a survey that no draft, scheduled or sending campaign uses; with all answers to it if answers says so.
func (s *Service) DeleteSurvey(ctx context.Context, a Actor, id string, answers bool) error {
	if err := a.require(Write); err != nil {
		return err
	}
	return s.Store.DeleteSurvey(ctx, a.TenantID, id, answers)
}

// CloneSurvey copies what is asked into a new survey, which is open without end.
func (s *Service) CloneSurvey(ctx context.Context, a Actor, id, name string) (*Survey, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	v, err := s.Store.Survey(ctx, a.TenantID, id)
	if err != nil {
		return nil, err
	}
	name = strings.TrimSpace(name)
	if ps := surveyName(name); len(ps) > 0 {
		return nil, invalid(ps)
	}
	return s.createSurvey(ctx, a, SurveyInput{Name: name, Definition: v.Definition})
}

// CloseSurvey takes no answers from now on. A survey that is closed by hand already stays as it is.
func (s *Service) CloseSurvey(ctx context.Context, a Actor, id string) (*Survey, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	if err := s.Store.CloseSurvey(ctx, a.TenantID, id, s.moment()); err != nil {
		return nil, err
	}
	return s.Store.Survey(ctx, a.TenantID, id)
}

// ReopenSurvey takes answers again, until closesAt, or until somebody closes it when that is nil.
func (s *Service) ReopenSurvey(ctx context.Context, a Actor, id string, closesAt *time.Time) (*Survey, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	if closesAt != nil {
		at := closesAt.UTC().Truncate(time.Millisecond)
		if closesAt = &at; !at.After(s.Now()) {
			return nil, invalid([]message.Problem{closesInPast()})
		}
	}
	if err := s.Store.ReopenSurvey(ctx, a.TenantID, id, closesAt, s.moment()); err != nil {
		return nil, err
	}
	return s.Store.Survey(ctx, a.TenantID, id)
}

// maxSurveyCampaigns are the most that a survey lists.
const maxSurveyCampaigns = 500

// SurveyCampaigns lists the campaigns of a survey, the newest first.
func (s *Service) SurveyCampaigns(ctx context.Context, a Actor, id string) ([]SurveyCampaign, error) {
	if err := a.require(Read); err != nil {
		return nil, err
	}
	if _, err := s.Store.Survey(ctx, a.TenantID, id); err != nil {
		return nil, err
	}
	return s.Store.SurveyCampaigns(ctx, a.TenantID, id, maxSurveyCampaigns)
}

// SurveyPreview says which card of an unsaved survey to show.
type SurveyPreview struct {
	Definition survey.Definition
	View       string // "ask", "thanks" or "closed"
	At         string // of ask: the question; empty: as the survey begins
	Locale     string
}

// PreviewSurvey draws one card of an unsaved survey, as the author sees it. What is wrong or missing is told in Problems and
// fails only when nothing can be drawn.
func (s *Service) PreviewSurvey(ctx context.Context, a Actor, in SurveyPreview) (Preview, error) {
	if err := a.require(Read); err != nil {
		return Preview{}, err
	}
	d := in.Definition
	ps, err := s.wrongSurvey(ctx, a.TenantID, d)
	if err != nil {
		return Preview{}, err
	}
	if len(d.Questions) > survey.MaxQuestions || utf8.RuneCountInString(d.Intro) > survey.MaxIntro || utf8.RuneCountInString(d.Thanks) > survey.MaxIntro {
		return Preview{}, invalid(ps)
	}
	v := survey.View{Kind: survey.Kind(in.View), Locale: in.Locale, AssetsURL: s.Settings.AssetsURL, At: in.At, CanChange: true, ClosedAt: s.Now()}
	switch v.Kind {
	case "":
		v.Kind = survey.Ask
	case survey.Ask, survey.Thanks, survey.Closed:
	default:
		return Preview{}, invalid([]message.Problem{{Field: "/view", Code: "unknown_view", Message: "The view must be ask, thanks or closed.", Value: short(in.View)}})
	}
	if v.At == "" {
		v.At = d.First()
	}
	tpl, err := s.Settings.CompileSurveyCard(d, v)
	if err != nil { // a question that is not there, or of no known type
		if len(ps) == 0 {
			ps = []message.Problem{{Field: "/at", Code: "unknown_question", Message: "The survey has no such question.", Value: short(in.At)}}
		}
		e := invalid(ps)
		e.Err = err
		return Preview{}, e
	}
	out, missing, err := s.showTemplate(ctx, a, tpl.Render, nil, "", in.Locale)
	if err != nil {
		return Preview{}, err
	}
	return Preview{Rendered: out, Missing: missing, Problems: append(ps, survey.Incomplete(d)...)}, nil
}

// Remind drafts a campaign to everybody whom a campaign of the format survey has reached and who has not answered when the
// reminder starts. A reminder of a reminder reminds of the same campaign. An empty name is made from the campaign's.
func (s *Service) Remind(ctx context.Context, a Actor, id, name string) (*Campaign, error) {
	c, err := s.own(ctx, a, id, Write)
	if err != nil {
		return nil, err
	}
	if c.Format != message.Survey {
		return nil, Errorf(CodeConflict, "not_a_survey", "Only campaigns that ask a survey can be reminded of.")
	}
	root := c
	if k := c.Root(); k != c.Key() {
		if root, err = s.Store.Campaign(ctx, k); CodeOf(err) == CodeNotFound {
			return nil, Errorf(CodeConflict, "unknown_campaign", "The campaign that this one reminds of has been deleted.")
		} else if err != nil {
			return nil, err
		}
	}
	if !root.Status.Started() || root.Content.SurveyVersion == 0 {
		return nil, Errorf(CodeConflict, "not_started", "This campaign has not been sent yet, so nobody needs a reminder.")
	}
	v, err := s.Store.Survey(ctx, a.TenantID, root.Content.SurveyID)
	switch {
	case CodeOf(err) == CodeNotFound:
		return nil, Errorf(CodeConflict, "survey_unknown", "The survey has been deleted.")
	case err != nil:
		return nil, err
	case !v.Open(s.Now()):
		return nil, Errorf(CodeConflict, "survey_closed", "The survey is closed. Open it again before you remind anybody.")
	}
	reach, err := s.Store.Unanswered(ctx, root.Key())
	if err != nil {
		return nil, err
	}
	if reach.Total == 0 {
		return nil, Errorf(CodeConflict, "nobody_to_remind", "Everybody whom this campaign has reached has answered.")
	}
	if name = strings.TrimSpace(name); name == "" {
		name = "Reminder: " + root.Name
		if utf8.RuneCountInString(name) > MaxNameLength {
			name = string([]rune(name)[:MaxNameLength-1]) + "…"
		}
	}
	in := Input{Name: name, Format: message.Survey, Content: message.Content{SurveyID: v.ID}, Audience: Audience{Unanswered: root.ID}, Mandatory: root.Mandatory}
	err = s.check(ctx, a.TenantID, &in)
	if err != nil {
		return nil, err
	}
	return s.create(ctx, a, in)
}

// Lacks lists what the survey lacks before it can be sent, and what is odd about it.
func (s *Survey) Lacks() []message.Problem { return survey.Incomplete(s.Definition) }

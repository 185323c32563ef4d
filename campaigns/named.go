package campaigns

import (
	"context"
	"fmt"
	"slices"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// named is what campaigns of one tenant name, as far as the tenant has it.
type named struct {
	lists   map[string]*List
	surveys map[string]*Survey
	roots   map[string]*Campaign // those that reminders remind of
	asked   map[string]*asked    // by survey and version
}

// asked is a version of a survey, and what it lacks.
type asked struct {
	definition survey.Definition
	problem    *message.Problem // the first that keeps it from being sent
}

// named looks up what campaigns name.
func (s *Service) named(ctx context.Context, tenantID string, cs ...*Campaign) (*named, error) {
	n := &named{roots: map[string]*Campaign{}, surveys: map[string]*Survey{}, asked: map[string]*asked{}}
	var lists, surveys []string
	for _, c := range cs {
		lists = append(lists, c.Audience.lists()...)
		if c.Format == message.Survey && c.Content.SurveyID != "" {
			surveys = append(surveys, c.Content.SurveyID)
		}
		id := c.Audience.Unanswered
		if id == "" || n.roots[id] != nil {
			continue
		}
		root, err := s.Store.Campaign(ctx, Key{tenantID, id})
		if CodeOf(err) == CodeNotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		n.roots[id] = root
		lists = append(lists, root.Audience.lists()...) // the values of whom it reached are theirs
	}
	var err error
	if n.lists, err = s.Store.FindLists(ctx, tenantID, lists); err != nil {
		return nil, err
	}
	if len(surveys) == 0 {
		return n, nil
	}
	if n.surveys, err = s.Store.FindSurveys(ctx, tenantID, surveys); err != nil {
		return nil, err
	}
	for _, c := range cs {
		sv := n.surveys[c.Content.SurveyID]
		if c.Format != message.Survey || sv == nil {
			continue
		}
		version := n.version(c)
		key := askedKey(sv.ID, version)
		if n.asked[key] != nil {
			continue
		}
		q := &asked{definition: sv.Definition}
		if version != sv.Version {
			q.definition, err = s.Store.SurveyVersion(ctx, tenantID, sv.ID, version)
			if CodeOf(err) == CodeNotFound {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		q.problem = unready(q.definition)
		n.asked[key] = q
	}
	return n, nil
}

func askedKey(id string, version int) string { return fmt.Sprintf("%s/%d", id, version) }

// version is that of the survey which a campaign asks, or would ask if it were sent now.
func (n *named) version(c *Campaign) int {
	if root := n.roots[c.Audience.Unanswered]; root != nil && root.Content.SurveyID == c.Content.SurveyID {
		return root.Content.SurveyVersion
	}
	if c.Content.SurveyVersion != 0 {
		return c.Content.SurveyVersion
	}
	if sv := n.surveys[c.Content.SurveyID]; sv != nil {
		return sv.Version
	}
	return 0
}

// survey is what a campaign asks, or nil.
func (n *named) survey(c *Campaign) *asked {
	return n.asked[askedKey(c.Content.SurveyID, n.version(c))]
}

// unready is the first thing that keeps a survey from being sent; nil when nothing does.
func unready(d survey.Definition) *message.Problem {
	ps := slices.DeleteFunc(survey.Validate(d), func(p message.Problem) bool { return p.Code == unknownVariable })
	for _, p := range append(ps, survey.Incomplete(d)...) {
		if !survey.Warns(p) {
			return &p
		}
	}
	return nil
}

// variables are the names that a campaign's texts may use besides FIRSTNAME and LASTNAME.
func (s *Service) variables(a Audience, n *named) []string {
	names := slices.Clone(s.Settings.Columns)
	if root := n.roots[a.Unanswered]; root != nil {
		a = root.Audience
	}
	for _, c := range audienceColumns(a.ListIDs, n.lists) {
		names = append(names, c.Name)
	}
	return names
}

// valuesOf are the lists that have the values of an audience's people.
func (n *named) valuesOf(a Audience) []string {
	if root := n.roots[a.Unanswered]; root != nil {
		a = root.Audience.withoutUnknown(n)
	}
	return a.ListIDs
}

const surveyField = "/content/surveyId"

// surveyUnknown is a survey that does not exist; nil when it does, or none is named.
func (n *named) surveyUnknown(c *Campaign) *message.Problem {
	if c.Format != message.Survey || c.Content.SurveyID == "" || n.surveys[c.Content.SurveyID] != nil {
		return nil
	}
	return &message.Problem{Field: surveyField, Code: "survey_unknown", Message: "There is no such survey, or it has been deleted. Choose another one.", Value: short(c.Content.SurveyID)}
}

// surveyMissing finds what keeps a campaign's survey from being sent now.
func (n *named) surveyMissing(c *Campaign, columns []string, now time.Time) (ps []message.Problem) {
	if c.Format != message.Survey || c.Content.SurveyID == "" {
		return nil
	}
	if p := n.surveyUnknown(c); p != nil {
		return []message.Problem{*p}
	}
	sv := n.surveys[c.Content.SurveyID]
	add := func(code, words string, params message.Params) {
		ps = append(ps, message.Problem{Field: surveyField, Code: code, Message: words, Value: short(sv.Name), Params: params})
	}
	if !sv.Open(now) {
		add("survey_closed", "The survey is closed. Open it again, or choose another one.", nil)
	}
	if root := n.roots[c.Audience.Unanswered]; root != nil && root.Content.SurveyID != sv.ID {
		add("survey_differs", "A reminder asks the survey of the campaign that it reminds of. Choose that survey, or other people.", nil)
	}
	q := n.survey(c)
	if q == nil {
		return ps
	}
	if p := q.problem; p != nil {
		params := message.Params{"code": p.Code, "field": p.Field}
		for name, v := range p.Params {
			if _, taken := params[name]; !taken {
				params[name] = v
			}
		}
		add("survey_incomplete", "The survey is not complete yet. "+p.Message, params)
	}
	for _, p := range survey.Validate(q.definition, columns...) {
		if p.Code == unknownVariable {
			p.Field = surveyField
			ps = append(ps, p)
		}
	}
	return ps
}

// unanswered finds what is wrong with a reminder's campaign.
func (a Audience) unanswered(n *named) []message.Problem {
	if a.Unanswered == "" {
		return nil
	}
	code, words := "", ""
	switch root := n.roots[a.Unanswered]; {
	case root == nil:
		code, words = "unknown_campaign", "The campaign to remind of does not exist any more. Choose other people."
	case root.Format != message.Survey:
		code, words = "not_a_survey", "Only campaigns that ask a survey can be reminded of."
	case root.Audience.Unanswered != "":
		code, words = "reminder_of_reminder", "That campaign is a reminder itself. Choose the one that it reminds of."
	case !root.Status.Started():
		code, words = "not_started", "The campaign to remind of has not been sent yet."
	default:
		return nil
	}
	return []message.Problem{{Field: "/audience/unanswered", Code: code, Message: words, Value: short(a.Unanswered)}}
}

package campaigns

import (
	"context"
	"time"

	"herald/campaigns/survey"
)

// Survey is a set of questions that campaigns of the format survey ask. It can be changed at any time: a campaign asks the
// version that was the newest when it was scheduled.
type Survey struct {
	TenantID   string
	ID         string
	Name       string
	Definition survey.Definition
	Version    int        // of all that is saved; grows by one with every change
	ClosesAt   *time.Time // when it closes by itself; nil: only by hand
	ClosedAt   *time.Time // when somebody closed it
	CreatedAt  time.Time
	UpdatedAt  time.Time
	CreatedBy  Author

	// Only Survey and Surveys of the store count. A reminder counts with the campaign that it reminds of.
	Campaigns int  // that use it, drafts too, without reminders
	Started   bool // one of them has begun to be sent
	Sent      int  // people who have it
	Answered  int  // people who have answered to the end
}

// Open says whether answers are taken at this moment.
func (s *Survey) Open(now time.Time) bool {
	return s.ClosedAt == nil && (s.ClosesAt == nil || now.Before(*s.ClosesAt))
}

// Closes is when the survey closes or has closed, by itself or by hand, whichever comes first; nil: it has no end yet.
func (s *Survey) Closes() *time.Time {
	if s.ClosedAt == nil || s.ClosesAt != nil && s.ClosesAt.Before(*s.ClosedAt) {
		return s.ClosesAt
	}
	return s.ClosedAt
}

// SurveyStatus says where a survey stands.
type SurveyStatus string

const (
	SurveyDraft  SurveyStatus = "draft" // never sent
	SurveyOpen   SurveyStatus = "open"
	SurveyClosed SurveyStatus = "closed" // takes no answers, whether it was sent or not
)

// Valid says whether s is one of the three.
func (s SurveyStatus) Valid() bool { return s == SurveyDraft || s == SurveyOpen || s == SurveyClosed }

// Status is where the survey stands at this moment, if it was counted.
func (s *Survey) Status(now time.Time) SurveyStatus {
	switch {
	case !s.Open(now):
		return SurveyClosed
	case !s.Started:
		return SurveyDraft
	}
	return SurveyOpen
}

// SurveyFilter narrows the surveys of a tenant.
type SurveyFilter struct {
	Query  string // part of the name, case-insensitive
	Status SurveyStatus
	Sort   string // "name", "created" or "updated"; empty: updated
	Desc   bool
	Cursor string // of a page with the same Sort and Desc
	Limit  int
}

// SurveyCampaign is a campaign as its survey lists it.
type SurveyCampaign struct {
	ID         string
	Name       string
	Status     Status
	StartedAt  *time.Time
	Version    int // of the survey; 0: not scheduled yet
	Sent       int
	Answered   int    // who answered to the end, on whichever card: 0 of a reminder, whose answers belong to its campaign
	ReminderOf string // empty: none
}

// SurveyStore keeps surveys. CodeNotFound when the tenant has no such one.
type SurveyStore interface {
	CreateSurvey(ctx context.Context, s *Survey) error
	Survey(ctx context.Context, tenantID, id string) (*Survey, error)
	// Surveys returns a page. now tells which are open.
	Surveys(ctx context.Context, tenantID string, f SurveyFilter, now time.Time) (items []*Survey, next string, err error)
	// FindSurveys returns those that exist, by id, without counting.
	FindSurveys(ctx context.Context, tenantID string, ids []string) (map[string]*Survey, error)
	// UpdateSurvey writes name, definition and ClosesAt if the survey is still of version s.Version, and raises it:
	// CodeStale else.
	UpdateSurvey(ctx context.Context, s *Survey, now time.Time) error
	// CloseSurvey closes it unless it is closed by hand already.
	CloseSurvey(ctx context.Context, tenantID, id string, now time.Time) error
	// ReopenSurvey takes answers again, until closesAt unless that is nil.
	ReopenSurvey(ctx context.Context, tenantID, id string, closesAt *time.Time, now time.Time) error
	// DeleteSurvey removes it with its versions and all answers to it. CodeConflict: "survey_in_use" while a draft, scheduled
	// or sending campaign uses it; "survey_has_answers" when there are some and answers is false.
	DeleteSurvey(ctx context.Context, tenantID, id string, answers bool) error
	// SurveyVersion returns a version that a campaign has pinned. ScheduleCampaign pins: it freezes the newest version of the
	// survey, or takes that of the campaign which a reminder reminds of.
	SurveyVersion(ctx context.Context, tenantID, id string, version int) (survey.Definition, error)
	// SurveyCampaigns lists the campaigns that use a survey, drafts too, the newest first; at most limit.
	SurveyCampaigns(ctx context.Context, tenantID, id string, limit int) ([]SurveyCampaign, error)

	// Unanswered counts the people whom a campaign has reached and who have not answered to the end: whose delivery of this
	// campaign, not of a reminder, is sent and has no AnsweredAt.
	Unanswered(ctx context.Context, k Key) (Reach, error)
}

// Root is the campaign to which answers belong: the one that a reminder reminds of, else the campaign itself.
func (c *Campaign) Root() Key {
	if c.Audience.Unanswered != "" {
		return Key{c.TenantID, c.Audience.Unanswered}
	}
	return c.Key()
}

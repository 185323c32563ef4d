package campaigns

import (
	"context"
	"time"

	"herald/campaigns/message"
)

// Result sums a campaign up in one word.
type Result string

const (
	ResultError       Result = "error"       // nobody got it, or somebody's message failed
	ResultSuccess     Result = "success"     // everybody who could get it, got it
	ResultRescheduled Result = "rescheduled" // all that is left waits for another attempt
	ResultOngoing     Result = "ongoing"     // not finished
)

// Report is the summary of a campaign.
type Report struct {
	Campaign   *Campaign
	Result     Result
	SentAt     *time.Time // when it started
	Counts     Counts
	Engagement Engagement
	Reasons    []ReasonCount
}

// ResultOf derives the result from state and counts. People who were skipped or
// cancelled are no error: the report names them apart.
func ResultOf(c *Campaign) Result {
	switch c.Status {
	case Draft, Scheduled:
		return ResultOngoing
	case Sending:
		if c.Planned && c.Counts.Rescheduled > 0 && c.Counts.Pending+c.Counts.Sending == 0 {
			return ResultRescheduled
		}
		return ResultOngoing
	}
	if c.Counts.Failed > 0 || c.Counts.Sent == 0 {
		return ResultError
	}
	return ResultSuccess
}

// Report returns the summary of a campaign that has been scheduled or started.
func (s *Service) Report(ctx context.Context, a Actor, id string) (Report, error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return Report{}, err
	}
	if c.Status == Draft {
		return Report{}, Errorf(CodeConflict, "not_started", "This campaign is a draft; there is a report once it has been sent.")
	}
	r := Report{Campaign: c, Result: ResultOf(c), SentAt: c.StartedAt, Counts: c.Counts}
	if r.Engagement, err = s.Store.Engagement(ctx, c.Key()); err != nil {
		return Report{}, err
	}
	if r.Reasons, err = s.Store.Reasons(ctx, c.Key()); err != nil {
		return Report{}, err
	}
	return r, nil
}

// Recipients returns a page of a campaign's recipients. Who has answered an anonymous survey is not told: CodeConflict,
// "anonymous_survey", of a reminder, which goes to those who have not.
func (s *Service) Recipients(ctx context.Context, a Actor, id string, f RecipientFilter) (items []Recipient, next string, err error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return nil, "", err
	}
	if f.Status != "" && !f.Status.Valid() {
		return nil, "", Errorf(CodeInvalid, "unknown_status", "There is no recipient status %q.", short(string(f.Status)))
	}
	anonymous, err := s.anonymous(ctx, c)
	if err != nil {
		return nil, "", err
	}
	if anonymous && c.Audience.Unanswered != "" {
		return nil, "", Errorf(CodeConflict, "anonymous_survey", "Whom this reminder reaches is not shown, because it would tell who has not answered an anonymous survey.")
	}
	if items, next, err = s.Store.Recipients(ctx, c.Key(), f); err != nil {
		return nil, "", err
	}
	for i := range items {
		if anonymous {
			items[i].AnsweredAt = nil // how many is known, not who
		}
	}
	return items, next, nil
}

// anonymous says whether a campaign asks an anonymous survey. Of one that has been deleted nobody knows any more.
func (s *Service) anonymous(ctx context.Context, c *Campaign) (bool, error) {
	if c.Format != message.Survey {
		return false, nil
	}
	d, err := s.definition(ctx, c.TenantID, c.Content.SurveyID, c.Content.SurveyVersion)
	if CodeOf(err) == CodeNotFound {
		return true, nil
	}
	return d.Anonymous, err
}

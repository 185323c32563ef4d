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

// Recipients returns a page of a campaign's recipients.
func (s *Service) Recipients(ctx context.Context, a Actor, id string, f RecipientFilter) (items []Recipient, next string, err error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return nil, "", err
	}
	if f.Status != "" && !f.Status.Valid() {
		return nil, "", Errorf(CodeInvalid, "unknown_status", "There is no recipient status %q.", short(string(f.Status)))
	}
	if items, next, err = s.Store.Recipients(ctx, c.Key(), f); err != nil || c.Format != message.Survey || c.Content.SurveyVersion == 0 {
		return items, next, err
	}
	d, err := s.definition(ctx, a.TenantID, c.Content.SurveyID, c.Content.SurveyVersion)
	if CodeOf(err) != CodeNotFound && (err != nil || !d.Anonymous) {
		return items, next, err
	}
	for i := range items { // how many have answered an anonymous survey is told, but not who; nor of one that is gone
		items[i].AnsweredAt = nil
	}
	return items, next, nil
}

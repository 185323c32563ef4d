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
		return Report{}, notStarted()
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

func notStarted() *Error {
	return Errorf(CodeConflict, "not_started", "This campaign is a draft; there is a report once it has been sent.")
}

// Recipients returns a page of a campaign's recipients. Who has answered an anonymous survey is not told: CodeConflict,
// "anonymous_survey", of a reminder, which goes to those who have not.
func (s *Service) Recipients(ctx context.Context, a Actor, id string, f RecipientFilter) (items []Recipient, next string, err error) {
	c, err := s.recipientsOf(ctx, a, id, f)
	if err != nil {
		return nil, "", err
	}
	anonymous, err := s.anonymous(ctx, c)
	if err != nil {
		return nil, "", err
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

// MaxCounted is how far the matches of a search are counted.
const MaxCounted = 10_000

// CountRecipients says how many recipients f lets through on all its pages. Of a search or a reason it counts MaxCounted at most;
// more says that there are others.
func (s *Service) CountRecipients(ctx context.Context, a Actor, id string, f RecipientFilter) (n int, more bool, err error) {
	c, err := s.recipientsOf(ctx, a, id, f)
	if err != nil {
		return 0, false, err
	}
	if f.Query == "" && f.Reason == "" {
		return c.Counts.Of(f.Status), false, nil
	}
	n, err = s.Store.CountRecipients(ctx, c.Key(), f, MaxCounted+1)
	return min(n, MaxCounted), n > MaxCounted, err
}

func (s *Service) recipientsOf(ctx context.Context, a Actor, id string, f RecipientFilter) (*Campaign, error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	if f.Status != "" && !f.Status.Valid() {
		return nil, Errorf(CodeInvalid, "unknown_status", "There is no recipient status %q.", short(string(f.Status)))
	}
	if c.Audience.Unanswered != "" {
		anonymous, err := s.anonymous(ctx, c)
		if err != nil {
			return nil, err
		}
		if anonymous {
			return nil, Errorf(CodeConflict, "anonymous_survey", "Whom this reminder reaches is not shown, because it would tell who has not answered an anonymous survey.")
		}
	}
	return c, nil
}

// ListRecipients makes a list of those whom f lets through, so that something else can be sent to them. It has the columns of the
// campaign's lists, as far as these still exist.
func (s *Service) ListRecipients(ctx context.Context, a Actor, id string, f RecipientFilter, name string) (*List, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	c, err := s.recipientsOf(ctx, a, id, f)
	if err != nil {
		return nil, err
	}
	known, err := s.Store.FindLists(ctx, a.TenantID, c.Audience.ListIDs)
	if err != nil {
		return nil, err
	}
	in := ListInput{Name: name}
	for _, column := range audienceColumns(c.Audience.ListIDs, known) {
		if len(in.Columns) < MaxListColumns {
			in.Columns = append(in.Columns, column.Column)
		}
	}
	l, err := s.newList(a, in)
	if err != nil {
		return nil, err
	}
	if err := s.Store.ListRecipients(ctx, c.Key(), f, l); err != nil {
		return nil, err
	}
	return s.GetList(ctx, a, l.ID)
}

// PaceBucket counts what came of the attempts of one step of time.
type PaceBucket struct {
	At     time.Time // where the step begins
	Sent   int
	Failed int // given up
}

// Timeline says when the messages of a campaign left.
type Timeline struct {
	From, To *time.Time // seconds of the first and the last outcome; nil when there is none yet
	Step     time.Duration
	Buckets  []PaceBucket // every step from the first to the last, also empty ones
}

// steps are lengths that people think in.
var steps = []time.Duration{
	time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute,
	15 * time.Minute, time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
}

// maxSteps is how many steps a timeline has at most, not counting that its ends seldom fall together with a step's.
const maxSteps = 60

// Timeline returns when the messages of a campaign that has been scheduled or started left.
func (s *Service) Timeline(ctx context.Context, a Actor, id string) (Timeline, error) {
	c, err := s.Get(ctx, a, id)
	if err != nil {
		return Timeline{}, err
	}
	if c.Status == Draft {
		return Timeline{}, notStarted()
	}
	t := Timeline{Step: steps[0]}
	from, to, err := s.Store.PaceSpan(ctx, c.Key())
	if err != nil || from.IsZero() {
		return t, err
	}
	for _, step := range steps {
		if t.Step = step; to.Sub(from) < maxSteps*step {
			break
		}
	}
	t.From, t.To = &from, &to
	known, err := s.Store.Pace(ctx, c.Key(), from, to, t.Step)
	if err != nil {
		return Timeline{}, err
	}
	for _, b := range known {
		for len(t.Buckets) > 0 {
			next := t.Buckets[len(t.Buckets)-1].At.Add(t.Step)
			if !next.Before(b.At) {
				break
			}
			t.Buckets = append(t.Buckets, PaceBucket{At: next})
		}
		t.Buckets = append(t.Buckets, b)
	}
	return t, nil
}

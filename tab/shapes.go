package tab

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
)

// The JSON of the API. The names are contracts; openapi.json describes them.

type campaignJSON struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Format      message.Format    `json:"format"`
	Content     message.Content   `json:"content"`
	Audience    any               `json:"audience"`
	Timing      any               `json:"timing"`
	Mandatory   bool              `json:"mandatory"`
	Lists       []listNameJSON    `json:"audienceLists"`
	Status      campaigns.Status  `json:"status"`
	SendAt      *time.Time        `json:"sendAt"`
	EndsAt      *time.Time        `json:"endsAt"`
	StartedAt   *time.Time        `json:"startedAt"`
	CompletedAt *time.Time        `json:"completedAt"`
	CreatedAt   time.Time         `json:"createdAt"`
	UpdatedAt   time.Time         `json:"updatedAt"`
	CreatedBy   authorJSON        `json:"createdBy"`
	UpdatedBy   authorJSON        `json:"updatedBy"`
	Version     int               `json:"version"`
	Approval    *approvalJSON     `json:"approval"`
	Problems    []message.Problem `json:"problems,omitzero"`
	Counts      *campaigns.Counts `json:"counts,omitempty"`
	Result      campaigns.Result  `json:"result,omitempty"`
	Restored    bool              `json:"restored"`
	Removed     *removedJSON      `json:"peopleRemoved"`
}

// removedJSON says that the names and addresses of a campaign's recipients were removed, and after how many days.
type removedJSON struct {
	At    time.Time `json:"at"`
	After int       `json:"afterDays"`
}

type authorJSON struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`
}

// listNameJSON is a list of an audience; without a name it has been deleted.
type listNameJSON struct {
	ID   string  `json:"id"`
	Name *string `json:"name"`
}

type allJSON struct {
	All            bool     `json:"all"`
	ExcludeListIDs []string `json:"excludeListIds,omitempty"`
}

type unansweredJSON struct {
	Unanswered string `json:"unanswered"`
}

type someJSON struct {
	ListIDs        []string `json:"listIds"`
	Emails         []string `json:"emails"`
	ExcludeListIDs []string `json:"excludeListIds"`
}

func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// campaigns writes campaigns of one tenant, drafts with what they lack.
func (s *Server) campaigns(ctx context.Context, cs ...*campaigns.Campaign) ([]*campaignJSON, error) {
	var drafts []*campaigns.Campaign
	for _, c := range cs {
		if c.Status == campaigns.Draft {
			drafts = append(drafts, c)
		}
	}
	var missing map[string][]message.Problem
	if len(drafts) > 0 {
		var err error
		if missing, err = s.Service.Missing(ctx, drafts[0].TenantID, drafts...); err != nil {
			return nil, err
		}
	}
	var names map[string]string
	if len(cs) > 0 {
		var err error
		if names, err = s.Service.ListNames(ctx, cs[0].TenantID, cs...); err != nil {
			return nil, err
		}
	}
	out := make([]*campaignJSON, len(cs))
	for i, c := range cs {
		out[i] = campaign(c, missing[c.ID], names)
	}
	return out, nil
}

func campaign(c *campaigns.Campaign, missing []message.Problem, names map[string]string) *campaignJSON {
	out := &campaignJSON{
		ID: c.ID, Name: c.Name, Format: c.Format, Content: c.Content, Status: c.Status,
		SendAt: c.SendAt, EndsAt: c.EndsAt(), StartedAt: c.StartedAt, CompletedAt: c.CompletedAt, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
		Timing: timing(c.Timing), CreatedBy: authorJSON(c.CreatedBy), UpdatedBy: authorJSON(c.UpdatedBy), Version: c.Version, Approval: approval(c.Approval),
		Mandatory: c.Mandatory, Restored: c.Restored,
	}
	if c.PeopleRemovedAt != nil {
		out.Removed = &removedJSON{*c.PeopleRemovedAt, c.PeopleKeptDays}
	}
	out.Lists = []listNameJSON{}
	for _, id := range slices.Concat(c.Audience.ListIDs, c.Audience.ExcludeListIDs) {
		l := listNameJSON{ID: id}
		if name, ok := names[id]; ok {
			l.Name = &name
		}
		out.Lists = append(out.Lists, l)
	}
	if c.Audience.Unanswered != "" {
		out.Audience = unansweredJSON{c.Audience.Unanswered}
	} else if c.Audience.All {
		out.Audience = allJSON{All: true, ExcludeListIDs: c.Audience.ExcludeListIDs}
	} else {
		out.Audience = someJSON{ListIDs: list(c.Audience.ListIDs), Emails: list(c.Audience.Emails), ExcludeListIDs: list(c.Audience.ExcludeListIDs)}
	}
	if c.Status == campaigns.Draft {
		out.Problems = list(missing)
		return out
	}
	out.Counts, out.Result = &c.Counts, campaigns.ResultOf(c)
	return out
}

type inputJSON struct {
	Name     string             `json:"name"`
	Format   message.Format     `json:"format"`
	Content  message.Content    `json:"content"`
	Audience campaigns.Audience `json:"audience"`
	Timing   struct {
		At     *string           `json:"at"`
		Window *campaigns.Window `json:"window"`
	} `json:"timing"`
	Mandatory bool `json:"mandatory"`
}

func (in inputJSON) input() (campaigns.Input, error) {
	at, err := momentOf(in.Timing.At, "/timing/at")
	return campaigns.Input{Name: in.Name, Format: in.Format, Content: in.Content, Audience: in.Audience, Timing: campaigns.Timing{At: at, Window: in.Timing.Window}, Mandatory: in.Mandatory}, err
}

type reportJSON struct {
	Campaign   *campaignJSON           `json:"campaign"`
	Result     campaigns.Result        `json:"result"`
	SentAt     *time.Time              `json:"sentAt"`
	Counts     campaigns.Counts        `json:"counts"`
	Engagement campaigns.Engagement    `json:"engagement"`
	Reasons    []campaigns.ReasonCount `json:"reasons"`
}

type recipientJSON struct {
	Email         string                   `json:"email"`
	DisplayName   string                   `json:"displayName"`
	Status        campaigns.DeliveryStatus `json:"status"`
	Reason        *campaigns.Reason        `json:"reason"`
	Attempts      int                      `json:"attempts"`
	Repeated      bool                     `json:"repeated"`
	NextAttemptAt *time.Time               `json:"nextAttemptAt"`
	SentAt        *time.Time               `json:"sentAt"`
	ReadAt        *time.Time               `json:"readAt"`
	Reaction      string                   `json:"reaction,omitempty"`
	Clicks        int                      `json:"clicks"`
	ClickedAt     *time.Time               `json:"clickedAt"`
	AnsweredAt    *time.Time               `json:"answeredAt"`
	SnoozedUntil  *time.Time               `json:"snoozedUntil"`
	Removed       bool                     `json:"removed"`
	Checks        []campaigns.Check        `json:"checks,omitzero"`
}

func recipient(r campaigns.Recipient) recipientJSON {
	out := recipientJSON{
		Email: r.Email, DisplayName: r.DisplayName, Status: r.Status, Attempts: r.Attempts, Repeated: r.Repeated,
		NextAttemptAt: r.NextAttemptAt, SentAt: r.SentAt, ReadAt: r.ReadAt, Reaction: r.Reaction, Clicks: r.Clicks, ClickedAt: r.ClickedAt, AnsweredAt: r.AnsweredAt,
		SnoozedUntil: r.SnoozedUntil, Removed: r.Removed(), Checks: r.Checks,
	}
	if r.Reason != "" {
		out.Reason = &r.Reason
	}
	return out
}

type linkJSON struct {
	Index      int    `json:"index"`
	URL        string `json:"url"`
	Text       string `json:"text"`
	Recipients int    `json:"recipients"`
	Clicks     int    `json:"clicks"`
}

// itemsJSON are all there are.
type itemsJSON[T any] struct {
	Items []T `json:"items"`
}

// each writes every item of a list.
func each[T, J any](items []T, write func(T) J) []J {
	out := make([]J, len(items))
	for i, item := range items {
		out[i] = write(item)
	}
	return out
}

type page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next"`
}

func newPage[T any](items []T, next string) page[T] {
	p := page[T]{Items: list(items)}
	if next != "" {
		p.Next = &next
	}
	return p
}

type campaignPage struct {
	page[*campaignJSON]
	Totals map[campaigns.Status]int `json:"totals"`
}

type recipientPage struct {
	page[recipientJSON]
	Total int  `json:"total"`
	More  bool `json:"more"`
}

type timelineJSON struct {
	From    *time.Time   `json:"from"`
	To      *time.Time   `json:"to"`
	Step    int          `json:"step"` // seconds
	Buckets []bucketJSON `json:"buckets"`
}

type bucketJSON struct {
	At     time.Time `json:"at"`
	Sent   int       `json:"sent"`
	Failed int       `json:"failed"`
}

type personJSON struct {
	DisplayName string `json:"displayName"`
	Email       string `json:"email"`
}

// foundJSON is somebody who exists, and whether the bot can write to them.
type foundJSON struct {
	DisplayName string                `json:"displayName"`
	Email       string                `json:"email"`
	State       campaigns.MemberState `json:"state"`
}

func found(in []campaigns.Reachability) []foundJSON {
	return each(in, func(r campaigns.Reachability) foundJSON {
		return foundJSON{r.Person.DisplayName, r.Person.Address(), r.MemberState()}
	})
}

type countJSON struct {
	Total              int                  `json:"total"`
	Installed          int                  `json:"installed"`
	NotInstalled       int                  `json:"notInstalled"`
	Unknown            int                  `json:"unknown"`
	Excluded           int                  `json:"excluded"`
	Duplicates         int                  `json:"duplicates"`
	UnknownEmails      []string             `json:"unknownEmails"`
	NotInstalledPeople []foundJSON          `json:"notInstalledPeople"`
	Columns            []audienceColumnJSON `json:"columns"`
	OptedOut           int                  `json:"optedOut"`
}

type audienceColumnJSON struct {
	campaigns.Column
	MissingIn []string `json:"missingIn"`
}

type previewJSON struct {
	Activity json.RawMessage   `json:"activity"`
	Missing  []string          `json:"missing"`
	Problems []message.Problem `json:"problems"`
}

package campaigns

import (
	"context"
	"time"

	"herald/campaigns/survey"
)

// Asked is a survey card that a person was sent, as it stands at this moment.
type Asked struct {
	TenantID   string
	CampaignID string // whose card it is
	Campaign   int64  // number of the campaign to which the answers belong: the one reminded of, else the card's own
	Seq        int64  // of the person's delivery in it
	Reminder   int64  // number of the card's own campaign when that is a reminder, else 0
	SurveyID   string
	Version    int // of the survey, pinned
	ClosesAt   *time.Time
	ClosedAt   *time.Time
	Answered   bool   // to the end, on whichever card
	Cells      string // of the card's delivery
	Timed      bool   // the card's campaign goes out within a window
}

// Open says whether answers are taken at this moment.
func (a Asked) Open(now time.Time) bool {
	return (&Survey{ClosesAt: a.ClosesAt, ClosedAt: a.ClosedAt}).Open(now)
}

// Response is what one person has answered. Of anonymous surveys nothing tells whose it is: its slot is a digest of a token
// that only the person's card knows.
type Response struct {
	Answers survey.Answers // complete; they count
	Pending survey.Answers // not complete yet, or being changed; nil: nothing is
	Done    bool           // Answers are there
}

// ResponseChange is one step of a person's way through a survey.
type ResponseChange struct {
	Asked     Asked
	Slot      string
	Anonymous bool
	Before    *Response // nil: there is none
	After     Response
	Now       time.Time
}

// Respondent is a person who was asked, or what somebody answered.
type Respondent struct {
	Response    Response // without Pending
	Begun       bool     // there is a response, whether it is complete or not
	Sent        bool     // named and asked for: the message was sent
	Slot        string
	AnsweredAt  *time.Time // nil of anonymous surveys
	DisplayName string     // this and what follows only when asked for
	Email       string
	Cells       string
}

// ResponseFilter narrows the respondents of a campaign of a named survey. Of an anonymous one only the zero value may be used.
type ResponseFilter struct {
	People bool   // with the people: name, address, cells; also those who have it and have not answered
	ListID string // only who is in this list now; needs People
}

// AnswerStore keeps what people answer.
type AnswerStore interface {
	FindByID(ctx context.Context, tenantID, personID string) (Person, error)
	// Asked finds the card of a campaign's that a person pressed. CodeNotFound when they were never sent it;
	// CodeConflict when the message is another campaign's.
	Asked(ctx context.Context, ref Reference, activityID, campaignID string) (Asked, error)
	// Response returns nil when there is none.
	Response(ctx context.Context, a Asked, slot string) (*Response, error)
	// SaveResponse is a compare-and-set. When After.Done it also notes that the person has answered. It saves nothing when it is
	// not as in Before any more, when the survey was closed meanwhile, when it was answered on another card and is anonymous, or
	// when the person was removed.
	SaveResponse(ctx context.Context, c ResponseChange) (saved bool, err error)
	// NoteAnswered notes that the person has answered an anonymous survey, if that is not known.
	NoteAnswered(ctx context.Context, a Asked) error
	// Respondents calls fn for all of a campaign; of named surveys in the order of their answers.
	Respondents(ctx context.Context, k Key, f ResponseFilter, fn func(Respondent) error) error
}

package campaigns

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// Pressed is a press of a survey card's button, or its refresh. Nothing in it can be trusted.
type Pressed struct {
	survey.Press
	Inputs map[string]json.RawMessage // the whole data of the action; only what is asked is read
}

// Reply is what a person sees after a press.
type Reply struct {
	Card     json.RawMessage // an Adaptive Card
	Activity []byte          // the whole message with this card
	// Keep: the message itself must become Activity, not only what is shown in answer to an invoke. The card of an
	// anonymous survey carries the token without which nobody finds its answers again; this one is new.
	Keep bool
}

// moves bounds how often a press is tried again because something else happened at the same moment.
const moves = 50

// Answer takes what somebody pressed on a survey's card, and returns the card as it looks from now on. Whatever was pressed
// before or elsewhere, there is one right outcome: what was refused shows where the person is.
//
// The person is ref's; they answer for nobody else. CodeNotFound: the message is no survey's card, or its campaign is gone.
// CodeInvalid: the press makes no sense.
func (s *Service) Answer(ctx context.Context, ref Reference, activityID string, p Pressed) (Reply, error) {
	switch p.Act {
	case survey.Answer, survey.Back, survey.Change, survey.Show:
	default:
		return Reply{}, Errorf(CodeInvalid, "unknown_act", "The button is none of a survey's.")
	}
	newToken := ""
	for try := 0; ; try++ {
		asked, err := s.Store.Asked(ctx, ref, activityID, p.Campaign)
		if CodeOf(err) == CodeNotFound {
			return s.rehearse(ctx, ref, p)
		}
		if err != nil {
			return Reply{}, err
		}
		d, err := s.definition(ctx, ref.TenantID, asked.SurveyID, asked.Version)
		if err != nil {
			return Reply{}, err
		}
		turn := answering{s: s, d: d, asked: asked, p: p}
		turn.token = p.Token
		if d.Anonymous && !isToken(p.Token) {
			if turn.token = ""; p.Act == survey.Answer {
				if newToken == "" {
					newToken = rand.Text()
				}
				turn.token = newToken
			}
		}
		view, err := turn.take(ctx)
		if err != nil {
			return Reply{}, err
		}
		if turn.overtaken {
			if try == moves {
				return Reply{}, Errorf(CodeUnavailable, "busy", "This card is being answered elsewhere. Try again in a moment.")
			}
			continue
		}
		view.CampaignID, view.Version, view.MRI = asked.CampaignID, asked.Version, ref.UserID
		view.Later = asked.Timed && view.Kind == survey.Ask && len(view.Answers) == 0
		if d.Anonymous {
			view.Token = turn.token
		}
		reply, err := s.reply(ctx, ref, d, view, asked.Cells)
		reply.Keep = newToken != "" && turn.saved
		return reply, err
	}
}

// isToken says whether a text may be a token, as rand.Text makes them.
func isToken(s string) bool {
	return len(s) >= 26 && len(s) <= 64 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// slotOf is where a token's answers lie. Who has the database but not the card cannot find them.
func slotOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return "t" + hex.EncodeToString(sum[:])
}

// answering is one try to take a press.
type answering struct {
	s     *Service
	d     survey.Definition
	asked Asked
	p     Pressed
	token string // of an anonymous survey; "" is none yet

	slot   string
	before *Response
	// What came of the try: one of the two when something was to be saved.
	saved, overtaken bool
}

// take decides what a press does to what is known, and what the person sees if it was not overtaken.
func (t *answering) take(ctx context.Context) (v survey.View, err error) {
	t.slot = "d" + strconv.FormatInt(t.asked.Seq, 10)
	if t.d.Anonymous {
		if t.slot = ""; t.token != "" {
			t.slot = slotOf(t.token)
		}
	}
	var r Response
	if t.slot != "" {
		if t.before, err = t.s.Store.Response(ctx, t.asked, t.slot); err != nil {
			return v, err
		}
		if t.before != nil {
			r = *t.before
		}
	}
	now := t.s.Now()
	switch {
	case t.d.Anonymous && t.asked.Answered && !r.Done:
		return survey.View{Kind: survey.Already}, nil
	case t.d.Anonymous && r.Done && !t.asked.Answered: // somebody died between the two
		if err := t.s.Store.NoteAnswered(ctx, t.asked); err != nil {
			return v, err
		}
	}
	if !t.asked.Open(now) {
		if r.Done {
			return survey.View{Kind: survey.Thanks, Answers: r.Answers}, nil
		}
		v := survey.View{Kind: survey.Closed}
		v.ClosedAt = *(&Survey{ClosesAt: t.asked.ClosesAt, ClosedAt: t.asked.ClosedAt}).Closes() // one of the two is there
		return v, nil
	}
	here := t.present(r)
	if t.p.Version != t.asked.Version || here.Kind == survey.Thanks && t.p.Act != survey.Change {
		return here, nil
	}
	switch t.p.Act {
	case survey.Back:
		if i, ok := t.d.Previous(t.p.At, r.Pending); ok && t.p.At != "" {
			return survey.View{Kind: survey.Ask, At: t.d.Questions[i].ID, Answers: r.Pending}, nil
		}
	case survey.Change:
		if !r.Done || !t.d.AllowChange {
			return here, nil
		}
		v := survey.View{Kind: survey.Ask, At: t.d.First(), Answers: r.Answers}
		if r.Pending != nil {
			v.Answers = r.Pending
			return v, nil
		}
		return v, t.save(ctx, Response{Answers: r.Answers, Pending: r.Answers, Done: true})
	case survey.Answer:
		return t.answer(ctx, r, here)
	}
	return here, nil
}

// present is the card of somebody who only looks.
func (t *answering) present(r Response) survey.View {
	if r.Done && r.Pending == nil {
		return survey.View{Kind: survey.Thanks, Answers: r.Answers, CanChange: true}
	}
	at := t.d.First()
	if at != "" {
		if i, done := t.d.Next(r.Pending); !done {
			at = t.d.Questions[i].ID
		}
	}
	return survey.View{Kind: survey.Ask, At: at, Answers: r.Pending}
}

func (t *answering) answer(ctx context.Context, r Response, here survey.View) (survey.View, error) {
	if (t.p.At == "") != (t.d.First() == "") {
		return here, nil
	}
	after, problems := t.d.Accept(t.p.At, t.p.Inputs, r.Pending)
	for _, p := range problems {
		if p.Code == survey.CodeNotAsked || p.Code == survey.CodeUnknownQuestion {
			return here, nil // an old card
		}
	}
	if len(problems) > 0 {
		return survey.View{Kind: survey.Ask, At: t.p.At, Answers: r.Pending, Problems: problems, Inputs: t.p.Inputs}, nil
	}
	i, done := t.d.Following(t.p.At, after)
	if done {
		return survey.View{Kind: survey.Thanks, Answers: after, CanChange: true}, t.save(ctx, Response{Answers: after, Done: true})
	}
	return survey.View{Kind: survey.Ask, At: t.d.Questions[i].ID, Answers: after}, t.save(ctx, Response{Answers: r.Answers, Pending: after, Done: r.Done})
}

func (t *answering) save(ctx context.Context, after Response) (err error) {
	t.saved, err = t.s.Store.SaveResponse(ctx, ResponseChange{
		Asked: t.asked, Slot: t.slot, Anonymous: t.d.Anonymous, Before: t.before, After: after, Now: t.s.Now(),
	})
	t.overtaken = !t.saved
	return err
}

// rehearse answers a card that was sent to try the survey. Nothing is kept: each card knows its question, and what was
// answered before it is taken as left blank.
func (s *Service) rehearse(ctx context.Context, ref Reference, p Pressed) (Reply, error) {
	c, err := s.Store.Campaign(ctx, Key{ref.TenantID, p.Campaign})
	if err != nil {
		return Reply{}, err
	}
	if c.Format != message.Survey || c.Content.SurveyID == "" {
		return Reply{}, Errorf(CodeNotFound, "no_survey", "This message asks nothing.")
	}
	var d survey.Definition
	if v := c.Content.SurveyVersion; v > 0 {
		d, err = s.definition(ctx, ref.TenantID, c.Content.SurveyID, v)
	} else {
		var now *Survey
		if now, err = s.Store.Survey(ctx, ref.TenantID, c.Content.SurveyID); err == nil {
			d = now.Definition
		}
	}
	if err != nil {
		return Reply{}, err
	}
	if len(d.Questions) == 0 {
		return Reply{}, Errorf(CodeNotFound, "no_survey", "This survey has no questions any more.")
	}
	v := survey.View{Kind: survey.Ask, At: d.First(), Test: true, CampaignID: c.ID, Version: p.Version}
	before, known := survey.Answers{}, false
	for _, q := range d.Questions {
		if known = q.ID == p.At; known {
			break
		}
		before[q.ID] = survey.Value{}
	}
	if !known {
		before = survey.Answers{}
	}
	switch {
	case (p.At == "") != (v.At == ""), p.At != "" && !known, p.Act == survey.Change:
	case p.Act == survey.Show:
		v.At = p.At
	case p.Act == survey.Back:
		if i, ok := d.Previous(p.At, before); ok {
			v.At = d.Questions[i].ID
		}
	default:
		after, problems := d.Accept(p.At, p.Inputs, before)
		if len(problems) > 0 {
			v.At, v.Problems, v.Inputs = p.At, problems, p.Inputs
		} else if i, done := d.Following(p.At, after); !done {
			v.At = d.Questions[i].ID
		} else if v.Kind, v.CanChange = survey.Thanks, true; p.At == "" {
			v.Answers = after
		}
	}
	return s.reply(ctx, ref, d, v, "")
}

// reply draws a card for a person.
func (s *Service) reply(ctx context.Context, ref Reference, d survey.Definition, v survey.View, cells string) (Reply, error) {
	var p Person
	known := false
	know := func() (err error) {
		if p, err = s.Store.FindByID(ctx, ref.TenantID, ref.PersonID); CodeOf(err) == CodeNotFound {
			err = nil
		}
		known = true
		return err
	}
	if ref.Locale == "" {
		if err := know(); err != nil {
			return Reply{}, err
		}
	}
	v.Locale, v.AssetsURL = Addressee(p, ref).Locale, s.Settings.AssetsURL
	card, _, err := survey.Card(d, v)
	if err != nil {
		return Reply{}, err
	}
	tpl, err := message.Compile(message.Card, message.Content{Card: card}, s.Settings.options())
	if err != nil {
		return Reply{}, fmt.Errorf("compile a survey's card: %w", err)
	}
	if len(tpl.Variables()) > 0 && !known {
		if err := know(); err != nil {
			return Reply{}, err
		}
	}
	who := Addressee(p, ref)
	if cells != "" {
		var m Member
		if err := DecodeCells(cells, &m); err != nil {
			return Reply{}, fmt.Errorf("the list's values: %w", err)
		}
		who = Personalise(who, m)
	}
	out, _ := tpl.Render(who) // a value that is missing stands as [NAME]: the first card was sent with it
	body, err := out.Body()
	if err != nil {
		return Reply{}, err
	}
	raw, ok := out.Activity.Attachments[0].Content.(json.RawMessage)
	if !ok {
		return Reply{}, fmt.Errorf("a survey's card is %T", out.Activity.Attachments[0].Content)
	}
	return Reply{Card: raw, Activity: body}, nil
}

// definitions are the versions of surveys that were asked for lately: a version never changes.
type definitions struct {
	mu    sync.Mutex
	known map[definitionKey]survey.Definition
}

type definitionKey struct {
	tenantID, surveyID string
	version            int
}

// maxDefinitions bounds what is kept; the largest definition is some hundred kilobytes.
const maxDefinitions = 200

func (s *Service) definition(ctx context.Context, tenantID, surveyID string, version int) (survey.Definition, error) {
	k := definitionKey{tenantID, surveyID, version}
	s.definitions.mu.Lock()
	d, ok := s.definitions.known[k]
	s.definitions.mu.Unlock()
	if ok {
		return d, nil
	}
	d, err := s.Store.SurveyVersion(ctx, tenantID, surveyID, version)
	if err != nil {
		return d, err
	}
	s.definitions.mu.Lock()
	defer s.definitions.mu.Unlock()
	if s.definitions.known == nil || len(s.definitions.known) >= maxDefinitions {
		s.definitions.known = map[definitionKey]survey.Definition{}
	}
	s.definitions.known[k] = d
	return d, nil
}

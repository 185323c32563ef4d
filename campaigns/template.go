package campaigns

import (
	"crypto/rand"
	"fmt"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// Work is a campaign as it is sent.
type Work struct {
	CampaignID string
	Format     message.Format
	Content    message.Content
	// Survey is what a campaign of the format survey asks; of version Content.SurveyVersion.
	Survey *survey.Definition
	Try    bool // answers to this card are not kept
	Shown  bool // in the tab, and not sent to anybody
	Later  bool // recipients may ask for it at another time
}

// Template is a campaign compiled. It never changes; Render may be called from any number of goroutines.
type Template struct {
	message *message.Template
	survey  map[string]*message.Template // by language, as survey.Language names it
	// unnamed is the same for people of whom Teams has not told its id: their cards do not refresh by themselves.
	unnamed  map[string]*message.Template
	personal bool // cards have the person's slots
	token    bool
}

// What differs from person to person on a survey's card, so that it is drawn once per language.
const (
	slotMRI   = "mri"
	slotToken = "token"
)

// shownCampaign stands in the buttons of a preview, which nobody can press, for the campaign's id.
const shownCampaign = "preview"

// Compile prepares a campaign for rendering.
func (s Settings) Compile(w Work) (*Template, error) {
	if w.Format != message.Survey {
		opt := s.Sent()
		if w.Try || w.Shown {
			opt = s.options()
		}
		switch {
		case !w.Later:
		case w.Shown:
			opt.Later = shownCampaign
		case w.Try:
			opt.Later = message.TriedCampaign
		default:
			opt.Later = w.CampaignID
		}
		tpl, err := message.Compile(w.Format, w.Content, opt)
		return &Template{message: tpl}, err
	}
	if w.Survey == nil {
		return nil, fmt.Errorf("the survey of campaign %s is not there", w.CampaignID)
	}
	t := &Template{survey: map[string]*message.Template{}, unnamed: map[string]*message.Template{}, personal: !w.Try && !w.Shown}
	t.token = t.personal && w.Survey.Anonymous
	v := survey.View{Kind: survey.Ask, Test: w.Try, AssetsURL: s.AssetsURL, CampaignID: w.CampaignID, Version: w.Content.SurveyVersion, At: w.Survey.First(), Later: w.Later}
	if t.personal {
		v.MRI = message.Slot(slotMRI)
	}
	if t.token {
		v.Token = message.Slot(slotToken)
	}
	for _, v.Locale = range survey.Languages() {
		tpl, err := s.CompileSurveyCard(*w.Survey, v)
		if err != nil {
			return nil, err
		}
		t.survey[v.Locale] = tpl
		if !t.personal {
			continue
		}
		plain := v
		plain.MRI = ""
		if tpl, err = s.CompileSurveyCard(*w.Survey, plain); err != nil {
			return nil, err
		}
		t.unnamed[v.Locale] = tpl
	}
	return t, nil
}

// CompileSurveyCard draws a card of a survey and prepares it for the person's values in intro and thanks.
func (s Settings) CompileSurveyCard(d survey.Definition, v survey.View) (*message.Template, error) {
	card, _, err := survey.Card(d, v)
	if err != nil {
		return nil, err
	}
	opt := s.options()
	opt.Slots = []string{slotMRI, slotToken}
	return message.Compile(message.Card, message.Content{Card: card}, opt)
}

// Tracked says whether the message has tracked links. A survey's cards have none.
func (t *Template) Tracked() bool { return t.survey == nil && len(t.message.Links()) > 0 }

// Render makes one person's message, as message.Template does. link makes the addresses of tracked links; nil: the author's
// own. The card of an anonymous survey carries a new token each time, which is nowhere else.
func (t *Template) Render(p message.Person, r Reference, link func(n int) string) (message.Rendered, error) {
	if t.survey == nil {
		return t.message.RenderTracked(p, link)
	}
	if t.personal {
		p.Slots = map[string]string{slotMRI: r.UserID}
	}
	if t.token {
		p.Slots[slotToken] = rand.Text()
	}
	cards := t.survey
	if t.personal && r.UserID == "" {
		cards = t.unnamed
	}
	return cards[survey.Language(p.Locale)].Render(p)
}

package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/bot/activity"
	"herald/campaigns"
	"herald/campaigns/message/wire"
)

// decisionKey and decisionVerb mark what the buttons of an approval's card send. Authors' cards cannot have them: both are reserved.
const (
	decisionKey  = "herald"
	decisionVerb = "herald.approval"
)

// decision is what a button of an approval's card says.
type decision struct {
	Approval int    `json:"approval"` // 1: tells it from a survey's data
	Campaign string `json:"campaign"`
	Version  int    `json:"version"`
	Approve  bool   `json:"approve"`
}

// Decider decides about campaigns that wait for approval.
type Decider interface {
	DecideInChat(ctx context.Context, tenantID, personID, campaignID string, version int, approve bool, comment string) (*campaigns.Campaign, error)
}

// AskApproval implements campaigns.Courier.
func (m *Messenger) AskApproval(ctx context.Context, to campaigns.Reference, c *campaigns.Campaign) campaigns.Outcome {
	body, err := approvalCard(to.Locale, c)
	return m.bring(ctx, to, body, err)
}

// TellDecision implements campaigns.Courier.
func (m *Messenger) TellDecision(ctx context.Context, to campaigns.Reference, c *campaigns.Campaign) campaigns.Outcome {
	body, err := plain(decided(to.Locale, c))
	return m.bring(ctx, to, body, err)
}

func (m *Messenger) bring(ctx context.Context, to campaigns.Reference, body []byte, err error) campaigns.Outcome {
	if err != nil {
		return campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.BadRequest, Detail: err.Error()}
	}
	return m.Send(ctx, to, body, "")
}

func when(locale string, at *time.Time) string {
	if at == nil {
		return say(locale, "as soon as it is approved", "dès l’approbation")
	}
	return at.UTC().Format("2006-01-02 15:04") + " UTC"
}

// cardBody is the card's text; buttons follow while nobody has decided.
func approvalBody(locale string, c *campaigns.Campaign, title string) []any {
	ap := c.Approval
	facts := []any{
		map[string]any{"title": say(locale, "Campaign", "Campagne"), "value": c.Name},
		map[string]any{"title": say(locale, "Asked by", "Demandée par"), "value": ap.RequestedBy.DisplayName},
		map[string]any{"title": say(locale, "People", "Personnes"), "value": fmt.Sprint(ap.Recipients)},
		map[string]any{"title": say(locale, "To be sent", "Envoi"), "value": when(locale, ap.SendAt)},
	}
	if ap.Comment != "" {
		facts = append(facts, map[string]any{"title": say(locale, "Comment", "Commentaire"), "value": ap.Comment})
	}
	return []any{
		map[string]any{"type": "TextBlock", "text": title, "weight": "Bolder", "size": "Medium", "wrap": true, "style": "heading"},
		map[string]any{"type": "FactSet", "facts": facts},
	}
}

func approvalOf(locale string, c *campaigns.Campaign, title string, more ...any) map[string]any {
	return map[string]any{
		"type": "AdaptiveCard", "version": "1.5", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
		"lang": say(locale, "en", "fr"), "fallbackText": title + say(locale, ": ", " : ") + c.Name, "body": append(approvalBody(locale, c, title), more...),
	}
}

func approvalCard(locale string, c *campaigns.Campaign) ([]byte, error) {
	title := say(locale, "A campaign waits for your approval", "Une campagne attend votre approbation")
	button := func(en, fr string, approve bool) any {
		data := map[string]any{decisionKey: decision{1, c.ID, c.Version, approve}}
		return map[string]any{
			"type": "Action.Execute", "verb": decisionVerb, "title": say(locale, en, fr), "data": data,
			"fallback": map[string]any{"type": "Action.Submit", "title": say(locale, en, fr), "data": data},
		}
	}
	card := approvalOf(locale, c, title,
		map[string]any{"type": "TextBlock", "wrap": true, "isSubtle": true, "text": say(locale, "Read it in Herald's tab before you decide.", "Lisez-la dans l’onglet Herald avant de décider.")},
		map[string]any{"type": "Input.Text", "id": "comment", "isMultiline": true, "maxLength": campaigns.MaxComment, "label": say(locale, "Comment for the author (optional)", "Commentaire pour l’auteur (facultatif)")},
		map[string]any{"type": "ActionSet", "actions": []any{button("Approve", "Approuver", true), button("Reject", "Refuser", false)}})
	return wire.Encode(schema.Activity{Type: schema.Message, Summary: title, Attachments: []schema.Attachment{{ContentType: cardType, Content: card}}})
}

const cardType = "application/vnd.microsoft.card.adaptive"

// decided says what became of a request, to who asked and to who decided.
func decided(locale string, c *campaigns.Campaign) string {
	who := c.Approval.By.DisplayName
	text := fmt.Sprintf(say(locale, "%s rejected the campaign “%s”. Change it and ask again, or leave it.", "%s a refusé la campagne « %s ». Modifiez-la et demandez de nouveau, ou laissez-la."), who, c.Name)
	if c.Approval.State == campaigns.Approved {
		text = fmt.Sprintf(say(locale, "%s approved the campaign “%s”. It will be sent: %s.", "%s a approuvé la campagne « %s ». Envoi : %s."), who, c.Name, sentAt(locale, c))
	}
	if c.Approval.Comment != "" {
		text += "\n\n" + say(locale, "Comment: ", "Commentaire : ") + c.Approval.Comment
	}
	return text
}

func sentAt(locale string, c *campaigns.Campaign) string {
	if c.Approval.SendAt == nil {
		return say(locale, "now", "maintenant")
	}
	return when(locale, c.Approval.SendAt)
}

// decisionOf finds a decision in what a button sent.
func decisionOf(data json.RawMessage) (d decision, comment string, ok bool) {
	var in struct {
		Decision *decision `json:"herald"`
		Comment  string    `json:"comment"`
	}
	if json.Unmarshal(data, &in) != nil || in.Decision == nil || in.Decision.Approval != 1 || in.Decision.Campaign == "" || in.Decision.Version < 1 {
		return d, "", false
	}
	return *in.Decision, in.Comment, true
}

// decide carries a decision out; the text is for whoever pressed the button, and c what became of the campaign.
func (b *Bot) decide(ctx context.Context, ref campaigns.Reference, d decision, comment string) (c *campaigns.Campaign, text string, err error) {
	c, err = b.Decider.DecideInChat(ctx, ref.TenantID, ref.PersonID, d.Campaign, d.Version, d.Approve, comment)
	var e *campaigns.Error
	switch {
	case err == nil:
		return c, decided(ref.Locale, c), nil
	case errors.As(err, &e) && e.Code != campaigns.CodeUnavailable:
		return nil, undecided(ref.Locale, e), nil
	default:
		return nil, "", err
	}
}

// undecided says why a decision did not count.
func undecided(locale string, e *campaigns.Error) string {
	switch {
	case e.Code == campaigns.CodeNotFound:
		return say(locale, "This campaign has been deleted.", "Cette campagne a été supprimée.")
	case e.Code == campaigns.CodeStale:
		return say(locale, "The campaign has changed since this card was sent. Decide on the newest card, or in Herald's tab.", "La campagne a changé depuis l’envoi de cette carte. Décidez sur la carte la plus récente ou dans l’onglet Herald.")
	}
	switch e.Reason {
	case "already_decided":
		return say(locale, "Somebody else has already decided about this campaign.", "Quelqu’un d’autre a déjà décidé pour cette campagne.")
	case "not_waiting":
		return say(locale, "This campaign does not wait for approval any more.", "Cette campagne n’attend plus d’approbation.")
	case "own_request":
		return say(locale, "You asked for this approval yourself; somebody else has to decide.", "Vous avez vous-même demandé cette approbation ; quelqu’un d’autre doit décider.")
	case "role_unknown":
		return say(locale, "Open Herald's tab once, so that it sees your role; then try again.", "Ouvrez une fois l’onglet Herald pour qu’il voie votre rôle, puis réessayez.")
	case "send_in_past":
		return say(locale, "The moment that was asked for has passed. Reject the campaign, so that another one can be chosen.", "Le moment demandé est passé. Refusez la campagne pour qu’un autre soit choisi.")
	}
	if e.Code == campaigns.CodeForbidden {
		return say(locale, "Only people with the role Publisher or Admin can approve campaigns.", "Seules les personnes ayant le rôle Publisher ou Admin peuvent approuver des campagnes.")
	}
	return say(locale, "The campaign cannot be sent as it is. Open it in Herald's tab to see why.", "La campagne ne peut pas être envoyée telle quelle. Ouvrez-la dans l’onglet Herald pour savoir pourquoi.")
}

// decideByInvoke answers an Action.Execute of an approval's card; false: the invoke is about something else.
func (b *Bot) decideByInvoke(ctx context.Context, in activity.Inbound) (any, bool, error) {
	var value struct {
		Action struct {
			Type string          `json:"type"`
			Verb string          `json:"verb"`
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}
	if b.Decider == nil || in.Name != cardAction || !in.DecodeValue(&value) || value.Action.Verb != decisionVerb {
		return nil, false, nil
	}
	d, comment, ok := decisionOf(value.Action.Data)
	if !ok {
		return cardError(http.StatusBadRequest, "BadRequest", misunderstood(in.Language())), true, nil
	}
	ref, ok, err := b.Book.Note(ctx, in)
	switch {
	case err != nil:
		return b.cardFailure(ctx, in, err), true, nil
	case !ok:
		return cardMessage(outdated(in.Language())), true, nil
	}
	c, text, err := b.decide(ctx, ref, d, comment)
	switch {
	case err != nil:
		return b.cardFailure(ctx, in, err), true, nil
	case c == nil:
		return cardMessage(text), true, nil
	}
	title := say(ref.Locale, "Rejected", "Refusée")
	if d.Approve {
		title = say(ref.Locale, "Approved", "Approuvée")
	}
	return invokeResponse{http.StatusOK, cardType, approvalOf(ref.Locale, c, title)}, true, nil // the buttons go with the old card
}

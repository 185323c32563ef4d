package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/bot/activity"
	"herald/bot/connector"
	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/message/wire"
)

// decisionKey and decisionVerb, which the verb of each button begins with, mark what the buttons of an approval's card send. Authors' cards cannot have them: both are reserved.
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

// Bring implements campaigns.Courier.
func (m *Messenger) Bring(ctx context.Context, to campaigns.Reference, n campaigns.Notice) campaigns.Outcome {
	body, err := m.encode(ctx, to, n)
	if err != nil {
		return unencoded(err)
	}
	return m.Send(ctx, to, body, "")
}

// Amend implements campaigns.Courier.
func (m *Messenger) Amend(ctx context.Context, to campaigns.Reference, n campaigns.Notice) campaigns.Outcome {
	body, err := m.encode(ctx, to, n)
	if err != nil {
		return unencoded(err)
	}
	began := m.Now()
	o := m.Client.Update(ctx, connector.Target{ServiceURL: to.ServiceURL, ConversationID: to.ConversationID}, n.ActivityID, body, connector.Options{})
	o.Ambiguous = false // made twice, the change is the same
	return m.outcome(o, to, began, false)
}

func unencoded(err error) campaigns.Outcome {
	return campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.BadRequest, Detail: err.Error()}
}

func (m *Messenger) encode(ctx context.Context, to campaigns.Reference, n campaigns.Notice) ([]byte, error) {
	locale := to.Locale
	q := question{n.CampaignID, n.Name, n.Version, n.Approval}
	switch {
	case n.Kind == campaigns.Tells:
		return plain(q.told(locale))
	case n.Settled:
		return q.message(q.title(locale), q.card(locale))
	default:
		return q.ask(locale, m.TabURL(ctx, to.TenantID))
	}
}

// question is what a card about an approval shows.
type question struct {
	id, name string
	version  int
	campaigns.Approval
}

func questionOf(c *campaigns.Campaign) question {
	return question{c.ID, c.Name, c.Version, *c.Approval}
}

func when(locale string, at *time.Time) string {
	if at == nil {
		return say(locale, "as soon as it is approved", "dès l’approbation")
	}
	return at.UTC().Format("2006-01-02 15:04") + " UTC"
}

func nameOf(locale string, a campaigns.Author) string {
	if a.ID == campaigns.Former {
		return say(locale, "a former colleague", "une personne partie")
	}
	return a.DisplayName
}

func (q question) title(locale string) string {
	switch q.State {
	case campaigns.Approved:
		return say(locale, "Approved", "Approuvée")
	case campaigns.Rejected:
		return say(locale, "Rejected", "Refusée")
	case campaigns.Withdrawn:
		return say(locale, "Request withdrawn", "Demande retirée")
	case campaigns.Deleted:
		return say(locale, "Campaign deleted", "Campagne supprimée")
	}
	if q.Grown {
		return say(locale, "A campaign has grown and waits for your approval", "Une campagne a grandi et attend votre approbation")
	}
	return say(locale, "A campaign waits for your approval", "Une campagne attend votre approbation")
}

// card is what everybody may read; buttons follow in more while nobody has decided. A TextBlock and a Fact read Markdown, so what people
// wrote goes in literally.
func (q question) card(locale string, more ...any) map[string]any {
	title := q.title(locale)
	facts := []any{}
	fact := func(name, value string) {
		facts = append(facts, map[string]any{"title": name, "value": message.Literal(value)})
	}
	fact(say(locale, "Campaign", "Campagne"), q.name)
	fact(say(locale, "Asked by", "Demandée par"), nameOf(locale, q.RequestedBy))
	fact(say(locale, "People", "Personnes"), strconv.Itoa(q.Recipients))
	if q.Grown && q.Before > 0 {
		fact(say(locale, "Approved before for", "Approuvée auparavant pour"), strconv.Itoa(q.Before))
	}
	if q.State == campaigns.Waiting || q.State == campaigns.Approved && q.SendAt != nil {
		fact(say(locale, "To be sent", "Envoi"), when(locale, q.SendAt))
	}
	if q.By != nil {
		fact(say(locale, "By", "Par"), nameOf(locale, *q.By))
	}
	if q.Comment != "" {
		fact(say(locale, "Comment", "Commentaire"), q.Comment)
	}
	body := []any{
		map[string]any{"type": "TextBlock", "text": title, "weight": "Bolder", "size": "Medium", "wrap": true, "style": "heading"},
		map[string]any{"type": "FactSet", "facts": facts},
	}
	return map[string]any{
		"type": "AdaptiveCard", "version": "1.5", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
		"lang": say(locale, "en", "fr"), "fallbackText": title + say(locale, ": ", " : ") + message.Literal(q.name), "body": append(body, more...),
	}
}

// ask is the card with the two buttons, and one that opens the campaign in the tab.
func (q question) ask(locale, tabURL string) ([]byte, error) {
	button := func(en, fr string, approve bool) any {
		data, verb := map[string]any{decisionKey: decision{1, q.id, q.version, approve}}, decisionVerb+".reject"
		if approve {
			verb = decisionVerb + ".approve"
		}
		return map[string]any{
			"type": "Action.Execute", "verb": verb, "title": say(locale, en, fr), "data": data,
			"fallback": map[string]any{"type": "Action.Submit", "title": say(locale, en, fr), "data": data},
		}
	}
	return q.message(q.title(locale), q.card(locale,
		map[string]any{"type": "TextBlock", "wrap": true, "isSubtle": true, "text": say(locale, "Read it in Herald's tab before you decide.", "Lisez-la dans l’onglet Herald avant de décider.")},
		actions(map[string]any{"type": "Action.OpenUrl", "title": say(locale, "Open in Herald", "Ouvrir dans Herald"), "url": campaignLink(tabURL, q.id)}), // a row of three is too narrow for a chat
		map[string]any{"type": "Input.Text", "id": "comment", "isMultiline": true, "maxLength": campaigns.MaxComment, "label": say(locale, "Comment for the author (optional)", "Commentaire pour l’auteur (facultatif)")},
		actions(button("Approve", "Approuver", true), button("Reject", "Refuser", false))))
}

func actions(all ...any) map[string]any { return map[string]any{"type": "ActionSet", "actions": all} }

func (question) message(title string, card map[string]any) ([]byte, error) {
	return wire.Encode(schema.Activity{Type: schema.Message, Summary: title, Attachments: []schema.Attachment{{ContentType: cardType, Content: card}}})
}

// campaignLink is Teams' deep link to a campaign in the tab at tabURL (msteams-docs, deep-link-application).
func campaignLink(tabURL, id string) string {
	return tabURL + "?context=" + url.QueryEscape(`{"subEntityId":"campaign/`+id+`"}`)
}

const cardType = "application/vnd.microsoft.card.adaptive"

// told says what became of a request, to who asked and to who decided. The text is no Markdown.
func (q question) told(locale string) string {
	if q.State == campaigns.Waiting { // held back
		if q.Before > 0 {
			return fmt.Sprintf(say(locale, "The campaign “%s” has not been sent: %d people were approved, and its audience has grown to %d. It waits for approval again, and is sent as soon as it is given.",
				"La campagne « %s » n’est pas partie : l’approbation valait pour %d personnes et son audience en compte maintenant %d. Elle attend une nouvelle approbation et partira dès qu’elle sera donnée."), q.name, q.Before, q.Recipients)
		}
		return fmt.Sprintf(say(locale, "The campaign “%s” has not been sent: its audience has grown to %d people, too many for one person to decide. It waits for approval, and is sent as soon as it is given.",
			"La campagne « %s » n’est pas partie : son audience compte maintenant %d personnes, trop pour qu’une seule personne décide. Elle attend une approbation et partira dès qu’elle sera donnée."), q.name, q.Recipients)
	}
	who := ""
	if q.By != nil {
		who = nameOf(locale, *q.By)
	}
	text := fmt.Sprintf(say(locale, "%s rejected the campaign “%s”. Change it and ask again, or leave it.", "%s a refusé la campagne « %s ». Modifiez-la et demandez de nouveau, ou laissez-la."), who, q.name)
	if q.State == campaigns.Approved {
		at := say(locale, "now", "maintenant")
		if q.SendAt != nil {
			at = when(locale, q.SendAt)
		}
		text = fmt.Sprintf(say(locale, "%s approved the campaign “%s”. It will be sent: %s.", "%s a approuvé la campagne « %s ». Envoi : %s."), who, q.name, at)
	}
	if q.Comment != "" {
		text += "\n\n" + say(locale, "Comment: ", "Commentaire : ") + q.Comment
	}
	return text
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
		return c, questionOf(c).told(ref.Locale), nil
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
		// Who pressed twice, because the first answer was lost, has decided themselves.
		return say(locale, "A decision about this campaign has already been made. Open the campaign in Herald to see it.", "Une décision a déjà été prise pour cette campagne. Ouvrez la campagne dans Herald pour la connaître.")
	case "not_waiting":
		return say(locale, "This campaign does not wait for approval any more.", "Cette campagne n’attend plus d’approbation.")
	case "own_request":
		return say(locale, "You asked for this approval yourself; somebody else has to decide.", "Vous avez vous-même demandé cette approbation ; quelqu’un d’autre doit décider.")
	case "role_unknown": // the card has the link
		return say(locale, "Open Herald to decide, with the card's button: it has not seen your role within the last day.", "Ouvrez Herald pour décider, avec le bouton de la carte : il n’a pas vu votre rôle au cours du dernier jour.")
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
	if b.Decider == nil || in.Name != cardAction || !in.DecodeValue(&value) || !strings.HasPrefix(value.Action.Verb, decisionVerb) {
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
	return invokeResponse{http.StatusOK, cardType, questionOf(c).card(ref.Locale)}, true, nil // the buttons go with the old card
}

package bot

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/bot/activity"
	"herald/bot/connector"
	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/message/wire"
)

// Postponer has messages come back to people who do not want them now.
type Postponer interface {
	Postpone(ctx context.Context, ref campaigns.Reference, campaignID, when, cardID string) (campaigns.Postponed, error)
	Postponable(ctx context.Context, ref campaigns.Reference) (campaignID string, err error)
}

// laterInvoke answers an Action.Execute with the card that stands in the message's place from now on.
func (b *Bot) laterInvoke(ctx context.Context, ref campaigns.Reference, in activity.Inbound, p message.LaterPress) invokeResponse {
	reply, text, err := b.postpone(ctx, ref, in, p)
	switch {
	case err != nil:
		return b.cardFailure(ctx, in, err)
	case text != "":
		return cardMessage(text)
	}
	b.updateCard(ctx, ref, in.ReplyToID, reply.Reply) // or it would be the old one again when the chat is opened anew
	return invokeResponse{http.StatusOK, cardContent, reply.Card}
}

// laterSubmit takes an Action.Submit, which cannot be answered with a card. text is what is left to say, or empty.
func (b *Bot) laterSubmit(ctx context.Context, ref campaigns.Reference, in activity.Inbound, p message.LaterPress) (text string, err error) {
	reply, text, err := b.postpone(ctx, ref, in, p)
	if err != nil || text != "" || b.updateCard(ctx, ref, in.ReplyToID, reply.Reply) {
		return text, err
	}
	return reply.Text, nil
}

// laterReply is a card, and what it says.
type laterReply struct {
	campaigns.Reply
	Text string
}

// postpone carries a press out. When text is not empty the card stays as it is.
func (b *Bot) postpone(ctx context.Context, ref campaigns.Reference, in activity.Inbound, p message.LaterPress) (reply laterReply, text string, err error) {
	done, err := b.Later.Postpone(ctx, ref, p.Campaign, p.When, in.ReplyToID)
	switch campaigns.CodeOf(err) {
	case "":
	case campaigns.CodeNotFound:
		return reply, noReturn(ref.Locale), nil
	case campaigns.CodeInvalid:
		return reply, misunderstood(ref.Locale), nil
	default:
		return reply, "", err
	}
	var actions []json.RawMessage
	switch done.Kind {
	case campaigns.PostponedUntil:
		reply.Text = comesBack(ref.Locale, done)
		actions = append(actions, message.LaterAction(say(ref.Locale, "Show it now", "L’afficher maintenant"), message.LaterPress{Later: 1, Campaign: p.Campaign}))
	case campaigns.PostponedNow:
		reply.Text = say(ref.Locale, "It will be here in a moment.", "Il arrive dans un instant.")
	case campaigns.PostponedBack:
		reply.Text = cameBack(ref.Locale)
	case campaigns.PostponedMost:
		return reply, say(ref.Locale, "This message has come back three times, so it stays here now. Read it whenever it suits you.", "Ce message est déjà revenu trois fois ; il reste donc ici. Lisez-le quand cela vous convient."), nil
	case campaigns.PostponedLate:
		return reply, tooLate(ref.Locale, done), nil
	case campaigns.PostponedTest:
		return reply, say(ref.Locale, "This is a test, so nothing comes back. Whoever gets the message itself can choose here when to have it again.", "Ceci est un essai, rien ne reviendra donc. Les destinataires du message lui-même pourront choisir ici quand le retrouver."), nil
	case campaigns.PostponedAnswered:
		return reply, haveAnswered(ref.Locale), nil
	default:
		return reply, noReturn(ref.Locale), nil
	}
	reply.Card, reply.Activity, err = laterCard(ref.Locale, reply.Text, said(reply.Text), actions...)
	return reply, "", err
}

// offerLater answers whoever writes that a message does not suit them now.
func (b *Bot) offerLater(ctx context.Context, ref campaigns.Reference) ([]byte, error) {
	campaign := ""
	if b.Later != nil {
		var err error
		if campaign, err = b.Later.Postponable(ctx, ref); err != nil {
			return nil, err
		}
	}
	if campaign == "" {
		return plain(say(ref.Locale,
			"There is nothing of the last 24 hours that I could bring again later. Write “stop” to get only what is mandatory.",
			"Je n’ai rien des dernières 24 heures à vous rapporter plus tard. Écrivez « arrêter » pour ne recevoir que l’obligatoire."))
	}
	question, choices := message.LaterChoices(ref.Locale, campaign)
	_, activity, err := laterCard(ref.Locale, question, choices)
	return activity, err
}

// said is the body of a card that only says something.
func said(text string) any {
	return []any{map[string]any{"type": "TextBlock", "text": text, "wrap": true}}
}

// laterCard is a small card. text is what stands in its place where no card can be shown.
func laterCard(locale, text string, body any, actions ...json.RawMessage) (card json.RawMessage, activity []byte, err error) {
	c := map[string]any{
		"type": "AdaptiveCard", "version": "1.5", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
		"lang": say(locale, "en", "fr"), "fallbackText": text, "body": body,
	}
	if len(actions) > 0 {
		c["actions"] = actions
	}
	if card, err = json.Marshal(c); err != nil {
		return nil, nil, err
	}
	activity, err = wire.Encode(schema.Activity{Type: schema.Message, Summary: text, Attachments: []schema.Attachment{{ContentType: cardContent, Content: card}}})
	return card, activity, err
}

// CameBack implements delivery.Returns.
func (m *Messenger) CameBack(ctx context.Context, to campaigns.Reference, cardID string) {
	m.inItsPlace(ctx, to, cardID, cameBack(to.Locale))
}

// GivenUp implements delivery.Returns.
func (m *Messenger) GivenUp(ctx context.Context, to campaigns.Reference, cardID string, why campaigns.Reason) {
	m.inItsPlace(ctx, to, cardID, givenUp(to.Locale, why))
}

// inItsPlace makes the card that stands in a message's place say something.
func (m *Messenger) inItsPlace(ctx context.Context, to campaigns.Reference, cardID, text string) {
	_, body, err := laterCard(to.Locale, text, said(text))
	if err != nil {
		return // it cannot be: the card is Herald's own
	}
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	m.Client.Update(ctx, connector.Target{ServiceURL: to.ServiceURL, ConversationID: to.ConversationID}, cardID, body, connector.Options{})
}

func cameBack(locale string) string {
	return say(locale, "This message came back below.", "Ce message est revenu plus bas.")
}

// givenUp says why a message that was to come back does not.
func givenUp(locale string, why campaigns.Reason) string {
	switch why {
	case campaigns.StoppedByAuthor:
		return noReturn(locale)
	case campaigns.AnsweredBefore:
		return haveAnswered(locale)
	case campaigns.ClosedSurvey:
		return closedNow(locale)
	case campaigns.OptedOut:
		return say(locale, "This message does not come back: you get only what is mandatory.", "Ce message ne reviendra pas : vous ne recevez que l’obligatoire.")
	}
	return say(locale, "This message could not come back.", "Ce message n’a pas pu revenir.")
}

func haveAnswered(locale string) string {
	return say(locale, "You have already answered this survey.", "Vous avez déjà répondu à cette enquête.")
}

func closedNow(locale string) string {
	return say(locale, "This survey takes no answers any more.", "Cette enquête n’accepte plus de réponses.")
}

func noReturn(locale string) string {
	return say(locale, "This message cannot come back any more: it was withdrawn.", "Ce message ne peut plus revenir : il a été retiré.")
}

// tooLate says that a survey cannot be answered any more when it would come back.
func tooLate(locale string, p campaigns.Postponed) string {
	if !p.Now.Before(p.Until) {
		return closedNow(locale)
	}
	return fmt.Sprintf(say(locale,
		"This survey closes %s at %s, so it stays here. Choose an earlier time, or answer it by then.",
		"Cette enquête se termine %s à %s ; elle reste donc ici. Choisissez un moment plus proche, ou répondez d’ici là."), dayOf(locale, p.Now, p.Until), p.Until.Format("15:04"))
}

// comesBack says when a message comes back.
func comesBack(locale string, p campaigns.Postponed) string {
	text := fmt.Sprintf(say(locale, "This message will come back %s at %s.", "Ce message reviendra %s à %s."), dayOf(locale, p.Now, p.Until), p.Until.Format("15:04"))
	if p.Last {
		text += say(locale, " That will be the last time; then it stays.", " Ce sera la dernière fois ; ensuite, il restera.")
	}
	return text
}

// dayOf says on which day something is, on the calendar of both moments' zone.
func dayOf(locale string, now, at time.Time) string {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	switch day(at).Sub(day(now)) / (24 * time.Hour) {
	case 0:
		return say(locale, "today", "aujourd’hui")
	case 1:
		return say(locale, "tomorrow", "demain")
	}
	if french(locale) {
		return fmt.Sprintf("%s %d %s", frenchDays[at.Weekday()], at.Day(), frenchMonths[at.Month()-1])
	}
	return at.Format("on Monday 2 January")
}

var (
	frenchDays   = [...]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"}
	frenchMonths = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
)

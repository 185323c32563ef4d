package bot

import (
	"context"
	"encoding/json"
	"net/http"

	"herald/bot/activity"
	"herald/bot/connector"
	"herald/campaigns"
	"herald/campaigns/survey"
)

// Surveys takes what people press on a survey's card.
type Surveys interface {
	Answer(ctx context.Context, ref campaigns.Reference, activityID string, p campaigns.Pressed) (campaigns.Reply, error)
}

// surveyPress finds a survey's press in the data of an action.
func surveyPress(data json.RawMessage) (p campaigns.Pressed, ok bool) {
	if len(data) == 0 || json.Unmarshal(data, &p.Inputs) != nil {
		return p, false
	}
	p.Press, ok = survey.ReadPress(p.Inputs)
	return p, ok
}

const cardContent = "application/vnd.microsoft.card.adaptive"

// surveyInvoke answers an Action.Execute, or the card's own refresh, with the card as it looks from now on.
func (b *Bot) surveyInvoke(ctx context.Context, ref campaigns.Reference, in activity.Inbound, p campaigns.Pressed) invokeResponse {
	reply, err := b.Surveys.Answer(ctx, ref, in.ReplyToID, p)
	if refused, ok := refusedPress(ref.Locale, err); ok {
		if p.Act == survey.Show { // nobody pressed anything: the card stays as it is
			return cardError(http.StatusBadRequest, "BadRequest", refused)
		}
		return cardMessage(refused)
	}
	if err != nil {
		return b.cardFailure(ctx, in, err)
	}
	if reply.Keep {
		b.updateCard(ctx, ref, in.ReplyToID, reply) // what is shown counts; the answer is kept
	}
	return invokeResponse{http.StatusOK, cardContent, reply.Card}
}

// surveySubmit takes an Action.Submit, which cannot be answered with a card: the message is replaced. text is what is left to
// say, or empty.
func (b *Bot) surveySubmit(ctx context.Context, ref campaigns.Reference, in activity.Inbound, p campaigns.Pressed) (text string, err error) {
	reply, err := b.Surveys.Answer(ctx, ref, in.ReplyToID, p)
	if refused, ok := refusedPress(ref.Locale, err); ok {
		return refused, nil
	}
	if err != nil {
		return "", err
	}
	if b.updateCard(ctx, ref, in.ReplyToID, reply) {
		return "", nil
	}
	return notShown(ref.Locale), nil
}

// refusedPress is what a person is told whose press cannot be taken.
func refusedPress(locale string, err error) (text string, refused bool) {
	switch campaigns.CodeOf(err) {
	case campaigns.CodeNotFound, campaigns.CodeGone, campaigns.CodeConflict:
		return outdated(locale), true
	case campaigns.CodeInvalid:
		return misunderstood(locale), true
	}
	return "", false
}

// updateCard makes a message of the bot's show another card, for good. The log does not say whose: with the answers that are
// kept at the same moment it would tell who gave them.
func (b *Bot) updateCard(ctx context.Context, ref campaigns.Reference, activityID string, reply campaigns.Reply) bool {
	if activityID == "" {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	o := b.Sender.Update(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, activityID, reply.Activity, connector.Options{})
	if !o.OK() {
		b.Log.WarnContext(ctx, "a card was not replaced", "tenant", ref.TenantID, "outcome", o)
	}
	return o.OK()
}

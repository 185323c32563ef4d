package bot

import (
	"context"
	"encoding/json"
	"net/http"

	"herald/bot/activity"
	"herald/campaigns"
	"herald/campaigns/message"
)

// cardAction is the invoke that an Action.Execute makes.
const cardAction = "adaptiveCard/action"

// invokeResponse is the body of an adaptiveCard/action answer
// (MicrosoftDocs/AdaptiveCards, universal-action-model). The HTTP status is always 200.
type invokeResponse struct {
	StatusCode int    `json:"statusCode"`
	Type       string `json:"type"`
	Value      any    `json:"value"`
}

func cardMessage(text string) invokeResponse {
	return invokeResponse{http.StatusOK, "application/vnd.microsoft.activity.message", text}
}

func cardError(status int, code, message string) invokeResponse {
	return invokeResponse{status, "application/vnd.microsoft.error", map[string]string{"code": code, "message": message}}
}

// invoke answers at once: somebody looks at a spinner, and Teams repeats no invoke. So
// there is no look-up of names, and a failing store is told in the documented form.
func (b *Bot) invoke(ctx context.Context, in activity.Inbound) (any, error) {
	if in.Name != cardAction {
		b.meaningless(ctx, in)
		_, _, err := b.Book.Note(ctx, in)
		return struct{}{}, err
	}
	ref, ok, err := b.Book.Note(ctx, in)
	if err != nil {
		return b.cardFailure(ctx, in, err), nil
	}
	if !ok {
		return cardMessage(outdated(in.Language())), nil
	}
	var value struct {
		Action struct {
			Type string          `json:"type"`
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}
	if !in.DecodeValue(&value) || value.Action.Type != "Action.Execute" {
		return cardError(http.StatusBadRequest, "BadRequest", misunderstood(ref.Locale)), nil
	}
	data := value.Action.Data
	if len(data) == 0 || string(data) == "null" {
		data = json.RawMessage("{}") // a button without inputs is an answer too
	}
	if p, ok := surveyPress(data); ok {
		return b.surveyInvoke(ctx, ref, in, p), nil
	}
	if p, ok := message.ReadLater(data); ok && b.Later != nil {
		return b.laterInvoke(ctx, ref, in, p), nil
	}
	kept, err := b.answer(ctx, ref, in.ReplyToID, data)
	if err != nil {
		return b.cardFailure(ctx, in, err), nil
	}
	switch kept {
	case answerKept:
		return cardMessage(thanks(ref.Locale)), nil
	case answerTooLong:
		return cardError(http.StatusBadRequest, "BadRequest", tooLong(ref.Locale)), nil
	default:
		return cardMessage(outdated(ref.Locale)), nil
	}
}

func (b *Bot) cardFailure(ctx context.Context, in activity.Inbound, err error) invokeResponse {
	b.Log.ErrorContext(ctx, "card answer not kept", "tenant", in.Tenant(), "err", err)
	return cardError(http.StatusInternalServerError, "InternalServerError", failed(in.Language()))
}

// maxAnswer bounds what is kept of a card's inputs, in bytes.
const maxAnswer = 32 << 10

type answerFate int

const (
	answerForNoCard answerFate = iota
	answerTooLong
	answerKept
)

// answer keeps what a card's button sent back.
func (b *Bot) answer(ctx context.Context, ref campaigns.Reference, activityID string, value json.RawMessage) (answerFate, error) {
	switch {
	case activityID == "":
		b.Log.InfoContext(ctx, "card answer that names no card", "tenant", ref.TenantID)
		return answerForNoCard, nil
	case len(value) > maxAnswer:
		b.Log.InfoContext(ctx, "card answer too long", "tenant", ref.TenantID, "bytes", len(value))
		return answerTooLong, nil
	}
	known, err := b.Book.Store.RecordAnswer(ctx, ref, activityID, string(value), b.Now())
	if err != nil || !known {
		return answerForNoCard, err
	}
	return answerKept, nil
}

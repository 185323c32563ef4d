// Package bot listens to Teams: POST /api/messages, and what each activity means for
// Herald. What it sends goes through bot/connector.
//
// It imports campaigns, and its own packages: auth, activity, connector,
// conversation. Never another adapter. Start reading at ServeHTTP.
package bot

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/bot/activity"
	"herald/bot/auth"
	"herald/bot/connector"
	"herald/bot/conversation"
	"herald/campaigns"
	"herald/campaigns/message"
)

// answerTimeout bounds the handling of one activity; Teams gives up after 10–15 s
// (bot-docs, v4sdk/long-operations).
const answerTimeout = 10 * time.Second

// Verifier checks the Authorization header of an inbound activity.
type Verifier interface {
	Verify(ctx context.Context, authorization string, a auth.ActivityClaims) error
}

// Sender posts into a conversation.
type Sender interface {
	Send(ctx context.Context, t connector.Target, body []byte, o connector.Options) connector.Outcome
	// Update replaces a message that the bot sent.
	Update(ctx context.Context, t connector.Target, activityID string, body []byte, o connector.Options) connector.Outcome
	// Allowed says whether a service URL may be called.
	Allowed(serviceURL string) bool
}

// Bot is the Bot Framework endpoint.
type Bot struct {
	Verifier   Verifier
	Book       *conversation.Book
	Sender     Sender
	Playground Playground
	Surveys    Surveys
	Later      Postponer // nil: nothing comes back
	Decider    Decider   // nil: nobody decides in the chat
	AssetsURL  string    // public base of Herald's images
	Now        func() time.Time
	Log        *slog.Logger
	// Observe is told of each activity's type and the status it was answered with.
	Observe func(kind string, status int)
	// Accepted is told of each tenant whose activity was let in.
	Accepted func(ctx context.Context, tenant string)
}

// ServeHTTP answers 200 to everything understood or harmless, 401 or 403 to what is not
// from Teams, 400, 413 or 415 to what is no activity, and 503 when it could not be
// stored, so that Teams tries again.
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, status, body := b.handle(w, r)
	if b.Observe != nil {
		b.Observe(kind, status)
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a Teams that has gone needs no answer
}

type refusal struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func refuse(code, message string) refusal {
	var r refusal
	r.Error.Code, r.Error.Message = code, message
	return r
}

func (b *Bot) handle(w http.ResponseWriter, r *http.Request) (kind string, status int, body any) {
	header := r.Header.Get("Authorization")
	local := header == "" && b.Playground.admits(r)
	if header == "" && !local {
		return "refused", http.StatusUnauthorized, refuse("no_token", "This endpoint takes activities from the Bot Framework only, with its token.")
	}
	// Also a wall around the playground: a web page that posts to this machine cannot
	// say that it sends JSON without asking first.
	if media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return "invalid", http.StatusUnsupportedMediaType, refuse("bad_content_type", "An activity is application/json.")
	}
	in, err := activity.Decode(http.MaxBytesReader(w, r.Body, activity.MaxSize+1))
	if err != nil {
		why := brief(err.Error())
		b.Log.InfoContext(r.Context(), "activity not understood", "err", why)
		status := http.StatusBadRequest
		var bad *activity.Error
		if errors.As(err, &bad) && bad.Problem == activity.TooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		return "invalid", status, refuse("bad_activity", why)
	}
	verifying, cancel := context.WithTimeout(r.Context(), answerTimeout)
	defer cancel()
	if code, status, message := b.admit(verifying, header, local, &in); status != http.StatusOK {
		return "refused", status, refuse(code, message)
	}
	if b.Accepted != nil {
		b.Accepted(verifying, in.Tenant())
	}
	// Once accepted, an activity is handled to its end, even if Teams hangs up.
	deadline, _ := verifying.Deadline()
	ctx, cancel := context.WithDeadline(context.WithoutCancel(r.Context()), deadline)
	defer cancel()
	body, err = b.dispatch(ctx, in)
	if err != nil {
		b.Log.ErrorContext(ctx, "activity not handled", "type", brief(string(in.Type)), "tenant", in.Tenant(), "err", err)
		return string(in.Type), http.StatusServiceUnavailable, refuse("unavailable", "The activity could not be stored. Try again.")
	}
	return string(in.Type), http.StatusOK, body
}

// admit decides whether an activity is from whom it says, and may be answered where it
// says. Nothing is stored before it answers 200.
func (b *Bot) admit(ctx context.Context, header string, local bool, in *activity.Inbound) (code string, status int, message string) {
	if local {
		if !isLoopbackURL(in.ServiceURL) {
			return "service_url_not_loopback", http.StatusForbidden, "In playground mode the service URL must be on this machine."
		}
		b.Playground.adopt(in)
	} else if err := b.Verifier.Verify(ctx, header, auth.ActivityClaims{ServiceURL: in.ServiceURL, ChannelID: in.ChannelID, TenantID: in.Tenant()}); err != nil {
		var refused *auth.Error
		if !errors.As(err, &refused) {
			b.Log.ErrorContext(ctx, "token not verified", "err", err)
			return "unavailable", http.StatusServiceUnavailable, "The token could not be verified. Try again."
		}
		b.Log.WarnContext(ctx, "activity refused", "reason", refused.Reason, "err", brief(err.Error()))
		return string(refused.Reason), refused.HTTPStatus(), "The token was not accepted."
	}
	// Stored, a place that Herald never calls would cost a good reference.
	if !b.Sender.Allowed(in.ServiceURL) {
		b.Log.WarnContext(ctx, "activity refused: its service URL is not on the list of hosts", "serviceUrl", brief(in.ServiceURL))
		return "service_url_not_allowed", http.StatusForbidden, "The service URL is not on the list of hosts."
	}
	return "", http.StatusOK, ""
}

// brief bounds foreign text for logs and answers.
func brief(s string) string {
	const limit = 300
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}

// dispatch says what each activity means. The result is the body of the answer; only invokes have one.
func (b *Bot) dispatch(ctx context.Context, in activity.Inbound) (any, error) {
	switch in.Type {
	case schema.InstallationUpdate:
		switch { // add-upgrade and remove-upgrade are an addition and a removal (platform.md §4)
		case strings.HasPrefix(in.Action, "add"):
			return nil, b.installed(ctx, in)
		case strings.HasPrefix(in.Action, "remove"):
			return nil, b.removed(ctx, in)
		}
	case schema.ConversationUpdate:
		return nil, b.conversationUpdate(ctx, in)
	case schema.Message:
		return nil, b.message(ctx, in)
	case schema.Invoke:
		if body, ours, err := b.decideByInvoke(ctx, in); ours {
			return body, err
		}
		return b.invoke(ctx, in)
	case schema.MsgReaction:
		return nil, b.reaction(ctx, in)
	case schema.Event:
		if in.Name == "application/vnd.microsoft.readReceipt" {
			return nil, b.read(ctx, in)
		}
	}
	b.meaningless(ctx, in)
	return nil, b.met(ctx, in)
}

func (b *Bot) meaningless(ctx context.Context, in activity.Inbound) {
	b.Log.InfoContext(ctx, "activity without a meaning for Herald", "type", brief(string(in.Type)), "name", brief(in.Name), "tenant", in.Tenant())
}

// met: whatever it is, it shows that somebody has the app.
func (b *Bot) met(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok {
		return err
	}
	return b.greet(ctx, ref)
}

func (b *Bot) installed(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Install(ctx, in)
	if err != nil || !ok {
		return err
	}
	b.Log.InfoContext(ctx, "app installed", "tenant", ref.TenantID, "person", ref.PersonID, "state", ref.State)
	return b.greet(ctx, ref)
}

func (b *Bot) removed(ctx context.Context, in activity.Inbound) error {
	ref, ok := conversation.Of(in, b.Now())
	if !ok {
		return nil
	}
	b.Log.InfoContext(ctx, "app removed", "tenant", ref.TenantID, "person", ref.PersonID)
	return b.Book.Forget(ctx, ref)
}

// conversationUpdate: the bot was added or removed (the same as an installation, in either order with it), or
// the person left the tenant (msteams-docs, subscribe-to-conversation-events). Somebody who
// leaves a team or a group chat keeps the app.
func (b *Bot) conversationUpdate(ctx context.Context, in activity.Inbound) error {
	switch {
	case in.BotAdded():
		return b.installed(ctx, in)
	case in.BotRemoved():
		return b.removed(ctx, in)
	case len(in.MembersRemoved) == 0:
		return b.met(ctx, in)
	}
	for _, m := range in.MembersRemoved {
		if gone, ok := conversation.OfMember(in, m, b.Now()); ok {
			if err := b.Book.Forget(ctx, gone); err != nil {
				return err
			}
		}
	}
	return nil
}

// message: someone writes to the bot, or presses an Action.Submit, which arrives as a
// message with a value and the card's id in replyToId.
func (b *Bot) message(ctx context.Context, in activity.Inbound) error {
	asked := wishOf(in)
	if asked == wantsEverything { // also somebody who was forgotten
		if err := b.Book.Return(ctx, in); err != nil {
			return err
		}
	}
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok {
		return err
	}
	var body []byte
	if len(in.RawValue) == 0 {
		if body, err = b.grant(ctx, ref, asked); err != nil {
			return err
		}
	} else if body, err = b.pressed(ctx, ref, in); err != nil {
		return err
	}
	if err := b.greet(ctx, ref); err != nil || body == nil {
		return err
	}
	if o := b.send(ctx, ref, body); !o.OK() {
		b.Log.WarnContext(ctx, "answer not sent", "tenant", ref.TenantID, "person", ref.PersonID, "outcome", o)
	}
	return nil
}

// pressed takes an Action.Submit, and returns the activity that answers; nil: the card itself has changed.
func (b *Bot) pressed(ctx context.Context, ref campaigns.Reference, in activity.Inbound) (body []byte, err error) {
	var text string
	if p, ours := surveyPress(in.RawValue); ours {
		text, err = b.surveySubmit(ctx, ref, in, p)
	} else if p, ours := message.ReadLater(in.RawValue); ours && b.Later != nil {
		text, err = b.laterSubmit(ctx, ref, in, p)
	} else if d, comment, ours := decisionOf(in.RawValue); ours && b.Decider != nil {
		_, text, err = b.decide(ctx, ref, d, comment)
	} else {
		var fate answerFate
		fate, err = b.answer(ctx, ref, in.ReplyToID, in.RawValue)
		switch fate {
		case answerKept:
			text = thanks(ref.Locale)
		case answerTooLong:
			text = tooLong(ref.Locale)
		default:
			text = outdated(ref.Locale)
		}
	}
	if err != nil || text == "" {
		return nil, err
	}
	return plain(text)
}

func (b *Bot) reaction(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok {
		return err
	}
	switch n := len(in.ReactionsAdded); {
	case in.ReplyToID == "":
	case n > 0: // what they replace may be named beside them
		err = b.Book.Store.RecordReaction(ctx, ref, in.ReplyToID, kindOf(in.ReactionsAdded[n-1]))
	case len(in.ReactionsRemoved) > 0: // perhaps told after what took their place
		gone := make([]string, len(in.ReactionsRemoved))
		for i, r := range in.ReactionsRemoved {
			gone[i] = kindOf(r)
		}
		err = b.Book.Store.RemoveReactions(ctx, ref, in.ReplyToID, gone)
	}
	if err != nil {
		return err
	}
	return b.greet(ctx, ref)
}

// kindOf is a reaction as it is kept.
func kindOf(r schema.MessageReaction) string {
	if kind := string(r.Type); kind != "" && len(kind) <= 64 {
		return kind
	}
	return "other"
}

// read: everything up to the named message is read
// (RSC permission ChatMessageReadReceipt.Read.Chat; build-conversational-capability).
func (b *Bot) read(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok {
		return err
	}
	var value struct {
		LastReadMessageID string `json:"lastReadMessageId"`
	}
	if !in.DecodeValue(&value) || value.LastReadMessageID == "" {
		b.Log.InfoContext(ctx, "read receipt without a message id", "tenant", ref.TenantID)
	} else if err := b.Book.Store.RecordRead(ctx, ref, value.LastReadMessageID, b.Now()); err != nil {
		return err
	}
	return b.greet(ctx, ref)
}

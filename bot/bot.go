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
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/bot/activity"
	"herald/bot/auth"
	"herald/bot/connector"
	"herald/bot/conversation"
	"herald/campaigns"
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
}

// Playground lets a local Bot Framework client in that sends no token, such as the
// Microsoft 365 Agents Playground: from loopback, to loopback, and nothing else.
type Playground struct {
	Enabled bool
	Tenants []string // what an activity without one of these is counted to: the first
}

// Bot is the Bot Framework endpoint.
type Bot struct {
	Verifier   Verifier
	Book       *conversation.Book
	Sender     Sender
	Playground Playground
	AssetsURL  string // public base of Herald's images
	Now        func() time.Time
	Log        *slog.Logger
	// Observe is told of each activity's type and the status it was answered with.
	Observe func(kind string, status int)
}

// ServeHTTP answers 200 to everything understood or harmless, 401 or 403 to what is not
// from Teams, 400 to what is no activity, and 5xx when it could not be stored, so
// that Teams tries again.
func (b *Bot) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind, status, body := b.handle(w, r)
	if b.Observe != nil {
		b.Observe(kind, status)
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
	local := b.Playground.Enabled && header == "" && fromLoopback(r)
	if header == "" && !local {
		return "refused", http.StatusUnauthorized, refuse("no_token", "This endpoint takes activities from the Bot Framework only, with its token.")
	}
	in, err := activity.Decode(http.MaxBytesReader(w, r.Body, activity.MaxSize+1))
	if err != nil {
		b.Log.InfoContext(r.Context(), "activity not understood", "err", err)
		status := http.StatusBadRequest
		var bad *activity.Error
		if errors.As(err, &bad) && bad.Problem == activity.TooLarge {
			status = http.StatusRequestEntityTooLarge
		}
		return "invalid", status, refuse("bad_activity", err.Error())
	}
	if local {
		if !loopbackURL(in.ServiceURL) {
			return "refused", http.StatusForbidden, refuse("service_url_not_loopback", "In playground mode the service URL must be on this machine.")
		}
		if len(b.Playground.Tenants) > 0 && !slices.Contains(b.Playground.Tenants, strings.ToLower(in.Tenant())) {
			in.SetTenant(b.Playground.Tenants[0])
		}
	} else if err := b.Verifier.Verify(r.Context(), header, auth.ActivityClaims{ServiceURL: in.ServiceURL, ChannelID: in.ChannelID, TenantID: in.Tenant()}); err != nil {
		var refused *auth.Error
		if !errors.As(err, &refused) {
			b.Log.ErrorContext(r.Context(), "token not verified", "err", err)
			return "refused", http.StatusInternalServerError, refuse("internal", "The token could not be verified.")
		}
		b.Log.WarnContext(r.Context(), "activity refused", "reason", refused.Reason, "err", err)
		return "refused", refused.HTTPStatus(), refuse(string(refused.Reason), "The token was not accepted.")
	}
	// Once accepted, an activity is handled to its end, even if Teams hangs up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTimeout)
	defer cancel()
	body, err = b.dispatch(ctx, in)
	if err != nil {
		b.Log.ErrorContext(ctx, "activity not handled", "type", in.Type, "tenant", in.Tenant(), "err", err)
		return string(in.Type), http.StatusServiceUnavailable, refuse("unavailable", "The activity could not be stored. Try again.")
	}
	return string(in.Type), http.StatusOK, body
}

func fromLoopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	// A proxy on this machine would make the whole world look local.
	forwarded := r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != ""
	return err == nil && ip != nil && ip.IsLoopback() && !forwarded
}

func loopbackURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// dispatch says what each activity means. The result is the body of the answer; only invokes have one.
func (b *Bot) dispatch(ctx context.Context, in activity.Inbound) (any, error) {
	switch in.Type {
	case schema.InstallationUpdate:
		switch {
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
		return b.invoke(ctx, in)
	case "messageReaction":
		return nil, b.reaction(ctx, in)
	case schema.Event:
		if in.Name == "application/vnd.microsoft.readReceipt" {
			return nil, b.read(ctx, in)
		}
	}
	b.Log.InfoContext(ctx, "activity without a meaning for Herald", "type", in.Type, "name", in.Name, "tenant", in.Tenant())
	_, _, err := b.Book.Refresh(ctx, in)
	return nil, err
}

// conversationUpdate: the bot was added (the same as an installation, in either order with it), or
// the person left the tenant (msteams-docs, subscribe-to-conversation-events).
func (b *Bot) conversationUpdate(ctx context.Context, in activity.Inbound) error {
	if in.BotAdded() {
		return b.installed(ctx, in)
	}
	for _, m := range in.MembersRemoved {
		if m.AadObjectID != "" && m.ID != in.Recipient.ID {
			if err := b.Book.Forget(ctx, in.Tenant(), strings.ToLower(m.AadObjectID)); err != nil {
				return err
			}
		}
	}
	if len(in.MembersRemoved) > 0 {
		return nil
	}
	_, _, err := b.Book.Refresh(ctx, in)
	return err
}

func (b *Bot) installed(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok {
		return err
	}
	first, err := b.Book.Store.ClaimWelcome(ctx, ref.TenantID, ref.PersonID)
	if err != nil || !first {
		return err
	}
	b.Log.InfoContext(ctx, "app installed", "tenant", ref.TenantID, "person", ref.PersonID)
	card, err := welcome(ref.Locale, b.AssetsURL)
	if err != nil {
		return err
	}
	if o := b.Sender.Send(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, card, connector.Options{}); !o.OK() {
		// The reference is what matters; a greeting is not worth Teams' retry of the whole activity.
		b.Log.WarnContext(ctx, "welcome not sent", "tenant", ref.TenantID, "person", ref.PersonID, "outcome", o)
	}
	return nil
}

func (b *Bot) removed(ctx context.Context, in activity.Inbound) error {
	ref, ok := conversation.Of(in, b.Now())
	if !ok {
		return nil
	}
	b.Log.InfoContext(ctx, "app removed", "tenant", ref.TenantID, "person", ref.PersonID)
	return b.Book.Forget(ctx, ref.TenantID, ref.PersonID)
}

// message: someone writes to the bot, or presses an Action.Submit, which arrives as a
// message with a value and the card's id in replyToId.
func (b *Bot) message(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok {
		return err
	}
	text := help(ref.Locale)
	if len(in.RawValue) > 0 {
		known, err := b.answer(ctx, ref, in.ReplyToID, in.RawValue)
		if err != nil {
			return err
		}
		text = outdated(ref.Locale)
		if known {
			text = thanks(ref.Locale)
		}
	}
	body, err := plain(text)
	if err != nil {
		return err
	}
	if o := b.Sender.Send(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, body, connector.Options{}); !o.OK() {
		b.Log.WarnContext(ctx, "answer not sent", "tenant", ref.TenantID, "person", ref.PersonID, "outcome", o)
	}
	return nil
}

// maxAnswer bounds what is kept of a card's inputs, in bytes.
const maxAnswer = 32 << 10

func (b *Bot) answer(ctx context.Context, ref campaigns.Reference, activityID string, value json.RawMessage) (known bool, err error) {
	if activityID == "" || len(value) > maxAnswer {
		b.Log.InfoContext(ctx, "card answer ignored", "tenant", ref.TenantID, "bytes", len(value), "has_card", activityID != "")
		return false, nil
	}
	return b.Book.Store.RecordAnswer(ctx, ref.TenantID, ref.ConversationID, activityID, string(value), b.Now())
}

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

func cardError(code, message string) invokeResponse {
	return invokeResponse{http.StatusBadRequest, "application/vnd.microsoft.error", map[string]string{"code": code, "message": message}}
}

func (b *Bot) invoke(ctx context.Context, in activity.Inbound) (any, error) {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil {
		return nil, err
	}
	if in.Name != "adaptiveCard/action" || !ok {
		b.Log.InfoContext(ctx, "invoke without a meaning for Herald", "name", in.Name, "tenant", in.Tenant())
		return struct{}{}, nil
	}
	var value struct {
		Action struct {
			Type string          `json:"type"`
			Verb string          `json:"verb"`
			Data json.RawMessage `json:"data"`
		} `json:"action"`
	}
	if !in.DecodeValue(&value) || value.Action.Type != "Action.Execute" {
		return cardError("BadRequest", "The card's action was not understood."), nil
	}
	known, err := b.answer(ctx, ref, in.ReplyToID, value.Action.Data)
	if err != nil {
		return nil, err
	}
	if !known {
		return cardMessage(outdated(ref.Locale)), nil
	}
	return cardMessage(thanks(ref.Locale)), nil
}

func (b *Bot) reaction(ctx context.Context, in activity.Inbound) error {
	ref, ok, err := b.Book.Refresh(ctx, in)
	if err != nil || !ok || in.ReplyToID == "" {
		return err
	}
	reaction := ""
	if n := len(in.ReactionsAdded); n > 0 {
		reaction = string(in.ReactionsAdded[n-1].Type)
		if reaction == "" || len(reaction) > 64 {
			reaction = "other"
		}
	} else if len(in.ReactionsRemoved) == 0 {
		return nil
	}
	return b.Book.Store.RecordReaction(ctx, ref.TenantID, ref.ConversationID, in.ReplyToID, reaction)
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
		return nil
	}
	return b.Book.Store.RecordRead(ctx, ref.TenantID, ref.ConversationID, value.LastReadMessageID, b.Now())
}

package connector

import (
	"fmt"
	"log/slog"
	"time"
)

// Kind is what the sender has to do after a call.
type Kind uint8

const (
	// Sent: Teams accepted it.
	Sent Kind = iota + 1
	// RetryAt: not now; again after RetryAfter, or after the caller's own backoff
	// when that is zero.
	RetryAt
	// ConversationGone: the conversation id is no longer good. Create it anew,
	// once, and send again.
	ConversationGone
	// Permanent: it will not work, for Reason.
	Permanent
)

func (k Kind) String() string {
	switch k {
	case Sent:
		return "sent"
	case RetryAt:
		return "retry"
	case ConversationGone:
		return "conversation_gone"
	case Permanent:
		return "permanent"
	default:
		return "none"
	}
}

// Reasons: stable words, the same that reports use.
const (
	NotInstalled     = "not_installed"
	UserNotFound     = "user_not_found"
	BlockedByUser    = "blocked_by_user"
	DisabledByAdmin  = "disabled_by_admin"
	Throttled        = "throttled"
	TooLarge         = "too_large"
	BotUnauthorized  = "bot_unauthorized"
	BadRequest       = "bad_request"
	ServiceError     = "service_error"
	Unreachable      = "unreachable"
	ConversationLost = "conversation_gone"
	ActivityGone     = "activity_gone" // the message to update, delete or reply to is not there
)

// Outcome is what became of one call.
type Outcome struct {
	Kind   Kind
	Reason string // empty when Sent

	// ActivityID is Teams' id of the message. It may be empty although the
	// message was sent: Teams gives none when it splits a message in two.
	ActivityID string

	// RetryAfter is how long Teams asked to wait, at most MaxRetryAfter; zero:
	// it did not say.
	RetryAfter time.Duration

	// Ambiguous marks a RetryAt whose message may have been delivered all the
	// same: the answer got lost, or came from a gateway that cannot know. There
	// is no idempotency key to find out with (platform.md §2).
	Ambiguous bool

	// ServiceURL is set when Teams moved the call to another host; the
	// conversation reference should remember it.
	ServiceURL string

	Status int    // of the HTTP answer; zero: there was none
	Code   string // Teams' own word, e.g. "BotNotInConversationRoster"
	Detail string // one line for the log; never a token, never the message
}

// OK says whether Teams accepted the call.
func (o Outcome) OK() bool { return o.Kind == Sent }

// String is one line for logs and test failures.
func (o Outcome) String() string {
	s := o.Kind.String()
	if o.Reason != "" {
		s += " " + o.Reason
	}
	if o.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d %s)", o.Status, o.Code)
	}
	if o.Detail != "" {
		s += ": " + o.Detail
	}
	return s
}

// LogValue implements slog.LogValuer.
func (o Outcome) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("kind", o.Kind.String())}
	if o.Reason != "" {
		attrs = append(attrs, slog.String("reason", o.Reason))
	}
	if o.Status != 0 {
		attrs = append(attrs, slog.Int("status", o.Status))
	}
	if o.Code != "" {
		attrs = append(attrs, slog.String("code", o.Code))
	}
	if o.Detail != "" {
		attrs = append(attrs, slog.String("detail", o.Detail))
	}
	if o.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retryAfter", o.RetryAfter))
	}
	if o.Ambiguous {
		attrs = append(attrs, slog.Bool("ambiguous", true))
	}
	return slog.GroupValue(attrs...)
}

// Error is an Outcome where Go wants an error: reading members.
type Error struct {
	Op      string
	Outcome Outcome
}

func (e *Error) Error() string { return "bot connector: " + e.Op + ": " + e.Outcome.String() }

// Reason is the stable word.
func (e *Error) Reason() string { return e.Outcome.Reason }

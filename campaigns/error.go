package campaigns

import (
	"errors"
	"fmt"
	"time"

	"herald/campaigns/message"
)

// Code classifies an Error. The edges (tab, bot) turn codes into HTTP; nothing
// ever looks at the text of an error.
type Code string

const (
	CodeInvalid      Code = "invalid"      // the input breaks a rule; Problems names field and rule
	CodeNotFound     Code = "not_found"    // no such thing in this tenant
	CodeConflict     Code = "conflict"     // the state does not allow it
	CodeStale        Code = "stale"        // someone else changed it; Current holds the newest
	CodeForbidden    Code = "forbidden"    // the actor, or Herald itself, lacks the permission
	CodeThrottled    Code = "throttled"    // too fast; RetryAfter says when to come back
	CodeUnavailable  Code = "unavailable"  // something Herald depends on does not answer
	CodeGone         Code = "gone"         // a token or page that was valid once no longer is
	CodeUnauthorized Code = "unauthorized" // no valid token
)

// Error is the one error type that leaves this package with a meaning. An
// error that is not an *Error is a defect or an accident: the edges log it and
// answer "internal error".
type Error struct {
	Code    Code
	Reason  string // stable word for programs, finer than Code: "send_later_cap", "not_draft", …
	Message string // one English sentence for people: what, why, what now
	Err     error  // cause; logged, never shown

	Problems   []message.Problem // CodeInvalid: everything that is wrong, not only the first
	Current    *Campaign         // CodeStale of a campaign
	List       *List             // CodeStale of a list
	Survey     *Survey           // CodeStale of a survey
	RetryAfter time.Duration     // CodeThrottled
}

func (e *Error) Error() string {
	s := string(e.Code)
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error with a formatted message.
func Errorf(code Code, reason, format string, args ...any) *Error {
	return &Error{Code: code, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the *Error in err's chain, or "" when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// ReasonOf returns the reason of the *Error in err's chain, or "" when there is none.
func ReasonOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return ""
}

// RetryAfterOf returns how long the *Error in err's chain asks to wait, or zero.
func RetryAfterOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryAfter
	}
	return 0
}

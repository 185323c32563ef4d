package connector

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// MaxRetryAfter bounds how long a Retry-After may hold a message back.
const MaxRetryAfter = time.Hour

// classify turns an answer into an Outcome. The table is platform.md §2; a
// status that is not in it is not retried, as the documentation asks.
func classify(status int, header http.Header, body []byte, now time.Time) Outcome {
	o := Outcome{Status: status}
	if status >= 200 && status < 300 {
		o.Kind = Sent
		return o
	}
	o.Code, o.Detail = envelope(body)
	verdict := func(k Kind, reason string) Outcome {
		o.Kind, o.Reason = k, reason
		return o
	}
	switch status {
	case http.StatusBadRequest:
		return verdict(Permanent, BadRequest)
	case http.StatusUnauthorized:
		return verdict(Permanent, BotUnauthorized)
	case http.StatusForbidden:
		return verdict(Permanent, forbidden(o.Code))
	case http.StatusNotFound:
		if strings.EqualFold(o.Code, "ActivityNotFoundInConversation") {
			return verdict(Permanent, ActivityGone)
		}
		return verdict(ConversationGone, ConversationLost)
	case http.StatusPreconditionFailed: // concurrent operations on one conversation
		o.RetryAfter = retryAfter(header, now)
		return verdict(RetryAt, Throttled)
	case http.StatusRequestEntityTooLarge:
		return verdict(Permanent, TooLarge)
	case http.StatusTooManyRequests:
		o.RetryAfter = retryAfter(header, now)
		return verdict(RetryAt, Throttled)
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		o.RetryAfter = retryAfter(header, now)
		// A gateway that gave up may have passed the message on; a service that is unavailable did not take it.
		o.Ambiguous = status != http.StatusServiceUnavailable
		return verdict(RetryAt, ServiceError)
	}
	if status >= 400 && status < 500 {
		return verdict(Permanent, BadRequest)
	}
	return verdict(Permanent, ServiceError) // 500 among them: the documentation says no
}

// forbidden is the reason behind the sub-code of a 403.
func forbidden(code string) string {
	switch strings.ToLower(code) {
	case "botdisabledbyadmin":
		return DisabledByAdmin
	case "botnotinconversationroster", "forbiddenoperationexception":
		return NotInstalled
	case "conversationblockedbyuser", "messagewritesblocked":
		return BlockedByUser
	case "invalidbotapihost":
		return ServiceError
	default: // NotEnoughPermissions, and whatever comes new
		return BotUnauthorized
	}
}

// isWrongHost says whether Teams asks to be called at the GCC host.
func isWrongHost(o Outcome) bool {
	return o.Status == http.StatusForbidden && strings.EqualFold(o.Code, "InvalidBotApiHost")
}

// envelope reads the code and message of an error answer in either of the two
// forms of platform.md §2: {"error":{"code","message"}}, or
// {"errorCode":209,"message":"<JSON string holding subCode>"}. A sub-code is the
// more precise of the two when both are there.
func envelope(body []byte) (code, detail string) {
	var e struct {
		Error struct {
			Code    scalar `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
		ErrorCode scalar `json:"errorCode"`
		SubCode   scalar `json:"subCode"`
		Message   string `json:"message"`
	}
	// The body is whatever a gateway wrote: a part that does not decode leaves the
	// others usable, and no body at all leaves the status.
	_ = json.Unmarshal(body, &e)
	code, detail = string(e.Error.Code), e.Error.Message
	if detail == "" {
		detail = e.Message
	}
	inner := string(e.SubCode)
	if inner == "" && strings.HasPrefix(strings.TrimSpace(detail), "{") {
		var m struct {
			SubCode   scalar `json:"subCode"`
			ErrorCode scalar `json:"errorCode"`
			Details   string `json:"details"`
			Message   string `json:"message"`
		}
		if json.Unmarshal([]byte(detail), &m) == nil {
			inner = string(m.SubCode)
			if e.ErrorCode == "" {
				e.ErrorCode = m.ErrorCode
			}
			switch {
			case m.Message != "":
				detail = m.Message
			case m.Details != "":
				detail = m.Details
			}
		}
	}
	switch {
	case inner != "":
		code = inner
	case e.ErrorCode == "209":
		code = "MessageWritesBlocked"
	case code == "":
		code = string(e.ErrorCode)
	}
	return oneLine(code, 80), oneLine(detail, 300)
}

// scalar is a JSON string or number; anything else is empty.
type scalar string

func (s *scalar) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*s = scalar(text)
		return nil
	}
	var n json.Number
	if json.Unmarshal(b, &n) == nil {
		*s = scalar(n)
	}
	return nil
}

// retryAfter reads the Retry-After header, seconds or an HTTP date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(header.Get("Retry-After"))
	if v == "" {
		return 0
	}
	var d time.Duration
	if seconds, err := strconv.ParseFloat(v, 64); err == nil {
		if math.IsNaN(seconds) || seconds <= 0 {
			return 0
		}
		if seconds >= MaxRetryAfter.Seconds() {
			return MaxRetryAfter
		}
		d = time.Duration(seconds * float64(time.Second))
	} else if at, err := http.ParseTime(v); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), MaxRetryAfter)
}

// unanswered is the outcome of a call that got no answer at all.
func unanswered(a *attempt, err error) Outcome {
	o := Outcome{Kind: RetryAt, Reason: Unreachable, Ambiguous: a.wrote.Load()}
	var refused *azidentity.AuthenticationFailedError
	if a.tried || !errors.As(err, &refused) || refused.RawResponse == nil {
		o.Detail = detailOf(err)
		return o
	}
	// No token. Entra's refusal is final until somebody mends the credential;
	// anything else is an outage like any other.
	answer := refused.RawResponse
	o.Detail = "no token: " + entraDetail(answer)
	switch s := answer.StatusCode; {
	case s == http.StatusTooManyRequests || s == http.StatusRequestTimeout:
		o.RetryAfter = retryAfter(answer.Header, time.Now()) // Entra goes by real time
	case s >= 400 && s < 500:
		o.Kind, o.Reason, o.Code = Permanent, BotUnauthorized, "TokenRefused"
	}
	return o
}

// entraDetail is what Entra says is wrong, e.g. "AADSTS7000215: Invalid client
// secret provided". The identity library's own text starts with four lines of
// address and rules instead.
func entraDetail(answer *http.Response) string {
	var e struct {
		Description string `json:"error_description"`
	}
	if body, err := runtime.Payload(answer); err == nil && json.Unmarshal(body, &e) == nil && e.Description != "" {
		return oneLine(e.Description, 300)
	}
	return oneLine(answer.Status, 80)
}

// detailOf is err without the URL, which holds the conversation's id.
func detailOf(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = fmt.Errorf("%s: %w", u.Op, u.Err)
	}
	return oneLine(err.Error(), 300)
}

// oneLine makes foreign text fit for a log line.
func oneLine(s string, limit int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == utf8.RuneError }), " ")
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit] + "…"
}

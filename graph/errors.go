package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models/odataerrors"

	"herald/campaigns"
)

// The application permissions that Directory's calls need.
const (
	readUsers    = "User.Read.All"
	readPresence = "Presence.Read.All"
	readMailbox  = "MailboxSettings.Read"
)

// answer is a refusal of Graph's, as its errors tell it.
type answer struct {
	status    int
	code      string // "Request_ResourceNotFound", …
	message   string
	requestID string // what Microsoft's support asks for
	wait      time.Duration
}

func (a *answer) Error() string {
	s := fmt.Sprintf("HTTP %d %s", a.status, a.code)
	if a.requestID != "" {
		s += " (request-id " + a.requestID + ")"
	}
	// Errors end in logs, where nobody's address belongs; Graph quotes the
	// request in some of its messages.
	if a.message != "" && !strings.Contains(a.message, "@") {
		s += ": " + a.message
	}
	return s
}

// answerOf takes the refusal out of the SDK's error; nil when Graph did not answer.
func answerOf(err error) *answer {
	var item *answer // of a batch
	if errors.As(err, &item) {
		return item
	}
	var api abstractions.ApiErrorable
	if !errors.As(err, &api) {
		return nil
	}
	a := &answer{status: api.GetStatusCode()}
	if headers := api.GetResponseHeaders(); headers != nil {
		first := func(name string) string {
			if values := headers.Get(name); len(values) > 0 {
				return values[0]
			}
			return ""
		}
		a.requestID = first("request-id")
		a.wait, _ = time.ParseDuration(first(waitHeader))
	}
	var odata odataerrors.ODataErrorable
	if errors.As(err, &odata) && odata.GetErrorEscaped() != nil {
		a.code, a.message = text(odata.GetErrorEscaped().GetCode()), text(odata.GetErrorEscaped().GetMessage())
	}
	return a
}

// absent says that Graph has no such user, or that the address cannot be one.
func absent(err error) bool {
	a := answerOf(err)
	return a != nil && (a.status == http.StatusNotFound || a.status == http.StatusBadRequest && a.code == "Request_BadRequest")
}

// fail makes the one error that leaves this package for a request that failed.
func (d *Directory) fail(ctx context.Context, op, tenantID string, err error) error {
	return d.failFor(ctx, op, tenantID, readUsers, err)
}

// failFor is fail of a request that needs another permission.
func (d *Directory) failFor(ctx context.Context, op, tenantID, permission string, err error) error {
	if ctx.Err() != nil {
		// The caller gave up; that says nothing about Graph.
		return fmt.Errorf("graph: %s: %w", op, context.Cause(ctx))
	}
	failure := classify(op, permission, err)
	d.log.WarnContext(ctx, "graph: "+op, "tenant", tenantID, "code", failure.Code, "err", failure.Err)
	return failure
}

func classify(op, permission string, err error) *campaigns.Error {
	wrap := func(code campaigns.Code, reason, message string) *campaigns.Error {
		return &campaigns.Error{Code: code, Reason: reason, Message: message, Err: fmt.Errorf("graph: %s: %w", op, err)}
	}
	var refused *azidentity.AuthenticationFailedError
	if errors.As(err, &refused) {
		if r := refused.RawResponse; r != nil && r.StatusCode >= 400 && r.StatusCode < 500 && r.StatusCode != http.StatusTooManyRequests {
			return wrap(campaigns.CodeForbidden, "graph_sign_in",
				"Microsoft Entra does not let Herald sign in to this organisation: check the app id, its secret or certificate, and that an administrator has consented.")
		}
		return wrap(campaigns.CodeUnavailable, "graph_sign_in", "Microsoft Entra does not answer; try again in a moment.")
	}
	a := answerOf(err)
	if a == nil && errors.Is(err, errAnswer) {
		return broken(op, err.Error())
	}
	if a == nil {
		// The address that was asked for stands in the URL.
		var request *url.Error
		if errors.As(err, &request) {
			err = request.Err
		}
		return wrap(campaigns.CodeUnavailable, "graph_unreachable", "Microsoft Graph cannot be reached; try again in a moment.")
	}
	err = a // the SDK's own text adds nothing to it
	support := ""
	if a.requestID != "" {
		support = " (Graph request " + a.requestID + ")"
	}
	switch {
	case a.status == http.StatusGone || strings.EqualFold(a.code, "syncStateNotFound") ||
		strings.EqualFold(a.code, "syncStateInvalid") || strings.EqualFold(a.code, "resyncRequired"):
		return gone(fmt.Errorf("graph: %s: %w", op, err))
	case a.status == http.StatusUnauthorized:
		return wrap(campaigns.CodeForbidden, "graph_unauthorized",
			"Microsoft Graph does not accept Herald's token: check that an administrator has granted the application permission "+permission+support+".")
	case a.status == http.StatusForbidden:
		return wrap(campaigns.CodeForbidden, "graph_forbidden",
			"Herald lacks the application permission "+permission+" in Microsoft Graph: an administrator must grant it in Entra"+support+".")
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable && a.wait > 0:
		failure := wrap(campaigns.CodeThrottled, "graph_throttled", "Microsoft Graph asks Herald to slow down; try again later"+support+".")
		failure.RetryAfter = a.wait
		if failure.RetryAfter <= 0 {
			failure.RetryAfter = defaultRetryAfter
		}
		return failure
	case a.status == http.StatusNotFound:
		return wrap(campaigns.CodeNotFound, "graph_not_found", "Microsoft Graph does not know this organisation or person"+support+".")
	default:
		return wrap(campaigns.CodeUnavailable, "graph_failed", "Microsoft Graph failed; try again in a moment"+support+".")
	}
}

func gone(err error) *campaigns.Error {
	return &campaigns.Error{
		Code: campaigns.CodeGone, Reason: "sync_state_gone", Err: err,
		Message: "Microsoft Graph no longer knows what was read last; everybody must be read again.",
	}
}

// broken is an answer that Graph's contract does not allow.
func broken(op, why string) *campaigns.Error {
	return &campaigns.Error{
		Code: campaigns.CodeUnavailable, Reason: "graph_broken_answer",
		Message: "Microsoft Graph answered something that Herald does not understand; try again in a moment.",
		Err:     fmt.Errorf("graph: %s: %s", op, why),
	}
}

package connector

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"herald/campaigns/message/wire"
)

// correlationHeader carries Options.CorrelationID.
const correlationHeader = "X-Ms-Correlation-Id"

// maxBody bounds what is sent, whatever Teams counts: a few images of 1 MB.
const maxBody = 4 << 20

// Options are what a call may carry besides its message.
type Options struct {
	// CorrelationID names the delivery in Teams' and in our logs, and lets the
	// sandbox count duplicates. Letters, digits and -_.:/ only, at most 128.
	CorrelationID string
}

// call is one request, before it has an address.
type call struct {
	op     string // for the log
	method string
	path   []string // segments after /v3/conversations, not escaped
	query  url.Values
	body   []byte // JSON; nil: none
	opt    Options
}

// do makes the call and, where Teams' first answer asks for it, makes it once
// more. It returns the answer's body beside the outcome.
func (c *Client) do(ctx context.Context, serviceURL string, r call) (Outcome, []byte) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	start := time.Now()

	o, body := c.try(ctx, serviceURL, r)
	if o.Status == http.StatusUnauthorized {
		// Tokens die before their time: keys rotate, clocks differ. The next one is
		// fetched past all caches.
		o, body = c.try(ctx, serviceURL, r)
	}
	if isWrongHost(o) && c.cloud.GCCServiceURL != "" && !sameHost(serviceURL, c.cloud.GCCServiceURL) {
		o, body = c.try(ctx, c.cloud.GCCServiceURL, r)
		o.ServiceURL = c.cloud.GCCServiceURL
		if isWrongHost(o) {
			o.ServiceURL = ""
		}
	}

	// Teams' own words may name people, so nothing of this is for the info level;
	// whoever keeps the ledger logs what matters.
	if c.log.Enabled(ctx, slog.LevelDebug) {
		c.log.LogAttrs(ctx, slog.LevelDebug, "bot connector", slog.String("op", r.op), slog.String("correlation", r.opt.CorrelationID),
			slog.Any("outcome", o), slog.Duration("took", time.Since(start)))
	}
	return o, body
}

// try makes the call once.
func (c *Client) try(ctx context.Context, serviceURL string, r call) (Outcome, []byte) {
	base, withToken, err := c.hosts.check(serviceURL)
	if err != nil {
		return Outcome{Kind: Permanent, Reason: Unreachable, Code: "ServiceURLNotAllowed", Detail: oneLine(err.Error(), 300)}, nil
	}
	address, ok := endpoint(base, r)
	if !ok {
		return refused(BadRequest, "BadArgument", "an id in the call is empty or no id"), nil
	}
	if !isCorrelation(r.opt.CorrelationID) {
		return refused(BadRequest, "BadArgument", "the correlation id holds characters that a header cannot"), nil
	}
	if wire.Size(r.body) > wire.MaxSize || len(r.body) > maxBody {
		return refused(TooLarge, "MessageSizeTooBig", "the activity is larger than Teams allows"), nil
	}

	var a attempt
	var token string
	if withToken {
		if token, err = c.tokens.get(ctx); err != nil {
			return unanswered(&a, err), nil
		}
	}
	if err := c.roundTrip(ctx, &a, address, r, token); err != nil {
		return unanswered(&a, err), nil
	}
	if a.status == http.StatusUnauthorized {
		c.tokens.reject(token)
	}
	return classify(a.status, a.header, a.body, c.clock()), a.body
}

func refused(reason, code, detail string) Outcome {
	return Outcome{Kind: Permanent, Reason: reason, Code: code, Detail: detail}
}

// endpoint is the address of a call. Ids come from outside: each is one escaped
// segment, and those that would climb out of theirs are refused.
func endpoint(base *url.URL, r call) (string, bool) {
	var b strings.Builder
	b.WriteString(base.Scheme + "://" + base.Host + strings.TrimRight(base.EscapedPath(), "/") + "/v3/conversations")
	for _, s := range r.path {
		if s == "" || s == "." || s == ".." || len(s) > 1024 {
			return "", false
		}
		b.WriteString("/" + url.PathEscape(s))
	}
	if len(r.query) > 0 {
		b.WriteString("?" + r.query.Encode())
	}
	return b.String(), true
}

func isCorrelation(s string) bool {
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && !strings.ContainsRune("-_.:/", rune(c)) {
			return false
		}
	}
	return len(s) <= 128
}

func sameHost(a, b string) bool {
	x, err := url.Parse(a)
	if err != nil {
		return false
	}
	y, err := url.Parse(b)
	return err == nil && strings.EqualFold(x.Host, y.Host)
}

package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	maxRetries = 3
	// maxWait is the longest that a request waits before it is tried again.
	// When Graph asks for more, the caller is told: it can do something better
	// than hold a connection and a person.
	maxWait = 10 * time.Second
	// defaultRetryAfter is for a throttled answer that does not say how long.
	defaultRetryAfter = 30 * time.Second

	maxErrorBody = 64 << 10
	maxBody      = 32 << 20 // a page of 999 people is about 0.5 MB

	// waitHeader carries Retry-After, as a Go duration, from here to errors.go:
	// here is the clock that a date in it must be compared with.
	waitHeader = "Herald-Retry-After"
)

// transport repeats what may be repeated, and makes every refusal one that the
// SDK can read.
type transport struct {
	base  http.RoundTripper
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
	log   *slog.Logger
}

func newTransport(cfg Config) *transport {
	base := cfg.Transport
	if base == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.ResponseHeaderTimeout = 30 * time.Second
		base = own
	}
	return &transport{base, cfg.Clock, cfg.sleep, cfg.Logger}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// RoundTrip sends the request, and again up to maxRetries times where that is
// safe and may help: reads that were throttled, hit a gateway in trouble or
// lost their connection.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	question, asks := request.Context().Value(questionKey{}).([]byte)
	for attempt := 0; ; attempt++ {
		if asks {
			request.Body = io.NopCloser(bytes.NewReader(question))
		}
		response, err := t.base.RoundTrip(request)
		wait, again := t.again(request, response, err, attempt)
		if deadline, ok := request.Context().Deadline(); again && ok && time.Until(deadline) <= wait {
			again = false // the caller would not see the answer: better to say why now
		}
		if !again {
			if err != nil {
				return nil, err
			}
			return t.readable(response)
		}
		attributes := []any{"attempt", attempt + 1, "wait", wait}
		if err != nil {
			attributes = append(attributes, "err", err)
		} else {
			attributes = append(attributes, "status", response.StatusCode, "requestId", response.Header.Get("request-id"))
			// Read to its end, so that the connection can be used again.
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxErrorBody))
			response.Body.Close()
		}
		t.log.InfoContext(request.Context(), "graph: trying again", attributes...)
		if err := t.sleep(request.Context(), wait); err != nil {
			return nil, err
		}
	}
}

func (t *transport) again(request *http.Request, response *http.Response, err error, attempt int) (time.Duration, bool) {
	if attempt >= maxRetries || request.Context().Err() != nil {
		return 0, false
	}
	_, asks := request.Context().Value(questionKey{}).([]byte)
	if request.Method != http.MethodGet && request.Method != http.MethodHead && !asks {
		return 0, false // whether a change may be repeated, its caller knows
	}
	// 0.5 s, 1 s, 2 s, and up to half of it more, so that processes which
	// failed together do not come back together.
	backoff := 500 * time.Millisecond << attempt
	backoff += rand.N(backoff / 2)
	if err != nil {
		return backoff, true
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return 0, false
	}
	asked, told := retryAfter(response.Header.Get("Retry-After"), t.now())
	if asks && (told || response.StatusCode == http.StatusTooManyRequests) {
		return 0, false // whoever asks paces itself
	}
	if told {
		// Never sooner than asked: Graph counts impatience against the tenant.
		return asked, asked <= maxWait
	}
	return backoff, true
}

// retryAfter reads Retry-After in both of its forms, seconds and date.
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.Atoi(value); err == nil {
		if seconds < 0 {
			return 0, false
		}
		return time.Duration(min(seconds, 24*60*60)) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

// claimsForm is what the SDK takes a claims challenge to look like.
var claimsForm = regexp.MustCompile(`"[^"]*"`)

// readable prepares a refusal for the SDK, which fails without naming the
// status when the body is not JSON (a gateway's page) and panics on an error
// object without a message or on a claims challenge without quotes.
func (t *transport) readable(response *http.Response) (*http.Response, error) {
	response.Header.Del(waitHeader)
	if response.StatusCode < 400 {
		if response.StatusCode >= 300 {
			response.Body.Close()
			return nil, fmt.Errorf("unexpected redirect: HTTP %d", response.StatusCode)
		}
		response.Body = &limitedBody{ReadCloser: response.Body, left: maxBody}
		return response, nil
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	response.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("reading the answer HTTP %d: %w", response.StatusCode, err)
	}
	var refusal struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &refusal) != nil || refusal.Error.Code == "" {
		refusal.Error.Code = "UnknownError"
		refusal.Error.Message = http.StatusText(response.StatusCode)
	}
	if body, err = json.Marshal(refusal); err != nil {
		return nil, err
	}
	response.Header.Set("Content-Type", "application/json")
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	response.ContentLength = int64(len(body))
	response.Body = io.NopCloser(bytes.NewReader(body))
	if wait, ok := retryAfter(response.Header.Get("Retry-After"), t.now()); ok {
		response.Header.Set(waitHeader, wait.String())
	}
	for parameter := range strings.SplitSeq(response.Header.Get("WWW-Authenticate"), ",") {
		if strings.Contains(parameter, "claims") && !claimsForm.MatchString(parameter) {
			response.Header.Del("WWW-Authenticate")
			break
		}
	}
	return response, nil
}

// limitedBody fails instead of filling the memory.
type limitedBody struct {
	io.ReadCloser
	left int64
}

var errTooLarge = errors.New("the answer is larger than 32 MB")

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

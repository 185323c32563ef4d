package tab

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/tab/auth"
)

// problem is an RFC 9457 answer. Code is stable; Detail is for people.
type problem struct {
	Type      string            `json:"type"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Detail    string            `json:"detail,omitempty"`
	Code      string            `json:"code"`
	Problems  []message.Problem `json:"problems,omitempty"`
	Current   any               `json:"current,omitempty"`
	Import    any               `json:"import,omitempty"`
	RequestID string            `json:"requestId,omitempty"`
}

var statusOf = map[campaigns.Code]int{
	campaigns.CodeInvalid:      http.StatusUnprocessableEntity,
	campaigns.CodeNotFound:     http.StatusNotFound,
	campaigns.CodeConflict:     http.StatusConflict,
	campaigns.CodeStale:        http.StatusPreconditionFailed,
	campaigns.CodeForbidden:    http.StatusForbidden,
	campaigns.CodeThrottled:    http.StatusTooManyRequests,
	campaigns.CodeUnavailable:  http.StatusServiceUnavailable,
	campaigns.CodeGone:         http.StatusGone,
	campaigns.CodeUnauthorized: http.StatusUnauthorized,
}

// fail turns an error into problem+json. What nobody classified is logged and shown
// as an internal error, so that no cause leaks.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problem{Type: "about:blank", RequestID: requestID(r)}
	var e *campaigns.Error
	var h *httpError
	switch {
	case errors.As(err, &h):
		p.Status, p.Code, p.Detail = h.status, h.code, h.detail
	case errors.As(err, &e) && statusOf[e.Code] != 0:
		p.Status, p.Code, p.Detail, p.Problems = statusOf[e.Code], e.Reason, e.Message, e.Problems
		if p.Code == "" {
			p.Code = string(e.Code)
		}
		if e.Current != nil {
			// A campaign that cannot be told in full must not hide that it has changed.
			if out, err := s.campaigns(r.Context(), e.Current); err == nil {
				p.Current = out[0]
			} else {
				p.Current = campaign(e.Current, nil, nil)
			}
		}
		var rows *importProblems
		if errors.As(err, &rows) {
			p.Import = rows.report
		}
		if e.List != nil {
			p.Current = newList(e.List)
		}
		if e.Survey != nil {
			p.Current = newSurvey(e.Survey, s.Service.Now())
		}
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
		}
		if p.Status >= 500 {
			s.Log.WarnContext(r.Context(), "request failed", "request", p.RequestID, "path", r.URL.Path, "err", err)
		}
	case r.Context().Err() != nil:
		return // the client has gone
	default:
		p.Status, p.Code, p.Detail = http.StatusInternalServerError, "internal", "Something went wrong in Herald. Try again; if it stays, give your Teams admin the request id."
		s.Log.ErrorContext(r.Context(), "request failed", "request", p.RequestID, "path", r.URL.Path, "err", err)
	}
	p.Title = http.StatusText(p.Status)
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	s.write(w, r, p.Status, "application/problem+json", p)
}

// wrong is the error about one field of a request.
func wrong(field, reason, words string) error {
	return &campaigns.Error{Code: campaigns.CodeInvalid, Reason: reason, Message: words, Problems: []message.Problem{{Field: field, Code: reason, Message: words}}}
}

// httpError is a failure of the request itself, before any use case is asked.
type httpError struct {
	status int
	code   string
	detail string
}

func (e *httpError) Error() string { return e.code + ": " + e.detail }

func (s *Server) json(w http.ResponseWriter, r *http.Request, status int, v any) {
	s.write(w, r, status, "application/json", v)
}

func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.Log.ErrorContext(r.Context(), "answer not encoded", slog.String("path", r.URL.Path), "err", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}

// refused turns a token that was not accepted into the answer that the page acts on.
func refused(err error) error {
	var e *auth.Error
	if !errors.As(err, &e) {
		return err
	}
	h := &httpError{status: e.HTTPStatus(), code: string(e.Reason)}
	switch h.status {
	case http.StatusUnauthorized:
		h.detail = "Your sign-in was not accepted or has run out. Sign in again."
	case http.StatusForbidden:
		h.detail = "Your organisation, or this kind of sign-in, is not allowed to use this Herald."
	default:
		h.detail = "Sign-ins cannot be checked at the moment. Try again shortly."
	}
	return h
}

package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The control API: how tests, and the page, are the people of the cloud. Every error is {"error":{"code","message"}}.

// apiError is an error with the status and the code that the control API answers.
type apiError struct {
	status  int
	code    string
	message string
	input   string       // the first input that was refused
	inputs  []inputError // all of them
}

func (e *apiError) Error() string { return "sandbox: " + e.message }

type inputError struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}

func badRequest(format string, args ...any) error {
	return &apiError{status: http.StatusBadRequest, code: "bad_request", message: fmt.Sprintf(format, args...)}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

func writeError(w http.ResponseWriter, err error) {
	var known *apiError
	var bot *BotError
	var bulk *bulkError
	switch {
	case errors.As(err, &bulk):
		writeJSON(w, http.StatusBadGateway, map[string]any{
			"error":     map[string]any{"code": "bot_failed", "message": bulk.Error()},
			"installed": bulk.Installed, "failed": bulk.Failed, "errors": bulk.Errors,
		})
	case errors.As(err, &known):
		body := map[string]any{"code": known.code, "message": known.message}
		if known.input != "" {
			body["input"], body["inputs"] = known.input, known.inputs
		}
		writeJSON(w, known.status, map[string]any{"error": body})
	case errors.As(err, &bot):
		writeJSON(w, http.StatusBadGateway, map[string]any{"error": map[string]any{
			"code": "bot_failed", "message": bot.Error(), "botStatus": bot.Status,
		}})
	default:
		writeJSON(w, http.StatusInternalServerError, map[string]any{"error": map[string]any{"code": "internal", "message": err.Error()}})
	}
}

// api is a control handler: it answers with a value or an error.
type api func(r *http.Request) (any, error)

func (h api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := h(r)
	if err != nil {
		writeError(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, v)
}

// decode reads a JSON body strictly: a misspelt field in a test must not pass as "nothing asked for". An empty body is {}.
func decode(r *http.Request, v any) error {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return badRequest("the body cannot be read")
	}
	if len(raw) > maxBody {
		return &apiError{status: http.StatusRequestEntityTooLarge, code: "too_large", message: "the body is over 1 MB"}
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badRequest("the body is not what is expected here: %v", err)
	}
	if d.More() {
		return badRequest("there is more than one JSON value in the body")
	}
	return nil
}

func (c *Cloud) controlRoutes() http.Handler {
	m := http.NewServeMux()
	on := func(pattern string, h api) { m.Handle(pattern, h) }

	on("GET /api/environment", func(*http.Request) (any, error) { return c.Environment(), nil })
	on("GET /api/bot", func(*http.Request) (any, error) { return c.botAddresses(), nil })
	on("PUT /api/bot", c.putBot)
	on("GET /api/clock", c.getClock)
	on("PUT /api/clock", c.putClock)
	on("GET /api/faults", func(*http.Request) (any, error) { return c.Faults().shown(), nil })
	on("PUT /api/faults", c.putFaults)
	on("GET /api/permissions", func(*http.Request) (any, error) { return c.permissions.read(), nil })
	on("PUT /api/permissions", c.putPermissions)
	on("GET /api/stats", func(*http.Request) (any, error) { return c.Stats(), nil })
	on("DELETE /api/stats", func(*http.Request) (any, error) { c.ResetStats(); return c.Stats(), nil })
	on("GET /api/received", c.getReceived)
	on("GET /api/token", c.getToken)
	on("GET /api/wire", c.getWire)

	on("GET /api/users", c.getUsers)
	on("POST /api/users", c.postUser)
	on("GET /api/users/{id}", c.getPerson)
	on("DELETE /api/users/{id}", c.deletePerson)
	on("POST /api/install", c.postInstall)
	on("POST /api/users/{id}/install", c.postPersonInstall)
	on("POST /api/users/{id}/uninstall", c.act(func(r *http.Request, id string) error { return c.Uninstall(r.Context(), id) }))
	on("POST /api/users/{id}/block", c.act(func(_ *http.Request, id string) error { return c.Block(id) }))
	on("POST /api/users/{id}/unblock", c.act(func(_ *http.Request, id string) error { return c.Unblock(id) }))
	on("POST /api/users/{id}/move", c.act(func(_ *http.Request, id string) error { return c.MoveConversation(id) }))
	on("PUT /api/users/{id}/presence", c.putPresence)
	on("PUT /api/presence", c.putEverybodysPresence)
	on("PUT /api/users/{id}/timeZone", c.putTimeZone)
	on("PUT /api/users/{id}/refusals", c.putRefusals)
	on("GET /api/users/{id}/chat", c.getChat)
	on("POST /api/users/{id}/messages", c.postMessage)
	on("POST /api/users/{id}/submit", c.postSubmit)
	on("POST /api/users/{id}/refresh", c.postRefresh)
	on("POST /api/users/{id}/read", c.postRead)
	on("POST /api/users/{id}/react", c.postReact)

	m.HandleFunc("GET /api/chats/events", c.streamChats)
	m.HandleFunc("GET /api/state/events", func(w http.ResponseWriter, r *http.Request) { c.stream(w, r, topicState) })
	m.HandleFunc("GET /api/wire/events", func(w http.ResponseWriter, r *http.Request) { c.stream(w, r, topicWire) })
	m.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, &apiError{status: http.StatusNotFound, code: "not_found", message: "the sandbox has no " + r.Method + " " + r.URL.Path})
	})
	return m
}

func (c *Cloud) botAddresses() map[string]string {
	botURL, tabURL := c.Bot()
	return map[string]string{"url": botURL, "tabUrl": tabURL}
}

func (c *Cloud) putBot(r *http.Request) (any, error) {
	var in struct {
		URL    string `json:"url"`
		TabURL string `json:"tabUrl"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := c.SetBot(in.URL, in.TabURL); err != nil {
		return nil, err
	}
	return c.botAddresses(), nil
}

type clockView struct {
	Now      time.Time `json:"now"`
	OffsetNs int64     `json:"offsetNs"`
}

// maxClockWait bounds the long poll, so that a dead reader does not hold a connection for ever.
const maxClockWait = time.Minute

func (c *Cloud) getClock(r *http.Request) (any, error) {
	q := r.URL.Query()
	if q.Get("wait") == "" {
		now, offset, _ := c.clock.read()
		return clockView{now, int64(offset)}, nil
	}
	wait, err := time.ParseDuration(q.Get("wait"))
	if err != nil || wait < 0 {
		return nil, badRequest("wait is a duration such as 25s")
	}
	known, err := strconv.ParseInt(or(q.Get("offsetNs"), "0"), 10, 64)
	if err != nil {
		return nil, badRequest("offsetNs is a whole number")
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(c.lifetime, cancel)()
	now, offset := c.clock.wait(ctx, time.Duration(known), min(wait, maxClockWait))
	return clockView{now, int64(offset)}, nil
}

func (c *Cloud) putClock(r *http.Request) (any, error) {
	var in struct {
		Advance *Duration `json:"advance"`
		Offset  *Duration `json:"offset"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	_, offset, _ := c.clock.read()
	var by time.Duration
	switch {
	case in.Advance != nil && in.Offset == nil:
		by = time.Duration(*in.Advance)
	case in.Offset != nil && in.Advance == nil:
		by = time.Duration(*in.Offset) - offset
	default:
		return nil, badRequest(`say {"advance":"26h"} or {"offset":"26h"}`)
	}
	if by < 0 {
		return nil, &apiError{status: http.StatusConflict, code: "clock_backwards", message: "the clock only goes forward"}
	}
	if by > 0 {
		if err := c.Advance(by); err != nil {
			return nil, &apiError{status: http.StatusConflict, code: "clock_backwards", message: err.Error()}
		}
	}
	now, offset, _ := c.clock.read()
	return clockView{now, int64(offset)}, nil
}

func (c *Cloud) putFaults(r *http.Request) (any, error) {
	var f Faults
	if err := decode(r, &f); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, badRequest("%v", err)
	}
	c.faults.write(f)
	return f.shown(), nil
}

func (c *Cloud) putPermissions(r *http.Request) (any, error) {
	in := map[string]bool{}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	for name, granted := range in {
		if err := c.SetPermission(name, granted); err != nil {
			return nil, err
		}
	}
	return c.permissions.read(), nil
}

func (c *Cloud) getToken(r *http.Request) (any, error) {
	q := r.URL.Query()
	if q.Get("user") == "" {
		return nil, badRequest("say whose token: ?user=UPN")
	}
	if _, err := c.Person(q.Get("user")); err != nil {
		return nil, err
	}
	t := TabToken{User: q.Get("user"), Version: 2, ExpiresAt: c.Now().Add(tokenLife).Truncate(time.Second)}
	switch q.Get("v") {
	case "", "2":
	case "1":
		t.Version = 1
	default:
		return nil, badRequest("v is 1 or 2")
	}
	if q.Has("prompt") {
		prompt, err := strconv.ParseBool(q.Get("prompt"))
		if err != nil {
			return nil, badRequest("prompt is true or false")
		}
		reason, expired := c.faults.signIn(prompt)
		if reason != "" {
			return nil, &apiError{status: http.StatusForbidden, code: "sign_in", message: reason}
		}
		if expired {
			t.ExpiresAt = c.Now().Add(-tokenLife).Truncate(time.Second)
		}
	}
	if q.Has("roles") {
		t.Roles = []string{}
		for role := range strings.SplitSeq(q.Get("roles"), ",") {
			if role = strings.TrimSpace(role); role != "" {
				t.Roles = append(t.Roles, role)
			}
		}
	}
	token, err := c.MintTabToken(t)
	if err != nil {
		return nil, err
	}
	return map[string]any{"token": token, "expiresAt": t.ExpiresAt}, nil
}

func (c *Cloud) getWire(r *http.Request) (any, error) {
	q := r.URL.Query()
	after, err := strconv.ParseInt(or(q.Get("after"), "0"), 10, 64)
	if err != nil || after < 0 {
		return nil, badRequest("after is a sequence number")
	}
	limit, err := strconv.Atoi(or(q.Get("limit"), strconv.Itoa(wireEntries)))
	if err != nil || limit < 1 {
		return nil, badRequest("limit is 1 to %d", wireEntries)
	}
	return c.wire.after(after, limit), nil
}

package sandbox

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a person does in their chat. Each of these tells the bot and answers what the bot said as an error, if it was one.

// chatting answers the resident and conversation of somebody who can use the chat now.
func (c *Cloud) chatting(user string) (Person, *resident, string, error) {
	p, err := c.Person(user)
	if err != nil {
		return p, nil, "", err
	}
	r := c.residents.peek(p.key)
	refuse := func(code, message string) (Person, *resident, string, error) {
		return p, nil, "", &apiError{status: http.StatusConflict, code: code, message: p.DisplayName + " " + message}
	}
	if r == nil {
		return refuse("not_installed", "does not have the app")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !r.installed:
		return refuse("not_installed", "does not have the app")
	case r.blocked:
		return refuse("blocked", "has blocked the bot")
	}
	return p, r, conversationID(r.key, r.generation), nil
}

// Say writes a text to the bot and answers its activity id.
func (c *Cloud) Say(ctx context.Context, user, text string) (string, error) {
	p, r, conversation, err := c.chatting(user)
	if err != nil {
		return "", err
	}
	if strings.TrimSpace(text) == "" {
		return "", badRequest("the text is empty")
	}
	r.mu.Lock()
	now := c.Now()
	id := r.nextID(now)
	a := c.userMessage(p, conversation, text, id)
	raw, err := json.Marshal(map[string]any{"type": a["type"], "text": text, "textFormat": a["textFormat"], "from": a["from"]})
	if err == nil {
		c.put(r, &message{ID: id, FromUser: true, Raw: raw, Created: now, Updated: now})
	}
	r.mu.Unlock()
	if err != nil {
		return "", err
	}
	_, _, err = c.post(ctx, a)
	return strconv.FormatInt(id, 10), err
}

func noActivity(id string) error {
	return &apiError{status: http.StatusNotFound, code: "activity_not_found", message: "there is no message " + strconv.Quote(id) + " in this chat"}
}

// Read marks everything up to a message as read; an empty id means the newest from the bot. Teams sends one receipt with the
// last id: "read if id <= lastReadMessageId" (platform.md §6).
func (c *Cloud) Read(ctx context.Context, user, activityID string) error {
	p, r, conversation, err := c.chatting(user)
	if err != nil {
		return err
	}
	r.mu.Lock()
	last := r.find(activityID)
	for i := len(r.chat) - 1; activityID == "" && last == nil && i >= 0; i-- {
		if !r.chat[i].FromUser {
			last = r.chat[i]
		}
	}
	if last == nil {
		r.mu.Unlock()
		return noActivity(activityID)
	}
	now := c.Now()
	for _, m := range r.chat {
		if m.ID <= last.ID && !m.FromUser && m.Read == nil {
			m.Read = &now
			c.saveMessage(r, m)
		}
	}
	r.mu.Unlock()
	_, _, err = c.post(ctx, c.readReceipt(p, conversation, strconv.FormatInt(last.ID, 10)))
	return err
}

// React adds a reaction to a message, or takes it back. Doing what is already so tells the bot nothing.
func (c *Cloud) React(ctx context.Context, user, activityID, kind string, remove bool) error {
	p, r, conversation, err := c.chatting(user)
	if err != nil {
		return err
	}
	if kind == "" || len(kind) > 64 {
		return badRequest("type is the name of a reaction, such as like")
	}
	r.mu.Lock()
	m := r.find(activityID)
	if m == nil || m.Deleted {
		r.mu.Unlock()
		return noActivity(activityID)
	}
	at := slices.Index(m.Reactions, kind)
	if (at >= 0) != remove {
		r.mu.Unlock()
		return nil
	}
	if remove {
		m.Reactions = slices.Delete(m.Reactions, at, at+1)
	} else {
		m.Reactions = append(m.Reactions, kind)
	}
	c.saveMessage(r, m)
	r.mu.Unlock()
	_, _, err = c.post(ctx, c.reaction(p, conversation, activityID, kind, !remove))
	return err
}

// SubmitRequest presses a button of a card.
type SubmitRequest struct {
	ActivityID string         `json:"activityId"`
	Action     string         `json:"action,omitempty"` // title, verb or id; empty when there is only one
	Inputs     map[string]any `json:"inputs,omitempty"`
	Force      bool           `json:"force,omitempty"` // skip the client's validation
}

// SubmitResult says what came of it.
type SubmitResult struct {
	Kind    string          `json:"kind"`    // Action.Submit or Action.Execute
	Status  int             `json:"status"`  // HTTP status of the bot
	Applied string          `json:"applied"` // card, message, error, or nothing
	Answer  json.RawMessage `json:"answer,omitempty"`
	Value   map[string]any  `json:"value"` // data and inputs as they were sent
	Item    ChatItem        `json:"item"`  // the message as it looks now
}

// Submit presses a button of a card as the person sees it now. Invalid inputs are refused as the client would, before the
// bot hears of it, unless Force is set.
func (c *Cloud) Submit(ctx context.Context, user string, in SubmitRequest) (SubmitResult, error) {
	p, r, conversation, err := c.chatting(user)
	if err != nil {
		return SubmitResult{}, err
	}
	r.mu.Lock()
	m := r.find(in.ActivityID)
	if m == nil || m.FromUser || m.Deleted {
		r.mu.Unlock()
		return SubmitResult{}, noActivity(in.ActivityID)
	}
	raw, id := m.Raw, r.nextID(c.Now())
	r.mu.Unlock()

	pressed, err := press(raw, in)
	if err != nil {
		return SubmitResult{}, err
	}
	out := SubmitResult{Kind: pressed.kind, Value: pressed.data, Applied: "nothing"}
	if pressed.kind == actionSubmit {
		out.Status, _, err = c.post(ctx, c.submitted(p, conversation, in.ActivityID, id, pressed.data))
	} else {
		var answer []byte
		out.Status, answer, err = c.post(ctx, c.executed(p, conversation, in.ActivityID, pressed.invokeValue("manual")))
		if err == nil && len(answer) > 0 {
			out.Applied, err = c.applyInvoke(r, in.ActivityID, answer)
			if json.Valid(answer) {
				out.Answer = answer
			}
		}
	}
	if err != nil {
		return SubmitResult{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := r.find(in.ActivityID); m != nil {
		out.Item = m.item()
	}
	return out, nil
}

// Refresh does what Teams does when a person opens the chat: each card that names them in refresh.userIds asks the bot by
// itself how it looks now, and an error changes nothing (platform.md §5). It answers how many cards were replaced.
func (c *Cloud) Refresh(ctx context.Context, user string) (replaced int, err error) {
	p, r, conversation, err := c.chatting(user)
	if err != nil {
		return 0, err
	}
	type refresh struct {
		id    string
		value map[string]any
	}
	var due []refresh
	r.mu.Lock()
	for _, m := range r.chat {
		if m.FromUser || m.Deleted {
			continue
		}
		for _, card := range cardsOf(m.Raw) {
			if action, ok := refreshOf(card, p.ChannelID()); ok {
				due = append(due, refresh{strconv.FormatInt(m.ID, 10), action.invokeValue("automatic")})
			}
		}
	}
	r.mu.Unlock()
	for _, d := range due {
		_, answer, err := c.post(ctx, c.executed(p, conversation, d.id, d.value))
		var head struct {
			StatusCode int    `json:"statusCode"`
			Type       string `json:"type"`
		}
		if err != nil || json.Unmarshal(answer, &head) != nil || head.StatusCode != http.StatusOK || head.Type != answerCard {
			continue
		}
		if applied, err := c.applyInvoke(r, d.id, answer); err == nil && applied == "card" {
			replaced++
		}
	}
	return replaced, nil
}

func (c *Cloud) postRefresh(r *http.Request) (any, error) {
	n, err := c.Refresh(r.Context(), r.PathValue("id"))
	return map[string]int{"replaced": n}, err
}

// Answers to adaptiveCard/action (platform.md §5).
const (
	answerCard    = "application/vnd.microsoft.card.adaptive"
	answerMessage = "application/vnd.microsoft.activity.message"
)

// applyInvoke does with the bot's answer what the client does: a card takes the place of the card, a message is shown.
func (c *Cloud) applyInvoke(r *resident, activityID string, raw []byte) (applied string, err error) {
	var answer struct {
		StatusCode int             `json:"statusCode"`
		Type       string          `json:"type"`
		Value      json.RawMessage `json:"value"`
	}
	bad := func(why string) (string, error) {
		return "", &apiError{status: http.StatusBadGateway, code: "bad_invoke_answer", message: "the bot's answer to adaptiveCard/action " + why}
	}
	if json.Unmarshal(raw, &answer) != nil || answer.StatusCode == 0 {
		return bad("is not {statusCode,type,value}")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.find(activityID)
	if m == nil || m.Deleted { // the bot deleted it meanwhile
		return "nothing", nil
	}
	switch {
	case answer.StatusCode != http.StatusOK:
		m.Notice, applied = errorText(answer.Value), "error"
	case answer.Type == answerCard:
		replaced, ok := replaceCard(m.Raw, answer.Value)
		if !ok {
			return bad("holds no card")
		}
		m.Raw, m.Notice, applied = replaced, "", "card"
	case answer.Type == answerMessage:
		var text string
		if json.Unmarshal(answer.Value, &text) != nil {
			return bad("holds no text")
		}
		m.Notice, applied = text, "message"
	default:
		return bad("has the unknown type " + strconv.Quote(answer.Type))
	}
	m.Updated = c.Now()
	c.saveMessage(r, m)
	return applied, nil
}

func errorText(value json.RawMessage) string {
	var e struct {
		Message string `json:"message"`
	}
	_ = json.Unmarshal(value, &e)
	return or(e.Message, "Something went wrong. Please try again.")
}

func (c *Cloud) postMessage(r *http.Request) (any, error) {
	var in struct {
		Text string `json:"text"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	id, err := c.Say(r.Context(), r.PathValue("id"), in.Text)
	if err != nil {
		return nil, err
	}
	return map[string]string{"id": id}, nil
}

func (c *Cloud) postSubmit(r *http.Request) (any, error) {
	var in SubmitRequest
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	return c.Submit(r.Context(), r.PathValue("id"), in)
}

func (c *Cloud) postRead(r *http.Request) (any, error) {
	var in struct {
		ActivityID string `json:"activityId"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := c.Read(r.Context(), r.PathValue("id"), in.ActivityID); err != nil {
		return nil, err
	}
	return map[string]time.Time{"readAt": c.Now()}, nil
}

func (c *Cloud) postReact(r *http.Request) (any, error) {
	var in struct {
		ActivityID string `json:"activityId"`
		Type       string `json:"type"`
		Remove     bool   `json:"remove"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := c.React(r.Context(), r.PathValue("id"), in.ActivityID, in.Type, in.Remove); err != nil {
		return nil, err
	}
	items, err := c.Chat(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		if item.ID == in.ActivityID {
			return item, nil
		}
	}
	return nil, noActivity(in.ActivityID)
}

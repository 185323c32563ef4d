package sandbox

import (
	"encoding/json"
	"net/http"
	"strconv"
	"unicode/utf8"
)

// What happens to messages: send, reply, update, delete.

// outgoing is what the Connector reads of an activity.
type outgoing struct {
	Type        string            `json:"type"`
	Text        string            `json:"text"`
	Summary     string            `json:"summary"`
	Attachments []json.RawMessage `json:"attachments"`
}

// maxMessage is the documented limit: about 100 KB, counted in UTF-16 (platform.md §1).
const maxMessage = 100 << 10

// correlationHeader marks one campaign's message to one person; a second new message with it is a duplicate.
const correlationHeader = "X-Ms-Correlation-Id"

func tooBig() answer {
	return fail(http.StatusRequestEntityTooLarge, "MessageSizeTooBig", "Message size too big.")
}

func readActivity(raw []byte) (outgoing, *answer) {
	var a outgoing
	refuse := func(out answer) (outgoing, *answer) { return a, &out }
	if err := json.Unmarshal(raw, &a); err != nil {
		return refuse(badArgument("The body is not a valid activity: %v", err))
	}
	switch {
	case a.Type != "message" && a.Type != "typing":
		return refuse(badArgument("Unknown activity type %q.", a.Type))
	case a.Type == "message" && a.Text == "" && len(a.Attachments) == 0:
		return refuse(badArgument("A message has a text or attachments."))
	case 2*len(raw) > maxMessage && messageSize(a) > maxMessage:
		return refuse(tooBig())
	}
	return a, nil
}

// messageSize counts UTF-16 bytes of text, summary and attachments; images in data: URLs do not count.
func messageSize(a outgoing) int {
	n := utf16Size(a.Text) + utf16Size(a.Summary)
	for _, raw := range a.Attachments {
		var v any
		if json.Unmarshal(raw, &v) == nil {
			n += valueSize(v)
		}
	}
	return n
}

func valueSize(v any) int {
	switch v := v.(type) {
	case string:
		if len(v) > 11 && v[:11] == "data:image/" {
			return 0
		}
		return utf16Size(v) + 4
	case []any:
		n := 4
		for _, e := range v {
			n += valueSize(e) + 2
		}
		return n
	case map[string]any:
		n := 4
		for k, e := range v {
			n += utf16Size(k) + valueSize(e) + 8
		}
		return n
	}
	return 8
}

func utf16Size(s string) int {
	n := 2 * utf8.RuneCountInString(s)
	for _, r := range s {
		if r > 0xffff {
			n += 2
		}
	}
	return n
}

// sendActivity accepts a new message, also as a reply.
func (c *Cloud) sendActivity(call *call) answer {
	a, refused := readActivity(call.body)
	if refused != nil {
		return *refused
	}
	r := call.resident
	correlation := call.request.Header.Get(correlationHeader)
	if hook := c.options.OnSend; hook != nil {
		if refusal := hook(Send{
			User: call.person.ID, TenantID: call.person.TenantID, Reply: call.operation == opReply,
			CorrelationID: correlation, Activity: json.RawMessage(call.body),
		}); refusal != nil {
			return refusal.answer()
		}
	}
	if call.operation == opReply {
		r.mu.Lock()
		to := r.find(call.request.PathValue("activity"))
		r.mu.Unlock()
		if to == nil {
			return activityNotFound()
		}
	}
	if refused := c.throttle(call); refused != nil {
		return *refused
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.installed { // uninstalled while this call was on its way
		return fail(http.StatusForbidden, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")
	}
	if a.Type == "typing" {
		return done(http.StatusOK, map[string]string{"id": strconv.FormatInt(r.nextID(call.now), 10)})
	}
	c.stats.accept(call.now)
	if correlation != "" {
		if n := r.count(correlation); n > 1 {
			c.stats.duplicate(call.person.ID, correlation, n)
		}
	}
	parts := [][]byte{call.body}
	split := a.Text != "" && len(a.Attachments) > 0
	if split { // platform.md §1: Teams shows two messages and tells the id of neither
		parts = [][]byte{without(call.body, "attachments"), without(call.body, "text")}
	}
	id := ""
	for i, raw := range parts {
		m := &message{ID: r.nextID(call.now), Raw: raw, Created: call.now, Updated: call.now}
		if i == 0 {
			m.Correlation = correlation
		}
		c.put(r, m)
		id = strconv.FormatInt(m.ID, 10)
	}
	if split {
		return done(http.StatusOK, map[string]string{})
	}
	return done(http.StatusOK, map[string]string{"id": id})
}

// count notes one more accepted message of a campaign. Hold r.mu.
func (r *resident) count(correlation string) int {
	if r.correlations == nil {
		r.correlations = map[string]int{}
	}
	r.correlations[correlation]++
	return r.correlations[correlation]
}

func without(raw []byte, field string) []byte {
	fields := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &fields) != nil {
		return raw
	}
	delete(fields, field)
	out, err := json.Marshal(fields)
	if err != nil {
		return raw
	}
	return out
}

// own finds the bot's message that an update or delete is about. Hold r.mu.
func (call *call) own() *message {
	m := call.resident.find(call.request.PathValue("activity"))
	if m == nil || m.FromUser || m.Deleted {
		return nil
	}
	return m
}

func (c *Cloud) updateActivity(call *call) answer {
	if _, refused := readActivity(call.body); refused != nil {
		return *refused
	}
	r := call.resident
	r.mu.Lock()
	defer r.mu.Unlock()
	m := call.own()
	if m == nil {
		return activityNotFound()
	}
	m.Raw, m.Updated, m.Edited, m.Notice = call.body, call.now, true, ""
	c.saveMessage(r, m)
	return done(http.StatusOK, map[string]string{"id": strconv.FormatInt(m.ID, 10)})
}

func (c *Cloud) deleteActivity(call *call) answer {
	r := call.resident
	r.mu.Lock()
	defer r.mu.Unlock()
	m := call.own()
	if m == nil {
		return activityNotFound()
	}
	m.Raw, m.Updated, m.Deleted, m.Notice = nil, call.now, true, ""
	c.saveMessage(r, m)
	return done(http.StatusOK, nil)
}

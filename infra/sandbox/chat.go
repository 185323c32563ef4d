package sandbox

import (
	"encoding/json"
	"strconv"
	"time"
)

// message is one item of a chat. Hold the resident's lock.
type message struct {
	ID          int64           `json:"id"`
	FromUser    bool            `json:"user,omitempty"`
	Raw         json.RawMessage `json:"raw,omitempty"` // the activity as it was sent
	Created     time.Time       `json:"created"`
	Updated     time.Time       `json:"updated"`
	Edited      bool            `json:"edited,omitempty"`
	Deleted     bool            `json:"deleted,omitempty"`
	Read        *time.Time      `json:"read,omitempty"`
	Reactions   []string        `json:"reactions,omitempty"`
	Notice      string          `json:"notice,omitempty"` // what an Action.Execute answered instead of a card
	Correlation string          `json:"correlation,omitempty"`
}

// ChatItem is one item of a chat as the person sees it.
type ChatItem struct {
	ID        string          `json:"id"`
	From      string          `json:"from"` // bot or user
	Activity  json.RawMessage `json:"activity"`
	CreatedAt time.Time       `json:"createdAt"`
	UpdatedAt time.Time       `json:"updatedAt"`
	Edited    bool            `json:"edited"`
	Deleted   bool            `json:"deleted"`
	ReadAt    *time.Time      `json:"readAt"`
	Reactions []string        `json:"reactions"`
	Notice    string          `json:"notice,omitempty"`
}

func (m *message) item() ChatItem {
	from := "bot"
	if m.FromUser {
		from = "user"
	}
	item := ChatItem{
		ID: strconv.FormatInt(m.ID, 10), From: from, CreatedAt: m.Created, UpdatedAt: m.Updated, Edited: m.Edited,
		Deleted: m.Deleted, ReadAt: m.Read, Reactions: append([]string{}, m.Reactions...), Notice: m.Notice,
	}
	fields := map[string]json.RawMessage{}
	if m.Deleted || json.Unmarshal(m.Raw, &fields) != nil {
		fields = map[string]json.RawMessage{"type": json.RawMessage(`"message"`)} // what was deleted is gone
	}
	fields["id"] = quoted(item.ID)
	fields["timestamp"] = quoted(m.Created.UTC().Format(activityTime))
	item.Activity, _ = json.Marshal(fields)
	return item
}

func quoted(s string) json.RawMessage {
	raw, _ := json.Marshal(s)
	return raw
}

// find answers the message with an id, or nil.
func (r *resident) find(id string) *message {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return nil
	}
	for i := len(r.chat) - 1; i >= 0; i-- {
		if r.chat[i].ID == n {
			return r.chat[i]
		}
	}
	return nil
}

// put appends a message and lets the oldest go when the chat is full.
func (c *Cloud) put(r *resident, m *message) {
	if len(r.chat) >= c.options.ChatLimit {
		n := copy(r.chat, r.chat[len(r.chat)-c.options.ChatLimit+1:])
		clear(r.chat[n:])
		r.chat = r.chat[:n]
	}
	r.chat = append(r.chat, m)
	c.saveMessage(r, m)
}

// saveMessage journals a new or changed message and tells who watches the chat. Hold r.mu.
func (c *Cloud) saveMessage(r *resident, m *message) {
	c.journal.message(r.key, m)
	user := objectID(r.key)
	c.events.publish(topicChat(user), "chat", map[string]string{"user": user, "activityId": strconv.FormatInt(m.ID, 10)})
}

// Chat answers what the person sees, oldest first.
func (c *Cloud) Chat(user string) ([]ChatItem, error) {
	p, err := c.Person(user)
	if err != nil {
		return nil, err
	}
	items := []ChatItem{}
	r := c.residents.peek(p.key)
	if r == nil {
		return items, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.chat {
		items = append(items, m.item())
	}
	return items, nil
}

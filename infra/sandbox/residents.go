package sandbox

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// resident is what is remembered of a person once something happened to them. Most people of a large tenant have none.
type resident struct {
	key personKey

	mu           sync.Mutex
	installed    bool
	announced    bool // the bot has acknowledged the installation
	known        bool // a conversation exists, because the app was installed at least once
	blocked      bool
	presence     string
	generation   uint16 // of the conversation id
	lastID       int64
	chat         []*message
	correlations map[string]int // accepted new messages by X-Ms-Correlation-Id
	sends        window
	refusals     []Refusal
	zones        atomic.Pointer[ownZones] // read while mu is held
}

type residents struct {
	mu    sync.RWMutex
	byKey map[personKey]*resident
}

// peek answers the resident if there is one.
func (rs *residents) peek(k personKey) *resident {
	rs.mu.RLock()
	defer rs.mu.RUnlock()
	return rs.byKey[k]
}

// get makes the resident if need be.
func (rs *residents) get(k personKey) *resident {
	if r := rs.peek(k); r != nil {
		return r
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	if rs.byKey == nil {
		rs.byKey = map[personKey]*resident{}
	}
	r := rs.byKey[k]
	if r == nil {
		r = &resident{key: k}
		rs.byKey[k] = r
	}
	return r
}

// all lists the residents; the order is not defined.
func (rs *residents) all() []*resident {
	rs.mu.RLock()
	defer rs.mu.RUnlock()
	out := make([]*resident, 0, len(rs.byKey))
	for _, r := range rs.byKey {
		out = append(out, r)
	}
	return out
}

// nextID makes an activity id in Teams' form: milliseconds as digits, rising within the conversation. Hold r.mu.
func (r *resident) nextID(now time.Time) int64 {
	r.lastID = max(r.lastID+1, now.UnixMilli())
	return r.lastID
}

// Status is what the control API says of a person beyond what Entra knows.
type Status struct {
	Installed      bool
	Blocked        bool
	Presence       string
	ConversationID string // empty until the app was installed once
	TimeZone       string // of their Teams client, IANA
	Mailbox        string // the time zone of their mailbox as Exchange has it, or NoMailbox
}

// Availabilities are the values of presence, as Graph names them.
var Availabilities = []string{
	"Available", "AvailableIdle", "Away", "BeRightBack", "Busy", "BusyIdle", "DoNotDisturb", "Offline", "PresenceUnknown",
}

func (c *Cloud) status(p Person) Status {
	// A believable mixture until somebody sets it.
	s := Status{Presence: []string{"Available", "Busy", "Available", "Away", "Available", "Offline"}[p.key.scramble(0x70)%6]}
	if all := c.everybody.Load(); all != nil {
		s.Presence = *all
	}
	s.TimeZone, s.Mailbox = c.zones(p)
	r := c.residents.peek(p.key)
	if r == nil {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.Installed, s.Blocked, s.Presence = r.installed, r.blocked, or(r.presence, s.Presence)
	if r.known {
		s.ConversationID = conversationID(r.key, r.generation)
	}
	return s
}

func errNobody(ref string) error {
	return &apiError{status: 404, code: "user_not_found", message: fmt.Sprintf("nobody is called %q", ref)}
}

// Person finds somebody by object id, UPN, mail, proxy address or 29: id.
func (c *Cloud) Person(ref string) (Person, error) {
	p, ok := c.dir.find(ref)
	if !ok {
		return Person{}, errNobody(ref)
	}
	return p, nil
}

// PersonAt answers the person with an index in a tenant (by id or domain).
func (c *Cloud) PersonAt(tenant string, index int) (Person, error) {
	t := c.dir.tenant(tenant)
	if t == nil || !t.exists(index) {
		return Person{}, errNobody(fmt.Sprintf("%s #%d", tenant, index))
	}
	return t.person(index), nil
}

// Status answers the person's state in Teams.
func (c *Cloud) Status(user string) (Status, error) {
	p, err := c.Person(user)
	if err != nil {
		return Status{}, err
	}
	return c.status(p), nil
}

// Block and Unblock change whether the person has blocked the bot. The bot is told nothing, as in Teams.
func (c *Cloud) Block(user string) error { return c.setBlocked(user, true) }

// Unblock undoes [Cloud.Block].
func (c *Cloud) Unblock(user string) error { return c.setBlocked(user, false) }

func (c *Cloud) setBlocked(user string, blocked bool) error {
	return c.change(user, func(r *resident) { r.blocked = blocked })
}

// MoveConversation gives the person's chat a new id; the old one answers 404 ConversationNotFound from now on.
func (c *Cloud) MoveConversation(user string) error {
	return c.change(user, func(r *resident) { r.generation++ })
}

func (c *Cloud) change(user string, f func(r *resident)) error {
	p, err := c.Person(user)
	if err != nil {
		return err
	}
	r := c.residents.get(p.key)
	r.mu.Lock()
	f(r)
	c.journal.state(r)
	r.mu.Unlock()
	c.events.publish(topicState, "users", map[string]string{"user": p.ID})
	return nil
}

package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Whether people are there: what is set of it, and how Graph tells it.

// Graph's limits of presence (platform.md §8).
const (
	maxPresences  = 650
	presenceCalls = 1500 // of one app in one tenant, in any presenceSpan
	presenceSpan  = 30 * time.Second
)

// SetPresence sets one of [Availabilities] for one person.
func (c *Cloud) SetPresence(user, availability string) error {
	a, err := availabilityOf(availability)
	if err != nil {
		return err
	}
	return c.change(user, func(r *resident) { r.presence = a })
}

// SetEverybodysPresence sets one of [Availabilities] for all people of all tenants, whatever was set for one of them before.
func (c *Cloud) SetEverybodysPresence(availability string) error {
	a, err := availabilityOf(availability)
	if err != nil {
		return err
	}
	c.setEverybody(a)
	c.journal.append(record{Op: opPresence, Presence: a})
	c.events.publish(topicState, "users", map[string]string{"user": ""})
	return nil
}

func (c *Cloud) setEverybody(availability string) {
	c.everybody.Store(&availability)
	for _, r := range c.residents.all() {
		r.mu.Lock()
		r.presence = "" // the journal's record of this does the same
		r.mu.Unlock()
	}
}

func availabilityOf(word string) (string, error) {
	if i := slices.Index(Availabilities, word); i >= 0 {
		return Availabilities[i], nil
	}
	return "", &apiError{status: 400, code: "bad_presence", message: fmt.Sprintf("%q is none of %v", word, Availabilities)}
}

// presences answers up to 650 people at once. Unknown ids are left out.
func (c *Cloud) presences(call *graphCall) answer {
	var in struct {
		IDs []string `json:"ids"`
	}
	if json.Unmarshal(call.body, &in) != nil || len(in.IDs) == 0 || len(in.IDs) > maxPresences {
		return graphFail(http.StatusBadRequest, "BadRequest", fmt.Sprintf("ids holds 1 to %d user ids.", maxPresences))
	}
	for _, id := range in.IDs {
		if len(id) != 36 { // taken to be so: Graph refuses them all for the sake of one
			return graphFail(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Id '%s' is not a valid GUID.", id))
		}
	}
	now := c.Now()
	if wait := c.lookups.admit(call.tenant.number, presenceCalls, presenceSpan, now); wait > 0 {
		c.stats.presence(len(in.IDs), now, true)
		out := graphFail(http.StatusTooManyRequests, "TooManyRequests", "Too many requests. Please retry after the time in Retry-After.")
		out.retryAfter = strconv.Itoa(int((wait + time.Second - 1) / time.Second))
		return out
	}
	c.stats.presence(len(in.IDs), now, false)
	if status := c.faults.read().PresenceStatus; status != 0 {
		return graphFail(status, "generalException", "The sandbox was asked to fail.")
	}
	value := []any{}
	for _, id := range in.IDs {
		if p, ok := c.graphUser(call.tenant, id); ok && strings.EqualFold(p.ID, id) {
			a := c.status(p).Presence
			value = append(value, map[string]any{"id": p.ID, "availability": a, "activity": a})
		}
	}
	return done(http.StatusOK, map[string]any{"@odata.context": c.graphURL("/$metadata#Collection(presence)"), "value": value})
}

func (c *Cloud) putPresence(r *http.Request) (any, error) {
	in, err := readPresence(r)
	if err != nil {
		return nil, err
	}
	if err := c.SetPresence(r.PathValue("id"), in); err != nil {
		return nil, err
	}
	return c.getPerson(r)
}

func (c *Cloud) putEverybodysPresence(r *http.Request) (any, error) {
	in, err := readPresence(r)
	if err != nil {
		return nil, err
	}
	if err := c.SetEverybodysPresence(in); err != nil {
		return nil, err
	}
	return map[string]string{"availability": in}, nil
}

func readPresence(r *http.Request) (availability string, err error) {
	var in struct {
		Availability string `json:"availability"`
	}
	err = decode(r, &in)
	return in.Availability, err
}

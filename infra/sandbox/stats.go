package sandbox

import (
	"sort"
	"strconv"
	"sync"
	"time"
)

// Stats count what the bot sent: new messages (send and reply), not updates.
type Stats struct {
	Sends            map[string]int64 `json:"sends"`         // by status; "dropped" are those whose connection was closed
	Accepted         int64            `json:"accepted"`      // messages that reached a chat, answered or not
	PeakPerSecond    int              `json:"peakPerSecond"` // the most accepted sends in any one second, over all tenants
	Creates          map[string]int64 `json:"creates"`
	Updates          map[string]int64 `json:"updates"`      // updates and deletes
	Installs         map[string]int64 `json:"installs"`     // what Graph answered to installations, by status
	PeakInstalls     int              `json:"peakInstalls"` // the most of these in any one second, refused ones too
	Duplicates       int64            `json:"duplicates"`
	DuplicateDetails []Duplicate      `json:"duplicateDetails"` // the first 1000
	Presence         PresenceStats    `json:"presence"`
	MailboxZones     int64            `json:"mailboxZones"` // mailboxes whose time zone Graph was asked for
}

// PresenceStats count Graph's look-ups of presence, over all tenants.
type PresenceStats struct {
	Calls     int64 `json:"calls"`
	Throttled int64 `json:"throttled"` // of them, answered 429 because there were too many
	IDs       int64 `json:"ids"`
	Largest   int   `json:"largest"`   // the most ids in one call
	PeakPer30 int   `json:"peakPer30"` // the most calls in any 30 seconds
}

// Duplicate is a person who got the same campaign (by X-Ms-Correlation-Id) Count times, at least twice.
type Duplicate struct {
	User     string `json:"user"`
	Campaign string `json:"campaign"`
	Count    int    `json:"count"`
}

const maxDuplicateDetails = 1000

type stats struct {
	mu         sync.Mutex
	calls      map[string]map[string]int64 // sends, creates, updates -> status -> n
	accepted   int64
	recent     ring
	peak       int
	installs   ring
	installed  int // the most in a second
	duplicates int64
	details    map[[2]string]int
	presences  PresenceStats
	lookups    ring
	mailboxes  int64
}

func newStats() *stats {
	s := &stats{}
	s.reset()
	return s
}

func (s *stats) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = map[string]map[string]int64{"sends": {}, "creates": {}, "updates": {}, "installs": {}}
	s.accepted, s.peak, s.duplicates = 0, 0, 0
	s.recent, s.details = ring{}, map[[2]string]int{}
	s.installs, s.installed = ring{}, 0
	s.presences, s.lookups, s.mailboxes = PresenceStats{}, ring{}, 0
}

// call counts an answer; status 0 means the connection was closed instead.
func (s *stats) call(operation string, status int) {
	kind := "sends"
	switch operation {
	case opCreate:
		kind = "creates"
	case opUpdate, opDelete:
		kind = "updates"
	case opMembers:
		return
	}
	word := "dropped"
	if status != 0 {
		word = strconv.Itoa(status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[kind][word]++
}

// install counts an answer to an installation by Graph.
func (s *stats) install(status int, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls["installs"][strconv.Itoa(status)]++
	s.installed = max(s.installed, s.installs.add(now.UnixNano(), int64(time.Second)))
}

func (s *stats) accept(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted++
	s.peak = max(s.peak, s.recent.add(now.UnixNano(), int64(time.Second)))
}

func (s *stats) presence(ids int, now time.Time, throttled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.presences
	p.Calls++
	p.IDs += int64(ids)
	p.Largest = max(p.Largest, ids)
	p.PeakPer30 = max(p.PeakPer30, s.lookups.add(now.UnixNano(), int64(presenceSpan)))
	if throttled {
		p.Throttled++
	}
}

func (s *stats) mailbox() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mailboxes++
}

func (s *stats) duplicate(user, campaign string, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.duplicates++
	k := [2]string{user, campaign}
	if _, known := s.details[k]; known || len(s.details) < maxDuplicateDetails {
		s.details[k] = count
	}
}

// Stats answers the counts so far.
func (c *Cloud) Stats() Stats {
	s := c.stats
	s.mu.Lock()
	defer s.mu.Unlock()
	clone := func(kind string) map[string]int64 {
		m := map[string]int64{}
		for k, v := range s.calls[kind] {
			m[k] = v
		}
		return m
	}
	out := Stats{
		Sends: clone("sends"), Creates: clone("creates"), Updates: clone("updates"), Installs: clone("installs"), PeakInstalls: s.installed,
		Accepted: s.accepted, PeakPerSecond: s.peak, Duplicates: s.duplicates, DuplicateDetails: []Duplicate{},
		Presence: s.presences, MailboxZones: s.mailboxes,
	}
	for k, n := range s.details {
		out.DuplicateDetails = append(out.DuplicateDetails, Duplicate{User: k[0], Campaign: k[1], Count: n})
	}
	sort.Slice(out.DuplicateDetails, func(i, j int) bool {
		a, b := out.DuplicateDetails[i], out.DuplicateDetails[j]
		return a.User < b.User || a.User == b.User && a.Campaign < b.Campaign
	})
	return out
}

// ResetStats starts counting anew. What was sent before still counts as sent for duplicates.
func (c *Cloud) ResetStats() { c.stats.reset() }

// ring is a queue of times that answers how many fall into the span before the newest.
type ring struct {
	times []int64
	head  int
}

func (r *ring) add(now, span int64) int {
	r.times = append(r.times, now)
	for r.times[r.head] <= now-span {
		r.head++
	}
	if r.head > 1024 && r.head > len(r.times)/2 {
		r.times = append(r.times[:0], r.times[r.head:]...)
		r.head = 0
	}
	return len(r.times) - r.head
}

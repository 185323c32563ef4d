package campaigns

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // the container's image has no time zones of its own
)

// maxZone bounds the name of a time zone; IANA's longest has 32 bytes.
const maxZone = 64

// modern are IANA's names of today for those that Exchange and browsers still use.
var modern = map[string]string{
	"Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu", "Asia/Rangoon": "Asia/Yangon", "Asia/Saigon": "Asia/Ho_Chi_Minh",
	"America/Godthab": "America/Nuuk", "America/Buenos_Aires": "America/Argentina/Buenos_Aires", "America/Indianapolis": "America/Indiana/Indianapolis",
	"Europe/Kiev": "Europe/Kyiv", "Etc/UTC": "UTC", "Etc/GMT": "UTC",
}

var knownZones sync.Map // name as it came -> today's name; holds only names that exist

// ZoneName is IANA's name of today for a time zone that somebody named, or "" when there is none of that name.
func ZoneName(name string) string {
	if known, ok := knownZones.Load(name); ok {
		return known.(string)
	}
	// "Local" and "" are names to LoadLocation, of wherever this process runs.
	if name == "" || name == "Local" || len(name) > maxZone || strings.ToUpper(name[:1]) != name[:1] {
		return ""
	}
	if _, err := time.LoadLocation(name); err != nil {
		return ""
	}
	today := name
	if m, ok := modern[name]; ok {
		today = m
	}
	knownZones.Store(name, today)
	return today
}

const (
	// mailboxZoneAge is how long a mailbox's zone is believed, also that there is none.
	mailboxZoneAge = 7 * 24 * time.Hour
	// zonePatience bounds how long one call of ZoneKeeper.Of waits for Graph.
	zonePatience = 10 * time.Second
	// A tenant whose mailboxes could not be asked is not asked again for so long: without the permission nothing changes
	// within minutes, and one page of people must not pay for each other one.
	zoneForbiddenPause = 10 * time.Minute
	zoneFailedPause    = time.Minute
)

// ZoneStore keeps what is known of people's time zones.
type ZoneStore interface {
	// ZonesOf answers for the people that Herald knows.
	ZonesOf(ctx context.Context, tenantID string, personIDs []string) (map[string]Zones, error)
	// SaveMailboxZones keeps IANA names, or "" for whoever has none, as asked at a moment. Unknown people are left out.
	SaveMailboxZones(ctx context.Context, tenantID string, zones map[string]string, at time.Time) error
}

// ZoneKeeper answers people's time zones, and asks Graph for those that it does not know yet or has not asked for a week.
// It is safe for concurrent use.
type ZoneKeeper struct {
	Store  ZoneStore
	Source ZoneSource // nil: nobody is asked
	Now    func() time.Time
	Log    *slog.Logger

	mu     sync.Mutex
	paused map[string]time.Time // by tenant: not asked before
}

// Of answers the effective zone of each person: their mailbox's, else their Teams client's, else "". It waits for Graph ten
// seconds at most, and goes by what is known when Graph does not tell; it fails only with the store.
func (k *ZoneKeeper) Of(ctx context.Context, tenantID string, personIDs []string) (map[string]string, error) {
	zones, err := k.Store.ZonesOf(ctx, tenantID, personIDs)
	if err != nil {
		return nil, err
	}
	now := k.Now()
	var due []string
	for id, z := range zones {
		if age := now.Sub(z.MailboxAt); z.MailboxAt.IsZero() || age >= mailboxZoneAge || age < 0 {
			due = append(due, id)
		}
	}
	for id, name := range k.ask(ctx, tenantID, due, now) {
		z := zones[id]
		z.Mailbox = name
		zones[id] = z
	}
	out := make(map[string]string, len(personIDs))
	for _, id := range personIDs {
		out[id] = zones[id].Effective()
	}
	return out, nil
}

// ask asks Graph and keeps what it told.
func (k *ZoneKeeper) ask(ctx context.Context, tenantID string, ids []string, now time.Time) map[string]string {
	if k.Source == nil || len(ids) == 0 || k.isPaused(tenantID, now) {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, zonePatience)
	defer cancel()
	got, err := k.Source.MailboxZones(asking, tenantID, ids)
	// Slow but answering: the next page is asked for too.
	late := asking.Err() != nil && len(got) > 0
	if err != nil && ctx.Err() == nil && !late {
		pause := k.pause(tenantID, now, err)
		k.Log.InfoContext(ctx, "mailboxes' time zones not asked; what is known counts", "tenant", tenantID, "people", len(ids)-len(got), "again", pause, "err", err)
	}
	if len(got) == 0 {
		return nil
	}
	if err := k.Store.SaveMailboxZones(ctx, tenantID, got, now); err != nil {
		k.Log.WarnContext(ctx, "mailboxes' time zones not kept; they are asked for again", "tenant", tenantID, "err", err)
	}
	return got
}

func (k *ZoneKeeper) isPaused(tenantID string, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return now.Before(k.paused[tenantID])
}

func (k *ZoneKeeper) pause(tenantID string, now time.Time, err error) time.Duration {
	d := zoneFailedPause
	var known *Error
	if errors.As(err, &known) {
		switch known.Code {
		case CodeForbidden:
			d = zoneForbiddenPause
		case CodeThrottled:
			d = max(known.RetryAfter, time.Second)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.paused == nil {
		k.paused = map[string]time.Time{}
	}
	k.paused[tenantID] = now.Add(d)
	return d
}

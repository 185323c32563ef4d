package campaigns

import (
	"context"
	"time"
)

// Presence is what Microsoft Graph says of somebody right now, folded to what a window decides by.
type Presence string

const (
	PresenceUnknown      Presence = "" // Graph does not say
	PresenceAvailable    Presence = "available"
	PresenceBusy         Presence = "busy"
	PresenceAway         Presence = "away"
	PresenceDoNotDisturb Presence = "do_not_disturb"
	PresenceOffline      Presence = "offline"
)

// MaxPresences is how many people may be asked for in one call of PresenceSource (platform.md §8).
const MaxPresences = 650

// PresenceSource tells how people are right now.
type PresenceSource interface {
	// Presences answers for at most MaxPresences people; more is a defect of the caller's. Whoever is missing from the answer
	// is unknown. It fails with CodeForbidden when Herald lacks the permission (the message names it), with CodeThrottled and
	// RetryAfter when Graph, or Herald's own pace, wants it later, and with CodeUnavailable when Graph does not answer.
	Presences(ctx context.Context, tenantID string, personIDs []string) (map[string]Presence, error)
}

// ZoneSource tells people's time zones as their mailboxes have them.
type ZoneSource interface {
	// MailboxZones answers IANA names. In the answer with "": asked and has none (no mailbox, or a zone that nobody can
	// name). Missing: could not be asked now, and may be asked again. What was learnt comes along with an error.
	// It fails as PresenceSource does.
	MailboxZones(ctx context.Context, tenantID string, personIDs []string) (map[string]string, error)
}

// Zones is what Herald knows of where somebody is. Names are IANA's; "" is unknown.
type Zones struct {
	Client    string    // what their Teams client told the bot
	Mailbox   string    // of their mailbox, when it was last asked
	MailboxAt time.Time // when that was; zero: never
}

// Effective is the zone to go by: the mailbox's, which people set on purpose, else the client's.
func (z Zones) Effective() string {
	if z.Mailbox != "" {
		return z.Mailbox
	}
	return z.Client
}

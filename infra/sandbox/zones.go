package sandbox

import (
	"fmt"
	"net/http"
	"time"
	_ "time/tzdata" // a container may have no time zones of its own
)

// Where people are: what their Teams client says of it with each activity, and how their mailbox has it.

// NoMailbox stands for the time zone of a mailbox that there is not.
const NoMailbox = "none"

// ownZones are what was set for a person.
type ownZones struct{ client, mailbox string }

// windowsNames are Exchange's for the zones that people have by themselves.
var windowsNames = map[string]string{
	"Europe/Paris": "Romance Standard Time", "Europe/London": "GMT Standard Time",
	"America/New_York": "Eastern Standard Time", "Asia/Kolkata": "India Standard Time",
}

// zones answers the zone of a person's client, and the one of their mailbox as Exchange has it: in Windows' name for one
// half, in IANA's for the other, and one in twenty has no mailbox.
func (c *Cloud) zones(p Person) (client, mailbox string) {
	own := ownZones{}
	if r := c.residents.peek(p.key); r != nil {
		if set := r.zones.Load(); set != nil {
			own = *set
		}
	}
	client, mailbox = or(own.client, p.TimeZone), own.mailbox
	if mailbox == "" {
		mailbox = client
		h := p.key.scramble(0x6d61696c)
		if h%2 == 0 {
			mailbox = or(windowsNames[client], client)
		}
		if own.client == "" && h%20 == 7 {
			mailbox = NoMailbox
		}
	}
	return client, mailbox
}

// SetTimeZone moves somebody to a time zone by IANA's name. mailbox is how their mailbox has it, in whatever words, or
// [NoMailbox]; empty: it moves with them.
func (c *Cloud) SetTimeZone(user, zone, mailbox string) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return &apiError{status: http.StatusBadRequest, code: "bad_time_zone", message: fmt.Sprintf("there is no time zone %q", zone)}
	}
	if len(mailbox) > 200 {
		return badRequest("mailbox is a name of at most 200 bytes")
	}
	return c.change(user, func(r *resident) { r.zones.Store(&ownZones{zone, mailbox}) })
}

func (c *Cloud) putTimeZone(r *http.Request) (any, error) {
	var in struct {
		TimeZone string `json:"timeZone"`
		Mailbox  string `json:"mailbox"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := c.SetTimeZone(r.PathValue("id"), in.TimeZone, in.Mailbox); err != nil {
		return nil, err
	}
	return c.getPerson(r)
}

// mailboxZone answers one property of a mailbox's settings.
func (c *Cloud) mailboxZone(call *graphCall) answer {
	ref := call.request.PathValue("user")
	c.stats.mailbox()
	if status := c.faults.read().MailboxStatus; status != 0 {
		out := graphFail(status, "ApplicationThrottled", "The sandbox was asked to fail.")
		out.retryAfter = seconds(c.faults.read().RetryAfter)
		return out
	}
	p, ok := c.graphUser(call.tenant, ref)
	if !ok {
		return graphFail(http.StatusNotFound, "ErrorInvalidUser", fmt.Sprintf("The requested user '%s' is invalid.", ref))
	}
	_, zone := c.zones(p)
	if zone == NoMailbox {
		return graphFail(http.StatusNotFound, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.")
	}
	return done(http.StatusOK, map[string]any{"@odata.context": c.graphURL("/$metadata#users('" + p.ID + "')/mailboxSettings/timeZone"), "value": zone})
}

package sandbox

import (
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/infracloudio/msbotbuilder-go/schema"
)

// Activities that Teams sends to the bot. They are maps, because msbotbuilder-go's Activity writes zero times as year 1 and
// holds only objects as value; its constants are the vocabulary.

type activity map[string]any

const activityTime = "2006-01-02T15:04:05.0000000Z"

// botName is what the bot is called in chats.
const botName = "Herald"

// activityFrom is the frame of whatever a person does. conversation is their chat's id.
func (c *Cloud) activityFrom(p Person, kind schema.ActivityTypes, conversation string) activity {
	now := c.Now()
	zone, _ := c.zones(p)
	local := now.In(zoneOf(zone))
	data := map[string]any{"tenant": map[string]any{"id": p.TenantID}}
	if p.Index%2 == 0 { // platform.md §4: the app's version may be absent
		data["app"] = map[string]any{"id": AppID, "version": "1.0.0"}
	}
	return activity{
		"type": kind, "id": "f:" + uuid.NewString(), "channelId": "msteams", "serviceUrl": c.ServiceURL(),
		"timestamp":      now.Format(activityTime),
		"localTimestamp": local.Format("2006-01-02T15:04:05.0000000-07:00"), "localTimezone": zone,
		"locale":       p.Locale,
		"from":         map[string]any{"id": p.ChannelID(), "name": p.DisplayName, "aadObjectId": p.ID},
		"recipient":    map[string]any{"id": botID(), "name": botName},
		"conversation": map[string]any{"id": conversation, "conversationType": "personal", "tenantId": p.TenantID},
		"channelData":  data,
		"entities": []any{map[string]any{
			"type": "clientInfo", "locale": p.Locale, "country": p.Country, "platform": "Web", "timezone": zone,
		}},
	}
}

// zones remembers time zones, which the standard library reads from disk each time.
var zones sync.Map

// zoneOf answers UTC where the machine has no time zone database.
func zoneOf(name string) *time.Location {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		z = time.UTC
	}
	zones.Store(name, z)
	return z
}

// Activity makes the frame of an activity as Teams would send it for a person with the app, for tests that deliver
// something of their own with [Cloud.Deliver]: set what the type needs.
func (c *Cloud) Activity(user, kind string) (map[string]any, error) {
	p, err := c.Person(user)
	if err != nil {
		return nil, err
	}
	generation := uint16(0)
	if r := c.residents.peek(p.key); r != nil {
		r.mu.Lock()
		generation = r.generation
		r.mu.Unlock()
	}
	return c.activityFrom(p, schema.ActivityTypes(kind), conversationID(p.key, generation)), nil
}

func (c *Cloud) installationUpdate(p Person, conversation, action string) activity {
	a := c.activityFrom(p, schema.InstallationUpdate, conversation)
	a["action"] = action
	return a
}

func (c *Cloud) membersAdded(p Person, conversation string) activity {
	a := c.activityFrom(p, schema.ConversationUpdate, conversation)
	a["membersAdded"] = []any{map[string]any{"id": botID()}}
	return a
}

func (c *Cloud) membersRemoved(p Person, conversation string) activity {
	a := c.activityFrom(p, schema.ConversationUpdate, conversation)
	a["membersRemoved"] = []any{map[string]any{"id": p.ChannelID(), "aadObjectId": p.ID}}
	return a
}

func (c *Cloud) userMessage(p Person, conversation, text string, id int64) activity {
	a := c.activityFrom(p, schema.Message, conversation)
	a["id"], a["text"], a["textFormat"] = strconv.FormatInt(id, 10), text, "plain"
	return a
}

func (c *Cloud) submitted(p Person, conversation, card string, id int64, value any) activity {
	a := c.activityFrom(p, schema.Message, conversation)
	a["id"], a["replyToId"], a["value"] = strconv.FormatInt(id, 10), card, value
	return a
}

func (c *Cloud) executed(p Person, conversation, card string, value any) activity {
	a := c.activityFrom(p, schema.Invoke, conversation)
	a["name"], a["replyToId"], a["value"] = "adaptiveCard/action", card, value
	return a
}

func (c *Cloud) readReceipt(p Person, conversation, last string) activity {
	a := c.activityFrom(p, schema.Event, conversation)
	a["name"] = "application/vnd.microsoft.readReceipt"
	a["value"] = map[string]any{"lastReadMessageId": last}
	return a
}

func (c *Cloud) reaction(p Person, conversation, on, kind string, added bool) activity {
	a := c.activityFrom(p, schema.MsgReaction, conversation)
	a["replyToId"] = on
	field := "reactionsRemoved"
	if added {
		field = "reactionsAdded"
	}
	a[field] = []any{map[string]any{"type": kind}}
	return a
}

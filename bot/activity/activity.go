// Package activity reads the activities that Teams posts to the bot, and writes
// the bot's own.
//
// The vocabulary is the Bot Framework's schema.Activity wherever it can say what
// arrives; Inbound adds what it cannot. Package activity is a leaf: it imports
// campaigns/message/wire, which does the writing, and nothing else of ours. Start
// reading at Decode and Inbound.
package activity

import (
	"encoding/json"
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/campaigns/message/wire"
)

// Inbound is an activity as it arrived.
type Inbound struct {
	// Activity holds all that the schema knows. Value is filled when the value is
	// an object. Times that were no times are zero.
	schema.Activity

	// RawValue is activity.value as it was written: any JSON, or nil when it was
	// absent or null.
	RawValue json.RawMessage

	// RawEntities are the entities with all their members; schema.Entity keeps
	// only the type.
	RawEntities []json.RawMessage

	channel channelData
}

// channelData is what Herald reads of Teams' channelData.
type channelData struct {
	Tenant struct {
		ID string `json:"id"`
	} `json:"tenant"`
	App struct {
		Version string `json:"version"`
	} `json:"app"`
	EventType string `json:"eventType"`
}

// Tenant is the customer's tenant id in lower case, or empty when the activity
// names none, or names two: then nobody's data may be touched for it.
func (in Inbound) Tenant() string {
	a := strings.ToLower(in.channel.Tenant.ID)
	b := strings.ToLower(in.Conversation.TenantID)
	switch {
	case a == "":
		return b
	case b == "" || a == b:
		return a
	default:
		return ""
	}
}

// AppVersion is the version of the installed package; Teams does not always say
// (platform.md §4).
func (in Inbound) AppVersion() string { return in.channel.App.Version }

// EventType is Teams' finer word for what happened: editMessage,
// undeleteMessage, softDeleteMessage (platform.md §6). Often empty.
func (in Inbound) EventType() string { return in.channel.EventType }

// IsPersonal says whether the conversation is a one-to-one chat.
func (in Inbound) IsPersonal() bool {
	return in.Conversation.ConversationType == "personal" || in.Conversation.ConversationType == "" && !in.Conversation.IsGroup
}

// TimeZone is the person's time zone as their client names it: that of the
// activity, or of the client it was written with; empty when neither says. Nobody
// has checked that there is such a zone.
func (in Inbound) TimeZone() string {
	if in.LocalTimezone != "" {
		return in.LocalTimezone
	}
	return in.client().TimeZone
}

// Language is the person's language as a BCP 47 tag: that of the activity, or of
// the client it was written with; empty when neither says.
func (in Inbound) Language() string {
	if in.Locale != "" {
		return in.Locale
	}
	return in.client().Locale
}

// clientInfo is the entity in which Teams tells about the client.
type clientInfo struct {
	Type     string `json:"type"`
	Locale   string `json:"locale"`
	TimeZone string `json:"timezone"`
}

func (in Inbound) client() (out clientInfo) {
	for _, raw := range in.RawEntities {
		var e clientInfo
		if json.Unmarshal(raw, &e) != nil || !strings.EqualFold(e.Type, "clientInfo") {
			continue
		}
		if out.Locale == "" {
			out.Locale = e.Locale
		}
		if out.TimeZone == "" {
			out.TimeZone = e.TimeZone
		}
	}
	return out
}

// BotAdded says whether this is a conversationUpdate that adds the bot itself.
func (in Inbound) BotAdded() bool {
	return in.Type == schema.ConversationUpdate && contains(in.MembersAdded, in.Recipient.ID)
}

// BotRemoved says whether this is a conversationUpdate that removes the bot itself.
func (in Inbound) BotRemoved() bool {
	return in.Type == schema.ConversationUpdate && contains(in.MembersRemoved, in.Recipient.ID)
}

func contains(accounts []schema.ChannelAccount, id string) bool {
	for _, a := range accounts {
		if id != "" && a.ID == id {
			return true
		}
	}
	return false
}

// DecodeValue decodes activity.value. It reports false when there is none or it
// has another form; then into may be half filled.
func (in Inbound) DecodeValue(into any) bool {
	return len(in.RawValue) > 0 && json.Unmarshal(in.RawValue, into) == nil
}

// Encode writes an activity of the bot: no zero times, no empty structs.
func Encode(a schema.Activity) ([]byte, error) { return wire.Encode(a) }

// Package wire writes activities the way the Bot Connector wants to read them.
//
// It is a leaf: it imports the Bot Framework's schema and nothing of ours, so
// that campaigns/message (which renders what Herald pushes) and the bot (which
// answers people) write with one hand. Everything that leaves Herald for Teams
// goes through Encode; Size says how large Teams finds it. Start reading at Encode.
package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// activity shadows the fields of schema.Activity whose zero value would be
// written out: encoding/json takes the shallower of two fields of one name.
// schema marshals a zero time as year 1 and an empty struct as {}; Teams reads
// both as values (a message from nobody, expired two thousand years ago).
type activity struct {
	schema.Activity

	Timestamp        *time.Time                  `json:"timestamp,omitempty"`
	LocalTimestamp   *time.Time                  `json:"localTimestamp,omitempty"`
	Expiration       *time.Time                  `json:"expiration,omitempty"`
	From             *schema.ChannelAccount      `json:"from,omitempty"`
	Conversation     *schema.ConversationAccount `json:"conversation,omitempty"`
	Recipient        *schema.ChannelAccount      `json:"recipient,omitempty"`
	SuggestedActions *schema.SuggestedActions    `json:"suggestedActions,omitempty"`
	RelatesTo        *reference                  `json:"relatesTo,omitempty"`
	SemanticAction   *schema.SemanticAction      `json:"semanticAction,omitempty"`
}

// reference is schema.ConversationReference without its empty structs.
type reference struct {
	ActivityID   string                      `json:"activityId,omitempty"`
	User         *schema.ChannelAccount      `json:"user,omitempty"`
	Bot          *schema.ChannelAccount      `json:"bot,omitempty"`
	Conversation *schema.ConversationAccount `json:"conversation,omitempty"`
	ChannelID    string                      `json:"channelId,omitempty"`
	ServiceURL   string                      `json:"serviceUrl,omitempty"`
}

// Encode returns the JSON of an outgoing activity. It writes no zero times and
// no empty structs, and it leaves <, > and & as they are (encoding/json would
// spend six characters on each, and Teams' size limit counts them). Times are
// written in UTC, except LocalTimestamp, whose offset is its meaning.
//
// An error means that the activity holds something JSON cannot say (a channel
// or a NaN in Content, Value or ChannelData, a year past 9999): a defect of the
// caller. Safe for concurrent use; the activity is not changed.
func Encode(a schema.Activity) ([]byte, error) {
	out := activity{
		Activity:       a,
		Timestamp:      present(a.Timestamp.UTC()),
		LocalTimestamp: present(a.LocalTimestamp),
		Expiration:     present(a.Expiration.UTC()),
		From:           nonZero(a.From),
		Conversation:   nonZero(a.Conversation),
		Recipient:      nonZero(a.Recipient),
	}
	if s := a.SuggestedActions; len(s.To) > 0 || len(s.Actions) > 0 {
		out.SuggestedActions = &s
	}
	if s := a.SemanticAction; s.State != "" || s.ID != "" || len(s.Entities) > 0 {
		out.SemanticAction = &s
	}
	if r := a.RelatesTo; r != (schema.ConversationReference{}) {
		out.RelatesTo = &reference{
			ActivityID:   r.ActivityID,
			User:         nonZero(r.User),
			Bot:          nonZero(r.Bot),
			Conversation: nonZero(r.Conversation),
			ChannelID:    r.ChannelID,
			ServiceURL:   r.ServiceURL,
		}
	}

	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("encode activity: %w", err)
	}
	// Encoder ends every value with a newline; a body needs none.
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

func present(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func nonZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

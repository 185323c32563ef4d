package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

const (
	// MaxSize bounds an inbound activity. Teams' own messages stay under 100 KB.
	MaxSize = 256 << 10
	// MaxDepth bounds how deep its JSON nests.
	MaxDepth = 64
)

// Problem is a stable word for why an activity cannot be read.
type Problem string

const (
	TooLarge  Problem = "too_large"
	TooDeep   Problem = "too_deep"
	NotJSON   Problem = "not_json"
	NoObject  Problem = "no_object"
	Duplicate Problem = "duplicate_member"
	WrongType Problem = "wrong_type"
	NoType    Problem = "no_type"
	Unread    Problem = "unread" // the connection failed before the end
)

// Error says why an activity cannot be read. Except for Unread it is the
// sender's fault.
type Error struct {
	Problem Problem
	Field   string // the member's name or path, when one is to blame
	Err     error
}

func (e *Error) Error() string {
	s := "activity: " + string(e.Problem)
	if e.Field != "" {
		s += fmt.Sprintf(" at %q", e.Field)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// arrived shadows the members of schema.Activity that the schema reads too
// strictly: encoding/json takes the shallower of two fields of one name.
type arrived struct {
	schema.Activity

	Timestamp      lenientTime `json:"timestamp"`
	LocalTimestamp lenientTime `json:"localTimestamp"`
	Expiration     lenientTime `json:"expiration"`

	Value    json.RawMessage   `json:"value"`
	Entities []json.RawMessage `json:"entities"`

	// Bots write these, people do not: their forms vary by client and nothing
	// here reads them.
	SuggestedActions ignored `json:"suggestedActions"`
	SemanticAction   ignored `json:"semanticAction"`
	TextHighlights   ignored `json:"textHighlights"`
	ListenFor        ignored `json:"listenFor"`
}

// Decode reads one activity. What it refuses it refuses whole, with *Error: more
// than MaxSize bytes, deeper than MaxDepth, no JSON object, two members of one
// name (of which another reader might see the other one), members of the wrong
// type, no type. Unknown members and unknown types of activity are accepted:
// Teams adds both at will.
func Decode(r io.Reader) (Inbound, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return Inbound{}, &Error{Problem: Unread, Err: err}
	}
	if len(body) > MaxSize {
		return Inbound{}, &Error{Problem: TooLarge}
	}
	if !utf8.Valid(body) { // encoding/json would mend texts, but not RawValue, which is stored as it is
		return Inbound{}, &Error{Problem: NotJSON, Err: errors.New("broken UTF-8")}
	}
	if err := inspect(body); err != nil {
		return Inbound{}, err
	}
	var a arrived
	if err := json.Unmarshal(body, &a); err != nil {
		return Inbound{}, wrongType("", err)
	}
	in := Inbound{Activity: a.Activity}
	in.Timestamp, in.LocalTimestamp, in.Expiration = a.Timestamp.Time, a.LocalTimestamp.Time, a.Expiration.Time
	if in.Type == "" {
		return Inbound{}, &Error{Problem: NoType, Field: "type"}
	}
	if value := bytes.TrimSpace(a.Value); len(value) > 0 && !bytes.Equal(value, []byte("null")) {
		in.RawValue = value
		if value[0] == '{' {
			if err := json.Unmarshal(value, &in.Activity.Value); err != nil {
				return Inbound{}, wrongType("value", err)
			}
		}
	}
	for _, raw := range a.Entities {
		var e schema.Entity
		if err := json.Unmarshal(raw, &e); err != nil {
			return Inbound{}, wrongType("entities", err)
		}
		in.Activity.Entities = append(in.Activity.Entities, e)
		in.RawEntities = append(in.RawEntities, raw)
	}
	if in.ChannelData != nil {
		// Parts of channelData in other forms than Herald's are none of its
		// business, except the tenant: read wrongly it would open a door.
		raw, err := json.Marshal(in.ChannelData)
		if err != nil {
			return Inbound{}, wrongType("channelData", err)
		}
		if err := json.Unmarshal(raw, &in.channel); err != nil {
			return Inbound{}, wrongType("channelData", err)
		}
	}
	return in, nil
}

func wrongType(field string, err error) error {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		path := strings.TrimPrefix(t.Field, "Activity.")
		if field != "" && path != "" {
			field += "."
		}
		return &Error{Problem: WrongType, Field: field + path, Err: fmt.Errorf("%s is not what belongs there", t.Value)}
	}
	return &Error{Problem: WrongType, Field: field, Err: err}
}

// lenientTime is zero for everything that is not an RFC 3339 time: no decision
// hangs on an activity's clock, and clients write odd ones.
type lenientTime struct{ time.Time }

func (t *lenientTime) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		return nil
	}
	if at, err := time.Parse(time.RFC3339Nano, s); err == nil && at.Year() > 1 {
		t.Time = at
	}
	return nil
}

// ignored accepts any JSON.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

package activity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/bot/activity"
)

func decode(t *testing.T, body string) activity.Inbound {
	t.Helper()
	in, err := activity.Decode(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// The files in testdata are activities in Teams' form.
func TestDecodeTeams(t *testing.T) {
	t.Parallel()
	read := func(name string) activity.Inbound {
		f, err := os.Open(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		in, err := activity.Decode(f)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if in.Tenant() != "11111111-1111-4111-8111-111111111111" || in.ChannelID != "msteams" || !in.IsPersonal() || in.From.AadObjectID == "" {
			t.Errorf("%s: %+v", name, in)
		}
		return in
	}

	message := read("message.json")
	if message.Type != schema.Message || message.Text != "Bonjour" || message.Language() != "fr-FR" || message.RawValue != nil {
		t.Errorf("%+v", message)
	}
	if want := time.Date(2026, 11, 21, 9, 0, 0, 123456700, time.UTC); !message.Timestamp.Equal(want) {
		t.Errorf("timestamp %s", message.Timestamp)
	}
	if _, offset := message.LocalTimestamp.Zone(); offset != 3600 {
		t.Errorf("local timestamp %s", message.LocalTimestamp)
	}

	added := read("added.json")
	if !added.BotAdded() || added.BotRemoved() || added.AppVersion() != "1.4.0" {
		t.Errorf("%+v", added)
	}
	installed := read("installed.json")
	if installed.Type != schema.InstallationUpdate || installed.Action != "add" || installed.BotAdded() {
		t.Errorf("%+v", installed)
	}

	var receipt struct{ LastReadMessageID string }
	if in := read("read.json"); in.Name != "application/vnd.microsoft.readReceipt" || !in.DecodeValue(&receipt) || receipt.LastReadMessageID != "1700000000001" {
		t.Errorf("%+v", in)
	}
	if in := read("reaction.json"); len(in.ReactionsAdded) != 1 || in.ReactionsAdded[0].Type != "like" || in.ReplyToID != "1700000000001" {
		t.Errorf("%+v", in)
	}
	var submit struct{ Herald, Answer string }
	if in := read("submit.json"); !in.DecodeValue(&submit) || submit.Answer != "true" || in.Value["herald"] != "survey" {
		t.Errorf("%+v", in)
	}
	if in := read("edited.json"); in.Type != schema.MessageUpdate || in.EventType() != "editMessage" {
		t.Errorf("%+v", in)
	}
}

func TestValueMayBeAnything(t *testing.T) {
	t.Parallel()
	for value, object := range map[string]bool{`{"a":1}`: true, `{}`: true, `[1,2]`: false, `"text"`: false, `12.5`: false, `true`: false} {
		in := decode(t, `{"type":"invoke","value":`+value+`}`)
		if string(in.RawValue) != value || (in.Value != nil) != object {
			t.Errorf("%s: raw %s, map %v", value, in.RawValue, in.Value)
		}
	}
	for _, body := range []string{`{"type":"invoke"}`, `{"type":"invoke","value":null}`} {
		if in := decode(t, body); in.RawValue != nil || in.Value != nil || in.DecodeValue(new(any)) {
			t.Errorf("%s: %+v", body, in)
		}
	}
}

func TestOddTimesAreNoTimes(t *testing.T) {
	t.Parallel()
	for _, at := range []string{`"0001-01-01T00:00:00Z"`, `"0001-01-01T00:00:00"`, `""`, `"yesterday"`, `null`, `0`, `1700000000`, `{}`, `[]`, `true`, `"2026-02-30T00:00:00Z"`} {
		in := decode(t, `{"type":"message","timestamp":`+at+`,"localTimestamp":`+at+`,"expiration":`+at+`}`)
		if !in.Timestamp.IsZero() || !in.LocalTimestamp.IsZero() || !in.Expiration.IsZero() {
			t.Errorf("%s: %v", at, in.Timestamp)
		}
	}
}

// What people's clients put into members that only bots write is not our business.
func TestIgnoredMembers(t *testing.T) {
	t.Parallel()
	in := decode(t, `{"type":"message","suggestedActions":{"actions":[{"type":"imBack","value":"text"}]},"semanticAction":7,"textHighlights":{},"listenFor":"x","unknown":[{}],"ids":{"a":1}}`)
	if len(in.SuggestedActions.Actions) != 0 {
		t.Errorf("%+v", in)
	}
}

func TestTenant(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"type":"x"}`: "",
		`{"type":"x","channelData":{"tenant":{"id":"ABC"}}}`:                                          "abc",
		`{"type":"x","conversation":{"tenantId":"abc"}}`:                                              "abc",
		`{"type":"x","conversation":{"tenantId":"abc"},"channelData":{"tenant":{"id":"ABC"}}}`:        "abc",
		`{"type":"x","conversation":{"tenantId":"abc"},"channelData":{"tenant":{"id":"other"}}}`:      "",
		`{"type":"x","conversation":{"tenantId":"abc"},"channelData":{"settings":{"a":1}}}`:           "abc",
		`{"type":"x","conversation":{"tenantId":"abc"},"channelData":null}`:                           "abc",
		`{"type":"x","conversation":{"tenantId":"abc"},"channelData":{"tenant":null,"eventType":""}}`: "abc",
	} {
		if got := decode(t, body).Tenant(); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

func TestSmallThings(t *testing.T) {
	t.Parallel()
	if got := decode(t, `{"type":"message","locale":"de-DE","entities":[{"type":"clientInfo","locale":"fr-FR"}]}`).Language(); got != "de-DE" {
		t.Error(got)
	}
	if got := decode(t, `{"type":"message","entities":[{"type":"mention","text":"x"},{"type":"clientInfo","locale":12}]}`).Language(); got != "" {
		t.Error(got)
	}
	for body, want := range map[string]string{
		`{"type":"message","localTimezone":"Asia/Tokyo","entities":[{"type":"clientInfo","timezone":"Europe/Paris"}]}`:                   "Asia/Tokyo",
		`{"type":"message","entities":[{"type":"mention"},{"type":"clientInfo","locale":"fr-FR"},{"type":"ClientInfo","timezone":"Z"}]}`: "Z",
		`{"type":"message","entities":[{"type":"mention","timezone":"Europe/Paris"},{"type":"clientInfo","timezone":1}]}`:                "",
		`{"type":"message"}`: "",
	} {
		if got := decode(t, body).TimeZone(); got != want {
			t.Errorf("%s: %q", body, got)
		}
	}
	if decode(t, `{"type":"conversationUpdate","membersAdded":[{}]}`).BotAdded() {
		t.Error("an account without an id is not the bot")
	}
	if !decode(t, `{"type":"conversationUpdate","recipient":{"id":"28:b"},"membersRemoved":[{"id":"29:x"},{"id":"28:b"}]}`).BotRemoved() {
		t.Error("bot removed")
	}
	if decode(t, `{"type":"message","conversation":{"conversationType":"channel"}}`).IsPersonal() || decode(t, `{"type":"message","conversation":{"isGroup":true}}`).IsPersonal() {
		t.Error("personal")
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	nest := func(n int) string {
		return `{"type":"x","value":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	tests := []struct {
		name, body string
		problem    activity.Problem
		field      string
	}{
		{"nothing", "", activity.NotJSON, ""},
		{"cut", `{"type":"message"`, activity.NotJSON, ""},
		{"cut in a string", `{"type":"mess`, activity.NotJSON, ""},
		{"no JSON", `<xml/>`, activity.NotJSON, ""},
		{"array", `[{"type":"message"}]`, activity.NoObject, ""},
		{"string", `"message"`, activity.NoObject, ""},
		{"null", `null`, activity.NoObject, ""},
		{"two activities", `{"type":"a"}{"type":"b"}`, activity.NotJSON, ""},
		{"rubbish behind", `{"type":"a"} x`, activity.NotJSON, ""},
		{"NUL in a text", `{"type":"a","text":"x\u0000"}`, activity.NotJSON, "text"},
		{"broken UTF-8 in the value", "{\"type\":\"a\",\"value\":{\"x\":\"\xff\"}}", activity.NotJSON, ""},
		{"NUL in a name", `{"type":"a","x\u0000":1}`, activity.NotJSON, "type"},
		{"as deep as may be", nest(activity.MaxDepth - 1), "", ""},
		{"too deep", nest(activity.MaxDepth), activity.TooDeep, ""},
		{"far too deep", nest(100_000), activity.TooDeep, ""},
		{"as large as may be", `{"type":"a","text":"` + strings.Repeat("x", activity.MaxSize-22) + `"}`, "", ""},
		{"too large", `{"type":"a","text":"` + strings.Repeat("x", activity.MaxSize-21) + `"}`, activity.TooLarge, ""},
		{"duplicate", `{"type":"a","serviceUrl":"https://a","serviceUrl":"https://b"}`, activity.Duplicate, "serviceUrl"},
		{"duplicate but for case", `{"type":"a","serviceUrl":"https://a","ServiceURL":"https://b"}`, activity.Duplicate, "ServiceURL"},
		{"duplicate but for a long s", `{"type":"a","serviceUrl":"https://a","ſerviceUrl":"https://b"}`, activity.Duplicate, "ſerviceUrl"},
		{"duplicate below", `{"type":"a","from":{"id":"1","Id":"2"}}`, activity.Duplicate, "from.Id"},
		{"duplicate tenant", `{"type":"a","channelData":{"tenant":{"id":"1"},"Tenant":{"id":"2"}}}`, activity.Duplicate, "channelData.Tenant"},
		{"duplicate in a list", `{"type":"a","membersAdded":[{"id":"1"},{"id":"1","id":"2"}]}`, activity.Duplicate, "membersAdded.id"},
		{"duplicate in the value", `{"type":"a","value":{"x":1,"x":2}}`, activity.Duplicate, "value.x"},
		{"other case in the value", `{"type":"a","value":{"x":1,"X":2}}`, "", ""},
		{"other case in a card", `{"type":"a","attachments":[{"content":{"x":1,"X":2}}]}`, "", ""},
		{"no type", `{}`, activity.NoType, "type"},
		{"type is a number", `{"type":7}`, activity.WrongType, "type"},
		{"from is a string", `{"type":"a","from":"me"}`, activity.WrongType, "from"},
		{"from.id is an object", `{"type":"a","from":{"id":{}}}`, activity.WrongType, "from.id"},
		{"channelData is a string", `{"type":"a","channelData":"x"}`, activity.WrongType, "channelData"},
		{"tenant is a string", `{"type":"a","channelData":{"tenant":"x"}}`, activity.WrongType, "channelData.tenant"},
		{"entities are an object", `{"type":"a","entities":{}}`, activity.WrongType, "entities"},
		{"entity is a string", `{"type":"a","entities":["x"]}`, activity.WrongType, "entities"},
		{"members are a string", `{"type":"a","membersAdded":"x"}`, activity.WrongType, "membersAdded"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := activity.Decode(strings.NewReader(tt.body))
			if tt.problem == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var e *activity.Error
			if !errors.As(err, &e) || e.Problem != tt.problem || e.Field != tt.field {
				t.Fatalf("got %v, want %s at %q", err, tt.problem, tt.field)
			}
			if !strings.Contains(err.Error(), string(tt.problem)) {
				t.Errorf("the text %q lacks the problem", err)
			}
		})
	}

	_, err := activity.Decode(iotest.ErrReader(io.ErrUnexpectedEOF))
	var e *activity.Error
	if !errors.As(err, &e) || e.Problem != activity.Unread || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("broken connection: %v", err)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 5 {
		t.Fatal(err, files)
	}
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, body)
	}
	roundTrip(t, []byte(`{"type":"invoke","value":[1,{"a":"ü"}]}`))
}

// roundTrip decodes, encodes and decodes again: nothing that Herald reads may
// change, save what the schema cannot say of entities.
func roundTrip(t *testing.T, body []byte) {
	t.Helper()
	first, err := activity.Decode(bytes.NewReader(body))
	if err != nil {
		return
	}
	again, err := encodeInbound(first)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if bytes.Contains(again, []byte(`"0001-01-01`)) {
		t.Errorf("a zero time is written: %s", again)
	}
	second, err := activity.Decode(bytes.NewReader(again))
	var e *activity.Error
	if errors.As(err, &e) && e.Problem == activity.TooLarge {
		return // encoding may make invalid UTF-8 longer
	}
	if err != nil {
		t.Fatalf("%s\n%s: %v", body, again, err)
	}
	third, err := encodeInbound(second)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again, third) {
		t.Errorf("not stable:\n%s\n%s", again, third)
	}
	if first.Tenant() != second.Tenant() || first.From != second.From || first.Conversation != second.Conversation ||
		first.ServiceURL != second.ServiceURL || first.Text != second.Text || !first.Timestamp.Equal(second.Timestamp) ||
		!reflect.DeepEqual(first.ChannelData, second.ChannelData) || !sameJSON(first.RawValue, second.RawValue) {
		t.Errorf("round trip changed something:\n%+v\n%+v", first, second)
	}
}

// encodeInbound writes an activity as it could have arrived, whatever its value.
func encodeInbound(in activity.Inbound) ([]byte, error) {
	in.Activity.Value = nil
	body, err := activity.Encode(in.Activity)
	if err != nil || len(in.RawValue) == 0 {
		return body, err
	}
	value, err := json.Marshal(in.RawValue)
	if err != nil {
		return nil, err
	}
	head := bytes.TrimSuffix(body, []byte("}")) // never {}: Decode refuses activities without a type
	return slices.Concat(head, []byte(`,"value":`), value, []byte("}")), nil
}

func sameJSON(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func TestEncode(t *testing.T) {
	t.Parallel()
	body, err := activity.Encode(schema.Activity{Type: schema.Message, Text: "<ok>"})
	if err != nil || string(body) != `{"type":"message","text":"<ok>"}` {
		t.Errorf("%s, %v", body, err)
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.json")
	for _, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, s := range []string{`{"type":"x","value":[1]}`, `{"type":"x","timestamp":0}`, `{"type":"x","type":"y"}`, `[`, `{"type":"x","entities":[{"type":"a"}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := activity.Decode(bytes.NewReader(body))
		if err != nil {
			var e *activity.Error
			if !errors.As(err, &e) || e.Problem == activity.Unread {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		if in.Type == "" || len(body) > activity.MaxSize || !json.Valid(body) {
			t.Fatalf("accepted %q", body)
		}
		_, _, _, _, _ = in.Tenant(), in.Language(), in.IsPersonal(), in.BotAdded(), in.AppVersion()
		roundTrip(t, body)
	})
}

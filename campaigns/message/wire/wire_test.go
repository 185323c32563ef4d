package wire_test

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/campaigns/message/wire"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CET", 3600)
	at := time.Date(2026, 11, 21, 9, 30, 0, 0, berlin)
	tests := []struct {
		name string
		in   schema.Activity
		want string
	}{
		{"nothing", schema.Activity{}, `{}`},
		{"message", schema.Activity{Type: schema.Message, Text: "Hi", TextFormat: "markdown"},
			`{"type":"message","textFormat":"markdown","text":"Hi"}`},
		{"no HTML escapes", schema.Activity{Text: "a <b> & c"}, `{"text":"a <b> & c"}`},
		{"times", schema.Activity{Timestamp: at, LocalTimestamp: at, Expiration: at},
			`{"timestamp":"2026-11-21T08:30:00Z","localTimestamp":"2026-11-21T09:30:00+01:00","expiration":"2026-11-21T08:30:00Z"}`},
		{"accounts", schema.Activity{From: schema.ChannelAccount{ID: "28:b"}, Conversation: schema.ConversationAccount{ID: "a:1"}, Recipient: schema.ChannelAccount{ID: "29:u"}},
			`{"from":{"id":"28:b"},"conversation":{"id":"a:1"},"recipient":{"id":"29:u"}}`},
		{"empty collections are nothing", schema.Activity{
			Attachments: []schema.Attachment{}, ChannelData: map[string]any{}, Value: map[string]any{},
			SuggestedActions: schema.SuggestedActions{To: []string{}}, SemanticAction: schema.SemanticAction{Entities: map[string]schema.Entity{}}},
			`{}`},
		{"reference without empty structs", schema.Activity{RelatesTo: schema.ConversationReference{ActivityID: "1", Bot: schema.ChannelAccount{ID: "28:b"}}},
			`{"relatesTo":{"activityId":"1","bot":{"id":"28:b"}}}`},
		{"suggested and semantic actions", schema.Activity{
			SuggestedActions: schema.SuggestedActions{Actions: []schema.CardAction{{Title: "Yes"}}},
			SemanticAction:   schema.SemanticAction{ID: "x"}},
			`{"suggestedActions":{"actions":[{"title":"Yes"}]},"semanticAction":{"id":"x"}}`},
		{"card", schema.Activity{Attachments: []schema.Attachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: json.RawMessage(`{"type":"AdaptiveCard"}`)}}},
			`{"attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard"}}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := wire.Encode(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var g, w any
			if err := json.Unmarshal(got, &g); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.want), &w); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(g, w) {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if strings.Contains(string(got), `\u003c`) || strings.HasSuffix(string(got), "\n") {
				t.Errorf("escaped or newline-terminated: %q", got)
			}
		})
	}
}

// Every field of the vocabulary must survive: a field that is shadowed in
// activity but not filled in Encode would vanish silently.
func TestEncodeKeepsEveryField(t *testing.T) {
	t.Parallel()
	var a schema.Activity
	fill(reflect.ValueOf(&a).Elem(), 4)
	body, err := wire.Encode(a)
	if err != nil {
		t.Fatal(err)
	}
	var back schema.Activity
	if err := json.Unmarshal(body, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, back) {
		t.Errorf("round trip lost something:\n%+v\n%+v", a, back)
	}
}

// fill gives every reachable field a value that is not zero.
func fill(v reflect.Value, depth int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(1)
	case reflect.Interface:
		v.Set(reflect.ValueOf("x"))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth)
		}
	case reflect.Slice:
		if depth > 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			fill(v.Index(0), depth-1)
		}
	case reflect.Map:
		if depth > 0 {
			e := reflect.New(v.Type().Elem()).Elem()
			fill(e, depth-1)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("k"), e)
		}
	}
}

func TestEncodeRefusesWhatJSONCannotSay(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]schema.Activity{
		"NaN":       {ChannelData: map[string]any{"x": math.NaN()}},
		"channel":   {Attachments: []schema.Attachment{{Content: make(chan int)}}},
		"year 9999": {Timestamp: time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, err := wire.Encode(a); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	image := "data:image/png;base64,"
	tests := []struct {
		name, body string
		want       int
	}{
		{"empty", "", 0},
		{"ASCII", "abc", 6},
		{"one unit of two bytes", "é", 2},
		{"one unit of three bytes", "€", 2},
		{"surrogate pair", "😀", 4},
		{"image content is free", `"` + image + strings.Repeat("A", 5000) + `"`, 2 * (len(image) + 2)},
		{"two images", image + "AAAA" + `","` + image + "BBBB==", 2 * (2*len(image) + 3)},
		{"not base64", `data:image/svg+xml,AAAA`, 2 * len(`data:image/svg+xml,AAAA`)},
		{"cut header", `data:image/`, 2 * len(`data:image/`)},
		{"endless media type", "data:image/" + strings.Repeat("a", 100) + ";base64,AA", 2 * (11 + 100 + 8 + 2)},
	}
	for _, tt := range tests {
		if got := wire.Size([]byte(tt.body)); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func FuzzSize(f *testing.F) {
	for _, s := range []string{"", "abc", "data:image/png;base64,AAAA\"", "data:image/", "\xff😀"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if n := wire.Size(body); n < 0 || n > 2*len(body) {
			t.Errorf("Size = %d of %d bytes", n, len(body))
		}
	})
}

package message_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/message/wire"
)

type laterCard struct {
	Actions []map[string]any `json:"actions"`
	Body    []laterCard      `json:"body"`
}

// bodies are a content's body for Anna, as it is and with the button for another time.
func bodies(t *testing.T, f message.Format, c message.Content, locale string) (bare, with []byte) {
	t.Helper()
	anna := message.Person{FirstName: "Anna", Locale: locale}
	for i, campaign := range []string{"", `c"1`} {
		tpl, err := message.Compile(f, c, message.Options{TrackURL: "https://herald.example", Later: campaign})
		if err != nil {
			t.Fatal(err)
		}
		r, err := tpl.RenderTracked(anna, func(n int) string { return fmt.Sprintf("https://herald.example/l/%d", n) })
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.Body()
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			bare = b
		} else {
			with = b
		}
	}
	return bare, with
}

func wholeCard(t *testing.T, body []byte) (whole map[string]any, c laterCard) {
	t.Helper()
	var a struct {
		Attachments []struct {
			Content json.RawMessage `json:"content"`
		} `json:"attachments"`
	}
	if err := json.Unmarshal(body, &a); err != nil || len(a.Attachments) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	if err := json.Unmarshal(a.Attachments[0].Content, &whole); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.Attachments[0].Content, &c); err != nil {
		t.Fatal(err)
	}
	return whole, c
}

// The button is the last of the card's own, opens three choices that press what ReadLater reads, and changes nothing else: every
// link keeps its number.
func TestLaterIsOneMoreButton(t *testing.T) {
	t.Parallel()
	own := `{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"[a](https://a.example) [FIRSTNAME]"},{"type":"Input.Text","id":"x"}],"actions":[{"type":"Action.OpenUrl","title":"b","url":"https://b.example"}],"speak":"s"}`
	for name, c := range map[string]struct {
		format  message.Format
		content message.Content
		locale  string
		title   string
		choices []string
	}{
		"idea":    {message.Idea, message.Content{Text: "Read [this](https://a.example), [FIRSTNAME]"}, "en-GB", "Not now", []string{"In an hour", "This afternoon", "Tomorrow"}},
		"success": {message.Success, message.Content{Text: "We won"}, "fr", "Plus tard", []string{"Dans une heure", "Cet après-midi", "Demain"}},
		"form":    {message.Card, message.Content{Title: "T", Text: "[x](https://a.example)", Buttons: []message.Button{{Title: "Go", URL: "https://b.example"}}}, "", "Not now", []string{"In an hour", "This afternoon", "Tomorrow"}},
		"json":    {message.Card, message.Content{Card: json.RawMessage(own)}, "de", "Not now", []string{"In an hour", "This afternoon", "Tomorrow"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bare, with := bodies(t, c.format, c.content, c.locale)
			before, _ := wholeCard(t, bare)
			after, card := wholeCard(t, with)
			last := card.Actions[len(card.Actions)-1]
			if last["type"] != "Action.ShowCard" || last["title"] != c.title {
				t.Errorf("the last button is %v", last)
			}
			var titles, whens []string
			raw, _ := json.Marshal(last["card"])
			var inner laterCard
			if err := json.Unmarshal(raw, &inner); err != nil {
				t.Fatal(err)
			}
			for _, set := range inner.Body[1:] {
				a := set.Actions[0]
				titles = append(titles, a["title"].(string))
				fallback := a["fallback"].(map[string]any)
				data, _ := json.Marshal(a["data"])
				p, ok := message.ReadLater(data)
				if !ok || p.Campaign != `c"1` || a["type"] != "Action.Execute" || a["verb"] != "herald.later."+p.When || fallback["type"] != "Action.Submit" || !reflect.DeepEqual(fallback["data"], a["data"]) {
					t.Errorf("%v presses %+v", a, p)
				}
				whens = append(whens, p.When)
			}
			if !slices.Equal(titles, c.choices) || !slices.Equal(whens, []string{"hour", "afternoon", "tomorrow"}) {
				t.Errorf("%q are %q", titles, whens)
			}
			if rest := card.Actions[:len(card.Actions)-1]; len(rest) == 0 {
				delete(after, "actions")
			} else {
				after["actions"] = after["actions"].([]any)[:len(rest)]
			}
			if !reflect.DeepEqual(before, after) {
				t.Errorf("was %v\nis  %v", before, after)
			}
		})
	}
}

func TestLaterLeavesCardsWithoutRoomAlone(t *testing.T) {
	t.Parallel()
	action := `{"type":"Action.Submit","title":"a"}`
	full := `{"type":"AdaptiveCard","version":"1.5","body":[],"actions":[` + action + strings.Repeat(","+action, 5) + `]}`
	long := strings.Repeat("word ", 7000)
	for name, c := range map[string]struct {
		format  message.Format
		content message.Content
	}{
		"six buttons": {message.Card, message.Content{Card: json.RawMessage(full)}},
		"too large":   {message.Card, message.Content{Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"` + long + strings.Repeat("x", (wire.MaxSize/2-len(long)-700)) + `"}],"fallbackText":"f"}`)}},
		"a chat's":    {message.Message, message.Content{Text: "Hello"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bare, with := bodies(t, c.format, c.content, "en")
			if string(bare) != string(with) {
				t.Errorf("%d bytes became %d", len(bare), len(with))
			}
		})
	}
}

func TestReadLaterTrustsNothing(t *testing.T) {
	t.Parallel()
	for _, data := range []string{``, `null`, `[]`, `{}`, `{"later":1,"campaign":"c"}`, `{"herald":1}`, `{"herald":{"later":2,"campaign":"c"}}`, `{"herald":{"later":1}}`,
		`{"herald":{"survey":1,"campaign":"c","act":"answer"}}`, `{"herald":{"later":1,"campaign":"` + strings.Repeat("c", 1000) + `"}}`} {
		if p, ok := message.ReadLater(json.RawMessage(data)); ok {
			t.Errorf("%s reads as %+v", data, p)
		}
	}
}

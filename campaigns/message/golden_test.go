package message_test

import (
	"encoding/json"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/message/cardtest"
	"herald/infra/golden"
)

var options = message.Options{AssetsURL: "https://herald.example"}

const news = "Hello, **[FIRSTNAME] [LASTNAME]**!\n\n" +
	"The *new* canteen opens tomorrow:\nread [the menu](https://intranet.example/menu?week=47&lang=en).\n\n" +
	"- soup\n- **two** main dishes\n- dessert\n\n" +
	"1. Take a tray\n2. Pay with your badge"

// contents are one of each format, for the golden files.
var contents = map[string]struct {
	format  message.Format
	content message.Content
}{
	"idea":      {message.Idea, message.Content{Text: news}},
	"success":   {message.Success, message.Content{Text: news}},
	"important": {message.Important, message.Content{Text: news}},
	"message":   {message.Message, message.Content{Text: news}},
	"card-form": {message.Card, message.Content{
		Title: "Canteen news for [FIRSTNAME]", ImageURL: "https://intranet.example/canteen.jpg", ImageAlt: "The new canteen",
		Text: news, Facts: []message.Fact{
			{Title: "When", Value: "Monday, 11:30 - 14:00"}, {Title: "Where_to", Value: "1. floor, *east* wing"}, {Title: "Your guide", Value: "[FIRSTNAME] [LASTNAME]"},
		}, Buttons: []message.Button{
			{Title: "Read more", URL: "https://intranet.example/canteen"},
			{Title: "Vote, [FIRSTNAME]", URL: "https://intranet.example/vote?who=[FIRSTNAME]+[LASTNAME]"},
		},
	}},
	"card-json": {message.Card, message.Content{Card: json.RawMessage(`{
		"type": "AdaptiveCard", "version": "1.5",
		"body": [
			{"type": "TextBlock", "text": "Welcome, **[FIRSTNAME]** of [DEPARTMENT|your team]", "wrap": true},
			{"type": "FactSet", "facts": [{"title": "Name", "value": "[FIRSTNAME] [LASTNAME]"}]},
			{"type": "Input.Text", "id": "answer", "label": "Your idea, [FIRSTNAME]", "placeholder": "…", "regex": "[ABC]"},
			{"type": "RichTextBlock", "inlines": ["For [FIRSTNAME]: ", {"type": "TextRun", "text": "*[LASTNAME]*", "italic": true}]}
		],
		"actions": [
			{"type": "Action.Submit", "title": "Send", "data": {"kind": "[FIRSTNAME]", "n": 1.50}},
			{"type": "Action.OpenUrl", "title": "Open", "url": "https://intranet.example/?n=[FIRSTNAME]"}
		]}`)}},
}

var people = map[string]message.Person{
	"en": {FirstName: "Anna", LastName: "O'Neil-Smith", Locale: "en-US"},
	"fr": {DisplayName: "Zoë De_la_Tour (RH)", Locale: "fr-FR", Columns: map[string]string{"Department": "R&D *Lyon*"}},
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, tc := range contents {
		for lang, person := range people {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				if ps := message.Validate(tc.format, tc.content, []string{"Department"}); len(ps) > 0 {
					t.Fatalf("the example is invalid: %+v", ps)
				}
				if ps := message.Incomplete(tc.format, tc.content); len(ps) > 0 {
					t.Fatalf("the example is incomplete: %+v", ps)
				}
				body := bodyOf(t, tc.format, tc.content, person)
				golden.JSON(t, "testdata/"+name+"."+lang+".golden.json", body)
				if card := cardOf(t, body); card != nil {
					cardtest.Check(t, card)
				}
			})
		}
	}
}

func bodyOf(t testing.TB, f message.Format, c message.Content, p message.Person) []byte {
	t.Helper()
	tpl, err := message.Compile(f, c, options)
	if err != nil {
		t.Fatal(err)
	}
	r, err := tpl.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Body()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// cardOf is the card in an activity, or nil.
func cardOf(t testing.TB, body []byte) any {
	t.Helper()
	var a struct {
		Text        string
		Summary     string
		Attachments []struct {
			ContentType string
			Content     any
		}
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Attachments) == 0 {
		return nil
	}
	if a.Text != "" {
		t.Error("text and attachment in one activity: Teams would split it")
	}
	if a.Summary == "" || len([]rune(a.Summary)) > 200 {
		t.Errorf("summary %q", a.Summary)
	}
	if a.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		t.Errorf("content type %q", a.Attachments[0].ContentType)
	}
	return a.Attachments[0].Content
}

// The schema is worth something only if it refuses.
func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	s, err := cardtest.Schema()
	if err != nil {
		t.Fatal(err)
	}
	for name, card := range map[string]string{
		"colour":  `{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"x","color":"Pink"}]}`,
		"element": `{"type":"AdaptiveCard","body":[{"type":"Marquee","text":"x"}]}`,
		"image":   `{"type":"AdaptiveCard","body":[{"type":"Image"}]}`,
		"extra":   `{"type":"AdaptiveCard","body":[],"onload":"x"}`,
	} {
		var v any
		if err := json.Unmarshal([]byte(card), &v); err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

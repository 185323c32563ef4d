package survey_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"herald/campaigns/message"
	"herald/campaigns/message/cardtest"
	"herald/campaigns/message/wire"
	"herald/campaigns/survey"
	"herald/infra/golden"
)

// every has a question of each type, and a branch that skips two.
func every() survey.Definition {
	return survey.Definition{
		Intro:  "Hello **[FIRSTNAME|there]**,\n\nplease tell us about the *new* canteen.",
		Thanks: "Thanks, [FIRSTNAME|dear colleague]. We read every answer.",
		Questions: []survey.Question{
			{ID: "visit", Type: survey.YesNo, Text: "Have you been there?", Required: true, Branch: []survey.Branch{{Option: "no", To: "why"}}},
			{ID: "dish", Type: survey.Choice, Text: "What did you eat [today]?", Help: "The main dish", Required: true, Options: options("Soup *of the day*", "[FIRSTNAME]", "1. Pasta")},
			{ID: "stars", Type: survey.Rating, Text: "How was it?", Required: true},
			{ID: "why", Type: survey.LongText, Text: "What should change?", Help: "As many words as you like"},
			{ID: "days", Type: survey.MultiChoice, Text: "On which days do you come?", Options: options("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")},
			{ID: "price", Type: survey.Number, Text: "What may a meal cost, in €?"},
			{ID: "start", Type: survey.Date, Text: "When do you come next?"},
			{ID: "word", Type: survey.Text, Text: "One word for it"},
			{ID: "nps", Type: survey.NPS, Text: "Would you recommend it?", Required: true},
		},
	}
}

func options(texts ...string) []survey.Option {
	var out []survey.Option
	for i, s := range texts {
		out = append(out, survey.Option{ID: string(rune('a' + i)), Text: s})
	}
	return out
}

func short() survey.Definition {
	d := every()
	d.Questions = []survey.Question{d.Questions[1], d.Questions[2], d.Questions[7]}
	d.AllowChange = true
	return d
}

func answers(t testing.TB, s string) survey.Answers {
	t.Helper()
	var a survey.Answers
	if err := json.Unmarshal([]byte(s), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

const full = `{"visit":"yes","dish":"b","stars":"4","why":"More [FIRSTNAME] *here*,\n- and there","days":["a","c"],"price":7.5,"start":"2026-12-03","word":null,"nps":"10"}`

func inputs(s string) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(s), &m); err != nil {
		panic(err)
	}
	return m
}

func views(t testing.TB) map[string]struct {
	d survey.Definition
	v survey.View
} {
	type one = struct {
		d survey.Definition
		v survey.View
	}
	all := answers(t, full)
	m := map[string]one{}
	for _, q := range every().Questions {
		m["ask-"+string(q.Type)] = one{every(), survey.View{Kind: survey.Ask, At: q.ID, Answers: answers(t, `{"visit":"yes"}`)}}
		m["again-"+string(q.Type)] = one{every(), survey.View{Kind: survey.Ask, At: q.ID, Answers: all}}
	}
	anonymous := short()
	anonymous.Anonymous = true
	m["form"] = one{short(), survey.View{Kind: survey.Ask}}
	m["form-anonymous-test"] = one{anonymous, survey.View{Kind: survey.Ask, Test: true, Token: "t0ken"}}
	m["form-problems"] = one{short(), survey.View{Kind: survey.Ask, Inputs: inputs(`{"dish":"z","word":"` + strings.Repeat("ab [c] ", 150) + `"}`), Problems: []survey.InputProblem{
		{QuestionID: "dish", Code: survey.CodeUnknownOption}, {QuestionID: "stars", Code: survey.CodeRequired}, {QuestionID: "word", Code: survey.CodeTextTooLong}, {QuestionID: "gone", Code: survey.CodeNotAsked},
	}}}
	m["thanks"] = one{every(), survey.View{Kind: survey.Thanks, Answers: all, CanChange: true}}
	m["thanks-change"] = one{short(), survey.View{Kind: survey.Thanks, Answers: answers(t, `{"dish":"a","stars":"5","word":null}`), CanChange: true}}
	m["thanks-anonymous-test"] = one{anonymous, survey.View{Kind: survey.Thanks, Answers: all, Test: true}}
	bare := short()
	bare.Intro, bare.Thanks = "", ""
	m["thanks-bare"] = one{bare, survey.View{Kind: survey.Thanks}}
	m["closed"] = one{every(), survey.View{Kind: survey.Closed, ClosedAt: time.Date(2026, 12, 3, 17, 0, 0, 0, time.UTC)}}
	m["closed-undated"] = one{every(), survey.View{Kind: survey.Closed}}
	m["already"] = one{anonymous, survey.View{Kind: survey.Already}}
	return m
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range views(t) {
		for _, lang := range []string{"en", "fr"} {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				v := c.v
				v.Locale, v.CampaignID, v.Version, v.MRI, v.AssetsURL = lang+"-XX", "c1", 3, "29:anna", "https://herald.example/"
				if ps := append(survey.Validate(c.d), survey.Incomplete(c.d)...); len(ps) > 0 {
					t.Fatalf("the example is invalid: %+v", ps)
				}
				card, summary, err := survey.Card(c.d, v)
				if err != nil {
					t.Fatal(err)
				}
				checkCard(t, c.d, card, summary)
				golden.JSON(t, "testdata/"+name+"."+lang+".golden.json", card)
			})
		}
	}
}

// phones are the elements up to Adaptive Cards 1.2; Action.Execute is newer and falls back to Action.Submit.
var phones = []string{"AdaptiveCard", "TextBlock", "Container", "ColumnSet", "Column", "Image", "ActionSet", "Input.Text", "Input.Number", "Input.Date", "Input.ChoiceSet", "Action.Execute", "Action.Submit"}

// checkCard holds a card against the schema, and checks that it is sound.
func checkCard(t testing.TB, d survey.Definition, card json.RawMessage, summary string) {
	t.Helper()
	var v any
	if err := json.Unmarshal(card, &v); err != nil {
		t.Fatalf("%v in %s", err, card)
	}
	cardtest.Check(t, v)
	checkSound(t, d, card, summary)
}

// checkSound holds a card against the rules for authors' cards, what phones draw, and Teams' size; and finds variables
// nowhere but in intro and thanks.
func checkSound(t testing.TB, d survey.Definition, card json.RawMessage, summary string) {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(card, &v); err != nil {
		t.Fatalf("%v in %s", err, card)
	}
	if v["fallbackText"] != summary || summary == "" {
		t.Errorf("summary %q, fallbackText %q", summary, v["fallbackText"])
	}
	for _, p := range message.Validate(message.Card, message.Content{Card: card}, nil) {
		// What authors may not do and Herald must: speak in its own name, and refresh.
		if p.Code == "reserved_key" || p.Code == "reserved_verb" || strings.HasPrefix(p.Field, "/content/card/refresh") {
			continue
		}
		t.Errorf("%+v in %s", p, card)
	}
	var walk func(x any, in string)
	walk = func(x any, in string) {
		switch x := x.(type) {
		case []any:
			for _, e := range x {
				walk(e, in)
			}
		case map[string]any:
			if typ, _ := x["type"].(string); typ != "" && !slices.Contains(phones, typ) {
				t.Errorf("phones do not draw %s", typ)
			}
			if x["type"] == "Action.Execute" && in != "action" {
				fallback, _ := x["fallback"].(map[string]any)
				a, _ := json.Marshal(x["data"])
				b, _ := json.Marshal(fallback["data"])
				if fallback["type"] != "Action.Submit" || fallback["title"] != x["title"] || !bytes.Equal(a, b) || in != "actions" {
					t.Errorf("%v has no fallback that does the same", x)
				}
				p, ok := survey.ReadPress(inputs(string(a)))
				if !ok || x["verb"] != survey.VerbPrefix+string(p.Act) {
					t.Errorf("button %v", x)
				}
			}
			for name, e := range x {
				if name != "data" {
					walk(e, name)
				}
			}
		}
	}
	walk(v, "")

	tpl, err := message.Compile(message.Card, message.Content{Card: card}, message.Options{})
	if err != nil {
		t.Fatal(err)
	}
	allowed := variables(t, d.Intro+"\n\n"+d.Thanks)
	for _, name := range tpl.Variables() {
		if !slices.Contains(allowed, name) {
			t.Errorf("%q became a variable in %s", name, card)
		}
	}
	r, _ := tpl.Render(message.Person{FirstName: "Anna"})
	if b, err := r.Body(); err != nil {
		t.Error(err)
	} else if n := wire.Size(b); n > wire.MaxSize {
		t.Errorf("%d bytes", n)
	}
}

func variables(t testing.TB, markdown string) []string {
	tpl, err := message.Compile(message.Message, message.Content{Text: markdown}, message.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return tpl.Variables()
}

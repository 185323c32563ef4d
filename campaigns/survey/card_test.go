package survey_test

import (
	"encoding/json"
	"strings"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/message/wire"
	"herald/campaigns/survey"
)

// Which buttons a card has, and what it says first, in every state that a person can be in.
func TestButtons(t *testing.T) {
	t.Parallel()
	keep := short()
	keep.AllowChange = false
	for name, tc := range map[string]struct {
		d    survey.Definition
		v    survey.View
		want string // titles
	}{
		"the first question":        {every(), survey.View{Kind: survey.Ask, At: "visit"}, "Next"},
		"a question in between":     {every(), survey.View{Kind: survey.Ask, At: "dish", Answers: answers(t, `{"visit":"yes"}`)}, "Next Back"},
		"no way back":               {every(), survey.View{Kind: survey.Ask, At: "dish", Answers: answers(t, `{"visit":"yes"}`), NoBack: true}, "Next"},
		"the last question":         {every(), survey.View{Kind: survey.Ask, At: "nps", Answers: answers(t, full)}, "Send Back"},
		"the form":                  {short(), survey.View{Kind: survey.Ask}, "Send"},
		"thanks":                    {short(), survey.View{Kind: survey.Thanks, CanChange: true}, "Change my answer"},
		"thanks, too late":          {short(), survey.View{Kind: survey.Thanks}, ""},
		"thanks, change is not for": {keep, survey.View{Kind: survey.Thanks, CanChange: true}, ""},
		"closed":                    {short(), survey.View{Kind: survey.Closed, CanChange: true}, ""},
		"already":                   {short(), survey.View{Kind: survey.Already, CanChange: true}, ""},
	} {
		tc.v.Token = "t0ken"
		raw, _, err := survey.Card(tc.d, tc.v)
		if err != nil {
			t.Fatal(err)
		}
		var card struct {
			Refresh any
			Body    []struct {
				Actions []struct {
					Title string
					Data  map[string]json.RawMessage
				}
			}
		}
		if err := json.Unmarshal(raw, &card); err != nil {
			t.Fatal(err)
		}
		var titles []string
		for _, e := range card.Body {
			for _, a := range e.Actions {
				titles = append(titles, a.Title)
				if strings.Count(string(a.Data["herald"]), `"token":"t0ken"`) != 1 {
					t.Errorf("%s: %s", name, a.Data["herald"])
				}
			}
		}
		if got := strings.Join(titles, " "); got != tc.want || card.Refresh != nil {
			t.Errorf("%s: %q, want %q; refresh %v", name, got, tc.want, card.Refresh)
		}
	}
}

func TestThereIsNoSuchCard(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]survey.View{
		"kind": {}, "question": {Kind: survey.Ask, At: "gone"}, "type": {Kind: survey.Ask, At: "q"},
	} {
		if card, _, err := survey.Card(with(survey.Question{Type: "matrix"}), v); err == nil || card != nil {
			t.Errorf("%s: %s", name, card)
		}
	}
}

// An anonymous survey's cards repeat no answers; a named one's say so before anyone answers.
func TestCardsKeepAnonymous(t *testing.T) {
	t.Parallel()
	d := every()
	for _, anonymous := range []bool{false, true} {
		d.Anonymous = anonymous
		thanks, _, err := survey.Card(d, survey.View{Kind: survey.Thanks, Answers: answers(t, full)})
		if err != nil {
			t.Fatal(err)
		}
		first, _, err := survey.Card(d, survey.View{Kind: survey.Ask, At: "visit"})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(thanks), "Wednesday") == anonymous || strings.Contains(string(first), "anonymous") != anonymous || strings.Contains(string(first), "with your name") == anonymous {
			t.Errorf("anonymous %v: %s\n%s", anonymous, thanks, first)
		}
	}
}

// Intro and thanks greet by name; what looks like a variable elsewhere is shown as it was written.
func TestVariables(t *testing.T) {
	t.Parallel()
	d := short()
	card, _, err := survey.Card(d, survey.View{Kind: survey.Ask, Answers: answers(t, `{"word":"[FIRSTNAME]"}`)})
	if err != nil {
		t.Fatal(err)
	}
	tpl, err := message.Compile(message.Card, message.Content{Card: card}, message.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := tpl.Render(message.Person{FirstName: "Zoë"})
	if err != nil {
		t.Fatal(err)
	}
	got := string(r.Activity.Attachments[0].Content.(json.RawMessage))
	for _, want := range []string{`"Hello **Zoë**,"`, `eat \\[today\\]?`, "\"title\":\"[\u2060FIRSTNAME]\"", "\"value\":\"[\u2060FIRSTNAME]\""} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if r.Activity.Summary != "Survey: Hello Zoë, please tell us about the new canteen." {
		t.Errorf("%q", r.Activity.Summary)
	}
}

// The card offers to come back as long as it has room for the button, and only while it asks.
func TestLaterButton(t *testing.T) {
	t.Parallel()
	full := short()
	for {
		raw, _, err := survey.Card(full, survey.View{Kind: survey.Ask})
		if err != nil {
			t.Fatal(err)
		}
		if wire.Size(raw) > wire.MaxSize-7<<10 {
			break
		}
		full.Intro += strings.Repeat("a", 500)
	}
	for name, tc := range map[string]struct {
		d    survey.Definition
		v    survey.View
		want bool
	}{
		"the first question": {every(), survey.View{Kind: survey.Ask, At: "visit", Later: true}, true},
		"not for everybody":  {every(), survey.View{Kind: survey.Ask, At: "visit"}, false},
		"a test":             {every(), survey.View{Kind: survey.Ask, At: "visit", Later: true, Test: true}, true},
		"no room":            {full, survey.View{Kind: survey.Ask, Later: true}, false},
		"thanks":             {short(), survey.View{Kind: survey.Thanks, Later: true}, false},
		"closed":             {short(), survey.View{Kind: survey.Closed, Later: true}, false},
	} {
		tc.v.CampaignID = "camp"
		campaign := "camp"
		if tc.v.Test {
			campaign = "try"
		}
		raw, _, err := survey.Card(tc.d, tc.v)
		if err != nil {
			t.Fatal(err)
		}
		var card struct {
			Actions []struct{ Type, Title string }
		}
		if err := json.Unmarshal(raw, &card); err != nil {
			t.Fatal(err)
		}
		if got := len(card.Actions) == 1 && card.Actions[0].Type == "Action.ShowCard" && strings.Count(string(raw), `"later":1,"campaign":"`+campaign+`"`) == 6; got != tc.want {
			t.Errorf("%s: %s", name, raw)
		}
	}
}

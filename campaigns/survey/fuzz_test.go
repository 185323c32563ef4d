package survey_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// FuzzAccept: whatever a client sends, the answers stay a path's, read back as they are, and go on every card.
func FuzzAccept(f *testing.F) {
	d := every()
	f.Add("", `{"visit":"yes","dish":"a","stars":5,"days":"a,b","nps":"10"}`, full)
	f.Add("price", `{"price":"1e400"}`, `{"visit":"no","why":null,"days":["a"]}`)
	f.Add("why", `{"why":"[FIRSTNAME] \ud83d <b>","herald":{}}`, `{"visit":"no"}`)
	f.Add("visit", `{"visit":true}`, full)
	f.Add("start", `{"start":"2026-02-30"}`, `{"visit":"no","why":"x","days":null,"price":0}`)
	f.Fuzz(func(t *testing.T, at, in, earlier string) {
		var data map[string]json.RawMessage
		var before survey.Answers
		if json.Unmarshal([]byte(in), &data) != nil || json.Unmarshal([]byte(earlier), &before) != nil {
			return
		}
		_, _ = survey.ReadPress(data)
		after, problems := d.Accept(at, data, before)
		view := survey.View{Kind: survey.Ask, At: at, Answers: after, Problems: problems, Inputs: data, CampaignID: "c", MRI: "29:x"}
		if len(problems) > 0 {
			if encode(t, after) != encode(t, before) {
				t.Errorf("refused, but %s became %s", encode(t, before), encode(t, after))
			}
			for _, p := range problems {
				if p.Code == "" || p.Code != survey.CodeUnknownQuestion && !slices.ContainsFunc(d.Questions, func(q survey.Question) bool { return q.ID == p.QuestionID }) {
					t.Errorf("%+v", p)
				}
			}
		} else {
			b := encode(t, after)
			if got := encode(t, answers(t, b)); got != b {
				t.Errorf("%s reads back as %s", b, got)
			}
			path := d.Path(after)
			for id, v := range after {
				if !slices.ContainsFunc(path, func(i int) bool { return d.Questions[i].ID == id }) {
					t.Errorf("%s is off the path", id)
				}
				if strings.ContainsRune(v.Text(), 0) || len(v.Text()) > 4*survey.MaxLongText {
					t.Errorf("%q", v.Text())
				}
			}
			// A card that shows the answers sends the same answers back.
			if at != "" {
				if again, ps := d.Accept(at, prefilled(t, d, at, after), after); len(ps) > 0 || encode(t, again) != b {
					t.Errorf("%s came back as %s, %v", b, encode(t, again), ps)
				}
			}
		}
		if slices.ContainsFunc(d.Questions, func(q survey.Question) bool { return q.ID == at }) || at == "" {
			card, summary, err := survey.Card(d, view)
			if err != nil {
				t.Fatal(err)
			}
			checkSound(t, d, card, summary)
		}
		card, summary, err := survey.Card(d, survey.View{Kind: survey.Thanks, Answers: after, CampaignID: "c"})
		if err != nil {
			t.Fatal(err)
		}
		checkSound(t, d, card, summary)
		tally := survey.NewTally(d)
		tally.Add(after)
		_ = encode(t, tally.Results())
		_ = survey.Row(d, after)
	})
}

// prefilled is what a client sends of a card whose inputs nobody touched.
func prefilled(t testing.TB, d survey.Definition, at string, a survey.Answers) map[string]json.RawMessage {
	t.Helper()
	raw, _, err := survey.Card(d, survey.View{Kind: survey.Ask, At: at, Answers: a, CampaignID: "c"})
	if err != nil {
		t.Fatal(err)
	}
	var card struct {
		Body []struct {
			ID    string
			Value json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &card); err != nil {
		t.Fatal(err)
	}
	in := map[string]json.RawMessage{}
	for _, e := range card.Body {
		if e.ID != "" && e.Value != nil {
			in[e.ID] = e.Value
		}
	}
	return in
}

// FuzzDefinition: whatever JSON an author sends, it is judged, and what is accepted makes cards and comes to an end.
func FuzzDefinition(f *testing.F) {
	for _, d := range []survey.Definition{every(), short(), with(survey.Question{Type: survey.Choice, Options: options("a", "b"), Branch: []survey.Branch{{Option: "a", To: "before"}, {Option: "b", To: "q"}}})} {
		b, _ := json.Marshal(d)
		f.Add(string(b))
	}
	f.Add(`{"questions":[{"id":"a","type":"nps","branch":[{"option":"10","to":"a"}]},{"id":"a","type":"?","options":[{}]}]}`)
	f.Fuzz(func(t *testing.T, in string) {
		var d survey.Definition
		if len(in) > 20_000 || json.Unmarshal([]byte(in), &d) != nil {
			return
		}
		problems := append(survey.Validate(d), survey.Incomplete(d)...)
		for _, p := range problems {
			if p.Code == "" || p.Message == "" || !strings.HasPrefix(p.Field, "/") {
				t.Errorf("%+v", p)
			}
		}
		ready := !slices.ContainsFunc(problems, func(p message.Problem) bool { return !survey.Warns(p) })
		_ = d.Whole()
		ids := []string{""}
		for _, i := range d.Path(nil) {
			ids = append(ids, d.Questions[i].ID)
		}
		for k, id := range ids {
			card, summary, err := survey.Card(d, survey.View{Kind: survey.Ask, At: id, CampaignID: "c", MRI: "29:x", Test: true})
			if err != nil {
				if ready {
					t.Errorf("ready to be sent, but %v", err)
				}
				continue
			}
			if !json.Valid(card) {
				t.Errorf("%s", card)
			}
			if ready && (k > 0 || d.Whole()) {
				checkSound(t, d, card, summary)
			}
		}
		card, summary, err := survey.Card(d, survey.View{Kind: survey.Thanks, CampaignID: "c"})
		if err != nil {
			t.Fatal(err)
		}
		if ready {
			checkSound(t, d, card, summary)
		}
		_, _ = d.Accept("", nil, nil)
		_ = survey.Columns(d)
		_ = encode(t, survey.NewTally(d).Results())
	})
}

package message_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"herald/campaigns/message"
	"herald/campaigns/message/cardtest"
)

// FuzzMarkdown: any author text becomes a valid card and a valid message, with
// no HTML, no forbidden link, and reads the same when it is written again.
func FuzzMarkdown(f *testing.F) {
	f.Add(news)
	for _, s := range hostile {
		f.Add(s)
		f.Add("a **" + s + "** b\n- " + s + "\n\n1. " + s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if len(in) > 2000 {
			return
		}
		ps := message.Validate(message.Message, message.Content{Text: in}, nil)
		for _, p := range ps {
			if p.Code == "" || p.Message == "" || !strings.HasPrefix(p.Field, "/content/") || !utf8.ValidString(p.Value) {
				t.Errorf("problem %+v", p)
			}
		}
		r, _ := compile(t, message.Message, message.Content{Text: in}).Render(message.Person{})
		if strings.ContainsAny(r.Activity.Text, "<>\x00\r") {
			t.Errorf("%q came out as %q", in, r.Activity.Text)
		}
		for _, dest := range linksIn(r.Activity.Text) {
			if !strings.HasPrefix(strings.ToLower(dest), "https:") && !strings.HasPrefix(strings.ToLower(dest), "http:") && !strings.HasPrefix(strings.ToLower(dest), "mailto:") {
				t.Errorf("%q links to %q", in, dest)
			}
		}
		checkStable(t, in)

		note, _ := compile(t, message.Idea, message.Content{Text: in}).Render(message.Person{})
		body, err := note.Body()
		if err != nil {
			return // too large, which the sender refuses
		}
		cardtest.Check(t, cardOf(t, body))
	})
}

// FuzzVariables: no value changes the structure of any message.
func FuzzVariables(f *testing.F) {
	var templates []*message.Template
	for _, p := range places {
		templates = append(templates, compile(f, p.f, p.c))
	}
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if len(value) > 500 || strings.Contains(value, "@") {
			return // mail addresses: see wide
		}
		for _, tpl := range templates {
			checkHarmless(t, tpl, value)
		}
	})
}

// FuzzCard: whatever JSON an author gives, Validate and Compile end, agree,
// and what is accepted renders as valid JSON with hostile values in it.
func FuzzCard(f *testing.F) {
	f.Add(string(contents["card-json"].content.Card))
	f.Add(string(places["json"].c.Card))
	for _, s := range badCards {
		f.Add(s.card)
	}
	f.Add(strings.Repeat(`{"a":[`, 200))
	f.Add(cardWith(`{"type":"Image","url":"https://herald.example/i/known.png"},{"type":"Image","url":"https://herald.example/i/none.png"}`))
	f.Fuzz(func(t *testing.T, in string) {
		c := message.Content{Card: json.RawMessage(in)}
		own := message.Images(c, options.AssetsURL)
		rules := message.Rules{Columns: []string{"X"}, AssetsURL: options.AssetsURL, Images: map[string]bool{"known.png": true}}
		ps := rules.Validate(message.Card, c)
		for _, name := range own {
			if name != "known.png" && len(ps) == 0 {
				t.Errorf("valid, but shows %q", name)
			}
		}
		for _, p := range append(ps, message.Incomplete(message.Card, c)...) {
			if p.Code == "" || p.Message == "" || !strings.HasPrefix(p.Field, "/content") || !utf8.ValidString(p.Value) {
				t.Errorf("problem %+v", p)
			}
		}
		tpl, err := message.Compile(message.Card, c, options)
		if err != nil {
			if len(ps) == 0 {
				t.Errorf("valid, but %v", err)
			}
			return
		}
		for _, x := range []string{"x", `","a":"`, "](javascript:alert(1))", "\x00\xff"} {
			r, err := tpl.Render(message.Person{FirstName: x, LastName: x, Columns: map[string]string{"X": x}})
			if err != nil && len(ps) == 0 && x != "\x00\xff" {
				t.Errorf("valid, but %v", err)
			}
			b, err := r.Body()
			if err == nil && !json.Valid(b) {
				t.Errorf("%q is not JSON", b)
			}
			if err == nil && len(ps) == 0 && strings.Contains(string(b), `"a":"`) && !strings.Contains(in, `"a"`) {
				t.Errorf("a value became structure: %s", b)
			}
		}
	})
}

func linksIn(s string) []string {
	var out []string
	st, _ := shape(s)
	for {
		i := strings.Index(st, "(Link ")
		if i < 0 {
			return out
		}
		st = st[i+len("(Link "):]
		end := strings.IndexAny(st, "()")
		out = append(out, st[:end])
	}
}

package message_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"herald/campaigns/message"
)

// wrong are contents that together show every problem there is.
func wrong() (ps []message.Problem) {
	type C = message.Content
	card := func(src string) C { return C{Card: json.RawMessage(src)} }
	link := func(url string) C { return C{Text: "[a](" + url + ")"} }
	for _, x := range []struct {
		f message.Format
		c C
	}{
		{"banner", C{}},
		{message.Idea, C{Title: "t"}},
		{message.Survey, C{SurveyID: "s"}},
		{message.Card, C{Title: "t", Card: json.RawMessage(cardWith(""))}},
		{message.Message, C{Text: strings.Repeat("x", 10_001)}},
		{message.Idea, C{Text: strings.Repeat("a\n", 5000)}},
		{message.Card, C{Title: strings.Repeat("x", 201), Facts: make([]message.Fact, 11), Buttons: make([]message.Button, 7)}},
		{message.Idea, C{Text: "[FRISTNAME] [NOPE]"}},
		{message.Idea, link("")}, {message.Idea, link("file:///x")}, {message.Idea, link("javascript:x")}, {message.Idea, link("https://a:b@c.example")},
		{message.Idea, link("https://a.example/?x=[FIRSTNAME]")}, {message.Idea, link("https://a.example/" + strings.Repeat("x", 2048))},
		{message.Card, button("http://a.example")}, {message.Card, button("https://a.example/ b")},
		{message.Card, C{ImageURL: "https://herald.example/i/none.png"}},
		{message.Card, card(`{"a":"` + strings.Repeat(" ", 300<<10) + `"}`)},
		{message.Card, card(`{"a":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`)},
		{message.Card, card(`{` + manyProperties(1001) + `}`)},
	} {
		ps = append(ps, message.Rules{AssetsURL: "https://herald.example"}.Validate(x.f, x.c)...)
	}
	for _, b := range badCards {
		ps = append(ps, message.Validate(message.Card, card(b.card), nil)...)
	}
	for f, c := range map[message.Format]C{
		message.Idea: {}, message.Survey: {}, message.Card: {Buttons: make([]message.Button, 1), Facts: make([]message.Fact, 1)},
	} {
		ps = append(ps, message.Incomplete(f, c)...)
	}
	return append(append(ps, message.Incomplete(message.Card, C{})...), message.Incomplete(message.Card, card(cardWith("")))...)
}

func manyProperties(n int) string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf(`"p%d":1`, i))
	}
	return strings.Join(out, ",")
}

var (
	inSentence = regexp.MustCompile(`"[^"]+"|\d+(?:\.\d+)?|\[[^\]]+\]|\b(?:Input|Action)\.\w+|\b[A-Z][a-z]+[A-Z]\w+`)
	inSource   = regexp.MustCompile(`(?:\badd\([^,]+, |fault\{|\bcode: |v\.length\([^,]+, )"([a-z_]+)"`)
)

// A page that says a problem in another language has every number and name of the English sentence, and none that the
// sentence does not have.
func TestParamsAreWhatTheSentenceHolds(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"invalid_content": true} // Validate finds first what Compile would refuse
	for _, p := range wrong() {
		seen[p.Code] = true
		said := map[string]bool{}
		var all []string
		for name, v := range p.Params {
			switch v.(type) {
			case string, int:
			default:
				t.Errorf("%s: %s is a %T", p.Code, name, v)
			}
			for _, part := range strings.Split(fmt.Sprint(v), ", ") {
				said[part] = true
				if !strings.Contains(p.Message, part) {
					t.Errorf("%s: %s is %q, which the sentence does not say: %s", p.Code, name, part, p.Message)
				}
			}
			all = append(all, fmt.Sprint(v))
		}
		if p.Code == "url_not_https" || p.Code == "variable_in_url" {
			continue // these hold an example, and nothing of the author's
		}
		message := p.Message
		if d, ok := p.Params["detail"].(string); ok {
			message = strings.ReplaceAll(message, d, "")
		}
		for _, word := range inSentence.FindAllString(message, -1) {
			switch word = strings.Trim(word, `"[]\`); {
			case word == "JSON", said[word]:
			default:
				t.Errorf("%s: %q is in the sentence and not in %q: %s", p.Code, word, all, p.Message)
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range inSource.FindAllStringSubmatch(string(src), -1) {
			if !seen[m[1]] && !strings.HasSuffix(m[1], "_") { // "unknown_" and what
				t.Errorf("%s: nothing here shows the problem %s", file, m[1])
			}
			seen[m[1]] = true
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d codes: is the source still read?", len(seen))
	}
}

func TestOwnImages(t *testing.T) {
	t.Parallel()
	const base = "http://127.0.0.1:3978"
	rules := message.Rules{AssetsURL: base + "/", Images: map[string]bool{"known.png": true}}
	for name, tc := range map[string]struct{ url, code string }{
		"known":              {base + "/i/known.png", ""},
		"unknown":            {base + "/i/other.png", "unknown_image"},
		"with a query":       {base + "/i/known.png?x", "unknown_image"},
		"another folder":     {base + "/assets/known.png", "url_not_https"},
		"another port":       {"http://127.0.0.1:39788/i/known.png", "url_not_https"},
		"one that begins so": {base + ".evil.example/i/known.png", "url_invalid"},
		"http elsewhere":     {"http://a.example/i/known.png", "url_not_https"},
		"https elsewhere":    {"https://a.example/i/known.png", ""},
		"with a variable":    {base + "/i/[FIRSTNAME].png", "variable_in_url"},
	} {
		forms := map[string]message.Content{
			"/imageUrl":                        {ImageURL: " " + tc.url},
			"/card/body/0/url":                 {Card: json.RawMessage(cardWith(`{"type":"Image","url":"` + tc.url + `"}`))},
			"/card/backgroundImage":            {Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","body":[],"backgroundImage":"` + tc.url + `"}`)},
			"/card/body/0/backgroundImage/url": {Card: json.RawMessage(cardWith(`{"type":"Container","items":[],"backgroundImage":{"url":"` + tc.url + `"}}`))},
			"/card/actions/0/iconUrl":          {Card: json.RawMessage(cardAction(`{"type":"Action.Submit","title":"x","iconUrl":"` + tc.url + `"}`))},
		}
		for field, c := range forms {
			want := ""
			if tc.code != "" {
				want = field + " " + tc.code
			}
			if got := codes(rules.Validate(message.Card, c)); got != want {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
			if names := message.Images(c, rules.AssetsURL); (tc.code == "" || tc.code == "unknown_image") && strings.HasPrefix(tc.url, base) != (len(names) == 1) {
				t.Errorf("%s: %s shows %q", name, field, names)
			}
		}
	}
	// A button is no image: it opens a page, and stays https.
	if got := codes(rules.Validate(message.Card, button(base+"/i/known.png"))); got != "/buttons/0/url url_not_https" {
		t.Errorf("button: %s", got)
	}
	tpl, err := message.Compile(message.Card, message.Content{ImageURL: base + "/i/known.png"}, message.Options{AssetsURL: base})
	if err != nil {
		t.Fatal(err)
	}
	r, err := tpl.Render(message.Person{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := r.Body(); err != nil || !strings.Contains(string(b), `"url":"`+base+`/i/known.png"`) {
		t.Errorf("%v: %s", err, b)
	}
}

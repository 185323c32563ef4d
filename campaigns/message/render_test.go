package message_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"herald/campaigns/message"
)

func compile(t testing.TB, f message.Format, c message.Content) *message.Template {
	t.Helper()
	tpl, err := message.Compile(f, c, options)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func TestVariables(t *testing.T) {
	t.Parallel()
	anna := message.Person{FirstName: "Anna", LastName: "Berg", Columns: map[string]string{"City": "Oslo", "cost center": "12", "Empty": "  ", "Prénom d’usage": "x"}}
	for name, tc := range map[string]struct {
		text    string
		person  message.Person
		want    string
		missing []string
	}{
		"first and last":                {"Hello, [FIRSTNAME] [LASTNAME]", anna, "Hello, Anna Berg", nil},
		"any case":                      {"[firstname] [LastName]", anna, "Anna Berg", nil},
		"a column":                      {"[CITY]", anna, "Oslo", nil},
		"a column with a space":         {"[Cost  Center]", anna, "12", nil},
		"fallback not needed":           {"[CITY|there]", anna, "Oslo", nil},
		"fallback":                      {"Hello [COUNTRY|out there]", anna, "Hello out there", nil},
		"empty fallback":                {"Hello[COUNTRY|]!", anna, "Hello!", nil},
		"a blank value is no value":     {"[EMPTY|nothing]", anna, "nothing", nil},
		"missing":                       {"[COUNTRY] [EMPTY] [country]", anna, `\[COUNTRY\] \[EMPTY\] \[COUNTRY\]`, []string{"COUNTRY", "EMPTY"}},
		"from the display name":         {"[FIRSTNAME]/[LASTNAME]", message.Person{DisplayName: " Ana  María de la Cruz "}, "Ana/María de la Cruz", nil},
		"display name of one word":      {"[FIRSTNAME] [LASTNAME|-]", message.Person{DisplayName: "Cher"}, "Cher -", nil},
		"last name missing":             {"[FIRSTNAME] [LASTNAME]", message.Person{DisplayName: "Cher"}, `Cher \[LASTNAME\]`, []string{"LASTNAME"}},
		"a list's own column":           {"[FIRSTNAME]", message.Person{DisplayName: "X Y", Columns: map[string]string{"FirstName": "Eve"}}, "Eve", nil},
		"brackets that are no variable": {`\[FIRSTNAME\] [1] [ ] [a.b] [] [`, anna, `\[FIRSTNAME\] \[1\] \[ \] \[a.b\] \[\] \[`, nil},
		"in bold":                       {"**[FIRSTNAME]**", anna, "**Anna**", nil},
		"in a link's text":              {"[Hello [FIRSTNAME]](https://a.example)", anna, "[Hello Anna](https://a.example)", nil},
		"a link is not a variable":      {"[FIRSTNAME](https://a.example)", anna, "[FIRSTNAME](https://a.example)", nil},
		"line breaks in a value":        {"[N]!", message.Person{Columns: map[string]string{"N": "a\r\n# b\u2028c\x00\u202e"}}, `a  # b c!`, nil},
		"a list from a value":           {"[N]. x", message.Person{Columns: map[string]string{"N": "1"}}, `1\. x`, nil},
		"no emphasis before a letter":   {"x**a[N]**y", message.Person{Columns: map[string]string{"N": "Jr."}}, `x\*\*aJr.\*\*y`, nil},
		"emphasis on what may be empty": {"**[N|]** **[N|x]**", message.Person{}, "**x**", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := compile(t, message.Message, message.Content{Text: tc.text}).Render(tc.person)
			if r.Activity.Text != tc.want {
				t.Errorf("got  %q\nwant %q", r.Activity.Text, tc.want)
			}
			if !reflect.DeepEqual(r.Missing, tc.missing) {
				t.Errorf("missing %q, want %q", r.Missing, tc.missing)
			}
			var me *message.MissingDataError
			if errors.As(err, &me) != (len(tc.missing) > 0) || err == nil != (len(tc.missing) == 0) {
				t.Fatalf("error %v", err)
			}
			if me != nil && !reflect.DeepEqual(me.Variables, tc.missing) {
				t.Errorf("the error names %q", me.Variables)
			}
		})
	}
}

func TestVariablesOfTemplate(t *testing.T) {
	t.Parallel()
	got := compile(t, message.Card, message.Content{Title: "[b] [A]", Text: "[a|x] [LASTNAME]"}).Variables()
	if want := []string{"A", "B", "LASTNAME"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestImportantAlerts(t *testing.T) {
	t.Parallel()
	for f, alert := range map[message.Format]bool{message.Important: true, message.Idea: false, message.Success: false, message.Message: false} {
		body := string(bodyOf(t, f, message.Content{Text: "x"}, message.Person{}))
		if got := strings.Contains(body, `"channelData":{"notification":{"alert":true}}`); got != alert {
			t.Errorf("%s: alert %v, body %s", f, got, body)
		}
		if got := strings.Contains(body, `"importance":"high"`); got != alert {
			t.Errorf("%s: important %v", f, got)
		}
		if strings.Contains(body, "0001-01-01") || strings.Contains(body, "{}") {
			t.Errorf("%s: zero values go out: %s", f, body)
		}
	}
}

func TestHeadingFollowsTheRecipient(t *testing.T) {
	t.Parallel()
	tpl := compile(t, message.Idea, message.Content{Text: "x"})
	for locale, want := range map[string]string{"": "Idea: x", "en-GB": "Idea: x", "fr": "Idée\u00a0: x", "FR-ca": "Idée\u00a0: x", "fr_BE": "Idée\u00a0: x", "fry-NL": "Idea: x", "de-DE": "Idea: x"} {
		r, err := tpl.Render(message.Person{Locale: locale})
		if err != nil || r.Activity.Summary != want {
			t.Errorf("%q: %q, %v", locale, r.Activity.Summary, err)
		}
	}
}

func TestSummaryIsShortPlainText(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		content message.Content
		want    string
	}{
		"formatting is gone": {message.Content{Text: "**a** [b](https://b.example)\n\n- c\n- d"}, "a b c d"},
		"title and text":     {message.Content{Title: "News", Text: "a"}, "News: a"},
		"image alone":        {message.Content{ImageURL: "https://a.example/i.png", ImageAlt: "A cat"}, "A cat"},
		"nothing to quote":   {message.Content{ImageURL: "https://a.example/i.png"}, "You have a new card"},
		"long":               {message.Content{Text: strings.Repeat("é", 300)}, strings.Repeat("é", 199) + "…"},
		"JSON with fallback": {message.Content{Card: []byte(`{"type":"AdaptiveCard","version":"1.5","fallbackText":"Hi [FIRSTNAME]","body":[{"type":"TextBlock","text":"no"}]}`)}, "Hi Anna"},
		"JSON":               {message.Content{Card: []byte(`{"type":"AdaptiveCard","version":"1.5","body":[{"type":"Container","items":[{"type":"TextBlock","text":"**Hi** [FIRSTNAME]"}]},{"type":"TextBlock","text":"there"}]}`)}, "Hi Anna there"},
		"JSON without words": {message.Content{Card: []byte(`{"type":"AdaptiveCard","version":"1.5","body":[]}`)}, "You have a new card"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := compile(t, message.Card, tc.content).Render(message.Person{FirstName: "Anna"})
			if err != nil || r.Activity.Summary != tc.want {
				t.Errorf("%q, %v", r.Activity.Summary, err)
			}
		})
	}
}

func TestBodyRefusesWhatTeamsWouldNotTake(t *testing.T) {
	t.Parallel()
	tpl := compile(t, message.Message, message.Content{Text: "[BIG]"})
	for name, tc := range map[string]struct {
		value string
		large bool
	}{
		"half": {strings.Repeat("x", 20_000), false},
		// Three bytes of UTF-8 are one unit of UTF-16: 90 KB on the wire, 60 KB for Teams.
		"wide letters":    {strings.Repeat("漢", 30_000), false},
		"too many":        {strings.Repeat("x", 41_000), true},
		"emoji weigh two": {strings.Repeat("😀", 20_500), true},
	} {
		r, err := tpl.Render(message.Person{Columns: map[string]string{"BIG": tc.value}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Body()
		var large *message.TooLargeError
		if errors.As(err, &large) != tc.large || (err != nil) != tc.large {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		f message.Format
		c message.Content
	}{
		"unknown format": {"banner", message.Content{}},
		"survey":         {message.Survey, message.Content{SurveyID: "x"}},
		"broken JSON":    {message.Card, message.Content{Card: []byte(`{"type":`)}},
		"two documents":  {message.Card, message.Content{Card: []byte(`{} {}`)}},
		"trailing comma": {message.Card, message.Content{Card: []byte(`{"a":1,}`)}},
		"twice the same": {message.Card, message.Content{Card: []byte(`{"type":"a","type":"b"}`)}},
	} {
		if _, err := message.Compile(tc.f, tc.c, options); err == nil {
			t.Errorf("%s: compiled", name)
		}
	}
}

// Templates are shared by all workers; run with -race.
func TestRenderConcurrently(t *testing.T) {
	t.Parallel()
	tpl := compile(t, message.Idea, contents["idea"].content)
	want := string(bodyOf(t, message.Idea, contents["idea"].content, people["en"]))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				r, err := tpl.Render(people["en"])
				if err != nil {
					t.Error(err)
					return
				}
				if b, err := r.Body(); err != nil || string(b) != want {
					t.Errorf("%v\n%s", err, b)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkRender(b *testing.B) {
	short := message.Content{Text: "Hello [FIRSTNAME], **tomorrow** at nine."}
	for name, bc := range map[string]struct {
		f message.Format
		c message.Content
	}{
		"message short": {message.Message, short},
		"idea short":    {message.Idea, short},
		"idea long":     {message.Idea, contents["idea"].content},
		"card json":     {message.Card, contents["card-json"].content},
	} {
		b.Run(name, func(b *testing.B) {
			tpl := compile(b, bc.f, bc.c)
			b.ReportAllocs()
			for b.Loop() {
				r, err := tpl.Render(people["en"])
				if err != nil {
					b.Fatal(err)
				}
				if _, err := r.Body(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What Validate takes for no variable must not make a summary that lacks a value: the card could be sent to nobody.
func TestSummaryHasTheVariablesOfTheCard(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"[a](https://a.exa ple/[NOPE])":        "[a](https://a.exa ple/[NOPE])",
		"[a](https://a.exa ple/[NOPE|there])":  "[a](https://a.exa ple/[NOPE|there])",
		"Dear [FIRSTNAME], [a](b c [LASTNAME]": "Dear Anna, [a](b c [LASTNAME]",
	} {
		c := message.Content{Card: json.RawMessage(cardWith(`{"type":"TextBlock","text":"` + src + `"}`))}
		if ps := message.Validate(message.Card, c, nil); len(ps) > 0 {
			t.Fatalf("%s: %+v", src, ps)
		}
		r, err := compile(t, message.Card, c).Render(message.Person{FirstName: "Anna"})
		if err != nil || r.Activity.Summary != want {
			t.Errorf("%s: summary %q, want %q; %v", src, r.Activity.Summary, want, err)
		}
	}
}

package message_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/track"
	"herald/infra/golden"
)

const ours = "https://herald.example"

var tracking = message.Options{AssetsURL: ours, TrackURL: ours}

// own is the address that the tests give to link n.
func own(n int) string { return fmt.Sprintf("%s/l/token_-%d", ours, n) }

func tracked(t testing.TB, f message.Format, c message.Content) *message.Template {
	t.Helper()
	tpl, err := message.Compile(f, c, tracking)
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

func jsonCard(elements string) message.Content {
	return message.Content{Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5",` + elements + `}`)}
}

// linked are contents with links in every place where one can be.
var linked = map[string]struct {
	format  message.Format
	content message.Content
}{
	"card-json-links": {message.Card, jsonCard(`"body":[
		{"type":"TextBlock","text":"[FIRSTNAME], read **[the *menu* of [FIRSTNAME]](https://a.example/menu)** or [ask](mailto:a@b.example)"},
		{"type":"Image","url":"https://a.example/i.png","selectAction":{"type":"Action.OpenUrl","url":"https://a.example/picture"}},
		{"type":"FactSet","facts":[{"title":"Where","value":"[here](https://a.example/here)"}]},
		{"type":"TextBlock","text":"again [the menu](https://a.example/menu), [here](https://a.example/here)"},
		{"type":"ActionSet","actions":[{"type":"Action.ShowCard","title":"More","card":{"type":"AdaptiveCard","version":"1.5","actions":[{"type":"Action.OpenUrl","title":"Inner","url":"https://a.example/inner?a=[FIRSTNAME|x y]"}]}}]}],
		"actions":[{"type":"Action.Execute","title":"Go","fallback":{"type":"Action.OpenUrl","title":"Go","url":"https://a.example/fallback"}}]`)},
	"text-links": {message.Success, message.Content{Text: "**[a](https://a.example)** [b](http://b.example/x_y*z)\n\n- [c *d*](https://c.example) [a](https://a.example)\n- [a, but other](https://a.example)\n\n[mail](mailto:a@b.example)"}},
}

// The numbers of links stand in the tokens that people have in their chats. What differs here takes their links away from
// them, or leads them elsewhere.
func TestLinksKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	got := map[string][]message.Link{}
	for name, tc := range contents {
		got[name] = tracked(t, tc.format, tc.content).Links()
	}
	for name, tc := range linked {
		got[name] = tracked(t, tc.format, tc.content).Links()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(got); err != nil {
		t.Fatal(err)
	}
	golden.File(t, "testdata/links.json", b.Bytes())
}

// Whatever a message holds, tracking changes the addresses of its links and nothing else.
func TestTrackingChangesOnlyAddresses(t *testing.T) {
	t.Parallel()
	all := map[string]message.Format{}
	what := map[string]message.Content{}
	for name, tc := range contents {
		all[name], what[name] = tc.format, tc.content
	}
	for name, tc := range linked {
		all[name], what[name] = tc.format, tc.content
	}
	for name, f := range all {
		for lang, who := range people {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				tpl := tracked(t, f, what[name])
				if len(tpl.Links()) == 0 {
					t.Fatal("the example has no link")
				}
				plain := bodyOf(t, f, what[name], who)
				r, err := tpl.RenderTracked(who, own)
				if err != nil {
					t.Fatal(err)
				}
				body, err := r.Body()
				if err != nil {
					t.Fatal(err)
				}
				for n := range tpl.Links() {
					to, ok := tpl.Target(who, uint64(n))
					if !ok || !bytes.Contains(body, []byte(own(n))) {
						t.Errorf("link %d is not in %s", n, body)
					}
					body = bytes.ReplaceAll(body, []byte(own(n)), []byte(strings.ReplaceAll(to, "*", "%2A")))
				}
				if !bytes.Equal(body, plain) {
					t.Errorf("with the links put back:\n%s\nwithout tracking:\n%s", body, plain)
				}
				// Nobody asked for other addresses: the author's stay.
				r, err = tpl.Render(who)
				if err != nil {
					t.Fatal(err)
				}
				if body, err = r.Body(); err != nil || !bytes.Equal(body, plain) {
					t.Errorf("%v: %s\nwithout tracking:\n%s", err, body, plain)
				}
			})
		}
	}
}

func TestWhatIsTracked(t *testing.T) {
	t.Parallel()
	text := func(s string) message.Content { return message.Content{Text: s} }
	button := func(url string) message.Content {
		return message.Content{Title: "x", Buttons: []message.Button{{Title: "Go, [FIRSTNAME]", URL: url}}}
	}
	block := func(s string) message.Content {
		b, _ := json.Marshal(s)
		return jsonCard(`"body":[{"type":"TextBlock","text":` + string(b) + `}]`)
	}
	for name, tc := range map[string]struct {
		format  message.Format
		content message.Content
		want    []message.Link
	}{
		"link":                   {message.Message, text("[a *b*](https://a.example/x)"), []message.Link{{URL: "https://a.example/x", Text: "a b"}}},
		"http":                   {message.Message, text("[a](http://a.example)"), []message.Link{{URL: "http://a.example", Text: "a"}}},
		"variable in the text":   {message.Idea, text("[Hi [FIRSTNAME]!](https://a.example)"), []message.Link{{URL: "https://a.example", Text: "Hi [FIRSTNAME]!"}}},
		"twice":                  {message.Idea, text("[a](https://a.example) [a](https://a.example)"), []message.Link{{URL: "https://a.example", Text: "a"}}},
		"one address, two texts": {message.Idea, text("[a](https://a.example) [b](https://a.example)"), []message.Link{{URL: "https://a.example", Text: "a"}, {URL: "https://a.example", Text: "b"}}},
		"button":                 {message.Card, button("https://a.example/?n=[FIRSTNAME]"), []message.Link{{URL: "https://a.example/?n=[FIRSTNAME]", Text: "Go, [FIRSTNAME]"}}},
		"long text":              {message.Message, text("[" + strings.Repeat("é", 300) + "](https://a.example)"), []message.Link{{URL: "https://a.example", Text: strings.Repeat("é", 199) + "…"}}},

		"mail":                   {message.Message, text("[a](mailto:a@b.example)"), nil},
		"address as text":        {message.Message, text("see https://a.example"), nil},
		"Teams opens it":         {message.Card, button("https://teams.microsoft.com/l/chat/0/0?users=a@b.example"), nil},
		"Teams, new host":        {message.Card, button("https://TEAMS.cloud.microsoft/l/entity/1/2"), nil},
		"Teams, not a deep link": {message.Card, button("https://teams.microsoft.com/downloads"), []message.Link{{URL: "https://teams.microsoft.com/downloads", Text: "Go, [FIRSTNAME]"}}},
		"not Teams":              {message.Card, button("https://teams.microsoft.com.a.example/l/x"), []message.Link{{URL: "https://teams.microsoft.com.a.example/l/x", Text: "Go, [FIRSTNAME]"}}},
		"Herald's own":           {message.Card, button("https://HERALD.example/about/"), nil},
		"script":                 {message.Card, button("javascript:alert(1)"), nil},
		"variable in a link":     {message.Message, text("[a](https://a.example/?x=[FIRSTNAME])"), nil},

		"JSON":                    {message.Card, block("[a](https://a.example) [FIRSTNAME] [b](https://b.example)"), []message.Link{{URL: "https://a.example", Text: "a"}, {URL: "https://b.example", Text: "b"}}},
		"JSON, escaped":           {message.Card, block(`\[a\](https://a.example) \\[b](https://b.example)`), []message.Link{{URL: "https://b.example", Text: "b"}}},
		"JSON, image":             {message.Card, block("![a](https://a.example)"), nil},
		"JSON, in code":           {message.Card, block("`[a](https://a.example)`"), nil},
		"JSON, bracket alone":     {message.Card, block("a](https://a.example)"), nil},
		"JSON, with a title":      {message.Card, block(`[a](https://a.example "t")`), nil},
		"JSON, angle brackets":    {message.Card, block("<https://a.example>"), nil},
		"JSON, with an entity":    {message.Card, block("[a](https://a.example/?a=1&amp;b=2)"), nil},
		"JSON, link in a link":    {message.Card, block("[a [b](https://b.example) c](https://c.example)"), nil},
		"JSON, parentheses":       {message.Card, block("[a](https://a.example/b(c))"), nil},
		"JSON, data is no button": {message.Card, jsonCard(`"actions":[{"type":"Action.Submit","title":"x","data":{"type":"Action.OpenUrl","url":"https://a.example"}}]`), nil},
		"JSON, image's address":   {message.Card, jsonCard(`"body":[{"type":"Image","url":"https://a.example/i.png"}]`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tpl := tracked(t, tc.format, tc.content)
			got := tpl.Links()
			if len(got) == 0 {
				got = nil
			}
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			if links := compile(t, tc.format, tc.content).Links(); len(links) > 0 {
				t.Errorf("without TrackURL %+v", links)
			}
		})
	}
}

// A click leads where the button would have led this person.
func TestTargetsArePersonal(t *testing.T) {
	t.Parallel()
	tpl := tracked(t, message.Card, message.Content{Title: "x", Text: "[a](https://a.example/?q=a*b)", Buttons: []message.Button{
		{Title: "Vote", URL: "https://a.example/vote?who=[FIRSTNAME]&city=[CITY|no where]"}, {Title: "Plain", URL: "https://a.example/plain"},
	}})
	evil := message.Person{FirstName: "a&admin=1#/../é", Columns: map[string]string{"CITY": "Oslo"}}
	for _, tc := range []struct {
		person message.Person
		link   uint64
		want   string
		ok     bool
	}{
		{evil, 0, "https://a.example/?q=a*b", true},
		{evil, 1, "https://a.example/vote?who=a%26admin%3D1%23%2F..%2F%C3%A9&city=Oslo", true},
		{message.Person{FirstName: "Ann"}, 1, "https://a.example/vote?who=Ann&city=no%20where", true},
		{message.Person{}, 1, "https://a.example/vote?who=&city=no%20where", true},
		{evil, 2, "https://a.example/plain", true},
		{evil, 3, "", false},
		{evil, 1 << 63, "", false},
	} {
		if got, ok := tpl.Target(tc.person, tc.link); got != tc.want || ok != tc.ok {
			t.Errorf("link %d leads to %q, %t; want %q", tc.link, got, ok, tc.want)
		}
		if got := tpl.Personal(tc.link); got != (tc.link == 1) {
			t.Errorf("link %d is personal: %t", tc.link, got)
		}
	}
}

// What can be saved can be sent: tracked addresses are longer than many an author's.
func TestSizeCountsTrackedLinks(t *testing.T) {
	t.Parallel()
	links := func(n int, address string) message.Content {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "[%d](%s%d) ", i, address, i)
		}
		return message.Content{Text: b.String()}
	}
	longest := func(int) string { return strings.Repeat("x", 160) }
	for name, tc := range map[string]struct {
		content message.Content
		ok      bool
	}{
		"some":                  {links(200, "https://a.example/"), true},
		"many":                  {links(300, "https://a.example/"), false},
		"many that are no link": {links(300, "mailto:a@b"), true},
	} {
		ps := message.Validate(message.Message, tc.content, nil)
		if (len(ps) == 0) != tc.ok || !tc.ok && ps[0].Code != "too_large" {
			t.Errorf("%s: %+v", name, ps)
		}
		r, err := tracked(t, message.Message, tc.content).RenderTracked(message.Person{}, longest)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Body(); (err == nil) != tc.ok {
			t.Errorf("%s: sent %v", name, err)
		}
	}
	// Nor may what an author tries, untracked, be larger than what was checked.
	long := message.Content{Text: "x", Title: "x"}
	for range 6 {
		long.Buttons = append(long.Buttons, message.Button{Title: "x", URL: "https://a.example/?q=" + strings.Repeat("y", 2000)})
	}
	if ps := message.Validate(message.Card, long, nil); len(ps) > 0 {
		t.Errorf("%+v", ps)
	}
}

// FuzzLinks: whatever Markdown a card brings, tracking changes no text that people read and no link that it does not know.
func FuzzLinks(f *testing.F) {
	f.Add("[a](https://a.example) [FIRSTNAME] ![b](https://b.example) `[c](https://c.example)`")
	f.Add("[a [b](https://b.example)](https://c.example) \\[d](https://d.example)")
	f.Add("[a]: https://a.example\n\n[a](https://a.example)[a]")
	for _, s := range hostile {
		f.Add(s)
		f.Add("[" + s + "](https://a.example)")
	}
	f.Fuzz(func(t *testing.T, in string) {
		if len(in) > 1000 || strings.Contains(in, "herald.example") {
			return
		}
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		c := jsonCard(`"body":[{"type":"TextBlock","text":` + string(b) + `}]`)
		plain, _ := compile(t, message.Card, c).Render(message.Person{FirstName: "Anna"})
		tpl := tracked(t, message.Card, c)
		out, _ := tpl.RenderTracked(message.Person{FirstName: "Anna"}, own)
		want, got := textOf(t, plain), textOf(t, out)
		// shape marks line breaks, which a link may hold.
		line := strings.NewReplacer("\n", " ", "\r", " ")
		before, after := linksIn(line.Replace(want)), linksIn(line.Replace(got))
		if len(before) != len(after) {
			t.Fatalf("%q has the links %q, tracked %q", in, before, after)
		}
		for i, dest := range after {
			var n int
			if _, err := fmt.Sscanf(dest, ours+"/l/token_-%d", &n); err == nil {
				if dest, _ = tpl.Target(message.Person{FirstName: "Anna"}, uint64(n)); dest != before[i] {
					t.Errorf("%q leads to %q, tracked to %q", in, before[i], dest)
				}
			} else if dest != before[i] {
				t.Errorf("%q leads to %q, tracked to %q", in, before[i], dest)
			}
		}
		for n := range tpl.Links() {
			to, _ := tpl.Target(message.Person{}, uint64(n))
			got = strings.ReplaceAll(got, own(n)+")", to+")")
		}
		if got != want {
			t.Errorf("%q became %q, tracked %q", in, want, got)
		}
	})
}

// textOf is the first TextBlock's text.
func textOf(t testing.TB, r message.Rendered) string {
	t.Helper()
	var card struct{ Body []struct{ Text string } }
	raw, ok := r.Activity.Attachments[0].Content.(json.RawMessage)
	if !ok {
		t.Fatalf("a card of type %T", r.Activity.Attachments[0].Content)
	}
	if err := json.Unmarshal(raw, &card); err != nil {
		t.Fatal(err)
	}
	return card.Body[0].Text
}

// BenchmarkRenderLinks is BenchmarkRender of a card with three links, as the author wrote them and tracked.
func BenchmarkRenderLinks(b *testing.B) {
	tc := contents["card-form"]
	signer := track.New(make([]byte, track.MinKey))
	token := func(n int) string {
		b := make([]byte, 0, len(ours)+len(track.Path)+track.MaxLen)
		return string(signer.Append(append(append(b, ours...), track.Path...), track.Ref{Campaign: 5000, Seq: 1_000_000, Link: uint64(n)}))
	}
	for name, link := range map[string]func(int) string{"untracked": nil, "tracked": token} {
		b.Run(name, func(b *testing.B) {
			tpl := compile(b, tc.format, tc.content)
			if link != nil {
				tpl = tracked(b, tc.format, tc.content)
			}
			b.ReportAllocs()
			for b.Loop() {
				r, err := tpl.RenderTracked(people["en"], link)
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

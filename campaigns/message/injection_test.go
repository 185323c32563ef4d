package message_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"herald/campaigns/message"
)

// hostile are values that would do something if they were not just text.
var hostile = []string{
	"**bold**", "*italic*", "_italic_", "__bold__", "***x", "*", "**", "_",
	"[a](https://evil.example)", "](https://evil.example)", "[", "]", "](", `\](https://evil.example)`, `\`, `\\`,
	"![a](https://evil.example/x.png)", "wow!", "<b>x</b>", "<a href=https://evil.example>x</a>", "<at>All</at>", "<https://evil.example>", "<img src=x onerror=alert(1)>", "<br>", "<!--", "-->",
	"https://evil.example", "http://evil.example/a_b", "www.evil.example", "see https://evil.example.", "HTTPS://EVIL.EXAMPLE", "ftp://evil.example",
	"- item", "+ item", "* item", "-", "1. one", "1)", "10", "1.", "# heading", "## x", "> quote", "---", "===", "- - -", "a | b", "|", ":--|--:", "`code`", "```", "~~x~~", "    code", "\tcode",
	"line\nbreak", "two\n\nparagraphs", "a\r- b", "a\r\n- b", "a\u2028# b", "a  \n- b", "a\x00b",
	`"`, `","type":"Action.OpenUrl","url":"https://evil.example`, `"}]}`, `\u0022`, `{"a":1}`, "\x1b", "\xff\xfe",
	"&lt;b&gt;", "&#60;b&#62;", "&amp;lt;", "&", "&lt", "{{DATE(2026-11-21T09:00:00Z, SHORT)}}", "{{", "${name}", "$(x)", "%3Cb%3E", "[FIRSTNAME]", "[LASTNAME|x]",
	"\u202eevil", "😀", "漢字", "é", "\u200b", "javascript:alert(1)", "data:text/html,x", "..", "../..", "?a=b&c=d#e", "@evil.example/", "[a]: https://evil.example", "a: b",
	"|---|", "Jr.", "(x)", "x)", "!", ":", "://", "//evil.example",
}

// wide reads everything that any client might: the judge of injections. Mail
// addresses are left out: that a client may make one a mailto link is harmless.
var wide = goldmark.New(goldmark.WithExtensions(
	extension.Table, extension.Strikethrough, extension.TaskList, extension.DefinitionList, extension.Footnote,
	extension.NewLinkify(extension.WithLinkifyEmailRegexp(regexp.MustCompile(`^\b$`))),
)).Parser()

// shape is the structure of a Markdown text, and its words.
func shape(s string) (structure, words string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	src := []byte(s)
	var b, w strings.Builder
	_ = ast.Walk(wide.Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		t, isText := n.(*ast.Text)
		switch {
		case isText && entering:
			w.Write(t.Segment.Value(src))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteString("↵")
			}
		case isText, n.Kind() == ast.KindString:
		case entering:
			b.WriteString("(" + n.Kind().String())
			switch n := n.(type) {
			case *ast.Link:
				b.WriteString(" " + string(n.Destination))
			case *ast.Emphasis:
				fmt.Fprint(&b, n.Level)
			}
		default:
			b.WriteString(")")
		}
		return ast.WalkContinue, nil
	})
	return b.String(), w.String()
}

// skeleton replaces each string of a JSON document by what a client would see
// in it: the shape of Markdown, a constant for other texts, addresses up to the query.
func skeleton(v any, name string, out *[]string, path string) {
	switch v := v.(type) {
	case map[string]any:
		var keys []string
		for k := range v {
			keys = append(keys, k)
		}
		*out = append(*out, fmt.Sprintf("%s: object of %d", path, len(keys)))
		for k, x := range v {
			skeleton(x, k, out, path+"/"+k)
		}
	case []any:
		*out = append(*out, fmt.Sprintf("%s: list of %d", path, len(v)))
		for i, x := range v {
			skeleton(x, name, out, fmt.Sprintf("%s/%d", path, i))
		}
	case string:
		switch name {
		case "text", "value", "label", "title":
			if name == "title" && !strings.Contains(path, "/facts/") {
				if strings.ContainsAny(v, "\n\r\x00\x1b\u202e") {
					*out = append(*out, path+": control characters")
				}
				break
			}
			s, _ := shape(v)
			*out = append(*out, path+": "+s)
		case "summary", "fallbackText", "altText", "placeholder", "inlines":
			if strings.ContainsAny(v, "\n\r\x00\x1b\u202e") {
				*out = append(*out, path+": control characters")
			}
		case "url":
			base, q, _ := strings.Cut(v, "?")
			*out = append(*out, path+": "+base+fmt.Sprint(strings.ContainsAny(q, "#?&<>\"'() \n")))
		default:
			*out = append(*out, path+": "+v)
		}
	default:
		*out = append(*out, fmt.Sprintf("%s: %v", path, v))
	}
}

func skeletonOf(t testing.TB, body []byte) map[string]bool {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	var out []string
	skeleton(v, "", &out, "")
	set := map[string]bool{}
	for _, s := range out {
		set[s] = true
	}
	return set
}

// places are contents with a variable in every place that may hold one.
var places = func() map[string]struct {
	f message.Format
	c message.Content
} {
	type place = struct {
		f message.Format
		c message.Content
	}
	out := map[string]place{}
	for name, s := range map[string]string{
		"alone": "[X]", "start": "[X] is here", "middle": "Dear [X], hello", "end": "Dear [X]", "glued": "a[X]b", "twice": "[X][X] [X]\n[X]",
		"bold": "**[X]**", "bold words": "x **a [X]** y **b**", "bold start": "**[X] a** b", "italic": "*[X]*", "both": "***[X]*** and *a **[X]***", "in word": "a**b[X]** c",
		"list": "- [X]\n- a [X]\n- **[X]**", "numbers": "1. [X]\n2. [X]", "nested": "- a\n  - [X]", "after number": "[X]. item", "before dash": "- [X] - [X]",
		"link text": "[[X]](https://good.example)", "before link": "[X][go](https://good.example)", "after link": "[go](https://good.example)[X](y)", "before bang": "![X]",
		"lines": "a\n[X]\nb", "entity": "&[X]; &l[X]t;", "backslash": `\\[X]`, "parens": "([X])", "angle": "<[X]>", "table": "a | b\n[X]\nc | d", "setext": "title\n[X]",
		"scheme": "https:[X] https://good.example/[X]", "braces": "{[X]}", "dots": "www[X]",
	} {
		out["chat "+name] = place{message.Message, message.Content{Text: s}}
		out["note "+name] = place{message.Important, message.Content{Text: s}}
	}
	out["form"] = place{message.Card, message.Content{
		Title: "[X] title [X]", Text: "[X]", ImageURL: "https://good.example/i.png", ImageAlt: "[X]", Facts: []message.Fact{{Title: "[X]", Value: "a [X]"}, {Title: "a [X] b", Value: "[X]"}},
		Buttons: []message.Button{{Title: "[X]", URL: "https://good.example/p?a=[X]&b=[X]"}},
	}}
	out["json"] = place{message.Card, message.Content{Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","fallbackText":"[X]",
		"body":[{"type":"TextBlock","text":"[X]"},{"type":"TextBlock","text":"**[X]** [go](https://good.example) [X]"},{"type":"TextBlock","text":"- [X]\r- [X]"},
		{"type":"FactSet","facts":[{"title":"[X]","value":"[X]"}]},{"type":"RichTextBlock","inlines":["[X]",{"type":"TextRun","text":"a"}]},
		{"type":"Image","url":"https://good.example/i.png","altText":"[X]"},{"type":"Input.Text","id":"i","label":"[X]","placeholder":"[X]"}],
		"actions":[{"type":"Action.OpenUrl","title":"[X]","url":"https://good.example/?x=[X]"}]}`)}}
	return out
}()

func TestValuesStayText(t *testing.T) {
	t.Parallel()
	for name, pl := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tpl := compile(t, pl.f, pl.c)
			for _, v := range hostile {
				checkHarmless(t, tpl, v)
			}
		})
	}
}

// checkHarmless: with this value the message has the same structure as with a
// harmless one.
func checkHarmless(t testing.TB, tpl *message.Template, value string) {
	t.Helper()
	body := func(v string) ([]byte, error) {
		r, err := tpl.Render(message.Person{Columns: map[string]string{"X": v}})
		if err != nil {
			return nil, err
		}
		return r.Body()
	}
	harmless, err := body("x")
	if err != nil {
		t.Fatal(err)
	}
	hostile, err := body(value)
	var missing *message.MissingDataError
	var large *message.TooLargeError
	if errors.As(err, &missing) || errors.As(err, &large) {
		return // nothing is left of it, or too much: it is not sent
	}
	if err != nil {
		t.Fatal(err)
	}
	want, got := skeletonOf(t, harmless), skeletonOf(t, hostile)
	if !reflect.DeepEqual(want, got) {
		for s := range got {
			if !want[s] {
				t.Errorf("value %q made %s", value, s)
			}
		}
		for s := range want {
			if !got[s] {
				t.Errorf("value %q took away %s", value, s)
			}
		}
	}
}

// What a person sees of a value is the value.
func TestValuesAreShownWhole(t *testing.T) {
	t.Parallel()
	tpl := compile(t, message.Message, message.Content{Text: "<[X]>"})
	for value, want := range map[string]string{
		"**Bob**": "**Bob**", "a_b": "a_b", "1. x": "1. x", "<b>": "<b>", `a\b`: `a\b`, "R&D": "R&D", "&lt;": "&lt;", "[X]": "[X]", "a\nb": "a b",
		"https://x.example": "https:\u2060//x.example", "O'Neil-Smith (HR), #1!": "O'Neil-Smith (HR), #1!",
	} {
		r, err := tpl.Render(message.Person{Columns: map[string]string{"X": value}})
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := goldmark.Convert([]byte(r.Activity.Text), &out); err != nil {
			t.Fatal(err)
		}
		html := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`).Replace(strings.NewReplacer("<p>", "", "</p>\n", "").Replace(out.String()))
		if got := strings.ReplaceAll(html, "&amp;", "&"); got != "<"+want+">" {
			t.Errorf("%q is shown as %q", value, got)
		}
	}
}

func TestVariablesInAddresses(t *testing.T) {
	t.Parallel()
	body := string(bodyOf(t, message.Card, message.Content{Title: "t", Buttons: []message.Button{{Title: "b", URL: "https://good.example/?n=[X]&m=[Y|a b]#top"}}},
		message.Person{Columns: map[string]string{"X": "é&x=1#f \"/.."}}))
	if want := `"url":"https://good.example/?n=%C3%A9%26x%3D1%23f%20%22%2F..&m=a%20b#top"`; !strings.Contains(body, want) {
		t.Errorf("%s is not in %s", want, body)
	}
}

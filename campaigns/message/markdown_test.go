package message_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"herald/campaigns/message"
)

// texts of the TextBlocks below a note's band.
func blocksOf(t testing.TB, body []byte) []string {
	t.Helper()
	var a struct {
		Attachments []struct {
			Content struct {
				Body []struct{ Type, Text, Spacing string }
			}
		}
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, b := range a.Attachments[0].Content.Body[1:] {
		if b.Spacing == "None" {
			b.Text = "↵" + b.Text
		}
		out = append(out, b.Text)
	}
	return out
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		in   string
		chat string
		card []string // "↵": follows the one before without a gap
	}{
		"plain":             {"Hello", "Hello", []string{"Hello"}},
		"empty":             {" \n\n ", "", nil},
		"paragraphs":        {"a\n\n\n\nb", "a\n\nb", []string{"a", "b"}},
		"single line break": {"a\nb", "a  \nb", []string{"a", "↵b"}},
		"other line breaks": {"a  \nb\\\nc\r\nd\re", "a  \nb  \nc  \nd  \ne", []string{"a", "↵b", "↵c", "↵d", "↵e"}},
		"bold over a break": {"**a\nb**", "**a**  \n**b**", []string{"**a**", "↵**b**"}},
		"italic":            {"*a* b", "*a* b", []string{"_a_ b"}},
		"italic in a word":  {"a*b*c", "a*b*c", []string{"a*b*c"}},
		"both":              {"***a***", "***a***", []string{"**_a_**"}},
		"nested":            {"**a *b* c**", "**a *b* c**", []string{"**a _b_ c**"}},
		"underscores stay":  {"_a_ __b__ snake_case", `\_a\_ \_\_b\_\_ snake\_case`, []string{`\_a\_ \_\_b\_\_ snake\_case`}},
		"link":              {"[a](https://x.example/b?c=d&e=f)", "[a](https://x.example/b?c=d&e=f)", []string{"[a](https://x.example/b?c=d&e=f)"}},
		"link with a title": {`[a](https://x.example "t")`, "[a](https://x.example)", []string{"[a](https://x.example)"}},
		"bold link":         {"**[a](https://x.example)**", "[**a**](https://x.example)", []string{"[**a**](https://x.example)"}},
		"brackets in link":  {"[a](<https://x.example/(b)>)", "[a](https://x.example/%28b%29)", []string{"[a](https://x.example/%28b%29)"}},
		"script link":       {"[a](javascript:alert(1))", "a", []string{"a"}},
		"data link":         {"[a](data:text/html;base64,xx)", "a", []string{"a"}},
		"relative link":     {"[a](/b)", "a", []string{"a"}},
		"entity in scheme":  {"[a](javascript&#58;alert)", "a", []string{"a"}},
		"list":              {"- a\n- b", "- a\n- b", []string{"- a\r- b"}},
		"other bullets":     {"* a\n* b\n\n+ c", "- a\n- b\n- c", []string{"- a\r- b\r- c"}},
		"numbers":           {"3. a\n4. b", "3. a\n4. b", []string{"3. a\r4. b"}},
		"lists":             {"- a\n\n1. b", "- a\n\n1. b", []string{"- a", "1. b"}},
		"nested list":       {"- a\n  1. b\n     - c\n       - d\n- e", "- a\n  1. b\n     - c\n     - d\n- e", []string{"- a\r  1. b\r     - c\r     - d\r- e"}},
		"text and list":     {"a\n- b", "a\n\n- b", []string{"a", "- b"}},
		"two lines in item": {"- a\n  b", "- a  \n  b", []string{"- a  \r  b"}},
		"escapes":           {`\*a\* \[b\] 1\. c \\`, `\*a\* \[b\] 1. c \\`, []string{`\*a\* \[b\] 1. c \\`}},
		"escaped list":      {`\- a`, `\- a`, []string{`\- a`}},
		"escaped number":    {`1\. a`, `1\. a`, []string{`1\. a`}},
		"heading":           {"# a", `\# a`, []string{`\# a`}},
		"setext heading":    {"a\n===\nb\n---", `a  ` + "\n" + `\===  ` + "\n" + `b  ` + "\n" + `\---`, []string{"a", `↵\===`, "↵b", `↵\---`}},
		"quote":             {"> a", "&gt; a", []string{"&gt; a"}},
		"code":              {"`a` ``b``", "\\`a\\` \\`\\`b\\`\\`", []string{"\\`a\\` \\`\\`b\\`\\`"}},
		"fence":             {"```\na\n```", "\\`\\`\\`  \na  \n\\`\\`\\`", []string{"\\`\\`\\`", "↵a", "↵\\`\\`\\`"}},
		"indented code":     {"a\n\n    b", "a\n\nb", []string{"a", "b"}},
		"image":             {"![a](https://x.example/i.png)", `\![a](https://x.example/i.png)`, []string{`\![a](https://x.example/i.png)`}},
		"HTML":              {"<b>a</b><script>x</script><!-- c -->", "&lt;b&gt;a&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;&lt;!-- c --&gt;", []string{"&lt;b&gt;a&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;&lt;!-- c --&gt;"}},
		"mention":           {"<at>Bob</at>", "&lt;at&gt;Bob&lt;/at&gt;", []string{"&lt;at&gt;Bob&lt;/at&gt;"}},
		"entities":          {"&lt;b&gt; &copy; R&D &", "&amp;lt;b&amp;gt; &amp;copy; R&D &amp;", []string{"&amp;lt;b&amp;gt; &amp;copy; R&D &amp;"}},
		"strike":            {"~~a~~", `\~\~a\~\~`, []string{`\~\~a\~\~`}},
		"table":             {"a|b\n---|---\n1|2", "a|b  \n\\---|---  \n1|2", []string{"a|b", `↵\---|---`, "↵1|2"}},
		"reference":         {"[a]: https://x.example\n\n[1]: b", "\\[A\\]: https://x.example\n\n\\[1\\]: b", []string{`\[A\]: https://x.example`, `\[1\]: b`}},
		"autolink":          {"<https://x.example>", "&lt;https://x.example&gt;", []string{"&lt;https://x.example&gt;"}},
		"date function":     {"{{DATE(2026-11-21T09:00:00Z)}}", "{\u2060{DATE(2026-11-21T09:00:00Z)}}", []string{"{\u2060{DATE(2026-11-21T09:00:00Z)}}"}},
		"control":           {"a\x00\x1b[0mb\u202ec", `a\[0mbc`, []string{`a\[0mbc`}},
		"rule":              {"a\n\n***\n\n- - -\n\n---", "a\n\n\\*\\*\\*\n\n\\- - -\n\n\\---", []string{"a", `\*\*\*`, `\- - -`, `\---`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			render := func(f message.Format) []byte {
				r, _ := compile(t, f, message.Content{Text: tc.in}).Render(message.Person{})
				b, err := r.Body()
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			var chat struct{ Text string }
			if err := json.Unmarshal(render(message.Message), &chat); err != nil {
				t.Fatal(err)
			}
			if chat.Text != tc.chat {
				t.Errorf("chat\n got %q\nwant %q", chat.Text, tc.chat)
			}
			if got := blocksOf(t, render(message.Idea)); !reflect.DeepEqual(got, tc.card) {
				t.Errorf("card\n got %q\nwant %q", got, tc.card)
			}
		})
	}
}

// What Herald writes, Herald reads the same again: writing is stable.
func checkStable(t testing.TB, in string) {
	t.Helper()
	once := chatText(t, in)
	// Underscores and entities are output only; the source has neither.
	back := unescape.Replace(once)
	if twice := chatText(t, back); unescape.Replace(twice) != back {
		t.Errorf("not stable:\n in %q\n 1. %q\n 2. %q", in, once, twice)
	}
}

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

func chatText(t testing.TB, in string) string {
	t.Helper()
	r, _ := compile(t, message.Message, message.Content{Text: in}).Render(message.Person{})
	return r.Activity.Text
}

func TestMarkdownIsStable(t *testing.T) {
	t.Parallel()
	for _, in := range []string{news, "a\n\n- b\n  1. c\n- d\n\n# e\n1\\. f\n***g** h*", "**a**b *c***d**"} {
		checkStable(t, in)
	}
}

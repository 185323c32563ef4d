package message

import (
	"fmt"
	"strings"
)

const (
	maxSummary = 200 // runes of a notification text
	maxButtons = 6
	maxFacts   = 10
)

// look is what sets the three short formats apart: the colour of the heading.
var look = map[Format]string{Idea: "Accent", Success: "Good", Important: "Attention"}

// compiler compiles one content. Its variants share one list of variables.
type compiler struct {
	interner
	format  Format
	content Content
	assets  string
	slots   []string
	later   string

	// The text is the same in all languages and is compiled once.
	done   bool
	blocks []block
	drawn  []*node
}

// body is the content's text, parsed and drawn as TextBlocks.
func (k *compiler) body() ([]block, []*node) {
	if !k.done {
		k.blocks = parseMarkdown(k.content.Text)
		k.drawn = k.textBlocks(k.blocks)
		k.done = true
	}
	return k.blocks, k.drawn
}

func (k *compiler) variant(l language) (variant, error) {
	switch k.format {
	case Idea, Success, Important:
		return k.note(l), nil
	case Message:
		return variant{text: k.chat(k.content.Text)}, nil
	case Card:
		if len(k.content.cardJSON()) > 0 {
			return k.cardJSON(l)
		}
		return k.form(l), nil
	}
	return variant{}, fmt.Errorf("no way to render the format %q", k.format)
}

// note is Idea, Success and Important: a band with icon and heading, the text
// below. Everything in it is Adaptive Cards 1.2, which is what phones draw
// (platform.md §5); version 1.5 is declared, because that is what Teams asks for.
//
// The band is "emphasis", the subtle one, with a coloured heading on it: on
// the strongly coloured styles, coloured text has too little contrast.
func (k *compiler) note(l language) variant {
	title := heading(k.format, l)
	columns := arr()
	if k.assets != "" {
		columns.items = append(columns.items, obj(
			is("type", "Column"), is("width", "auto"), is("verticalContentAlignment", "Center"),
			prop("items", arr(obj(
				is("type", "Image"), is("url", k.assets+"/assets/formats/"+string(k.format)+".png"),
				is("altText", title), is("width", "40px"), is("height", "40px"),
			))),
		))
	}
	columns.items = append(columns.items, obj(
		is("type", "Column"), is("width", "stretch"), is("verticalContentAlignment", "Center"),
		prop("items", arr(obj(
			is("type", "TextBlock"), is("text", title), is("size", "Large"), is("weight", "Bolder"),
			is("color", look[k.format]), is("style", "heading"), yes("wrap"),
		))),
	))
	band := obj(
		is("type", "Container"), is("style", "emphasis"), yes("bleed"),
		prop("items", arr(obj(is("type", "ColumnSet"), prop("columns", columns)))),
	)
	blocks, drawn := k.body()
	summary := &text{enc: plain, max: maxSummary}
	summary.lit(title)
	if len(blocks) > 0 {
		summary.lit(headingGlue[l])
	}
	k.quote(summary, blocks, nil)
	return k.card(l, summary, append([]*node{band}, drawn...))
}

// form is an Adaptive Card from the form's fields.
func (k *compiler) form(l language) variant {
	c := k.content
	var body []*node
	summary := &text{enc: plain, max: maxSummary}
	if title := clean(c.Title); title != "" {
		t := &text{enc: markdown} // TextBlock reads Markdown; a title has none
		t.startLine()
		k.escaped(t, title)
		body = append(body, obj(
			is("type", "TextBlock"), prop("text", txt(t)), is("size", "Large"), is("weight", "Bolder"),
			is("style", "heading"), yes("wrap"),
		))
		k.plain(summary, title)
	}
	if u := strings.TrimSpace(c.ImageURL); k.showsImage(u) {
		image := obj(is("type", "Image"), is("url", u), is("size", "Stretch"))
		if alt := clean(c.ImageAlt); alt != "" {
			t := &text{enc: plain}
			k.plain(t, alt)
			image.members = append(image.members, prop("altText", txt(t)))
			if len(summary.parts) == 0 && clean(c.Text) == "" {
				k.plain(summary, alt)
			}
		}
		body = append(body, image)
	}
	blocks, drawn := k.body()
	body = append(body, drawn...)
	if len(blocks) > 0 && len(summary.parts) > 0 {
		summary.lit(headingGlue[l])
	}
	k.quote(summary, blocks, nil)
	if facts := k.facts(c.Facts); len(facts) > 0 {
		body = append(body, obj(is("type", "FactSet"), prop("facts", arr(facts...))))
	}
	var actions []*node
	for _, b := range c.Buttons {
		if checkButton(strings.TrimSpace(b.URL)) != nil { // not there yet, in a preview
			continue
		}
		title := &text{enc: plain}
		k.plain(title, clean(b.Title))
		url := k.actionURL(strings.TrimSpace(b.URL), b.Title)
		actions = append(actions, obj(is("type", "Action.OpenUrl"), prop("title", txt(title)), prop("url", txt(url))))
	}
	if len(actions) > 0 {
		body = append(body, obj(is("type", "ActionSet"), prop("actions", arr(actions...))))
	}
	if len(summary.parts) == 0 {
		summary.lit(newCard[l])
	}
	return k.card(l, summary, body)
}

// facts draws the lines of a FactSet. Title and value of a Fact are Markdown (platform.md §5), and an author's are not.
func (k *compiler) facts(facts []Fact) (out []*node) {
	markdownOf := func(s string) *node {
		t := &text{enc: markdown}
		t.startLine()
		k.escaped(t, s)
		return txt(t)
	}
	for _, f := range facts {
		title, value := clean(f.Title), clean(f.Value)
		if title == "" && value == "" { // not there yet, in a preview
			continue
		}
		out = append(out, obj(prop("title", markdownOf(title)), prop("value", markdownOf(value))))
	}
	return out
}

// showsImage: the address can be that of an image; not there yet, in a preview, it cannot.
func (k *compiler) showsImage(u string) bool {
	if _, own := ownImages(k.assets).name(u); own {
		return true
	}
	return u != "" && checkHTTPS(u) == nil && !hasVariable(u)
}

// card is the frame of the cards that Herald draws itself.
func (k *compiler) card(l language, summary *text, body []*node) variant {
	root := obj(
		is("$schema", "http://adaptivecards.io/schemas/adaptive-card.json"),
		is("type", "AdaptiveCard"),
		is("version", "1.5"),
		is("lang", tags[l]),
		prop("fallbackText", txt(summary)),
		prop("body", arr(body...)),
	)
	return variant{summary: summary, card: compileTree(root), later: k.laterCard(root, l)}
}

// textBlocks draws parsed Markdown. Each paragraph is a TextBlock of its own,
// and so is each line after a line break: what a blank line or a single
// newline inside one TextBlock does differs between Teams' clients, while
// blocks and their spacing look the same in all of them. A list is one
// TextBlock, because its items belong together for a screen reader.
func (k *compiler) textBlocks(blocks []block) []*node {
	e := emitter{dialect: cardDialect, in: &k.interner}
	var out []*node
	add := func(t *text, close bool) {
		n := obj(is("type", "TextBlock"), prop("text", txt(t)), yes("wrap"))
		if close {
			n.members = append(n.members, is("spacing", "None"))
		}
		out = append(out, n)
	}
	for _, b := range blocks {
		if len(b.items) > 0 {
			t := &text{enc: markdown}
			e.list(t, b.items)
			add(t, false)
			continue
		}
		for i, l := range b.lines {
			t := &text{enc: markdown}
			e.lines(t, []line{l}, "")
			add(t, i > 0)
		}
	}
	return out
}

// chat is a plain message: one Markdown text.
func (k *compiler) chat(source string) *text {
	e := emitter{dialect: chatDialect, in: &k.interner}
	t := &text{enc: markdown}
	for i, b := range parseMarkdown(source) {
		if i > 0 {
			t.lit("\n\n")
		}
		if len(b.items) > 0 {
			e.list(t, b.items)
		} else {
			e.lines(t, b.lines, "")
		}
	}
	return t
}

// quote adds the words of parsed Markdown to a plain text, as one line. known are the names of those variables that are
// replaced; nil: all.
func (k *compiler) quote(t *text, blocks []block, known map[string]bool) {
	first := true
	write := func(lines []line) {
		for _, l := range lines {
			if !first {
				t.lit(" ")
			}
			first = false
			for _, r := range l {
				switch {
				case r.v == nil:
					t.lit(r.s)
				case known == nil || known[r.v.name]:
					t.parts = append(t.parts, part{kind: slot, v: k.id(*r.v)})
				default:
					t.lit("[" + r.v.key() + "]")
				}
			}
		}
	}
	for _, b := range blocks {
		write(b.lines)
		for _, it := range b.items {
			write(it.lines)
		}
	}
}

// actionURL is the address that an action opens.
func (k *compiler) actionURL(url, label string) *text {
	t := &text{enc: query}
	if n, ok := k.number(url, label, query); ok {
		t.parts = append(t.parts, part{kind: address, v: n})
	}
	k.plain(t, url)
	return t
}

// plain adds a text that is no Markdown, with its variables.
func (k *compiler) plain(t *text, s string) {
	eachVariable(s, t.lit, func(v variable) {
		t.parts = append(t.parts, part{kind: slot, v: k.id(v)})
	})
}

// escaped adds a text that is no Markdown to one that will be read as Markdown.
func (k *compiler) escaped(t *text, s string) {
	eachVariable(s, func(lit string) {
		t.lit(string(appendEscaped(nil, lit, false)))
	}, func(v variable) {
		t.parts = append(t.parts, part{kind: slot, v: k.id(v)})
	})
}

package message

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// What other packages draw cards with that Compile reads as card JSON: there a bracket may be a variable, so every text
// has to say whether it is one.

// Embed draws author's Markdown as the TextBlocks of such a card. Its variables stay variables; nothing else in it can be
// taken for one. words is the same text without its looks and on one line, of at most about 200 characters, for the card's
// fallbackText. Both are empty when the text is.
func Embed(markdown string) (blocks []json.RawMessage, words string) {
	var k compiler
	parsed := parseMarkdown(markdown)
	for _, n := range k.textBlocks(parsed) {
		for i := range n.members {
			if t := n.members[i].value.text; t != nil {
				n.members[i].value = str(k.source(t))
			}
		}
		blocks = append(blocks, compileTree(n).run(filling{}))
	}
	t := &text{enc: plain}
	k.quote(t, parsed, nil)
	var b strings.Builder
	left := maxSummary
	for i, p := range t.parts {
		if p.kind == slot {
			name := k.vars[p.v].source()
			if left -= utf8.RuneCountInString(name); left < 0 {
				break // half a variable is none
			}
			b.WriteString(name)
			continue
		}
		n := utf8.RuneCountInString(p.s)
		if i > 0 && strings.HasPrefix(p.s, "(") {
			b.WriteString(wordJoiner) // "[NAME](" is no variable
		}
		b.WriteString(NoVariables(string(cut([]byte(p.s), 0, max(left, 1)))))
		if left -= n; left <= 0 {
			break
		}
	}
	return blocks, b.String()
}

// source writes a text of Markdown with its variables as an author would.
func (k *compiler) source(t *text) string {
	names := make([]string, len(k.vars))
	for i := range names {
		names[i] = "\x00" // no text holds one, and it means nothing to Markdown
	}
	parts := bytes.Split(t.append(nil, filling{vars: names}), []byte{0})
	var b strings.Builder
	at := 0
	for _, p := range t.parts {
		if p.kind != slot {
			continue
		}
		b.Write(parts[at])
		b.WriteString(k.vars[p.v].source())
		at++
		if bytes.HasPrefix(parts[at], []byte("(")) {
			b.WriteByte('\\') // or it would be the text of a link
		}
	}
	b.Write(parts[at])
	return b.String()
}

// source is the variable as it is written in a text.
func (v variable) source() string {
	if v.hasFallback {
		return "[" + v.name + "|" + v.fallback + "]"
	}
	return "[" + v.name + "]"
}

// Literal writes a plain text for a TextBlock of such a card: clients show exactly its characters, as one line, and nothing
// in it is a variable, a link or a mark. The zero-width word joiner keeps bare addresses from becoming links.
func Literal(s string) string {
	return string(fixLine(appendEscaped(nil, clean(s), true), 0))
}

// NoVariables keeps the brackets in s, a text that is no Markdown, from being variables: an invisible word joiner follows
// each that opens. It also parts "](", which some clients make a link of.
func NoVariables(s string) string {
	if !strings.ContainsRune(s, '[') && !strings.Contains(s, "](") {
		return s
	}
	return strings.NewReplacer("[", "["+wordJoiner, "](", "]"+wordJoiner+"(").Replace(s)
}

// WithVariables undoes NoVariables, for a text that comes back from an input.
func WithVariables(s string) string {
	return strings.NewReplacer("["+wordJoiner, "[", "]"+wordJoiner+"(", "](").Replace(s)
}

// Slot stands in such a card as a whole string, wherever that is, also in data and msteams, where there are no variables:
// Render puts Person.Slots[name] there if Options.Slots has the name. No author can write one.
func Slot(name string) string { return slotMark + name }

// slotMark is no text that a request may hold (tab refuses it) or that comes through Line.
const slotMark = "\x00"

func slotName(s string) (name string, ok bool) { return strings.CutPrefix(s, slotMark) }

// Line is s as one line of ordinary text: without control characters, line breaks, directional overrides, and space at its ends.
func Line(s string) string { return clean(s) }

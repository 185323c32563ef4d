package message

import (
	"regexp"
	"slices"
	"strings"
)

// textProperties are the properties of a card that people read, and how. Only
// in these are variables replaced; everything else is left as it is.
var textProperties = map[string]encoding{
	"text": given, "title": plain, "altText": plain, "label": plain, "placeholder": plain,
	"errorMessage": plain, "tooltip": plain, "fallbackText": plain, "speak": plain,
}

// encodingOf says how the text property name of an object is read; ok is false
// when the property is no text.
func encodingOf(o *node, in, name string) (enc encoding, ok bool) {
	typ := o.string("type")
	switch {
	case in == "facts" && (name == "title" || name == "value"):
		return given, true // Fact's title and value are Markdown (platform.md §5)
	case name == "title" && (in == "choices" || typ == "Input.Toggle"):
		return given, true // drawn by a TextBlock in the reference renderer
	case name == "label" && strings.HasPrefix(typ, "Input."):
		return given, true
	case name == "text" && typ == "TextRun":
		return plain, true
	case name == "value" && typ == "Input.Text":
		return plain, true
	}
	enc, ok = textProperties[name]
	return enc, ok
}

// isButtonURL: the one address in which a variable may stand.
func isButtonURL(o *node, name string) bool {
	return name == "url" && o.string("type") == "Action.OpenUrl"
}

// isImageURL: an address that a client fetches.
func isImageURL(o *node, name string) bool {
	switch name {
	case "url", "iconUrl", "poster", "backgroundImage":
		return !isButtonURL(o, name)
	}
	return false
}

// opaque are properties whose content is the author's data and not the card's.
func opaque(name string) bool { return name == "data" || name == "msteams" }

// cardJSON compiles a card that the author gave as JSON.
func (k *compiler) cardJSON(l language) (variant, error) {
	root, err := parseTree(k.content.cardJSON())
	if err != nil {
		return variant{}, err
	}
	summary := &text{enc: plain, max: maxSummary}
	k.summarize(summary, root)
	if len(summary.parts) == 0 {
		summary.lit(newCard[l])
	}
	k.personalize(root, "")
	if len(k.slots) > 0 {
		k.cutSlots(root)
	}
	return variant{card: compileTree(root), summary: summary, later: k.laterCard(root, l)}, nil
}

// personalize puts compiled texts where strings with variables are.
func (k *compiler) personalize(n *node, in string) {
	for _, c := range n.items {
		if c.kind == stringNode && in == "inlines" { // a string in place of a TextRun
			k.replace(c, plain)
			continue
		}
		k.personalize(c, in)
	}
	for _, m := range n.members {
		if opaque(m.name) {
			continue
		}
		if m.value.kind != stringNode {
			k.personalize(m.value, m.name)
			continue
		}
		if isButtonURL(n, m.name) {
			if t := k.actionURL(m.value.str, n.string("title")); !t.fixed() {
				m.value.text = t
			}
		} else if enc, ok := encodingOf(n, in, m.name); ok {
			k.replace(m.value, enc)
		}
	}
}

// cutSlots puts the person's values where slots are, whatever the property.
func (k *compiler) cutSlots(n *node) {
	if name, ok := slotName(n.str); ok && n.kind == stringNode && slices.Contains(k.slots, name) {
		// Without a value it is empty, and nothing is missing.
		n.text = &text{enc: plain, parts: []part{{kind: slot, v: k.id(variable{name: n.str, hasFallback: true})}}}
	}
	for _, c := range n.items {
		k.cutSlots(c)
	}
	for _, m := range n.members {
		k.cutSlots(m.value)
	}
}

func (k *compiler) replace(n *node, enc encoding) {
	if !strings.Contains(n.str, "[") {
		return
	}
	t := &text{enc: enc}
	each := eachVariable
	var places []place
	if enc == given {
		each = eachGiven
		places = k.placesIn(n.str)
	}
	at := 0
	each(n.str, func(lit string) {
		t.tracked(n.str, at, at+len(lit), places)
		at += len(lit)
	}, func(v variable) {
		_, length := scanVariable(n.str[at:])
		at += length
		t.parts = append(t.parts, part{kind: slot, v: k.id(v)})
	})
	if !t.fixed() {
		n.text = t
	}
}

// summarize makes the notification text: the card's own fallbackText, or the
// first words of its body.
func (k *compiler) summarize(t *text, root *node) {
	if s := clean(root.string("fallbackText")); s != "" {
		k.plain(t, s)
		return
	}
	words := 0
	var walk func(n *node)
	walk = func(n *node) {
		if words >= maxSummary {
			return
		}
		if n.kind == objectNode && (n.string("type") == "TextBlock" || n.string("type") == "TextRun") {
			// More than a summary's worth is not parsed.
			start := string(cut([]byte(n.string("text")), 0, 4*maxSummary))
			if blocks := parseMarkdown(start); len(blocks) > 0 {
				if words > 0 {
					t.lit(" ")
				}
				k.quote(t, blocks, k.variablesOf(n))
				words += len(start)
			}
			return
		}
		for _, c := range n.items {
			walk(c)
		}
		for _, m := range n.members {
			if m.name == "body" || m.name == "items" || m.name == "columns" || m.name == "inlines" || m.name == "rows" || m.name == "cells" {
				walk(m.value)
			}
		}
	}
	walk(root)
}

// variablesOf are the names of the variables that are replaced in the text of a TextBlock or TextRun, and that Validate
// has seen. Markdown finds others in what is no link, "[a](b c [X])": a summary that asked for their values could be sent to nobody.
func (k *compiler) variablesOf(n *node) map[string]bool {
	names := map[string]bool{}
	each := eachVariable
	if enc, _ := encodingOf(n, "", "text"); enc == given {
		each = eachGiven
	}
	each(n.string("text"), func(string) {}, func(v variable) { names[v.name] = true })
	return names
}

// eachGiven is eachVariable for Markdown that is passed on as it is. It knows
// of no variables in addresses of links, "](…)" and "<…>": a value does not
// belong there, and Validate says so.
func eachGiven(s string, lit func(string), fn func(variable)) {
	start := 0
	for i := 0; i < len(s); {
		n := 1
		switch {
		case s[i] == '\\':
			n = 2
		case s[i] == ']' && i+1 < len(s) && s[i+1] == '(':
			n = 1 + closing(s[i+1:], '(', ')')
		case s[i] == '<':
			n = max(1, len(autoLink.FindString(s[i:])))
		case s[i] == '[':
			if v, length := scanVariable(s[i:]); length > 0 {
				lit(s[start:i])
				fn(v)
				i += length
				start = i
				continue
			}
		}
		i += n
	}
	lit(s[start:])
}

// autoLink is an address between angle brackets.
var autoLink = regexp.MustCompile(`^<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*>?`)

// closing is the length of s up to and with the mark that closes its first one;
// without such a mark, all of s: what is open to the end is not for values either.
func closing(s string, open, shut byte) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case open:
			depth++
		case shut:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

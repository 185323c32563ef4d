package message

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// dialect is how one kind of client wants its Markdown.
type dialect struct {
	italics []string // marks, the preferred one first
	newline string   // between the lines of a list
	brk     string   // a line break inside a paragraph or item
}

var (
	// Adaptive Cards document _italic_ and \r between the items of a list
	// (learn.microsoft.com, adaptive-cards/create/textfeatures; Teams'
	// cards-format says the same).
	// Inside a word only * works.
	cardDialect = dialect{italics: []string{"_", "*"}, newline: "\r", brk: "  \r"}
	// Teams' chat messages document *italic* (platform.md §1, textFormat).
	chatDialect = dialect{italics: []string{"*"}, newline: "\n", brk: "  \n"}
)

// interner gives every variable of a template its number.
type interner struct {
	vars  []variable
	index map[string]int

	track   string // Options.TrackURL
	links   []link
	numbers map[string]int
}

func (in *interner) id(v variable) int {
	if in.index == nil {
		in.index = map[string]int{}
	}
	k := v.key()
	id, ok := in.index[k]
	if !ok {
		id = len(in.vars)
		in.index[k] = id
		in.vars = append(in.vars, v)
	}
	return id
}

// emitter writes parsed Markdown anew.
type emitter struct {
	dialect
	in *interner
}

// list writes a whole list as the text of one TextBlock or part of a message.
func (e emitter) list(t *text, items []item) {
	indents := [maxListDepth + 1]int{}
	for i, it := range items {
		if i > 0 {
			t.lit(e.newline)
		}
		marker := "- "
		if it.ordered {
			marker = strconv.Itoa(it.number) + ". "
		}
		t.lit(strings.Repeat(" ", indents[it.depth]) + marker)
		// What is nested starts under this item's text.
		indents[it.depth+1] = indents[it.depth] + len(marker)
		e.lines(t, it.lines, strings.Repeat(" ", indents[it.depth+1]))
	}
}

// lines writes lines with breaks between them.
func (e emitter) lines(t *text, lines []line, indent string) {
	for i, l := range lines {
		if i > 0 {
			t.lit(e.brk + indent)
		}
		t.startLine()
		e.line(t, l)
	}
}

// line writes one line. Emphasis in Markdown depends on its neighbours, and a
// neighbour may be a value that is not known yet; so the result is read again,
// with values that start and end with a letter and with a punctuation mark. If
// it does not come out as it went in, the line is written with less emphasis.
func (e emitter) line(t *text, l line) {
	l = safeLinks(l)
	links := len(e.in.links)
	for _, mark := range e.italics {
		if e.try(t, l, mark) {
			return
		}
	}
	noItalic := make(line, len(l))
	for i, r := range l {
		r.italic = false
		noItalic[i] = r
	}
	if e.try(t, noItalic, "*") {
		return
	}
	bare := make(line, len(l))
	for i, r := range noItalic {
		r.bold = false
		bare[i] = r
	}
	if e.try(t, bare, "*") {
		return
	}
	for i := range bare {
		bare[i].url = ""
	}
	e.in.forget(links)
	e.runs(t, bare, "*")
}

// safeLinks makes text of links that must not be links. Validate refuses them
// by name; this is the second lock on the same door.
func safeLinks(l line) line {
	out := make(line, len(l))
	for i, r := range l {
		if r.url != "" && (hasVariable(r.url) || checkLink(r.url) != nil) {
			r.url = ""
		}
		out[i] = r
	}
	return out
}

func (e emitter) try(t *text, l line, mark string) bool {
	l = tidy(l)
	var draft text
	draft.enc = markdown
	draft.startLine()
	e.runs(&draft, l, mark)
	for _, probe := range []string{"a", "!", "x (y)"} {
		values := make([]string, len(e.in.vars))
		for i := range values {
			values[i] = probe
		}
		if !sameLine(l, reread(draft.append(nil, filling{vars: values})), probe) {
			return false
		}
	}
	for _, p := range draft.parts[1:] {
		if p.kind == literal {
			t.lit(p.s)
		} else {
			t.parts = append(t.parts, p)
		}
	}
	return true
}

// tidy takes emphasis off the white space at its edges and off variables that
// may come out empty there: "** bold**" and "****" are no emphasis.
func tidy(l line) line {
	var out line
	add := func(r run) {
		if r.v == nil && r.s == "" {
			return
		}
		if k := len(out) - 1; k >= 0 && r.v == nil && out[k].v == nil && out[k].sameLook(r) {
			out[k].s += r.s
			return
		}
		out = append(out, r)
	}
	for i, r := range l {
		if !r.bold && !r.italic {
			add(r)
			continue
		}
		if r.v != nil {
			if !r.v.solid() {
				r.bold, r.italic = false, false
			}
			add(r)
			continue
		}
		core := strings.TrimFunc(r.s, unicode.IsSpace)
		if core == "" {
			r.bold = r.bold && i > 0 && i+1 < len(l) && l[i-1].bold && l[i+1].bold
			r.italic = r.italic && i > 0 && i+1 < len(l) && l[i-1].italic && l[i+1].italic
			add(r)
			continue
		}
		at := strings.Index(r.s, core)
		left, right := r, r
		left.s, right.s = r.s[:at], r.s[at+len(core):]
		left.bold, left.italic = r.bold && i > 0 && l[i-1].bold, r.italic && i > 0 && l[i-1].italic
		right.bold, right.italic = r.bold && i+1 < len(l) && l[i+1].bold, r.italic && i+1 < len(l) && l[i+1].italic
		r.s = core
		add(left)
		add(r)
		add(right)
	}
	return out
}

// runs writes runs: links outermost, then whichever emphasis reaches further.
func (e emitter) runs(t *text, l line, mark string) {
	for i := 0; i < len(l); {
		j := i + 1
		for j < len(l) && l[j].url == l[i].url {
			j++
		}
		if l[i].url != "" {
			t.lit("[")
			e.emphasis(t, l[i:j], mark, false, false)
			t.lit("](")
			if n, ok := e.in.number(l[i].url, l[i:j].words(), markdown); ok {
				t.parts = append(t.parts, part{kind: address, v: n, s: destination(l[i].url)})
			} else {
				t.lit(destination(l[i].url))
			}
			t.lit(")")
		} else {
			e.emphasis(t, l[i:j], mark, false, false)
			// "!" before a link would make it an image.
			if k := len(t.parts) - 1; j < len(l) && k >= 0 && t.parts[k].kind == literal && strings.HasSuffix(t.parts[k].s, "!") {
				t.parts[k].s = t.parts[k].s[:len(t.parts[k].s)-1] + `\!`
			}
		}
		i = j
	}
}

// words are the line's text without its look, variables as they are written.
func (l line) words() string {
	var b strings.Builder
	for _, r := range l {
		if r.v != nil {
			b.WriteString(r.v.placeholder())
		} else {
			b.WriteString(r.s)
		}
	}
	return b.String()
}

func (e emitter) emphasis(t *text, l line, mark string, inBold, inItalic bool) {
	for i := 0; i < len(l); {
		bold, italic := i, i
		for !inBold && bold < len(l) && l[bold].bold {
			bold++
		}
		for !inItalic && italic < len(l) && l[italic].italic {
			italic++
		}
		switch {
		case bold == i && italic == i:
			e.run(t, l[i])
			i++
		case bold >= italic:
			t.lit("**")
			e.emphasis(t, l[i:bold], mark, true, inItalic)
			t.lit("**")
			i = bold
		default:
			t.lit(mark)
			e.emphasis(t, l[i:italic], mark, inBold, true)
			t.lit(mark)
			i = italic
		}
	}
}

func (e emitter) run(t *text, r run) {
	if r.v != nil {
		t.parts = append(t.parts, part{kind: slot, v: e.in.id(*r.v)})
		return
	}
	t.lit(string(appendEscaped(nil, r.s, false)))
}

// destination writes an address so that it ends where it ends.
func destination(url string) string {
	var b []byte
	for i := 0; i < len(url); i++ {
		switch c := url[i]; {
		case c <= ' ' || c >= 0x7f || strings.IndexByte("()<>[]\\\"`*|{}^", c) >= 0:
			const hex = "0123456789ABCDEF"
			b = append(b, '%', hex[c>>4], hex[c&15])
		case c == '&' && isEntity(url[i:]):
			b = append(b, "&amp;"...)
		default:
			b = append(b, c)
		}
	}
	return string(b)
}

// reread parses a written line as a client would: with underscores, entities
// and all.
func reread(b []byte) []line {
	w := walker{src: b}
	w.blocks(client.Parse(newReader(b)))
	var lines []line
	for _, bl := range w.out {
		lines = append(lines, bl.lines...)
		for _, it := range bl.items {
			lines = append(lines, it.lines...)
		}
	}
	return lines
}

// sameLine: the line was understood as it was meant, with probe for every value.
func sameLine(want line, got []line, probe string) bool {
	var w, g []lookRune
	for _, r := range want {
		s := r.s
		if r.v != nil {
			s = probe
		}
		w = appendLooks(w, s, r)
	}
	for i, l := range got {
		if i > 0 {
			return false // it became several lines or blocks
		}
		for _, r := range l {
			g = appendLooks(g, entities.Replace(r.s), r)
		}
	}
	if len(w) != len(g) {
		return false
	}
	for i := range w {
		if w[i] != g[i] {
			return false
		}
	}
	return true
}

type lookRune struct {
	r            rune
	bold, italic bool
	url          string
}

func appendLooks(out []lookRune, s string, r run) []lookRune {
	for len(s) > 0 {
		c, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		if unicode.IsSpace(c) || string(c) == wordJoiner {
			continue // the look of a space is the same with and without
		}
		url := r.url
		if url != "" {
			url = destination(url)
		}
		out = append(out, lookRune{c, r.bold, r.italic, url})
	}
	return out
}

var entities = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

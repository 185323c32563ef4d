package message

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	gm "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxListDepth: deeper lists are drawn at this depth; narrow chat bubbles have
// no room for more, and phones draw all depths alike.
const maxListDepth = 3

// run is a stretch of text with one look. Either v or s.
type run struct {
	s            string
	v            *variable
	bold, italic bool
	link         bool   // in the source this was a link …
	url          string // … and this is its address; empty in a link that must not be one
}

func (r run) sameLook(o run) bool {
	return r.bold == o.bold && r.italic == o.italic && r.link == o.link && r.url == o.url
}

// line is what stands between two line breaks.
type line []run

// item is one entry of a list, at its depth (0 is the outermost).
type item struct {
	depth   int
	ordered bool
	number  int
	lines   []line
}

// block is a paragraph (items is empty) or a whole list with what is nested in it.
type block struct {
	lines []line
	items []item
}

// subset is goldmark with the parsers of our subset and no others: what it has
// no parser for stays text.
var subset = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(parser.NewListParser(), 300),
		util.Prioritized(parser.NewListItemParser(), 400),
		util.Prioritized(paragraphParser{parser.NewParagraphParser()}, 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(variableParser{}, 100),
		util.Prioritized(linkParser{parser.NewLinkParser()}, 200),
		util.Prioritized(emphasisParser{parser.NewEmphasisParser()}, 500),
	),
)

// paragraphParser takes indented lines too: without code blocks nobody else does.
type paragraphParser struct{ parser.BlockParser }

func (paragraphParser) CanAcceptIndentedLine() bool { return true }

// emphasisParser knows only asterisks: underscores are part of many names.
type emphasisParser struct{ parser.InlineParser }

func (emphasisParser) Trigger() []byte { return []byte{'*'} }

// linkParser knows links and not images.
type linkParser struct{ parser.InlineParser }

func (linkParser) Trigger() []byte { return []byte{'[', ']'} }

// CloseBlock is the embedded parser's clean-up at the end of a block; without
// it brackets that were never closed would stay in the tree.
func (p linkParser) CloseBlock(parent ast.Node, r gm.Reader, pc parser.Context) {
	if c, ok := p.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, r, pc)
	}
}

var kindVariable = ast.NewNodeKind("HeraldVariable")

// variableNode is a variable in the Markdown tree.
type variableNode struct {
	ast.BaseInline
	variable
}

func (*variableNode) Kind() ast.NodeKind         { return kindVariable }
func (n *variableNode) Dump(src []byte, lvl int) { ast.DumpHelper(n, src, lvl, nil, nil) }

type variableParser struct{}

func (variableParser) Trigger() []byte { return []byte{'['} }

func (variableParser) Parse(_ ast.Node, r gm.Reader, _ parser.Context) ast.Node {
	line, _ := r.PeekLine()
	v, n := scanVariable(string(line))
	if n == 0 {
		return nil
	}
	r.Advance(n)
	return &variableNode{variable: v}
}

// parseMarkdown reads author text.
func parseMarkdown(s string) []block {
	src := []byte(escapeRules(normalize(s)))
	w := walker{src: src}
	w.blocks(subset.Parse(gm.NewReader(src)))
	return w.out
}

// normalize makes line ends \n, tabs spaces, and removes control characters.
func normalize(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "    ", "\u2028", "\n", "\u2029", "\n", "\uFEFF", "").Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || isDirectional(r) {
			return -1
		}
		return r
	}, s)
}

// escapeRules makes text of lines such as "- - -", which would be read as a list
// of lists of nothing.
func escapeRules(s string) string {
	if !strings.Contains(s, "- -") && !strings.Contains(s, "* *") {
		return s
	}
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		t := strings.TrimSpace(l)
		if marks := strings.ReplaceAll(t, " ", ""); len(marks) >= 3 && (strings.Trim(marks, "-") == "" || strings.Trim(marks, "*") == "") {
			lines[i] = `\` + t
		}
	}
	return strings.Join(lines, "\n")
}

type walker struct {
	src []byte
	out []block
	cur []line // lines of the paragraph being read
}

func (w *walker) blocks(parent ast.Node) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if l, ok := n.(*ast.List); ok {
			w.items(w.list(l, 0, nil))
			continue
		}
		if lines := w.paragraph(n); len(lines) > 0 {
			w.out = append(w.out, block{lines: lines})
		}
	}
}

// items adds lists to the blocks: one block for each run of outermost items of
// one kind. Two lists of one kind, one after the other, would be read as one
// anyway; here they become one.
func (w *walker) items(items []item) {
	for start := 0; start < len(items); {
		end := start + 1
		for end < len(items) && (items[end].depth > 0 || items[end].ordered == items[start].ordered) {
			end++
		}
		k := len(w.out) - 1
		if k < 0 || len(w.out[k].items) == 0 || w.out[k].items[0].ordered != items[start].ordered {
			w.out = append(w.out, block{})
			k++
		}
		w.out[k].items = append(w.out[k].items, items[start:end]...)
		renumber(w.out[k].items)
		start = end
	}
}

// list reads a list and what is nested in it. Depths are true here; renumber
// flattens what is too deep.
func (w *walker) list(l *ast.List, depth int, items []item) []item {
	number := l.Start
	for c := l.FirstChild(); c != nil; c = c.NextSibling() {
		it := item{depth: depth, ordered: l.IsOrdered(), number: number}
		number++
		at := len(items)
		items = append(items, it)
		for b := c.FirstChild(); b != nil; b = b.NextSibling() {
			if nested, ok := b.(*ast.List); ok {
				items = w.list(nested, depth+1, items)
				continue
			}
			items[at].lines = append(items[at].lines, w.paragraph(b)...)
		}
		// An item with no text of its own is only a way to its nested list,
		// which takes its place.
		if len(items[at].lines) == 0 {
			items = append(items[:at], items[at+1:]...)
			for i := at; i < len(items); i++ {
				items[i].depth = max(items[i].depth-1, depth)
			}
		}
	}
	return items
}

// renumber flattens what is too deep, and counts on from the first item of each list, as every reader does,
// whatever numbers the author wrote or lists were joined.
func renumber(items []item) {
	var last [maxListDepth]*item
	for i := range items {
		it := &items[i]
		it.depth = min(it.depth, maxListDepth-1)
		switch prev := last[it.depth]; {
		case prev != nil && prev.ordered && it.ordered:
			it.number = prev.number + 1
		case i > 0:
			it.number = 1 // no other number can start a list right after a line of text
		}
		last[it.depth] = it
		for d := it.depth + 1; d < maxListDepth; d++ {
			last[d] = nil
		}
	}
}

func (w *walker) paragraph(n ast.Node) []line {
	w.cur = []line{nil}
	w.inline(n, run{})
	var lines []line
	for _, l := range w.cur {
		if l = trim(merge(l)); len(l) > 0 {
			lines = append(lines, l)
		}
	}
	return lines
}

func (w *walker) inline(parent ast.Node, look run) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			r := look
			r.s = string(util.UnescapePunctuations(n.Segment.Value(w.src)))
			w.add(r)
			if n.SoftLineBreak() || n.HardLineBreak() {
				w.cur = append(w.cur, nil)
			}
		case *variableNode:
			r := look
			r.v = &n.variable
			w.add(r)
		case *ast.Emphasis:
			inner := look
			inner.bold = inner.bold || n.Level == 2
			inner.italic = inner.italic || n.Level == 1
			w.inline(n, inner)
		case *ast.Link:
			inner := look
			inner.link, inner.url = true, linkTarget(n.Destination)
			w.inline(n, inner)
		default: // *ast.String and whatever else holds text
			w.inline(n, look)
		}
	}
}

func (w *walker) add(r run) {
	if r.s == "" && r.v == nil {
		return
	}
	k := len(w.cur) - 1
	w.cur[k] = append(w.cur[k], r)
}

// merge joins neighbours of one look. The parser cuts text at every character
// that might have meant something, so there may be thousands.
func merge(l line) line {
	out := l[:0:0]
	for i := 0; i < len(l); {
		j := i + 1
		for l[i].v == nil && j < len(l) && l[j].v == nil && l[j].sameLook(l[i]) {
			j++
		}
		r := l[i]
		if j > i+1 {
			var b strings.Builder
			for _, p := range l[i:j] {
				b.WriteString(p.s)
			}
			r.s = b.String()
		}
		out = append(out, r)
		i = j
	}
	return out
}

// trim removes the space at both ends of a line.
func trim(l line) line {
	for len(l) > 0 && l[0].v == nil {
		if l[0].s = strings.TrimLeft(l[0].s, " \u00a0"); l[0].s != "" {
			break
		}
		l = l[1:]
	}
	for len(l) > 0 && l[len(l)-1].v == nil {
		k := len(l) - 1
		if l[k].s = strings.TrimRight(l[k].s, " \u00a0"); l[k].s != "" {
			break
		}
		l = l[:k]
	}
	return l
}

// linkTarget is the address as a client will see it: Markdown's escapes and
// entities resolved, as every reader of the source would.
func linkTarget(dest []byte) string {
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(dest))))
}

// client is Markdown as clients may read it, a superset of what we write: the
// judge of what we wrote.
var client = parser.NewParser(
	parser.WithBlockParsers(parser.DefaultBlockParsers()...),
	parser.WithInlineParsers(
		util.Prioritized(parser.NewCodeSpanParser(), 100),
		util.Prioritized(parser.NewLinkParser(), 200),
		util.Prioritized(parser.NewAutoLinkParser(), 300),
		util.Prioritized(parser.NewRawHTMLParser(), 400),
		util.Prioritized(parser.NewEmphasisParser(), 500),
	),
	parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
)

func newReader(b []byte) gm.Reader { return gm.NewReader(b) }

// links are the addresses of the links and images in Markdown that is passed
// on as it is.
func links(s string) []string {
	if !strings.Contains(s, "](") && !strings.Contains(s, "]:") && !strings.Contains(s, "<") {
		return nil
	}
	src := []byte(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s))
	var out []string
	_ = ast.Walk(client.Parse(gm.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			out = append(out, linkTarget(n.Destination))
		case *ast.Image:
			out = append(out, linkTarget(n.Destination))
		case *ast.AutoLink:
			out = append(out, string(n.URL(src)))
		}
		return ast.WalkContinue, nil
	})
	return out
}

package message

import (
	"strings"
	"unicode/utf8"
)

// encoding says what a client makes of a string, and so what a value must be
// made into before it may stand in it.
type encoding uint8

const (
	plain    encoding = iota // shown as it is: titles of buttons, alternative texts
	markdown                 // read as Markdown; our own, line starts are marked
	given                    // read as Markdown; the author's own, from card JSON
	query                    // part of an address
)

// text is a string with variables in it, compiled.
type text struct {
	parts []part
	enc   encoding
	max   int // runes after rendering, cut with "…"; 0: no limit
}

type partKind uint8

const (
	literal   partKind = iota // s, encoded already
	slot                      // the value of vars[v]
	lineStart                 // here a line of Markdown content starts
	address                   // of tracked link v; s is the author's own. Without s the parts that follow are that, and the whole text is an address
)

type part struct {
	kind partKind
	s    string
	v    int // index into the template's variables or links
}

// fixed: the same for everybody.
func (t *text) fixed() bool {
	for _, p := range t.parts {
		if p.kind == slot || p.kind == address {
			return false
		}
	}
	return true
}

func (t *text) lit(s string) {
	if s == "" {
		return
	}
	if n := len(t.parts); n > 0 && t.parts[n-1].kind == literal {
		t.parts[n-1].s += s
		return
	}
	t.parts = append(t.parts, part{kind: literal, s: s})
}

func (t *text) startLine() { t.parts = append(t.parts, part{kind: lineStart}) }

// append writes the text with the given values.
func (t *text) append(b []byte, with filling) []byte {
	begin, line := len(b), -1
	for _, p := range t.parts {
		switch p.kind {
		case literal:
			b = append(b, p.s...)
		case lineStart:
			b = fixLine(b, line)
			line = len(b)
		case slot:
			b = t.appendValue(b, begin, with.vars[p.v])
		case address:
			switch {
			case with.links == nil:
				b = append(b, p.s...)
			case p.s == "":
				return append(b, with.links[p.v]...)
			default:
				b = append(b, with.links[p.v]...)
			}
		}
	}
	if t.enc == markdown {
		b = fixLine(b, line)
	}
	if t.max > 0 {
		b = cut(b, begin, t.max)
	}
	return b
}

func (t *text) appendValue(b []byte, begin int, v string) []byte {
	switch t.enc {
	case markdown:
		return appendEscaped(b, v, true)
	case given:
		at := len(b)
		first := startsLine(b[begin:])
		b = appendEscaped(b, v, true)
		if first {
			b = fixLine(b, at)
		}
		return b
	case query:
		return appendQuery(b, v)
	}
	return append(b, v...)
}

// startsLine: what comes next in b is the start of a line of content, after
// nothing but indentation and list markers.
func startsLine(b []byte) bool {
	for i := len(b) - 1; i >= 0; i-- {
		switch c := b[i]; {
		case c == '\n' || c == '\r':
			return true
		case c == ' ' || c == '\t' || c == '-' || c == '+' || c == '*' || c == '>' || c == '.' || c == ')' || c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return true
}

// cut shortens what was written from begin on to max runes.
func cut(b []byte, begin, max int) []byte {
	if len(b)-begin <= max || utf8.RuneCount(b[begin:]) <= max {
		return b
	}
	at := begin
	for range max - 1 {
		_, n := utf8.DecodeRune(b[at:])
		at += n
	}
	for at > begin && b[at-1] == ' ' {
		at--
	}
	return append(b[:at], "…"...)
}

// appendQuery percent-encodes everything that RFC 3986 does not call unreserved.
func appendQuery(b []byte, v string) []byte {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '.', c == '_', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

// wordJoiner is invisible and has no width. It keeps what looks like an
// address in a value from becoming a link in clients that link bare addresses.
const wordJoiner = "\u2060"

// appendEscaped writes s so that a Markdown reader shows exactly s. Characters
// that mean something only at the start of a line are fixLine's part. value
// says that s came from a person's data and not from the author.
//
// < and > become entities, not backslash escapes: Teams reads some HTML tags
// in Markdown messages (platform.md §1), and an entity is no tag for anybody.
func appendEscaped(b []byte, s string, value bool) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '\\', '*', '_', '`', '[', ']', '~':
			b = append(b, '\\', c)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '&':
			if isEntity(s[i:]) {
				b = append(b, "&amp;"...)
			} else {
				b = append(b, c)
			}
		case '{':
			// {{DATE(…)}} is a function of TextBlock.
			b = append(b, c)
			if i+1 < len(s) && s[i+1] == '{' {
				b = append(b, wordJoiner...)
			}
		case ':':
			b = append(b, c)
			if value && strings.HasPrefix(s[i:], "://") {
				b = append(b, wordJoiner...)
			}
		case '/':
			b = append(b, c)
			if value && i == 0 && strings.HasPrefix(s, "//") { // after an author's "https:"
				b = append(b, wordJoiner...)
			}
		case '!':
			// Before an author's link it would make that link an image.
			if value && i == len(s)-1 {
				b = append(b, '\\')
			}
			b = append(b, c)
		case '.':
			if value && i >= 3 && strings.EqualFold(s[i-3:i], "www") {
				b = append(b, wordJoiner...)
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
	}
	return b
}

// isEntity: s starts with an HTML entity, or with something that could become
// one together with what follows s.
func isEntity(s string) bool {
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == ';':
			return i > 1
		case c == '#' && i == 1:
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			if i > 40 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// fixLine makes the line of content b[start:] a paragraph's line: no marker of
// a list, heading, rule or table at its start. start < 0: there is no line.
func fixLine(b []byte, start int) []byte {
	if start < 0 {
		return b
	}
	i := start
	for i < len(b) && (b[i] == ' ' || b[i] == '\t') {
		i++
	}
	if i > start { // indentation would make it code
		b = append(b[:start], b[i:]...)
		i = start
	}
	if i == len(b) {
		return b
	}
	line := b[i:]
	next := byteAt(line, 1)
	switch c := line[0]; {
	case c == '#', c == '|', c == '=':
		return insertBackslash(b, i)
	case c == ':' && (next == '-' || next == ' '):
		return insertBackslash(b, i)
	case c == '-' && (next == ' ' || next == '-' || next == '|' || next == ':'):
		return insertBackslash(b, i)
	case c == '+' && next == ' ':
		return insertBackslash(b, i)
	case c >= '0' && c <= '9':
		n := 1
		for n < len(line) && n < 10 && line[n] >= '0' && line[n] <= '9' {
			n++
		}
		if c := byteAt(line, n); (c == '.' || c == ')') && byteAt(line, n+1) == ' ' {
			return insertBackslash(b, i+n)
		}
	}
	return b
}

// byteAt is line[i]; the end of the line and all white space are ' '.
func byteAt(line []byte, i int) byte {
	if i >= len(line) {
		return ' '
	}
	switch c := line[i]; c {
	case '\t', '\n', '\r':
		return ' '
	default:
		return c
	}
}

func insertBackslash(b []byte, at int) []byte {
	b = append(b, 0)
	copy(b[at+1:], b[at:])
	b[at] = '\\'
	return b
}

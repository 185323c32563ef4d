package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNameLen     = 64  // runes of a variable's name
	maxFallbackLen = 200 // runes of a fallback
)

// variable is one [NAME] or [NAME|fallback] in a text.
type variable struct {
	name        string // canonical: upper case, single spaces
	fallback    string // clean
	hasFallback bool
}

// key tells variables apart: the same name with another fallback is another one.
func (v variable) key() string {
	if v.hasFallback {
		return v.name + "|" + v.fallback
	}
	return v.name
}

// solid says that the variable can never come out empty.
func (v variable) solid() bool { return !v.hasFallback || v.fallback != "" }

// placeholder is what stands for a value that is missing.
func (v variable) placeholder() string { return "[" + v.name + "]" }

// scanVariable reads the variable at the start of s and returns its length in
// bytes; 0: there is none. A bracket that "(" follows is the text of a link,
// and a name starts with a letter, so that "[1]" and "[ ]" stay what they are.
func scanVariable(s string) (v variable, n int) {
	if len(s) < 3 || s[0] != '[' {
		return variable{}, 0
	}
	end := strings.IndexAny(s[1:], "[]\r\n")
	if end < 0 || s[1+end] != ']' {
		return variable{}, 0
	}
	n = end + 2
	if n < len(s) && s[n] == '(' {
		return variable{}, 0
	}
	name, fallback, hasFallback := strings.Cut(s[1:n-1], "|")
	if !isName(name) || utf8.RuneCountInString(fallback) > maxFallbackLen {
		return variable{}, 0
	}
	return variable{name: canonicalName(name), fallback: clean(fallback), hasFallback: hasFallback}, n
}

// isName: letters, digits, _ and space; a letter first.
func isName(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || utf8.RuneCountInString(s) > maxNameLen {
		return false
	}
	for i, r := range s {
		switch {
		case unicode.IsLetter(r) || i > 0 && unicode.IsMark(r):
		case i > 0 && (r == '_' || r == ' ' || unicode.IsDigit(r)):
		default:
			return false
		}
	}
	return true
}

// ColumnName is the form in which a column's name is compared and kept, upper case with single spaces, and whether
// a text can name it: letters, digits, _ and space, a letter first, at most 64 characters.
func ColumnName(s string) (name string, ok bool) { return canonicalName(s), isName(s) }

// canonicalName is the form in which names are compared.
func canonicalName(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), " "))
}

// clean makes a value one line of ordinary text: no control characters, no
// line breaks, no directional overrides (they turn the rest of a message
// around), no space at its ends, valid UTF-8.
func clean(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		return strings.TrimSpace(s)
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029' || r == '\u0085' || r == '\t' || r == '\n' || r == '\r' || r == '\v' || r == '\f':
			return ' '
		case unicode.IsControl(r), isDirectional(r), r == '\uFEFF':
			return -1
		}
		return r
	}, s))
}

func isDirectional(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// eachVariable calls fn with every variable of a text that is not Markdown, or
// of Markdown that is passed on as it is; a backslash takes its meaning away.
// Literal pieces between go to lit.
func eachVariable(s string, lit func(string), fn func(variable)) {
	start := 0
	for i := 0; i < len(s); {
		switch s[i] {
		case '\\':
			i += 2
			continue
		case '[':
			if v, n := scanVariable(s[i:]); n > 0 {
				lit(s[start:i])
				fn(v)
				i += n
				start = i
				continue
			}
		}
		i++
	}
	if start < len(s) {
		lit(s[start:])
	}
}

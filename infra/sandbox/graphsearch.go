package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// clause is one "property:text" of a $search.
type clause struct {
	property string
	text     string
}

// maxSearchClauses bounds a $search, as a filter is bounded.
const maxSearchClauses = 15

// parseSearch reads `"displayName:ann" OR "mail:ann"`: clauses in double quotes, in which a backslash stands before a quote or
// another, joined by AND and OR in capitals. AND binds closer. The answer is what is joined by OR.
func parseSearch(text string) (groups [][]clause, err error) {
	p := filterParser{rest: text}
	all, n := []clause{}, 0
	for {
		c, err := p.clause()
		if err != nil {
			return nil, err
		}
		if n++; n > maxSearchClauses {
			return nil, fmt.Errorf("more than %d clauses", maxSearchClauses)
		}
		all = append(all, c)
		if p.space(); p.rest == "" {
			return append(groups, all), nil
		}
		switch {
		case p.word("AND"):
		case p.word("OR"):
			groups, all = append(groups, all), nil
		default:
			return nil, fmt.Errorf("expected AND or OR at %q", p.rest)
		}
	}
}

func (p *filterParser) clause() (clause, error) {
	if !p.take(`"`) {
		return clause{}, fmt.Errorf("expected a clause in double quotes at %q", p.rest)
	}
	var b strings.Builder
	for i := 0; i < len(p.rest); i++ {
		switch ch := p.rest[i]; {
		case ch == '\\' && i+1 < len(p.rest) && strings.IndexByte(`"\`, p.rest[i+1]) >= 0:
			i++
			b.WriteByte(p.rest[i])
		case ch == '"':
			p.rest = p.rest[i+1:]
			property, text, ok := strings.Cut(b.String(), ":")
			switch property {
			case "displayName", "mail", "userPrincipalName":
			default:
				ok = false
			}
			if !ok || strings.TrimSpace(text) == "" {
				return clause{}, fmt.Errorf("%q is not displayName, mail or userPrincipalName, a colon and a text", b.String())
			}
			return clause{property, strings.TrimSpace(text)}, nil
		default:
			b.WriteByte(ch)
		}
	}
	return clause{}, errors.New("a clause has no closing quote")
}

// words splits as Graph does for displayName: at everything that is neither letter nor digit, and between the two.
func words(folded string) (out []string) {
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r):
			return 1
		case unicode.IsDigit(r):
			return 2
		}
		return 0
	}
	start, last := 0, 0
	for i, r := range folded + " " {
		k := kind(r)
		if k != last {
			if last != 0 {
				out = append(out, folded[start:i])
			}
			start, last = i, k
		}
	}
	return out
}

// matcher says quickly whether a person fits a clause. Names repeat every 8 192 people, so that a million people cost one
// look-up each; only addresses that a combination of names cannot decide are written out.
func (c clause) matcher(t *tenant) func(index int) bool {
	text := fold(c.text)
	const no, yes, look = 0, 1, 2
	decided := make([]byte, combinations)
	if c.property == "displayName" {
		wanted := words(text)
		for i, f := range foldCombo {
			if len(wanted) > 0 && beginEach(words(f.full), wanted) {
				decided[i] = yes
			}
		}
		return func(index int) bool { return decided[index%combinations] == yes }
	}
	for i, f := range foldCombo {
		switch {
		case strings.HasPrefix(f.local, text):
			decided[i] = yes
		case strings.HasPrefix(text, f.local):
			decided[i] = look
		}
	}
	address := t.upn
	if c.property == "mail" {
		address = t.mail
	}
	return func(index int) bool {
		switch decided[index%combinations] {
		case no:
			return false
		case yes:
			return true
		}
		return strings.HasPrefix(address(index), text)
	}
}

// beginEach says whether each wanted word is the beginning of one there, in any order.
func beginEach(there, wanted []string) bool {
	for _, w := range wanted {
		found := false
		for _, h := range there {
			found = found || strings.HasPrefix(h, w)
		}
		if !found {
			return false
		}
	}
	return true
}

// searched answers up to limit indexes from cursor on that a $search finds, and where the next page starts (-1: nowhere).
// total is counted only when counting.
func (t *tenant) searched(search [][]clause, cursor, limit int, counting bool) (items []int, next, total int) {
	type group []func(int) bool
	groups := make([]group, len(search))
	for i, all := range search {
		for _, c := range all {
			groups[i] = append(groups[i], c.matcher(t))
		}
	}
	match := func(index int) bool {
	next:
		for _, all := range groups {
			for _, m := range all {
				if !m(index) {
					continue next
				}
			}
			return true
		}
		return false
	}
	next = -1
	start := cursor
	if counting {
		start = 0
	}
	for i := start; i < int(t.count.Load()); i++ {
		if !match(i) || t.isRemoved(i) {
			continue
		}
		total++
		switch {
		case i < cursor:
		case len(items) < limit:
			items = append(items, i)
		default:
			if next < 0 {
				next = i
			}
			if !counting {
				return items, next, total
			}
		}
	}
	return items, next, total
}

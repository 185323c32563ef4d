package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// condition is one comparison of a $filter; a filter is several joined by or.
type condition struct {
	property string // mail, userPrincipalName, id, proxyAddresses
	value    string
}

// maxFilterConditions is Graph's own bound on expressions in a filter.
const maxFilterConditions = 15

// parseFilter reads `mail eq 'x'`, `userPrincipalName in ('x','y')`, `proxyAddresses/any(p:p eq 'smtp:x')` and these joined by
// or. Quotes inside a text are doubled, as OData wants.
func parseFilter(text string) ([]condition, error) {
	p := filterParser{rest: text}
	var out []condition
	for {
		more, err := p.comparison()
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
		if len(out) > maxFilterConditions {
			return nil, fmt.Errorf("more than %d comparisons", maxFilterConditions)
		}
		if p.space(); p.rest == "" {
			return out, nil
		}
		if !p.word("or") {
			return nil, fmt.Errorf("expected or at %q", p.rest)
		}
	}
}

type filterParser struct{ rest string }

func (p *filterParser) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

func (p *filterParser) take(s string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = rest
	}
	return ok
}

// word takes a keyword that does not run on into a name.
func (p *filterParser) word(s string) bool {
	p.space()
	if rest, ok := strings.CutPrefix(p.rest, s); ok && (rest == "" || !isNameByte(rest[0])) {
		p.rest = rest
		return true
	}
	return false
}

func isNameByte(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}

func (p *filterParser) name() string {
	p.space()
	n := 0
	for n < len(p.rest) && isNameByte(p.rest[n]) {
		n++
	}
	name := p.rest[:n]
	p.rest = p.rest[n:]
	return name
}

func (p *filterParser) text() (string, error) {
	if !p.take("'") {
		return "", fmt.Errorf("expected a text in quotes at %q", p.rest)
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(p.rest, "'")
		if !ok {
			return "", errors.New("a text has no closing quote")
		}
		b.WriteString(before)
		p.rest = after
		if !strings.HasPrefix(p.rest, "'") {
			return b.String(), nil
		}
		b.WriteByte('\'')
		p.rest = p.rest[1:]
	}
}

func (p *filterParser) comparison() ([]condition, error) {
	property := p.name()
	switch property {
	case "proxyAddresses":
		return p.any(property)
	case "mail", "userPrincipalName", "id":
	default:
		return nil, fmt.Errorf("property %q cannot be filtered here", property)
	}
	if p.word("eq") {
		v, err := p.text()
		return []condition{{property, v}}, err
	}
	if !p.word("in") || !p.take("(") {
		return nil, fmt.Errorf("expected eq or in (…) at %q", p.rest)
	}
	var out []condition
	for {
		v, err := p.text()
		if err != nil {
			return nil, err
		}
		out = append(out, condition{property, v})
		if p.take(")") {
			return out, nil
		}
		if !p.take(",") {
			return nil, fmt.Errorf("expected , or ) at %q", p.rest)
		}
	}
}

func (p *filterParser) any(property string) ([]condition, error) {
	if !p.take("/any(") {
		return nil, fmt.Errorf("%s is a collection: use any", property)
	}
	v := p.name()
	if v == "" || !p.take(":") || p.name() != v || !p.word("eq") {
		return nil, errors.New("any is written any(p:p eq '…')")
	}
	s, err := p.text()
	if err == nil && !p.take(")") {
		err = errors.New("any has no closing bracket")
	}
	return []condition{{property, s}}, err
}

// find resolves a comparison by arithmetic. Addresses compare without case; the prefix of a proxy address with it, where
// SMTP: is the primary address and smtp: the others (platform.md §8 [3P]).
func (c condition) find(t *tenant) (int, bool) {
	switch c.property {
	case "mail":
		return t.byMail(c.value)
	case "userPrincipalName":
		return t.byUPN(c.value)
	case "id":
		k, ok := parseObjectID(c.value)
		return k.index(), ok && k.tenant() == t.number && t.exists(k.index())
	}
	scheme, address, _ := strings.Cut(c.value, ":")
	i, ok := t.byAddress(address)
	if !ok {
		return 0, false
	}
	for _, a := range t.person(i).ProxyAddresses {
		s, rest, _ := strings.Cut(a, ":")
		if s == scheme && strings.EqualFold(rest, address) {
			return i, true
		}
	}
	return 0, false
}

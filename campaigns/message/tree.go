package message

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxJSONDepth bounds what the parser will follow at all; what is reasonable
// for a card is Validate's question.
const maxJSONDepth = 128

// maxProperties of one object: looking for one that is there twice takes quadratic time.
const maxProperties = 1000

// node is one JSON value. Members keep their order, so that an author finds
// the card in the preview as it was written.
type node struct {
	kind    nodeKind
	members []member
	items   []*node
	str     string // a string's value; a number, true, false or null as written
	text    *text  // a string with variables in it, instead of str
}

type member struct {
	name  string
	value *node
}

type nodeKind uint8

const (
	objectNode nodeKind = iota + 1
	arrayNode
	stringNode
	rawNode
)

func (k nodeKind) String() string {
	return [...]string{"", "an object", "a list", "a text", "a number or a word"}[k]
}

// get is the member of that name, or nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}

// text of a string member; "" when there is none.
func (n *node) string(name string) string {
	if m := n.get(name); m != nil && m.kind == stringNode {
		return m.str
	}
	return ""
}

// jsonError says where a JSON document is wrong.
type jsonError struct {
	pointer string // JSON pointer of the nearest value
	code    string
	msg     string
	params  Params
}

func (e *jsonError) Error() string { return e.msg }

// parseTree reads JSON. Two members of one name are refused: which of them
// counts differs from reader to reader, so a check of one says nothing of the other.
func parseTree(src []byte) (*node, error) {
	if !utf8.Valid(src) {
		return nil, &jsonError{code: "invalid_json", msg: "The card is not valid UTF-8 text."}
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	n, err := parseNode(d, "", 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err == nil || d.More() {
		return nil, &jsonError{code: "invalid_json", msg: "Something follows after the end of the card."}
	}
	return n, nil
}

func parseNode(d *json.Decoder, at string, depth int) (*node, error) {
	t, err := d.Token()
	if err != nil {
		return nil, syntaxError(err, d, at)
	}
	switch t := t.(type) {
	case json.Delim:
		if depth >= maxJSONDepth {
			return nil, &jsonError{pointer: at, code: "too_deep", msg: fmt.Sprintf("The card is nested deeper than %d levels.", maxJSONDepth), params: Params{"limit": maxJSONDepth}}
		}
		if t == '{' {
			return parseObject(d, at, depth)
		}
		n := &node{kind: arrayNode}
		for d.More() {
			c, err := parseNode(d, at+"/"+strconv.Itoa(len(n.items)), depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, c)
		}
		if _, err := d.Token(); err != nil {
			return nil, syntaxError(err, d, at)
		}
		return n, nil
	case string:
		return &node{kind: stringNode, str: t}, nil
	case json.Number:
		return &node{kind: rawNode, str: t.String()}, nil
	case bool:
		return &node{kind: rawNode, str: strconv.FormatBool(t)}, nil
	}
	return &node{kind: rawNode, str: "null"}, nil
}

func parseObject(d *json.Decoder, at string, depth int) (*node, error) {
	n := &node{kind: objectNode}
	for d.More() {
		k, err := d.Token()
		if err != nil {
			return nil, syntaxError(err, d, at)
		}
		name := k.(string) // the decoder allows nothing else here
		here := at + "/" + escapePointer(name)
		for i := range n.members {
			if n.members[i].name == name {
				return nil, &jsonError{pointer: here, code: "duplicate_property", msg: fmt.Sprintf("%q is there twice in one object; keep one.", name), params: Params{"property": name}}
			}
		}
		if len(n.members) >= maxProperties {
			return nil, &jsonError{pointer: at, code: "too_many_properties", msg: fmt.Sprintf("An object of the card has more than %d properties.", maxProperties), params: Params{"limit": maxProperties}}
		}
		v, err := parseNode(d, here, depth+1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{name, v})
	}
	if _, err := d.Token(); err != nil {
		return nil, syntaxError(err, d, at)
	}
	return n, nil
}

func syntaxError(err error, d *json.Decoder, at string) error {
	offset := d.InputOffset()
	var se *json.SyntaxError
	if errors.As(err, &se) {
		offset = se.Offset
	}
	return &jsonError{pointer: at, code: "invalid_json", msg: fmt.Sprintf("The card is not valid JSON: %v, at character %d.", err, offset), params: Params{"position": int(offset), "detail": err.Error()}}
}

func escapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}

// program is a JSON document with holes: finished bytes, and strings to be
// written for each person.
type program struct {
	segs []segment
	size int // of the finished bytes
}

type segment struct {
	lit  []byte
	text *text // written after lit; nil in the last one
}

func compileTree(n *node) *program {
	p := &program{}
	var buf []byte
	buf = p.node(n, buf)
	p.segs = append(p.segs, segment{lit: bytes.Clone(buf)})
	for _, s := range p.segs {
		p.size += len(s.lit)
	}
	return p
}

func (p *program) node(n *node, buf []byte) []byte {
	switch n.kind {
	case objectNode:
		buf = append(buf, '{')
		for i, m := range n.members {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = appendJSONString(buf, m.name)
			buf = append(buf, ':')
			buf = p.node(m.value, buf)
		}
		return append(buf, '}')
	case arrayNode:
		buf = append(buf, '[')
		for i, c := range n.items {
			if i > 0 {
				buf = append(buf, ',')
			}
			buf = p.node(c, buf)
		}
		return append(buf, ']')
	case stringNode:
		if n.text == nil {
			return appendJSONString(buf, n.str)
		}
		if n.text.fixed() {
			return appendJSONString(buf, string(n.text.append(nil, nil)))
		}
		p.segs = append(p.segs, segment{lit: bytes.Clone(buf), text: n.text})
		return buf[:0]
	}
	return append(buf, n.str...)
}

// run writes the document with the given values. scratch is reused.
func (p *program) run(values []string) []byte {
	out := make([]byte, 0, p.size+p.size/8+128)
	var scratch []byte
	for _, s := range p.segs {
		out = append(out, s.lit...)
		if s.text != nil {
			scratch = s.text.append(scratch[:0], values)
			out = appendJSONString(out, string(scratch))
		}
	}
	return out
}

// appendJSONString writes s as a JSON string. It escapes no more than JSON
// asks for (and the two line separators that JavaScript once tripped over):
// Teams counts every character.
func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c == '\n':
			b = append(b, '\\', 'n')
			i++
		case c == '\r':
			b = append(b, '\\', 'r')
			i++
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			i++
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r == utf8.RuneError && n == 1:
				b = append(b, "\uFFFD"...)
			case r == '\u2028' || r == '\u2029':
				b = append(b, '\\', 'u', '2', '0', '2', hex[r&15])
			default:
				b = append(b, s[i:i+n]...)
			}
			i += n
		}
	}
	return append(b, '"')
}

// The constructors that formats.go draws cards with.

func obj(members ...member) *node { return &node{kind: objectNode, members: members} }
func arr(items ...*node) *node    { return &node{kind: arrayNode, items: items} }
func str(s string) *node          { return &node{kind: stringNode, str: s} }
func raw(s string) *node          { return &node{kind: rawNode, str: s} }
func txt(t *text) *node           { return &node{kind: stringNode, text: t} }

func prop(name string, value *node) member { return member{name, value} }
func is(name, value string) member         { return member{name, str(value)} }
func yes(name string) member               { return member{name, raw("true")} }

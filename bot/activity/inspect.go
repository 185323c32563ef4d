package activity

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
)

// frame is an object or array that inspect is inside of.
type frame struct {
	names  map[string]bool // of an object: members so far; nil for an array
	fold   bool            // members are Go fields, which ignore case
	atName bool            // the next token is a member's name
	name   string          // the member being read
}

// inspect walks the JSON once, before anything is decoded from it: depth,
// duplicate members, NUL characters (PostgreSQL stores none), one object and
// nothing after it. encoding/json would take the last of two equal members.
func inspect(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var stack []*frame
	for {
		token, err := dec.Token()
		if err != nil {
			return &Error{Problem: NotJSON, Err: err}
		}
		var top *frame
		if len(stack) > 0 {
			top = stack[len(stack)-1]
		}
		if top == nil && token != json.Delim('{') {
			return &Error{Problem: NoObject}
		}
		if s, ok := token.(string); ok && strings.ContainsRune(s, 0) {
			return &Error{Problem: NotJSON, Field: path(stack), Err: errors.New("a NUL character")}
		}

		switch token {
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			if len(stack) == 0 {
				return nothingAfter(dec)
			}
			continue
		}
		if top != nil && top.names != nil {
			if top.atName {
				name, _ := token.(string)
				key := name
				if top.fold {
					key = strings.Map(fold, name)
				}
				if top.names[key] {
					return &Error{Problem: Duplicate, Field: path(append(stack[:len(stack)-1], &frame{name: name}))}
				}
				top.names[key], top.name, top.atName = true, name, false
				continue
			}
			top.atName = true
		}
		delim, ok := token.(json.Delim)
		if !ok {
			continue
		}
		if len(stack) >= MaxDepth {
			return &Error{Problem: TooDeep}
		}
		next := &frame{fold: top == nil || top.fold && !isFree(top.name)}
		if delim == '{' {
			next.names, next.atName = map[string]bool{}, true
		} else if top != nil {
			next.name = top.name
		}
		stack = append(stack, next)
	}
}

// isFree says whether a member's content is the sender's own: there "a" and "A"
// are two names.
func isFree(name string) bool {
	switch strings.ToLower(name) {
	case "value", "content", "entities":
		return true
	}
	return false
}

// fold maps a rune as encoding/json does when it compares a member's name with a
// field's: to the smallest of those that are the same but for case. strings.ToLower
// would not do: to encoding/json "ſerviceUrl" is serviceUrl.
func fold(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}

func nothingAfter(dec *json.Decoder) error {
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &Error{Problem: NotJSON, Err: errors.New("something follows the activity")}
	}
	return nil
}

func path(stack []*frame) string {
	var names []string
	for _, f := range stack {
		if f.name != "" && (len(names) == 0 || f.names != nil || names[len(names)-1] != f.name) {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ".")
}

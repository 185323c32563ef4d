package survey

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// Cards are built of objects whose members keep their order, so that golden files read like cards.

type member struct {
	name  string
	value any // string, int, bool, object, []object, []string, json.RawMessage, []json.RawMessage
}

type object []member

func appendObject(b []byte, o object) []byte {
	b = append(b, '{')
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, m.name), ':')
		switch v := m.value.(type) {
		case string:
			b = appendString(b, v)
		case int:
			b = strconv.AppendInt(b, int64(v), 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case json.RawMessage:
			b = append(b, v...)
		case object:
			b = appendObject(b, v)
		case []object:
			b = appendList(b, v, appendObject)
		case []string:
			b = appendList(b, v, appendString)
		case []json.RawMessage:
			b = appendList(b, v, func(b []byte, raw json.RawMessage) []byte { return append(b, raw...) })
		}
	}
	return append(b, '}')
}

func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, v)
	}
	return append(b, ']')
}

// appendString leaves <, > and & as they are: Teams counts every character.
func appendString(b []byte, s string) []byte {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) { // nearly all of them
		return append(append(append(b, '"'), s...), '"')
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always can be
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}

package message

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"herald/campaigns/message/wire"
)

// maxCardDepth: objects inside objects. Ten columns in columns are not a card.
const maxCardDepth = 20

// cardVersion is the newest version that Teams shows (platform.md §5).
const cardVersion = "1.5"

// maxCardSource bounds what is parsed at all; how large the card may be for
// Teams is measured on what is sent.
const maxCardSource = 256 << 10

// reservedKey is the name under which Herald puts its own data into a card's
// answers; an author's card must not be able to speak in Herald's name.
const reservedKey = "herald"

// What a card of version 1.5 may hold in Teams, and what each must have.
var (
	cardElements = map[string][]string{
		"TextBlock": {"text"}, "RichTextBlock": {"inlines"}, "TextRun": {"text"}, "Image": {"url"}, "ImageSet": {"images"},
		"Container": {"items"}, "ColumnSet": nil, "Column": nil, "FactSet": {"facts"}, "ActionSet": {"actions"},
		"Table": nil, "TableRow": nil, "TableCell": nil,
		"Input.Text": {"id"}, "Input.Number": {"id"}, "Input.Date": {"id"}, "Input.Time": {"id"}, "Input.Toggle": {"id", "title"}, "Input.ChoiceSet": {"id"},
	}
	cardActions = map[string][]string{
		"Action.OpenUrl": {"url"}, "Action.Submit": nil, "Action.Execute": nil, "Action.ShowCard": {"card"}, "Action.ToggleVisibility": {"targetElements"},
	}
)

// The properties that hold elements or actions.
var (
	elementLists = map[string]bool{"body": true, "items": true, "images": true}
	actionLists  = map[string]bool{"actions": true}
	actionProps  = map[string]bool{"selectAction": true, "inlineAction": true}
	// impliedType: here "type" may be left out.
	impliedType = map[string]string{"columns": "Column", "rows": "TableRow", "cells": "TableCell", "inlines": "TextRun"}
)

var versionForm = regexp.MustCompile(`^(\d{1,3})\.(\d{1,3})$`)

// card checks a card that was given as JSON.
func (v *validator) card(src []byte) {
	if len(src) > maxCardSource {
		v.add("/content/card", "json_too_large", fmt.Sprintf("The card's JSON has %d KB; %d KB are the most, indentation included.", len(src)/1024, maxCardSource/1024), "", Params{"size": len(src) / 1024, "limit": maxCardSource / 1024})
		return
	}
	root, err := parseTree(src)
	if err != nil {
		var je *jsonError
		if errors.As(err, &je) {
			v.add("/content/card"+je.pointer, je.code, je.msg, "", je.params)
		}
		return
	}
	if root.kind != objectNode {
		v.add("/content/card", "not_an_object", "The card must be a JSON object that starts with {.", "", nil)
		return
	}
	// First, because it bounds the work of all that follows: a hundred thousand
	// brackets keep a Markdown parser busy for half a minute.
	if n := wire.Size(compileTree(root).run(nil)); n > wire.MaxSize {
		v.tooLarge("/content/card", n)
		return
	}
	c := cardChecker{validator: v, ids: map[string]bool{}}
	c.cardObject(root, "/content/card", 1)
}

type cardChecker struct {
	*validator
	ids map[string]bool
}

// cardObject checks an AdaptiveCard: the root, or what a ShowCard shows.
func (c *cardChecker) cardObject(n *node, at string, depth int) {
	root := depth == 1
	if t := n.string("type"); t != "AdaptiveCard" && (root || n.get("type") != nil) {
		c.add(at+"/type", "not_a_card", `The card's "type" must be "AdaptiveCard".`, t, Params{"property": "type", "expected": "AdaptiveCard"})
	}
	version := n.string("version")
	switch m := versionForm.FindStringSubmatch(version); {
	case n.get("version") == nil && !root:
	case n.get("version") == nil:
		c.add(at+"/version", "version_missing", `The card has no version; add "version": "1.5".`, "", Params{"property": "version", "version": cardVersion})
	case m == nil:
		c.add(at+"/version", "version_invalid", `The card's version must be a text such as "1.5".`, version, Params{"version": cardVersion})
	default:
		major, _ := strconv.Atoi(m[1])
		minor, _ := strconv.Atoi(m[2])
		if major != 1 || minor > 5 {
			c.add(at+"/version", "version_unsupported", "Teams shows cards up to version 1.5; declare 1.5 or less.", version, Params{"version": cardVersion})
		}
	}
	for _, name := range []string{"refresh", "authentication"} {
		if n.get(name) != nil {
			c.add(at+"/"+name, "property_not_supported", fmt.Sprintf("%q needs a bot that answers it, and Herald does not; leave it out.", name), "", Params{"property": name})
		}
	}
	c.members(n, at, "", depth)
}

// members checks what an object holds. in is the property that holds the object.
func (c *cardChecker) members(n *node, at, in string, depth int) {
	for _, m := range n.members {
		here := at + "/" + escapePointer(m.name)
		switch {
		case opaque(m.name):
			c.data(m.value, here, m.name)
		case (elementLists[m.name] || actionLists[m.name]) && m.value.kind != arrayNode:
			if m.value.str != "null" {
				c.add(here, "list_expected", fmt.Sprintf("%q must be a list.", m.name), "", Params{"property": m.name})
			}
		case m.name == "card" && n.string("type") == "Action.ShowCard":
			if m.value.kind != objectNode {
				c.add(here, "card_expected", `"card" must be a card.`, "", Params{"property": "card"})
				continue
			}
			if c.deep(here, depth) {
				continue
			}
			c.cardObject(m.value, here, depth+1)
		case m.value.kind == stringNode:
			c.str(n, m, here, in)
		case m.value.kind == objectNode:
			c.object(m.value, here, m.name, in, depth)
		case m.value.kind == arrayNode:
			for i, item := range m.value.items {
				c.item(item, here+"/"+strconv.Itoa(i), m.name, depth)
			}
		default:
			if _, ok := encodingOf(n, in, m.name); ok && m.value.str != "null" {
				c.add(here, "text_expected", fmt.Sprintf("%q must be a text in quotes.", m.name), m.value.str, Params{"property": m.name})
			}
		}
	}
}

func (c *cardChecker) item(n *node, at, in string, depth int) {
	switch n.kind {
	case objectNode:
		c.object(n, at, in, "", depth)
	case arrayNode:
		if c.deep(at, depth) {
			return
		}
		for i, x := range n.items {
			c.item(x, at+"/"+strconv.Itoa(i), in, depth+1)
		}
	case stringNode:
		if in == "inlines" {
			c.plain(at, n.str)
		}
		c.script(at, n.str)
		if elementLists[in] || actionLists[in] {
			c.add(at, "element_expected", "Here must be an object with a type.", n.str, nil)
		}
	default:
		if elementLists[in] || actionLists[in] {
			c.add(at, "element_expected", "Here must be an object with a type.", n.str, nil)
		}
	}
}

func (c *cardChecker) deep(at string, depth int) bool {
	if depth < maxCardDepth {
		return false
	}
	c.add(at, "too_deep", fmt.Sprintf("The card is nested deeper than %d levels; make it flatter.", maxCardDepth), "", Params{"limit": maxCardDepth})
	return true
}

// object checks an element, an action, or a plain object such as a fact. in is
// the property that holds it or its list, outer the one around that (for fallback).
func (c *cardChecker) object(n *node, at, in, outer string, depth int) {
	if c.deep(at, depth) {
		return
	}
	typ := n.string("type")
	place := in
	if in == "fallback" {
		place = outer
	}
	isAction := actionLists[place] || actionProps[place] || in == "fallback" && strings.HasPrefix(typ, "Action.")
	switch {
	case isAction:
		c.kind(n, at, typ, cardActions, "action")
		if actionProps[place] && typ == "Action.ShowCard" {
			c.add(at+"/type", "action_misplaced", "Action.ShowCard cannot stand here; use it as a button.", typ, Params{"type": typ})
		}
		c.reserved(n, at)
	case elementLists[in] || in == "fallback":
		c.kind(n, at, typ, cardElements, "element")
	case impliedType[in] != "":
		if n.get("type") != nil && typ != impliedType[in] {
			c.add(at+"/type", "element_misplaced", fmt.Sprintf("Only a %s can stand here.", impliedType[in]), typ, Params{"expected": impliedType[in]})
		}
		c.required(n, at, impliedType[in])
	case n.get("type") != nil && in != "backgroundImage":
		// An object with a type where we know of none: Data.Query and the like.
		c.add(at+"/type", "unknown_element", fmt.Sprintf("Teams does not show %q in a card of version 1.5.", typ), typ, Params{"type": typ, "version": cardVersion})
	}
	if strings.HasPrefix(typ, "Input.") {
		c.input(n, at)
	}
	c.members(n, at, in, depth+1)
}

func (c *cardChecker) kind(n *node, at, typ string, known map[string][]string, what string) {
	if typ == "" {
		c.add(at+"/type", "type_missing", fmt.Sprintf("This %s has no type.", what), "", Params{"kind": what})
		return
	}
	if _, ok := known[typ]; !ok {
		params := Params{"type": typ, "version": cardVersion}
		msg := fmt.Sprintf("Teams knows no %s %q in a card of version 1.5.", what, typ)
		for k := range known {
			if strings.EqualFold(k, typ) {
				msg += fmt.Sprintf(" Did you mean %q?", k)
				params["suggestion"] = k
			}
		}
		c.add(at+"/type", "unknown_"+what, msg, typ, params)
		return
	}
	c.required(n, at, typ)
}

func (c *cardChecker) required(n *node, at, typ string) {
	need := cardElements[typ]
	if need == nil {
		need = cardActions[typ]
	}
	for _, name := range need {
		if m := n.get(name); m == nil || m.kind == rawNode && m.str == "null" {
			c.add(at+"/"+name, "property_missing", fmt.Sprintf("%s needs %q.", typ, name), "", Params{"type": typ, "property": name})
		}
	}
}

// input: ids are the keys of the answers, so they must be there once and not ours.
func (c *cardChecker) input(n *node, at string) {
	id := n.string("id")
	switch {
	case id == "":
	case strings.EqualFold(id, reservedKey):
		c.add(at+"/id", "reserved_key", fmt.Sprintf("%q is a name that Herald needs for itself; choose another.", id), id, Params{"name": id})
	case c.ids[id]:
		c.add(at+"/id", "duplicate_id", "Two inputs have this id, so their answers would be mixed; give each its own.", id, nil)
	}
	c.ids[id] = true
}

func (c *cardChecker) reserved(n *node, at string) {
	if d := n.get("data"); d != nil {
		for _, m := range d.members {
			if strings.EqualFold(m.name, reservedKey) {
				c.add(at+"/data/"+escapePointer(m.name), "reserved_key", fmt.Sprintf("%q is a name that Herald needs for itself; choose another.", m.name), m.name, Params{"name": m.name})
			}
		}
	}
	if verb := n.string("verb"); len(verb) >= len(reservedKey) && strings.EqualFold(verb[:len(reservedKey)], reservedKey) {
		c.add(at+"/verb", "reserved_verb", "Verbs that start with \"herald\" are Herald's own; choose another.", verb, Params{"prefix": reservedKey})
	}
}

// str checks one string property.
func (c *cardChecker) str(o *node, m member, at, in string) {
	if c.script(at, m.value.str) {
		return
	}
	switch {
	case isButtonURL(o, m.name):
		c.plain(at, m.value.str)
		c.fault(at, checkButton(m.value.str), m.value.str)
	case isImageURL(o, m.name):
		c.image(at, m.value.str)
	default:
		enc, ok := encodingOf(o, in, m.name)
		if !ok {
			return
		}
		if enc != given {
			c.plain(at, m.value.str)
		} else if utf8.RuneCountInString(m.value.str) > MaxText {
			c.length(at, "text_too_long", m.value.str, MaxText)
		} else {
			eachGiven(m.value.str, func(string) {}, func(x variable) { c.variable(at, x) })
			for _, dest := range links(m.value.str) {
				c.link(at, dest)
			}
		}
	}
}

// script refuses script addresses wherever they stand: which property a client
// hands to a browser is the client's business.
func (c *cardChecker) script(at, s string) bool {
	if !isScript(s) {
		return false
	}
	c.fault(at, &faultScript, s)
	return true
}

// data checks what is the author's own: the data of an action, msteams.
func (c *cardChecker) data(n *node, at, name string) {
	switch n.kind {
	case stringNode:
		c.script(at, n.str)
	case arrayNode:
		for i, x := range n.items {
			c.data(x, at+"/"+strconv.Itoa(i), name)
		}
	case objectNode:
		// data.msteams {"type":"signin","value":url} opens a window at url.
		if name == "msteams" && n.string("type") == "signin" {
			c.fault(at+"/value", checkHTTPS(n.string("value")), n.string("value"))
		}
		for _, m := range n.members {
			c.data(m.value, at+"/"+escapePointer(m.name), m.name)
		}
	}
}

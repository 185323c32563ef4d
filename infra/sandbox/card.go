package sandbox

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dlclark/regexp2"
)

// The Adaptive Cards client: finds the pressed button, gathers and checks the inputs it sends along, and merges them into
// the action's data. It follows Microsoft's adaptivecards renderer (3.0): an input without a value is not sent, values are
// texts, a required toggle must be on, inputs win over data, an action in a ShowCard takes the inputs around it but not
// those of other ShowCards.

const (
	actionSubmit  = "Action.Submit"
	actionExecute = "Action.Execute"
	cardType      = "application/vnd.microsoft.card.adaptive"
)

type element = map[string]any

// button is an action with the inputs in its reach.
type button struct {
	action element
	inputs []element
}

// pressed is a button with everything it sends.
type pressed struct {
	kind string
	id   string
	verb string
	data map[string]any
}

// refreshOf is the action with which a card asks by itself how it looks for a person; ok is false when it does not.
func refreshOf(card element, person string) (p pressed, ok bool) {
	refresh, _ := card["refresh"].(map[string]any)
	action, _ := refresh["action"].(map[string]any)
	ids, _ := refresh["userIds"].([]any)
	for _, id := range ids {
		ok = ok || id == person
	}
	p = pressed{kind: actionExecute, id: text(action, "id"), verb: text(action, "verb")}
	p.data, _ = action["data"].(map[string]any)
	return p, ok && text(action, "type") == actionExecute
}

func (p pressed) invokeValue(trigger string) map[string]any {
	action := map[string]any{"type": actionExecute, "data": p.data}
	if p.id != "" {
		action["id"] = p.id
	}
	if p.verb != "" {
		action["verb"] = p.verb
	}
	return map[string]any{"action": action, "trigger": trigger}
}

func unprocessable(code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusUnprocessableEntity, code: code, message: fmt.Sprintf(format, args...)}
}

// press finds the button in the activity's cards and prepares what it sends.
func press(raw json.RawMessage, in SubmitRequest) (pressed, error) {
	cards := cardsOf(raw)
	if len(cards) == 0 {
		return pressed{}, unprocessable("no_card", "the message has no Adaptive Card")
	}
	var buttons []button
	for _, card := range cards {
		buttons = append(buttons, buttonsOf(card, nil)...)
	}
	b, err := choose(buttons, in.Action)
	if err != nil {
		return pressed{}, err
	}
	inputs := b.inputs
	if text(b.action, "associatedInputs") == "none" {
		inputs = nil
	}
	values, err := gather(inputs, in)
	if err != nil {
		return pressed{}, err
	}
	p := pressed{kind: text(b.action, "type"), id: text(b.action, "id"), verb: text(b.action, "verb"), data: map[string]any{}}
	if data, ok := b.action["data"].(map[string]any); ok {
		for k, v := range data {
			p.data[k] = v
		}
	}
	for k, v := range values {
		p.data[k] = v
	}
	return p, nil
}

func cardsOf(raw json.RawMessage) []element {
	var a struct {
		Attachments []struct {
			ContentType string  `json:"contentType"`
			Content     element `json:"content"`
		} `json:"attachments"`
	}
	if json.Unmarshal(raw, &a) != nil {
		return nil
	}
	var out []element
	for _, at := range a.Attachments {
		if at.ContentType == cardType && at.Content != nil {
			out = append(out, at.Content)
		}
	}
	return out
}

func replaceCard(raw, card json.RawMessage) (json.RawMessage, bool) {
	var content element
	if json.Unmarshal(card, &content) != nil || content == nil {
		return nil, false
	}
	fields := map[string]json.RawMessage{}
	var attachments []map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || json.Unmarshal(fields["attachments"], &attachments) != nil {
		return nil, false
	}
	for _, at := range attachments {
		if string(at["contentType"]) == strconv.Quote(cardType) {
			at["content"] = card
			list, err := json.Marshal(attachments)
			if err != nil {
				return nil, false
			}
			fields["attachments"] = list
			out, err := json.Marshal(fields)
			return out, err == nil
		}
	}
	return nil, false
}

// buttonsOf lists the submitting actions of a card with the inputs each one sends: those of its own card and of the cards
// around it.
func buttonsOf(card element, around []element) []button {
	var inputs, actions []element
	var nested []element
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			switch kind := text(v, "type"); {
			case strings.HasPrefix(kind, "Input."):
				inputs = append(inputs, v)
			case kind == actionSubmit || kind == actionExecute:
				actions = append(actions, v)
				return // its fallback is another rendering of the same button, its data no element
			case kind == "Action.ShowCard":
				if inner, ok := v["card"].(map[string]any); ok {
					nested = append(nested, inner)
				}
				return
			case strings.HasPrefix(kind, "Action."):
				return
			}
			for _, key := range childKeys {
				walk(v[key])
			}
		}
	}
	walk(card)
	reach := append(append([]element{}, around...), inputs...)
	out := []button{}
	for _, a := range actions {
		out = append(out, button{action: a, inputs: reach})
	}
	for _, inner := range nested {
		out = append(out, buttonsOf(inner, reach)...)
	}
	return out
}

// childKeys are the properties that hold elements, in the order the renderer shows them.
var childKeys = []string{"body", "items", "columns", "rows", "cells", "inlines", "images", "selectAction", "inlineAction", "actions"}

func text(e element, key string) string {
	s, _ := e[key].(string)
	return s
}

func choose(buttons []button, name string) (button, error) {
	var found []button
	for _, b := range buttons {
		if name == "" || text(b.action, "title") == name || text(b.action, "verb") == name || text(b.action, "id") == name {
			found = append(found, b)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1 && name == "":
		return button{}, unprocessable("action_ambiguous", "the card has %d buttons: say which by title or verb", len(found))
	case len(found) > 1:
		return button{}, unprocessable("action_ambiguous", "the card has %d buttons called %q", len(found), name)
	case len(buttons) == 0:
		return button{}, unprocessable("action_not_found", "the card has no button that submits")
	}
	return button{}, unprocessable("action_not_found", "the card has no button %q", name)
}

// gather answers what the inputs send: what the person gave, or else what the card pre-filled.
func gather(inputs []element, in SubmitRequest) (map[string]any, error) {
	values, known := map[string]any{}, map[string]bool{}
	var wrong []inputError
	for _, input := range inputs {
		id := text(input, "id")
		if id == "" {
			continue
		}
		known[id] = true
		value := stringOf(input["value"])
		if text(input, "type") == "Input.Toggle" {
			value = or(value, toggleOff(input))
		}
		if given, ok := in.Inputs[id]; ok {
			value = stringOf(given)
		}
		if problem := check(input, value); problem != "" && !in.Force {
			wrong = append(wrong, inputError{ID: id, Message: or(text(input, "errorMessage"), problem)})
		}
		if isSet(input, value) {
			values[id] = value
		}
	}
	for id, v := range in.Inputs {
		switch {
		case known[id]:
		case in.Force:
			values[id] = stringOf(v)
		default:
			wrong = append(wrong, inputError{ID: id, Message: "the card has no such input"})
		}
	}
	if len(wrong) > 0 {
		e := unprocessable("input_invalid", "input %q: %s", wrong[0].ID, wrong[0].Message)
		e.input, e.inputs = wrong[0].ID, wrong
		return nil, e
	}
	return values, nil
}

// stringOf writes a value as the renderer does: texts as they are, lists of choices joined by commas.
func stringOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = stringOf(e)
		}
		return strings.Join(parts, ",")
	}
	raw, _ := json.Marshal(v)
	return string(raw)
}

func toggleOn(e element) string  { return or(text(e, "valueOn"), "true") }
func toggleOff(e element) string { return or(text(e, "valueOff"), "false") }

func isRequired(e element) bool {
	required, _ := e["isRequired"].(bool)
	return required
}

func isSet(e element, value string) bool {
	if text(e, "type") == "Input.Toggle" && isRequired(e) {
		return value == toggleOn(e)
	}
	return value != ""
}

// check says what the client would object to, or nothing.
func check(e element, value string) string {
	if !isSet(e, value) {
		if isRequired(e) {
			return "a value is required"
		}
		if value == "" {
			return ""
		}
	}
	switch text(e, "type") {
	case "Input.Text":
		return checkText(e, value)
	case "Input.Number":
		return checkNumber(e, value)
	case "Input.Date":
		return checkTime(e, value, "2006-01-02", "a date such as 2026-11-27")
	case "Input.Time":
		return checkTime(e, value, "15:04", "a time such as 14:30")
	case "Input.Toggle":
		if value != toggleOn(e) && value != toggleOff(e) {
			return fmt.Sprintf("is either %q or %q", toggleOn(e), toggleOff(e))
		}
	case "Input.ChoiceSet":
		return checkChoice(e, value)
	}
	return ""
}

func checkText(e element, value string) string {
	if n, ok := e["maxLength"].(float64); ok && n > 0 && utf16Size(value)/2 > int(n) {
		return fmt.Sprintf("at most %d characters", int(n))
	}
	if pattern := text(e, "regex"); pattern != "" {
		ok, err := matches(pattern, value)
		if err != nil {
			return fmt.Sprintf("the card's pattern %q is not valid", pattern)
		}
		if !ok {
			return "does not have the expected form"
		}
	}
	return ""
}

// matches evaluates a pattern of JavaScript. Go's own engine takes nearly all of them and never runs away; what it does not
// know (lookahead, back references) goes to one that does, with a limit on its time.
func matches(pattern, value string) (bool, error) {
	if re, err := regexp.Compile(pattern); err == nil {
		return re.MatchString(value), nil
	}
	re, err := regexp2.Compile(pattern, regexp2.ECMAScript)
	if err != nil {
		return false, err
	}
	re.MatchTimeout = time.Second
	ok, err := re.MatchString(value)
	return ok && err == nil, nil
}

func checkNumber(e element, value string) string {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return "is not a number"
	}
	if least, ok := e["min"].(float64); ok && n < least {
		return fmt.Sprintf("is at least %v", least)
	}
	if most, ok := e["max"].(float64); ok && n > most {
		return fmt.Sprintf("is at most %v", most)
	}
	return ""
}

// checkTime compares as texts: dates and times in these layouts sort as they are.
func checkTime(e element, value, layout, example string) string {
	if _, err := time.Parse(layout, value); err != nil {
		return "is not " + example
	}
	if least := text(e, "min"); least != "" && value < least {
		return "is not before " + least
	}
	if most := text(e, "max"); most != "" && value > most {
		return "is not after " + most
	}
	return ""
}

func checkChoice(e element, value string) string {
	if text(e, "style") == "filtered" && e["choices.data"] != nil {
		return "" // choices that a bot would look up
	}
	allowed := map[string]bool{}
	choices, _ := e["choices"].([]any)
	for _, v := range choices {
		if choice, ok := v.(map[string]any); ok {
			allowed[text(choice, "value")] = true
		}
	}
	chosen := []string{value}
	if multi, _ := e["isMultiSelect"].(bool); multi {
		chosen = strings.Split(value, ",")
	}
	for _, v := range chosen {
		if !allowed[v] {
			return fmt.Sprintf("%q is none of the choices", v)
		}
	}
	return ""
}

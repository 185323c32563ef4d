package message_test

import (
	"encoding/json"
	"strings"
	"testing"

	"herald/campaigns/message"
)

// What is embedded in a card reads, after Compile and Render, like the same Markdown in a card from the form.
func TestEmbedIsTheFormsText(t *testing.T) {
	t.Parallel()
	person := message.Person{FirstName: "Zoë_*", LastName: "1. x", Columns: map[string]string{"D": "](javascript:x)"}}
	for _, in := range append([]string{
		news, "[FIRSTNAME]", "- [FIRSTNAME]\n- [LASTNAME|no (b]\n\n[LASTNAME]", `\[FIRSTNAME\] and **[FIRSTNAME|x]**(a)`, `[FIRSTNAME]\(https://x.example)`,
		"[see [FIRSTNAME]](https://x.example)", "*[D]*", "![FIRSTNAME]", "", "a [1] b [ ] \\[D]", "# [D]\n[FIRSTNAME]) x", "[D|a\\]b",
	}, hostile...) {
		blocks, words := message.Embed(in)
		form := bodyItems(t, message.Content{Title: "T", Text: in}, person)[1:]
		raw, _ := json.Marshal(blocks)
		if len(blocks) == 0 {
			raw = []byte(`[]`)
		}
		got := bodyItems(t, message.Content{Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","body":` + string(raw) + `}`)}, person)
		a, _ := json.Marshal(form)
		b, _ := json.Marshal(got)
		if strip(string(a)) != strip(string(b)) {
			t.Errorf("%q:\n%s, want\n%s", in, b, a)
		}
		if n := len([]rune(words)); n > 300 || (words == "") != (len(blocks) == 0) {
			t.Errorf("%q: words %q", in, words)
		}
	}
}

// strip takes out what differs without being seen: backslashes before what needs none, the empty width.
func strip(s string) string { return strings.NewReplacer(`\\(`, "(", "\u2060", "").Replace(s) }

func bodyItems(t *testing.T, c message.Content, p message.Person) []any {
	t.Helper()
	tpl, err := message.Compile(message.Card, c, options)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := tpl.Render(p)
	var card struct{ Body []any }
	if err := json.Unmarshal(r.Activity.Attachments[0].Content.(json.RawMessage), &card); err != nil {
		t.Fatal(err)
	}
	return card.Body
}

func TestLiteralsHoldNoVariables(t *testing.T) {
	t.Parallel()
	for _, s := range append([]string{"[FIRSTNAME]", "a [x](https://x.example) [FIRSTNAME|b]", "[[LASTNAME]]", `\[FIRSTNAME]`, "1. [ FIRSTNAME ]"}, hostile...) {
		card, _ := json.Marshal(map[string]any{"type": "AdaptiveCard", "version": "1.5", "fallbackText": message.NoVariables(s), "body": []any{
			map[string]any{"type": "TextBlock", "text": message.Literal(s)},
			map[string]any{"type": "Input.Text", "id": "a", "value": message.NoVariables(s)},
			map[string]any{"type": "Input.ChoiceSet", "id": "b", "choices": []any{map[string]any{"title": message.NoVariables(s), "value": "x"}}},
		}})
		tpl, err := message.Compile(message.Card, message.Content{Card: card}, options)
		if err != nil {
			t.Fatal(err)
		}
		if v := tpl.Variables(); len(v) > 0 {
			t.Errorf("%q has the variables %v", s, v)
		}
		if st, _ := shape(message.Literal(s)); strings.Contains(st, "Link") || strings.Contains(st, "Emphasis") || strings.Contains(st, "List") {
			t.Errorf("%q is read as %s", message.Literal(s), st)
		}
		if got := message.WithVariables(message.NoVariables(s)); got != s && !strings.Contains(s, "\u2060") {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

// A slot holds what a person has there, as text and nothing else; it is found in what is opaque too, and only if it is named.
func TestSlots(t *testing.T) {
	t.Parallel()
	card, _ := json.Marshal(map[string]any{"type": "AdaptiveCard", "version": "1.5", "fallbackText": "x",
		"refresh": map[string]any{"userIds": []string{message.Slot("mri"), "29:fixed"}},
		"body":    []any{map[string]any{"type": "TextBlock", "text": "[FIRSTNAME]"}, map[string]any{"type": "TextBlock", "text": message.Line(message.Slot("mri"))}},
		"actions": []any{map[string]any{"type": "Action.Execute", "data": map[string]any{"a": message.Slot("token"), "b": message.Slot("other"), "c": "[FIRSTNAME]"}}}})
	opt := options
	opt.Slots = []string{"mri", "token"}
	tpl, err := message.Compile(message.Card, message.Content{Card: card}, opt)
	if err != nil {
		t.Fatal(err)
	}
	if vars := tpl.Variables(); len(vars) != 1 || vars[0] != "FIRSTNAME" {
		t.Errorf("variables %q", vars)
	}
	for _, value := range append([]string{"", "29:1abc"}, hostile...) {
		r, err := tpl.Render(message.Person{FirstName: message.Slot("mri"), Slots: map[string]string{"mri": value, "other": "no"}})
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Refresh struct{ UserIDs []string }
			Body    []struct{ Text string }
			Actions []struct{ Data map[string]string }
		}
		if err := json.Unmarshal(r.Activity.Attachments[0].Content.(json.RawMessage), &got); err != nil {
			t.Fatal(err)
		}
		if ids := got.Refresh.UserIDs; len(ids) != 2 || ids[0] != string([]rune(value)) || ids[1] != "29:fixed" {
			t.Errorf("%q: %q", value, ids)
		}
		if d := got.Actions[0].Data; d["a"] != "" || d["b"] != message.Slot("other") || d["c"] != "[FIRSTNAME]" {
			t.Errorf("data %q", d)
		}
		if got.Body[0].Text != "mri" || got.Body[1].Text != "mri" {
			t.Errorf("texts %q", got.Body)
		}
	}
}

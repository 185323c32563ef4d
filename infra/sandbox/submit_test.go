package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"herald/infra/sandbox"
)

const surveyCard = `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{
 "type":"AdaptiveCard","version":"1.5","body":[
  {"type":"Container","items":[
   {"type":"Input.Text","id":"name","isRequired":true,"errorMessage":"Please say who","maxLength":10,"regex":"^[a-z]+$"},
   {"type":"ColumnSet","columns":[{"type":"Column","items":[{"type":"Input.Number","id":"stars","min":1,"max":5,"value":3}]}]}]},
  {"type":"Input.ChoiceSet","id":"fruit","isMultiSelect":true,"choices":[{"title":"A","value":"a"},{"title":"B","value":"b"}]},
  {"type":"Input.Toggle","id":"news","title":"News"},
  {"type":"Input.Toggle","id":"terms","title":"Terms","isRequired":true},
  {"type":"Input.Date","id":"day","min":"2026-01-01"},
  {"type":"ActionSet","actions":[
   {"type":"Action.Execute","title":"Send","verb":"answer","id":"go","data":{"q":1,"name":"overwritten"},"fallback":{"type":"Action.Submit","title":"Send"}},
   {"type":"Action.Submit","title":"Skip","associatedInputs":"none","data":{"skip":true}},
   {"type":"Action.OpenUrl","title":"More","url":"https://example.com"}]}],
 "actions":[{"type":"Action.ShowCard","title":"Comment","card":{"type":"AdaptiveCard","body":[{"type":"Input.Text","id":"comment","isRequired":true}],
   "actions":[{"type":"Action.Submit","title":"Comment now"}]}}]}}]}`

func (c *cloud) sendCard(conversation, card string) string {
	c.t.Helper()
	r := c.connector("POST", "/"+conversation+"/activities", card)
	if r.status != 200 {
		c.t.Fatalf("%d %s", r.status, r.raw)
	}
	return r.json(c.t)["id"].(string)
}

func TestSubmitValidatesAsTheClientDoes(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	card := c.sendCard(conversation, surveyCard)
	plain := c.send(conversation, "no card")
	c.bot.take()
	good := func(change map[string]any) map[string]any {
		in := map[string]any{"name": "zoe", "terms": "true"}
		for k, v := range change {
			in[k] = v
			if v == nil {
				delete(in, k)
			}
		}
		return in
	}
	for _, tc := range []struct {
		name, activity, action string
		inputs                 map[string]any
		status                 int
		code, input            string
	}{
		{"nothing given", card, "Send", map[string]any{}, 422, "input_invalid", "name"},
		{"required text empty", card, "Send", good(map[string]any{"name": ""}), 422, "input_invalid", "name"},
		{"pattern", card, "Send", good(map[string]any{"name": "Zoe1"}), 422, "input_invalid", "name"},
		{"too long", card, "Send", good(map[string]any{"name": "abcdefghijk"}), 422, "input_invalid", "name"},
		{"number over", card, "answer", good(map[string]any{"stars": 6}), 422, "input_invalid", "stars"},
		{"number under", card, "go", good(map[string]any{"stars": "0"}), 422, "input_invalid", "stars"},
		{"not a number", card, "Send", good(map[string]any{"stars": "many"}), 422, "input_invalid", "stars"},
		{"not a choice", card, "Send", good(map[string]any{"fruit": "a,c"}), 422, "input_invalid", "fruit"},
		{"toggle neither", card, "Send", good(map[string]any{"news": "perhaps"}), 422, "input_invalid", "news"},
		{"required toggle off", card, "Send", good(map[string]any{"terms": false}), 422, "input_invalid", "terms"},
		{"date before", card, "Send", good(map[string]any{"day": "2025-12-31"}), 422, "input_invalid", "day"},
		{"no date", card, "Send", good(map[string]any{"day": "tomorrow"}), 422, "input_invalid", "day"},
		{"unknown input", card, "Send", good(map[string]any{"other": "x"}), 422, "input_invalid", "other"},
		{"input of another card", card, "Send", good(map[string]any{"comment": "x"}), 422, "input_invalid", "comment"},
		{"the show card's own input", card, "Comment now", good(nil), 422, "input_invalid", "comment"},
		{"which button?", card, "", good(nil), 422, "action_ambiguous", ""},
		{"no such button", card, "Explode", good(nil), 422, "action_not_found", ""},
		{"a link submits nothing", card, "More", good(nil), 422, "action_not_found", ""},
		{"no card", plain, "Send", nil, 422, "no_card", ""},
		{"no message", "1", "Send", nil, 404, "activity_not_found", ""},
		{"good", card, "Send", good(nil), 200, "", ""},
		{"skip needs no inputs", card, "Skip", nil, 200, "", ""},
		{"show card with the inputs around it", card, "Comment now", good(map[string]any{"comment": "hm"}), 200, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := c.do("POST", c.URL()+"/api/users/"+p.ID+"/submit", "", sandbox.SubmitRequest{ActivityID: tc.activity, Action: tc.action, Inputs: tc.inputs})
			if r.status != tc.status || r.errorCode(t) != tc.code {
				t.Fatalf("%d %s", r.status, r.raw)
			}
			if tc.input != "" && at(r.json(t), "error", "input") != tc.input {
				t.Errorf("input %v, want %s", at(r.json(t), "error", "input"), tc.input)
			}
			got := c.bot.take()
			if (len(got) == 0) != (tc.status != 200) {
				t.Errorf("the bot heard %s", kinds(got))
			}
		})
	}
	r := c.do("POST", c.URL()+"/api/users/"+p.ID+"/submit", "", sandbox.SubmitRequest{ActivityID: card, Action: "Send"})
	if !strings.Contains(string(r.raw), "Please say who") {
		t.Errorf("the card's own error message is missing: %s", r.raw)
	}
}

func TestSubmitMergesDataAndInputs(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	card := c.sendCard(conversation, surveyCard)
	c.bot.take()
	submit := func(in sandbox.SubmitRequest) map[string]any {
		t.Helper()
		in.ActivityID = card
		c.api(200, "POST", "/api/users/"+p.ID+"/submit", in)
		got := c.bot.take()
		if len(got) != 1 || got[0].activity["replyToId"] != card {
			t.Fatalf("the bot heard %v", got)
		}
		return got[0].activity
	}
	a := submit(sandbox.SubmitRequest{Action: "Send", Inputs: map[string]any{"name": "zoe", "terms": true, "fruit": []string{"a", "b"}}})
	if a["type"] != "invoke" || a["name"] != "adaptiveCard/action" || at(a, "value", "trigger") != "manual" || at(a, "value", "action", "verb") != "answer" {
		t.Errorf("%v", a)
	}
	raw, _ := json.Marshal(at(a, "value", "action", "data"))
	if want := `{"fruit":"a,b","name":"zoe","news":"false","q":1,"stars":"3","terms":"true"}`; string(raw) != want {
		t.Errorf("data %s, want %s", raw, want)
	}
	a = submit(sandbox.SubmitRequest{Action: "Skip"})
	if raw, _ := json.Marshal(a["value"]); a["type"] != "message" || string(raw) != `{"skip":true}` || a["text"] != nil {
		t.Errorf("%v", a)
	}
	a = submit(sandbox.SubmitRequest{Action: "Send", Force: true, Inputs: map[string]any{"stars": 99, "extra": "x"}})
	if raw, _ := json.Marshal(at(a, "value", "action", "data")); string(raw) != `{"extra":"x","name":"overwritten","news":"false","q":1,"stars":"99"}` {
		t.Errorf("forced: %s", raw)
	}
}

func TestExecuteAppliesWhatTheBotReturns(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	only := func(title string) string {
		return `{"type":"AdaptiveCard","version":"1.5","actions":[{"type":"Action.Execute","title":"` + title + `"}]}`
	}
	card := c.sendCard(conversation, `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":`+only("one")+`}]}`)
	submit := func(want int) map[string]any {
		t.Helper()
		return c.api(want, "POST", "/api/users/"+p.ID+"/submit", map[string]any{"activityId": card}).json(t)
	}
	for _, tc := range []struct {
		name, answer    string
		http, status    int
		applied, notice string
		shows           string
	}{
		{"card", `{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":` + only("two") + `}`, 200, 200, "card", "", `"two"`},
		{"message", `{"statusCode":200,"type":"application/vnd.microsoft.activity.message","value":"Thanks"}`, 200, 200, "message", "Thanks", `"two"`},
		{"error", `{"statusCode":400,"type":"application/vnd.microsoft.error","value":{"code":"BadRequest","message":"Too late"}}`, 200, 200, "error", "Too late", `"two"`},
		{"empty", ``, 200, 200, "nothing", "Too late", `"two"`},
		{"odd", `{"statusCode":200,"type":"x","value":1}`, 200, 502, "", "Too late", `"two"`},
		{"no envelope", `{"type":"AdaptiveCard"}`, 200, 502, "", "Too late", `"two"`},
		{"bot fails", `oops`, 500, 502, "", "Too late", `"two"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c.bot.answers(func(map[string]any) (int, string) { return tc.http, tc.answer })
			r := submit(tc.status)
			if tc.status == 200 && r["applied"] != tc.applied {
				t.Errorf("applied %v, want %s", r["applied"], tc.applied)
			}
			item := c.chat(p.ID)[0]
			if item.Notice != tc.notice || !strings.Contains(string(item.Activity), tc.shows) {
				t.Errorf("chat shows %+v", item)
			}
		})
	}
}

// Opening the chat lets the cards ask how they look that name the person, and only those.
func TestOpeningTheChatRefreshesCards(t *testing.T) {
	t.Parallel()
	c := start(t, sandbox.Options{})
	p, conversation := c.install(0)
	card := func(userIDs, title string) string {
		return `{"type":"AdaptiveCard","version":"1.5","refresh":{"action":{"type":"Action.Execute","verb":"look","data":{"n":7}},"userIds":[` + userIDs + `]},"body":[{"type":"TextBlock","text":"` + title + `"}]}`
	}
	send := func(content string) string {
		return c.sendCard(conversation, `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":`+content+`}]}`)
	}
	mine := send(card(`"`+p.ChannelID()+`"`, "one"))
	send(card(`"29:somebody"`, "other"))
	send(card("", "manual"))
	c.bot.take()
	open := func(answer string) (shows string) {
		t.Helper()
		c.bot.answers(func(map[string]any) (int, string) { return 200, answer })
		c.api(200, "POST", "/api/users/"+p.ID+"/refresh", map[string]any{})
		got := c.bot.take()
		if len(got) != 1 || got[0].activity["replyToId"] != mine || at(got[0].activity, "value", "trigger") != "automatic" || at(got[0].activity, "value", "action", "verb") != "look" || at(got[0].activity, "value", "action", "data", "n") != 7.0 {
			t.Fatalf("the bot heard %v", got)
		}
		item := c.chat(p.ID)[0]
		return item.Notice + string(item.Activity)
	}
	if shows := open(`{"statusCode":400,"type":"application/vnd.microsoft.error","value":{"code":"BadRequest","message":"Not now"}}`); !strings.Contains(shows, `"one"`) || strings.Contains(shows, "Not now") {
		t.Errorf("after an error: %s", shows)
	}
	if shows := open(`{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":` + card(`"`+p.ChannelID()+`"`, "two") + `}`); !strings.Contains(shows, `"two"`) {
		t.Errorf("after a card: %s", shows)
	}
}

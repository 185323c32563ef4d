package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Twenty-five people get a survey that branches: some answer to the end, by one way or the other, some stop half way, some do
// not touch it, one changes an answer. What they say is in the results, once each, and the rest can be reminded.
func TestPeopleAnswerInTheChat(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(25)
		users := h.Cloud.Users()[:25]
		api := h.Author(t)
		survey := api.OK(201, "POST", "/surveys", map[string]any{"name": "Canteen", "allowChange": true, "thanks": "See you there", "questions": []map[string]any{
			{"id": "eats", "type": "yesno", "text": "Do you eat in the canteen?", "required": true, "branch": []map[string]any{{"option": "no", "to": "why"}}},
			{"id": "stars", "type": "rating", "text": "How is it?", "required": true},
			{"id": "why", "type": "text", "text": "Anything else?"},
		}})["id"].(string)
		var emails []string
		for _, u := range users {
			emails = append(emails, u.UPN)
		}
		id := api.Create("Canteen", "survey", map[string]any{"surveyId": survey}, map[string]any{"emails": emails})
		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		api.Await(id, "completed")

		cards := map[string]string{}
		for _, u := range users {
			seen := h.Cloud.Saw(u.ID, "Do you eat in the canteen?")
			if len(seen) != 1 {
				t.Fatalf("%s has %d cards", u.UPN, len(seen))
			}
			cards[u.ID] = seen[0].ID
		}
		press := func(user, act string, inputs map[string]any) {
			h.Cloud.Post(user, "submit", map[string]any{"activityId": cards[user], "action": "herald.survey." + act, "inputs": inputs, "force": true})
		}
		sees := func(user, text string) {
			t.Helper()
			for _, item := range h.Cloud.Saw(user, text) {
				if item.ID == cards[user] {
					return
				}
			}
			t.Errorf("the card of %s does not say %q", user, text)
		}
		say := func(key, value string) map[string]any { return map[string]any{key: value} }
		for i, u := range users {
			switch i % 5 {
			case 0: // the long way, with a mistake and a look back
				press(u.ID, "answer", nil)
				press(u.ID, "answer", say("eats", "yes"))
				press(u.ID, "back", nil)
				press(u.ID, "answer", say("eats", "yes"))
				press(u.ID, "answer", say("stars", "9"))
				press(u.ID, "answer", say("stars", "4"))
				press(u.ID, "answer", say("why", fmt.Sprintf("More soup, says %d", i)))
				sees(u.ID, "See you there")
			case 1: // the short way
				press(u.ID, "answer", say("eats", "no"))
				press(u.ID, "answer", nil)
				sees(u.ID, "See you there")
			case 2: // half way, and the chat opened again
				press(u.ID, "answer", say("eats", "yes"))
				h.Cloud.Post(u.ID, "refresh", map[string]any{})
				sees(u.ID, "How is it?")
			case 3: // changed
				press(u.ID, "answer", say("eats", "no"))
				press(u.ID, "answer", nil)
				press(u.ID, "change", nil)
				press(u.ID, "answer", say("eats", "yes"))
				press(u.ID, "answer", say("stars", "2"))
				press(u.ID, "answer", say("why", "Colder than before"))
				sees(u.ID, "Colder than before")
			}
		}

		results := func(want string) {
			t.Helper()
			r := api.OK(200, "GET", "/surveys/"+survey+"/results?campaign="+id, nil)
			var got []string
			for _, q := range r["questions"].([]any) {
				got = append(got, fmt.Sprint(q.(map[string]any)["count"]))
			}
			if s := fmt.Sprintf("%v of %v, %v began; %s; %v", r["answered"], r["sent"], r["started"], strings.Join(got, " "), r["questions"].([]any)[1].(map[string]any)["average"]); s != want {
				t.Errorf("results %s, want %s", s, want)
			}
		}
		results("15 of 25, 20 began; 15 10 10; 3")
		if n := api.OK(200, "POST", "/audience/count", map[string]any{"unanswered": id}); n["total"] != 10.0 {
			t.Errorf("left to remind: %v", n)
		}
		texts := api.OK(200, "GET", "/surveys/"+survey+"/texts?question=why&q=soup", nil)
		if n := len(texts["items"].([]any)); n != 5 {
			t.Errorf("%d texts about soup", n)
		}
		csv := api.Do("GET", "/surveys/"+survey+"/results.csv", nil)
		if n := strings.Count(string(csv.Raw), "\n"); csv.Status != http.StatusOK || n != 16 {
			t.Errorf("%d: %d lines", csv.Status, n)
		}

		// A reminder's card answers the same campaign; after the close nobody does.
		reminder := api.OK(201, "POST", "/campaigns/"+id+"/remind", nil)["id"].(string)
		api.OK(202, "POST", "/campaigns/"+reminder+"/send", map[string]any{"at": nil})
		api.Await(reminder, "completed")
		late := users[4]
		for _, item := range h.Cloud.Saw(late.ID, "Do you eat in the canteen?") {
			cards[late.ID] = item.ID // the newest
		}
		press(late.ID, "answer", say("eats", "no"))
		press(late.ID, "answer", nil)
		sees(late.ID, "See you there")
		api.OK(200, "POST", "/surveys/"+survey+"/close", nil)
		press(users[2].ID, "answer", say("stars", "5"))
		if s := api.OK(200, "GET", "/surveys/"+survey, nil); s["answered"] != 16.0 || s["status"] != "closed" {
			t.Errorf("the survey: %v answered, %v", s["answered"], s["status"])
		}
	})
}

package e2e

import "testing"

// A survey is built, sent to five people and answered by two; the reminder reaches the other three, and nobody else.
func TestSurveyAndReminder(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(8)
		users := h.Cloud.Users()
		api := h.Author(t)
		question := []map[string]any{{"id": "q1", "type": "yesno", "text": "Is the new building quiet enough?", "required": true}}
		survey := api.OK(201, "POST", "/surveys", map[string]any{"name": "Building", "intro": "Hello [FIRSTNAME]", "thanks": "See you", "questions": question})["id"].(string)
		var emails []string
		for _, u := range users[1:6] {
			emails = append(emails, u.UPN)
		}
		id := api.Create("Building", "survey", map[string]any{"surveyId": survey}, map[string]any{"emails": emails})
		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		// What is asked is what was there when it was sent.
		changed := []map[string]any{{"id": "q1", "type": "yesno", "text": "Is the old building quiet enough?"}}
		api.OK(200, "PUT", "/surveys/"+survey, map[string]any{"name": "Building", "questions": changed}, "If-Match", "1")
		api.Await(id, "completed")
		cards := func(n int) map[string]int {
			seen := map[string]int{}
			for i := 1; i <= n; i++ {
				seen[users[i].UPN] = len(h.Cloud.Saw(users[i].ID, "Is the new building quiet enough?"))
			}
			return seen
		}
		for i, u := range users[1:7] {
			if got := cards(6)[u.UPN]; got != map[bool]int{true: 1}[i < 5] {
				t.Errorf("%s has %d cards", u.UPN, got)
			}
			if i < 5 && len(h.Cloud.Saw(u.ID, "Hello "+u.GivenName)) == 0 {
				t.Errorf("%s is not greeted: %s", u.UPN, h.Cloud.Chat(u.ID))
			}
		}
		for _, u := range users[1:3] {
			card := h.Cloud.Saw(u.ID, "Is the new building quiet enough?")[0]
			h.Cloud.Post(u.ID, "submit", map[string]any{"activityId": card.ID, "action": "herald.survey.answer", "inputs": map[string]string{"q1": "no"}})
		}
		if s := api.OK(200, "GET", "/surveys/"+survey, nil); s["sent"] != 5.0 || s["answered"] != 2.0 || s["status"] != "open" {
			t.Errorf("the survey: %v", s)
		}
		if n := api.OK(200, "POST", "/audience/count", map[string]any{"unanswered": id}); n["total"] != 3.0 {
			t.Errorf("not answered: %v", n)
		}
		reminder := api.OK(201, "POST", "/campaigns/"+id+"/remind", map[string]any{"name": "Please answer"})["id"].(string)
		before := map[string]int{}
		for _, u := range users[1:7] {
			before[u.ID] = len(h.Cloud.Chat(u.ID))
		}
		api.OK(202, "POST", "/campaigns/"+reminder+"/send", map[string]any{"at": nil})
		api.Await(reminder, "completed")
		for i, u := range users[1:7] {
			if got, want := len(h.Cloud.Chat(u.ID))-before[u.ID], map[bool]int{true: 1}[i >= 2 && i < 5]; got != want {
				t.Errorf("%s got %d reminders, want %d", u.UPN, got, want)
			}
		}
		if n := counts(t, api.OK(200, "GET", "/campaigns/"+reminder+"/report", nil)); n["total"] != 3 || n["sent"] != 3 {
			t.Errorf("the reminder: %v", n)
		}
		api.OK(200, "POST", "/surveys/"+survey+"/close", nil)
		if a := api.Do("POST", "/campaigns/"+id+"/remind", nil); a.Status != 409 || a.Code() != "survey_closed" {
			t.Errorf("reminded of a closed survey: %d %s", a.Status, a.Raw)
		}
	})
}

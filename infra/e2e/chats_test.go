package e2e

import (
	"testing"
	"time"
)

// The cloud loses Teams' calls about the app: those who have it by a policy, and those for whom an Admin has it installed, are found
// through Graph, welcomed, and get a campaign and answer it. Of whom Graph knows no chat that is said, until they write a word.
func TestChatsOfThoseOfWhomTeamsNeverTold(t *testing.T) {
	t.Parallel()
	const welcome = "/assets/icon-color.png" // in the card, whatever its language
	h := StartApart(t, nil, map[string]string{"HERALD_SANDBOX_USERS": "8"})
	h.Cloud.Install(3) // Teams tells of these
	h.Cloud.Faults(map[string]any{"installLost": true})
	h.Cloud.Install(6) // by a policy
	users := h.Cloud.Users()
	policy, chatless, fresh := users[3], users[4], users[7]
	h.Cloud.do("PUT", "/api/users/"+chatless.ID+"/refusals", map[string]any{"refusals": []any{map[string]any{"status": 404, "code": "NotFound", "operation": "chat"}}}, 200, nil)
	admin := h.Admin(t)
	id, _ := admin.OK(201, "POST", "/admin/installations", map[string]any{"audience": map[string]any{"all": true}})["id"].(string)
	now := func(want map[string]float64) bool {
		i := admin.OK(200, "GET", "/admin/installations/"+id, nil)
		for name, n := range want {
			if i[name] != n {
				return false
			}
		}
		return i["state"] == "completed"
	}
	// Two by the policy are found at once; the other one's chat is not there, and Teams still may call about the two who are new.
	eventually(t, "who had the app is found", func() bool {
		return now(map[string]float64{"total": 5, "already": 3, "installed": 2, "failed": 0, "waiting": 3, "unreached": 0})
	})
	eventually(t, "they are welcomed", func() bool { return len(h.Cloud.Saw(policy.ID, welcome)) == 1 })
	if n := len(h.Cloud.Saw(fresh.ID, welcome)); n != 0 {
		t.Errorf("welcomed %d times before Teams had its minutes", n)
	}
	h.Cloud.Advance(3 * time.Minute)
	eventually(t, "so is who got it", func() bool { return now(map[string]float64{"waiting": 1, "unreached": 0}) })
	eventually(t, "it is not looked for any more", func() bool { // the third and fourth try
		h.Cloud.Advance(70 * time.Minute)
		return now(map[string]float64{"waiting": 0, "unreached": 1})
	})
	people := admin.OK(200, "GET", "/admin/installations/"+id+"/people?state=unreached", nil)["items"].([]any)
	if one := people[0].(map[string]any); len(people) != 1 || one["id"] != chatless.ID || one["reason"] != "chat_not_found" {
		t.Errorf("%v", people)
	}

	author := h.Author(t)
	drill := author.Create("Fire drill", "message", text("Fire drill today"), map[string]any{"all": true})
	author.OK(202, "POST", "/campaigns/"+drill+"/send", map[string]any{"at": nil})
	author.Await(drill, "completed")
	for _, u := range []User{users[0], policy, fresh} {
		if n := len(h.Cloud.Saw(u.ID, "Fire drill today")); n != 1 {
			t.Errorf("%s has it %d times", u.DisplayName, n)
		}
	}
	if n := len(h.Cloud.Saw(chatless.ID, "Fire drill today")); n != 0 {
		t.Errorf("who cannot be reached has it %d times", n)
	}
	// Teams calls the chat by another name than Graph; what is done in it counts all the same.
	item := h.Cloud.Saw(policy.ID, "Fire drill today")[0]
	h.Cloud.Post(policy.ID, "react", map[string]string{"activityId": item.ID, "type": "like"})
	h.Cloud.Post(policy.ID, "read", map[string]string{"activityId": item.ID})
	if e := author.OK(200, "GET", "/campaigns/"+drill+"/report", nil)["engagement"].(map[string]any); e["read"] != 1.0 || e["reacted"] != 1.0 {
		t.Errorf("engagement: %v", e)
	}

	h.Cloud.Post(chatless.ID, "messages", map[string]any{"text": "hello"})
	eventually(t, "a word of theirs is enough", func() bool { return now(map[string]float64{"waiting": 0, "unreached": 0}) })
	for _, u := range users[:8] {
		if n := len(h.Cloud.Saw(u.ID, welcome)); n != 1 {
			t.Errorf("%s was welcomed %d times", u.DisplayName, n)
		}
	}
}

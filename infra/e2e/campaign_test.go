package e2e

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func text(s string) map[string]any { return map[string]any{"text": s} }

var all = map[string]any{"all": true}

// counts reads the counts of a report and checks that they add up.
func counts(t *testing.T, report map[string]any) map[string]int {
	t.Helper()
	out := map[string]int{}
	sum := 0
	for k, v := range report["counts"].(map[string]any) {
		out[k] = int(v.(float64))
		if k != "total" {
			sum += out[k]
		}
	}
	if sum != out["total"] {
		t.Errorf("the counts add up to %d, the total is %d: %v", sum, out["total"], out)
	}
	return out
}

// The main job by the API alone: install, write, preview, verify, try, send, receive, report.
func TestImportantMessageToAllUsers(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := Start(t, env)
		users := h.Cloud.Users()
		h.Cloud.Install(20)
		api := h.Author(t)
		id := api.Create("Fire drill", "important", text("Hello [FIRSTNAME], the drill is at **10:00**."), all)

		count := api.OK(200, "POST", "/audience/count", all)
		if count["total"] != 25.0 || count["installed"] != 20.0 || count["notInstalled"] != 5.0 {
			t.Errorf("audience: %v", count)
		}
		preview := api.OK(200, "POST", "/campaigns/"+id+"/preview", map[string]any{"as": users[3].UPN})
		if !strings.Contains(fmt.Sprint(preview), "Hello "+users[3].GivenName) {
			t.Errorf("the preview does not greet %s: %v", users[3].GivenName, preview)
		}
		for _, c := range []struct {
			email            string
			found, installed bool
		}{{users[3].UPN, true, true}, {users[22].UPN, true, false}, {"nobody@contoso.example", false, false}} {
			v := api.OK(200, "GET", "/recipients/verify?email="+c.email, nil)
			if v["found"] != c.found || v["installed"] != c.installed {
				t.Errorf("verify %s: %v", c.email, v)
			}
		}
		api.OK(202, "POST", "/campaigns/"+id+"/try", map[string]string{"email": users[3].UPN})
		if n := len(h.Cloud.Saw(users[3].ID, "Hello "+users[3].GivenName)); n != 1 {
			t.Errorf("the test arrived %d times", n)
		}
		for email, code := range map[string]string{users[22].UPN: "not_installed", "nobody@contoso.example": "user_not_found"} {
			if ans := api.Do("POST", "/campaigns/"+id+"/try", map[string]string{"email": email}); ans.Status != 422 || ans.Code() != code {
				t.Errorf("try to %s: %d %s", email, ans.Status, ans.Code())
			}
		}

		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		if ans := api.Do("POST", "/campaigns/"+id+"/send", map[string]any{"at": nil}); ans.Status != 409 {
			t.Errorf("the second send: %d %s", ans.Status, ans.Raw)
		}
		api.Await(id, "completed")
		for i, u := range users {
			seen := h.Cloud.Saw(u.ID, "Hello "+u.GivenName)
			want := 1
			if i >= 20 {
				want = 0
			}
			if i == 3 {
				want = 2 // the test, and the campaign
			}
			if len(seen) != want {
				t.Errorf("%s has it %d times, want %d", u.DisplayName, len(seen), want)
			}
			for _, it := range seen {
				if !strings.Contains(string(it.Activity), `"alert":true`) {
					t.Errorf("an important message without an alert: %s", it.Activity)
				}
			}
		}
		report := api.OK(200, "GET", "/campaigns/"+id+"/report", nil)
		n := counts(t, report)
		if n["total"] != 25 || n["sent"] != 20 || n["skipped"] != 5 || report["result"] != "success" {
			t.Errorf("report: %v", report)
		}
		if got := fmt.Sprint(report["reasons"]); got != "[map[count:5 reason:not_installed]]" {
			t.Errorf("reasons: %s", got)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(api.Do("GET", "/campaigns/"+id+"/recipients.csv", nil).Raw, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 26 {
			t.Errorf("export: %d rows, %v", len(rows), err)
		}
		if d := h.Cloud.Duplicates(); d != 0 {
			t.Errorf("%d duplicates", d)
		}

		// What a person does in the chat reaches the report.
		item := h.Cloud.Saw(users[5].ID, "Hello "+users[5].GivenName)[0]
		h.Cloud.Post(users[5].ID, "read", map[string]string{"activityId": item.ID})
		h.Cloud.Post(users[5].ID, "react", map[string]string{"activityId": item.ID, "type": "like"})
		e := api.OK(200, "GET", "/campaigns/"+id+"/report", nil)["engagement"].(map[string]any)
		if e["read"] != 1.0 || e["reacted"] != 1.0 {
			t.Errorf("engagement: %v", e)
		}
	})
}

// Addresses typed: known, unknown, without the app, twice under two addresses, blocked.
func TestTypedAddressesEndInExactlyOneState(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := Start(t, env)
		users := h.Cloud.Users()
		h.Cloud.Install(10)
		h.Cloud.Post(users[2].ID, "block", nil)
		var twin User
		for _, u := range users[:10] {
			if u.Mail != "" && !strings.EqualFold(u.Mail, u.UPN) {
				twin = u
			}
		}
		if twin.ID == "" {
			t.Fatal("nobody in the sandbox has a mail address beside the UPN")
		}
		api := h.Author(t)
		id := api.Create("Names", "message", text("For [FIRSTNAME] [LASTNAME]"), map[string]any{"emails": []string{
			users[0].UPN, strings.ToUpper(users[0].UPN), twin.UPN, twin.Mail, users[2].UPN, users[15].UPN, "ghost@contoso.example",
		}})
		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		api.Await(id, "completed")
		n := counts(t, api.OK(200, "GET", "/campaigns/"+id+"/report", nil))
		if n["total"] != 5 || n["sent"] != 2 || n["failed"] != 1 || n["skipped"] != 2 {
			t.Errorf("counts: %v", n)
		}
		reasons := map[string]string{}
		for _, it := range api.OK(200, "GET", "/campaigns/"+id+"/recipients", nil)["items"].([]any) {
			r := it.(map[string]any)
			if r["reason"] != nil {
				reasons[r["email"].(string)] = r["reason"].(string)
			}
		}
		want := map[string]string{users[2].UPN: "blocked_by_user", users[15].UPN: "not_installed", "ghost@contoso.example": "user_not_found"}
		if fmt.Sprint(reasons) != fmt.Sprint(want) {
			t.Errorf("reasons %v, want %v", reasons, want)
		}
		// The next campaign knows before it sends.
		if v := api.OK(200, "GET", "/recipients/verify?email="+users[2].UPN, nil); v["installed"] != false {
			t.Errorf("a person who blocked the bot still counts as reachable: %v", v)
		}
	})
}

// Send later: not before its time, after a kill in between, once.
func TestSendLaterSurvivesAKill(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(5)
		users := h.Cloud.Users()
		api := h.Author(t)
		now := h.Cloud.Now()
		later := func(name string, d time.Duration) string {
			id := api.Create(name, "message", text(name+" for [FIRSTNAME]"), all)
			c := api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": now.Add(d).Format(time.RFC3339)})
			if c["status"] != "scheduled" {
				t.Fatalf("%s is %v", name, c["status"])
			}
			return id
		}
		first := later("The first", 70*time.Hour)
		second := later("The second", 72*time.Hour)
		cap := api.Create("Too late", "message", text("x"), all)
		if ans := api.Do("POST", "/campaigns/"+cap+"/send", map[string]any{"at": now.Add(145 * time.Hour).Format(time.RFC3339)}); ans.Status != 422 || ans.Code() != "send_later_cap" {
			t.Errorf("past the cap: %d %s", ans.Status, ans.Raw)
		}

		h.Kill()
		h.Again()
		h.Cloud.Advance(71 * time.Hour)
		api.Await(first, "completed")
		resp := call(t, "GET", h.URL+"/tab/config.json", nil, nil, nil)
		if date, err := http.ParseTime(resp.Header.Get("Date")); err != nil || date.Sub(now) < 70*time.Hour {
			t.Errorf("the page is told the date %s, %v", resp.Header.Get("Date"), err)
		}
		if c := api.OK(200, "GET", "/campaigns/"+second, nil); c["status"] != "scheduled" {
			t.Errorf("an hour before its time the second campaign is %v", c["status"])
		}
		for _, u := range users[:5] {
			if len(h.Cloud.Saw(u.ID, "The second")) > 0 {
				t.Errorf("%s has it before its time", u.DisplayName)
			}
		}

		h.Stop()
		h.Cloud.Advance(2 * time.Hour) // its time passes while Herald is down
		h.Again()
		api.Await(second, "completed")
		for _, u := range users[:5] {
			for _, name := range []string{"The first", "The second"} {
				if n := len(h.Cloud.Saw(u.ID, name+" for "+u.GivenName)); n != 1 {
					t.Errorf("%s has %q %d times", u.DisplayName, name, n)
				}
			}
		}
	})
}

func TestTakenBackStoppedClonedDeleted(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := Start(t, env)
		h.Cloud.Install(3)
		users := h.Cloud.Users()
		api := h.Author(t)
		at := func(d time.Duration) map[string]any {
			return map[string]any{"at": h.Cloud.Now().Add(d).Format(time.RFC3339)}
		}
		back := api.Create("Taken back", "idea", text("Taken back"), all)
		stop := api.Create("Stopped", "success", text("Stopped"), all)
		sent := api.Create("Sent", "message", text("Really sent"), all)
		for _, id := range []string{back, stop, sent} {
			api.OK(202, "POST", "/campaigns/"+id+"/send", at(time.Hour))
		}
		if c := api.OK(202, "POST", "/campaigns/"+back+"/unschedule", nil); c["status"] != "draft" || c["sendAt"] != nil {
			t.Errorf("taken back: %v", c)
		}
		if c := api.OK(202, "POST", "/campaigns/"+stop+"/stop", nil); c["status"] != "stopped" {
			t.Errorf("stopped: %v", c)
		}
		h.Cloud.Advance(2 * time.Hour)
		api.Await(sent, "completed")
		for _, u := range users[:3] {
			if len(h.Cloud.Saw(u.ID, "Taken back")) > 0 || len(h.Cloud.Saw(u.ID, "Stopped")) > 0 {
				t.Errorf("%s got what was taken back or stopped", u.DisplayName)
			}
		}
		clone := api.OK(201, "POST", "/campaigns/"+sent+"/clone", map[string]string{"name": "Sent again"})
		if clone["status"] != "draft" || clone["id"] == sent {
			t.Errorf("clone: %v", clone)
		}
		api.OK(204, "DELETE", "/campaigns/"+sent, nil)
		if ans := api.Do("GET", "/campaigns/"+sent, nil); ans.Status != 404 {
			t.Errorf("deleted, and still %d", ans.Status)
		}
	})
}

// What is saved is there after a restart, in the sandbox of one process too.
func TestRestartKeepsEverything(t *testing.T) {
	h := Start(t, nil)
	h.Cloud.Install(4)
	api := h.Author(t)
	id := api.Create("Kept", "message", text("Kept for [FIRSTNAME]"), all)
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	api.Await(id, "completed")
	h.Stop()
	again := Start(t, map[string]string{"HERALD_DATA_DIR": h.env["HERALD_DATA_DIR"], "HERALD_SANDBOX_ADDR": strings.TrimPrefix(h.Cloud.URL, "http://")})
	api = again.Author(t)
	if n := counts(t, api.OK(200, "GET", "/campaigns/"+id+"/report", nil)); n["sent"] != 4 {
		t.Errorf("after the restart: %v", n)
	}
	u := again.Cloud.Users()[0]
	if len(again.Cloud.Saw(u.ID, "Kept for "+u.GivenName)) != 1 {
		t.Error("the chat is gone after the restart")
	}
	next := api.Create("Next", "message", text("Next for [FIRSTNAME]"), all)
	api.OK(202, "POST", "/campaigns/"+next+"/send", map[string]any{"at": nil})
	api.Await(next, "completed")
	if n := counts(t, api.OK(200, "GET", "/campaigns/"+next+"/report", nil)); n["sent"] != 4 {
		t.Errorf("installations are forgotten after the restart: %v", n)
	}
}

// Nobody sees, and nobody is counted in, another tenant's campaigns.
func TestTenantsAreApart(t *testing.T) {
	h := Start(t, nil)
	h.Cloud.Install(2)
	id := h.Author(t).Create("Secret of Contoso", "message", text("x"), all)
	var env struct {
		AllowedTenants []string `json:"allowedTenants"`
	}
	h.Cloud.do("GET", "/api/environment", nil, 200, &env)
	if len(env.AllowedTenants) != 2 {
		t.Fatalf("tenants: %v", env.AllowedTenants)
	}
	var fabrikam struct {
		Items []User `json:"items"`
	}
	h.Cloud.do("GET", "/api/users?tenant="+env.AllowedTenants[1], nil, 200, &fabrikam)
	other := h.As(t, fabrikam.Items[0].UPN, "&roles=Author,Admin")
	if list := other.OK(200, "GET", "/campaigns", nil); len(list["items"].([]any)) != 0 {
		t.Errorf("another tenant sees %v", list)
	}
	for _, req := range [][2]string{{"GET", ""}, {"DELETE", ""}, {"POST", "/send"}, {"POST", "/stop"}, {"GET", "/report"}, {"GET", "/recipients"}, {"GET", "/recipients.csv"}} {
		if ans := other.Do(req[0], "/campaigns/"+id+req[1], nil); ans.Status != 404 || strings.Contains(ans.Raw, "Secret") {
			t.Errorf("%s %s of another tenant's campaign: %d %s", req[0], req[1], ans.Status, ans.Raw)
		}
	}
	if c := other.OK(200, "POST", "/audience/count", all); c["total"] != float64(len(fabrikam.Items)) {
		t.Errorf("another tenant counts %v", c)
	}
	var strangers struct {
		Items []User `json:"items"`
	}
	h.Cloud.do("GET", "/api/users?tenant=33333333-3333-4333-8333-333333333333", nil, 200, &strangers)
	if ans := h.As(t, strangers.Items[0].UPN, "&roles=Admin").Do("GET", "/me", nil); ans.Status == 200 {
		t.Errorf("a tenant that is not allowed is let in: %s", ans.Raw)
	}
}

// Version 1 and version 2 tokens of the tab are taken; a person without a role may
// ask who they are and nothing else.
func TestTokensOfTheTab(t *testing.T) {
	h := Start(t, nil)
	users := h.Cloud.Users()
	for _, query := range []string{"", "&v=1"} {
		if me := h.As(t, users[0].UPN, query).OK(200, "GET", "/me", nil); me["id"] != users[0].ID {
			t.Errorf("%q: %v", query, me)
		}
	}
	nobody := h.As(t, users[10].UPN, "")
	nobody.OK(200, "GET", "/me", nil)
	if ans := nobody.Do("GET", "/campaigns", nil); ans.Status != 403 || ans.Code() != "no_role" {
		t.Errorf("without a role: %d %s", ans.Status, ans.Raw)
	}
	if resp := call(t, "GET", h.URL+"/api/v1/campaigns", nil, nil, nil); resp.StatusCode != 401 {
		t.Errorf("without a token: %d", resp.StatusCode)
	}
}

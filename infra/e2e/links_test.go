package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

const edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"

// follow opens an address as a browser would, and says where it is sent.
func follow(t *testing.T, method, address, agent string) (status int, location string) {
	t.Helper()
	req, err := http.NewRequest(method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", agent)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("Location")
}

// engagement reads the report until it has as many clicks: they are written a moment after they are made.
func engagement(t *testing.T, api *API, id string, clicks float64) map[string]any {
	t.Helper()
	for until := time.Now().Add(time.Minute); ; {
		e := api.OK(200, "GET", "/campaigns/"+id+"/report", nil)["engagement"].(map[string]any)
		if e["clicks"].(float64) >= clicks || time.Now().After(until) {
			return e
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the test ended before the clicks were counted")
		}
	}
}

// From the message in the chat to the numbers in the report: tracked links, reads, reactions.
func TestEngagement(t *testing.T) {
	onEachBackend(t, func(t *testing.T, env map[string]string) {
		h := StartApart(t, env)
		h.Cloud.Install(20)
		users := h.Cloud.Users()[:20]
		api := h.Author(t)
		id := api.Create("Canteen", "card", map[string]any{
			"title": "The new canteen", "text": "Read [the menu](https://intranet.example/menu?week=47&lang=en) or [write](mailto:canteen@contoso.example)",
			"buttons": []map[string]string{
				{"title": "Vote", "url": "https://intranet.example/vote?who=[FIRSTNAME]+[LASTNAME]"},
				{"title": "Chat", "url": "https://teams.microsoft.com/l/chat/0/0?users=canteen@contoso.example"},
			},
		}, all)
		if raw, _ := json.Marshal(api.OK(200, "POST", "/campaigns/"+id+"/preview", map[string]any{})); !strings.Contains(string(raw), "https://intranet.example/menu") || strings.Contains(string(raw), "/l/A") {
			t.Errorf("the preview's links are not the author's: %s", raw)
		}
		api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
		api.Await(id, "completed")

		tracked := regexp.MustCompile(regexp.QuoteMeta(h.URL) + `/l/[A-Za-z0-9_-]+`)
		links := make([][]string, len(users))
		items := make([]string, len(users))
		seen := map[string]bool{}
		for i, u := range users {
			saw := h.Cloud.Saw(u.ID, "The new canteen")
			if len(saw) != 1 {
				t.Fatalf("%s has %d messages", u.UPN, len(saw))
			}
			items[i] = saw[0].ID
			links[i] = tracked.FindAllString(string(saw[0].Activity), -1)
			if len(links[i]) != 2 || !strings.Contains(string(saw[0].Activity), "(mailto:canteen@contoso.example)") || !strings.Contains(string(saw[0].Activity), `"https://teams.microsoft.com/l/chat/0/0?users=canteen@contoso.example"`) {
				t.Fatalf("the links of %s: %s", u.UPN, saw[0].Activity)
			}
			for _, l := range links[i] {
				if seen[l] {
					t.Errorf("two people have the link %s", l)
				}
				seen[l] = true
			}
		}

		// Eight follow the menu, the first three of them twice; two of them vote, and so does one who did not look.
		for i := range 8 {
			for range map[bool]int{true: 2, false: 1}[i < 3] {
				if status, to := follow(t, "GET", links[i][0], edge); status != http.StatusFound || to != "https://intranet.example/menu?week=47&lang=en" {
					t.Fatalf("%d to %s", status, to)
				}
			}
		}
		for _, i := range []int{0, 5, 12} {
			want := "https://intranet.example/vote?who=" + strings.ReplaceAll(url.QueryEscape(users[i].GivenName), "+", "%20") + "+" + strings.ReplaceAll(url.QueryEscape(users[i].Surname), "+", "%20")
			if status, to := follow(t, "GET", links[i][1], edge); status != http.StatusFound || to != want {
				t.Errorf("%s votes at %d %s, want %s", users[i].UPN, status, to, want)
			}
		}
		// These are no clicks.
		follow(t, "HEAD", links[15][0], edge)
		follow(t, "GET", links[15][0], "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5")
		forged := links[15][0][:len(links[15][0])-4] + "AAAA"
		if status, to := follow(t, "GET", forged, edge); status != http.StatusNotFound || to != "" {
			t.Errorf("a forged link: %d to %q", status, to)
		}
		if status, to := follow(t, "GET", h.URL+"/l/https://evil.example", edge); status == http.StatusFound || strings.Contains(to, "https://evil.example") {
			t.Errorf("an address for a token: %d to %q", status, to)
		}

		for i := 4; i < 10; i++ {
			h.Cloud.Post(users[i].ID, "read", map[string]string{"activityId": items[i]})
		}
		h.Cloud.Post(users[9].ID, "react", map[string]string{"activityId": items[9], "type": "like"})
		h.Cloud.Post(users[19].ID, "react", map[string]string{"activityId": items[19], "type": "heart"})

		e := engagement(t, api, id, 14)
		for name, want := range map[string]float64{"clicks": 14, "clickedRecipients": 9, "read": 6, "reacted": 2, "answered": 0, "seen": 12} {
			if e[name] != want {
				t.Errorf("%s is %v, want %v", name, e[name], want)
			}
		}
		counted := api.OK(200, "GET", "/campaigns/"+id+"/links", nil)["items"].([]any)
		for i, want := range []map[string]any{
			{"index": 0.0, "url": "https://intranet.example/menu?week=47&lang=en", "text": "the menu", "recipients": 8.0, "clicks": 11.0},
			{"index": 1.0, "url": "https://intranet.example/vote?who=[FIRSTNAME]+[LASTNAME]", "text": "Vote", "recipients": 3.0, "clicks": 3.0},
		} {
			for k, v := range want {
				if got := counted[i].(map[string]any)[k]; got != v {
					t.Errorf("link %d: %s is %v, want %v", i, k, got, v)
				}
			}
		}
		clicks := map[any]float64{}
		for _, it := range api.OK(200, "GET", "/campaigns/"+id+"/recipients?limit=100", nil)["items"].([]any) {
			r := it.(map[string]any)
			clicks[r["displayName"]] = r["clicks"].(float64)
			if (r["clickedAt"] != nil) != (r["clicks"].(float64) > 0) {
				t.Errorf("%v", r)
			}
		}
		for i, want := range map[int]float64{0: 3, 1: 2, 5: 2, 7: 1, 12: 1, 15: 0} {
			if got := clicks[users[i].DisplayName]; got != want {
				t.Errorf("%s has %v clicks, want %v", users[i].DisplayName, got, want)
			}
		}

		// Links outlive the process, and not their campaign.
		_, token, _ := strings.Cut(links[15][0], "/l/")
		h.Kill()
		h.Again()
		unused := h.URL + "/l/" + token // elsewhere on this machine now
		if status, to := follow(t, "GET", unused, edge); status != http.StatusFound || to != "https://intranet.example/menu?week=47&lang=en" {
			t.Errorf("after a restart %d to %q", status, to)
		}
		api = h.Author(t)
		api.OK(204, "DELETE", "/campaigns/"+id, nil)
		if status, to := follow(t, "GET", unused, edge); status != http.StatusGone || to != "" {
			t.Errorf("of a deleted campaign: %d to %q", status, to)
		}
	})
}

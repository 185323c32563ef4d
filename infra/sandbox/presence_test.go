package sandbox_test

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"
	"time"

	"herald/infra/sandbox"
)

func (c *cloud) askPresence(ids ...string) reply {
	return c.do("POST", c.Environment().GraphURL+"/communications/getPresencesByUserId", c.graph, map[string]any{"ids": ids})
}

func TestPresenceOfEverybody(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, sandbox.Options{StateDir: dir})
	early, late := c.person(1), c.person(2)
	c.api(200, "PUT", "/api/users/"+early.ID+"/presence", map[string]any{"availability": "Busy"})
	c.api(200, "PUT", "/api/presence", map[string]any{"availability": "Offline"})
	c.api(200, "PUT", "/api/users/"+late.ID+"/presence", map[string]any{"availability": "Away"})
	c.api(400, "PUT", "/api/presence", map[string]any{"availability": "Asleep"})
	check := func(c *cloud) {
		t.Helper()
		for _, v := range values(t, c.askPresence(c.person(0).ID, early.ID, late.ID)) {
			want := "Offline"
			if at(v, "id") == late.ID {
				want = "Away"
			}
			if at(v, "availability") != want {
				t.Errorf("%v, want %s", v, want)
			}
		}
	}
	check(c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	check(start(t, sandbox.Options{StateDir: dir}))
}

func TestPresenceLimits(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	c := start(t, sandbox.Options{Clock: func() time.Time { return now }})
	ids := make([]string, 650)
	for i := range ids {
		ids[i] = c.person(i % 25).ID
	}
	if r := c.askPresence(ids...); r.status != 200 {
		t.Errorf("650 ids: %d", r.status)
	}
	if r := c.askPresence(append(ids, ids[0])...); r.status != 400 {
		t.Errorf("651 ids: %d", r.status)
	}
	if r := c.askPresence(c.person(0).ID, "29:somebody"); r.status != 400 {
		t.Errorf("no GUID: %d", r.status)
	}
	for range 1499 {
		if r := c.askPresence(ids[0]); r.status != 200 {
			t.Fatal(r.status)
		}
	}
	if r := c.askPresence(ids[0]); r.status != 429 || r.header.Get("Retry-After") != "30" {
		t.Errorf("%d %s", r.status, r.header.Get("Retry-After"))
	}
	want := sandbox.PresenceStats{Calls: 1501, Throttled: 1, IDs: 650 + 1500, Largest: 650, PeakPer30: 1501}
	if got := c.Stats().Presence; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if err := c.Advance(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	if r := c.askPresence(ids[0]); r.status != 200 {
		t.Errorf("after 30 s: %d", r.status)
	}
	c.api(200, "DELETE", "/api/stats", nil)
	if got := at(c.api(200, "GET", "/api/stats", nil).json(t), "presence", "calls"); got != 0. {
		t.Errorf("calls %v", got)
	}
	c.api(200, "PUT", "/api/faults", map[string]any{"presenceStatus": 503})
	if r := c.askPresence(ids[0]); r.status != 503 {
		t.Errorf("down: %d", r.status)
	}
	if r := c.graphGet("/users/" + ids[0]); r.status != 200 {
		t.Errorf("the rest of Graph: %d", r.status)
	}
	c.api(200, "PUT", "/api/permissions", map[string]bool{"Presence.Read.All": false})
	if r := c.askPresence(ids[0]); r.status != 403 {
		t.Errorf("denied: %d", r.status)
	}
	c.api(400, "PUT", "/api/faults", map[string]any{"mailboxStatus": 200})
}

func TestTimeZones(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := newBot(t)
	c := start(t, sandbox.Options{StateDir: dir, BotURL: b.url, Users: 400})
	seen := map[string]int{}
	mailboxes := map[string]int{}
	for i := range 400 {
		s, err := c.Status(c.person(i).ID)
		if err != nil {
			t.Fatal(err)
		}
		seen[s.TimeZone]++
		mailboxes[s.Mailbox]++
	}
	if len(seen) != 4 || seen["Europe/Paris"] < 200 || seen["Europe/London"] < 40 || seen["America/New_York"] < 15 || seen["Asia/Kolkata"] < 15 {
		t.Errorf("zones %v", seen)
	}
	if mailboxes["Romance Standard Time"] < 80 || mailboxes["Europe/Paris"] < 80 || mailboxes[sandbox.NoMailbox] == 0 || mailboxes[sandbox.NoMailbox] > 60 {
		t.Errorf("mailboxes %v", mailboxes)
	}
	p := c.person(3)
	c.api(400, "PUT", "/api/users/"+p.ID+"/timeZone", map[string]any{"timeZone": "Mars/Olympus"})
	c.api(404, "PUT", "/api/users/x/timeZone", map[string]any{"timeZone": "Europe/Paris"})
	mailbox := func(c *cloud) reply { return c.graphGet("/users/" + p.ID + "/mailboxSettings/timeZone") }
	c.api(200, "PUT", "/api/users/"+p.ID+"/timeZone", map[string]any{"timeZone": "Pacific/Chatham", "mailbox": sandbox.NoMailbox})
	if r := mailbox(c); r.status != 404 || r.errorCode(t) != "MailboxNotEnabledForRESTAPI" {
		t.Errorf("no mailbox: %d %s", r.status, r.raw)
	}
	c.api(200, "PUT", "/api/users/"+p.ID+"/timeZone", map[string]any{"timeZone": "Pacific/Chatham", "mailbox": "Customized Time Zone"})
	view := c.api(200, "GET", "/api/users/"+p.ID, nil).json(t)
	if at(view, "timeZone") != "Pacific/Chatham" || at(view, "mailboxTimeZone") != "Customized Time Zone" {
		t.Errorf("%v", view)
	}
	if err := c.Install(t.Context(), p.ID, false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Say(t.Context(), p.ID, "hello"); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.take() {
		entities, _ := r.activity["entities"].([]any)
		if at(r.activity, "localTimezone") != "Pacific/Chatham" || len(entities) != 1 || at(entities[0], "timezone") != "Pacific/Chatham" {
			t.Errorf("%v tells %v and %v", at(r.activity, "type"), at(r.activity, "localTimezone"), entities)
		}
	}
	if got := c.Stats().MailboxZones; got != 1 {
		t.Errorf("%d mailboxes asked", got)
	}
	c.api(200, "PUT", "/api/permissions", map[string]bool{"MailboxSettings.Read": false})
	if r := mailbox(c); r.status != 403 {
		t.Errorf("denied: %d", r.status)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, sandbox.Options{StateDir: dir, Users: 400})
	if r := mailbox(again); at(r.json(t), "value") != "Customized Time Zone" {
		t.Errorf("after a restart: %s", r.raw)
	}
}

// Asking for everybody of a large tenant makes nobody remembered.
func TestPresenceOfAMillion(t *testing.T) { // alone: it looks at the heap
	c := start(t, sandbox.Options{Users: 1_000_000})
	ask := func(from int) {
		ids := make([]string, 650)
		for i := range ids {
			ids[i] = c.person(from + i).ID
		}
		if r := c.askPresence(ids...); r.status != http.StatusOK || len(values(t, r)) != 650 {
			t.Fatal(r.status)
		}
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for i := range 60 { // fills what has a bound, such as the wire
		ask(i)
	}
	before := heap()
	for i := range 60 {
		ask(1000 + i*16000)
	}
	if grown := int64(heap()) - int64(before); grown > 8<<20 {
		t.Errorf("grown by %s", fmt.Sprint(grown>>10, " KiB"))
	}
}

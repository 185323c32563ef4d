package campaigns_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
)

// has is Graph where everybody who was installed for has a chat.
func has(string, int) error { return nil }

// looked is how often a person's chat was looked for.
func (a *apps) looked(personID string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.looks[personID]
}

// told is Teams telling of a person now.
func (w *installing) told(s campaigns.InstallState, id string) {
	w.t.Helper()
	w.ok(w.db.SaveReference(w.t.Context(), campaigns.Reference{TenantID: tenant, PersonID: id, UserID: "29:" + id, ConversationID: "a:" + id, ServiceURL: "https://smba.example/emea/", State: s, UpdatedAt: w.Now()}))
}

func (w *installing) reference(id string) campaigns.Reference {
	w.t.Helper()
	r, err := w.db.Reference(w.t.Context(), tenant, id)
	w.ok(err)
	return r
}

// nothingDue: a process that looks now finds nobody to look for.
func (w *installing) nothingDue() {
	w.t.Helper()
	due, err := w.db.ChatInstallations(w.t.Context(), w.Now())
	w.ok(err)
	if len(due) > 0 {
		w.t.Errorf("chats are looked for at %v", w.Now())
	}
}

// group names an installation's people, with their reasons.
func (w *installing) group(id string, g campaigns.InstallGroup) string {
	w.t.Helper()
	items, _, err := w.InstallationTargets(w.t.Context(), admin, id, campaigns.InstallTargetFilter{Group: g, Limit: 200})
	w.ok(err)
	var out []string
	for _, t := range items {
		out = append(out, strings.TrimSpace(t.Person.ID+" "+string(t.Reason)))
	}
	return strings.Join(out, ", ")
}

// Who had the app already is found at once, since Teams calls nobody; for others Teams has some minutes. Of whom it tells by then, good
// or bad, nobody asks. Whoever is found can be written to, where Teams listens for the tenant, and is welcomed once.
func TestChatsAreFound(t *testing.T) {
	w := setupInstalling(t, "had", "lost", "told", "left", "blocks", "old")
	w.told(campaigns.Installed, "old")
	w.apps.app = has
	w.apps.install = func(id string, _ int) (bool, error) { return id == "had", nil }
	i := w.start(campaigns.Audience{All: true})
	stop := w.run()
	got := w.until(i.ID, func(i *campaigns.Installation) bool { return over(i) && i.Waiting == 4 })
	stop()
	if s := counts(got); s != "completed  total 5 pending 0 installed 4 already 1 failed 0 waiting 4" || got.Unreached != 0 {
		t.Error(s, got.Unreached)
	}
	w.advance(time.Minute)
	w.told(campaigns.Installed, "told")
	w.told(campaigns.Uninstalled, "left")
	w.told(campaigns.Blocked, "blocks")
	w.nothingDue() // it is not time yet for the others
	if n := w.apps.looked("lost"); n != 0 {
		t.Errorf("looked for %d times within the minutes that Teams has", n)
	}
	w.advance(2 * time.Minute)
	stop = w.run()
	got = w.until(i.ID, func(i *campaigns.Installation) bool { return i.Waiting == 0 })
	stop()
	w.nothingDue()
	if s := w.group(i.ID, campaigns.InstallUnreached); s != "blocks blocked_by_user, left not_installed" || got.Unreached != 2 {
		t.Errorf("not reached: %s; %d", s, got.Unreached)
	}
	if s := w.group(i.ID, campaigns.InstallReady); s != "had, lost, told" {
		t.Errorf("ready: %s", s)
	}
	for id, want := range map[string]int{"had": 1, "lost": 1, "told": 0, "left": 0, "blocks": 0, "old": 0} {
		if n := w.apps.looked(id); n != want {
			t.Errorf("%s was looked for %d times, want %d", id, n, want)
		}
	}
	r := w.reference("lost")
	want := campaigns.Reference{TenantID: tenant, PersonID: "lost", BotID: "28:herald", ConversationID: "19:lost@unq.gbl.spaces", ServiceURL: "https://smba.example/emea/", State: campaigns.Installed, UpdatedAt: start}
	if r != want {
		t.Errorf("%+v, want %+v", r, want)
	}
	if r := w.reference("told"); r.ConversationID != "a:told" {
		t.Errorf("%+v", r)
	}
	w.greeted.Lock()
	defer w.greeted.Unlock()
	slices.Sort(w.welcomed)
	if s := fmt.Sprint(w.welcomed); s != "[had lost]" {
		t.Errorf("welcomed: %s", s)
	}
}

// Nobody is looked for for ever, nor sooner than is said, and who was not found is told of; their first word brings them back.
func TestChatsAreLookedForSoOften(t *testing.T) {
	w := setupInstalling(t, "never", "late")
	failure := campaigns.Errorf(campaigns.CodeUnavailable, "graph_failed", "no")
	w.apps.install = func(string, int) (bool, error) { return true, nil }
	w.apps.app = func(id string, look int) error {
		switch {
		case id == "late" && look > 2:
			return nil
		case id == "late":
			return failure
		}
		return errAbsent
	}
	i := w.start(campaigns.Audience{All: true})
	for n, wait := range []time.Duration{time.Minute, 4 * time.Minute, 16 * time.Minute, 64 * time.Minute, 7 * 24 * time.Hour} {
		stop := w.run()
		w.until(i.ID, func(i *campaigns.Installation) bool {
			return over(i) && w.apps.looked("never") == n+1 && w.apps.looked("late") == min(n+1, 3)
		})
		stop() // and what it knows is written
		w.advance(wait - time.Second)
		w.nothingDue()
		w.advance(time.Second)
	}
	got, err := w.Installation(t.Context(), admin, i.ID)
	w.ok(err)
	if s := w.group(i.ID, campaigns.InstallUnreached); s != "never chat_not_found" || got.Waiting != 0 || got.Unreached != 1 {
		t.Errorf("%s; %s, %d", s, counts(got), got.Unreached)
	}
	if s := w.group(i.ID, campaigns.InstallReady); s != "late" {
		t.Errorf("ready: %s", s)
	}
	w.told(campaigns.Installed, "never")
	if s := w.group(i.ID, campaigns.InstallReady); s != "late, never" {
		t.Errorf("ready in the end: %s", s)
	}
}

// Retry-After holds all look-ups, also over a restart, and costs nobody a try.
func TestChatsWait(t *testing.T) {
	var people []string
	for i := range 60 {
		people = append(people, fmt.Sprintf("p%03d", i))
	}
	w := setupInstalling(t, people...)
	throttled := true
	w.apps.install = func(string, int) (bool, error) { return true, nil }
	w.apps.app = func(string, int) error {
		if throttled {
			return &campaigns.Error{Code: campaigns.CodeThrottled, Reason: "graph_throttled", RetryAfter: 17 * time.Second}
		}
		return nil
	}
	all := func() (n int) {
		for _, id := range people {
			n += w.apps.looked(id)
		}
		return n
	}
	i := w.start(campaigns.Audience{All: true})
	stop := w.run()
	w.until(i.ID, func(i *campaigns.Installation) bool { return i.ResumeAt != nil })
	stop()
	before := all()
	if before > 50 {
		t.Errorf("%d looked for before the pause", before)
	}
	w.advance(16 * time.Second)
	w.nothingDue()
	w.apps.mu.Lock()
	throttled = false
	w.apps.mu.Unlock()
	w.advance(time.Second)
	defer w.run()()
	w.until(i.ID, func(i *campaigns.Installation) bool { return over(i) && i.Waiting == 0 })
	if n := all(); n != before+60 {
		t.Errorf("%d looked for afterwards", n-before)
	}
}

// Stopped, those who have the app by then are still looked for.
func TestChatsOfAStoppedInstallation(t *testing.T) {
	w := setupInstalling(t, "had", "pending")
	w.apps.install = func(id string, _ int) (bool, error) {
		if id == "had" {
			return true, nil
		}
		return false, campaigns.Errorf(campaigns.CodeUnavailable, "graph_failed", "no")
	}
	i := w.start(campaigns.Audience{All: true})
	stop := w.run()
	w.until(i.ID, func(i *campaigns.Installation) bool { return i.Already == 1 && w.apps.looked("had") == 1 })
	stop()
	_, err := w.StopInstallation(context.Background(), admin, i.ID)
	w.ok(err)
	w.apps.mu.Lock()
	w.apps.app = has
	w.apps.mu.Unlock()
	w.advance(time.Minute)
	defer w.run()()
	got := w.until(i.ID, func(i *campaigns.Installation) bool { return i.Waiting == 0 })
	if s := counts(got); s != "stopped  total 2 pending 1 installed 0 already 1 failed 0 waiting 0" {
		t.Error(s)
	}
}

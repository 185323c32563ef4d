package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

var found = campaigns.Reference{BotID: "28:herald", ServiceURL: "https://smba.example/teams/"}

// installed makes an installation whose people got the app a minute ago, and whose chats are to be looked for now.
func installed(t *testing.T, db *store.DB, id string, people ...string) {
	t.Helper()
	ctx := t.Context()
	for _, p := range people {
		ok(t, db.SavePeople(ctx, []campaigns.Person{person(tenant, p)}))
	}
	ok(t, db.CreateInstallation(ctx, newInstallation(tenant, id), campaigns.AudienceQuery{Typed: people}))
	var results []campaigns.InstallResult
	for _, p := range people {
		results = append(results, campaigns.InstallResult{PersonID: p, State: campaigns.TargetInstalled, DueAt: now.Add(-time.Minute), ChatAt: now})
	}
	ok(t, db.RecordTargets(ctx, tenant, id, results))
	ok(t, db.EndInstallation(ctx, tenant, id, campaigns.InstallationCompleted, "", now))
}

// sorted puts the parts of a list into one order.
func sorted(s string) string {
	parts := strings.Split(s, "; ")
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func chatsDue(t *testing.T, db *store.DB, at time.Time) (out string) {
	t.Helper()
	for _, i := range must(db.ChatInstallations(t.Context(), at))(t) {
		for _, c := range must(db.DueChats(t.Context(), i.TenantID, i.ID, at, 100))(t) {
			out += fmt.Sprintf("%s/%s %d %v; ", i.ID, c.PersonID, c.Attempts, c.Settled)
		}
	}
	return out
}

// A chat that Graph named never stands in the way of what Teams told: not of an installation, nor of a block, nor of a removal since then.
// A removal from before is over.
func TestFoundChatsYieldToTeams(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		installed(t, db, "i", "new", "told", "blocked", "left", "back", "gone")
		say := func(id string, s campaigns.InstallState, at time.Time, url string) {
			ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: id, UserID: "29:" + id, ConversationID: "a:" + id, ServiceURL: url, State: s, UpdatedAt: at}))
		}
		say("told", campaigns.Installed, now, "https://smba.example/emea/")
		say("blocked", campaigns.Blocked, now.Add(-time.Hour), "https://smba.example/amer/")
		say("left", campaigns.Uninstalled, now, "")
		say("back", campaigns.Uninstalled, now.Add(-time.Hour), "https://smba.example/apac/")
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: other, PersonID: "x", UserID: "29:x", ServiceURL: "https://smba.example/other/", State: campaigns.Installed, UpdatedAt: now.Add(time.Hour)}))
		must(db.ForgetPerson(ctx, tenant, "gone", now))(t)
		if got, want := chatsDue(t, db, now), "i/back 0 false; i/blocked 0 true; i/left 0 true; i/new 0 false; i/removed:1 0 true; i/told 0 true; "; sorted(got) != sorted(want) {
			t.Errorf("due: %s", got)
		}
		if got := chatsDue(t, db, now.Add(-time.Second)); got != "" {
			t.Errorf("due before it is time: %s", got)
		}
		var results []campaigns.ChatResult
		for _, id := range []string{"new", "told", "blocked", "left", "back", "gone"} {
			results = append(results, campaigns.ChatResult{PersonID: id, ChatID: "19:" + id + "@unq.gbl.spaces", Attempts: 1, Over: true})
		}
		made := must(db.RecordChats(ctx, tenant, "i", results, found))(t)
		if len(made) != 2 || made[0].PersonID != "back" || made[1].PersonID != "new" || made[1].Locale != person(tenant, "new").Locale {
			t.Errorf("made: %+v", made)
		}
		for id, want := range map[string]string{
			"new":     "installed 19:new@unq.gbl.spaces  28:herald https://smba.example/emea/",
			"back":    "installed 19:back@unq.gbl.spaces 29:back 28:herald https://smba.example/apac/",
			"told":    "installed a:told 29:told  https://smba.example/emea/",
			"blocked": "blocked a:blocked 29:blocked  https://smba.example/amer/",
			"left":    "uninstalled a:left 29:left  ",
		} {
			r := must(db.Reference(ctx, tenant, id))(t)
			if got := fmt.Sprintf("%s %s %s %s %s", r.State, r.ConversationID, r.UserID, r.BotID, r.ServiceURL); got != want {
				t.Errorf("%s: %q, want %q", id, got, want)
			}
		}
		_, err := db.Reference(ctx, tenant, "gone")
		code(t, err, campaigns.CodeNotFound)
		if again := must(db.RecordChats(ctx, tenant, "i", results, found))(t); len(again) != 0 {
			t.Errorf("made twice: %+v", again)
		}
		i := must(db.Installation(ctx, tenant, "i"))(t)
		if i.Waiting != 0 || i.Unreached != 2 {
			t.Errorf("%+v", i)
		}

		// What Teams tells late of the installation itself completes what was found; a removal after it ends it.
		say("new", campaigns.Installed, now.Add(-2*time.Minute), "https://smba.example/uk/")
		if r := must(db.Reference(ctx, tenant, "new"))(t); r.UserID != "29:new" || r.ConversationID != "a:new" || r.ServiceURL != "https://smba.example/uk/" || !r.UpdatedAt.Equal(now.Add(-time.Minute)) {
			t.Errorf("completed: %+v", r)
		}
		say("new", campaigns.Installed, now.Add(-3*time.Minute), "https://smba.example/old/")
		say("back", campaigns.Uninstalled, now.Add(-2*time.Minute), "")
		if a, b := must(db.Reference(ctx, tenant, "new"))(t), must(db.Reference(ctx, tenant, "back"))(t); a.ServiceURL != "https://smba.example/uk/" || b.State != campaigns.Installed {
			t.Errorf("what is older counted: %+v, %+v", a, b)
		}
		say("back", campaigns.Uninstalled, now.Add(-30*time.Second), "")
		if r := must(db.Reference(ctx, tenant, "back"))(t); r.State != campaigns.Uninstalled {
			t.Errorf("removed: %+v", r)
		}
	})
}

// Nobody of the tenant was told of: the chat is written to where the configuration says. Who was not found is due again when it is time,
// and in the end said to be without a chat; of another tenant's installation nothing changes.
func TestChatsNotFound(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		installed(t, db, "i", "first", "later")
		made := must(db.RecordChats(ctx, tenant, "i", []campaigns.ChatResult{
			{PersonID: "first", ChatID: "19:first@unq.gbl.spaces", Attempts: 1, Over: true},
			{PersonID: "later", Attempts: 1, At: now.Add(time.Minute)},
		}, found))(t)
		if len(made) != 1 || made[0].ServiceURL != found.ServiceURL {
			t.Errorf("%+v", made)
		}
		if got := chatsDue(t, db, now); got != "" {
			t.Errorf("due: %s", got)
		}
		if got := chatsDue(t, db, now.Add(time.Minute)); got != "i/later 1 false; " {
			t.Errorf("due a minute later: %s", got)
		}
		ok(t, db.PauseInstallation(ctx, tenant, "i", now.Add(time.Hour)))
		if got := chatsDue(t, db, now.Add(time.Minute)); got != "" {
			t.Errorf("due in the pause: %s", got)
		}
		if got := chatsDue(t, db, now.Add(time.Hour)); got != "i/later 1 false; " {
			t.Errorf("due after it: %s", got)
		}
		if _, err := db.RecordChats(ctx, other, "i", []campaigns.ChatResult{{PersonID: "later", ChatID: "19:x", Over: true}}, found); err == nil {
			t.Error("another tenant's was written")
		}
		groups := func(want string) {
			t.Helper()
			got := ""
			for _, g := range []campaigns.InstallGroup{campaigns.InstallWaiting, campaigns.InstallUnreached, campaigns.InstallReady} {
				items, _, err := db.Targets(ctx, tenant, "i", campaigns.InstallTargetFilter{Group: g, Limit: 10})
				ok(t, err)
				for _, each := range items {
					got += fmt.Sprintf("%s %s %s; ", g, each.Person.ID, each.Reason)
				}
			}
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
		groups("waiting later ; ready first ; ")
		must(db.RecordChats(ctx, tenant, "i", []campaigns.ChatResult{{PersonID: "later", Attempts: 2, Over: true}}, found))(t)
		groups("unreached later chat_not_found; ready first ; ")
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "first", State: campaigns.Blocked, UpdatedAt: now}))
		groups("unreached first blocked_by_user; unreached later chat_not_found; ")
	})
}

// What was sent into a chat by Graph's name for it is read, liked and answered in the same chat by Teams' name.
func TestAnswersInAFoundChat(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		k := sending(t, db, tenant, 1)
		inChat(t, db, k, 1, "19:p1_app@unq.gbl.spaces", "1700000000001")
		p1 := chat(tenant, "p1", "a:1")
		ok(t, db.RecordRead(ctx, p1, "1700000000001", now))
		ok(t, db.RecordReaction(ctx, p1, "1700000000001", "like"))
		if !must(db.RecordAnswer(ctx, p1, "1700000000001", `{"x":1}`, now))(t) {
			t.Error("the message is not known")
		}
		if must(db.RecordAnswer(ctx, chat(tenant, "p2", "a:1"), "1700000000001", `{"x":2}`, now))(t) {
			t.Error("somebody else's answer counts")
		}
		if r := recipients(t, db, k)[0]; r.ReadAt == nil || r.Reaction != "like" {
			t.Errorf("%+v", r)
		}
	})
}

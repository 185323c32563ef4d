package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

func person(tenantID, id string) campaigns.Person {
	return campaigns.Person{TenantID: tenantID, ID: id, UPN: id + "@contoso.example", Mail: id + "@mail.contoso.example", DisplayName: "Person " + id, GivenName: id, Surname: "Person", Locale: "en-US"}
}

func TestPeopleAreMerged(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		full := person(tenant, "ann")
		ok(t, db.SavePeople(ctx, []campaigns.Person{full, full, {TenantID: other, ID: "ann", Mail: "other@fabrikam.example"}, {TenantID: tenant}}))
		// What the bot knows is less than the directory does; it must take nothing away.
		ok(t, db.SavePeople(ctx, []campaigns.Person{{TenantID: tenant, ID: "ann", DisplayName: "Ann A."}}))
		want := full
		want.DisplayName = "Ann A."
		for _, address := range []string{"ann@contoso.example", "ANN@mail.contoso.example", "  Ann@Contoso.example "} {
			if got := must(db.FindPerson(ctx, tenant, address))(t); got != want {
				t.Errorf("%s: %+v", address, got)
			}
		}
		if got := must(db.FindByID(ctx, tenant, "ann"))(t); got != want {
			t.Errorf("%+v", got)
		}
		if got := must(db.FindPerson(ctx, other, "other@fabrikam.example"))(t); got.TenantID != other {
			t.Errorf("%+v", got)
		}
		for _, address := range []string{"", " ", "nobody@contoso.example", "ann@contoso.exampl_", "%"} {
			_, err := db.FindPerson(ctx, tenant, address)
			code(t, err, campaigns.CodeNotFound)
		}
	})
}

// An address can be one person's mail and another's UPN; the mail is whom people mean.
func TestMailWinsOverUPN(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ok(t, db.SavePeople(ctx, []campaigns.Person{
			{TenantID: tenant, ID: "a", UPN: "Shared@contoso.example", Mail: "a@contoso.example"},
			{TenantID: tenant, ID: "b", UPN: "b@contoso.example", Mail: "shared@contoso.example"},
		}))
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "b", State: campaigns.Installed, UpdatedAt: now}))
		if got := must(db.FindPerson(ctx, tenant, "shared@contoso.example"))(t); got.ID != "b" {
			t.Errorf("found %s", got.ID)
		}
		got := must(db.ReachPeople(ctx, tenant, []string{"SHARED@contoso.example", "a@contoso.example", "nobody@contoso.example"}))(t)
		if len(got) != 2 || got["shared@contoso.example"].Person.ID != "b" || got["shared@contoso.example"].State != campaigns.Installed || got["a@contoso.example"].State != "" {
			t.Errorf("%+v", got)
		}
	})
}

// plan writes one page of "all users".
func plan(db *store.DB, k campaigns.Key, from delivery.Plan, after string, limit int) error {
	_, err := db.PlanMembers(context.Background(), k, from, delivery.Span{After: after, Limit: limit, Next: func(last string) delivery.Plan { return delivery.Plan{Cursor: last, Done: last == ""} }}, now)
	return err
}

// members are the people that a campaign to all users is planned for, page by page.
func members(t testing.TB, db *store.DB, limit int) []string {
	t.Helper()
	k := draft(t, db, tenant, "All").Key()
	must(db.ScheduleCampaign(t.Context(), k, 0, now, now))(t)
	_, at, err := db.Begin(t.Context(), k, now)
	for ok(t, err); !at.Done; {
		ok(t, plan(db, k, at, at.Cursor, limit))
		_, at, err = db.Begin(t.Context(), k, now)
		if campaigns.CodeOf(err) == campaigns.CodeConflict {
			break // nobody has the app: it has failed
		}
		ok(t, err)
	}
	var out []string
	for cursor := ""; ; {
		items, next, err := db.Recipients(t.Context(), k, campaigns.RecipientFilter{Cursor: cursor, Limit: 1000})
		ok(t, err)
		for _, r := range items {
			out = append(out, r.PersonID)
		}
		if cursor = next; cursor == "" {
			return out
		}
	}
}

// What a plan says of each of the people that the ledger knows; those whom a walk brought later come in a second pass.
func TestPlanMembers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for i, s := range []campaigns.InstallState{campaigns.Installed, campaigns.Blocked, campaigns.Uninstalled, ""} {
			p := person(tenant, fmt.Sprint("p", i))
			if i == 3 {
				p.Mail = "" // the UPN is their address
			}
			ok(t, db.SavePeople(ctx, []campaigns.Person{p, person(other, p.ID)}))
			if s != "" {
				ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: p.ID, State: s, UpdatedAt: now}))
			}
		}
		k := draft(t, db, tenant, "All").Key()
		must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		next := func(last string) delivery.Plan { return delivery.Plan{Cursor: "after " + last} }
		_, at, err := db.Begin(ctx, k, now)
		ok(t, err)
		at = must(db.PlanMembers(ctx, k, at, delivery.Span{Limit: 3, Next: next}, now))(t)
		if at.Cursor != "after p2" {
			t.Errorf("%+v", at)
		}
		_, err = db.PlanMembers(ctx, k, delivery.Plan{}, delivery.Span{Limit: 3, Next: next}, now)
		code(t, err, campaigns.CodeConflict) // another planner was faster
		at = must(db.PlanMembers(ctx, k, at, delivery.Span{After: "p2", Limit: 3, Next: next}, now))(t)
		if at.Cursor != "after " {
			t.Errorf("%+v", at)
		}
		ok(t, db.ApplyDirectoryPage(ctx, tenant, 5, campaigns.DirectoryPage{People: []campaigns.Person{person(tenant, "p1"), person(tenant, "new")}}))
		must(db.PlanMembers(ctx, k, at, delivery.Span{Walk: 5, Limit: 3, Next: next}, now))(t)
		var got []string
		for _, r := range recipients(t, db, k) {
			got = append(got, fmt.Sprint(r.PersonID, " ", r.Email, " ", r.DisplayName, " ", r.Status, " ", r.Reason))
		}
		p := person(tenant, "p0")
		want := []string{
			"p0 " + p.Mail + " " + p.DisplayName + " pending ",
			"p1 " + person(tenant, "p1").Mail + " " + person(tenant, "p1").DisplayName + " skipped blocked_by_user",
			"p2 " + person(tenant, "p2").Mail + " " + person(tenant, "p2").DisplayName + " skipped not_installed",
			"p3 " + person(tenant, "p3").UPN + " " + person(tenant, "p3").DisplayName + " skipped not_installed",
			"new " + person(tenant, "new").Mail + " " + person(tenant, "new").DisplayName + " skipped not_installed",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		counted(t, db, k)
	})
}

func TestDirectoryWalks(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		walk := func(n int64, full bool, page campaigns.DirectoryPage) {
			t.Helper()
			ok(t, db.ApplyDirectoryPage(ctx, tenant, n, page))
			ok(t, db.FinishDirectorySync(ctx, tenant, campaigns.SyncState{Token: fmt.Sprint("token", n), Walk: n, SyncedAt: now.Add(time.Duration(n) * time.Minute)}, full))
		}
		is := func(want ...string) {
			t.Helper()
			if got := members(t, db, 2); !slices.Equal(got, want) {
				t.Errorf("members %q, want %q", got, want)
			}
			if r := must(db.ReachAll(ctx, tenant))(t); r.Total != len(want) || r.Installed+r.NotInstalled != r.Total {
				t.Errorf("reach %+v, want %d", r, len(want))
			}
		}
		if st := must(db.DirectorySync(ctx, tenant))(t); st != (campaigns.SyncState{}) {
			t.Errorf("before the first walk: %+v", st)
		}
		ok(t, db.SavePeople(ctx, []campaigns.Person{person(tenant, "guest")})) // met by the bot only
		walk(1, true, campaigns.DirectoryPage{People: []campaigns.Person{person(tenant, "ann"), person(tenant, "bob"), person(tenant, "cid")}})
		is("ann", "bob", "cid", "guest")
		if st := must(db.DirectorySync(ctx, tenant))(t); st.Token != "token1" || st.Walk != 1 || !st.SyncedAt.Equal(now.Add(time.Minute)) {
			t.Errorf("%+v", st)
		}
		// Delta: one comes, one goes; the others are not named.
		walk(2, false, campaigns.DirectoryPage{People: []campaigns.Person{person(tenant, "dora")}, Removed: []string{"bob", "never-seen"}})
		is("ann", "cid", "dora", "guest")
		_, err := db.FindPerson(ctx, tenant, "bob@contoso.example")
		code(t, err, campaigns.CodeNotFound)
		// Somebody who left comes back.
		walk(3, false, campaigns.DirectoryPage{People: []campaigns.Person{person(tenant, "bob")}})
		is("ann", "bob", "cid", "dora", "guest")
		// A full walk that does not see them: they left. Only the bot's own acquaintances stay.
		walk(4, true, campaigns.DirectoryPage{People: []campaigns.Person{person(tenant, "ann"), person(tenant, "dora")}})
		is("ann", "dora", "guest")
		// In another tenant the walk numbers are its own.
		ok(t, db.ApplyDirectoryPage(ctx, other, 1, campaigns.DirectoryPage{People: []campaigns.Person{person(other, "fay")}}))
		is("ann", "dora", "guest")
	})
}

// A page is as large as Graph makes it, and statements have limits.
func TestLargePagesOfPeople(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var many []campaigns.Person
		var emails []string
		for i := range 2500 {
			many = append(many, person(tenant, fmt.Sprintf("p%05d", i)))
			emails = append(emails, many[i].Mail)
		}
		ok(t, db.ApplyDirectoryPage(t.Context(), tenant, 1, campaigns.DirectoryPage{People: many}))
		if got := members(t, db, 999); len(got) != 2500 || !slices.IsSorted(got) {
			t.Errorf("%d members", len(got))
		}
		if got := must(db.ReachPeople(t.Context(), tenant, emails))(t); len(got) != 2500 {
			t.Errorf("%d reached", len(got))
		}
		if got := must(db.NotReachable(t.Context(), tenant, 50))(t); len(got) != 50 {
			t.Errorf("%d not reachable", len(got))
		}
	})
}

// Two walks and the bot write the same people in different orders, and none may fail.
func TestPeopleAreWrittenAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var up []campaigns.Person
		for i := range 300 {
			up = append(up, person(tenant, fmt.Sprintf("p%03d", i)))
		}
		down := slices.Clone(up)
		slices.Reverse(down)
		for _, err := range together(6, func(i int) error {
			return db.SavePeople(t.Context(), [][]campaigns.Person{up, down}[i%2])
		}) {
			ok(t, err)
		}
		if got := members(t, db, 1000); len(got) != 300 {
			t.Errorf("%d people", len(got))
		}
	})
}

func TestReferencesOnlyGetNewer(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		_, err := db.Reference(ctx, tenant, "ann")
		code(t, err, campaigns.CodeNotFound)
		first := campaigns.Reference{TenantID: tenant, PersonID: "ann", UserID: "29:ann", BotID: "28:bot", ConversationID: "a:1", ServiceURL: "https://smba.example/emea/", AppVersion: "1.0.0", Locale: "fr-FR", State: campaigns.Installed, UpdatedAt: now}
		ok(t, db.SaveReference(ctx, first))
		if got := must(db.Reference(ctx, tenant, "ann"))(t); got != first {
			t.Errorf("%+v", got)
		}
		// An observation from before arrives late: nothing changes.
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "ann", ConversationID: "a:0", State: campaigns.Uninstalled, UpdatedAt: now.Add(-time.Millisecond)}))
		if got := must(db.Reference(ctx, tenant, "ann"))(t); got != first {
			t.Errorf("an older observation won: %+v", got)
		}
		// A newer one that knows less keeps what was known.
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "ann", State: campaigns.Blocked, UpdatedAt: now.Add(time.Second)}))
		want := first
		want.State, want.UpdatedAt = campaigns.Blocked, now.Add(time.Second)
		if got := must(db.Reference(ctx, tenant, "ann"))(t); got != want {
			t.Errorf("%+v", got)
		}
		// At the same moment the last one counts: Teams sends two activities for one installation.
		want.State, want.ConversationID = campaigns.Installed, "a:2"
		ok(t, db.SaveReference(ctx, want))
		if got := must(db.Reference(ctx, tenant, "ann"))(t); got != want {
			t.Errorf("%+v", got)
		}
	})
}

func TestConcurrentReferencesEndWithTheNewest(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, err := range together(12, func(i int) error {
			return db.SaveReference(t.Context(), campaigns.Reference{TenantID: tenant, PersonID: "ann", ConversationID: fmt.Sprint("a:", i), State: campaigns.Installed, UpdatedAt: now.Add(time.Duration(i) * time.Second)})
		}) {
			ok(t, err)
		}
		if got := must(db.Reference(t.Context(), tenant, "ann"))(t); got.ConversationID != "a:11" {
			t.Errorf("%+v", got)
		}
	})
}

func TestWelcomeIsClaimedOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		if must(db.ClaimWelcome(ctx, tenant, "ann"))(t) {
			t.Error("welcomed somebody unknown")
		}
		ref := campaigns.Reference{TenantID: tenant, PersonID: "ann", State: campaigns.Installed, UpdatedAt: now}
		ok(t, db.SaveReference(ctx, ref))
		for range 2 {
			firsts := make(chan bool, 6)
			for _, err := range together(6, func(int) error {
				first, err := db.ClaimWelcome(ctx, tenant, "ann")
				firsts <- first
				return err
			}) {
				ok(t, err)
			}
			close(firsts)
			n := 0
			for f := range firsts {
				if f {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%d first ones", n)
			}
			ref.UpdatedAt = ref.UpdatedAt.Add(time.Second)
			ok(t, db.SaveReference(ctx, ref)) // an observation does not undo the welcome
			if must(db.ClaimWelcome(ctx, tenant, "ann"))(t) {
				t.Error("welcomed twice")
			}
			ok(t, db.ForgetWelcome(ctx, tenant, "ann"))
		}
	})
}

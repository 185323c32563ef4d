package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/store"
)

func newInstallation(tenantID, id string) *campaigns.Installation {
	return &campaigns.Installation{TenantID: tenantID, ID: id, Audience: campaigns.Audience{All: true}, CreatedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"}, CreatedAt: now}
}

func dueOf(t *testing.T, db *store.DB, id string, at time.Time, limit int) (ids []string, left bool) {
	t.Helper()
	due, left, err := db.DueTargets(t.Context(), tenant, id, at, limit)
	ok(t, err)
	for _, d := range due {
		ids = append(ids, d.Person.ID)
	}
	slices.Sort(ids)
	return ids, left
}

// Everybody of an audience without the app stands in the installation once, whatever names them; of another tenant nobody does.
func TestInstallationsPeople(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for _, id := range []string{"ann", "bob", "cid", "dora", "eve"} {
			ok(t, db.SavePeople(ctx, []campaigns.Person{person(tenant, id)}))
		}
		ok(t, db.SavePeople(ctx, []campaigns.Person{person(other, "fay")}))
		for id, state := range map[string]campaigns.InstallState{"ann": campaigns.Installed, "bob": campaigns.Blocked, "cid": campaigns.Uninstalled} {
			ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: id, State: state, UpdatedAt: now}))
		}
		for name, emails := range map[string][]string{"in": {"dora@contoso.example", "bob@contoso.example", "proxy@contoso.example", "who@contoso.example"}, "out": {"eve@contoso.example"}} {
			l := &campaigns.List{TenantID: tenant, ID: name, Name: name, Version: 1, CreatedAt: now, UpdatedAt: now}
			ok(t, db.CreateList(ctx, l))
			var members []campaigns.Member
			for _, e := range emails {
				members = append(members, campaigns.Member{Email: e})
			}
			must(db.ImportMembers(ctx, l.Key(), campaigns.Import{Version: 1, Members: members}, now))(t)
		}
		for i, c := range []struct {
			q          campaigns.AudienceQuery
			removedToo bool
			want       string
		}{
			{campaigns.AudienceQuery{All: true}, false, "[dora eve]"},
			{campaigns.AudienceQuery{All: true}, true, "[cid dora eve]"},
			{campaigns.AudienceQuery{All: true, ExcludeListIDs: []string{"out"}}, false, "[dora]"},
			{campaigns.AudienceQuery{ListIDs: []string{"in"}, Found: map[string]string{"proxy@contoso.example": "eve"}}, false, "[dora eve]"},
			{campaigns.AudienceQuery{ListIDs: []string{"in"}, Typed: []string{"dora", "eve", "mail:who@contoso.example"}, ExcludeListIDs: []string{"out"}}, false, "[dora]"},
		} {
			inst := newInstallation(tenant, fmt.Sprintf("i%d", i))
			inst.RemovedToo = c.removedToo
			ok(t, db.CreateInstallation(ctx, inst, c.q))
			ids, left := dueOf(t, db, inst.ID, now, 10)
			if fmt.Sprint(ids) != c.want || !left || inst.Total != len(ids) || inst.Pending != len(ids) {
				t.Errorf("%+v: %v, want %s; %+v", c.q, ids, c.want, inst)
			}
			code(t, db.CreateInstallation(ctx, newInstallation(tenant, "second"), c.q), campaigns.CodeConflict)
			ok(t, db.StopInstallation(ctx, tenant, inst.ID, now))
		}
		err := db.CreateInstallation(ctx, newInstallation(tenant, "nobody"), campaigns.AudienceQuery{Typed: []string{"ann", "mail:who@contoso.example"}})
		if campaigns.ReasonOf(err) != "nobody" {
			t.Errorf("nobody: %v", err)
		}
		_, err = db.Installation(ctx, tenant, "nobody")
		code(t, err, campaigns.CodeNotFound) // nothing is left of it
		_, err = db.Installation(ctx, other, "i0")
		code(t, err, campaigns.CodeNotFound)
		code(t, db.StopInstallation(ctx, other, "i0", now), campaigns.CodeNotFound)
		_, _, err = db.Targets(ctx, other, "i0", campaigns.InstallTargetFilter{Limit: 1})
		code(t, err, campaigns.CodeNotFound)
		var pages []string
		for cursor := ""; ; {
			items, next, err := db.Installations(ctx, tenant, cursor, 2)
			ok(t, err)
			for _, i := range items {
				pages = append(pages, i.ID)
			}
			if cursor = next; next == "" {
				break
			}
		}
		if fmt.Sprint(pages) != "[i4 i3 i2 i1 i0]" {
			t.Errorf("%v", pages)
		}
	})
}

// Outcomes count once, whoever writes them twice, and whoever is tried again is due when it is time.
func TestInstallationsOutcomes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		var who []string
		for _, id := range []string{"a", "b", "c", "d"} {
			ok(t, db.SavePeople(ctx, []campaigns.Person{person(tenant, id)}))
			who = append(who, id)
		}
		ok(t, db.CreateInstallation(ctx, newInstallation(tenant, "i"), campaigns.AudienceQuery{Typed: who}))
		results := []campaigns.InstallResult{
			{PersonID: "a", State: campaigns.TargetInstalled}, {PersonID: "b", State: campaigns.TargetFailed, Reason: campaigns.BlockedByPolicy},
			{PersonID: "c", State: campaigns.TargetPending, Attempts: 1, DueAt: now.Add(time.Minute)}, {PersonID: "d", State: campaigns.TargetAlready},
		}
		for range 2 {
			ok(t, db.RecordTargets(ctx, tenant, "i", results))
		}
		ok(t, db.PauseInstallation(ctx, tenant, "i", now.Add(time.Second)))
		i := must(db.Installation(ctx, tenant, "i"))(t)
		if got := fmt.Sprint(i.Total, i.Pending, i.Installed, i.Already, i.Failed, i.Waiting); got != "4 1 1 1 1 2" || i.ResumeAt == nil || !i.ResumeAt.Equal(now.Add(time.Second)) {
			t.Errorf("%s, %+v", got, i)
		}
		if ids, left := dueOf(t, db, "i", now, 10); len(ids) != 0 || !left {
			t.Errorf("%v %v", ids, left)
		}
		if ids, _ := dueOf(t, db, "i", now.Add(time.Minute), 10); fmt.Sprint(ids) != "[c]" {
			t.Errorf("%v", ids)
		}
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "a", State: campaigns.Installed, UpdatedAt: now}))
		for group, want := range map[campaigns.InstallGroup]string{"": "a b c d", campaigns.InstallPending: "c", campaigns.InstallWaiting: "d", campaigns.InstallReady: "a", campaigns.InstallFailed: "b"} {
			var got string
			for cursor := ""; ; {
				items, next, err := db.Targets(ctx, tenant, "i", campaigns.InstallTargetFilter{Group: group, Cursor: cursor, Limit: 1})
				ok(t, err)
				for _, each := range items {
					got += each.Person.ID + " "
				}
				if cursor = next; next == "" {
					break
				}
			}
			if got != want+" " {
				t.Errorf("%q: %q, want %q", group, got, want)
			}
		}
		if running := must(db.RunningInstallations(ctx))(t); len(running) != 1 || running[0].ID != "i" {
			t.Errorf("%+v", running)
		}
		ok(t, db.EndInstallation(ctx, tenant, "i", campaigns.InstallationFailed, campaigns.InstallPermission, now))
		ok(t, db.EndInstallation(ctx, tenant, "i", campaigns.InstallationCompleted, "", now.Add(time.Hour)))
		i = must(db.Installation(ctx, tenant, "i"))(t)
		if i.State != campaigns.InstallationFailed || i.Reason != campaigns.InstallPermission || i.ResumeAt != nil || !i.EndedAt.Equal(now) || len(must(db.RunningInstallations(ctx))(t)) != 0 {
			t.Errorf("%+v", i)
		}
	})
}

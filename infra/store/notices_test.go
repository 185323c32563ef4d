package store_test

import (
	"slices"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

// asked is a campaign that waits, about which the people named are asked.
func asked(t *testing.T, db *store.DB, people ...string) campaigns.Key {
	t.Helper()
	for _, id := range people {
		ok(t, db.SaveRoles(t.Context(), campaigns.Actor{TenantID: tenant, PersonID: id, DisplayName: id, Roles: []campaigns.Role{campaigns.RolePublisher}}, now))
	}
	k := draft(t, db, tenant, "Asked").Key()
	must(db.RequestApproval(t.Context(), k, 0, campaigns.Approval{State: campaigns.Waiting, RequestedBy: campaigns.Author{ID: "author"}, RequestedAt: now, Recipients: 7}, now))(t)
	return k
}

func TestNotices(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		claim := func(at time.Time) (out []string, all []campaigns.Notice) {
			t.Helper()
			all = must(db.ClaimNotices(ctx, at, at, time.Minute, 100))(t)
			for _, n := range all {
				out = append(out, string(n.Kind)+" "+n.PersonID)
			}
			slices.Sort(out)
			return out, all
		}
		ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: tenant, PersonID: "analyst", Roles: []campaigns.Role{campaigns.RoleAnalyst}}, now))
		ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: tenant, PersonID: "author", Roles: []campaigns.Role{campaigns.RolePublisher}}, now))
		ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: other, PersonID: "stranger", Roles: []campaigns.Role{campaigns.RolePublisher}}, now))
		ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: tenant, PersonID: "long-ago", Roles: []campaigns.Role{campaigns.RolePublisher}}, now.Add(-campaigns.AskedRoleAge-time.Hour)))
		k := asked(t, db, "paula", "peter")

		got := together(4, func(int) error { // of many processes each notice goes to one
			_, all := claim(now)
			if len(all) == 0 {
				return campaigns.Errorf(campaigns.CodeConflict, "none", "none")
			}
			if len(all) != 2 || all[0].Attempts != 1 || all[0].Name != "Asked" || all[0].Approval.Recipients != 7 {
				t.Errorf("%+v", all)
			}
			return nil
		})
		oneWins(t, got, campaigns.CodeConflict)
		if names, _ := claim(now.Add(30 * time.Second)); len(names) != 0 {
			t.Errorf("taken from somebody who is at it: %q", names)
		}
		if all := must(db.ClaimNotices(ctx, now.AddDate(0, 0, 6), now.Add(30*time.Second), time.Minute, 100))(t); len(all) != 0 {
			t.Errorf("taken from somebody who is at it, after the clock leapt: %+v", all)
		}
		names, all := claim(now.Add(2 * time.Minute)) // whoever was at it is gone
		if !slices.Equal(names, []string{"ask paula", "ask peter"}) || all[0].Attempts != 2 {
			t.Errorf("%q %+v", names, all)
		}
		for _, n := range all {
			if n.PersonID == "paula" {
				ok(t, db.NoticeBrought(ctx, n, "act", now))
			} else {
				ok(t, db.NoticeAgain(ctx, n, now.Add(time.Hour)))
			}
		}
		if names, _ := claim(now.Add(50 * time.Minute)); len(names) != 0 {
			t.Errorf("%q", names)
		}
		by := campaigns.Author{ID: "paula", DisplayName: "Paula"}
		must(db.RejectCampaign(ctx, k, 0, campaigns.Approval{State: campaigns.Rejected, RequestedBy: campaigns.Author{ID: "author"}, By: &by, Comment: "no", Recipients: 7}, now.Add(51*time.Minute)))(t)
		names, all = claim(now.Add(52 * time.Minute))
		if !slices.Equal(names, []string{"ask paula", "tell author"}) {
			t.Errorf("%q", names)
		}
		for _, n := range all {
			if n.Approval.State != campaigns.Rejected || n.Approval.By == nil || n.Approval.Comment != "no" || n.Kind == campaigns.Asks && (!n.Settled || n.ActivityID != "act" || n.Attempts != 1) {
				t.Errorf("%+v", n)
			}
			ok(t, db.NoticeBrought(ctx, n, "act", now))
		}
		names, all = claim(now.Add(2 * time.Hour)) // it never left: there is no card to settle
		if !slices.Equal(names, []string{"ask peter"}) || !all[0].Settled || all[0].ActivityID != "" {
			t.Errorf("%q %+v", names, all)
		}
		ok(t, db.NoticeDropped(ctx, all[0]))
		if names, _ := claim(now.Add(100 * time.Hour)); len(names) != 0 {
			t.Errorf("left: %q", names)
		}
	})
}

// What a backup had still to tell was told since, perhaps.
func TestRestoredNoticesAreNotBrought(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		asked(t, db, "paula")
		must(db.MarkRestored(t.Context(), now))(t)
		if all := must(db.ClaimNotices(t.Context(), now.Add(time.Hour), now.Add(time.Hour), time.Hour, 10))(t); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

// A campaign is held back before its first page and never after it, by one of many, and never when it was stopped.
func TestHoldBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		started := func() (campaigns.Key, delivery.Plan) {
			k := draft(t, db, tenant, "Started").Key()
			ctx := campaigns.WithActor(ctx, campaigns.Actor{TenantID: tenant, PersonID: "sender", DisplayName: "Sender"}, now)
			must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
			c, plan, err := db.Begin(ctx, k, now)
			ok(t, err)
			if c.Approval == nil || c.Approval.State != campaigns.Alone || c.Approval.RequestedBy.ID != "sender" {
				t.Errorf("nobody knows who sent it: %+v", c.Approval)
			}
			return k, plan
		}
		k, _ := started()
		oneWins(t, together(4, func(int) error {
			return db.HoldBack(ctx, k, must(db.Campaign(ctx, k))(t).Held(9, now), now)
		}), campaigns.CodeConflict)
		c := must(db.Campaign(ctx, k))(t)
		if c.Status != campaigns.Draft || c.SendAt != nil || c.StartedAt != nil || c.Approval.State != campaigns.Waiting || !c.Approval.Grown || c.Approval.Recipients != 9 || c.Approval.RequestedBy.ID != "sender" {
			t.Errorf("%+v %+v", c, c.Approval)
		}
		by := campaigns.Author{ID: "paula", DisplayName: "Paula"}
		ap := *c.Approval
		ap.State, ap.By = campaigns.Approved, &by
		c = must(db.ApproveCampaign(ctx, k, c.Version, ap, now, now))(t)
		if got := c.Held(20, now); got.Before != 9 || got.RequestedBy.ID != "sender" || c.Ceiling(5) != 9 || c.Ceiling(50) != 50 || c.Ceiling(0) != 0 {
			t.Errorf("%+v, ceiling %d", got, c.Ceiling(5))
		}

		k, plan := started()
		ok(t, db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "x"}, nil, now))
		code(t, db.HoldBack(ctx, k, campaigns.Approval{State: campaigns.Waiting}, now), campaigns.CodeConflict)
		k, _ = started()
		must(db.StopCampaign(ctx, k, now))(t)
		code(t, db.HoldBack(ctx, k, campaigns.Approval{State: campaigns.Waiting}, now), campaigns.CodeConflict)
	})
}

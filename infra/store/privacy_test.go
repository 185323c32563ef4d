package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/survey"
	"herald/infra/store"
)

// everywhere finds the texts in every column of every table.
func everywhere(t testing.TB, db *store.DB, texts ...string) (found []string) {
	t.Helper()
	ok(t, db.EachText(t.Context(), func(table, column, value string) {
		for _, text := range texts {
			if strings.Contains(strings.ToLower(value), strings.ToLower(text)) {
				found = append(found, fmt.Sprintf("%s.%s holds %q: %.200s", table, column, text, value))
			}
		}
	}))
	return found
}

// zoe is somebody of whom there are traces everywhere.
var zoe = campaigns.Person{TenantID: tenant, ID: "7e0e7e0e-aaaa-4aaa-8aaa-0123456789ab", UPN: "Zoe.Zander@contoso.example", Mail: "zoë@mail.contoso.example", DisplayName: "Zoë Zander", GivenName: "Zoë", Surname: "Zander", Locale: "fr-FR"}

var zoesTexts = []string{zoe.ID, "zander", "zoë", "29:zoe", "a:zoe", "geheim", "Pacific/Chatham", "America/Caracas"}

// traces makes traces of Zoë, and of Ann beside her: a campaign that both got, read, clicked, answered and liked; one that was not sent to
// the address that Zoë had; one that is being sent; a draft to her address; lists; things she made.
func traces(t testing.TB, db *store.DB) (done, running campaigns.Key) {
	t.Helper()
	ctx := t.Context()
	ann := person(tenant, "ann")
	chat := func(p campaigns.Person, name string) campaigns.Reference {
		return campaigns.Reference{TenantID: p.TenantID, PersonID: p.ID, UserID: "29:" + name, BotID: "28:bot", ConversationID: "a:" + name, ServiceURL: "https://x.example", Locale: "fr-FR", State: campaigns.Installed, UpdatedAt: now}
	}
	ok(t, db.SavePeople(ctx, []campaigns.Person{zoe, ann, {TenantID: other, ID: zoe.ID, UPN: "namesake@fabrikam.example", DisplayName: "Another tenant's"}}))
	// The app was installed for her once, and is to be again.
	for i := range 2 {
		inst := &campaigns.Installation{TenantID: tenant, ID: fmt.Sprintf("i%d", i), Audience: campaigns.Audience{All: true}, Typed: 1, CreatedBy: campaigns.Author{ID: zoe.ID, DisplayName: zoe.DisplayName}, CreatedAt: now}
		ok(t, db.CreateInstallation(ctx, inst, campaigns.AudienceQuery{Typed: []string{zoe.ID, "somebody"}}))
		if i == 0 {
			ok(t, db.RecordTargets(ctx, tenant, inst.ID, []campaigns.InstallResult{{PersonID: zoe.ID, State: campaigns.TargetInstalled}, {PersonID: "somebody", State: campaigns.TargetFailed, Reason: campaigns.UserNotFound}}))
			ok(t, db.EndInstallation(ctx, tenant, inst.ID, campaigns.InstallationCompleted, "", now))
		}
	}
	ok(t, db.SaveReference(ctx, chat(zoe, "zoe")))
	ok(t, db.SaveReference(ctx, chat(ann, "ann")))

	list := &campaigns.List{TenantID: tenant, ID: "list", Name: "Staff", Columns: []campaigns.Column{{Name: "PAY", Label: "Pay", Type: campaigns.TextColumn}}, Version: 1, CreatedAt: now, UpdatedAt: now, CreatedBy: campaigns.Author{ID: zoe.ID, DisplayName: zoe.DisplayName}}
	ok(t, db.CreateList(ctx, list))
	must(db.ImportMembers(ctx, list.Key(), campaigns.Import{Version: 1, Columns: list.Columns, FirstNames: true, Members: []campaigns.Member{
		{Email: "ZOË@mail.contoso.example", FirstName: "Zoë", Values: map[string]string{"PAY": "geheim"}}, {Email: ann.Mail, Values: map[string]string{"PAY": "10"}}}}, now))(t)
	ok(t, db.CreateSurvey(ctx, &campaigns.Survey{TenantID: tenant, ID: "survey", Name: "Survey", Version: 1, CreatedAt: now, UpdatedAt: now, CreatedBy: campaigns.Author{ID: zoe.ID, DisplayName: zoe.DisplayName}}))

	start := func(name string, page []delivery.Planned) campaigns.Key {
		c := draft(t, db, tenant, name)
		must(db.ScheduleCampaign(ctx, c.Key(), 0, now, now))(t)
		_, plan, err := db.Begin(ctx, c.Key(), now)
		ok(t, err)
		ok(t, db.WritePage(ctx, c.Key(), plan, delivery.Plan{Cursor: "end", Done: true}, page, now))
		return c.Key()
	}
	to := func(p campaigns.Person) delivery.Planned {
		return delivery.Planned{Recipient: p.ID, PersonID: p.ID, Email: p.Address(), DisplayName: p.DisplayName, Status: campaigns.DeliveryPending, DueAt: now}
	}
	done = start("Done", []delivery.Planned{to(zoe), to(ann)})
	attempts := must(db.BeginAttempts(ctx, refs(done, 1, 2), nil, long, now, now))(t)
	for _, a := range attempts {
		must(db.Record(ctx, []delivery.Result{{Ref: a.Ref, Number: a.Number, Status: campaigns.DeliverySent, At: now, ActivityID: "1000", ConversationID: a.Reference.ConversationID}}))(t)
		ok(t, db.RecordRead(ctx, a.Reference, "1000", now))
		ok(t, db.RecordReaction(ctx, a.Reference, "1000", "like"))
		must(db.RecordAnswer(ctx, a.Reference, "1000", map[string]string{zoe.ID: `{"secret":"geheim"}`, "ann": `{"secret":"none"}`}[a.Person.ID], now))(t)
		must(db.RecordClicks(ctx, []campaigns.Click{{Campaign: 1, Link: 0, Seq: a.Seq, N: 2, At: now}}))(t)
	}
	start("Unknown", []delivery.Planned{to(ann), {Recipient: campaigns.UnknownRecipient("zoe.zander@contoso.example"), Email: "zoe.zander@contoso.example", Status: campaigns.DeliverySkipped, Reason: campaigns.UserNotFound, DueAt: now}})
	running = start("Running", []delivery.Planned{to(zoe), to(ann)})

	c := draft(t, db, tenant, "Typed")
	c.Audience = campaigns.Audience{Emails: []string{ann.Mail, "Zoe.Zander@contoso.example"}}
	c.CreatedBy, c.UpdatedBy = campaigns.Author{ID: zoe.ID, DisplayName: zoe.DisplayName}, campaigns.Author{ID: zoe.ID, DisplayName: zoe.DisplayName}
	ok(t, db.UpdateDraft(ctx, c, now))
	mine := *c
	mine.ID, mine.Name = "zoes", "Made by a colleague"
	ok(t, db.CreateCampaign(ctx, &mine))

	// She asked for an approval and refused another one; her role, what she did, and what others noted of her.
	hers, anns := campaigns.Author{ID: zoe.ID, DisplayName: zoe.DisplayName}, campaigns.Author{ID: "ann", DisplayName: "Ann"}
	as := func(a campaigns.Author) context.Context {
		return campaigns.WithActor(ctx, campaigns.Actor{TenantID: tenant, PersonID: a.ID, DisplayName: a.DisplayName}, now)
	}
	ok(t, db.SaveClientZone(ctx, tenant, zoe.ID, "Pacific/Chatham"))
	ok(t, db.SaveMailboxZones(ctx, tenant, map[string]string{zoe.ID: "America/Caracas"}, now))
	ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: tenant, PersonID: zoe.ID, DisplayName: zoe.DisplayName, UPN: zoe.UPN, Roles: []campaigns.Role{campaigns.RolePublisher}}, now))
	asked := draft(t, db, tenant, "Asked").Key()
	must(db.RequestApproval(as(hers), asked, 0, campaigns.Approval{State: campaigns.Waiting, RequestedBy: hers, RequestedAt: now, Recipients: 7}, now))(t)
	refused := draft(t, db, tenant, "Refused").Key()
	must(db.RequestApproval(as(anns), refused, 0, campaigns.Approval{State: campaigns.Waiting, RequestedBy: anns, RequestedAt: now, Recipients: 7}, now))(t)
	for _, n := range must(db.ClaimNotices(ctx, now, now, time.Minute, 10))(t) {
		ok(t, db.NoticeBrought(ctx, n, "2000", now))
	}
	must(db.RejectCampaign(as(hers), refused, 0, campaigns.Approval{State: campaigns.Rejected, RequestedBy: anns, RequestedAt: now, Recipients: 7, By: &hers, DecidedAt: &now, Comment: "too long"}, now))(t)
	ok(t, db.Audit(as(anns), tenant, campaigns.RecipientsExported, campaigns.Target{Kind: "campaign", ID: "c", Name: "Done"}, map[string]any{"q": "ZOË Zander"}))
	ok(t, db.Audit(as(anns), tenant, campaigns.PersonExported, campaigns.Target{Kind: "person", ID: zoe.ID, Name: zoe.DisplayName}, nil))
	return done, running
}

// totals is what reports say of every campaign.
func totals(t testing.TB, db *store.DB, ks ...campaigns.Key) string {
	t.Helper()
	ctx := t.Context()
	var b strings.Builder
	for _, k := range ks {
		clicks := must(db.LinkClicks(ctx, k))(t)
		fmt.Fprintln(&b, must(db.Campaign(ctx, k))(t).Counts, must(db.Engagement(ctx, k))(t), must(db.Reasons(ctx, k))(t), clicks)
		from, upTo, err := db.PaceSpan(ctx, k)
		ok(t, err)
		fmt.Fprintln(&b, must(db.Pace(ctx, k, from, upTo, time.Second))(t))
	}
	return b.String()
}

func TestForgetPerson(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		done, running := traces(t, db)
		if len(everywhere(t, db, zoesTexts...)) < 10 {
			t.Fatal("the test would see nothing")
		}
		before := totals(t, db, done)
		must(db.BeginAttempts(ctx, refs(running, 1), nil, long, now, now))(t)
		_, err := db.ForgetPerson(ctx, tenant, zoe.ID, now)
		code(t, err, campaigns.CodeConflict) // her message is on the wire
		must(db.Record(ctx, []delivery.Result{{Ref: refs(running, 1)[0], Number: 1, Status: campaigns.DeliveryRescheduled, Reason: campaigns.Throttled, NextAt: now.Add(time.Hour), At: now}}))(t)

		trace := must(db.Trace(ctx, tenant, zoe.ID))(t)
		if trace.Deliveries != 3 || trace.Lists != 1 || trace.Typed != 2 || trace.Authored != 6 || trace.Installs != 2 || trace.Noted != 5 {
			t.Errorf("%+v", trace)
		}
		got := must(db.ForgetPerson(ctx, tenant, zoe.ID, now))(t)
		if want := (campaigns.Forgotten{Deliveries: 3, Members: 1, Installs: 2, Authored: 5, Typed: 2, Noted: 6}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		for id, want := range map[string]string{"i0": "2 0 1 1 0", "i1": "2 1 0 1 0"} { // the counts stay; nobody waits for her
			i := must(db.Installation(ctx, tenant, id))(t)
			if got := fmt.Sprint(i.Total, i.Pending, i.Installed, i.Failed, i.Waiting); got != want {
				t.Errorf("installation %s: %s, want %s", id, got, want)
			}
		}
		// Another tenant's person with the same id is another one.
		for _, f := range everywhere(t, db, zoesTexts...) {
			if f != fmt.Sprintf("people.person_id holds %q: %s", zoe.ID, zoe.ID) {
				t.Error(f)
			}
		}
		if after := totals(t, db, done); after != before {
			t.Errorf("totals were\n%s\nand are\n%s", before, after)
		}
		if n := must(db.Campaign(ctx, running))(t).Counts; n != (campaigns.Counts{Total: 2, Pending: 1, Cancelled: 1}) {
			t.Errorf("running: %+v", n)
		}
		if l := must(db.List(ctx, campaigns.ListKey{TenantID: tenant, ListID: "list"}))(t); l.Members != 1 || l.CreatedBy != (campaigns.Author{ID: campaigns.Former}) {
			t.Errorf("list: %+v", l)
		}
		items, _, err := db.Recipients(ctx, done, campaigns.RecipientFilter{Limit: 10})
		ok(t, err)
		if len(items) != 2 || !items[0].Removed() || items[1].Removed() || items[0].Status != campaigns.DeliverySent || items[0].Clicks != 2 {
			t.Errorf("%+v", items)
		}
		for name, want := range map[string]campaigns.Approval{"asked": {State: campaigns.Waiting, RequestedBy: campaigns.Author{ID: campaigns.Former}}, "refused": {State: campaigns.Rejected, RequestedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"}, By: &campaigns.Author{ID: campaigns.Former}}} {
			found, _, err := db.Campaigns(ctx, tenant, campaigns.Filter{Query: name, Limit: 10})
			ok(t, err)
			if len(found) != 1 || found[0].Approval == nil || found[0].Approval.State != want.State || found[0].Approval.RequestedBy != want.RequestedBy || (want.By != nil && *found[0].Approval.By != *want.By) {
				t.Errorf("%s: %+v", name, found)
			}
		}
		lines, _, err := db.AuditLog(ctx, tenant, campaigns.AuditFilter{Limit: 100})
		ok(t, err)
		var log []string
		for _, l := range slices.Backward(lines) {
			log = append(log, fmt.Sprintf("%s %s %s%s", l.Actor.ID, l.Action, l.Target.Name, map[bool]string{true: " detail"}[string(l.Detail) != "{}"]))
		}
		if want := []string{" approval.requested Asked detail", "ann approval.requested Refused detail", " approval.rejected Refused detail", "ann recipients.exported Done", "ann person.exported "}; !slices.Equal(log, want) {
			t.Errorf("log %q, want %q", log, want)
		}
		_, err = db.ForgetPerson(ctx, tenant, zoe.ID, now)
		code(t, err, campaigns.CodeNotFound)
		_, err = db.PersonData(ctx, tenant, zoe.ID, now)
		code(t, err, campaigns.CodeNotFound)
	})
}

// The log keeps what it says of others, however short the name of whoever is forgotten.
func TestForgettingKeepsOthersNotes(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := campaigns.WithAuthor(t.Context(), campaigns.Author{ID: "bob", DisplayName: "Bob"}, now)
		ok(t, db.SavePeople(ctx, []campaigns.Person{{TenantID: tenant, ID: "an", Mail: "an@x.example", DisplayName: "An"}, {TenantID: tenant, ID: "wang", DisplayName: "王伟"}}))
		details := []map[string]any{
			{"q": "annual plan"}, {"an": true}, {"to": "joan@x.example"}, {"status": "an"}, {"to": "An@x.example"}, {"who": []any{map[string]any{"name": "“An”, too"}}}, {"comment": "请问王伟吧"},
		}
		for _, d := range details {
			ok(t, db.Audit(ctx, tenant, campaigns.RecipientsExported, campaigns.Target{Kind: "campaign", ID: "c", Name: "C"}, d))
		}
		must(db.ForgetPerson(t.Context(), tenant, "an", now))(t)
		must(db.ForgetPerson(t.Context(), tenant, "wang", now))(t)
		lines, _, err := db.AuditLog(ctx, tenant, campaigns.AuditFilter{Limit: 100})
		ok(t, err)
		var kept []string
		for _, l := range lines {
			kept = append([]string{string(l.Detail)}, kept...)
		}
		if got, want := strings.Join(kept, " "), `{"q":"annual plan"} {"an":true} {"to":"joan@x.example"} {} {} {} {}`; got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	})
}

// Who is known by nothing but a question in their chat is found, and forgotten.
func TestForgetWhomOnlyANoticeNames(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		traces(t, db)
		ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: tenant, PersonID: "bob", Roles: []campaigns.Role{campaigns.RolePublisher}}, now))
		k := draft(t, db, tenant, "Large").Key()
		must(db.RequestApproval(ctx, k, 0, campaigns.Approval{State: campaigns.Waiting, RequestedBy: campaigns.Author{ID: "ann"}, RequestedAt: now, Recipients: 7}, now))(t)
		ok(t, db.SaveRoles(ctx, campaigns.Actor{TenantID: tenant, PersonID: "bob"}, now)) // who has no role any more
		if d := must(db.PersonData(ctx, tenant, "bob", now))(t); len(d.Notices) != 1 || d.Notices[0].Brought {
			t.Errorf("%+v", d.Notices)
		}
		if f := must(db.ForgetPerson(ctx, tenant, "bob", now))(t); f.Noted != 1 {
			t.Errorf("%+v", f)
		}
		_, err := db.PersonData(ctx, tenant, "bob", now)
		code(t, err, campaigns.CodeNotFound)
	})
}

// Neither the directory nor Teams brings a forgotten person back; they themselves do.
func TestForgottenStayForgotten(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		traces(t, db)
		must(db.ForgetPerson(ctx, tenant, zoe.ID, now))(t)
		back := zoe
		back.ID = strings.ToUpper(zoe.ID)
		ok(t, db.ApplyDirectoryPage(ctx, tenant, 2, campaigns.DirectoryPage{People: []campaigns.Person{zoe, person(tenant, "new"), back}}))
		ref := campaigns.Reference{TenantID: tenant, PersonID: zoe.ID, UserID: "29:zoe", ConversationID: "a:zoe", State: campaigns.Installed, UpdatedAt: now.Add(time.Minute)}
		ok(t, db.SaveReference(ctx, ref))
		if f := everywhere(t, db, "zander", "29:zoe"); len(f) > 0 {
			t.Error(f)
		}
		must(db.FindByID(ctx, tenant, "new"))(t)
		if !must(db.IsForgotten(ctx, tenant, zoe.ID))(t) || must(db.IsForgotten(ctx, other, zoe.ID))(t) || must(db.CountForgotten(ctx, tenant))(t) != 1 {
			t.Error("who is forgotten is not told rightly")
		}
		ok(t, db.Remember(ctx, tenant, zoe.ID, now)) // something older, which Teams repeats
		if !must(db.IsForgotten(ctx, tenant, zoe.ID))(t) {
			t.Error("an old activity brought her back")
		}
		ok(t, db.Remember(ctx, tenant, zoe.ID, now.Add(time.Minute)))
		ok(t, db.SaveReference(ctx, ref))
		ok(t, db.SavePeople(ctx, []campaigns.Person{zoe}))
		must(db.FindByID(ctx, tenant, zoe.ID))(t)
		must(db.Reference(ctx, tenant, zoe.ID))(t)
	})
}

// While a person is forgotten, the directory is read: whichever comes first, nothing is left.
func TestForgetWhileTheDirectoryIsRead(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for i := range 10 {
			p := zoe
			p.ID = fmt.Sprintf("zoe-%d", i)
			ok(t, db.SavePeople(ctx, []campaigns.Person{p}))
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if err := db.ApplyDirectoryPage(ctx, tenant, 2, campaigns.DirectoryPage{People: []campaigns.Person{p}}); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Go(func() {
				if _, err := db.ForgetPerson(ctx, tenant, p.ID, now); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if _, err := db.FindByID(ctx, tenant, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
				t.Fatalf("round %d: %v", i, err)
			}
		}
	})
}

func TestPersonData(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		traces(t, db)
		d := must(db.PersonData(t.Context(), tenant, zoe.ID, now))(t)
		if d.Directory == nil || d.Directory.Mail != zoe.Mail || d.Directory.GivenName != "Zoë" || d.Directory.TimeZone != "Pacific/Chatham" || d.Directory.MailboxTimeZone != "America/Caracas" || d.Directory.MailboxAskedAt == nil || !d.Directory.MailboxAskedAt.Equal(now) || d.Chat == nil || d.Chat.ConversationID != "a:zoe" {
			t.Errorf("%+v %+v", d.Directory, d.Chat)
		}
		if len(d.Deliveries) != 3 || len(d.Lists) != 1 || d.Lists[0].Values["PAY"] != "geheim" || len(d.Authored) != 6 || len(d.Installs) != 2 || d.Installs[0].State != campaigns.TargetInstalled || len(d.Typed) != 2 {
			t.Fatalf("%+v", d)
		}
		if d.Role == nil || d.Role.UPN != zoe.UPN || len(d.Noted) != 3 || !d.Noted[0].Own || d.Noted[0].Name != "Asked" || d.Noted[2].Own || d.Noted[2].Action != campaigns.PersonExported {
			t.Errorf("%+v %+v", d.Role, d.Noted)
		}
		if len(d.Notices) != 1 || d.Notices[0].Campaign.Name != "Refused" || d.Notices[0].Kind != campaigns.Asks || !d.Notices[0].Brought || !d.Notices[0].Settled || !d.Notices[0].At.Equal(now) {
			t.Errorf("%+v", d.Notices)
		}
		first := d.Deliveries[0]
		if first.Campaign.Name != "Done" || first.Reaction != "like" || first.ReadAt == nil || first.Answer != `{"secret":"geheim"}` || len(first.Clicks) != 1 || first.Clicks[0].Clicks != 2 {
			t.Errorf("%+v", first)
		}
		if found := must(db.Known(t.Context(), tenant, []string{"zand", "contoso"}, 5))(t); len(found) != 1 || found[0].Person.ID != zoe.ID || found[0].State != campaigns.Installed {
			t.Errorf("%+v", found)
		}
		ok(t, db.ApplyDirectoryPage(t.Context(), tenant, 3, campaigns.DirectoryPage{Removed: []string{zoe.ID}}))
		if found := must(db.Known(t.Context(), tenant, []string{zoe.ID}, 5))(t); len(found) != 1 || !found[0].Gone {
			t.Errorf("by id, after she left: %+v", found)
		}
	})
}

// Who has opted out gets mandatory campaigns alone, whatever the audience.
func TestOptedOut(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		_, running := traces(t, db)
		ok(t, db.SetOptedOut(ctx, tenant, zoe.ID, true, now))
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: zoe.ID, State: campaigns.Installed, UpdatedAt: now.Add(time.Minute)}))
		if !must(db.Reference(ctx, tenant, zoe.ID))(t).OptedOut {
			t.Error("a later activity opted her in again")
		}
		// She is taken out of what has not reached her yet.
		if n := must(db.Campaign(ctx, running))(t).Counts; n != (campaigns.Counts{Total: 2, Pending: 1, Skipped: 1}) {
			t.Errorf("running: %+v", n)
		}
		if got := must(db.BeginAttempts(ctx, refs(running, 1, 2), nil, long, now, now))(t); len(got) != 1 || got[0].Seq != 2 {
			t.Errorf("%+v", got)
		}
		if r := must(db.ReachAll(ctx, tenant))(t); r.Installed != 2 || r.OptedOut != 1 {
			t.Errorf("%+v", r)
		}
		for name, q := range map[string]campaigns.AudienceQuery{"all": {All: true}, "list": {ListIDs: []string{"list"}}, "typed": {Typed: []string{zoe.ID, "ann"}}} {
			if n := must(db.CountAudience(ctx, tenant, q))(t); n.Installed != 2 || n.OptedOut != 1 {
				t.Errorf("%s: %+v", name, n)
			}
		}
		if r := must(db.ReachPeople(ctx, tenant, []string{zoe.Mail}))(t)[strings.ToLower(zoe.Mail)]; !r.OptedOut || r.State != campaigns.Installed {
			t.Errorf("%+v", r)
		}
		plan := func(mandatory bool, a campaigns.Audience, write func(k campaigns.Key, from delivery.Plan) error) campaigns.Counts {
			c := draft(t, db, tenant, "Planned")
			c.Audience, c.Mandatory = a, mandatory
			ok(t, db.UpdateDraft(ctx, c, now))
			must(db.ScheduleCampaign(ctx, c.Key(), 0, now, now))(t)
			got, from, err := db.Begin(ctx, c.Key(), now)
			ok(t, err)
			if got.Mandatory != mandatory {
				t.Errorf("mandatory %v", got.Mandatory)
			}
			ok(t, write(c.Key(), from))
			reasons := must(db.Reasons(ctx, c.Key()))(t)
			if told := slices.Contains(reasons, campaigns.ReasonCount{Reason: campaigns.OptedOut, Count: 1}); told == mandatory {
				t.Errorf("%+v: %+v", a, reasons)
			}
			return must(db.Campaign(ctx, c.Key()))(t).Counts
		}
		end := delivery.Plan{Cursor: "end", Done: true}
		done := sendTo(t, db, zoe)
		for _, mandatory := range []bool{false, true} {
			all := plan(mandatory, campaigns.Audience{All: true}, func(k campaigns.Key, from delivery.Plan) error {
				_, err := db.PlanMembers(ctx, k, from, delivery.Span{Limit: 100, Next: func(string) delivery.Plan { return end }}, now)
				return err
			})
			list := plan(mandatory, campaigns.Audience{ListIDs: []string{"list"}}, func(k campaigns.Key, from delivery.Plan) error {
				return db.PlanList(ctx, k, from, end, delivery.MemberSpan{List: "list", UpTo: 100}, now)
			})
			again := plan(mandatory, campaigns.Audience{Unanswered: done.CampaignID}, func(k campaigns.Key, from delivery.Plan) error {
				_, err := db.PlanUnanswered(ctx, k, done.CampaignID, from, delivery.SeqSpan{Limit: 100, Next: func(int64) delivery.Plan { return end }}, now)
				return err
			})
			skipped := 1
			if mandatory {
				skipped = 0
			}
			if all.Skipped != skipped || list.Skipped != skipped || again.Skipped != skipped || all.Total != 2 || list.Total != 2 || again.Total != 1 {
				t.Errorf("mandatory %v: all %+v, list %+v, reminder %+v", mandatory, all, list, again)
			}
		}
		ok(t, db.SetOptedOut(ctx, tenant, zoe.ID, false, now))
		if r := must(db.ReachAll(ctx, tenant))(t); r.OptedOut != 0 {
			t.Errorf("after she came back: %+v", r)
		}
	})
}

// Each column of each table is known to what forgets, exports and removes people. A new one must be classified here, and handled there.
func TestEveryColumnIsClassified(t *testing.T) {
	handled := map[string]string{ // of a person
		"installations": "created_by_id created_by_name", "installation_people": "person_id",
		"people": "*", "conversation_references": "*", "forgotten": "*", "role_holders": "*", "list_members": "*", "campaign_exclusions": "*",
		"deliveries": "recipient person_id email display_name search_key conversation_id activity_id answer cells reaction read_at answered_at clicked_at clicks sent_at attempted_at first_at",
		"campaigns":  "audience created_by_id created_by_name updated_by_id updated_by_name approval",
		"audit_log":  "actor_id actor_name target_id target_name detail search_key",
		"lists":      "created_by_id created_by_name", "surveys": "created_by_id created_by_name", "images": "created_by_id created_by_name",
		"notices":          "person_id says activity_id",
		"timed_deliveries": "seq moment round step first_at zone", "delivery_checks": "seq at found", "snoozes": "seq asked_at until_at due_at card_id first_at attempted_at", // too
		"link_clicks": "seq clicks first_at",                         // lead to a delivery
		"responses":   "slot answers pending started_at answered_at", // too, unless they are anonymous
	}
	nobodys := map[string]string{ // of nobody, or of an author's text
		"deliveries":          "tenant_id campaign seq step status final reason attempts repeated due_at",
		"campaigns":           "num tenant_id id name name_key format content status send_at started_at completed_at created_at updated_at version plan_cursor planned timing survey_id root_id n_total n_pending n_sending n_sent n_failed n_skipped n_rescheduled n_cancelled mandatory people_removed_at people_kept_days restored approval_state timed n_unscheduled n_replanned replanned_at",
		"audit_log":           "tenant_id id at action target_kind",
		"installations":       "tenant_id id audience typed removed_too state reason n_total n_pending n_installed n_already n_failed created_at ended_at resume_at people_removed",
		"installation_people": "tenant_id installation state reason attempts due_at chat_at chat_tries chat_done",
		"lists":               "num tenant_id id name name_key columns members last_seq created_at updated_at version",
		"surveys":             "tenant_id id name name_key definition version closes_at closed_at created_at updated_at",
		"images":              "name tenant_id type bytes width height size hash created_at", "link_clicks": "tenant_id campaign link",
		"responses":        "tenant_id campaign version done",
		"notices":          "tenant_id campaign_id round kind settled attempts made_at due_at held_until",
		"timed_deliveries": "tenant_id campaign", "delivery_checks": "tenant_id campaign n", "snoozes": "tenant_id campaign n state reason attempts repeated", "timed_hours": "*",
		"survey_versions": "*", "marks": "*", "campaign_pace": "*", "directory_syncs": "*", "counters": "*", "secrets": "*", "leases": "*", "restores": "*", "goose_db_version": "*",
	}
	each(t, func(t *testing.T, db *store.DB) {
		seen := 0
		ok(t, db.EachColumn(t.Context(), func(table, column string) {
			seen++
			for _, known := range []map[string]string{handled, nobodys} {
				if known[table] == "*" || slices.Contains(strings.Fields(known[table]), column) {
					return
				}
			}
			t.Errorf("%s.%s: is it about a person? Say it here, and in privacy.go and retention.go", table, column)
		}))
		if seen < 100 {
			t.Errorf("only %d columns", seen)
		}
	})
}

// What somebody answered under their name loses what they wrote, and when; what they chose still counts. Anonymous answers are nobody's.
func TestForgottenAnswers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		for name, remove := range map[string]func(p *poll){
			"forgotten": func(p *poll) { must(db.ForgetPerson(ctx, tenant, "p1", now))(t) },
			"aged": func(p *poll) {
				must(db.RemovePeople(ctx, p.key, 0, 1, 1, now))(t) // the first of them alone
			},
		} {
			t.Run(name, func(t *testing.T) {
				p := polling(t, db, branching, 3)
				p.t = t
				text := "geheim " + name
				for who := range 2 {
					p.press(who+1, survey.Answer, "q1", "", map[string]any{"q1": "yes"})
					p.press(who+1, survey.Answer, "q2", "", map[string]any{"q2": "b"})
					p.press(who+1, survey.Answer, "q3", "", map[string]any{"q3": fmt.Sprint(text, " of p", who+1)})
				}
				asked := must(db.Asked(ctx, chatOf(1), p.activity(1), p.key.CampaignID))(t)
				before := must(db.Response(ctx, asked, "d1"))(t)
				d := must(db.PersonData(ctx, tenant, "p1", now))(t).Deliveries
				got := d[len(d)-1].Survey
				if got == nil || !got.Done || got.AnsweredAt == nil || !slices.Equal(got.Answers, []campaigns.AnswerData{{Question: "Coming?", Answer: "yes"}, {Question: "Meal?", Answer: "Rice"}, {Question: "Anything else?", Answer: text + " of p1"}}) {
					t.Errorf("%+v", got)
				}
				results := must(p.Results(ctx, analyst, p.survey, campaigns.ResultFilter{}))(t)

				remove(p)
				if f := everywhere(t, db, text+" of p1"); len(f) > 0 {
					t.Error(f)
				}
				if f := everywhere(t, db, text+" of p2"); len(f) != 1 {
					t.Errorf("another one's answer: %q", f)
				}
				p.keeps(`{"q1":"yes","q2":"b","q3":"`+text+` of p2"}`, `{"q1":"yes","q2":"b"}`)
				after := must(p.Results(ctx, analyst, p.survey, campaigns.ResultFilter{}))(t)
				if after.Answered != 2 || after.Sent != 3 || fmt.Sprint(after.Questions[:2]) != fmt.Sprint(results.Questions[:2]) || after.Questions[2].Count != 1 {
					t.Errorf("results were %+v and are %+v", results, after)
				}
				// The card that they still have answers nothing more, neither does a press that came at the same moment.
				if got := shows(p.press(1, survey.Answer, "q1", "", map[string]any{"q1": "no"})); got != "test" {
					t.Errorf("their card is %s", got)
				}
				now := must(db.Response(ctx, asked, "d1"))(t)
				for _, b := range []*campaigns.Response{before, now, nil} {
					if must(db.SaveResponse(ctx, campaigns.ResponseChange{Asked: asked, Slot: "d1", Before: b, After: *before, Now: p.clock()}))(t) {
						t.Errorf("a late press was kept over %+v", b)
					}
				}
			})
		}
		t.Run("begun", func(t *testing.T) {
			p := polling(t, db, survey.Definition{AllowChange: true, Questions: []survey.Question{branching.Questions[2], {ID: "q4", Type: survey.YesNo, Text: "Sure?", Required: true, Branch: []survey.Branch{{Option: "no", To: "q5"}}}, {ID: "q5", Type: survey.Text, Text: "Last?"}}}, 2)
			p.press(2, survey.Answer, "q3", "", map[string]any{"q3": "half a thought"})
			d := must(db.PersonData(ctx, tenant, "p2", now))(t).Deliveries
			if got := d[len(d)-1].Survey; got == nil || got.Done || len(got.Answers) != 0 || !slices.Equal(got.Unfinished, []campaigns.AnswerData{{Question: "Anything else?", Answer: "half a thought"}}) {
				t.Errorf("%+v", got)
			}
			must(db.ForgetPerson(ctx, tenant, "p2", now))(t)
			if f := everywhere(t, db, "half a thought"); len(f) > 0 {
				t.Error(f)
			}
		})
		t.Run("anonymous", func(t *testing.T) {
			d := whole
			d.Anonymous = true
			p := polling(t, db, d, 2)
			p.press(1, survey.Answer, "", "token", map[string]any{"q1": "9", "q2": "nobody's"})
			if got := must(db.PersonData(ctx, tenant, "p1", now))(t).Deliveries; got[len(got)-1].Survey != nil {
				t.Errorf("%+v", got[len(got)-1].Survey)
			}
			must(db.ForgetPerson(ctx, tenant, "p1", now))(t)
			p.keeps(`{"q1":"9","q2":"nobody's"}`)
		})
	})
}

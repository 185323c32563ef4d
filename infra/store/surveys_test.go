package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/survey"
	"herald/infra/store"
)

// asks is a definition that can be sent; text tells versions apart.
func asks(text string) survey.Definition {
	return survey.Definition{Intro: "Hello", Questions: []survey.Question{{ID: "q1", Type: survey.YesNo, Text: text, Branch: []survey.Branch{{Option: "no", To: survey.End}}}, {ID: "q2", Type: survey.Text, Text: "Why?"}}}
}

// surveyOf saves a survey of a tenant.
func surveyOf(t testing.TB, db *store.DB, tenantID, name string) *campaigns.Survey {
	t.Helper()
	n := ids.Add(1)
	s := &campaigns.Survey{TenantID: tenantID, ID: fmt.Sprintf("s%06d", n), Name: name, Definition: asks("Good?"), Version: 1,
		CreatedAt: now.Add(-time.Duration(n) * time.Second), UpdatedAt: now, CreatedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"}}
	ok(t, db.CreateSurvey(t.Context(), s))
	return s
}

// asking saves a draft that asks a survey, of the people or, with root, of those who have not answered it.
func asking(t testing.TB, db *store.DB, s *campaigns.Survey, root string) campaigns.Key {
	t.Helper()
	c := draft(t, db, s.TenantID, "Asking "+s.Name)
	c.Format, c.Content, c.Audience.Unanswered = message.Survey, message.Content{SurveyID: s.ID}, root
	if root != "" {
		c.Audience.Emails = nil
	}
	ok(t, db.UpdateDraft(t.Context(), c, now))
	return c.Key()
}

// reach lets a campaign arrive at n people; the last one is not reached.
func reach(t testing.TB, db *store.DB, k campaigns.Key, n int) {
	t.Helper()
	must(db.ScheduleCampaign(t.Context(), k, 0, now, now))(t)
	_, plan, err := db.Begin(t.Context(), k, now)
	ok(t, err)
	ok(t, db.WritePage(t.Context(), k, plan, delivery.Plan{Cursor: "end", Done: true}, people(n), now))
	for i := 1; i <= n; i++ {
		s := campaigns.DeliverySent
		if i == n {
			s = campaigns.DeliveryFailed
		}
		r := result(attempt(t, db, k, int64(i)), s)
		r.ConversationID = "chat"
		must(db.Record(t.Context(), []delivery.Result{r}))(t)
	}
}

// answered marks a person of a campaign as having answered.
func answered(t testing.TB, db *store.DB, k campaigns.Key, n int) {
	t.Helper()
	id := fmt.Sprintf("p%d", n)
	asked := must(db.Asked(t.Context(), campaigns.Reference{TenantID: k.TenantID, PersonID: id, ConversationID: "chat"}, fmt.Sprintf("17000000000%02d", n), k.CampaignID))(t)
	ok(t, db.NoteAnswered(t.Context(), asked))
}

func TestSurveyIsKeptAsItIs(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s := surveyOf(t, db, tenant, "Été 100%")
		got := must(db.Survey(ctx, tenant, s.ID))(t)
		if !reflect.DeepEqual(got, s) {
			t.Errorf("got  %+v\nwant %+v", got, s)
		}
		closes := now.Add(time.Hour)
		s.Name, s.Definition, s.ClosesAt = "New", asks("Better?"), &closes
		oneWins(t, together(4, func(int) error { mine := *s; return db.UpdateSurvey(ctx, &mine, now.Add(time.Minute)) }), campaigns.CodeStale)
		s.Version, s.UpdatedAt = 2, now.Add(time.Minute)
		if got = must(db.Survey(ctx, tenant, s.ID))(t); !reflect.DeepEqual(got, s) {
			t.Errorf("got  %+v\nwant %+v", got, s)
		}
		ok(t, db.CloseSurvey(ctx, tenant, s.ID, now))
		ok(t, db.CloseSurvey(ctx, tenant, s.ID, now.Add(time.Hour)))
		if got = must(db.Survey(ctx, tenant, s.ID))(t); got.Open(now) || !got.Closes().Equal(now) || got.Version != 3 {
			t.Errorf("closed: %+v", got)
		}
		ok(t, db.ReopenSurvey(ctx, tenant, s.ID, nil, now))
		if got = must(db.Survey(ctx, tenant, s.ID))(t); !got.Open(now.Add(24*time.Hour)) || got.Version != 4 {
			t.Errorf("open again: %+v", got)
		}
		// What the other organisation asks for does not exist.
		_, err := db.Survey(ctx, other, s.ID)
		code(t, err, campaigns.CodeNotFound)
		theirs := *got
		theirs.TenantID = other
		code(t, db.UpdateSurvey(ctx, &theirs, now), campaigns.CodeNotFound)
		code(t, db.CloseSurvey(ctx, other, s.ID, now), campaigns.CodeNotFound)
		code(t, db.ReopenSurvey(ctx, other, s.ID, nil, now), campaigns.CodeNotFound)
		code(t, db.DeleteSurvey(ctx, other, s.ID, true), campaigns.CodeNotFound)
		if found := must(db.FindSurveys(ctx, other, []string{s.ID}))(t); len(found) != 0 {
			t.Errorf("found %v", found)
		}
		if found := must(db.FindSurveys(ctx, tenant, []string{s.ID, s.ID, "none"}))(t); len(found) != 1 || found[s.ID].Name != "New" {
			t.Errorf("found %v", found)
		}
		ok(t, db.DeleteSurvey(ctx, tenant, s.ID, false))
		_, err = db.Survey(ctx, tenant, s.ID)
		code(t, err, campaigns.CodeNotFound)
	})
}

func TestSurveysAreListed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		surveyOf(t, db, other, "theirs")
		var all []*campaigns.Survey
		for _, name := range []string{"delta", "Alpha", "charlie", "alpha", "Bravo 50%"} {
			all = append(all, surveyOf(t, db, tenant, name))
		}
		ok(t, db.CloseSurvey(ctx, tenant, all[2].ID, now.Add(time.Minute)))
		closes := now
		all[3].ClosesAt = &closes
		ok(t, db.UpdateSurvey(ctx, all[3], now.Add(2*time.Minute)))
		reach(t, db, asking(t, db, all[4], ""), 2)
		for name, c := range map[string]struct {
			f    campaigns.SurveyFilter
			want string
		}{
			"by name":             {campaigns.SurveyFilter{Sort: "name"}, "1 3 4 2 0"},
			"by name from Z":      {campaigns.SurveyFilter{Sort: "name", Desc: true}, "0 2 4 3 1"},
			"the oldest":          {campaigns.SurveyFilter{Sort: "created"}, "4 3 2 1 0"},
			"last changed":        {campaigns.SurveyFilter{Desc: true}, "3 2 4 1 0"},
			"search":              {campaigns.SurveyFilter{Query: "ALPHA", Sort: "name"}, "1 3"},
			"search for a sign":   {campaigns.SurveyFilter{Query: "0%", Sort: "name"}, "4"},
			"search for no joker": {campaigns.SurveyFilter{Query: "a_p", Sort: "name"}, ""},
			"never sent":          {campaigns.SurveyFilter{Status: campaigns.SurveyDraft, Sort: "name"}, "1 0"},
			"open":                {campaigns.SurveyFilter{Status: campaigns.SurveyOpen, Sort: "name"}, "4"},
			"closed":              {campaigns.SurveyFilter{Status: campaigns.SurveyClosed, Sort: "name"}, "3 2"},
		} {
			for _, limit := range []int{1, 2, 10} {
				var got []string
				c.f.Cursor, c.f.Limit = "", limit
				for more := true; more; more = c.f.Cursor != "" {
					items, next, err := db.Surveys(ctx, tenant, c.f, now)
					ok(t, err)
					for _, s := range items {
						got = append(got, strconv.Itoa(slices.IndexFunc(all, func(a *campaigns.Survey) bool { return a.ID == s.ID })))
						if c.f.Status != "" && s.Status(now) != c.f.Status {
							t.Errorf("%s: %s is %s", name, s.Name, s.Status(now))
						}
					}
					c.f.Cursor = next
				}
				if strings.Join(got, " ") != c.want {
					t.Errorf("%s, %d at a time: %q, want %q", name, limit, got, c.want)
				}
			}
		}
		for _, cursor := range []string{"x", "eA.s1", "!.s1"} {
			_, _, err := db.Surveys(ctx, tenant, campaigns.SurveyFilter{Cursor: cursor, Limit: 1}, now)
			code(t, err, campaigns.CodeInvalid)
		}
	})
}

// A campaign asks what its survey asked when it was scheduled, and a reminder what its campaign asks.
func TestScheduledCampaignPinsItsSurvey(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s := surveyOf(t, db, tenant, "One")
		k := asking(t, db, s, "")
		c := must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		if c.Content.SurveyVersion != 1 {
			t.Errorf("pinned %+v", c.Content)
		}
		s.Definition = asks("Changed?")
		ok(t, db.UpdateSurvey(ctx, s, now))
		if d := must(db.SurveyVersion(ctx, tenant, s.ID, 1))(t); d.Questions[0].Text != "Good?" {
			t.Errorf("version 1 is %+v", d)
		}
		_, err := db.SurveyVersion(ctx, tenant, s.ID, 2)
		code(t, err, campaigns.CodeNotFound)
		_, err = db.SurveyVersion(ctx, other, s.ID, 1)
		code(t, err, campaigns.CodeNotFound)
		if c = must(db.UnscheduleCampaign(ctx, k, now))(t); c.Content.SurveyVersion != 0 || must(db.Campaign(ctx, k))(t).Content.SurveyVersion != 0 {
			t.Errorf("taken back: %+v", c.Content)
		}
		reach(t, db, k, 3)
		if c = must(db.Campaign(ctx, k))(t); c.Content.SurveyVersion != 2 {
			t.Errorf("sent: %+v", c.Content)
		}
		if w := must(db.Work(ctx, k))(t); w.Survey == nil || w.Survey.Questions[0].Text != "Changed?" || w.CampaignID != k.CampaignID || w.Closes != nil {
			t.Errorf("work: %+v", w)
		}
		ok(t, db.CloseSurvey(ctx, tenant, s.ID, now.Add(time.Minute)))
		if w := must(db.Work(ctx, k))(t); w.Closes == nil || !w.Closes.Equal(now.Add(time.Minute)) {
			t.Errorf("work of a closed survey: %+v", w)
		}
		ok(t, db.ReopenSurvey(ctx, tenant, s.ID, nil, now))
		reminder := asking(t, db, s, k.CampaignID)
		if c = must(db.ScheduleCampaign(ctx, reminder, 0, now, now))(t); c.Content.SurveyVersion != 2 {
			t.Errorf("the reminder asks %+v", c.Content)
		}
		code(t, db.DeleteCampaign(ctx, k, now), campaigns.CodeConflict)

		// What is not complete, not there, or was never asked is not scheduled.
		empty := surveyOf(t, db, tenant, "Empty")
		empty.Definition = survey.Definition{}
		ok(t, db.UpdateSurvey(ctx, empty, now))
		theirs := surveyOf(t, db, other, "Theirs")
		theirs.TenantID = tenant
		for name, k := range map[string]campaigns.Key{
			"survey_incomplete": asking(t, db, empty, ""),
			"survey_unknown":    asking(t, db, theirs, ""),
			"unknown_campaign":  asking(t, db, s, "none"),
			"not_started":       asking(t, db, s, asking(t, db, s, "").CampaignID),
		} {
			_, err := db.ScheduleCampaign(ctx, k, 0, now, now)
			code(t, err, campaigns.CodeConflict)
			if c := must(db.Campaign(ctx, k))(t); !strings.Contains(err.Error(), name) || c.Status != campaigns.Draft || c.Content.SurveyVersion != 0 {
				t.Errorf("%s: %v, %+v", name, err, c)
			}
		}
		if _, err := db.SurveyVersion(ctx, tenant, empty.ID, 2); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("an incomplete version was kept: %v", err)
		}
	})
}

func TestSurveyCounts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s, idle := surveyOf(t, db, tenant, "One"), surveyOf(t, db, tenant, "Idle")
		k := asking(t, db, s, "")
		reach(t, db, k, 4)
		answered(t, db, k, 2)
		reminder := asking(t, db, s, k.CampaignID)
		later := asking(t, db, s, "")
		for _, id := range []string{s.ID, idle.ID} {
			got := must(db.Survey(ctx, tenant, id))(t)
			if n := fmt.Sprint(got.Campaigns, got.Started, got.Sent, got.Answered); n != map[string]string{s.ID: "2 true 3 1", idle.ID: "0 false 0 0"}[id] {
				t.Errorf("%s: %s", got.Name, n)
			}
		}
		list := must(db.SurveyCampaigns(ctx, tenant, s.ID, 10))(t)
		var got []string
		for _, c := range list {
			got = append(got, fmt.Sprint(c.ID, c.Status, c.StartedAt != nil, c.Version, c.Sent, c.Answered, c.ReminderOf))
		}
		want := []string{later.CampaignID + "draft false 0 0 0 ", reminder.CampaignID + "draft false 0 0 0 " + k.CampaignID, k.CampaignID + "completed true 1 3 1 "}
		for i := range want {
			if i >= len(got) || strings.ReplaceAll(got[i], " ", "") != strings.ReplaceAll(want[i], " ", "") {
				t.Fatalf("campaigns %q, want %q", got, want)
			}
		}
		if list := must(db.SurveyCampaigns(ctx, other, s.ID, 10))(t); len(list) != 0 {
			t.Errorf("others see %+v", list)
		}
		ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: "p1", State: campaigns.Installed, UpdatedAt: now}))
		if r := must(db.Unanswered(ctx, k))(t); r != (campaigns.Reach{Total: 2, Installed: 1, NotInstalled: 1}) {
			t.Errorf("unanswered: %+v", r)
		}
		_, err := db.Unanswered(ctx, campaigns.Key{TenantID: other, CampaignID: k.CampaignID})
		code(t, err, campaigns.CodeNotFound)

		// In use; then with answers, which go only when somebody says so.
		code(t, db.DeleteSurvey(ctx, tenant, s.ID, true), campaigns.CodeConflict)
		ok(t, db.DeleteCampaign(ctx, later, now))
		ok(t, db.DeleteCampaign(ctx, reminder, now))
		err = db.DeleteSurvey(ctx, tenant, s.ID, false)
		code(t, err, campaigns.CodeConflict)
		if !strings.Contains(err.Error(), "survey_has_answers") || !strings.Contains(err.Error(), "1 ") {
			t.Error(err)
		}
		ok(t, db.DeleteSurvey(ctx, tenant, s.ID, true))
		_, err = db.SurveyVersion(ctx, tenant, s.ID, 1)
		code(t, err, campaigns.CodeNotFound)
	})
}

// A reminder is planned page by page, and whoever answers meanwhile is left out; nobody twice, whatever planners do.
func TestPlanUnanswered(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s := surveyOf(t, db, tenant, "One")
		root := asking(t, db, s, "")
		reach(t, db, root, 8) // p8 was not reached
		for i := 1; i <= 8; i++ {
			state := campaigns.Installed
			if i == 3 {
				state = campaigns.Blocked
			}
			ok(t, db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: fmt.Sprintf("p%d", i), State: state, UpdatedAt: now}))
		}
		answered(t, db, root, 2)
		k := asking(t, db, s, root.CampaignID)
		must(db.ScheduleCampaign(ctx, k, 0, now, now))(t)
		_, plan, err := db.Begin(ctx, k, now)
		ok(t, err)
		span := func(after int64) delivery.SeqSpan {
			return delivery.SeqSpan{After: after, Limit: 2, Next: func(last int64) delivery.Plan {
				return delivery.Plan{Cursor: strconv.FormatInt(last, 10), Done: last == 0}
			}}
		}
		first := plan
		oneWins(t, together(3, func(int) error {
			_, err := db.PlanUnanswered(ctx, k, root.CampaignID, first, span(0), now)
			return err
		}), campaigns.CodeConflict)
		answered(t, db, root, 1) // too late: planned
		answered(t, db, root, 5)
		plan = delivery.Plan{Cursor: "3"}
		for !plan.Done {
			after, err := strconv.ParseInt(plan.Cursor, 10, 64)
			ok(t, err)
			plan, err = db.PlanUnanswered(ctx, k, root.CampaignID, plan, span(after), now)
			ok(t, err)
		}
		items, _, err := db.Recipients(ctx, k, campaigns.RecipientFilter{Limit: 100})
		ok(t, err)
		var got []string
		for _, r := range items {
			got = append(got, fmt.Sprint(r.PersonID, " ", r.Status, " ", r.Email))
		}
		slices.Sort(got)
		want := []string{"p1 pending p1@contoso.example", "p3 skipped p3@contoso.example", "p4 pending p4@contoso.example", "p6 pending p6@contoso.example", "p7 pending p7@contoso.example"}
		if !slices.Equal(got, want) {
			t.Errorf("planned %q\nwant %q", got, want)
		}
		if c := counted(t, db, k); !c.Planned || c.Counts.Total != 5 {
			t.Errorf("%+v", c)
		}
	})
}

func TestListColumns(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for i, columns := range [][]campaigns.Column{{{Name: "B"}, {Name: "A"}}, nil, {{Name: "A"}}} {
			ok(t, db.CreateList(t.Context(), &campaigns.List{TenantID: tenant, ID: fmt.Sprint("l", i), Name: fmt.Sprint("List ", i), Columns: columns, Version: 1, CreatedAt: now, UpdatedAt: now}))
		}
		if got := must(db.ListColumns(t.Context(), tenant))(t); !slices.Equal(got, []string{"A", "B"}) {
			t.Errorf("columns %q", got)
		}
		if got := must(db.ListColumns(t.Context(), other))(t); len(got) != 0 {
			t.Errorf("others have %q", got)
		}
	})
}

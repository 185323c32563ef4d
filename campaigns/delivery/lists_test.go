package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
)

var amount = []campaigns.Column{{Name: "AMOUNT", Label: "Amount", Type: campaigns.TextColumn}}

// list saves a list whose members have the values that follow their addresses.
func (w *world) list(members ...string) string {
	w.t.Helper()
	l, err := w.service.CreateList(w.ctx, author(contoso), campaigns.ListInput{Name: fmt.Sprintf("List %d", time.Now().UnixNano()), Columns: amount})
	w.ok(err)
	in := campaigns.Import{Version: 1, Columns: amount}
	for i := 0; i < len(members); i += 2 {
		in.Members = append(in.Members, campaigns.Member{Email: members[i], Values: map[string]string{"AMOUNT": members[i+1]}})
	}
	_, err = w.db.ImportMembers(w.ctx, l.Key(), in, w.now())
	w.ok(err)
	return l.ID
}

func (w *world) sendText(a campaigns.Audience, text string) campaigns.Key {
	w.t.Helper()
	c, err := w.service.Create(w.ctx, author(contoso), campaigns.Input{Name: "N", Format: message.Message, Content: message.Content{Text: text}, Audience: a})
	w.ok(err)
	_, err = w.service.Send(w.ctx, author(contoso), c.ID, 0, nil)
	w.ok(err)
	return c.Key()
}

func x(id string) string { return id + "@x.example" }

// states sums a report up: "p00000 sent, …" by person or address.
func (w *world) is(k campaigns.Key, want map[string]string) {
	w.t.Helper()
	got := map[string]string{}
	for name, r := range w.recipients(k) {
		got[name] = strings.TrimSpace(fmt.Sprint(r.Status, " ", r.Reason))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("the report is %v\nwant %v", got, want)
	}
}

// Several lists, typed addresses and exclusions: everybody once, with the values of the first list; the excluded not at all,
// whatever address they were excluded by.
func TestListsAddressesAndExclusions(t *testing.T) {
	w := setup(t)
	w.people(contoso, 6)
	w.set(contoso, "p00001", campaigns.Uninstalled)
	alias := campaigns.Person{TenantID: contoso, ID: "p00004", UPN: x("p00004"), Mail: x("p00004"), DisplayName: "Person p00004"}
	w.directory.found = map[string]campaigns.Person{"alias@x.example": alias}
	first := w.list(x("p00000"), "1", x("P00001"), "2", "ghost@x.example", "3", x("p00002"), "")
	second := w.list(x("p00000"), "other", x("p00003"), "4", x("p00004"), "5", "GHOST@x.example", "6")
	out := w.list("alias@x.example", "", "hidden@x.example", "")
	k := w.sendText(campaigns.Audience{ListIDs: []string{first, second}, Emails: []string{x("p00000"), x("p00004"), "hidden@x.example", x("p00005")}, ExcludeListIDs: []string{out}}, "Hello [AMOUNT]")
	w.start()
	w.ended(k, campaigns.Completed)
	w.is(k, map[string]string{"p00000": "sent", "p00001": "skipped not_installed", "ghost@x.example": "skipped user_not_found", "p00002": "failed missing_data", "p00003": "sent", "p00005": "failed missing_data"})
	for person, text := range map[string]string{"p00000": "1", "p00003": "4"} {
		if got := w.teams.text(k, person); got != text {
			t.Errorf("%s got %q, want %q", person, got, text)
		}
	}
}

func TestEverybodyLessAList(t *testing.T) {
	w := setup(t)
	w.people(contoso, 5)
	out := w.list(x("p00001"), "", "ghost@x.example", "", x("P00003"), "")
	k := w.sendText(campaigns.Audience{All: true, ExcludeListIDs: []string{out}}, "Hello [FIRSTNAME]")
	w.start()
	w.ended(k, campaigns.Completed)
	w.is(k, map[string]string{"p00000": "sent", "p00002": "sent", "p00004": "sent"})
}

// Nobody is left to send to.
func TestOnlyExcludedPeople(t *testing.T) {
	w := setup(t)
	w.people(contoso, 1)
	l := w.list(x("p00000"), "")
	k := w.sendText(campaigns.Audience{ListIDs: []string{l}, ExcludeListIDs: []string{l}}, "Hello")
	w.start()
	w.ended(k, campaigns.Failed)
	w.is(k, map[string]string{})
}

// G1, G3: planners that die at every page are continued by others, and everybody is there once.
func TestG1PlannersOfListsDie(t *testing.T) {
	w := setup(t)
	emails := w.people(contoso, 1200)
	var a, b []string
	for i, e := range emails {
		if i < 900 {
			a = append(a, e, "a")
		}
		if i > 600 {
			b = append(b, e, "b")
		}
	}
	for i := range 250 { // three pages of strangers
		a = append(a, fmt.Sprintf("ghost%03d@x.example", i), "")
	}
	k := w.sendText(campaigns.Audience{ListIDs: []string{w.list(a...), w.list(b...)}, Emails: []string{emails[5], "typed@x.example"}, ExcludeListIDs: []string{w.list(emails[1], "", "ghost000@x.example", "")}}, "Hello [AMOUNT]")
	for range 12 {
		p := w.start(after(func(p *process, call string, _ int) {
			if call == "PlanList" || call == "Exclude" || call == "WritePage" {
				p.kill()
			}
		}), slots(8))
		w.until("the planner died, or the plan is done", func() bool { return p.gone() || w.campaign(k).Planned })
		p.kill()
		w.expire()
		if w.campaign(k).Planned {
			break
		}
	}
	w.start()
	c := w.ended(k, campaigns.Completed)
	if c.Counts.Total != 1199+249+1 || c.Counts.Skipped != 250 {
		t.Errorf("%+v", c.Counts)
	}
	w.recipients(k)
	for i, e := range emails {
		want := "a"
		if i >= 900 {
			want = "b"
		}
		if i == 1 {
			want = ""
		}
		if got := w.teams.text(k, strings.TrimSuffix(e, "@x.example")); got != want {
			t.Errorf("%s got %q, want %q", e, got, want)
		}
	}
}

// While the directory does not answer, known members get their message; the others are planned when it does.
func TestMembersWhomOnlyTheDirectoryKnows(t *testing.T) {
	w := setup(t)
	w.people(contoso, 2)
	gate := make(chan struct{})
	w.directory.gate = gate
	w.directory.found = map[string]campaigns.Person{"new@x.example": {TenantID: contoso, ID: "new", Mail: "new@x.example", DisplayName: "New"}}
	k := w.sendText(campaigns.Audience{ListIDs: []string{w.list("new@x.example", "1", x("p00000"), "2")}}, "Hello [AMOUNT]")
	w.start()
	w.until("the known member has it", func() bool { return w.teams.total(k) == 1 })
	if w.campaign(k).Planned {
		t.Error("planned without the directory")
	}
	_, err := w.service.AddMember(w.ctx, author(contoso), w.campaign(k).Audience.ListIDs[0], campaigns.Member{Email: x("p00001")})
	if campaigns.CodeOf(err) != campaigns.CodeConflict {
		t.Errorf("the list changed under the plan: %v", err)
	}
	close(gate)
	w.ended(k, campaigns.Completed)
	w.is(k, map[string]string{"p00000": "sent", "new": "skipped not_installed"})
}

func (l watchedLedger) MemberPage(ctx context.Context, k delivery.Key, list string, before []string, after int64, limit, strangers int) (delivery.MemberPage, error) {
	return call(l.p, "MemberPage", func() (delivery.MemberPage, error) {
		return l.Ledger.MemberPage(ctx, k, list, before, after, limit, strangers)
	})
}

func (l watchedLedger) PlanList(ctx context.Context, k delivery.Key, from, to delivery.Plan, span delivery.MemberSpan, now time.Time) error {
	return do(l.p, "PlanList", func() error { return l.Ledger.PlanList(ctx, k, from, to, span, now) })
}

func (l watchedLedger) Exclude(ctx context.Context, k delivery.Key, from, to delivery.Plan, span delivery.MemberSpan, now time.Time) error {
	return do(l.p, "Exclude", func() error { return l.Ledger.Exclude(ctx, k, from, to, span, now) })
}

package store_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/store"
)

var amount = []campaigns.Column{{Name: "AMOUNT", Label: "Amount", Type: campaigns.NumberColumn}, {Name: "DUE DATE", Label: "Due", Type: campaigns.DateColumn}}

// newList saves a list with members.
func newList(t testing.TB, db *store.DB, tenantID, name string, members ...campaigns.Member) *campaigns.List {
	t.Helper()
	l := &campaigns.List{TenantID: tenantID, ID: fmt.Sprintf("list-%06d", ids.Add(1)), Name: name, Columns: amount, Version: 1, CreatedAt: now, UpdatedAt: now, CreatedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"}}
	ok(t, db.CreateList(t.Context(), l))
	if len(members) > 0 {
		must(db.ImportMembers(t.Context(), l.Key(), imported(members...), now))(t)
	}
	return l
}

func imported(members ...campaigns.Member) campaigns.Import {
	return campaigns.Import{Version: 1, Columns: amount, Members: members, FirstNames: true, LastNames: true}
}

func member(id, value string) campaigns.Member {
	return campaigns.Member{Email: id + "@contoso.example", Values: map[string]string{"AMOUNT": value}}
}

// known saves people p1 to pn, of whom all but the last have the app.
func known(t testing.TB, db *store.DB, tenantID string, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		id := fmt.Sprintf("p%d", i)
		ok(t, db.SavePeople(t.Context(), []campaigns.Person{{TenantID: tenantID, ID: id, UPN: id + "@login.example", Mail: strings.ToUpper(id[:1]) + id[1:] + "@contoso.example", DisplayName: "Person " + id}}))
		if i < n {
			ok(t, db.SaveReference(t.Context(), campaigns.Reference{TenantID: tenantID, PersonID: id, ConversationID: "a:" + id, State: campaigns.Installed, UpdatedAt: now}))
		}
	}
}

func values(t testing.TB, db *store.DB, l *campaigns.List) map[string]string {
	t.Helper()
	out := map[string]string{}
	for cursor := ""; ; {
		items, next, err := db.Members(t.Context(), l.Key(), campaigns.MemberFilter{Limit: 2, Cursor: cursor})
		ok(t, err)
		for _, m := range items {
			out[m.Email] = fmt.Sprint(m.Values["AMOUNT"], "|", m.FirstName, "|", m.State)
		}
		if cursor = next; next == "" {
			return out
		}
	}
}

func TestImportsAddAndReplace(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		known(t, db, tenant, 3)
		first := member("P1", "1")
		first.FirstName = "One"
		l := newList(t, db, tenant, "List", first, member("p3", "3"), member("ghost", "4"), campaigns.Member{Email: "p2@LOGIN.example"})
		want := map[string]string{"P1@contoso.example": "1|One|installed", "p3@contoso.example": "3||not_installed", "ghost@contoso.example": "4||unknown", "p2@LOGIN.example": "||installed"}
		if got := values(t, db, l); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v", got)
		}
		if got := must(db.List(t.Context(), l.Key()))(t); got.Members != 4 || must(db.CountInstalled(t.Context(), l.TenantID, got))(t)[l.ID] != 2 || got.Version != 1 {
			t.Errorf("%+v", got)
		}

		// New values cover old ones, also with nothing; names that the file does not speak of stay.
		in := campaigns.Import{Version: 1, Columns: amount, Members: []campaigns.Member{member("p1", ""), member("p3", "9"), member("new", "5")}}
		if added := must(db.ImportMembers(t.Context(), l.Key(), in, now))(t); added != 1 {
			t.Errorf("added %d", added)
		}
		want["p1@contoso.example"], want["p3@contoso.example"], want["new@contoso.example"] = "|One|installed", "9||not_installed", "5||unknown"
		delete(want, "P1@contoso.example")
		if got := values(t, db, l); !reflect.DeepEqual(got, want) {
			t.Errorf("got %v", got)
		}
		in.Keep, in.Members = true, []campaigns.Member{{Email: "P3@contoso.example"}, {Email: "typed@contoso.example"}}
		if added := must(db.ImportMembers(t.Context(), l.Key(), in, now))(t); added != 1 {
			t.Errorf("added %d", added)
		}
		if got := values(t, db, l); got["p3@contoso.example"] != "9||not_installed" {
			t.Errorf("got %v", got)
		}

		in = campaigns.Import{Version: 1, Columns: amount[:1], Members: []campaigns.Member{member("p3", "7")}, Replace: true}
		must(db.ImportMembers(t.Context(), l.Key(), in, now))(t)
		if got := values(t, db, l); !reflect.DeepEqual(got, map[string]string{"p3@contoso.example": "7||not_installed"}) {
			t.Errorf("got %v", got)
		}
		if got := must(db.List(t.Context(), l.Key()))(t); got.Members != 1 || got.Version != 2 || len(got.Columns) != 1 {
			t.Errorf("%+v", got)
		}
		_, err := db.ImportMembers(t.Context(), l.Key(), in, now)
		code(t, err, campaigns.CodeStale)
	})
}

func TestAListIsFull(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		many := make([]campaigns.Member, campaigns.MaxListMembers)
		for i := range many {
			many[i] = member(fmt.Sprintf("m%06d", i), "1")
		}
		l := newList(t, db, tenant, "List", many...)
		_, err := db.ImportMembers(t.Context(), l.Key(), imported(member("one-more", "1")), now)
		code(t, err, campaigns.CodeConflict)
		m := member("one-more", "1")
		code(t, db.AddMember(t.Context(), l.Key(), 1, &m, now), campaigns.CodeConflict)
		items, _, err := db.Members(t.Context(), l.Key(), campaigns.MemberFilter{Limit: 50, Query: "M09999"})
		ok(t, err)
		if got := must(db.List(t.Context(), l.Key()))(t); got.Members != len(many) || len(items) != 10 {
			t.Errorf("%d members, %d found", got.Members, len(items))
		}
	})
}

func TestColumnsGoWithTheirValues(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		m := member("p1", "1")
		m.FirstName, m.Values["DUE DATE"] = "One", "2026-01-01"
		l := newList(t, db, tenant, "List", m)
		l.Columns = amount[:1]
		ok(t, db.UpdateList(t.Context(), l, now, nil))
		l.Columns, l.Version = amount, 2
		ok(t, db.UpdateList(t.Context(), l, now, nil))
		got := must(db.Member(t.Context(), l.Key(), "1"))(t)
		if got.FirstName != "One" || !reflect.DeepEqual(got.Values, map[string]string{"AMOUNT": "1"}) {
			t.Errorf("%+v", got)
		}
		code(t, db.UpdateList(t.Context(), l, now, nil), campaigns.CodeStale)
	})
}

func TestListRaces(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		oneWins(t, together(8, func(i int) error {
			return db.CreateList(t.Context(), &campaigns.List{TenantID: tenant, ID: fmt.Sprint("l", i), Name: "Name", Version: 1, CreatedAt: now, UpdatedAt: now})
		}), campaigns.CodeConflict)
		l, other := newList(t, db, tenant, "List"), newList(t, db, tenant, "Other")
		oneWins(t, together(8, func(int) error {
			m := member("p1", "1")
			return db.AddMember(t.Context(), l.Key(), 1, &m, now)
		}), campaigns.CodeConflict)
		oneWins(t, together(8, func(i int) error {
			renamed := *l
			renamed.Name = fmt.Sprint("Name ", i)
			return db.UpdateList(t.Context(), &renamed, now, nil)
		}), campaigns.CodeStale)
		oneWins(t, together(2, func(i int) error {
			renamed := *[]*campaigns.List{l, other}[i]
			renamed.Name, renamed.Version = "Same", []int{2, 1}[i]
			return db.UpdateList(t.Context(), &renamed, now, nil)
		}), campaigns.CodeConflict)
		for _, err := range together(8, func(i int) error {
			_, err := db.ImportMembers(t.Context(), other.Key(), campaigns.Import{Version: must(db.List(t.Context(), other.Key()))(t).Version, Columns: amount, Members: []campaigns.Member{member("same", "1"), member(fmt.Sprint("only", i), "1")}}, now)
			return err
		}) {
			ok(t, err)
		}
		if got := must(db.List(t.Context(), other.Key()))(t); got.Members != 9 {
			t.Errorf("%d members", got.Members)
		}
	})
}

// A campaign is never left with a list that was deleted at the same moment.
func TestScheduleAndDeleteAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for range 20 {
			l := newList(t, db, tenant, fmt.Sprint("List ", ids.Add(1)), member("p1", "1"))
			k := toLists(t, db, tenant, campaigns.Audience{ListIDs: []string{l.ID}})
			errs := together(2, func(i int) error {
				if i == 0 {
					return db.DeleteList(t.Context(), l.Key())
				}
				_, err := db.ScheduleCampaign(t.Context(), k, 0, now, now)
				return err
			})
			oneWins(t, errs, campaigns.CodeConflict)
			if c := must(db.Campaign(t.Context(), k))(t); (c.Status == campaigns.Draft) != (errs[0] == nil) {
				t.Errorf("%s, %v", c.Status, errs)
			}
		}
	})
}

func toLists(t testing.TB, db *store.DB, tenantID string, a campaigns.Audience) campaigns.Key {
	t.Helper()
	c := draft(t, db, tenantID, "To lists")
	c.Audience = a
	ok(t, db.UpdateDraft(t.Context(), c, now))
	return c.Key()
}

// From its start until it is planned nobody changes what a campaign reads; deliveries keep what they took.
func TestListsHoldStillWhileACampaignStarts(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		known(t, db, tenant, 3)
		l, out := newList(t, db, tenant, "List", member("p1", "1"), member("p2", "2"), member("ghost", "3")), newList(t, db, tenant, "Out", member("p2", ""))
		k := toLists(t, db, tenant, campaigns.Audience{ListIDs: []string{l.ID}, ExcludeListIDs: []string{out.ID}})
		must(db.ScheduleCampaign(t.Context(), k, 0, now, now))(t)
		code(t, db.DeleteList(t.Context(), out.Key()), campaigns.CodeConflict)
		ok(t, db.RemoveMember(t.Context(), l.Key(), "3", now)) // scheduled only: it may still change
		_, plan, err := db.Begin(t.Context(), k, now)
		ok(t, err)
		m := member("late", "1")
		for _, err := range []error{
			db.AddMember(t.Context(), l.Key(), 1, &m, now), db.RemoveMember(t.Context(), l.Key(), "1", now), db.UpdateList(t.Context(), out, now, nil), db.DeleteList(t.Context(), out.Key()),
			second(db.ImportMembers(t.Context(), out.Key(), imported(m), now)),
		} {
			code(t, err, campaigns.CodeConflict)
		}
		page, err := db.MemberPage(t.Context(), k, out.ID, nil, 0, 10, 10)
		ok(t, err)
		if !page.Last || len(page.Strangers) != 0 {
			t.Errorf("%+v", page)
		}
		ok(t, db.Exclude(t.Context(), k, plan, delivery.Plan{Cursor: "a"}, delivery.MemberSpan{List: out.ID, UpTo: page.UpTo}, now))
		span := delivery.MemberSpan{List: l.ID, UpTo: 10}
		ok(t, db.PlanList(t.Context(), k, delivery.Plan{Cursor: "a"}, delivery.Plan{Cursor: "b", Done: true}, span, now))
		code(t, db.PlanList(t.Context(), k, delivery.Plan{Cursor: "a"}, delivery.Plan{Cursor: "c"}, span, now), campaigns.CodeConflict)
		if c := counted(t, db, k); c.Counts.Total != 1 || c.Counts.Pending != 1 {
			t.Errorf("%+v", c.Counts)
		}
		changed := member("p1", "99")
		changed.ID = "1"
		ok(t, db.ChangeMember(t.Context(), l.Key(), 1, changed, now))
		var got campaigns.Member
		ok(t, campaigns.DecodeCells(attempt(t, db, k, 1).Cells, &got))
		if got.Values["AMOUNT"] != "1" {
			t.Errorf("the campaign sends %v", got.Values)
		}
		code(t, db.DeleteList(t.Context(), l.Key()), campaigns.CodeConflict)
	})
}

func TestMemberPagesEndAtStrangers(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		known(t, db, tenant, 2)
		l, first := newList(t, db, tenant, "List", member("a", ""), member("p1", ""), member("b", ""), member("c", ""), member("p2", "")), newList(t, db, tenant, "First", member("A", ""))
		k := draft(t, db, tenant, "Draft").Key()
		for _, c := range []struct {
			before           []string
			after            int64
			limit, strangers int
			want             delivery.MemberPage
		}{
			{nil, 0, 10, 2, delivery.MemberPage{UpTo: 3, Strangers: []string{"a@contoso.example", "b@contoso.example"}}},
			{nil, 3, 10, 2, delivery.MemberPage{UpTo: 5, Last: true, Strangers: []string{"c@contoso.example"}}},
			{nil, 0, 2, 9, delivery.MemberPage{UpTo: 2, Strangers: []string{"a@contoso.example"}}},
			{nil, 0, 2, 0, delivery.MemberPage{UpTo: 2}},
			{[]string{first.ID}, 0, 2, 9, delivery.MemberPage{UpTo: 2}},
			{nil, 5, 9, 9, delivery.MemberPage{UpTo: 5, Last: true}},
		} {
			if got := must(db.MemberPage(t.Context(), k, l.ID, c.before, c.after, c.limit, c.strangers))(t); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v: %+v", c, got)
			}
		}
	})
}

// Whatever a tenant asks with another's ids, it reads and changes nothing.
func TestListsAreOfOneTenant(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		l := newList(t, db, tenant, "List", member("p1", "1"))
		foreign := campaigns.ListKey{TenantID: other, ListID: l.ID}
		m := member("p2", "2")
		changed := member("p3", "3")
		changed.ID = "1"
		renamed := *l
		renamed.TenantID, renamed.Name = other, "Stolen"
		ctx := t.Context()
		for i, err := range []error{
			second(db.List(ctx, foreign)), db.UpdateList(ctx, &renamed, now, nil), db.DeleteList(ctx, foreign), second(db.Member(ctx, foreign, "1")), db.AddMember(ctx, foreign, 1, &m, now),
			db.ChangeMember(ctx, foreign, 1, changed, now), db.RemoveMember(ctx, foreign, "1", now), second(db.ImportMembers(ctx, foreign, imported(m), now)),
			second(db.MemberOf(ctx, other, []string{l.ID}, campaigns.Person{Mail: "p1@contoso.example"})),
		} {
			if campaigns.CodeOf(err) != campaigns.CodeNotFound {
				t.Errorf("%d: %v", i, err)
			}
		}
		items, _, err := db.Members(ctx, foreign, campaigns.MemberFilter{Limit: 9})
		ok(t, err)
		lists, _, err := db.Lists(ctx, other, campaigns.ListFilter{Limit: 9})
		ok(t, err)
		found := must(db.FindLists(ctx, other, []string{l.ID}))(t)
		strangers := must(db.Strangers(ctx, other, []string{l.ID}, 9))(t)
		count := must(db.CountAudience(ctx, other, campaigns.AudienceQuery{ListIDs: []string{l.ID}, Detail: 9}))(t)
		if len(items)+len(lists)+len(found)+len(strangers)+count.Total != 0 {
			t.Errorf("%v %v %v %v %v", items, lists, found, strangers, count)
		}
		k := toLists(t, db, other, campaigns.Audience{ListIDs: []string{l.ID}})
		_, err = db.ScheduleCampaign(ctx, k, 0, now, now)
		code(t, err, campaigns.CodeConflict)
		if got := values(t, db, l); len(got) != 1 {
			t.Errorf("%v", got)
		}
		newList(t, db, other, "List") // a name is one tenant's
	})
}

func TestEverybodyCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		known(t, db, tenant, 4)
		a := newList(t, db, tenant, "A", member("p1", ""), campaigns.Member{Email: "p1@login.example"}, member("p2", ""), member("ghost", ""), member("alias", ""))
		b := newList(t, db, tenant, "B", member("p2", ""), member("p4", ""))
		for _, c := range []struct {
			q    campaigns.AudienceQuery
			want campaigns.Reach
			left int // by the excluded lists
			more int // are named more than once
		}{
			{campaigns.AudienceQuery{ListIDs: []string{a.ID, b.ID}}, campaigns.Reach{Total: 5, Installed: 2, NotInstalled: 1, Unknown: 2}, 0, 2},
			{campaigns.AudienceQuery{ListIDs: []string{a.ID, b.ID}, Found: map[string]string{"alias@contoso.example": "p3"}}, campaigns.Reach{Total: 5, Installed: 3, NotInstalled: 1, Unknown: 1}, 0, 2},
			{campaigns.AudienceQuery{ListIDs: []string{b.ID}, Typed: []string{"p1", "p2", "mail:ghost@contoso.example"}}, campaigns.Reach{Total: 4, Installed: 2, NotInstalled: 1, Unknown: 1}, 0, 1},
			{campaigns.AudienceQuery{ListIDs: []string{a.ID}, ExcludeListIDs: []string{b.ID}}, campaigns.Reach{Total: 3, Installed: 1, Unknown: 2}, 1, 1},
			{campaigns.AudienceQuery{All: true, ExcludeListIDs: []string{a.ID}, Found: map[string]string{"alias@contoso.example": "p3"}}, campaigns.Reach{Total: 1, NotInstalled: 1}, 3, 0},
			{campaigns.AudienceQuery{}, campaigns.Reach{}, 0, 0},
		} {
			if got := must(db.CountAudience(t.Context(), tenant, c.q))(t); got.Reach != c.want || got.Excluded != c.left || got.Duplicates != c.more {
				t.Errorf("%+v: %+v, %d left out, %d more than once", c.q, got.Reach, got.Excluded, got.Duplicates)
			}
		}
	})
}

// BenchmarkList is what an author waits for with 10⁵ members.
func BenchmarkList(b *testing.B) {
	db := open(b, "", b.TempDir())
	var people []campaigns.Person
	many := make([]campaigns.Member, campaigns.MaxListMembers)
	for i := range many {
		many[i] = member(fmt.Sprintf("m%06d", i), "1")
		people = append(people, campaigns.Person{TenantID: tenant, ID: fmt.Sprintf("id%06d", i), Mail: many[i].Email, DisplayName: "Person"})
	}
	ok(b, db.SavePeople(b.Context(), people))
	l := newList(b, db, tenant, "List")
	b.Run("import", func(b *testing.B) {
		for b.Loop() {
			must(db.ImportMembers(b.Context(), l.Key(), imported(many...), now))(b)
		}
	})
	for name, f := range map[string]campaigns.MemberFilter{"last page": {Limit: 50, Cursor: "99900"}, "search": {Limit: 50, Query: "m09999"}, "state": {Limit: 50, State: campaigns.MemberInstalled}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _, err := db.Members(b.Context(), l.Key(), f)
				ok(b, err)
			}
		})
	}
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			must(db.List(b.Context(), l.Key()))(b)
		}
	})
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			must(db.CountAudience(b.Context(), tenant, campaigns.AudienceQuery{ListIDs: []string{l.ID}, Detail: 50}))(b)
		}
	})

}

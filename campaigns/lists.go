package campaigns

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"herald/campaigns/message"
)

// ListInput is what an author can write of a list.
type ListInput struct {
	Name    string
	Columns []Column
}

func (in *ListInput) check() error {
	columns, ps := checkColumns(in.Columns)
	in.Name, in.Columns = strings.TrimSpace(in.Name), columns
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		ps = append([]message.Problem{{Field: "/name", Code: "name_required", Message: "Give the list a name."}}, ps...)
	case n > MaxNameLength:
		ps = append([]message.Problem{{Field: "/name", Code: "name_too_long", Message: fmt.Sprintf("The name is too long; %d characters are the most.", MaxNameLength), Value: short(in.Name)}}, ps...)
	}
	if len(ps) > 0 {
		return invalid(ps)
	}
	return nil
}

// Lists returns a page of the tenant's lists, by name.
func (s *Service) Lists(ctx context.Context, a Actor, f ListFilter) (items []*List, next string, err error) {
	if err := a.require(Prepare); err != nil {
		return nil, "", err
	}
	if items, next, err = s.Store.Lists(ctx, a.TenantID, f); err != nil {
		return nil, "", err
	}
	return items, next, s.Roster.countReach(ctx, a.TenantID, items...)
}

// GetList returns one list.
func (s *Service) GetList(ctx context.Context, a Actor, id string) (*List, error) {
	if err := a.require(Prepare); err != nil {
		return nil, err
	}
	l, err := s.Store.List(ctx, ListKey{a.TenantID, id})
	if err != nil {
		return nil, err
	}
	return l, s.Roster.countReach(ctx, a.TenantID, l)
}

// CreateList makes an empty list. CodeConflict, "name_taken", when there is one of that name.
func (s *Service) CreateList(ctx context.Context, a Actor, in ListInput) (*List, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	l, err := s.newList(a, in)
	if err != nil {
		return nil, err
	}
	if err := s.Store.CreateList(ctx, l); err != nil {
		return nil, err
	}
	return l, s.Roster.countReach(ctx, a.TenantID, l)
}

// newList is a list that is not stored yet.
func (s *Service) newList(a Actor, in ListInput) (*List, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	now := s.moment()
	return &List{TenantID: a.TenantID, ID: id.String(), Name: in.Name, Columns: in.Columns, CreatedBy: a.author(), CreatedAt: now, UpdatedAt: now, Version: 1}, nil
}

// moment is now as the store keeps it.
func (s *Service) moment() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// UpdateList replaces name and columns. The values of a column that is not named any more are lost; a column whose
// values do not fit its new type is CodeInvalid, "values_do_not_fit". CodeStale carries the newest version.
func (s *Service) UpdateList(ctx context.Context, a Actor, id string, version int, in ListInput) (*List, error) {
	if err := a.require(Write); err != nil {
		return nil, err
	}
	k := ListKey{a.TenantID, id}
	l, err := s.Store.List(ctx, k)
	if err != nil {
		return nil, err
	}
	if l.Version != version {
		return nil, staleList(l)
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var fits func(Member) error
	for i, c := range in.Columns {
		if old := l.column(c.Name); old == nil || old.Type == c.Type || c.Type == TextColumn {
			continue
		}
		before := fits
		fits = func(m Member) error {
			if _, f := c.Type.check(m.Values[c.Name]); f != nil {
				return invalid([]message.Problem{{Field: fmt.Sprintf("/columns/%d/type", i), Code: "values_do_not_fit", Message: fmt.Sprintf("Not every value of [%s] is a %s; that of %s is not.", c.Name, c.Type, m.Email), Value: short(m.Values[c.Name])}})
			}
			if before != nil {
				return before(m)
			}
			return nil
		}
	}
	l.Name, l.Columns = in.Name, in.Columns
	now := s.moment()
	err = s.Store.UpdateList(ctx, l, now, fits)
	newest, gerr := s.Store.List(ctx, k)
	switch {
	case CodeOf(err) == CodeStale && gerr != nil:
		return nil, gerr
	case CodeOf(err) == CodeStale:
		return nil, staleList(newest)
	case err != nil:
		return nil, err
	}
	l.Version, l.UpdatedAt = l.Version+1, now
	if gerr == nil && newest.Version == l.Version { // else somebody was next, whom the author would overwrite unseen with their version
		l = newest
	}
	return l, s.Roster.countReach(ctx, a.TenantID, l)
}

func staleList(l *List) *Error {
	e := Errorf(CodeStale, "stale_version", "Someone else changed this list meanwhile. Compare with their version, then save again.")
	e.List = l
	return e
}

// DeleteList removes a list with its members. Campaigns that have started keep what they took from it.
func (s *Service) DeleteList(ctx context.Context, a Actor, id string) error {
	if err := a.require(Write); err != nil {
		return err
	}
	return s.Store.DeleteList(ctx, ListKey{a.TenantID, id})
}

// Members returns a page of a list's members, in the order in which they came.
func (s *Service) Members(ctx context.Context, a Actor, id string, f MemberFilter) (l *List, items []Member, next string, err error) {
	if err := a.require(Prepare); err != nil {
		return nil, nil, "", err
	}
	if f.State != "" && !f.State.Valid() {
		return nil, nil, "", Errorf(CodeInvalid, "unknown_state", "There is no state %q. Use installed, not_installed, blocked or unknown.", short(string(f.State)))
	}
	known, err := s.Store.FindLists(ctx, a.TenantID, []string{id})
	if err != nil {
		return nil, nil, "", err
	}
	if l = known[id]; l == nil {
		return nil, nil, "", noList()
	}
	items, next, err = s.Store.Members(ctx, l.Key(), f)
	return l, items, next, err
}

func noList() *Error { return Errorf(CodeNotFound, "not_found", "There is no such list.") }

// AddMember adds one address with its values.
func (s *Service) AddMember(ctx context.Context, a Actor, id string, m Member) (Member, error) {
	return s.saveMember(ctx, a, id, m, func(k ListKey, version int, m *Member) error {
		return s.Store.AddMember(ctx, k, version, m, s.moment())
	})
}

// ChangeMember replaces a member's address, names and values.
func (s *Service) ChangeMember(ctx context.Context, a Actor, id string, m Member) (Member, error) {
	return s.saveMember(ctx, a, id, m, func(k ListKey, version int, m *Member) error {
		return s.Store.ChangeMember(ctx, k, version, *m, s.moment())
	})
}

// saveMember checks a member against the list's columns, and again when they changed meanwhile.
func (s *Service) saveMember(ctx context.Context, a Actor, id string, given Member, save func(k ListKey, version int, m *Member) error) (Member, error) {
	if err := a.require(Write); err != nil {
		return Member{}, err
	}
	err := s.onList(ctx, a, id, func(l *List) error {
		m := given
		if ps := l.check(&m); len(ps) > 0 {
			return invalid(ps)
		}
		if err := save(l.Key(), l.Version, &m); err != nil {
			return err
		}
		given.ID = m.ID
		return nil
	})
	if err != nil {
		return Member{}, err
	}
	return s.Store.Member(ctx, ListKey{a.TenantID, id}, given.ID)
}

// onList gives a list to fn, and again when it changed under it.
func (s *Service) onList(ctx context.Context, a Actor, id string, fn func(*List) error) error {
	for try := 1; ; try++ {
		known, err := s.Store.FindLists(ctx, a.TenantID, []string{id})
		if err != nil {
			return err
		}
		if known[id] == nil {
			return noList()
		}
		if err = fn(known[id]); CodeOf(err) == CodeStale && try == 5 {
			return Errorf(CodeConflict, "list_changed", "The columns of this list keep changing. Try again in a moment.")
		} else if CodeOf(err) != CodeStale {
			return err
		}
	}
}

// RemoveMember takes one address off a list.
func (s *Service) RemoveMember(ctx context.Context, a Actor, id, memberID string) error {
	if err := a.require(Write); err != nil {
		return err
	}
	return s.Store.RemoveMember(ctx, ListKey{a.TenantID, id}, memberID, s.moment())
}

// WrongAddress is one of many addresses that is none.
type WrongAddress struct {
	Line    int // from 1
	Value   string
	Code    string
	Message string
}

// AddAddresses adds typed or pasted addresses. Those that are there already stay as they are. Nothing is added when
// one is wrong, unless skipWrong.
func (s *Service) AddAddresses(ctx context.Context, a Actor, id string, emails []string, skipWrong bool) (added, present int, wrong []WrongAddress, err error) {
	if err := a.require(Write); err != nil {
		return 0, 0, nil, err
	}
	if len(emails) > MaxAddresses {
		return 0, 0, nil, invalid([]message.Problem{{Field: "/emails", Code: "too_many_addresses", Message: fmt.Sprintf("%d addresses are too many at once; at most %d can be typed or pasted. Import a file instead.", len(emails), MaxAddresses)}})
	}
	var members []Member
	seen := map[string]bool{}
	good := 0
	for i, e := range emails {
		e = strings.TrimSpace(e)
		switch key := strings.ToLower(e); {
		case e == "":
		case !isAddress(e):
			wrong = append(wrong, WrongAddress{Line: i + 1, Value: short(e), Code: "invalid_address", Message: notAnAddress(e)})
		case seen[key]:
			good++
		default:
			good++
			seen[key] = true
			members = append(members, Member{Email: e})
		}
	}
	skip := len(wrong) > 0 && !skipWrong || len(members) == 0
	err = s.onList(ctx, a, id, func(l *List) error {
		if skip {
			return nil
		}
		added, err = s.Store.ImportMembers(ctx, l.Key(), Import{Version: l.Version, Columns: l.Columns, Members: members, Keep: true}, s.moment())
		return err
	})
	if err != nil || skip {
		return 0, 0, wrong, err
	}
	return added, good - added, wrong, nil
}

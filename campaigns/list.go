package campaigns

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"herald/campaigns/message"
)

// Limits of lists.
const (
	MaxListColumns   = 50
	MaxListMembers   = 100_000
	MaxCell          = 1000 // characters of a value or name
	MaxAudienceLists = 50   // lists of one audience, and as many exclusions
)

// ColumnType says what the values of a column look like.
type ColumnType string

const (
	TextColumn   ColumnType = "text"
	NumberColumn ColumnType = "number" // digits and at most one point or comma, kept as written
	DateColumn   ColumnType = "date"   // YYYY-MM-DD, a day that exists
)

// Column is a custom column of a list: the variable that texts use, and how people call it.
type Column struct {
	Name  string     `json:"name"` // as message.ColumnName gives it
	Label string     `json:"label"`
	Type  ColumnType `json:"type"`
}

// List is a number of addresses with values for personalisation.
type List struct {
	TenantID  string
	ID        string
	Name      string // unique within the tenant, whatever the case
	Columns   []Column
	Members   int
	Installed *int // members who have the app; nil: not counted, or not yet
	CreatedBy Author
	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int // grows with every change of name or columns, not of members
}

// Key is the list's name in the store.
func (l *List) Key() ListKey { return ListKey{l.TenantID, l.ID} }

// column finds a column by the name that texts use; nil when there is none.
func (l *List) column(name string) *Column {
	for i := range l.Columns {
		if l.Columns[i].Name == name {
			return &l.Columns[i]
		}
	}
	return nil
}

// ListKey names a list.
type ListKey struct {
	TenantID string
	ListID   string
}

// MemberState says whether the bot can write to a member.
type MemberState string

const (
	MemberInstalled    MemberState = "installed"
	MemberNotInstalled MemberState = "not_installed"
	MemberBlocked      MemberState = "blocked"
	MemberUnknown      MemberState = "unknown" // nobody in the tenant has this address
)

// MemberState is the state of somebody who exists.
func (r Reachability) MemberState() MemberState {
	switch r.State {
	case Installed:
		return MemberInstalled
	case Blocked:
		return MemberBlocked
	}
	return MemberNotInstalled
}

// Valid says whether s is one of the four states.
func (s MemberState) Valid() bool {
	return s == MemberInstalled || s == MemberNotInstalled || s == MemberBlocked || s == MemberUnknown
}

// Member is one address of a list. Whom it belongs to is found when it is read.
type Member struct {
	ID        string // of the list; empty: not stored yet
	Email     string // unique within the list, whatever the case
	FirstName string // of the list; wins over the directory's
	LastName  string
	Values    map[string]string // by Column.Name; what is empty is left out

	PersonID    string // empty when nobody has the address
	DisplayName string // the directory's
	State       MemberState
}

// ListFilter narrows the lists of a tenant.
type ListFilter struct {
	Query  string // part of the name, case-insensitive
	Cursor string
	Limit  int
}

// MemberFilter narrows the members of a list.
type MemberFilter struct {
	Query  string // part of address or name, case-insensitive
	State  MemberState
	Cursor string
	Limit  int
}

// Import is what goes into a list at once.
type Import struct {
	Version int      // of the list that the members were checked against; CodeStale when it has changed
	Columns []Column // of the list afterwards
	Members []Member // no two with the same address
	// Replace makes the list exactly this. Else an address that is there already gets the new values, also the empty
	// ones that Values names; or stays as it is when Keep says so.
	Replace, Keep bool
	// FirstNames and LastNames say whether the members' names are meant, also empty ones.
	FirstNames, LastNames bool
}

// AudienceQuery is an audience as the store counts it. Lists that do not exist are empty.
type AudienceQuery struct {
	All            bool
	ListIDs        []string
	ExcludeListIDs []string
	Typed          []string          // object ids, and "mail:" with an address in lower case that belongs to nobody
	Found          map[string]string // members' addresses in lower case -> object id, which only the directory could tell
	Detail         int               // how many people and addresses are named at most
}

// ListStore keeps lists. Changes of a list that a starting campaign reads at the moment are CodeConflict, "list_in_use".
type ListStore interface {
	// CreateList is CodeConflict, "name_taken", when the tenant has such a list.
	CreateList(ctx context.Context, l *List) error
	// List returns CodeNotFound when the tenant has no such list.
	List(ctx context.Context, k ListKey) (*List, error)
	Lists(ctx context.Context, tenantID string, f ListFilter) (items []*List, next string, err error)
	// CountInstalled counts the members who have the app, by the lists' ids.
	CountInstalled(ctx context.Context, tenantID string, lists ...*List) (map[string]int, error)
	// FindLists returns those lists that exist, by id, without counting who has the app.
	FindLists(ctx context.Context, tenantID string, ids []string) (map[string]*List, error)
	// ListColumns are the names of the columns of all lists of the tenant.
	ListColumns(ctx context.Context, tenantID string) ([]string, error)
	// UpdateList writes name and columns if the list is still of version l.Version, and raises it: CodeStale else. Values of
	// columns that are not there any more go. fits, unless nil, is asked about every member first; its error ends it.
	UpdateList(ctx context.Context, l *List, now time.Time, fits func(Member) error) error
	// DeleteList is CodeConflict, "list_in_use", when a scheduled or sending campaign uses it.
	DeleteList(ctx context.Context, k ListKey) error

	Members(ctx context.Context, k ListKey, f MemberFilter) (items []Member, next string, err error)
	Member(ctx context.Context, k ListKey, id string) (Member, error)
	// AddMember stores m and sets its id. CodeConflict, "member_exists", when its address is there; "list_full"; CodeStale when
	// the list is not of this version any more. So are ChangeMember's.
	AddMember(ctx context.Context, k ListKey, version int, m *Member, now time.Time) error
	ChangeMember(ctx context.Context, k ListKey, version int, m Member, now time.Time) error
	RemoveMember(ctx context.Context, k ListKey, id string, now time.Time) error
	// ImportMembers is one transaction. added counts addresses that were not there.
	ImportMembers(ctx context.Context, k ListKey, in Import, now time.Time) (added int, err error)

	// MemberOf finds a person by object id or address in the first of the lists that holds them; CodeNotFound else.
	MemberOf(ctx context.Context, tenantID string, listIDs []string, p Person) (Member, error)
	// Strangers are members' addresses that belong to nobody whom Herald knows, at most limit.
	Strangers(ctx context.Context, tenantID string, listIDs []string, limit int) ([]string, error)
	// CountAudience counts everybody once.
	CountAudience(ctx context.Context, tenantID string, q AudienceQuery) (AudienceCount, error)
}

// checkColumns makes the columns canonical and finds what is wrong with them.
func checkColumns(columns []Column) (out []Column, ps []message.Problem) {
	add := func(i int, field, code, value, format string, args ...any) {
		ps = append(ps, message.Problem{Field: fmt.Sprintf("/columns/%d/%s", i, field), Code: code, Message: fmt.Sprintf(format, args...), Value: short(value)})
	}
	if len(columns) > MaxListColumns {
		return nil, []message.Problem{{Field: "/columns", Code: "too_many_columns", Message: fmt.Sprintf("%d columns are too many; at most %d are possible.", len(columns), MaxListColumns)}}
	}
	seen := map[string]bool{}
	for i, c := range columns {
		name, ok := message.ColumnName(c.Name)
		switch {
		case !ok:
			add(i, "name", "invalid_column_name", c.Name, "A column's name begins with a letter and has letters, digits, spaces and underscores only, at most 64.")
		case name == firstNameKey || name == lastNameKey:
			add(i, "name", "reserved_column_name", c.Name, "Every list has [%s] already. Choose another name.", name)
		case seen[name]:
			add(i, "name", "duplicate_column", c.Name, "There are two columns [%s]. Choose another name for one of them.", name)
		}
		seen[name] = true
		c.Label = strings.TrimSpace(c.Label)
		if c.Label == "" {
			c.Label = strings.TrimSpace(c.Name)
		}
		if utf8.RuneCountInString(c.Label) > MaxNameLength {
			add(i, "label", "label_too_long", c.Label, "The label is too long; %d characters are the most.", MaxNameLength)
		}
		switch c.Type {
		case "":
			c.Type = TextColumn
		case TextColumn, NumberColumn, DateColumn:
		default:
			add(i, "type", "unknown_column_type", string(c.Type), "A column holds text, numbers or dates: text, number or date.")
		}
		out = append(out, Column{Name: name, Label: c.Label, Type: c.Type})
	}
	return out, ps
}

// The names of a member among its values, where no column can be called so.
const (
	firstNameKey = "FIRSTNAME"
	lastNameKey  = "LASTNAME"
)

// check makes a member's values canonical and finds what is wrong with them.
func (l *List) check(m *Member) (ps []message.Problem) {
	add := func(field, value string, f fault) {
		ps = append(ps, message.Problem{Field: field, Code: f.code, Message: f.message, Value: short(value)})
	}
	m.Email = strings.TrimSpace(m.Email)
	if !isAddress(m.Email) {
		add("/email", m.Email, fault{"invalid_address", notAnAddress(m.Email)})
	}
	for _, n := range []struct {
		field string
		value *string
	}{{"/firstName", &m.FirstName}, {"/lastName", &m.LastName}} {
		value, f := TextColumn.check(*n.value)
		if f != nil {
			add(n.field, *n.value, *f)
		}
		*n.value = value
	}
	values := make(map[string]string, len(m.Values))
	for given, v := range m.Values {
		name, _ := message.ColumnName(given)
		field := "/values/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(given)
		c := l.column(name)
		if c == nil {
			add(field, given, fault{"unknown_column", "The list has no such column."})
			continue
		}
		value, f := c.Type.check(v)
		if f != nil {
			add(field, v, *f)
		} else if value != "" {
			values[name] = value
		}
	}
	m.Values = values
	slices.SortFunc(ps, func(a, b message.Problem) int { return strings.Compare(a.Field, b.Field) })
	return ps
}

// fault is what is wrong with one value.
type fault struct{ code, message string }

// check says how a value is kept, or what is wrong with it. An empty value fits every type.
func (t ColumnType) check(s string) (string, *fault) {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	switch {
	case utf8.RuneCountInString(s) > MaxCell:
		return "", &fault{"cell_too_long", fmt.Sprintf("This is too long; %d characters are the most.", MaxCell)}
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", &fault{"control_character", "This holds a character that nobody can see. Write it anew."}
	case s == "":
	case t == NumberColumn && !isNumber(s):
		return "", &fault{"invalid_number", fmt.Sprintf("%q is not a number. Write it with digits only and at most one point or comma, such as 1200 or 1200,50.", short(s))}
	case t == DateColumn && !isDate(s):
		return "", &fault{"invalid_date", fmt.Sprintf("%q is not a date. Write it as YYYY-MM-DD, such as 2026-03-31.", short(s))}
	}
	return s, nil
}

// isNumber: a sign, digits, and decimals behind a point or a comma. 1,200.50 is none: it would be two numbers.
func isNumber(s string) bool {
	digits := func(s string) bool {
		return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
	}
	if s[0] == '+' || s[0] == '-' {
		s = s[1:]
	}
	whole, decimals, has := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	return len(s) <= 40 && digits(whole) && (!has || digits(decimals))
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil && len(s) == len(time.DateOnly)
}

// AudienceColumn is a column that texts to an audience may use.
type AudienceColumn struct {
	Column
	MissingIn []string // names of the audience's lists that do not have it
}

// audienceColumns unites the columns of lists, in their order.
func audienceColumns(ids []string, known map[string]*List) []AudienceColumn {
	var out []AudienceColumn
	at := map[string]int{}
	for _, id := range ids {
		l := known[id]
		if l == nil {
			continue
		}
		for _, c := range l.Columns {
			if _, ok := at[c.Name]; !ok {
				at[c.Name] = len(out)
				out = append(out, AudienceColumn{Column: c})
			}
		}
	}
	for i := range out {
		for _, id := range ids {
			if l := known[id]; l != nil && l.column(out[i].Name) == nil {
				out[i].MissingIn = append(out[i].MissingIn, l.Name)
			}
		}
	}
	return out
}

// Personalise gives a recipient the values of a list: its names win over the directory's.
func Personalise(p message.Person, m Member) message.Person {
	if m.FirstName != "" {
		p.FirstName = m.FirstName
	}
	if m.LastName != "" {
		p.LastName = m.LastName
	}
	p.Columns = m.Values
	return p
}

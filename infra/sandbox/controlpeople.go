package sandbox

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The half of the control API that is about people and their chats.

type personView struct {
	ID             string   `json:"id"`
	TenantID       string   `json:"tenantId"`
	Index          int      `json:"index"`
	UPN            string   `json:"upn"`
	Mail           string   `json:"mail"`
	ProxyAddresses []string `json:"proxyAddresses"`
	DisplayName    string   `json:"displayName"`
	GivenName      string   `json:"givenName"`
	Surname        string   `json:"surname"`
	Installed      bool     `json:"installed"`
	Blocked        bool     `json:"blocked"`
	Presence       string   `json:"presence"`
	Roles          []string `json:"roles"`
	Locale         string   `json:"locale"`
	ChannelID      string   `json:"channelId"`
	ConversationID string   `json:"conversationId,omitempty"`
	TimeZone       string   `json:"timeZone"`        // of their Teams client
	Mailbox        string   `json:"mailboxTimeZone"` // as their mailbox names it, or "none"
}

func (c *Cloud) view(p Person) personView {
	s := c.status(p)
	return personView{
		ID: p.ID, TenantID: p.TenantID, Index: p.Index, UPN: p.UPN, Mail: p.Mail, ProxyAddresses: p.ProxyAddresses,
		DisplayName: p.DisplayName, GivenName: p.GivenName, Surname: p.Surname,
		Installed: s.Installed, Blocked: s.Blocked, Presence: s.Presence, Roles: append([]string{}, p.Roles...),
		Locale: p.Locale, ChannelID: p.ChannelID(), ConversationID: s.ConversationID,
		TimeZone: s.TimeZone, Mailbox: s.Mailbox,
	}
}

const (
	defaultUsers = 50
	maxUsersPage = 500
)

// getUsers pages through a tenant (?tenant=, default the first). Besides ?q= it filters by ?installed=true|false and ?role=.
func (c *Cloud) getUsers(r *http.Request) (any, error) {
	q := r.URL.Query()
	limit, err := strconv.Atoi(or(q.Get("limit"), strconv.Itoa(defaultUsers)))
	if err != nil || limit < 1 || limit > maxUsersPage {
		return nil, badRequest("limit is 1 to %d", maxUsersPage)
	}
	cursor, err := strconv.Atoi(or(q.Get("cursor"), "0"))
	if err != nil || cursor < 0 {
		return nil, badRequest("cursor is what an earlier answer said")
	}
	text := q.Get("q")
	t := c.dir.tenants[0]
	if name := q.Get("tenant"); name != "" {
		if t = c.dir.tenant(name); t == nil {
			return nil, errNoTenant(name)
		}
	} else if p, ok := c.dir.find(text); ok { // an exact address or id is found in every tenant
		t = c.dir.tenantOf(p.key)
	}
	var keep func(int) bool
	if s := q.Get("installed"); s != "" {
		want, err := strconv.ParseBool(s)
		if err != nil {
			return nil, badRequest("installed is true or false")
		}
		keep = func(i int) bool {
			installed, _ := c.installState(keyOf(t, i))
			return installed == want
		}
	}
	if role := q.Get("role"); role != "" {
		before := keep
		keep = func(i int) bool { return slices.Contains(t.roles(i), role) && (before == nil || before(i)) }
	}
	items, next, total := t.page(text, cursor, limit, keep)
	out := struct {
		Items     []personView `json:"items"`
		Next      *string      `json:"next"`
		Total     int          `json:"total"`
		Installed int          `json:"installed"` // in the whole tenant
	}{Items: []personView{}, Total: total, Installed: int(t.installed.Load())}
	for _, i := range items {
		out.Items = append(out.Items, c.view(t.person(i)))
	}
	if next >= 0 {
		s := strconv.Itoa(next)
		out.Next = &s
	}
	return out, nil
}

func (c *Cloud) postUser(r *http.Request) (any, error) {
	var in struct {
		Tenant string `json:"tenant"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	p, err := c.AddPerson(or(in.Tenant, TenantContoso))
	if err != nil {
		return nil, err
	}
	return c.view(p), nil
}

func (c *Cloud) getPerson(r *http.Request) (any, error) {
	p, err := c.Person(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return c.view(p), nil
}

func (c *Cloud) deletePerson(r *http.Request) (any, error) {
	if err := c.RemovePerson(r.Context(), r.PathValue("id")); err != nil {
		return nil, err
	}
	return map[string]bool{"removed": true}, nil
}

// act is an action without a body; it answers the person as they are afterwards.
func (c *Cloud) act(f func(r *http.Request, id string) error) api {
	return func(r *http.Request) (any, error) {
		if err := decode(r, &struct{}{}); err != nil {
			return nil, err
		}
		if err := f(r, r.PathValue("id")); err != nil {
			return nil, err
		}
		return c.getPerson(r)
	}
}

func (c *Cloud) postPersonInstall(r *http.Request) (any, error) {
	var in struct {
		Again bool `json:"again"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := c.Install(r.Context(), r.PathValue("id"), in.Again); err != nil {
		return nil, err
	}
	return c.getPerson(r)
}

func (c *Cloud) postInstall(r *http.Request) (any, error) {
	var in struct {
		All    bool   `json:"all"`
		Count  *int   `json:"count"`
		Tenant string `json:"tenant"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	count := -1
	switch {
	case in.All && in.Count == nil:
	case !in.All && in.Count != nil && *in.Count >= 0:
		count = *in.Count
	default:
		return nil, badRequest(`say {"all":true} or {"count":20}`)
	}
	out, err := c.InstallCount(r.Context(), or(in.Tenant, TenantContoso), count)
	if err != nil {
		return nil, err
	}
	if out.Failed > 0 {
		return nil, &bulkError{out}
	}
	return out, nil
}

// bulkError is answered with 502: the installations stand, but the bot did not take all of their events.
type bulkError struct{ BulkInstall }

func (e *bulkError) Error() string {
	return fmt.Sprintf("the bot did not take %d of the installations: %s", e.Failed, strings.Join(e.Errors, "; "))
}

func (c *Cloud) putRefusals(r *http.Request) (any, error) {
	var in struct {
		Refusals []Refusal `json:"refusals"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	for _, f := range in.Refusals {
		if err := f.check(); err != nil {
			return nil, badRequest("%v", err)
		}
	}
	if err := c.Refuse(r.PathValue("id"), in.Refusals...); err != nil {
		return nil, err
	}
	return c.getPerson(r)
}

func (c *Cloud) getChat(r *http.Request) (any, error) {
	items, err := c.Chat(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return items, nil
}

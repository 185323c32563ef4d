package connector

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/infracloudio/msbotbuilder-go/schema"
)

// Member is a person in a conversation, as Teams knows them.
type Member struct {
	schema.ChannelAccount // ID is "29:…"; AadObjectID is set whichever name Teams used for it

	GivenName         string
	Surname           string
	Email             string
	UserPrincipalName string
	TenantID          string
	UserRole          string // "user", "guest", …
}

// UnmarshalJSON reads Teams' form. Older answers say objectId instead of aadObjectId.
func (m *Member) UnmarshalJSON(b []byte) error {
	var w struct {
		schema.ChannelAccount
		ObjectID          string `json:"objectId"`
		GivenName         string `json:"givenName"`
		Surname           string `json:"surname"`
		Email             string `json:"email"`
		UserPrincipalName string `json:"userPrincipalName"`
		TenantID          string `json:"tenantId"`
		UserRole          string `json:"userRole"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	if w.AadObjectID == "" {
		w.AadObjectID = w.ObjectID
	}
	*m = Member{w.ChannelAccount, w.GivenName, w.Surname, w.Email, w.UserPrincipalName, w.TenantID, w.UserRole}
	return nil
}

// MembersPage is one page of a conversation's members.
type MembersPage struct {
	Members           []Member
	ContinuationToken string // empty: this was the last
}

// Member finds one member by "29:…", UPN or Entra object id. Errors are *Error.
func (c *Client) Member(ctx context.Context, t Target, memberID string) (Member, error) {
	const op = "member"
	o, answer := c.do(ctx, t.ServiceURL, call{op: op, method: http.MethodGet, path: []string{t.ConversationID, "members", memberID}})
	if o.Kind == ConversationGone && o.Code != "ConversationNotFound" {
		o.Kind, o.Reason = Permanent, UserNotFound
	}
	var m Member
	if err := read(op, o, answer, &m); err != nil {
		return Member{}, err
	}
	return m, nil
}

// PagedMembers reads the members that follow token (empty: the first). Teams
// takes page sizes of 50 to 500 (platform.md §1); others are brought into that
// range. Errors are *Error.
func (c *Client) PagedMembers(ctx context.Context, t Target, pageSize int, token string) (MembersPage, error) {
	const op = "members"
	query := url.Values{"pageSize": {strconv.Itoa(min(max(pageSize, 50), 500))}}
	if token != "" {
		query.Set("continuationToken", token)
	}
	o, answer := c.do(ctx, t.ServiceURL, call{op: op, method: http.MethodGet, path: []string{t.ConversationID, "pagedmembers"}, query: query})
	var page struct {
		Members           []Member `json:"members"`
		ContinuationToken string   `json:"continuationToken"`
	}
	if err := read(op, o, answer, &page); err != nil {
		return MembersPage{}, err
	}
	return MembersPage{page.Members, page.ContinuationToken}, nil
}

// read decodes the answer of a call that changes nothing, or makes its error.
func read(op string, o Outcome, answer []byte, into any) error {
	o.Ambiguous = false
	if !o.OK() {
		return &Error{Op: op, Outcome: o}
	}
	if err := json.Unmarshal(answer, into); err != nil {
		o.Kind, o.Reason, o.Detail = Permanent, ServiceError, "the answer is no JSON of the expected form"
		return &Error{Op: op, Outcome: o}
	}
	return nil
}

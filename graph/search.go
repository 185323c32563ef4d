package graph

import (
	"context"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"herald/campaigns"
)

// SearchPeople implements campaigns.Directory with Graph's $search, which splits names into words and finds each by its
// beginning, and addresses by theirs. It wants ConsistencyLevel: eventual: somebody who came minutes ago may be missing.
func (d *Directory) SearchPeople(ctx context.Context, tenantID, query string, limit int) ([]campaigns.Person, error) {
	const op = "search people"
	builder, err := d.users(tenantID)
	if err != nil {
		return nil, err
	}
	headers := abstractions.NewRequestHeaders()
	headers.Add("ConsistencyLevel", "eventual")
	page, err := builder.Get(ctx, &users.UsersRequestBuilderGetRequestConfiguration{
		Headers: headers,
		QueryParameters: &users.UsersRequestBuilderGetQueryParameters{
			Select: properties,
			Search: ptr(searchFor(query)),
			Top:    ptr(int32(limit)),
		},
	})
	if err != nil {
		return nil, d.fail(ctx, op, tenantID, err)
	}
	if page == nil {
		return nil, broken(op, "the answer is empty")
	}
	var out []campaigns.Person
	for _, user := range page.GetValue() {
		if user == nil || text(user.GetId()) == "" {
			return nil, broken(op, "a person has no id")
		}
		if enabled := user.GetAccountEnabled(); (enabled == nil || *enabled) && len(out) < limit {
			out = append(out, person(tenantID, user))
		}
	}
	return out, nil
}

// searchFor writes a text as $search takes it: clauses in quotes, in which quotes and backslashes are escaped.
func searchFor(query string) string {
	query = strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(query)
	var clauses []string
	for _, property := range []string{"displayName", "mail", "userPrincipalName"} {
		clauses = append(clauses, `"`+property+":"+query+`"`)
	}
	return strings.Join(clauses, " OR ")
}

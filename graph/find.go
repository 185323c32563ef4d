package graph

import (
	"context"
	"regexp"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/models"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"herald/campaigns"
)

// properties is what Herald reads of a person, and nothing more.
var properties = []string{
	"id", "userPrincipalName", "mail", "displayName", "givenName", "surname",
	"preferredLanguage", "accountEnabled", "userType",
}

var (
	addressForm = regexp.MustCompile(`^[^@\s\pC]+@[^@\s\pC]+$`)
	// What Entra allows in a user principal name. Other addresses, such as
	// those with a plus sign, cannot be one and are searched for.
	upnForm = regexp.MustCompile(`^[A-Za-z0-9'._!#^~-]+@[A-Za-z0-9.-]+$`)
)

// maxAddress is the longest mail address that there can be (64 + @ + 255).
const maxAddress = 320

// FindByEmail implements campaigns.Directory. It asks by user principal name
// first, because that is one cheap request and right for most people, then by
// primary mail address, then by the other addresses of a mailbox.
func (d *Directory) FindByEmail(ctx context.Context, tenantID, email string) (campaigns.Person, error) {
	address := strings.TrimSpace(email)
	if len(address) > maxAddress || !addressForm.MatchString(address) {
		return campaigns.Person{}, notFound(address)
	}
	builder, err := d.users(tenantID)
	if err != nil {
		return campaigns.Person{}, err
	}
	if upnForm.MatchString(address) {
		const op = "find a person by user principal name"
		user, err := builder.ByUserId(address).Get(ctx, &users.UserItemRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.UserItemRequestBuilderGetQueryParameters{Select: properties},
		})
		switch {
		case err == nil:
			return d.found(op, tenantID, user)
		case !absent(err):
			return campaigns.Person{}, d.fail(ctx, op, tenantID, err)
		}
	}

	// OData doubles the quotes in a string literal.
	literal := strings.ReplaceAll(address, "'", "''")
	for _, search := range []struct {
		op, filter string
		eventual   bool
	}{
		{"find a person by mail address", "mail eq '" + literal + "'", false},
		// A primary address is kept as SMTP:…, the others as smtp:…, and Graph
		// minds the case of that prefix (platform.md §8).
		{"find a person by proxy address", "proxyAddresses/any(p:p eq 'smtp:" + literal + "')", true},
		{"find a person by proxy address", "proxyAddresses/any(p:p eq 'SMTP:" + literal + "')", true},
	} {
		config := &users.UsersRequestBuilderGetRequestConfiguration{
			QueryParameters: &users.UsersRequestBuilderGetQueryParameters{
				Select: properties,
				Filter: &search.filter,
				Top:    ptr(int32(10)),
			},
		}
		if search.eventual {
			// Lambda filters are advanced queries, which want both of these.
			config.Headers = abstractions.NewRequestHeaders()
			config.Headers.Add("ConsistencyLevel", "eventual")
			config.QueryParameters.Count = ptr(true)
		}
		page, err := builder.Get(ctx, config)
		if err != nil {
			return campaigns.Person{}, d.fail(ctx, search.op, tenantID, err)
		}
		if page == nil {
			return campaigns.Person{}, broken(search.op, "the answer is empty")
		}
		if user := likeliest(page.GetValue()); user != nil {
			return d.found(search.op, tenantID, user)
		}
	}
	return campaigns.Person{}, notFound(address)
}

func notFound(address string) error {
	return campaigns.Errorf(campaigns.CodeNotFound, "user_not_found", "Nobody in this organisation has the address %q.", address)
}

func (d *Directory) found(op, tenantID string, user models.Userable) (campaigns.Person, error) {
	if user == nil || text(user.GetId()) == "" {
		return campaigns.Person{}, broken(op, "the person has no id")
	}
	return person(tenantID, user), nil
}

// likeliest chooses among people who share an address, which Entra allows for
// mail: an enabled account before a disabled one, then a member before a guest,
// then the first.
func likeliest(found []models.Userable) models.Userable {
	rank := func(user models.Userable) int {
		rank := 0
		if enabled := user.GetAccountEnabled(); enabled == nil || *enabled {
			rank += 2
		}
		if !strings.EqualFold(text(user.GetUserType()), "Guest") {
			rank++
		}
		return rank
	}
	var best models.Userable
	for _, user := range found {
		if user != nil && (best == nil || rank(user) > rank(best)) {
			best = user
		}
	}
	return best
}

func person(tenantID string, user models.Userable) campaigns.Person {
	return campaigns.Person{
		TenantID:    tenantID,
		ID:          text(user.GetId()),
		UPN:         text(user.GetUserPrincipalName()),
		Mail:        text(user.GetMail()),
		DisplayName: text(user.GetDisplayName()),
		GivenName:   text(user.GetGivenName()),
		Surname:     text(user.GetSurname()),
		Locale:      text(user.GetPreferredLanguage()),
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func ptr[T any](v T) *T { return &v }

package graph

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	abstractions "github.com/microsoft/kiota-abstractions-go"
	"github.com/microsoftgraph/msgraph-sdk-go/users"

	"herald/campaigns"
)

// pageSize is the most that Graph gives in one page of people. Delta queries
// take it as a preference; $top has no effect on them.
const pageSize = 999

// EachPage implements campaigns.Directory with Graph's delta query. The token
// is Graph's delta link, whole, as Graph wants it treated. Graph may name a
// person more than once in a walk; the last time counts.
func (d *Directory) EachPage(ctx context.Context, tenantID, token string, fn func(campaigns.DirectoryPage) error) (string, error) {
	const op = "walk the people"
	builder, err := d.users(tenantID)
	if err != nil {
		return "", err
	}
	headers := abstractions.NewRequestHeaders()
	headers.Add("Prefer", "odata.maxpagesize="+strconv.Itoa(pageSize))
	first := &users.DeltaRequestBuilderGetRequestConfiguration{
		Headers:         headers,
		QueryParameters: &users.DeltaRequestBuilderGetQueryParameters{Select: properties},
	}
	// The links hold the query already; only the preference is said each time.
	following := &users.DeltaRequestBuilderGetRequestConfiguration{Headers: headers}

	request, config := builder.Delta(), first
	if token != "" {
		if !d.ours(token) {
			// Herald was pointed at another Graph since: the token's walk is lost.
			return "", gone(nil)
		}
		request, config = request.WithUrl(token), following
	}
	seen := ""
	for {
		answer, err := request.GetAsDeltaGetResponse(ctx, config)
		if err != nil {
			return "", d.fail(ctx, op, tenantID, err)
		}
		if answer == nil {
			return "", broken(op, "the page is empty")
		}
		page := campaigns.DirectoryPage{}
		last := map[string]int{} // where somebody is named for the last time
		for i, user := range answer.GetValue() {
			if user == nil || text(user.GetId()) == "" {
				return "", broken(op, "a person has no id")
			}
			last[text(user.GetId())] = i
		}
		for i, user := range answer.GetValue() {
			// Deleted for good or still restorable ("reason"): either way the
			// person is out of the tenant.
			_, removed := user.GetAdditionalData()["@removed"]
			switch id := text(user.GetId()); {
			case last[id] != i:
			case removed:
				page.Removed = append(page.Removed, id)
			default:
				page.People = append(page.People, person(tenantID, user))
			}
		}
		next, delta := text(answer.GetOdataNextLink()), text(answer.GetOdataDeltaLink())
		link := next
		if next == "" {
			link = delta
		}
		switch {
		case link == "":
			return "", broken(op, "the page says neither where the next one is nor that it is the last")
		case !d.ours(link):
			// Following it would hand the tenant's token to whoever is there.
			return "", broken(op, "the page points to another server")
		case next != "" && next == seen:
			return "", broken(op, "the page points to itself")
		}
		if err := fn(page); err != nil {
			return "", err
		}
		if next == "" {
			return delta, nil
		}
		seen = next
		request, config = request.WithUrl(next), following
	}
}

// ours says whether a link leads to the Graph that Herald is configured for.
func (d *Directory) ours(link string) bool {
	u, err := url.Parse(link)
	return err == nil && u.Scheme == d.base.Scheme && strings.EqualFold(u.Host, d.base.Host) &&
		u.User == nil && strings.HasPrefix(u.Path, d.base.Path+"/")
}

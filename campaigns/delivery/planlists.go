package delivery

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"herald/campaigns"
)

// Kinds of cursors of lists, in their order: "KIND:LIST:MEMBER", the number of the list in the audience and the last member planned.
const (
	excluding = "out"
	known     = "list" // members whom the ledger knows
	left      = "rest" // whoever is left, when the directory has been asked
)

// lists plans the members of one list after the other: first those whom the ledger knows, without waiting for the
// directory; then those who are left, and the typed addresses last. Who is in two lists gets the values of the first: an address of an
// earlier list is never planned from a later one, also when nobody knows yet whom it belongs to.
func (p *planner) lists(c *campaigns.Campaign, fresh *sync.WaitGroup, then pager) pager {
	ids := c.Audience.ListIDs
	return func(ctx context.Context, from Plan) (Plan, error) {
		if strings.HasPrefix(from.Cursor, "address:") {
			return then(ctx, from)
		}
		at := place{kind: known}
		limit := memberPage
		if atStart(from.Cursor) {
			limit = firstPage
		} else if err := at.parse(from.Cursor, len(ids), known, left); err != nil {
			return Plan{}, err
		}
		span := MemberSpan{List: ids[at.list], Before: ids[:at.list], After: at.after, KnownOnly: at.kind == known}
		if at.kind == left {
			fresh.Wait()
		}
		last, err := p.memberPage(ctx, c, &span, limit)
		if err != nil {
			return Plan{}, err
		}
		next := at.next(span.UpTo, last)
		to := Plan{Cursor: next.String()}
		if next.list == len(ids) {
			switch {
			case at.kind == known:
				to.Cursor = place{kind: left}.String()
			case len(c.Audience.Emails) > 0:
				to.Cursor = "address:0"
			default:
				to.Done = true
			}
		}
		return to, p.ledger.PlanList(ctx, c.Key(), from, to, span, p.now())
	}
}

// excluded writes down who must not get the campaign, before anybody is planned. Whoever is not known is asked for: an
// exclusion must hold whatever address it was written with.
func (p *planner) excluded(c *campaigns.Campaign, fresh *sync.WaitGroup) pager {
	ids := c.Audience.ExcludeListIDs
	return func(ctx context.Context, from Plan) (Plan, error) {
		at := place{kind: excluding}
		if from.Cursor != "" {
			if err := at.parse(from.Cursor, len(ids), excluding); err != nil {
				return Plan{}, err
			}
		}
		span := MemberSpan{List: ids[at.list], After: at.after}
		// The directory is waited for only when there is somebody to ask for.
		page, err := p.ledger.MemberPage(ctx, c.Key(), span.List, nil, span.After, memberPage, 1)
		if err != nil {
			return Plan{}, fmt.Errorf("members: %w", err)
		}
		if len(page.Strangers) > 0 {
			fresh.Wait()
		}
		last, err := p.memberPage(ctx, c, &span, memberPage)
		if err != nil {
			return Plan{}, err
		}
		next := at.next(span.UpTo, last)
		to := Plan{Cursor: next.String()}
		if next.list == len(ids) {
			to.Cursor = chosenStart
		}
		return to, p.ledger.Exclude(ctx, c.Key(), from, to, span, p.now())
	}
}

// memberPage finds where a span ends and, unless only known people are wanted, whom its strangers' addresses belong to.
func (p *planner) memberPage(ctx context.Context, c *campaigns.Campaign, span *MemberSpan, limit int) (last bool, err error) {
	strangers := addressPage
	if span.KnownOnly {
		strangers = 0
	}
	page, err := p.ledger.MemberPage(ctx, c.Key(), span.List, span.Before, span.After, limit, strangers)
	if err != nil {
		return false, fmt.Errorf("members: %w", err)
	}
	span.UpTo = page.UpTo
	if len(page.Strangers) == 0 {
		return page.Last, nil
	}
	resolved, err := p.roster.Resolve(ctx, c.TenantID, page.Strangers)
	if err != nil {
		return false, fmt.Errorf("resolve: %w", err)
	}
	span.Found = map[string]string{}
	for _, r := range resolved {
		if r.Found {
			span.Found[strings.ToLower(r.Email)] = r.Person.ID
		}
	}
	return page.Last, nil
}

// place is where a plan stands in the lists of its audience.
type place struct {
	kind  string
	list  int
	after int64
}

func (at place) String() string { return fmt.Sprintf("%s:%d:%d", at.kind, at.list, at.after) }

// next is the place after a page.
func (at place) next(upTo int64, last bool) place {
	if last {
		return place{kind: at.kind, list: at.list + 1}
	}
	return place{kind: at.kind, list: at.list, after: upTo}
}

func (at *place) parse(cursor string, lists int, kinds ...string) error {
	kind, rest, _ := strings.Cut(cursor, ":")
	for _, k := range kinds {
		if n, err := fmt.Sscanf(rest, "%d:%d", &at.list, &at.after); k == kind && err == nil && n == 2 && at.list >= 0 && at.list < lists {
			at.kind = kind
			return nil
		}
	}
	return fmt.Errorf("cursor %q", cursor)
}

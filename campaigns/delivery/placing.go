package delivery

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"herald/campaigns"
	"herald/campaigns/schedule"
)

// placePage is how many get their moments in one transaction.
const placePage = 2000

// places gives the recipients of a timed campaign their moments. Cursors are "place:SEQ", the last delivery that has one.
func (p *planner) places(c *campaigns.Campaign) pager {
	k, w := c.Key(), c.Timing.Window
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.ID)) // it never fails
	seed := h.Sum64()
	return func(ctx context.Context, from Plan) (Plan, error) {
		after, err := strconv.ParseInt(strings.TrimPrefix(from.Cursor, Placing), 10, 64)
		if err != nil {
			return Plan{}, fmt.Errorf("cursor %q", from.Cursor)
		}
		people, last, err := p.ledger.Unplaced(ctx, k, after, placePage)
		if err != nil {
			return Plan{}, fmt.Errorf("unplaced: %w", err)
		}
		var zones map[string]string
		if w.OwnTimeZone {
			zones = p.zonesOf(ctx, k.TenantID, people)
		}
		now := p.now()
		openings := map[string]schedule.Opening{}
		page := make([]Placed, len(people))
		for i, u := range people {
			zone := zones[u.PersonID]
			open, known := openings[zone]
			if !known {
				open = w.Open(w.Location(zone)).After(now)
				openings[zone] = open
			}
			page[i] = Placed{Seq: u.Seq, Zone: zone}
			if !open.Empty() {
				page[i].At = schedule.Place(open, seed, u.Seq-1, max(last, u.Seq))
			}
			after = u.Seq
		}
		to := Plan{Cursor: Placing + strconv.FormatInt(after, 10), Done: len(people) < placePage}
		return to, p.ledger.PlacePage(ctx, k, from, to, page, p.now())
	}
}

// zonesOf are the time zones of people, as far as known. A campaign does not wait for those that cannot be asked for now.
func (p *planner) zonesOf(ctx context.Context, tenantID string, people []Unplaced) map[string]string {
	if p.zones == nil || len(people) == 0 {
		return nil
	}
	ids := make([]string, len(people))
	for i, u := range people {
		ids[i] = u.PersonID
	}
	zones, err := p.zones.Of(ctx, tenantID, ids)
	if err != nil && ctx.Err() == nil {
		p.log.WarnContext(ctx, "time zones of some people not known; they get the campaign by its own", "tenant", tenantID, "err", err)
	}
	return zones
}

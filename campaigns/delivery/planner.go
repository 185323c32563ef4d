package delivery

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"herald/campaigns"
)

const (
	// firstPage is small, so that the first message of "all users" need not wait for a large one;
	// memberPage keeps a transaction short enough that the workers, who lock the same campaign, go on.
	firstPage   = 500
	memberPage  = 5000
	addressPage = 100 // addresses per planning transaction; each may ask the directory
	// directoryPatience is how long a plan waits for the directory at its end. People who have the app are known
	// without it; only those who have not are missing from the report then.
	directoryPatience = 2 * time.Minute
)

// planner turns a due campaign into one delivery per recipient, page by page. Killed
// half-way, another continues from the last page: page and cursor are one transaction.
type planner struct {
	queue  Queue
	ledger Ledger
	roster *campaigns.Roster
	zones  *campaigns.ZoneKeeper // nil: nobody's is known
	feeder *feeder
	above  int // campaigns.Settings.ApprovalAbove
	lease  time.Duration
	now    func() time.Time
	log    *slog.Logger
}

// hold keeps the lease while the planner waits for the directory, which may take longer
// than a lease. The returned context ends when the lease is lost.
func (p *planner) hold(ctx context.Context, l StartLease) (held context.Context, release func()) {
	held, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		t := time.NewTicker(p.lease / 3)
		defer t.Stop()
		for {
			select {
			case <-held.Done():
				return
			case <-t.C:
			}
			// An error is no answer; the lease may well be there still.
			if ok, err := p.queue.RenewStart(held, l); err == nil && !ok {
				cancel()
			}
		}
	})
	return held, func() { cancel(); renewing.Wait() }
}

// run plans the campaign of one lease to its end, or until the lease is lost.
func (p *planner) run(ctx context.Context, l StartLease) error {
	ctx, release := p.hold(ctx, l)
	defer release()
	log := p.log.With("tenant", l.TenantID, "campaign", l.CampaignID)
	// The queue's own clock decided that the start is due, so the same clock is asked again:
	// a stale start of a campaign that was taken back and scheduled anew is refused.
	now, err := p.queue.Now(ctx)
	if err != nil {
		return fmt.Errorf("now: %w", err)
	}
	c, plan, err := p.ledger.Begin(ctx, l.Key, now)
	if campaigns.CodeOf(err) == campaigns.CodeConflict || campaigns.CodeOf(err) == campaigns.CodeNotFound {
		return p.queue.AckStart(ctx, l) // taken back, stopped or deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	held, err := p.heldBack(ctx, c, plan)
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	if held {
		return p.queue.AckStart(ctx, l)
	}
	var fresh sync.WaitGroup
	refresh, cancel := context.WithCancel(ctx)
	defer fresh.Wait()
	defer cancel()
	if a := c.Audience; !plan.Done && (a.All || len(a.ListIDs) > 0 || len(a.ExcludeListIDs) > 0) {
		fresh.Go(func() { p.roster.Refresh(refresh, l.TenantID, directoryPatience) })
	}
	pages := p.pages(c, &fresh)
	for !plan.Done {
		held, err := p.queue.RenewStart(ctx, l)
		if err != nil {
			return fmt.Errorf("renew: %w", err)
		}
		if !held {
			log.InfoContext(ctx, "another planner took over")
			return nil
		}
		page, placing := pages, strings.HasPrefix(plan.Cursor, Placing)
		if placing {
			page = p.places(c)
		}
		plan, err = page(ctx, plan)
		if campaigns.CodeOf(err) == campaigns.CodeConflict {
			return p.queue.AckStart(ctx, l) // stopped, or another planner was faster
		}
		if err != nil {
			return fmt.Errorf("page: %w", err)
		}
		p.feeder.more(l.Key)
		if plan.Done && c.Timed() && !placing {
			plan = Plan{Cursor: Placing + "0"}
		}
	}
	return p.queue.AckStart(ctx, l)
}

// heldBack compares the audience of a campaign that starts with the largest one that it was sent or approved for, before anybody is
// planned; a campaign that has grown past it waits for approval again. From Begin on the lists do not change, and whoever the directory
// brings meanwhile does not have the app: what is counted here is the most that get the message. A planner that continues another's
// plan counts again only when nothing is planned, so that of two one holds back or both plan.
func (p *planner) heldBack(ctx context.Context, c *campaigns.Campaign, plan Plan) (bool, error) {
	most := c.Ceiling(p.above)
	a := c.Audience
	if most == 0 || plan.Done || plan.Cursor != "" || !a.All && len(a.ListIDs) == 0 && a.Unanswered == "" && len(a.Emails) <= most {
		return false, nil
	}
	n, err := p.roster.Count(ctx, c.TenantID, a, 0)
	if err != nil || n.Total <= most {
		return false, err
	}
	err = p.ledger.HoldBack(ctx, c.Key(), c.Held(n.Total, p.now()), p.now())
	if campaigns.CodeOf(err) == campaigns.CodeConflict { // stopped, or another planner was faster
		return true, nil
	}
	if err == nil {
		p.log.InfoContext(ctx, "campaign held back: its audience has grown", "tenant", c.TenantID, "campaign", c.ID, "people", n.Total, "most", most)
	}
	return true, err
}

// pager writes the page at which a plan stands, and says where it stands then.
type pager func(ctx context.Context, from Plan) (to Plan, err error)

// pages is the way of a plan: who is excluded, then everybody, or lists and typed addresses.
func (p *planner) pages(c *campaigns.Campaign, fresh *sync.WaitGroup) pager {
	chosen := p.addresses(c)
	switch {
	case c.Audience.Unanswered != "":
		chosen = p.unanswered(c)
	case c.Audience.All:
		chosen = p.everybody(c, fresh)
	case len(c.Audience.ListIDs) > 0:
		chosen = p.lists(c, fresh, chosen)
	}
	if len(c.Audience.ExcludeListIDs) == 0 {
		return chosen
	}
	excluded := p.excluded(c, fresh)
	return func(ctx context.Context, from Plan) (Plan, error) {
		if from.Cursor == "" || strings.HasPrefix(from.Cursor, excluding+":") {
			return excluded(ctx, from)
		}
		return chosen(ctx, from)
	}
}

// chosenStart is the cursor at which the plan has written down who is excluded; without exclusions it is the empty one.
const chosenStart = "chosen"

func atStart(cursor string) bool { return cursor == "" || cursor == chosenStart }

// everybody walks along the people that the ledger knows, without waiting for the directory, and then, when a
// newer copy of it came meanwhile, along those that this copy brought.
//
// Cursors are "all:WALK:ID" and "new:WALK:ID": the directory walk that was known at the start, or that
// came meanwhile, and the last person planned.
func (p *planner) everybody(c *campaigns.Campaign, fresh *sync.WaitGroup) pager {
	k := c.Key()
	return func(ctx context.Context, from Plan) (Plan, error) {
		span := Span{Limit: memberPage, Excluding: len(c.Audience.ExcludeListIDs) > 0}
		kind, walk, after, err := parseMembers(from.Cursor)
		if err != nil {
			return Plan{}, err
		}
		if atStart(from.Cursor) {
			known, err := p.roster.Walk(ctx, k.TenantID)
			if err != nil {
				return Plan{}, fmt.Errorf("directory: %w", err)
			}
			walk, span.Limit = known, firstPage
		}
		span.After = after
		if kind == newcomers {
			span.Walk = walk
			span.Next = func(last string) Plan { return Plan{Cursor: memberCursor(newcomers, walk, last), Done: last == ""} }
			return p.ledger.PlanMembers(ctx, k, from, span, p.now())
		}
		if kind == passed { // the first pass is over: is there a newer copy?
			fresh.Wait()
			newest, err := p.roster.Walk(ctx, k.TenantID)
			if err != nil {
				return Plan{}, fmt.Errorf("directory: %w", err)
			}
			to := Plan{Cursor: memberCursor(newcomers, newest, "")}
			to.Done = newest == walk
			return to, p.ledger.WritePage(ctx, k, from, to, nil, p.now())
		}
		span.Next = func(id string) Plan {
			if id == "" {
				return Plan{Cursor: memberCursor(passed, walk, "")}
			}
			return Plan{Cursor: memberCursor(everyone, walk, id)}
		}
		return p.ledger.PlanMembers(ctx, k, from, span, p.now())
	}
}

// Kinds of cursors of "all users", in their order.
const (
	everyone  = "all"
	passed    = "passed" // everyone is planned; newcomers are not looked for yet
	newcomers = "new"
)

func memberCursor(kind string, walk int64, id string) string {
	return kind + ":" + strconv.FormatInt(walk, 10) + ":" + id
}

func parseMembers(cursor string) (kind string, walk int64, after string, err error) {
	if atStart(cursor) {
		return everyone, 0, "", nil
	}
	kind, rest, _ := strings.Cut(cursor, ":")
	number, after, _ := strings.Cut(rest, ":")
	if kind == "person" { // of a release that knew one pass only
		return everyone, 0, rest, nil
	}
	walk, err = strconv.ParseInt(number, 10, 64)
	if err != nil || kind != everyone && kind != passed && kind != newcomers {
		return "", 0, "", fmt.Errorf("cursor %q", cursor)
	}
	return kind, walk, after, nil
}

// unanswered walks along the people of the campaign that a reminder reminds of. Cursors are "unanswered:SEQ", the last of its
// deliveries that was looked at.
func (p *planner) unanswered(c *campaigns.Campaign) pager {
	const kind = "unanswered:"
	return func(ctx context.Context, from Plan) (Plan, error) {
		span := SeqSpan{Limit: memberPage}
		if atStart(from.Cursor) {
			span.Limit = firstPage
		} else {
			n, err := strconv.ParseInt(strings.TrimPrefix(from.Cursor, kind), 10, 64)
			if err != nil {
				return Plan{}, fmt.Errorf("cursor %q", from.Cursor)
			}
			span.After = n
		}
		span.Next = func(last int64) Plan {
			return Plan{Cursor: kind + strconv.FormatInt(last, 10), Done: last == 0}
		}
		return p.ledger.PlanUnanswered(ctx, c.Key(), c.Audience.Unanswered, from, span, p.now())
	}
}

// addresses resolves the typed addresses, some at a time.
func (p *planner) addresses(c *campaigns.Campaign) pager {
	return func(ctx context.Context, from Plan) (Plan, error) {
		start := 0
		if !atStart(from.Cursor) {
			n, err := strconv.Atoi(strings.TrimPrefix(from.Cursor, "address:"))
			if err != nil || n < 0 {
				return Plan{}, fmt.Errorf("cursor %q", from.Cursor)
			}
			start = n
		}
		due := p.now()
		emails := c.Audience.Emails
		end := min(start+addressPage, len(emails))
		resolved, err := p.roster.Resolve(ctx, c.TenantID, emails[min(start, end):end])
		if err != nil {
			return Plan{}, fmt.Errorf("resolve: %w", err)
		}
		page := make([]Planned, len(resolved))
		for i, r := range resolved {
			if r.Found {
				page[i] = planned(r.Reachability, r.Email, due, c.Mandatory)
				continue
			}
			page[i] = Planned{Recipient: campaigns.UnknownRecipient(r.Email), Email: r.Email, Status: campaigns.DeliverySkipped, Reason: campaigns.UserNotFound, DueAt: due}
		}
		to := Plan{Cursor: "address:" + strconv.Itoa(end), Done: end == len(emails)}
		return to, p.ledger.WritePage(ctx, c.Key(), from, to, page, p.now())
	}
}

func planned(r campaigns.Reachability, email string, due time.Time, mandatory bool) Planned {
	d := Planned{Recipient: r.Person.ID, PersonID: r.Person.ID, Email: email, DisplayName: r.Person.DisplayName, DueAt: due}
	switch {
	case r.State == campaigns.Installed && r.OptedOut && !mandatory:
		d.Status, d.Reason = campaigns.DeliverySkipped, campaigns.OptedOut
	case r.State == campaigns.Installed:
		d.Status = campaigns.DeliveryPending
	case r.State == campaigns.Blocked:
		d.Status, d.Reason = campaigns.DeliverySkipped, campaigns.BlockedByUser
	default:
		d.Status, d.Reason = campaigns.DeliverySkipped, campaigns.NotInstalled
	}
	return d
}

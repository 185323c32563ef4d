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
	memberPage  = 500 // people per planning transaction of "all users"
	addressPage = 100 // addresses per planning transaction; each may ask the directory
	// directoryPatience is how long a start waits for the directory. People who have the app are known
	// without it; only those who have not are missing from the report then.
	directoryPatience = 2 * time.Minute
)

// planner turns a due campaign into one delivery per recipient, page by page. Killed
// half-way, another continues from the last page: page and cursor are one transaction.
type planner struct {
	queue  Queue
	ledger Ledger
	roster *campaigns.Roster
	feeder *feeder
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
	if plan.Cursor == "" && !plan.Done && c.Audience.All {
		p.roster.Refresh(ctx, l.TenantID, directoryPatience)
	}
	for !plan.Done {
		held, err := p.queue.RenewStart(ctx, l)
		if err != nil {
			return fmt.Errorf("renew: %w", err)
		}
		if !held {
			log.InfoContext(ctx, "another planner took over")
			return nil
		}
		page, next, err := p.page(ctx, c, plan)
		if err != nil {
			return fmt.Errorf("resolve audience: %w", err)
		}
		err = p.ledger.WritePage(ctx, l.Key, plan, next, page, p.now())
		if campaigns.CodeOf(err) == campaigns.CodeConflict {
			return p.queue.AckStart(ctx, l) // stopped, or another planner was faster
		}
		if err != nil {
			return fmt.Errorf("write page: %w", err)
		}
		plan = next
		if err := p.feeder.more(ctx, l.Key); err != nil {
			log.WarnContext(ctx, "queue not fed; the reconciler does it", "err", err)
		}
	}
	return p.queue.AckStart(ctx, l)
}

// page resolves the part of the audience that begins at the plan's cursor.
func (p *planner) page(ctx context.Context, c *campaigns.Campaign, plan Plan) ([]Planned, Plan, error) {
	due := p.now()
	if c.Audience.All {
		members, err := p.ledger.Members(ctx, c.TenantID, strings.TrimPrefix(plan.Cursor, "person:"), memberPage)
		if err != nil {
			return nil, Plan{}, err
		}
		page := make([]Planned, len(members))
		for i, m := range members {
			page[i] = planned(m, m.Person.Address(), due)
		}
		next := Plan{Cursor: plan.Cursor, Done: len(members) < memberPage}
		if len(members) > 0 {
			next.Cursor = "person:" + members[len(members)-1].Person.ID
		}
		return page, next, nil
	}
	start := 0
	if plan.Cursor != "" {
		n, err := strconv.Atoi(strings.TrimPrefix(plan.Cursor, "address:"))
		if err != nil || n < 0 {
			return nil, Plan{}, fmt.Errorf("cursor %q", plan.Cursor)
		}
		start = n
	}
	emails := c.Audience.Emails
	end := min(start+addressPage, len(emails))
	resolved, err := p.roster.Resolve(ctx, c.TenantID, emails[min(start, end):end])
	if err != nil {
		return nil, Plan{}, err
	}
	page := make([]Planned, len(resolved))
	for i, r := range resolved {
		if r.Found {
			page[i] = planned(r.Reachability, r.Email, due)
			continue
		}
		page[i] = Planned{Recipient: "mail:" + strings.ToLower(r.Email), Email: r.Email, Status: campaigns.DeliverySkipped, Reason: campaigns.UserNotFound, DueAt: due}
	}
	return page, Plan{Cursor: "address:" + strconv.Itoa(end), Done: end == len(emails)}, nil
}

func planned(r campaigns.Reachability, email string, due time.Time) Planned {
	d := Planned{Recipient: r.Person.ID, PersonID: r.Person.ID, Email: email, DisplayName: r.Person.DisplayName, DueAt: due}
	switch r.State {
	case campaigns.Installed:
		d.Status = campaigns.DeliveryPending
	case campaigns.Blocked:
		d.Status, d.Reason = campaigns.DeliverySkipped, campaigns.BlockedByUser
	default:
		d.Status, d.Reason = campaigns.DeliverySkipped, campaigns.NotInstalled
	}
	return d
}

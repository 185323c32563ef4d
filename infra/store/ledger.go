package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
)

// A ledger transaction concerns one campaign and locks its row first, then deliveries.
// So no two of them, nor StopCampaign, can wait for each other in a circle, and
// the counters on the campaign never lose an update.

// Begin implements delivery.Ledger.
func (db *DB) Begin(ctx context.Context, k delivery.Key, now time.Time) (c *campaigns.Campaign, plan delivery.Plan, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET status = 'sending', started_at = $3, updated_at = $3, version = version + 1
			WHERE tenant_id = $1 AND id = $2 AND status = 'scheduled' AND send_at <= $3`), k.TenantID, k.CampaignID, millis(now))
		if err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, db.q(`SELECT `+campaignColumns+`, plan_cursor FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID)
		c, err = scanCampaign(row, &plan.Cursor)
		switch {
		case err != nil:
			return ifNone(err, errNotFound("campaign"))
		case c.Status != campaigns.Sending:
			return errConflict("campaign")
		}
		if _, err := db.holdLists(ctx, tx, k.TenantID, c.Audience); err != nil { // waits for changes that are under way
			return err
		}
		var marked bool
		if plan.Cursor, marked = strings.CutPrefix(plan.Cursor, timedCursor); marked && c.Timing.Window == nil { // an older Herald took it back and sent it again
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET timed = FALSE, plan_cursor = '' WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID); err != nil {
				return err
			}
		}
		plan.Done = c.Planned
		return nil
	})
	return c, plan, err
}

// PlanMembers implements delivery.Ledger. The rows never leave the database.
func (db *DB) PlanMembers(ctx context.Context, k delivery.Key, from delivery.Plan, span delivery.Span, now time.Time) (to delivery.Plan, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		// Where the page ends is fixed first: somebody who joins meanwhile must not push others out of it.
		var last string
		err := tx.QueryRowContext(ctx, db.q(`SELECT person_id FROM people WHERE tenant_id = $1 AND person_id > $2 AND walk >= $3 AND NOT gone
			ORDER BY person_id LIMIT 1 OFFSET $4`), k.TenantID, span.After, span.Walk, span.Limit-1).Scan(&last)
		upTo := ` AND p.person_id <= $7`
		if errors.Is(err, sql.ErrNoRows) {
			last, upTo = "", ` AND $7 = ''`
		} else if err != nil {
			return err
		}
		to = span.Next(last)
		c, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		// The pages of the first pass share nobody, and each is written once. Only newcomers may be there already.
		again := ""
		if span.Walk > 0 {
			again = ` WHERE TRUE ON CONFLICT DO NOTHING`
		}
		excluding := ""
		if span.Excluding {
			excluding = ` AND ` + fmt.Sprintf(notExcluded, "$2", "p.person_id, 'mail:' || p.mail_key, 'mail:' || p.upn_key")
		}
		return db.plan(ctx, tx, c.num, to.Done, now, func(seq int64) error {
			_, err := tx.ExecContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign, seq, step, recipient, person_id, email, display_name, search_key, status, final, reason, due_at)
				SELECT m.tenant_id, CAST($2 AS BIGINT), CAST($3 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY m.person_id), 0, m.person_id, m.person_id, m.address, m.display_name, m.search_key,
					CASE m.state WHEN 'installed' THEN 'pending' ELSE 'skipped' END, m.state <> 'installed',
					CASE m.state WHEN 'installed' THEN '' WHEN 'blocked' THEN 'blocked_by_user' WHEN 'opted_out' THEN 'opted_out' ELSE 'not_installed' END, CAST($4 AS BIGINT)
				FROM (SELECT p.tenant_id, p.person_id, CASE WHEN p.mail <> '' THEN p.mail ELSE p.upn END AS address, p.display_name, p.search_key, `+reachable(c.mandatory)+` AS state
					FROM people p LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
					WHERE p.tenant_id = $1 AND p.person_id > $5 AND p.walk >= $6 AND NOT p.gone`+upTo+excluding+`) m`+again), k.TenantID, c.num, seq, c.due(now), span.After, span.Walk, last)
			return err
		})
	})
	return to, err
}

// WritePage implements delivery.Ledger.
func (db *DB) WritePage(ctx context.Context, k delivery.Key, from, to delivery.Plan, page []delivery.Planned, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		c, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		return db.plan(ctx, tx, c.num, to.Done, now, func(seq int64) error { return db.insertPage(ctx, tx, k.TenantID, c, seq, page) })
	})
}

// turned is a campaign whose plan has moved on.
type turned struct {
	num              int64
	mandatory, timed bool
}

// due is when its recipients are due that are planned now. Those of a timed campaign wait for their moments.
func (c turned) due(now time.Time) int64 {
	if c.timed {
		return unplaced
	}
	return millis(now)
}

// turnPage is the compare-and-set of the cursor, which also locks the campaign. When all recipients of a timed campaign are written, its plan
// goes on with their moments.
func (db *DB) turnPage(ctx context.Context, tx *sql.Tx, k delivery.Key, from, to delivery.Plan) (c turned, err error) {
	placing := strings.HasPrefix(from.Cursor, delivery.Placing)
	err = tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET planned = $4 AND (NOT timed OR $6),
			plan_cursor = CASE WHEN timed AND $4 AND NOT $6 THEN '`+timedCursor+delivery.Placing+`0' WHEN timed THEN '`+timedCursor+`' || $3 ELSE $3 END
		WHERE tenant_id = $1 AND id = $2 AND status = 'sending' AND plan_cursor = CASE WHEN timed THEN '`+timedCursor+`' || $5 ELSE $5 END AND NOT planned RETURNING num, mandatory, timed`),
		k.TenantID, k.CampaignID, to.Cursor, to.Done, from.Cursor, placing).Scan(&c.num, &c.mandatory, &c.timed)
	return c, ifNone(err, errConflict("campaign"))
}

// plan lets insert add deliveries after the last one, leaving alone whoever is there already, and counts
// what came. With the last page the exclusions have done their work.
func (db *DB) plan(ctx context.Context, tx *sql.Tx, num int64, last bool, now time.Time, insert func(seq int64) error) error {
	var seq int64
	if err := tx.QueryRowContext(ctx, db.q(`SELECT COALESCE(MAX(seq), 0) FROM deliveries WHERE campaign = $1`), num).Scan(&seq); err != nil {
		return err
	}
	if err := insert(seq); err != nil {
		return err
	}
	if last {
		if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM campaign_exclusions WHERE campaign = $1`), num); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_total = n_total + n.pending + n.skipped, n_pending = n_pending + n.pending, n_skipped = n_skipped + n.skipped
		FROM (SELECT COUNT(CASE status WHEN 'pending' THEN 1 END) AS pending, COUNT(CASE status WHEN 'skipped' THEN 1 END) AS skipped FROM deliveries WHERE campaign = $1 AND seq > $2) AS n
		WHERE num = $1`), num, seq); err != nil {
		return err
	}
	return db.finish(ctx, tx, num, now)
}

// insertPage adds the rows that are not there yet.
func (db *DB) insertPage(ctx context.Context, tx *sql.Tx, tenantID string, c turned, seq int64, page []delivery.Planned) error {
	seen := make(map[string]bool, len(page))
	var seqs, dues []int64
	var recipients, people, emails, names, keys, statuses, reasons, unknown []string
	for _, d := range page {
		if seen[d.Recipient] {
			continue
		}
		seen[d.Recipient] = true
		seq++
		seqs, dues = append(seqs, seq), append(dues, c.due(d.DueAt))
		recipients, people = append(recipients, d.Recipient), append(people, d.PersonID)
		emails, names, keys = append(emails, d.Email), append(names, d.DisplayName), append(keys, strings.ToLower(d.DisplayName+" "+d.Email))
		statuses, reasons = append(statuses, string(d.Status)), append(reasons, string(d.Reason))
		unknown = append(unknown, campaigns.UnknownRecipient(d.Email))
	}
	if len(seqs) == 0 {
		return nil
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"recipient", "TEXT", recipients}, column{"person_id", "TEXT", people}, column{"email", "TEXT", emails},
		column{"display_name", "TEXT", names}, column{"search_key", "TEXT", keys}, column{"status", "TEXT", statuses}, column{"reason", "TEXT", reasons}, column{"due_at", "BIGINT", dues}, column{"unknown", "TEXT", unknown})
	_, err := tx.ExecContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign, seq, step, recipient, person_id, email, display_name, search_key, status, final, reason, due_at)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), seq, 0, recipient, person_id, email, display_name, search_key, status, status <> 'pending', reason, due_at FROM `+v+`
		WHERE `+fmt.Sprintf(notExcluded, "CAST($2 AS BIGINT)", "v.recipient, v.unknown")+` ON CONFLICT DO NOTHING`), append([]any{tenantID, c.num}, args...)...)
	return err
}

// finish ends a campaign that is planned and has nobody open left.
func (db *DB) finish(ctx context.Context, tx *sql.Tx, num int64, now time.Time) error {
	_, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET completed_at = $2, updated_at = $2, version = version + 1,
			status = CASE WHEN n_total = n_skipped THEN 'failed' ELSE 'completed' END
		WHERE num = $1 AND status = 'sending' AND planned AND n_pending + n_sending + n_rescheduled = 0`), num, millis(now))
	return err
}

// Due implements delivery.Ledger; deliveries_open serves it.
func (db *DB) Due(ctx context.Context, k delivery.Key, after delivery.Due, stale, until time.Time, limit int) ([]delivery.Due, error) {
	var out []delivery.Due
	var from int64
	if !after.At.IsZero() {
		from = millis(after.At)
	}
	err := db.each(ctx, db.q(`SELECT d.seq, d.due_at FROM deliveries d
		WHERE d.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'sending') AND d.tenant_id = $1
		AND NOT d.final AND d.due_at <= $4 AND (d.due_at, d.seq) > ($6, $7) AND (d.status <> 'sending' OR d.attempted_at < $3)
		ORDER BY d.due_at, d.seq LIMIT $5`), []any{k.TenantID, k.CampaignID, millis(stale), millis(until), limit, from, after.ID}, func(rows *sql.Rows) error {
		var d delivery.Due
		var at int64
		if err := rows.Scan(&d.ID, &at); err != nil {
			return err
		}
		d.At = moment(at)
		out = append(out, d)
		return nil
	})
	return out, err
}

// lockCampaign locks a campaign's row. num is 0 when there is no such campaign.
func (db *DB) lockCampaign(ctx context.Context, tx *sql.Tx, k delivery.Key) (num int64, sending bool, err error) {
	err = tx.QueryRowContext(ctx, db.q(`SELECT num, status = 'sending' FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num, &sending)
	return num, sending, ifNone(err, nil)
}

func groupByKey[T any](items []T, key func(T) delivery.Key) (keys []delivery.Key, groups map[delivery.Key][]T) {
	groups = map[delivery.Key][]T{}
	for _, it := range items {
		groups[key(it)] = append(groups[key(it)], it)
	}
	keys = slices.SortedFunc(maps.Keys(groups), func(a, b delivery.Key) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.CampaignID, b.CampaignID))
	})
	return keys, groups
}

// Work implements delivery.Ledger.
func (db *DB) Work(ctx context.Context, k delivery.Key) (delivery.Work, error) {
	c, err := db.Campaign(ctx, k)
	if err != nil {
		return delivery.Work{}, err
	}
	num, err := db.campaignNumber(ctx, k)
	if err != nil {
		return delivery.Work{}, err
	}
	w := delivery.Work{Work: campaigns.Work{CampaignID: c.ID, Format: c.Format, Content: c.Content, Later: c.MayWait()}, Number: num, Mandatory: c.Mandatory}
	if c.Timed() {
		w.Window = c.Timing.Window
	}
	if c.Format != message.Survey {
		return w, nil
	}
	d, err := db.SurveyVersion(ctx, k.TenantID, c.Content.SurveyID, c.Content.SurveyVersion)
	if err != nil {
		return w, err
	}
	w.Survey = &d
	found, err := db.FindSurveys(ctx, k.TenantID, []string{c.Content.SurveyID})
	if s := found[c.Content.SurveyID]; s != nil {
		w.Closes = s.Closes()
	}
	return w, err
}

// CloseStopped implements delivery.Ledger.
func (db *DB) CloseStopped(ctx context.Context, k delivery.Key, stale time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		// Locks the campaign before its deliveries, as every transaction of the ledger.
		var num int64
		err := tx.QueryRowContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'stopped'`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num)
		if err != nil {
			return ifNone(err, nil) // deleted meanwhile
		}
		n, err := affected(tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = 'failed', final = TRUE, reason = 'stopped'
			WHERE tenant_id = $1 AND campaign = $2 AND NOT final AND status = 'sending' AND attempted_at < $3`), k.TenantID, num, millis(stale)))
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_sending = n_sending - $2, n_failed = n_failed + $2 WHERE num = $1`), num, n)
		return err
	})
}

// OpenCampaigns implements delivery.Ledger. It reads over all tenants: the engine serves them all.
func (db *DB) OpenCampaigns(ctx context.Context) ([]delivery.Open, error) {
	var out []delivery.Open
	err := db.each(ctx, `SELECT tenant_id, id, status, COALESCE(send_at, 0), planned, timed FROM campaigns
		WHERE status IN ('scheduled', 'sending', 'stopped') AND (status <> 'stopped' OR n_sending > 0) ORDER BY tenant_id, id`, nil, func(rows *sql.Rows) error {
		var o delivery.Open
		var at int64
		if err := rows.Scan(&o.TenantID, &o.CampaignID, &o.Status, &at, &o.Planned, &o.Timed); err != nil {
			return err
		}
		o.SendAt = moment(at)
		out = append(out, o)
		return nil
	})
	return out, err
}

// Backlog is what is left to do, over all tenants.
type Backlog struct {
	Campaigns                     map[campaigns.Status]int // scheduled, sending, and stopped with attempts that have no outcome yet
	Pending, Sending, Rescheduled int                      // deliveries of these campaigns
}

// Backlog counts what is left to do from the counters of the open campaigns; campaigns_open serves it. Statuses without a
// campaign are not in the map.
func (db *DB) Backlog(ctx context.Context) (Backlog, error) {
	b := Backlog{Campaigns: map[campaigns.Status]int{}}
	err := db.each(ctx, `SELECT status, COUNT(*), CAST(SUM(n_pending) AS BIGINT), CAST(SUM(n_sending) AS BIGINT), CAST(SUM(n_rescheduled) AS BIGINT) FROM campaigns
		WHERE status IN ('scheduled', 'sending', 'stopped') AND (status <> 'stopped' OR n_sending > 0) GROUP BY status`, nil, func(rows *sql.Rows) error {
		var status campaigns.Status
		var n, pending, sending, rescheduled int
		if err := rows.Scan(&status, &n, &pending, &sending, &rescheduled); err != nil {
			return err
		}
		b.Campaigns[status] = n
		b.Pending, b.Sending, b.Rescheduled = b.Pending+pending, b.Sending+sending, b.Rescheduled+rescheduled
		return nil
	})
	return b, err
}

var (
	_ campaigns.Store     = (*DB)(nil)
	_ delivery.Ledger     = (*DB)(nil)
	_ campaigns.LinkStore = (*DB)(nil)
)

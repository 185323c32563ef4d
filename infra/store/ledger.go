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
)

// A ledger transaction locks the rows of its campaigns first, in order, then deliveries.
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
		case errors.Is(err, sql.ErrNoRows):
			return errNotFound("campaign")
		case err != nil:
			return err
		case c.Status != campaigns.Sending:
			return errConflict("campaign")
		}
		plan.Done = c.Planned
		return nil
	})
	return c, plan, err
}

// Members implements delivery.Ledger: a walk along the primary key of people.
func (db *DB) Members(ctx context.Context, tenantID, after string, limit int) ([]delivery.Member, error) {
	var out []delivery.Member
	err := db.each(ctx, db.q(`SELECT COALESCE(r.state, ''), `+personColumns+`
		FROM people p LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
		WHERE p.tenant_id = $1 AND p.person_id > $2 AND NOT p.gone ORDER BY p.person_id LIMIT $3`), []any{tenantID, after, limit}, func(rows *sql.Rows) error {
		var m delivery.Member
		if err := rows.Scan(append([]any{&m.State}, personDest(&m.Person)...)...); err != nil {
			return err
		}
		out = append(out, m)
		return nil
	})
	return out, err
}

// WritePage implements delivery.Ledger.
func (db *DB) WritePage(ctx context.Context, k delivery.Key, from, to delivery.Plan, page []delivery.Planned, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		// The compare-and-set of the cursor also locks the campaign.
		res, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET plan_cursor = $3, planned = $4
			WHERE tenant_id = $1 AND id = $2 AND status = 'sending' AND plan_cursor = $5 AND NOT planned`), k.TenantID, k.CampaignID, to.Cursor, to.Done, from.Cursor)
		if err := changedOne(res, err, "campaign"); err != nil {
			return err
		}
		counts := map[campaigns.DeliveryStatus]int{}
		if err := db.insertPage(ctx, tx, k, page, counts); err != nil {
			return err
		}
		total := 0
		for _, n := range counts {
			total += n
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_total = n_total + $3, n_pending = n_pending + $4, n_skipped = n_skipped + $5 WHERE tenant_id = $1 AND id = $2`),
			k.TenantID, k.CampaignID, total, counts[campaigns.DeliveryPending], counts[campaigns.DeliverySkipped]); err != nil {
			return err
		}
		return db.finish(ctx, tx, []delivery.Key{k}, now)
	})
}

// insertPage adds the rows that are not there yet and counts them by status.
func (db *DB) insertPage(ctx context.Context, tx *sql.Tx, k delivery.Key, page []delivery.Planned, counts map[campaigns.DeliveryStatus]int) error {
	if len(page) == 0 {
		return nil
	}
	var seq int64
	if err := tx.QueryRowContext(ctx, db.q(`SELECT COALESCE(MAX(seq), 0) FROM deliveries WHERE tenant_id = $1 AND campaign_id = $2`), k.TenantID, k.CampaignID).Scan(&seq); err != nil {
		return err
	}
	const width = 12
	args := make([]any, 0, len(page)*width)
	seen := make(map[string]bool, len(page))
	for _, d := range page {
		if seen[d.Recipient] {
			continue
		}
		seen[d.Recipient] = true
		seq++
		args = append(args, k.TenantID, k.CampaignID, seq, 0, d.Recipient, d.PersonID, d.Email, d.DisplayName, strings.ToLower(d.DisplayName+" "+d.Email), string(d.Status), string(d.Reason), millis(d.DueAt))
	}
	rows, err := tx.QueryContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign_id, seq, step, recipient, person_id, email, display_name, search_key, status, reason, due_at)
		VALUES `+placeholders(len(args)/width, width, 1)+` ON CONFLICT DO NOTHING RETURNING status`), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s campaigns.DeliveryStatus
		if err := rows.Scan(&s); err != nil {
			return err
		}
		counts[s]++
	}
	return rows.Err()
}

// finish ends campaigns that are planned and have nobody open left.
func (db *DB) finish(ctx context.Context, tx *sql.Tx, keys []delivery.Key, now time.Time) error {
	for _, k := range keys {
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET completed_at = $3, updated_at = $3, version = version + 1,
				status = CASE WHEN n_total = n_skipped THEN 'failed' ELSE 'completed' END
			WHERE tenant_id = $1 AND id = $2 AND status = 'sending' AND planned AND n_pending + n_sending + n_rescheduled = 0`), k.TenantID, k.CampaignID, millis(now)); err != nil {
			return err
		}
	}
	return nil
}

// Due implements delivery.Ledger; deliveries_open serves it.
func (db *DB) Due(ctx context.Context, k delivery.Key, stale time.Time, limit int) ([]delivery.Due, error) {
	var out []delivery.Due
	err := db.each(ctx, db.q(`SELECT d.seq, d.due_at FROM deliveries d
		WHERE d.tenant_id = $1 AND d.campaign_id = $2 AND d.status IN ('pending', 'rescheduled', 'sending')
		AND (d.status <> 'sending' OR d.attempted_at < $3)
		AND EXISTS (SELECT 1 FROM campaigns c WHERE c.tenant_id = $1 AND c.id = $2 AND c.status = 'sending')
		ORDER BY d.due_at, d.seq LIMIT $4`), []any{k.TenantID, k.CampaignID, millis(stale), limit}, func(rows *sql.Rows) error {
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

// lockCampaigns locks the campaigns of refs in order and returns those that are sending.
func (db *DB) lockCampaigns(ctx context.Context, tx *sql.Tx, keys []delivery.Key) (sending map[delivery.Key]bool, err error) {
	sending = map[delivery.Key]bool{}
	for _, k := range keys {
		var s campaigns.Status
		err := tx.QueryRowContext(ctx, db.q(`SELECT status FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&s)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		sending[k] = s == campaigns.Sending
	}
	return sending, nil
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

// BeginAttempts implements delivery.Ledger.
func (db *DB) BeginAttempts(ctx context.Context, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, now time.Time) (out []delivery.Attempt, err error) {
	keys, groups := groupByKey(refs, func(r delivery.Ref) delivery.Key { return r.Key })
	err = db.tx(ctx, func(tx *sql.Tx) error {
		out = out[:0]
		sending, err := db.lockCampaigns(ctx, tx, keys)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if !sending[k] {
				continue
			}
			attempts, err := db.beginAttempts(ctx, tx, k, groups[k], reclaimed, stale, now)
			if err != nil {
				return err
			}
			out = append(out, attempts...)
		}
		return nil
	})
	return out, err
}

func (db *DB) beginAttempts(ctx context.Context, tx *sql.Tx, k delivery.Key, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, now time.Time) ([]delivery.Attempt, error) {
	args := []any{k.TenantID, k.CampaignID}
	for _, r := range refs {
		args = append(args, r.Seq)
	}
	in := strings.Trim(placeholders(1, len(refs), 3), "()")
	rows, err := tx.QueryContext(ctx, db.q(`SELECT d.seq, d.status, d.attempts, d.first_at, COALESCE(d.attempted_at, 0), d.email, d.display_name, d.person_id,
			COALESCE(p.upn, ''), COALESCE(p.mail, ''), COALESCE(p.display_name, ''), COALESCE(p.given_name, ''), COALESCE(p.surname, ''), COALESCE(p.locale, ''),
			COALESCE(r.user_id, ''), COALESCE(r.bot_id, ''), COALESCE(r.conversation_id, ''), COALESCE(r.service_url, ''), COALESCE(r.locale, ''), COALESCE(r.state, ''), COALESCE(r.updated_at, 0)
		FROM deliveries d
		LEFT JOIN people p ON p.tenant_id = d.tenant_id AND p.person_id = d.person_id
		LEFT JOIN conversation_references r ON r.tenant_id = d.tenant_id AND r.person_id = d.person_id
		WHERE d.tenant_id = $1 AND d.campaign_id = $2 AND d.seq IN (`+in+`) AND d.status IN ('pending', 'rescheduled', 'sending')`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []delivery.Attempt
	from := map[campaigns.DeliveryStatus]int{}
	for rows.Next() {
		var a delivery.Attempt
		var status campaigns.DeliveryStatus
		var first sql.NullInt64
		var attempted, refUpdated int64
		var email, name string
		if err := rows.Scan(&a.Seq, &status, &a.Number, &first, &attempted, &email, &name, &a.Person.ID,
			&a.Person.UPN, &a.Person.Mail, &a.Person.DisplayName, &a.Person.GivenName, &a.Person.Surname, &a.Person.Locale,
			&a.Reference.UserID, &a.Reference.BotID, &a.Reference.ConversationID, &a.Reference.ServiceURL, &a.Reference.Locale, &a.Reference.State, &refUpdated); err != nil {
			return nil, err
		}
		a.Key = k
		if status == campaigns.DeliverySending && !reclaimed[a.Ref] && attempted >= millis(stale) {
			continue // another worker is at it
		}
		from[status]++
		a.Number++
		a.FirstAt = now
		if first.Valid {
			a.FirstAt = moment(first.Int64)
		}
		a.Person.TenantID, a.Reference.TenantID, a.Reference.PersonID = k.TenantID, k.TenantID, a.Person.ID
		a.Reference.UpdatedAt = moment(refUpdated)
		if a.Person.DisplayName == "" {
			a.Person.DisplayName = name
		}
		if a.Person.Mail == "" && a.Person.UPN == "" {
			a.Person.Mail = email
		}
		out = append(out, a)
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		return nil, err
	}
	rows.Close()
	args = []any{k.TenantID, k.CampaignID, millis(now)}
	for _, a := range out {
		args = append(args, a.Seq)
	}
	in = strings.Trim(placeholders(1, len(out), 4), "()")
	// What stands as "sending" here was cut off by a crash: it may have arrived, and the report says so.
	if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET repeated = repeated OR status = 'sending', status = 'sending', reason = '', attempts = attempts + 1,
			attempted_at = $3, first_at = COALESCE(first_at, $3)
		WHERE tenant_id = $1 AND campaign_id = $2 AND seq IN (`+in+`)`), args...); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_pending = n_pending - $3, n_rescheduled = n_rescheduled - $4, n_sending = n_sending + $3 + $4 WHERE tenant_id = $1 AND id = $2`),
		k.TenantID, k.CampaignID, from[campaigns.DeliveryPending], from[campaigns.DeliveryRescheduled])
	return out, err
}

// Record implements delivery.Ledger.
func (db *DB) Record(ctx context.Context, rs []delivery.Result) (accepted []delivery.Result, err error) {
	keys, groups := groupByKey(rs, func(r delivery.Result) delivery.Key { return r.Key })
	var now time.Time
	for _, r := range rs {
		if r.At.After(now) {
			now = r.At
		}
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		accepted = accepted[:0]
		sending, err := db.lockCampaigns(ctx, tx, keys)
		if err != nil {
			return err
		}
		for _, k := range keys {
			stopped := !sending[k]
			done, err := db.record(ctx, tx, k, groups[k], stopped)
			if err != nil {
				return err
			}
			for _, r := range done {
				if !stopped || r.Status != campaigns.DeliveryRescheduled {
					accepted = append(accepted, r)
				}
			}
		}
		for _, r := range rs {
			if r.Reference != nil {
				if err := db.saveReference(ctx, tx, *r.Reference); err != nil {
					return err
				}
			}
		}
		return db.finish(ctx, tx, keys, now)
	})
	return accepted, err
}

func (db *DB) record(ctx context.Context, tx *sql.Tx, k delivery.Key, rs []delivery.Result, stopped bool) ([]delivery.Result, error) {
	const width = 9
	args := []any{k.TenantID, k.CampaignID}
	// A batch may hold two attempts at one delivery; only the newest counts.
	type attempt struct{ seq, number int64 }
	byAttempt := make(map[attempt]delivery.Result, len(rs))
	for _, r := range rs {
		byAttempt[attempt{r.Seq, int64(r.Number)}] = r
		status, reason := r.Status, r.Reason
		var due, sent int64
		switch {
		case r.Status == campaigns.DeliveryRescheduled && stopped:
			status, reason = campaigns.DeliveryCancelled, campaigns.StoppedByAuthor
		case r.Status == campaigns.DeliveryRescheduled:
			due = millis(r.NextAt)
		case r.Status == campaigns.DeliverySent:
			sent = millis(r.At)
		}
		args = append(args, r.Seq, r.Number, string(status), string(reason), due, sent, r.ActivityID, r.ConversationID, r.Repeated)
	}
	// The types are named once: PostgreSQL takes the first row's for all.
	values := placeholders(len(rs), width, 3)
	first := placeholders(1, width, 3)
	typed := fmt.Sprintf("(CAST($%d AS BIGINT),CAST($%d AS BIGINT),CAST($%d AS TEXT),CAST($%d AS TEXT),CAST($%d AS BIGINT),CAST($%d AS BIGINT),CAST($%d AS TEXT),CAST($%d AS TEXT),CAST($%d AS BOOLEAN))", 3, 4, 5, 6, 7, 8, 9, 10, 11)
	values = typed + strings.TrimPrefix(values, first)
	rows, err := tx.QueryContext(ctx, db.q(`UPDATE deliveries SET status = v.column3, reason = v.column4,
			due_at = CASE WHEN v.column5 > 0 THEN v.column5 ELSE due_at END,
			sent_at = CASE WHEN v.column6 > 0 THEN v.column6 ELSE sent_at END,
			activity_id = v.column7, conversation_id = v.column8, repeated = repeated OR v.column9
		FROM (VALUES `+values+`) AS v
		WHERE tenant_id = $1 AND campaign_id = $2 AND seq = v.column1 AND attempts = v.column2 AND status = 'sending'
		RETURNING seq, attempts, status`), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var counts campaigns.Counts
	var done []delivery.Result
	for rows.Next() {
		var a attempt
		var s campaigns.DeliveryStatus
		if err := rows.Scan(&a.seq, &a.number, &s); err != nil {
			return nil, err
		}
		counts.Add(s, 1)
		done = append(done, byAttempt[a])
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_sending = n_sending - $3, n_sent = n_sent + $4, n_failed = n_failed + $5, n_rescheduled = n_rescheduled + $6, n_cancelled = n_cancelled + $7
		WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID, len(done), counts.Sent, counts.Failed, counts.Rescheduled, counts.Cancelled)
	return done, err
}

// Work implements delivery.Ledger.
func (db *DB) Work(ctx context.Context, k delivery.Key) (delivery.Work, error) {
	c, err := db.Campaign(ctx, k)
	if err != nil {
		return delivery.Work{}, err
	}
	return delivery.Work{Format: c.Format, Content: c.Content}, nil
}

// CloseStopped implements delivery.Ledger.
func (db *DB) CloseStopped(ctx context.Context, k delivery.Key, stale time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		// Locks the campaign before its deliveries, as every transaction of the ledger.
		var n int64
		err := tx.QueryRowContext(ctx, db.q(`SELECT n_sending FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'stopped'`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&n)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = 'failed', reason = 'stopped'
			WHERE tenant_id = $1 AND campaign_id = $2 AND status = 'sending' AND attempted_at < $3`), k.TenantID, k.CampaignID, millis(stale))
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_sending = n_sending - $3, n_failed = n_failed + $3 WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID, n)
		return err
	})
}

// OpenCampaigns implements delivery.Ledger. It reads over all tenants: the engine serves them all.
func (db *DB) OpenCampaigns(ctx context.Context) ([]delivery.Open, error) {
	var out []delivery.Open
	err := db.each(ctx, `SELECT tenant_id, id, status, COALESCE(send_at, 0), planned FROM campaigns
		WHERE status IN ('scheduled', 'sending') OR (status = 'stopped' AND n_sending > 0) ORDER BY tenant_id, id`, nil, func(rows *sql.Rows) error {
		var o delivery.Open
		var at int64
		if err := rows.Scan(&o.TenantID, &o.CampaignID, &o.Status, &at, &o.Planned); err != nil {
			return err
		}
		o.SendAt = moment(at)
		out = append(out, o)
		return nil
	})
	return out, err
}

var (
	_ campaigns.Store = (*DB)(nil)
	_ delivery.Ledger = (*DB)(nil)
)

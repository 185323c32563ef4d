package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
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
		num, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		return db.plan(ctx, tx, num, now, func(seq int64) error {
			_, err := tx.ExecContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign, seq, step, recipient, person_id, email, display_name, search_key, status, final, reason, due_at)
				SELECT m.tenant_id, CAST($2 AS BIGINT), CAST($3 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY m.person_id), 0, m.person_id, m.person_id, m.address, m.display_name, m.search_key,
					CASE m.state WHEN 'installed' THEN 'pending' ELSE 'skipped' END, m.state <> 'installed',
					CASE m.state WHEN 'installed' THEN '' WHEN 'blocked' THEN 'blocked_by_user' ELSE 'not_installed' END, CAST($4 AS BIGINT)
				FROM (SELECT p.tenant_id, p.person_id, CASE WHEN p.mail <> '' THEN p.mail ELSE p.upn END AS address, p.display_name, p.search_key, COALESCE(r.state, '') AS state
					FROM people p LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
					WHERE p.tenant_id = $1 AND p.person_id > $5 AND p.walk >= $6 AND NOT p.gone`+upTo+`) m
				WHERE TRUE ON CONFLICT DO NOTHING`), k.TenantID, num, seq, millis(now), span.After, span.Walk, last)
			return err
		})
	})
	return to, err
}

// WritePage implements delivery.Ledger.
func (db *DB) WritePage(ctx context.Context, k delivery.Key, from, to delivery.Plan, page []delivery.Planned, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		num, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		return db.plan(ctx, tx, num, now, func(seq int64) error { return db.insertPage(ctx, tx, k.TenantID, num, seq, page) })
	})
}

// turnPage is the compare-and-set of the cursor, which also locks the campaign.
func (db *DB) turnPage(ctx context.Context, tx *sql.Tx, k delivery.Key, from, to delivery.Plan) (num int64, err error) {
	err = tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET plan_cursor = $3, planned = $4
		WHERE tenant_id = $1 AND id = $2 AND status = 'sending' AND plan_cursor = $5 AND NOT planned RETURNING num`), k.TenantID, k.CampaignID, to.Cursor, to.Done, from.Cursor).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errConflict("campaign")
	}
	return num, err
}

// plan lets insert add deliveries after the last one, leaving alone whoever is there already, and counts
// what came.
func (db *DB) plan(ctx context.Context, tx *sql.Tx, num int64, now time.Time, insert func(seq int64) error) error {
	var seq int64
	if err := tx.QueryRowContext(ctx, db.q(`SELECT COALESCE(MAX(seq), 0) FROM deliveries WHERE campaign = $1`), num).Scan(&seq); err != nil {
		return err
	}
	if err := insert(seq); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_total = n_total + n.pending + n.skipped, n_pending = n_pending + n.pending, n_skipped = n_skipped + n.skipped
		FROM (SELECT COUNT(CASE status WHEN 'pending' THEN 1 END) AS pending, COUNT(CASE status WHEN 'skipped' THEN 1 END) AS skipped FROM deliveries WHERE campaign = $1 AND seq > $2) AS n
		WHERE num = $1`), num, seq); err != nil {
		return err
	}
	return db.finish(ctx, tx, []int64{num}, now)
}

// insertPage adds the rows that are not there yet.
func (db *DB) insertPage(ctx context.Context, tx *sql.Tx, tenantID string, num, seq int64, page []delivery.Planned) error {
	seen := make(map[string]bool, len(page))
	var seqs, dues []int64
	var recipients, people, emails, names, keys, statuses, reasons []string
	for _, d := range page {
		if seen[d.Recipient] {
			continue
		}
		seen[d.Recipient] = true
		seq++
		seqs, dues = append(seqs, seq), append(dues, millis(d.DueAt))
		recipients, people = append(recipients, d.Recipient), append(people, d.PersonID)
		emails, names, keys = append(emails, d.Email), append(names, d.DisplayName), append(keys, strings.ToLower(d.DisplayName+" "+d.Email))
		statuses, reasons = append(statuses, string(d.Status)), append(reasons, string(d.Reason))
	}
	if len(seqs) == 0 {
		return nil
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"recipient", "TEXT", recipients}, column{"person_id", "TEXT", people}, column{"email", "TEXT", emails},
		column{"display_name", "TEXT", names}, column{"search_key", "TEXT", keys}, column{"status", "TEXT", statuses}, column{"reason", "TEXT", reasons}, column{"due_at", "BIGINT", dues})
	_, err := tx.ExecContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign, seq, step, recipient, person_id, email, display_name, search_key, status, final, reason, due_at)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), seq, 0, recipient, person_id, email, display_name, search_key, status, status <> 'pending', reason, due_at FROM `+v+`
		WHERE TRUE ON CONFLICT DO NOTHING`), append([]any{tenantID, num}, args...)...)
	return err
}

// finish ends campaigns that are planned and have nobody open left.
func (db *DB) finish(ctx context.Context, tx *sql.Tx, nums []int64, now time.Time) error {
	for _, num := range nums {
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET completed_at = $2, updated_at = $2, version = version + 1,
				status = CASE WHEN n_total = n_skipped THEN 'failed' ELSE 'completed' END
			WHERE num = $1 AND status = 'sending' AND planned AND n_pending + n_sending + n_rescheduled = 0`), num, millis(now)); err != nil {
			return err
		}
	}
	return nil
}

// Due implements delivery.Ledger; deliveries_open serves it.
func (db *DB) Due(ctx context.Context, k delivery.Key, stale, until time.Time, limit int) ([]delivery.Due, error) {
	var out []delivery.Due
	err := db.each(ctx, db.q(`SELECT d.seq, d.due_at FROM deliveries d
		WHERE d.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'sending') AND d.tenant_id = $1
		AND NOT d.final AND d.due_at <= $4 AND (d.status <> 'sending' OR d.attempted_at < $3)
		ORDER BY d.due_at, d.seq LIMIT $5`), []any{k.TenantID, k.CampaignID, millis(stale), millis(until), limit}, func(rows *sql.Rows) error {
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

// locked is a campaign whose row this transaction has locked.
type locked struct {
	num     int64
	sending bool
}

// lockCampaigns locks campaigns in the order of keys. Those that are gone are left out.
func (db *DB) lockCampaigns(ctx context.Context, tx *sql.Tx, keys []delivery.Key) (map[delivery.Key]locked, error) {
	out := map[delivery.Key]locked{}
	for _, k := range keys {
		var num int64
		var s campaigns.Status
		err := tx.QueryRowContext(ctx, db.q(`SELECT num, status FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num, &s)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[k] = locked{num: num, sending: s == campaigns.Sending}
	}
	return out, nil
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
		found, err := db.lockCampaigns(ctx, tx, keys)
		if err != nil {
			return err
		}
		for _, k := range keys {
			if !found[k].sending {
				continue
			}
			attempts, err := db.beginAttempts(ctx, tx, k, found[k].num, groups[k], reclaimed, stale, now)
			if err != nil {
				return err
			}
			out = append(out, attempts...)
		}
		return nil
	})
	return out, err
}

func (db *DB) beginAttempts(ctx context.Context, tx *sql.Tx, k delivery.Key, num int64, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, now time.Time) ([]delivery.Attempt, error) {
	seqs := make([]int64, 0, len(refs))
	seen := make(map[int64]bool, len(refs))
	for _, r := range refs {
		if !seen[r.Seq] {
			seen[r.Seq] = true
			seqs = append(seqs, r.Seq)
		}
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs})
	rows, err := tx.QueryContext(ctx, db.q(`SELECT d.seq, d.status, d.attempts, d.due_at, d.first_at, COALESCE(d.attempted_at, 0), d.email, d.display_name, d.person_id,
			COALESCE(p.upn, ''), COALESCE(p.mail, ''), COALESCE(p.display_name, ''), COALESCE(p.given_name, ''), COALESCE(p.surname, ''), COALESCE(p.locale, ''),
			COALESCE(r.user_id, ''), COALESCE(r.bot_id, ''), COALESCE(r.conversation_id, ''), COALESCE(r.service_url, ''), COALESCE(r.locale, ''), COALESCE(r.state, ''), COALESCE(r.updated_at, 0)
		FROM `+v+` JOIN deliveries d ON d.campaign = $2 AND d.seq = v.seq
		LEFT JOIN people p ON p.tenant_id = $1 AND p.person_id = d.person_id
		LEFT JOIN conversation_references r ON r.tenant_id = $1 AND r.person_id = d.person_id
		WHERE d.tenant_id = $1 AND NOT d.final`), append([]any{k.TenantID, num}, args...)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []delivery.Attempt
	from := map[campaigns.DeliveryStatus]int{}
	seqs = seqs[:0]
	for rows.Next() {
		var a delivery.Attempt
		var status campaigns.DeliveryStatus
		var first sql.NullInt64
		var due, attempted, refUpdated int64
		var email, name string
		if err := rows.Scan(&a.Seq, &status, &a.Number, &due, &first, &attempted, &email, &name, &a.Person.ID,
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
		a.DueAt, a.FirstAt = moment(due), now
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
		seqs = append(seqs, a.Seq)
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		return nil, err
	}
	rows.Close()
	v, args = db.table("v", 4, column{"seq", "BIGINT", seqs})
	// What stands as "sending" here was cut off by a crash: it may have arrived, and the report says so.
	if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET repeated = repeated OR status = 'sending', status = 'sending', reason = '', attempts = attempts + 1,
			attempted_at = $3, first_at = COALESCE(first_at, $3)
		FROM `+v+` WHERE tenant_id = $1 AND campaign = $2 AND deliveries.seq = v.seq`), append([]any{k.TenantID, num, millis(now)}, args...)...); err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_pending = n_pending - $2, n_rescheduled = n_rescheduled - $3, n_sending = n_sending + $2 + $3 WHERE num = $1`),
		num, from[campaigns.DeliveryPending], from[campaigns.DeliveryRescheduled])
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
		found, err := db.lockCampaigns(ctx, tx, keys)
		if err != nil {
			return err
		}
		var nums []int64
		for _, k := range keys {
			c, ok := found[k]
			if !ok {
				continue // deleted meanwhile
			}
			nums = append(nums, c.num)
			done, err := db.record(ctx, tx, k.TenantID, c, groups[k])
			if err != nil {
				return err
			}
			for _, r := range done {
				if c.sending || r.Status.Final() {
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
		return db.finish(ctx, tx, nums, now)
	})
	return accepted, err
}

func (db *DB) record(ctx context.Context, tx *sql.Tx, tenantID string, c locked, rs []delivery.Result) ([]delivery.Result, error) {
	// The number that a delivery has afterwards tells which of a batch's attempts at it was accepted. Of an attempt that
	// gave its number back and the one before it, it was the later: only a begun attempt is in a batch.
	type attempt struct{ seq, number int64 }
	byAttempt := make(map[attempt]delivery.Result, len(rs))
	n := len(rs)
	seqs, numbers, unmade, due, sent := make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n), make([]int64, n)
	statuses, reasons, activities, conversations := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	repeated := make([]bool, n)
	for i, r := range rs {
		status, reason := r.Status, r.Reason
		switch {
		case !r.Status.Final() && !c.sending:
			status, reason = campaigns.DeliveryCancelled, campaigns.StoppedByAuthor
		case !r.Status.Final():
			due[i] = millis(r.NextAt)
		case r.Status == campaigns.DeliverySent:
			sent[i] = millis(r.At)
		}
		if r.Unmade {
			unmade[i] = 1
		}
		after := attempt{r.Seq, int64(r.Number) - unmade[i]}
		if r.Number > byAttempt[after].Number {
			byAttempt[after] = r
		}
		seqs[i], numbers[i], statuses[i], reasons[i] = r.Seq, int64(r.Number), string(status), string(reason)
		activities[i], conversations[i], repeated[i] = r.ActivityID, r.ConversationID, r.Repeated
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"number", "BIGINT", numbers}, column{"unmade", "BIGINT", unmade}, column{"status", "TEXT", statuses}, column{"reason", "TEXT", reasons},
		column{"due_at", "BIGINT", due}, column{"sent_at", "BIGINT", sent}, column{"activity_id", "TEXT", activities}, column{"conversation_id", "TEXT", conversations}, column{"repeated", "BOOLEAN", repeated})
	rows, err := tx.QueryContext(ctx, db.q(`UPDATE deliveries SET status = v.status, final = v.status NOT IN ('pending', 'rescheduled'), reason = v.reason,
			due_at = CASE WHEN v.due_at > 0 THEN v.due_at ELSE deliveries.due_at END,
			sent_at = CASE WHEN v.sent_at > 0 THEN v.sent_at ELSE deliveries.sent_at END,
			activity_id = v.activity_id, conversation_id = v.conversation_id, repeated = deliveries.repeated OR v.repeated, attempts = deliveries.attempts - v.unmade
		FROM `+v+`
		WHERE deliveries.tenant_id = $1 AND deliveries.campaign = $2 AND deliveries.seq = v.seq AND deliveries.attempts = v.number AND deliveries.status = 'sending'
		RETURNING deliveries.seq, deliveries.attempts, deliveries.status`), append([]any{tenantID, c.num}, args...)...)
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
	_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_sending = n_sending - $2, n_pending = n_pending + $3, n_sent = n_sent + $4, n_failed = n_failed + $5, n_rescheduled = n_rescheduled + $6, n_cancelled = n_cancelled + $7
		WHERE num = $1`), c.num, len(done), counts.Pending, counts.Sent, counts.Failed, counts.Rescheduled, counts.Cancelled)
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
		var num int64
		err := tx.QueryRowContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'stopped'`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = 'failed', final = TRUE, reason = 'stopped'
			WHERE tenant_id = $1 AND campaign = $2 AND NOT final AND status = 'sending' AND attempted_at < $3`), k.TenantID, num, millis(stale))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
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
	err := db.each(ctx, `SELECT tenant_id, id, status, COALESCE(send_at, 0), planned FROM campaigns
		WHERE status IN ('scheduled', 'sending', 'stopped') AND (status <> 'stopped' OR n_sending > 0) ORDER BY tenant_id, id`, nil, func(rows *sql.Rows) error {
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

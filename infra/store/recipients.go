package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"herald/campaigns"
)

// recipientFilter is what lets recipients through, whatever the page: conditions on deliveries d, and their arguments.
func recipientFilter(k campaigns.Key, f campaigns.RecipientFilter) (where string, args []any) {
	where, args = `d.tenant_id = $1 AND d.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2)`, []any{k.TenantID, k.CampaignID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if f.Status != "" {
		where += ` AND d.status = ` + arg(string(f.Status))
	}
	if f.Reason != "" { // deliveries_why serves it, for those who have one
		where += ` AND d.reason = ` + arg(string(f.Reason)) + ` AND d.reason <> ''`
	}
	if f.Query != "" {
		where += ` AND d.search_key LIKE ` + arg(contains(f.Query)) + ` ESCAPE '\'`
	}
	return where, args
}

// Recipients implements campaigns.Store, in the order of planning.
func (db *DB) Recipients(ctx context.Context, k campaigns.Key, f campaigns.RecipientFilter) (items []campaigns.Recipient, next string, err error) {
	where, args := recipientFilter(k, f)
	if f.Cursor != "" {
		after, perr := strconv.ParseInt(f.Cursor, 10, 64)
		if perr != nil {
			return nil, "", badCursor()
		}
		args = append(args, after)
		where += ` AND d.seq > $` + strconv.Itoa(len(args))
	}
	args = append(args, f.Limit+1)
	err = db.each(ctx, db.q(`SELECT d.seq, d.person_id, d.email, d.display_name, d.status, d.reason, d.attempts, d.repeated,
			COALESCE((SELECT t.moment FROM timed_deliveries t WHERE t.campaign = d.campaign AND t.seq = d.seq AND t.moment < `+unplacedText+`), d.due_at),
			(SELECT s.until_at FROM snoozes s WHERE s.campaign = d.campaign AND s.seq = d.seq AND s.state = 'waiting'), d.sent_at, d.read_at, d.reaction, d.clicks, d.clicked_at, d.answered_at
		FROM deliveries d WHERE `+where+` ORDER BY d.seq LIMIT $`+strconv.Itoa(len(args))), args, func(rows *sql.Rows) error {
		var r campaigns.Recipient
		var due int64
		var snoozed, sentAt, readAt, clickedAt, answeredAt sql.NullInt64
		if err := rows.Scan(&r.Seq, &r.PersonID, &r.Email, &r.DisplayName, &r.Status, &r.Reason, &r.Attempts, &r.Repeated, &due, &snoozed, &sentAt, &readAt, &r.Reaction, &r.Clicks, &clickedAt, &answeredAt); err != nil {
			return err
		}
		r.SnoozedUntil = momentPtr(snoozed)
		r.SentAt, r.ReadAt, r.ClickedAt, r.AnsweredAt = momentPtr(sentAt), momentPtr(readAt), momentPtr(clickedAt), momentPtr(answeredAt)
		if (r.Status == campaigns.DeliveryRescheduled || r.Status == campaigns.DeliveryPending) && due < unplaced {
			at := moment(due)
			r.NextAttemptAt = &at
		}
		items = append(items, r)
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	items, next = page(items, f.Limit, func(last campaigns.Recipient) string { return strconv.FormatInt(last.Seq, 10) })
	checks, err := db.checksOf(ctx, k, items)
	for i := range items {
		if checks != nil {
			items[i].Checks = append([]campaigns.Check{}, checks[items[i].Seq]...)
		}
	}
	return items, next, err
}

// CountRecipients implements campaigns.Store.
func (db *DB) CountRecipients(ctx context.Context, k campaigns.Key, f campaigns.RecipientFilter, most int) (n int, err error) {
	where, args := recipientFilter(k, f)
	args = append(args, most)
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM (SELECT 1 FROM deliveries d WHERE `+where+` LIMIT $`+strconv.Itoa(len(args))+`) AS found`), args...).Scan(&n)
	return n, err
}

// addressKey is the address of delivery d, of person p, in lower case as lists keep it. What Herald knows already is taken from where it
// stands: SQLite's LOWER knows no letters but those of ASCII.
const addressKey = `CASE WHEN d.person_id = '' THEN SUBSTR(d.recipient, 6) WHEN p.mail = d.email THEN p.mail_key WHEN p.upn = d.email THEN p.upn_key ELSE LOWER(d.email) END`

// ListRecipients implements campaigns.Store. The rows never leave the database.
func (db *DB) ListRecipients(ctx context.Context, k campaigns.Key, f campaigns.RecipientFilter, l *campaigns.List) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		num, err := db.insertList(ctx, tx, l)
		if err != nil {
			return err
		}
		where, args := recipientFilter(k, f)
		args = append(args, num, campaigns.MaxListMembers+1)
		list, most := `$`+strconv.Itoa(len(args)-1), `$`+strconv.Itoa(len(args))
		n, err := affected(tx.ExecContext(ctx, db.q(`INSERT INTO list_members (tenant_id, list, seq, address_key, email, cells, search_key)
			SELECT d.tenant_id, CAST(`+list+` AS BIGINT), d.seq, `+addressKey+`, d.email, CASE d.cells WHEN '' THEN '{}' ELSE d.cells END, d.search_key
			FROM deliveries d LEFT JOIN people p ON p.tenant_id = d.tenant_id AND p.person_id = d.person_id
			WHERE `+where+` AND d.email <> '' ORDER BY d.seq LIMIT `+most+` ON CONFLICT DO NOTHING`), args...))
		switch {
		case err != nil:
			return err
		case n == 0:
			return campaigns.Errorf(campaigns.CodeInvalid, "nobody", "There is nobody to put on the list.")
		case n > campaigns.MaxListMembers:
			return listFull()
		}
		l.Members = int(n)
		_, err = tx.ExecContext(ctx, db.q(`UPDATE lists SET members = $2, last_seq = (SELECT MAX(seq) FROM list_members WHERE list = $1) WHERE num = $1`), num, n)
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, l.TenantID, campaigns.ListCreated, "list", l.ID, map[string]any{"campaign": k.CampaignID, "members": n})
	})
}

// PaceSpan implements campaigns.Store; the primary key serves it.
func (db *DB) PaceSpan(ctx context.Context, k campaigns.Key) (from, to time.Time, err error) {
	var first, last sql.NullInt64
	err = db.read.QueryRowContext(ctx, db.q(`SELECT MIN(p.at_second), MAX(p.at_second) FROM campaign_pace p
		WHERE p.tenant_id = $1 AND p.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2)`), k.TenantID, k.CampaignID).Scan(&first, &last)
	if err != nil || !first.Valid {
		return from, to, err
	}
	return time.Unix(first.Int64, 0).UTC(), time.Unix(last.Int64, 0).UTC(), nil
}

// Pace implements campaigns.Store.
func (db *DB) Pace(ctx context.Context, k campaigns.Key, from, to time.Time, step time.Duration) ([]campaigns.PaceBucket, error) {
	var out []campaigns.PaceBucket
	err := db.each(ctx, db.q(`SELECT p.at_second / $5 * $5 AS bucket, CAST(SUM(p.sent) AS BIGINT), CAST(SUM(p.failed) AS BIGINT) FROM campaign_pace p
		WHERE p.tenant_id = $1 AND p.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND p.at_second BETWEEN $3 AND $4
		GROUP BY bucket ORDER BY bucket`), []any{k.TenantID, k.CampaignID, from.Unix(), to.Unix(), int64(step / time.Second)}, func(rows *sql.Rows) error {
		var at int64
		var b campaigns.PaceBucket
		err := rows.Scan(&at, &b.Sent, &b.Failed)
		b.At = time.Unix(at, 0).UTC()
		out = append(out, b)
		return err
	})
	return out, err
}

// Reasons implements campaigns.Store; deliveries_why serves it.
func (db *DB) Reasons(ctx context.Context, k campaigns.Key) ([]campaigns.ReasonCount, error) {
	out := []campaigns.ReasonCount{}
	err := db.each(ctx, db.q(`SELECT reason, COUNT(*) FROM deliveries WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND reason <> '' GROUP BY reason ORDER BY COUNT(*) DESC, reason`), []any{k.TenantID, k.CampaignID}, func(rows *sql.Rows) error {
		var r campaigns.ReasonCount
		err := rows.Scan(&r.Reason, &r.Count)
		out = append(out, r)
		return err
	})
	return out, err
}

// Engagement implements campaigns.Store; deliveries_engaged serves it.
func (db *DB) Engagement(ctx context.Context, k campaigns.Key) (e campaigns.Engagement, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*), COUNT(clicked_at), CAST(COALESCE(SUM(clicks), 0) AS BIGINT), COUNT(read_at), COUNT(CASE WHEN reaction <> '' THEN 1 END), COUNT(answered_at),
			(SELECT COUNT(*) FROM snoozes WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND n = 1) FROM deliveries
		WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND (read_at IS NOT NULL OR reaction <> '' OR answered_at IS NOT NULL OR clicked_at IS NOT NULL)`), k.TenantID, k.CampaignID).Scan(&e.Seen, &e.ClickedRecipients, &e.Clicks, &e.Read, &e.Reacted, &e.Answered, &e.Snoozed)
	return e, err
}

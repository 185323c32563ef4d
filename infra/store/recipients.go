package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"herald/campaigns"
)

// Recipients implements campaigns.Store, in the order of planning.
func (db *DB) Recipients(ctx context.Context, k campaigns.Key, f campaigns.RecipientFilter) (items []campaigns.Recipient, next string, err error) {
	where := []string{"tenant_id = $1", "campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2)"}
	args := []any{k.TenantID, k.CampaignID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if f.Status != "" {
		where = append(where, "status = "+arg(string(f.Status)))
	}
	if f.Query != "" {
		where = append(where, "search_key LIKE "+arg(contains(f.Query))+` ESCAPE '\'`)
	}
	if f.Cursor != "" {
		after, perr := strconv.ParseInt(f.Cursor, 10, 64)
		if perr != nil {
			return nil, "", campaigns.Errorf(campaigns.CodeInvalid, "bad_cursor", "This page link is not valid. Start again from the first page.")
		}
		where = append(where, "seq > "+arg(after))
	}
	rows, err := db.read.QueryContext(ctx, db.q(`SELECT seq, person_id, email, display_name, status, reason, attempts, repeated, due_at, sent_at, read_at, reaction, clicks, clicked_at, answered_at
		FROM deliveries WHERE `+strings.Join(where, " AND ")+` ORDER BY seq LIMIT `+arg(f.Limit+1)), args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		var r campaigns.Recipient
		var due int64
		var sentAt, readAt, clickedAt, answeredAt sql.NullInt64
		if err := rows.Scan(&r.Seq, &r.PersonID, &r.Email, &r.DisplayName, &r.Status, &r.Reason, &r.Attempts, &r.Repeated, &due, &sentAt, &readAt, &r.Reaction, &r.Clicks, &clickedAt, &answeredAt); err != nil {
			return nil, "", err
		}
		r.SentAt, r.ReadAt, r.ClickedAt, r.AnsweredAt = momentPtr(sentAt), momentPtr(readAt), momentPtr(clickedAt), momentPtr(answeredAt)
		if r.Status == campaigns.DeliveryRescheduled || r.Status == campaigns.DeliveryPending {
			at := moment(due)
			r.NextAttemptAt = &at
		}
		items = append(items, r)
	}
	if len(items) > f.Limit {
		items = items[:f.Limit]
		next = strconv.FormatInt(items[f.Limit-1].Seq, 10)
	}
	return items, next, rows.Err()
}

// Reasons implements campaigns.Store; deliveries_reasons serves it.
func (db *DB) Reasons(ctx context.Context, k campaigns.Key) ([]campaigns.ReasonCount, error) {
	rows, err := db.read.QueryContext(ctx, db.q(`SELECT reason, COUNT(*) FROM deliveries WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND reason <> '' GROUP BY reason ORDER BY COUNT(*) DESC, reason`), k.TenantID, k.CampaignID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []campaigns.ReasonCount{}
	for rows.Next() {
		var r campaigns.ReasonCount
		if err := rows.Scan(&r.Reason, &r.Count); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// Engagement implements campaigns.Store; deliveries_engaged serves it.
func (db *DB) Engagement(ctx context.Context, k campaigns.Key) (e campaigns.Engagement, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*), COUNT(clicked_at), CAST(COALESCE(SUM(clicks), 0) AS BIGINT), COUNT(read_at), COUNT(CASE WHEN reaction <> '' THEN 1 END), COUNT(answered_at) FROM deliveries
		WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND (read_at IS NOT NULL OR reaction <> '' OR answered_at IS NOT NULL OR clicked_at IS NOT NULL)`), k.TenantID, k.CampaignID).Scan(&e.Seen, &e.ClickedRecipients, &e.Clicks, &e.Read, &e.Reacted, &e.Answered)
	return e, err
}

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
)

const campaignColumns = `tenant_id, id, name, format, content, audience, status, send_at, started_at, completed_at,
	created_at, updated_at, created_by_id, created_by_name, version, planned,
	n_total, n_pending, n_sending, n_sent, n_failed, n_skipped, n_rescheduled, n_cancelled`

type scanner interface{ Scan(dest ...any) error }

func scanCampaign(row scanner, more ...any) (*campaigns.Campaign, error) {
	var c campaigns.Campaign
	var content, audience []byte
	var sendAt, startedAt, completedAt sql.NullInt64
	var createdAt, updatedAt int64
	dest := append([]any{&c.TenantID, &c.ID, &c.Name, &c.Format, &content, &audience, &c.Status, &sendAt, &startedAt, &completedAt,
		&createdAt, &updatedAt, &c.CreatedBy.ID, &c.CreatedBy.DisplayName, &c.Version, &c.Planned,
		&c.Counts.Total, &c.Counts.Pending, &c.Counts.Sending, &c.Counts.Sent, &c.Counts.Failed, &c.Counts.Skipped, &c.Counts.Rescheduled, &c.Counts.Cancelled}, more...)
	if err := row.Scan(dest...); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, &c.Content); err != nil {
		return nil, fmt.Errorf("content of campaign %s: %w", c.ID, err)
	}
	if err := json.Unmarshal(audience, &c.Audience); err != nil {
		return nil, fmt.Errorf("audience of campaign %s: %w", c.ID, err)
	}
	c.SendAt, c.StartedAt, c.CompletedAt = momentPtr(sendAt), momentPtr(startedAt), momentPtr(completedAt)
	c.CreatedAt, c.UpdatedAt = moment(createdAt), moment(updatedAt)
	return &c, nil
}

func encode(c *campaigns.Campaign) (content, audience string, err error) {
	cb, err := json.Marshal(c.Content)
	if err != nil {
		return "", "", err
	}
	ab, err := json.Marshal(c.Audience)
	return string(cb), string(ab), err
}

// CreateCampaign implements campaigns.Store.
func (db *DB) CreateCampaign(ctx context.Context, c *campaigns.Campaign) error {
	content, audience, err := encode(c)
	if err != nil {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		var num int64
		if err := tx.QueryRowContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'campaign' RETURNING value`).Scan(&num); err != nil {
			return err
		}
		survey, root := surveyOf(c)
		_, err := tx.ExecContext(ctx, db.q(`INSERT INTO campaigns (num, tenant_id, id, name, name_key, format, content, audience, status, created_at, updated_at, created_by_id, created_by_name, version, survey_id, root_id)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16)`),
			num, c.TenantID, c.ID, c.Name, strings.ToLower(c.Name), string(c.Format), content, audience, string(c.Status), millis(c.CreatedAt), millis(c.UpdatedAt), c.CreatedBy.ID, c.CreatedBy.DisplayName, c.Version, survey, root)
		return err
	})
}

// Campaign implements campaigns.Store.
func (db *DB) Campaign(ctx context.Context, k campaigns.Key) (*campaigns.Campaign, error) {
	c, err := scanCampaign(db.read.QueryRowContext(ctx, db.q(`SELECT `+campaignColumns+` FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNotFound("campaign")
	}
	return c, err
}

// Campaigns implements campaigns.Store. The cursor is the sort key of the last item,
// so that a page never skips or repeats one when others change.
func (db *DB) Campaigns(ctx context.Context, tenantID string, f campaigns.Filter) (items []*campaigns.Campaign, next string, err error) {
	where := []string{"tenant_id = $1"}
	args := []any{tenantID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if len(f.Statuses) > 0 {
		var in []string
		for _, s := range f.Statuses {
			in = append(in, arg(string(s)))
		}
		where = append(where, "status IN ("+strings.Join(in, ",")+")")
	}
	if f.Query != "" {
		where = append(where, "name_key LIKE "+arg(contains(f.Query))+` ESCAPE '\'`)
	}
	if f.Cursor != "" {
		ms, id, ok := strings.Cut(f.Cursor, "_")
		at, perr := strconv.ParseInt(ms, 10, 64)
		if !ok || perr != nil {
			return nil, "", campaigns.Errorf(campaigns.CodeInvalid, "bad_cursor", "This page link is not valid. Start again from the first page.")
		}
		where = append(where, "(updated_at, id) < ("+arg(at)+", "+arg(id)+")")
	}
	rows, err := db.read.QueryContext(ctx, db.q(`SELECT `+campaignColumns+` FROM campaigns WHERE `+strings.Join(where, " AND ")+` ORDER BY updated_at DESC, id DESC LIMIT `+arg(f.Limit+1)), args...)
	if err != nil {
		return nil, "", err
	}
	defer rows.Close()
	for rows.Next() {
		c, err := scanCampaign(rows)
		if err != nil {
			return nil, "", err
		}
		items = append(items, c)
	}
	if len(items) > f.Limit {
		items = items[:f.Limit]
		last := items[f.Limit-1]
		next = fmt.Sprintf("%d_%s", millis(last.UpdatedAt), last.ID)
	}
	return items, next, rows.Err()
}

// CountByStatus implements campaigns.Store.
func (db *DB) CountByStatus(ctx context.Context, tenantID string) (map[campaigns.Status]int, error) {
	rows, err := db.read.QueryContext(ctx, db.q(`SELECT status, COUNT(*) FROM campaigns WHERE tenant_id = $1 GROUP BY status`), tenantID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[campaigns.Status]int{}
	for rows.Next() {
		var s campaigns.Status
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, err
		}
		out[s] = n
	}
	return out, rows.Err()
}

// UpdateDraft implements campaigns.Store.
func (db *DB) UpdateDraft(ctx context.Context, c *campaigns.Campaign, now time.Time) error {
	content, audience, err := encode(c)
	if err != nil {
		return err
	}
	survey, root := surveyOf(c)
	res, err := db.write.ExecContext(ctx, db.q(`UPDATE campaigns SET name = $1, name_key = $2, format = $3, content = $4, audience = $5, updated_at = $6, survey_id = $10, root_id = $11, version = version + 1
		WHERE tenant_id = $7 AND id = $8 AND status = 'draft' AND version = $9`),
		c.Name, strings.ToLower(c.Name), string(c.Format), content, audience, millis(now), c.TenantID, c.ID, c.Version, survey, root)
	return changedOne(res, err, "campaign")
}

// changedOne turns a compare-and-set that met no row into CodeConflict.
func changedOne(res sql.Result, err error, what string) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return errConflict(what)
	}
	return nil
}

// DeleteCampaign implements campaigns.Store.
func (db *DB) DeleteCampaign(ctx context.Context, k campaigns.Key) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var num int64
		var status campaigns.Status
		err := tx.QueryRowContext(ctx, db.q(`SELECT num, status FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num, &status)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return errNotFound("campaign")
		case err != nil:
			return err
		case status == campaigns.Sending:
			return campaigns.Errorf(campaigns.CodeConflict, "still_sending", "This campaign is being sent. Stop it first, then delete it.")
		}
		var reminder string
		err = tx.QueryRowContext(ctx, db.q(`SELECT name FROM campaigns WHERE tenant_id = $1 AND root_id = $2 AND root_id <> '' AND status IN ('scheduled', 'sending') ORDER BY num LIMIT 1`), k.TenantID, k.CampaignID).Scan(&reminder)
		if err == nil {
			return campaigns.Errorf(campaigns.CodeConflict, "reminder_running", "The campaign %q reminds people of this one. Take it back or let it end, then delete this one.", reminder)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		for _, table := range []string{"deliveries", "campaign_exclusions", "responses"} {
			if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM `+table+` WHERE tenant_id = $1 AND campaign = $2`), k.TenantID, num); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, db.q(`DELETE FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID)
		return err
	})
}

// ScheduleCampaign implements campaigns.Store.
func (db *DB) ScheduleCampaign(ctx context.Context, k campaigns.Key, version int, sendAt, now time.Time) (c *campaigns.Campaign, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET status = 'scheduled', send_at = $3, updated_at = $4, version = version + 1
			WHERE tenant_id = $1 AND id = $2 AND status = 'draft' AND ($5 = 0 OR version = $5) RETURNING `+campaignColumns), k.TenantID, k.CampaignID, millis(sendAt), millis(now), version)
		c, err = scanCampaign(row)
		if errors.Is(err, sql.ErrNoRows) {
			return errConflict("campaign")
		}
		if err != nil {
			return err
		}
		// From here on nobody can delete them.
		all, err := db.holdLists(ctx, tx, k.TenantID, c.Audience)
		if err == nil && !all {
			err = campaigns.Errorf(campaigns.CodeConflict, "unknown_list", "A list of this campaign has been deleted.")
		}
		if err != nil {
			return err
		}
		return db.pin(ctx, tx, c)
	})
	if campaigns.CodeOf(err) == campaigns.CodeConflict {
		if _, gerr := db.Campaign(ctx, k); gerr != nil {
			return nil, gerr
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// UnscheduleCampaign implements campaigns.Store.
func (db *DB) UnscheduleCampaign(ctx context.Context, k campaigns.Key, now time.Time) (c *campaigns.Campaign, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		c, err = scanCampaign(tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET status = 'draft', send_at = NULL, updated_at = $3, version = version + 1
			WHERE tenant_id = $1 AND id = $2 AND status = 'scheduled' RETURNING `+campaignColumns), k.TenantID, k.CampaignID, millis(now)))
		if errors.Is(err, sql.ErrNoRows) {
			return errConflict("campaign")
		}
		if err != nil || c.Content.SurveyVersion == 0 {
			return err
		}
		c.Content.SurveyVersion = 0
		return db.writeContent(ctx, tx, c)
	})
	if campaigns.CodeOf(err) == campaigns.CodeConflict {
		if _, gerr := db.Campaign(ctx, k); gerr != nil {
			return nil, gerr
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// StopCampaign implements campaigns.Store.
func (db *DB) StopCampaign(ctx context.Context, k campaigns.Key, now time.Time) (c *campaigns.Campaign, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		// The campaign's row first: every transaction of the ledger locks it before deliveries.
		var num int64
		err := tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET status = 'stopped', completed_at = $3, updated_at = $3, version = version + 1
			WHERE tenant_id = $1 AND id = $2 AND status IN ('scheduled', 'sending') RETURNING num`), k.TenantID, k.CampaignID, millis(now)).Scan(&num)
		if errors.Is(err, sql.ErrNoRows) {
			return errConflict("campaign")
		}
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = 'cancelled', final = TRUE, reason = 'stopped'
			WHERE tenant_id = $1 AND campaign = $2 AND NOT final AND status IN ('pending', 'rescheduled')`), k.TenantID, num); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM campaign_exclusions WHERE campaign = $1`), num); err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET n_cancelled = n_cancelled + n_pending + n_rescheduled, n_pending = 0, n_rescheduled = 0
			WHERE tenant_id = $1 AND id = $2 RETURNING `+campaignColumns), k.TenantID, k.CampaignID)
		c, err = scanCampaign(row)
		return err
	})
	if campaigns.CodeOf(err) == campaigns.CodeConflict {
		if _, gerr := db.Campaign(ctx, k); gerr != nil {
			return nil, gerr
		}
	}
	return c, err
}

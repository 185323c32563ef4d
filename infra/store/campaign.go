package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
)

const campaignColumns = `tenant_id, id, name, format, content, audience, timing, status, send_at, started_at, completed_at,
	created_at, updated_at, created_by_id, created_by_name, updated_by_id, updated_by_name, version, planned, mandatory, people_removed_at, people_kept_days, restored,
	n_total, n_pending, n_sending, n_sent, n_failed, n_skipped, n_rescheduled, n_cancelled, n_unscheduled, n_replanned, replanned_at, approval`

type scanner interface{ Scan(dest ...any) error }

func scanCampaign(row scanner, more ...any) (_ *campaigns.Campaign, err error) {
	var c campaigns.Campaign
	var content, audience, timing, approval []byte
	var sendAt, startedAt, completedAt, peopleRemovedAt, replannedAt sql.NullInt64
	var createdAt, updatedAt int64
	dest := append([]any{&c.TenantID, &c.ID, &c.Name, &c.Format, &content, &audience, &timing, &c.Status, &sendAt, &startedAt, &completedAt,
		&createdAt, &updatedAt, &c.CreatedBy.ID, &c.CreatedBy.DisplayName, &c.UpdatedBy.ID, &c.UpdatedBy.DisplayName, &c.Version, &c.Planned, &c.Mandatory, &peopleRemovedAt, &c.PeopleKeptDays, &c.Restored,
		&c.Counts.Total, &c.Counts.Pending, &c.Counts.Sending, &c.Counts.Sent, &c.Counts.Failed, &c.Counts.Skipped, &c.Counts.Rescheduled, &c.Counts.Cancelled, &c.Counts.Unscheduled, &c.Replanned, &replannedAt, &approval}, more...)
	if err := row.Scan(dest...); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(content, &c.Content); err != nil {
		return nil, fmt.Errorf("content of campaign %s: %w", c.ID, err)
	}
	if err := json.Unmarshal(audience, &c.Audience); err != nil {
		return nil, fmt.Errorf("audience of campaign %s: %w", c.ID, err)
	}
	if err := json.Unmarshal(timing, &c.Timing); err != nil {
		return nil, fmt.Errorf("timing of campaign %s: %w", c.ID, err)
	}
	if len(approval) > 0 {
		if c.Approval, err = decodeApproval(approval); err != nil {
			return nil, fmt.Errorf("approval of campaign %s: %w", c.ID, err)
		}
	}
	c.SendAt, c.StartedAt, c.CompletedAt = momentPtr(sendAt), momentPtr(startedAt), momentPtr(completedAt)
	c.PeopleRemovedAt, c.ReplannedAt = momentPtr(peopleRemovedAt), momentPtr(replannedAt)
	c.CreatedAt, c.UpdatedAt = moment(createdAt), moment(updatedAt)
	return &c, nil
}

func encode(c *campaigns.Campaign) (content, audience, timing string, err error) {
	cb, err := json.Marshal(c.Content)
	if err != nil {
		return "", "", "", err
	}
	ab, err := json.Marshal(c.Audience)
	if err != nil {
		return "", "", "", err
	}
	tb, err := json.Marshal(c.Timing)
	return string(cb), string(ab), string(tb), err
}

// CreateCampaign implements campaigns.Store.
func (db *DB) CreateCampaign(ctx context.Context, c *campaigns.Campaign) error {
	content, audience, timing, err := encode(c)
	if err != nil {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		var num int64
		if err := tx.QueryRowContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'campaign' RETURNING value`).Scan(&num); err != nil {
			return err
		}
		survey, root := surveyOf(c)
		_, err := tx.ExecContext(ctx, db.q(`INSERT INTO campaigns (num, tenant_id, id, name, name_key, format, content, audience, timing, status, created_at, updated_at, created_by_id, created_by_name, updated_by_id, updated_by_name, version, survey_id, root_id, mandatory)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)`),
			num, c.TenantID, c.ID, c.Name, strings.ToLower(c.Name), string(c.Format), content, audience, timing, string(c.Status), millis(c.CreatedAt), millis(c.UpdatedAt), c.CreatedBy.ID, c.CreatedBy.DisplayName, c.UpdatedBy.ID, c.UpdatedBy.DisplayName, c.Version, survey, root, c.Mandatory)
		if err != nil {
			return err
		}
		return db.noteCampaign(ctx, tx, campaigns.CampaignCreated, c, nil)
	})
}

// Campaign implements campaigns.Store.
func (db *DB) Campaign(ctx context.Context, k campaigns.Key) (*campaigns.Campaign, error) {
	c, err := scanCampaign(db.read.QueryRowContext(ctx, db.q(`SELECT `+campaignColumns+` FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID))
	return c, ifNone(err, errNotFound("campaign"))
}

// whenShown is the moment that a row shows; campaigns_by_when holds exactly these words.
const whenShown = `(CASE status
    WHEN 'draft' THEN updated_at
    WHEN 'scheduled' THEN COALESCE(send_at, updated_at)
    WHEN 'sending' THEN COALESCE(started_at, send_at, updated_at)
    WHEN 'completed' THEN COALESCE(started_at, completed_at, updated_at)
    ELSE COALESCE(completed_at, updated_at) END)`

var sortKeys = map[campaigns.Sort]string{campaigns.ByUpdated: "updated_at", campaigns.ByName: "name_key", campaigns.ByWhen: whenShown}

// place is where a page of campaigns ended: the key of its last item, and the order that it belongs to.
type place struct {
	Sort      campaigns.Sort `json:"s"`
	Ascending bool           `json:"a,omitempty"`
	Moment    int64          `json:"m,omitempty"`
	Name      string         `json:"n,omitempty"`
	ID        string         `json:"i"`
}

func (p place) String() string {
	text, _ := json.Marshal(p) // texts and numbers: it cannot fail
	return base64.RawURLEncoding.EncodeToString(text)
}

func readPlace(cursor string, f campaigns.Filter) (p place, err error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(text, &p) != nil || p.ID == "" || p.Sort != f.Sort || p.Ascending != f.Ascending {
		return p, badCursor()
	}
	return p, nil
}

// narrow writes the conditions of a filter but those of status and cursor.
func narrow(f campaigns.Filter, arg func(any) string) (where string) {
	if len(f.Formats) > 0 {
		var in []string
		for _, format := range f.Formats {
			in = append(in, arg(string(format)))
		}
		where += " AND format IN (" + strings.Join(in, ",") + ")"
	}
	if f.Author != "" {
		where += " AND created_by_id = " + arg(f.Author)
	}
	if f.Query != "" {
		where += " AND name_key LIKE " + arg(contains(f.Query)) + ` ESCAPE '\'`
	}
	return where
}

// Campaigns implements campaigns.Store. The cursor is the sort key of the last item,
// so that a page never skips or repeats one when others change. Each status is walked along its own stretch of
// an index and gives at most a page; the page is the best of them.
func (db *DB) Campaigns(ctx context.Context, tenantID string, f campaigns.Filter) (items []*campaigns.Campaign, next string, err error) {
	if f.Sort == "" {
		f.Sort = campaigns.ByUpdated
	}
	key := sortKeys[f.Sort]
	args := []any{tenantID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	where := narrow(f, arg)
	direction, beyond := " DESC", "<"
	if f.Ascending {
		direction, beyond = " ASC", ">"
	}
	if f.Cursor != "" {
		from, err := readPlace(f.Cursor, f)
		if err != nil {
			return nil, "", err
		}
		var at any = from.Moment
		if f.Sort == campaigns.ByName {
			at = from.Name
		}
		where += " AND (" + key + ", id) " + beyond + " (" + arg(at) + ", " + arg(from.ID) + ")"
	}
	statuses := f.Statuses
	if len(statuses) == 0 {
		statuses = []campaigns.Status{campaigns.Draft, campaigns.Scheduled, campaigns.Sending, campaigns.Completed, campaigns.Stopped, campaigns.Failed}
	}
	limit := arg(f.Limit + 1)
	order := " ORDER BY sort_key" + direction + ", id" + direction + " LIMIT " + limit
	var stretches []string
	for _, s := range slices.Compact(slices.Sorted(slices.Values(statuses))) {
		stretches = append(stretches, `SELECT * FROM (SELECT id, `+key+` AS sort_key FROM campaigns WHERE tenant_id = $1 AND status = `+arg(string(s))+where+
			` ORDER BY `+key+direction+`, id`+direction+` LIMIT `+limit+`) stretch`)
	}
	// The order once more at the end: a join promises none.
	var last place
	err = db.each(ctx, db.q(`SELECT `+campaignColumns+`, sort_key FROM (`+strings.Join(stretches, " UNION ALL ")+order+`) page
		JOIN campaigns USING (id) WHERE tenant_id = $1`+order), args, func(rows *sql.Rows) error {
		here := place{Sort: f.Sort, Ascending: f.Ascending}
		var at any = &here.Moment
		if f.Sort == campaigns.ByName {
			at = &here.Name
		}
		c, err := scanCampaign(rows, at)
		if err != nil {
			return err
		}
		if len(items) == f.Limit {
			next = last.String()
			return nil
		}
		here.ID = c.ID
		items, last = append(items, c), here
		return nil
	})
	return items, next, err
}

// CountByStatus implements campaigns.Store.
func (db *DB) CountByStatus(ctx context.Context, tenantID string, f campaigns.Filter) (map[campaigns.Status]int, error) {
	args := []any{tenantID}
	where := narrow(f, func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) })
	out := map[campaigns.Status]int{}
	err := db.each(ctx, db.q(`SELECT status, COUNT(*) FROM campaigns WHERE tenant_id = $1`+where+` GROUP BY status`), args, func(rows *sql.Rows) error {
		var s campaigns.Status
		var n int
		err := rows.Scan(&s, &n)
		out[s] = n
		return err
	})
	return out, err
}

// Authors implements campaigns.Store.
func (db *DB) Authors(ctx context.Context, tenantID string) ([]campaigns.Author, error) {
	newest := map[string]int64{}
	names := map[string]string{}
	err := db.each(ctx, db.q(`SELECT created_by_id, created_by_name, MAX(created_at) FROM campaigns WHERE tenant_id = $1 GROUP BY created_by_id, created_by_name`), []any{tenantID}, func(rows *sql.Rows) error {
		var id, name string
		var at int64
		err := rows.Scan(&id, &name, &at)
		if was, known := newest[id]; !known || at > was || (at == was && name > names[id]) {
			newest[id], names[id] = at, name
		}
		return err
	})
	out := make([]campaigns.Author, 0, len(names))
	for id, name := range names {
		out = append(out, campaigns.Author{ID: id, DisplayName: name})
	}
	slices.SortFunc(out, func(a, b campaigns.Author) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.DisplayName), strings.ToLower(b.DisplayName)), strings.Compare(a.ID, b.ID))
	})
	return out, err
}

// UpdateDraft implements campaigns.Store.
func (db *DB) UpdateDraft(ctx context.Context, c *campaigns.Campaign, now time.Time) error {
	content, audience, timing, err := encode(c)
	if err != nil {
		return err
	}
	survey, root := surveyOf(c)
	return db.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET name = $1, name_key = $2, format = $3, content = $4, audience = $5, timing = $6, updated_at = $7, updated_by_id = $8, updated_by_name = $9,
			survey_id = $10, root_id = $11, mandatory = $15, version = version + 1 WHERE tenant_id = $12 AND id = $13 AND status = 'draft' AND approval_state <> 'waiting' AND version = $14`),
			c.Name, strings.ToLower(c.Name), string(c.Format), content, audience, timing, millis(now), c.UpdatedBy.ID, c.UpdatedBy.DisplayName, survey, root, c.TenantID, c.ID, c.Version, c.Mandatory)
		if err := changedOne(res, err, errConflict("campaign")); err != nil {
			return err
		}
		saved := *c
		saved.Version++
		return db.noteCampaign(ctx, tx, campaigns.CampaignChanged, &saved, nil)
	})
}

// DeleteCampaign implements campaigns.Store.
func (db *DB) DeleteCampaign(ctx context.Context, k campaigns.Key, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var num int64
		var status campaigns.Status
		var name string
		err := tx.QueryRowContext(ctx, db.q(`SELECT num, status, name FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num, &status, &name)
		switch {
		case err != nil:
			return ifNone(err, errNotFound("campaign"))
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
		for _, table := range []string{"deliveries", "link_clicks", "campaign_exclusions", "campaign_pace", "responses", "timed_deliveries", "delivery_checks", "timed_hours", "snoozes"} {
			if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM `+table+` WHERE tenant_id = $1 AND campaign = $2`), k.TenantID, num); err != nil {
				return err
			}
		}
		if _, err = tx.ExecContext(ctx, db.q(`DELETE FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID); err != nil {
			return err
		}
		if err := db.settleAs(ctx, tx, k, now, campaigns.Deleted); err != nil {
			return err
		}
		return db.note(ctx, tx, k.TenantID, campaigns.CampaignDeleted, campaigns.Target{Kind: "campaign", ID: k.CampaignID, Name: name}, map[string]any{"status": status})
	})
}

// ScheduleCampaign implements campaigns.Store.
func (db *DB) ScheduleCampaign(ctx context.Context, k campaigns.Key, version int, sendAt, now time.Time) (c *campaigns.Campaign, err error) {
	return db.schedule(ctx, k, version, nil, nil, sendAt, now)
}

// ScheduleWithin implements campaigns.Store.
func (db *DB) ScheduleWithin(ctx context.Context, k campaigns.Key, version int, w campaigns.Window, sendAt, now time.Time) (c *campaigns.Campaign, err error) {
	return db.schedule(ctx, k, version, nil, &w, sendAt, now)
}

// schedule moves a draft to scheduled: one that waits for approval when ap is the approval, one that does not else. With a window
// it is timed from then on; without, its timing has none.
func (db *DB) schedule(ctx context.Context, k campaigns.Key, version int, ap *campaigns.Approval, w *campaigns.Window, sendAt, now time.Time) (c *campaigns.Campaign, err error) {
	state, approval, err := encodeApproval(ap)
	if d, ok := campaigns.DoingOf(ctx); ok && ap == nil { // who asks if it has to be asked after all, at the start
		_, approval, err = encodeApproval(&campaigns.Approval{State: campaigns.Alone, RequestedBy: d.Actor, RequestedAt: now})
	}
	if err != nil {
		return nil, err
	}
	detail := map[string]any{"sendAt": sendAt}
	cursor, window := "", ""
	if w != nil {
		cursor = timedCursor
		text, err := json.Marshal(campaigns.Timing{Window: w})
		if err != nil {
			return nil, err
		}
		window = string(text)
		detail["firstDay"], detail["days"] = w.FirstDay, w.Days
	}
	action := campaigns.CampaignSent
	if ap != nil {
		action = campaigns.ApprovalGiven
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		row := tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET status = 'scheduled', send_at = $3, updated_at = $4, approval_state = $6, approval = $7, version = version + 1,
				timed = $9 <> '', plan_cursor = $10, timing = CASE WHEN $9 <> '' THEN $9 WHEN timing LIKE '%"window"%' THEN '{}' ELSE timing END
			WHERE tenant_id = $1 AND id = $2 AND status = 'draft' AND ($5 = 0 OR version = $5) AND (approval_state = 'waiting') = $8 RETURNING `+campaignColumns),
			k.TenantID, k.CampaignID, millis(sendAt), millis(now), version, state, approval, ap != nil, window, cursor)
		c, err = scanCampaign(row)
		if err != nil {
			return ifNone(err, errConflict("campaign"))
		}
		// From here on nobody can delete them.
		all, err := db.holdLists(ctx, tx, k.TenantID, c.Audience)
		if err == nil && !all {
			err = campaigns.Errorf(campaigns.CodeConflict, "unknown_list", "A list of this campaign has been deleted.")
		}
		if err != nil {
			return err
		}
		if err := db.pin(ctx, tx, c); err != nil {
			return err
		}
		if ap != nil {
			detail["comment"] = ap.Comment
			if err := db.decided(ctx, tx, c, now); err != nil {
				return err
			}
		}
		return db.noteCampaign(ctx, tx, action, c, detail)
	})
	return db.orMissing(ctx, k, c, err)
}

// UnscheduleCampaign implements campaigns.Store.
func (db *DB) UnscheduleCampaign(ctx context.Context, k campaigns.Key, now time.Time) (c *campaigns.Campaign, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		c, err = scanCampaign(tx.QueryRowContext(ctx, db.q(`SELECT `+campaignColumns+` FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID))
		switch {
		case err != nil:
			return ifNone(err, errNotFound("campaign"))
		case c.Status != campaigns.Scheduled:
			return errConflict("campaign")
		}
		if c.SendAt != nil && c.SendAt.After(now) && c.Timing.Window == nil {
			c.Timing.At = c.SendAt
		}
		_, _, timing, err := encode(c)
		if err != nil {
			return err
		}
		c, err = scanCampaign(tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET status = 'draft', send_at = NULL, timing = $3, updated_at = $4, approval_state = '', approval = '', timed = FALSE, plan_cursor = '', version = version + 1
			WHERE tenant_id = $1 AND id = $2 RETURNING `+campaignColumns), k.TenantID, k.CampaignID, timing, millis(now)))
		if err != nil {
			return err
		}
		if err := db.noteCampaign(ctx, tx, campaigns.CampaignUnscheduled, c, nil); err != nil {
			return err
		}
		return db.unpin(ctx, tx, c)
	})
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
		if err != nil {
			return ifNone(err, errConflict("campaign"))
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = 'cancelled', final = TRUE, reason = 'stopped'
			WHERE tenant_id = $1 AND campaign = $2 AND NOT final AND status IN ('pending', 'rescheduled')`), k.TenantID, num); err != nil {
			return err
		}
		for _, table := range plansOf {
			if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM `+table+` WHERE campaign = $1`), num); err != nil {
				return err
			}
		}
		if err := db.cancelReturns(ctx, tx, num, campaigns.StoppedByAuthor); err != nil {
			return err
		}
		row := tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET n_cancelled = n_cancelled + n_pending + n_rescheduled, n_pending = 0, n_rescheduled = 0
			WHERE tenant_id = $1 AND id = $2 RETURNING `+campaignColumns), k.TenantID, k.CampaignID)
		if c, err = scanCampaign(row); err != nil {
			return err
		}
		return db.noteCampaign(ctx, tx, campaigns.CampaignStopped, c, map[string]any{"sent": c.Counts.Sent, "cancelled": c.Counts.Cancelled})
	})
	return db.orMissing(ctx, k, c, err)
}

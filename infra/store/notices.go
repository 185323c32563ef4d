package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"herald/campaigns"
)

// says is what a notice shows, as it lies in its column.
type says struct {
	Name     string             `json:"name"`
	Version  int                `json:"version"`
	Approval campaigns.Approval `json:"approval"`
}

func (db *DB) addNotice(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign, personID string, kind campaigns.NoticeKind, now time.Time) error {
	text, err := json.Marshal(says{c.Name, c.Version, *c.Approval})
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, db.q(`INSERT INTO notices (tenant_id, campaign_id, round, person_id, kind, says, made_at, due_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$7)`),
		c.TenantID, c.ID, c.Version, personID, string(kind), string(text), millis(now))
	return err
}

// askAll has everybody asked who may decide about a campaign that waits, and has opened the tab lately.
func (db *DB) askAll(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign, now time.Time) error {
	rows, err := tx.QueryContext(ctx, db.q(`SELECT `+holderColumns+` FROM role_holders WHERE tenant_id = $1 AND seen_at >= $2 AND person_id <> $3 ORDER BY seen_at DESC, person_id`),
		c.TenantID, millis(now.Add(-campaigns.AskedRoleAge)), c.Approval.RequestedBy.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	var asked []string
	for rows.Next() && len(asked) < campaigns.MaxAsked {
		a, err := scanHolder(rows, c.TenantID)
		if err != nil {
			return err
		}
		if a.Can(campaigns.Approve) {
			asked = append(asked, a.PersonID)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, person := range asked {
		if err := db.addNotice(ctx, tx, c, person, campaigns.Asks, now); err != nil {
			return err
		}
	}
	return nil
}

// tell has whoever asked told what became of it.
func (db *DB) tell(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign, now time.Time) error {
	if c.Approval.RequestedBy.ID == campaigns.Former {
		return nil
	}
	return db.addNotice(ctx, tx, c, c.Approval.RequestedBy.ID, campaigns.Tells, now)
}

// settle has the cards of everybody who was asked show what became of the question; becomes says it of the question as it stands. Cards
// that have not left never do. One that may be leaving right now is settled after it has arrived.
func (db *DB) settle(ctx context.Context, tx *sql.Tx, k campaigns.Key, now time.Time, becomes func(*campaigns.Approval)) error {
	const open = ` WHERE tenant_id = $1 AND campaign_id = $2 AND kind = 'ask' AND NOT settled`
	if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM notices`+open+` AND activity_id = '' AND attempts = 0`), k.TenantID, k.CampaignID); err != nil {
		return err
	}
	var text []byte
	err := tx.QueryRowContext(ctx, db.q(`SELECT says FROM notices`+open+` ORDER BY round DESC LIMIT 1`), k.TenantID, k.CampaignID).Scan(&text)
	if err != nil {
		return ifNone(err, nil)
	}
	var s says
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	becomes(&s.Approval)
	if text, err = json.Marshal(s); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, db.q(`UPDATE notices SET settled = TRUE, says = $3, made_at = $4, attempts = CASE activity_id WHEN '' THEN attempts ELSE 0 END,
		due_at = CASE activity_id WHEN '' THEN due_at ELSE $4 END`+open), k.TenantID, k.CampaignID, string(text), millis(now))
	return err
}

// settleAs is settle for a question that nobody answered.
func (db *DB) settleAs(ctx context.Context, tx *sql.Tx, k campaigns.Key, now time.Time, state campaigns.ApprovalState) error {
	return db.settle(ctx, tx, k, now, func(ap *campaigns.Approval) {
		ap.State, ap.DecidedAt = state, &now
		if d, ok := campaigns.DoingOf(ctx); ok {
			ap.By = &d.Actor
		}
	})
}

// ClaimNotices implements campaigns.NoticeStore; notices_due serves it. The release before this one looks at due_at alone. The outer condition is asked again of a row for which it waited.
func (db *DB) ClaimNotices(ctx context.Context, now, real time.Time, lease time.Duration, limit int) (out []campaigns.Notice, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		out = nil
		return eachRow(ctx, tx, db.q(`UPDATE notices SET due_at = $2, held_until = $5, attempts = attempts + 1
			WHERE due_at <= $1 AND held_until <= $4 AND (tenant_id, campaign_id, round, person_id, kind) IN (SELECT tenant_id, campaign_id, round, person_id, kind FROM notices WHERE due_at <= $1 AND held_until <= $4 ORDER BY due_at LIMIT $3)
			RETURNING tenant_id, campaign_id, round, person_id, kind, says, settled, activity_id, attempts, made_at`),
			[]any{millis(now), millis(now.Add(lease)), limit, millis(real), millis(real.Add(lease))}, func(rows *sql.Rows) error {
				var n campaigns.Notice
				var text []byte
				var s says
				var at int64
				if err := rows.Scan(&n.TenantID, &n.CampaignID, &n.Round, &n.PersonID, &n.Kind, &text, &n.Settled, &n.ActivityID, &n.Attempts, &at); err != nil {
					return err
				}
				if err := json.Unmarshal(text, &s); err != nil {
					return err
				}
				n.Name, n.Version, n.Approval, n.MadeAt = s.Name, s.Version, s.Approval, moment(at)
				out = append(out, n)
				return nil
			})
	})
	return out, err
}

const thisNotice = ` WHERE tenant_id = $1 AND campaign_id = $2 AND round = $3 AND person_id = $4 AND kind = $5`

func noticeKey(n campaigns.Notice, more ...any) []any {
	return append([]any{n.TenantID, n.CampaignID, n.Round, n.PersonID, string(n.Kind)}, more...)
}

// NoticeBrought implements campaigns.NoticeStore.
func (db *DB) NoticeBrought(ctx context.Context, n campaigns.Notice, activityID string, now time.Time) error {
	if n.Kind != campaigns.Asks || n.Settled || activityID == "" { // a card without an id can never be changed
		return db.NoticeDropped(ctx, n)
	}
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE notices SET activity_id = $6, attempts = 0, held_until = 0, due_at = CASE WHEN settled THEN CAST($7 AS BIGINT) END`+thisNotice+` AND activity_id = ''`), noticeKey(n, activityID, millis(now))...)
	return err
}

// NoticeAgain implements campaigns.NoticeStore.
func (db *DB) NoticeAgain(ctx context.Context, n campaigns.Notice, at time.Time) error {
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE notices SET due_at = $6, held_until = 0`+thisNotice+` AND due_at IS NOT NULL`), noticeKey(n, millis(at))...)
	return err
}

// NoticeDropped implements campaigns.NoticeStore.
func (db *DB) NoticeDropped(ctx context.Context, n campaigns.Notice) error {
	_, err := db.write.ExecContext(ctx, db.q(`DELETE FROM notices`+thisNotice), noticeKey(n)...)
	return err
}

// noticesFor are those that somebody has in their chat or is to get, the oldest first.
func (db *DB) noticesFor(ctx context.Context, tenantID, personID string) ([]campaigns.NoticeData, error) {
	out := []campaigns.NoticeData{}
	err := db.each(ctx, db.q(`SELECT campaign_id, kind, says, made_at, activity_id <> '', settled FROM notices WHERE tenant_id = $1 AND person_id = $2 ORDER BY made_at, campaign_id, kind`), []any{tenantID, personID}, func(rows *sql.Rows) error {
		var n campaigns.NoticeData
		var text []byte
		var at int64
		if err := rows.Scan(&n.Campaign.ID, &n.Kind, &text, &at, &n.Brought, &n.Settled); err != nil {
			return err
		}
		var s says
		err := json.Unmarshal(text, &s)
		n.Campaign.Name, n.At = s.Name, moment(at)
		out = append(out, n)
		return err
	})
	return out, err
}

// forgetInNotices makes a person a former colleague in the notices for others.
func (db *DB) forgetInNotices(ctx context.Context, tx *sql.Tx, tenantID, personID string) error {
	quoted, err := json.Marshal(personID)
	if err != nil {
		return err
	}
	var all []string
	err = eachRow(ctx, tx, db.q(`SELECT DISTINCT says FROM notices WHERE tenant_id = $1 AND says LIKE $2 ESCAPE '\'`), []any{tenantID, contains(string(quoted))}, func(rows *sql.Rows) error {
		var text string
		err := rows.Scan(&text)
		all = append(all, text)
		return err
	})
	if err != nil {
		return err
	}
	for _, text := range all {
		var s says
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return err
		}
		s.Approval.Forget(personID)
		blank, err := json.Marshal(s)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE notices SET says = $3 WHERE tenant_id = $1 AND says = $2`), tenantID, text, string(blank)); err != nil {
			return err
		}
	}
	return nil
}

var _ campaigns.NoticeStore = (*DB)(nil)

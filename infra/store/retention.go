package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"herald/campaigns"
)

// Lease implements campaigns.RetentionStore.
func (db *DB) Lease(ctx context.Context, name, holder string, now, until time.Time) (held bool, err error) {
	n, err := affected(db.write.ExecContext(ctx, db.q(`INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE leases.holder = excluded.holder OR leases.until < $4`), name, holder, millis(until), millis(now)))
	return n > 0, err
}

// Aged implements campaigns.RetentionStore; campaigns_kept serves it. It reads over all tenants: the janitor serves them all.
func (db *DB) Aged(ctx context.Context, before time.Time, limit int) (out []campaigns.Key, err error) {
	err = db.each(ctx, db.q(`SELECT tenant_id, id FROM campaigns WHERE completed_at < $1 AND completed_at IS NOT NULL AND people_removed_at IS NULL
		AND status IN ('completed', 'stopped', 'failed') AND n_pending + n_sending + n_rescheduled = 0 ORDER BY completed_at LIMIT $2`), []any{millis(before), limit}, func(rows *sql.Rows) error {
		var k campaigns.Key
		err := rows.Scan(&k.TenantID, &k.CampaignID)
		out = append(out, k)
		return err
	})
	return out, err
}

// RemovePeople implements campaigns.RetentionStore.
func (db *DB) RemovePeople(ctx context.Context, k campaigns.Key, after int64, limit, days int, now time.Time) (last int64, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var num int64
		var audience []byte
		// The campaign's row first, as every transaction of the ledger.
		err := tx.QueryRowContext(ctx, db.q(`SELECT num, audience FROM campaigns WHERE tenant_id = $1 AND id = $2 AND people_removed_at IS NULL
			AND status IN ('completed', 'stopped', 'failed') AND n_pending + n_sending + n_rescheduled = 0`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&num, &audience)
		if errors.Is(err, sql.ErrNoRows) {
			last = 0
			return nil // deleted, or somebody else was faster
		}
		if err != nil {
			return err
		}
		var upTo sql.NullInt64
		if err := tx.QueryRowContext(ctx, db.q(`SELECT MAX(seq) FROM (SELECT seq FROM deliveries WHERE campaign = $1 AND seq > $2 ORDER BY seq LIMIT $3) AS batch`), num, after, limit).Scan(&upTo); err != nil {
			return err
		}
		if last = upTo.Int64; upTo.Valid {
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET `+removed+` WHERE campaign = $1 AND seq > $2 AND seq <= $3`), num, after, last); err != nil {
				return err
			}
			return db.removeTraces(ctx, tx, num, after, last)
		}
		var a campaigns.Audience
		if err := json.Unmarshal(audience, &a); err != nil {
			return err
		}
		a.Emails = nil
		rest, err := json.Marshal(a)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET audience = $2, people_removed_at = $3, people_kept_days = $4, version = version + 1 WHERE num = $1`), num, string(rest), millis(now), days)
		return err
	})
	return last, err
}

var _ campaigns.RetentionStore = (*DB)(nil)

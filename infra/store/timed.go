package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// timedCursor begins the cursors of timed campaigns' plans; see migration 19.
const timedCursor = "timed/"

// plansOf are the tables with what was to come of a campaign; nothing is left in them when it has ended.
var plansOf = []string{"campaign_exclusions", "timed_deliveries", "timed_hours"}

// unplaced is when deliveries are due whose moment is not near: in the year 9999. It is also the moment of those that have been let
// through: their place is kept until they have an outcome, for they may have to come back.
var unplaced = millis(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))

// unplacedText is unplaced as statements have it.
var unplacedText = strconv.FormatInt(unplaced, 10)

// among narrows a statement to the rows whose column is in the first column of a table that has its arguments from number on.
// PostgreSQL would else walk all that a campaign has: nobody has counted it. SQLite begins with the table anyway.
func (db *DB) among(column string, number int) string {
	if db.dialect == postgres {
		return fmt.Sprintf(" AND %s = ANY($%d::BIGINT[])", column, number)
	}
	return ""
}

// Window implements delivery.Ledger.
func (db *DB) Window(ctx context.Context, k delivery.Key) (campaigns.Window, error) {
	c, err := db.Campaign(ctx, k)
	switch {
	case err != nil:
		return campaigns.Window{}, err
	case c.Timing.Window == nil:
		return campaigns.Window{}, errConflict("campaign")
	}
	return *c.Timing.Window, nil
}

// Unplaced implements delivery.Ledger; the primary key serves it.
func (db *DB) Unplaced(ctx context.Context, k delivery.Key, after int64, limit int) (page []delivery.Unplaced, last int64, err error) {
	num, err := db.campaignNumber(ctx, k)
	if err != nil {
		return nil, 0, err
	}
	if err := db.read.QueryRowContext(ctx, db.q(`SELECT COALESCE(MAX(seq), 0) FROM deliveries WHERE campaign = $1`), num).Scan(&last); err != nil {
		return nil, 0, err
	}
	err = db.each(ctx, db.q(`SELECT seq, person_id FROM deliveries WHERE tenant_id = $1 AND campaign = $2 AND seq > $3 AND NOT final ORDER BY seq LIMIT $4`), []any{k.TenantID, num, after, limit}, func(rows *sql.Rows) error {
		var u delivery.Unplaced
		err := rows.Scan(&u.Seq, &u.PersonID)
		page = append(page, u)
		return err
	})
	return page, last, err
}

// PlacePage implements delivery.Ledger.
func (db *DB) PlacePage(ctx context.Context, k delivery.Key, from, to delivery.Plan, page []delivery.Placed, now time.Time) error {
	var seqs, moments, over []int64
	var zones []string
	for _, p := range page {
		if p.At.IsZero() {
			over = append(over, p.Seq)
			continue
		}
		seqs, moments, zones = append(seqs, p.Seq), append(moments, millis(p.At)), append(zones, p.Zone)
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		c, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		if len(seqs) > 0 {
			v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"moment", "BIGINT", moments}, column{"zone", "TEXT", zones})
			if _, err := tx.ExecContext(ctx, db.q(`INSERT INTO timed_deliveries (tenant_id, campaign, seq, moment, round, step, first_at, zone)
				SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), v.seq, v.moment, 1, 0, v.moment, v.zone FROM `+v+`
				WHERE NOT (SELECT d.final FROM deliveries d WHERE d.campaign = $2 AND d.seq = v.seq) ON CONFLICT DO NOTHING`), append([]any{k.TenantID, c.num}, args...)...); err != nil {
				return err
			}
		}
		if len(over) > 0 {
			v, args := db.table("v", 4, column{"seq", "BIGINT", over})
			n, err := affected(tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = 'unscheduled', final = TRUE, reason = $3 FROM `+v+`
				WHERE deliveries.tenant_id = $1 AND deliveries.campaign = $2 AND deliveries.seq = v.seq AND deliveries.status = 'pending'`+db.among("deliveries.seq", 4)), append([]any{k.TenantID, c.num, string(campaigns.WindowOver)}, args...)...))
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_pending = n_pending - $2, n_unscheduled = n_unscheduled + $2 WHERE num = $1`), c.num, n); err != nil {
				return err
			}
		}
		return db.finish(ctx, tx, c.num, now)
	})
}

// Near implements delivery.Ledger; timed_deliveries_next serves it, and the primary key each delivery.
func (db *DB) Near(ctx context.Context, k delivery.Key, until time.Time, limit int) (out []delivery.Waiting, err error) {
	err = db.each(ctx, db.q(`SELECT t.seq, t.moment, t.round, t.step, t.first_at, t.zone,
			(SELECT CASE WHEN d.final THEN '' ELSE d.person_id END FROM deliveries d WHERE d.campaign = t.campaign AND d.seq = t.seq)
		FROM timed_deliveries t WHERE t.tenant_id = $1 AND t.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'sending') AND t.moment <= $3
		ORDER BY t.moment, t.seq LIMIT $4`), []any{k.TenantID, k.CampaignID, millis(until), limit}, func(rows *sql.Rows) error {
		var w delivery.Waiting
		var at, first int64
		err := rows.Scan(&w.Seq, &at, &w.Rung.Round, &w.Rung.Step, &first, &w.Zone, &w.PersonID)
		w.At, w.Rung.First = moment(at), moment(first)
		out = append(out, w)
		return err
	})
	return out, err
}

// verdicts are what the gate decided, by what is to be done.
type verdicts struct {
	drop                  []int64 // from timed_deliveries
	released, due         []int64 // which keep their place
	over                  []int64
	overReasons           []string
	moved                 []int64 // and their new places
	moments, rounds, step []int64
	firsts                []int64
	absent                []int64 // of the moved: they become rescheduled
	absentReasons         []string
	checked               []int64
	found                 []string
	replanned             int
}

func (v *verdicts) add(d delivery.Verdict) {
	if d.Found != "" {
		v.checked, v.found = append(v.checked, d.Seq), append(v.found, string(d.Found))
	}
	switch {
	case !d.Due.IsZero():
		v.released, v.due = append(v.released, d.Seq), append(v.due, millis(d.Due))
	case d.Over:
		v.over, v.overReasons = append(v.over, d.Seq), append(v.overReasons, string(d.Reason))
		v.drop = append(v.drop, d.Seq)
	case !d.Next.IsZero():
		v.moved, v.moments = append(v.moved, d.Seq), append(v.moments, millis(d.Next))
		v.rounds, v.step, v.firsts = append(v.rounds, int64(d.To.Round)), append(v.step, int64(d.To.Step)), append(v.firsts, millis(d.To.First))
		if d.Reason != "" {
			v.absent, v.absentReasons = append(v.absent, d.Seq), append(v.absentReasons, string(d.Reason))
		}
		if d.Found == campaigns.FoundReplanned {
			v.replanned++
		}
	default:
		v.drop = append(v.drop, d.Seq)
	}
}

// Settle implements delivery.Ledger.
func (db *DB) Settle(ctx context.Context, k delivery.Key, vs []delivery.Verdict, perHour int, now time.Time) (done delivery.Settled, err error) {
	if len(vs) == 0 {
		return done, nil
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		done = delivery.Settled{}
		num, sending, err := db.lockCampaign(ctx, tx, k)
		if err != nil || !sending {
			return err
		}
		stands, err := db.standing(ctx, tx, k.TenantID, num, vs)
		if err != nil {
			return err
		}
		var v verdicts
		var counts campaigns.Counts // what changes
		hours := hourCounts{db: db, tx: tx, tenant: k.TenantID, num: num, most: perHour, released: map[int64]int{}}
		for _, d := range vs {
			was, same := stands[d.Seq]
			if !same {
				continue // somebody else decided, or they were taken out
			}
			if was == "" { // their delivery has ended
				v.add(delivery.Verdict{Waiting: d.Waiting})
				continue
			}
			if !d.Due.IsZero() && d.Full != nil {
				room, err := hours.take(ctx, d.Hour)
				if err != nil {
					return err
				}
				if !room {
					d = *d.Full
				}
			}
			v.add(d)
			switch {
			case d.Over:
				counts.Add(was, -1)
				counts.Unscheduled++
			case !d.Next.IsZero() && d.Reason != "":
				counts.Add(was, -1)
				counts.Rescheduled++
			}
		}
		if err := hours.write(ctx); err != nil {
			return err
		}
		if err := db.carryOut(ctx, tx, k.TenantID, num, v, now); err != nil {
			return err
		}
		done = delivery.Settled{Released: len(v.released), Moved: len(v.moved), Over: len(v.over), Replanned: v.replanned}
		if counts != (campaigns.Counts{}) || v.replanned > 0 {
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_pending = n_pending + $2, n_rescheduled = n_rescheduled + $3, n_unscheduled = n_unscheduled + $4,
				n_replanned = n_replanned + $5, replanned_at = CASE WHEN $5 > 0 THEN $6 ELSE replanned_at END WHERE num = $1`), num, counts.Pending, counts.Rescheduled, counts.Unscheduled, v.replanned, millis(now)); err != nil {
				return err
			}
		}
		return db.finish(ctx, tx, num, now)
	})
	return done, err
}

// standing is the state of the deliveries whose moment is still the one that was decided about; "" of those that have ended.
func (db *DB) standing(ctx context.Context, tx *sql.Tx, tenantID string, num int64, vs []delivery.Verdict) (map[int64]campaigns.DeliveryStatus, error) {
	seqs, moments := make([]int64, len(vs)), make([]int64, len(vs))
	for i, d := range vs {
		seqs[i], moments[i] = d.Seq, millis(d.At)
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"moment", "BIGINT", moments})
	out := make(map[int64]campaigns.DeliveryStatus, len(vs))
	err := eachRow(ctx, tx, db.q(`SELECT v.seq, (SELECT CASE WHEN d.final THEN '' ELSE d.status END FROM deliveries d WHERE d.campaign = $2 AND d.seq = v.seq)
		FROM `+v+` WHERE v.moment = (SELECT t.moment FROM timed_deliveries t WHERE t.tenant_id = $1 AND t.campaign = $2 AND t.seq = v.seq)`), append([]any{tenantID, num}, args...), func(rows *sql.Rows) error {
		var seq int64
		var s campaigns.DeliveryStatus
		err := rows.Scan(&seq, &s)
		out[seq] = s
		return err
	})
	return out, err
}

// carryOut changes the rows that verdicts are about. Whoever calls it has locked the campaign and knows that they stand.
func (db *DB) carryOut(ctx context.Context, tx *sql.Tx, tenantID string, num int64, v verdicts, now time.Time) error {
	run := func(statement string, own []any, columns ...column) error {
		if columns[0].len() == 0 {
			return nil
		}
		number := len(own) + 3
		table, args := db.table("v", number, columns...)
		_, err := tx.ExecContext(ctx, db.q(fmt.Sprintf(statement, table, db.among("x.seq", number))), append(append([]any{tenantID, num}, own...), args...)...)
		return err
	}
	return errors.Join(
		run(`UPDATE deliveries AS x SET due_at = v.due FROM %s WHERE x.tenant_id = $1 AND x.campaign = $2 AND x.seq = v.seq%s`, nil,
			column{"seq", "BIGINT", v.released}, column{"due", "BIGINT", v.due}),
		run(`UPDATE timed_deliveries AS x SET moment = `+unplacedText+` FROM %s WHERE x.tenant_id = $1 AND x.campaign = $2 AND x.seq = v.seq%s`, nil,
			column{"seq", "BIGINT", v.released}),
		run(`UPDATE deliveries AS x SET status = 'unscheduled', final = TRUE, reason = v.reason FROM %s WHERE x.tenant_id = $1 AND x.campaign = $2 AND x.seq = v.seq%s`, nil,
			column{"seq", "BIGINT", v.over}, column{"reason", "TEXT", v.overReasons}),
		run(`UPDATE deliveries AS x SET status = 'rescheduled', reason = v.reason FROM %s WHERE x.tenant_id = $1 AND x.campaign = $2 AND x.seq = v.seq%s`, nil,
			column{"seq", "BIGINT", v.absent}, column{"reason", "TEXT", v.absentReasons}),
		run(`UPDATE timed_deliveries AS x SET moment = v.moment, round = v.round, step = v.step, first_at = v.first_at FROM %s WHERE x.tenant_id = $1 AND x.campaign = $2 AND x.seq = v.seq%s`, nil,
			column{"seq", "BIGINT", v.moved}, column{"moment", "BIGINT", v.moments}, column{"round", "BIGINT", v.rounds}, column{"step", "BIGINT", v.step}, column{"first_at", "BIGINT", v.firsts}),
		run(`DELETE FROM timed_deliveries AS x WHERE x.tenant_id = $1 AND x.campaign = $2 AND x.seq IN (SELECT v.seq FROM %s)%s`, nil,
			column{"seq", "BIGINT", v.drop}),
		db.noteChecks(ctx, tx, tenantID, num, v.checked, v.found, slices.Repeat([]int64{millis(now)}, len(v.checked))))
}

// placeAgain has those wait for the gate again who could not be sent to within their hours.
func (db *DB) placeAgain(ctx context.Context, tx *sql.Tx, k delivery.Key, recorded []delivery.Result) error {
	var seqs, moments, ats []int64
	var zones []string
	for _, r := range recorded {
		if r.PutOff {
			seqs, moments, zones, ats = append(seqs, r.Seq), append(moments, millis(r.NextAt)), append(zones, r.Zone), append(ats, millis(r.At))
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	var num int64
	if err := tx.QueryRowContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID).Scan(&num); err != nil {
		return err
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"moment", "BIGINT", moments}, column{"zone", "TEXT", zones})
	// A place that is gone was given up by a Herald that did not keep it.
	_, err := tx.ExecContext(ctx, db.q(`INSERT INTO timed_deliveries (tenant_id, campaign, seq, moment, round, step, first_at, zone)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), v.seq, v.moment, 1, 0, v.moment, v.zone FROM `+v+` WHERE TRUE
		ON CONFLICT (campaign, seq) DO UPDATE SET moment = excluded.moment, step = 0, first_at = excluded.first_at`), append([]any{k.TenantID, num}, args...)...)
	if err != nil {
		return err
	}
	found := slices.Repeat([]string{string(campaigns.FoundClosed)}, len(seqs))
	return db.noteChecks(ctx, tx, k.TenantID, num, seqs, found, ats)
}

// noteChecks notes looks at people.
func (db *DB) noteChecks(ctx context.Context, tx *sql.Tx, tenantID string, num int64, seqs []int64, found []string, ats []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	v, args := db.table("x", 3, column{"seq", "BIGINT", seqs}, column{"found", "TEXT", found}, column{"at", "BIGINT", ats})
	_, err := tx.ExecContext(ctx, db.q(`INSERT INTO delivery_checks (tenant_id, campaign, seq, n, at, found)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), x.seq, (SELECT COALESCE(MAX(c.n), 0) + 1 FROM delivery_checks c WHERE c.campaign = $2 AND c.seq = x.seq), x.at, x.found FROM `+v+` WHERE TRUE`), append([]any{tenantID, num}, args...)...)
	return err
}

// hourCounts keeps how many of a campaign are let through for each hour.
type hourCounts struct {
	db       *DB
	tx       *sql.Tx
	tenant   string
	num      int64
	most     int // 0: any number
	released map[int64]int
}

// take says whether one more may be let through for the hour, and counts them.
func (h *hourCounts) take(ctx context.Context, hour time.Time) (room bool, err error) {
	at := millis(hour)
	n, known := h.released[at]
	if !known {
		err := h.tx.QueryRowContext(ctx, h.db.q(`SELECT released FROM timed_hours WHERE tenant_id = $1 AND campaign = $2 AND hour = $3`), h.tenant, h.num, at).Scan(&n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return false, err
		}
		h.released[at] = n
	}
	if h.most > 0 && n >= h.most {
		return false, nil
	}
	h.released[at]++
	return true, nil
}

func (h *hourCounts) write(ctx context.Context) error {
	for at, n := range h.released {
		if _, err := h.tx.ExecContext(ctx, h.db.q(`INSERT INTO timed_hours (tenant_id, campaign, hour, released) VALUES ($1, $2, $3, $4)
			ON CONFLICT (campaign, hour) DO UPDATE SET released = excluded.released`), h.tenant, h.num, at, n); err != nil {
			return err
		}
	}
	return nil
}

// Moments implements campaigns.TimingStore.
func (db *DB) Moments(ctx context.Context, k campaigns.Key, step time.Duration) (out []campaigns.MomentStep, next time.Time, err error) {
	var first sql.NullInt64
	err = db.each(ctx, db.q(`SELECT moment / $3 * $3 AS bucket, COUNT(CASE WHEN round = 1 AND step = 0 THEN 1 END), COUNT(CASE WHEN round > 1 OR step > 0 THEN 1 END), MIN(moment) FROM timed_deliveries
		WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND moment < `+unplacedText+` GROUP BY bucket ORDER BY bucket`), []any{k.TenantID, k.CampaignID, step.Milliseconds()}, func(rows *sql.Rows) error {
		var at, min int64
		var m campaigns.MomentStep
		err := rows.Scan(&at, &m.Planned, &m.Waiting, &min)
		m.At = moment(at)
		if !first.Valid {
			first = sql.NullInt64{Int64: min, Valid: true}
		}
		out = append(out, m)
		return err
	})
	if first.Valid {
		next = moment(first.Int64)
	}
	return out, next, err
}

// checksOf are the looks whether the recipients of a timed campaign were there, by their numbers; nil of any other.
func (db *DB) checksOf(ctx context.Context, k campaigns.Key, items []campaigns.Recipient) (map[int64][]campaigns.Check, error) {
	var num int64
	err := db.read.QueryRowContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2 AND timed`), k.TenantID, k.CampaignID).Scan(&num)
	if err != nil || len(items) == 0 {
		return nil, ifNone(err, nil)
	}
	seqs := make([]int64, len(items))
	for i, r := range items {
		seqs[i] = r.Seq
	}
	out := map[int64][]campaigns.Check{}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs})
	err = db.each(ctx, db.q(`SELECT c.seq, c.at, c.found FROM `+v+` CROSS JOIN delivery_checks c
		WHERE c.tenant_id = $1 AND c.campaign = $2 AND c.seq = v.seq`+db.among("c.seq", 3)+` ORDER BY c.seq, c.n`), append([]any{k.TenantID, num}, args...), func(rows *sql.Rows) error {
		var seq, at int64
		var c campaigns.Check
		err := rows.Scan(&seq, &at, &c.Found)
		c.At = moment(at)
		out[seq] = append(out[seq], c)
		return err
	})
	return out, err
}

// removeChecks removes what was noted of the people of a campaign's deliveries after one and up to another: when they were there and
// when not, and where they live.
func (db *DB) removeChecks(ctx context.Context, tx *sql.Tx, campaign, after, upTo int64) error {
	for _, table := range []string{"delivery_checks", "timed_deliveries"} {
		if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM `+table+` WHERE campaign = $1 AND seq > $2 AND seq <= $3`), campaign, after, upTo); err != nil {
			return err
		}
	}
	return nil
}

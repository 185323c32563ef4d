package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// BeginAttempts implements delivery.Ledger. Each campaign's are one transaction.
func (db *DB) BeginAttempts(ctx context.Context, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, begun, now time.Time) (out []delivery.Attempt, err error) {
	keys, groups := groupByKey(refs, func(r delivery.Ref) delivery.Key { return r.Key })
	for _, k := range keys {
		var seqs []int64
		var again []bool
		var returns []delivery.Ref
		seen := make(map[int64]bool, len(groups[k]))
		for _, r := range groups[k] {
			if r.Return > 0 {
				returns = append(returns, r)
			} else if !seen[r.Seq] {
				seen[r.Seq] = true
				seqs, again = append(seqs, r.Seq), append(again, reclaimed[r])
			}
		}
		if len(returns) > 0 {
			attempts, err := db.beginReturns(ctx, k, returns, reclaimed, millis(stale), millis(begun), millis(now))
			if err != nil {
				return out, err
			}
			out = append(out, attempts...)
		}
		if len(seqs) == 0 {
			continue
		}
		begin := db.beginSQLite
		if db.dialect == postgres {
			begin = db.beginPostgres
		}
		attempts, err := begin(ctx, k, seqs, again, millis(stale), millis(begun), millis(now))
		if err != nil {
			return out, err // and what was begun before
		}
		out = append(out, attempts...)
	}
	return out, nil
}

// What stands as "sending" when an attempt begins was cut off by a crash: it may have arrived, and the report says so.
// $3 is now and $4 the attempt's moment on the clock that does not leap.
const beginSet = `repeated = deliveries.repeated OR deliveries.status = 'sending', status = 'sending', reason = '', attempts = deliveries.attempts + 1,
	attempted_at = $4, first_at = COALESCE(deliveries.first_at, $3)`

// addressees are the columns of the delivery, people and conversation_references that an attempt needs of its recipient, and
// where they come from.
const (
	addresseeColumns = `d.cells, COALESCE(p.upn, ''), COALESCE(p.mail, ''), COALESCE(p.display_name, ''), COALESCE(p.given_name, ''), COALESCE(p.surname, ''), COALESCE(p.locale, ''),
	COALESCE(r.user_id, ''), COALESCE(r.bot_id, ''), COALESCE(r.conversation_id, ''), COALESCE(r.service_url, ''), COALESCE(r.locale, ''), COALESCE(r.state, ''), COALESCE(r.opted_out, FALSE), COALESCE(r.updated_at, 0)`
	addresseeTables = `LEFT JOIN people p ON p.tenant_id = $1 AND p.person_id = d.person_id
	LEFT JOIN conversation_references r ON r.tenant_id = $1 AND r.person_id = d.person_id`
)

// zoneOf is the zone of a timed campaign's delivery d; campaign and whether it is timed are written into it.
const zoneOf = `COALESCE(CASE WHEN %[2]s THEN (SELECT t.zone FROM timed_deliveries t WHERE t.campaign = %[1]s AND t.seq = d.seq) END, '')`

// scanAttempt reads seq, the number of the attempt, due_at, first_at, email, display_name, person_id and addresseeColumns.
func scanAttempt(rows *sql.Rows, k delivery.Key, more ...any) (a delivery.Attempt, err error) {
	var due, first, updated int64
	var email, name string
	err = rows.Scan(append([]any{&a.Seq, &a.Number, &due, &first, &email, &name, &a.Person.ID, &a.Cells,
		&a.Person.UPN, &a.Person.Mail, &a.Person.DisplayName, &a.Person.GivenName, &a.Person.Surname, &a.Person.Locale,
		&a.Reference.UserID, &a.Reference.BotID, &a.Reference.ConversationID, &a.Reference.ServiceURL, &a.Reference.Locale, &a.Reference.State, &a.Reference.OptedOut, &updated}, more...)...)
	a.Key, a.DueAt, a.FirstAt = k, moment(due), moment(first)
	a.Person.TenantID, a.Reference.TenantID, a.Reference.PersonID = k.TenantID, k.TenantID, a.Person.ID
	a.Reference.UpdatedAt = moment(updated)
	if a.Person.DisplayName == "" {
		a.Person.DisplayName = name
	}
	if a.Person.Mail == "" && a.Person.UPN == "" {
		a.Person.Mail = email
	}
	return a, err
}

// beginPostgres is one statement, so that the campaign, whose row every batch locks, is locked for as long as the rows
// take and not for round trips.
//
// The statement sees the deliveries as they were before it got the lock. Whoever held it may have begun some of them: those have
// another place or number now and are left alone.
func (db *DB) beginPostgres(ctx context.Context, k delivery.Key, seqs []int64, reclaimed []bool, stale, begun, now int64) (out []delivery.Attempt, err error) {
	err = eachRow(ctx, db.write, `WITH c AS (SELECT num, timed FROM campaigns WHERE tenant_id = $1 AND id = $2 AND status = 'sending' FOR UPDATE),
	o AS MATERIALIZED (SELECT at.place, at.status AS was, at.attempts AS made
		FROM c CROSS JOIN unnest($5::BIGINT[], $6::BOOLEAN[]) AS v(seq, reclaimed)
		CROSS JOIN LATERAL (SELECT ctid AS place, status, attempts, attempted_at, final FROM deliveries WHERE campaign = c.num AND seq = v.seq LIMIT 1) AS at
		WHERE NOT at.final AND (at.status <> 'sending' OR v.reclaimed OR at.attempted_at < $7)),
	d AS (UPDATE deliveries SET `+beginSet+`
		FROM o WHERE deliveries.ctid = o.place AND deliveries.status = o.was AND deliveries.attempts = o.made AND deliveries.tenant_id = $1
		RETURNING o.was, deliveries.seq, deliveries.attempts, deliveries.due_at, deliveries.first_at, deliveries.email, deliveries.display_name, deliveries.person_id, deliveries.cells),
	n AS (UPDATE campaigns SET n_pending = n_pending - t.pending, n_rescheduled = n_rescheduled - t.rescheduled, n_sending = n_sending + t.pending + t.rescheduled
		FROM (SELECT COUNT(*) FILTER (WHERE was = 'pending') AS pending, COUNT(*) FILTER (WHERE was = 'rescheduled') AS rescheduled FROM d) AS t
		WHERE num = (SELECT num FROM c))
	SELECT d.seq, d.attempts, d.due_at, d.first_at, d.email, d.display_name, d.person_id, `+addresseeColumns+`, `+fmt.Sprintf(zoneOf, "(SELECT num FROM c)", "(SELECT timed FROM c)")+` FROM d `+addresseeTables,
		[]any{k.TenantID, k.CampaignID, now, begun, seqs, reclaimed, stale}, func(rows *sql.Rows) error {
			var zone string
			a, err := scanAttempt(rows, k, &zone)
			a.Zone = zone
			if err != nil {
				return err
			}
			out = append(out, a)
			return nil
		})
	return out, err
}

func (db *DB) beginSQLite(ctx context.Context, k delivery.Key, seqs []int64, reclaimed []bool, stale, begun, now int64) (out []delivery.Attempt, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		out = nil
		num, sending, err := db.lockCampaign(ctx, tx, k)
		if err != nil || !sending {
			return err
		}
		v, args := db.table("v", 5, column{"seq", "BIGINT", seqs}, column{"reclaimed", "BOOLEAN", reclaimed})
		// CROSS JOIN, because SQLite then begins with the few numbers instead of all that is open.
		from := map[campaigns.DeliveryStatus]int{}
		var marked []int64
		err = eachRow(ctx, tx, db.q(`SELECT d.seq, d.attempts + 1, d.due_at, COALESCE(d.first_at, $3), d.email, d.display_name, d.person_id, `+addresseeColumns+`, `+fmt.Sprintf(zoneOf, "$2", "(SELECT timed FROM campaigns WHERE num = $2)")+`, d.status
			FROM `+v+` CROSS JOIN deliveries d ON d.campaign = $2 AND d.seq = v.seq `+addresseeTables+`
			WHERE d.tenant_id = $1 AND NOT d.final AND (d.status <> 'sending' OR v.reclaimed OR d.attempted_at < $4)`), append([]any{k.TenantID, num, now, stale}, args...), func(rows *sql.Rows) error {
			var was campaigns.DeliveryStatus
			var zone string
			a, err := scanAttempt(rows, k, &zone, &was)
			a.Zone = zone
			if err != nil {
				return err
			}
			from[was]++
			out, marked = append(out, a), append(marked, a.Seq)
			return nil
		})
		if err != nil || len(out) == 0 {
			return err
		}
		v, args = db.table("v", 5, column{"seq", "BIGINT", marked})
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET `+beginSet+` FROM `+v+` WHERE tenant_id = $1 AND deliveries.campaign = $2 AND deliveries.seq = v.seq`), append([]any{k.TenantID, num, now, begun}, args...)...); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_pending = n_pending - $2, n_rescheduled = n_rescheduled - $3, n_sending = n_sending + $2 + $3 WHERE num = $1`),
			num, from[campaigns.DeliveryPending], from[campaigns.DeliveryRescheduled])
		return err
	})
	return out, err
}

// Record implements delivery.Ledger. Each campaign's outcomes are one transaction; what they taught about people is
// stored before, since it stays true whatever becomes of the rest.
func (db *DB) Record(ctx context.Context, rs []delivery.Result) (accepted []delivery.Result, err error) {
	err = db.saveReferences(ctx, rs)
	if err != nil {
		return nil, err
	}
	keys, groups := groupByKey(rs, func(r delivery.Result) delivery.Key { return r.Key })
	for _, k := range keys {
		var deliveries, returns []delivery.Result
		for _, r := range groups[k] {
			if r.Return > 0 {
				returns = append(returns, r)
			} else {
				deliveries = append(deliveries, r)
			}
		}
		for _, part := range []struct {
			rs     []delivery.Result
			record func(context.Context, delivery.Key, []delivery.Result) ([]delivery.Result, error)
		}{{deliveries, db.record}, {returns, db.recordReturns}} {
			if len(part.rs) == 0 {
				continue
			}
			done, err := part.record(ctx, k, part.rs)
			if err != nil {
				return nil, err // those that were recorded are refused when the caller tries again, and told then
			}
			accepted = append(accepted, done...)
		}
	}
	return accepted, nil
}

func (db *DB) saveReferences(ctx context.Context, rs []delivery.Result) error {
	var taught []campaigns.Reference
	for _, r := range rs {
		if r.Reference != nil {
			taught = append(taught, *r.Reference)
		}
	}
	if len(taught) == 0 {
		return nil
	}
	// In one order everywhere, so that two workers never wait for each other in a circle.
	slices.SortFunc(taught, func(a, b campaigns.Reference) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.PersonID, b.PersonID))
	})
	return db.tx(ctx, func(tx *sql.Tx) error {
		for _, r := range taught {
			if err := db.saveReference(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// outcomes are results as columns.
type outcomes struct {
	seqs, numbers, unmade, due, decided  []int64
	statuses, reasons, activities, chats []string
	repeated                             []bool
	at                                   time.Time // the newest of decided
}

func columns(rs []delivery.Result) outcomes {
	n := len(rs)
	o := outcomes{
		seqs: make([]int64, n), numbers: make([]int64, n), unmade: make([]int64, n), due: make([]int64, n), decided: make([]int64, n),
		statuses: make([]string, n), reasons: make([]string, n), activities: make([]string, n), chats: make([]string, n), repeated: make([]bool, n),
	}
	for i, r := range rs {
		switch {
		case r.Status.Final():
		case r.PutOff:
			o.due[i] = unplaced
		default:
			o.due[i] = millis(r.NextAt)
		}
		if r.Unmade {
			o.unmade[i] = 1
		}
		if r.At.After(o.at) {
			o.at = r.At
		}
		o.seqs[i], o.numbers[i], o.decided[i], o.statuses[i], o.reasons[i] = r.Seq, int64(r.Number), millis(r.At), string(r.Status), string(r.Reason)
		o.activities[i], o.chats[i], o.repeated[i] = r.ActivityID, r.ConversationID, r.Repeated
	}
	return o
}

func (db *DB) record(ctx context.Context, k delivery.Key, rs []delivery.Result) (accepted []delivery.Result, err error) {
	// The number that a delivery has afterwards tells which of a batch's attempts at it was accepted. Of an attempt that
	// gave its number back and the one before it, it was the later: only a begun attempt is in a batch.
	type attempt struct{ seq, number int64 }
	o := columns(rs)
	byAttempt := make(map[attempt]delivery.Result, len(rs))
	for i, r := range rs {
		after := attempt{r.Seq, int64(r.Number) - o.unmade[i]}
		if r.Number > byAttempt[after].Number {
			byAttempt[after] = r
		}
	}
	accept := func(seq, number int64, s campaigns.DeliveryStatus) {
		// What would be tried again in a stopped campaign was cancelled instead.
		if r := byAttempt[attempt{seq, number}]; r.Status == s {
			accepted = append(accepted, r)
		}
	}
	if db.dialect == postgres && !slices.ContainsFunc(rs, putOff) {
		err = db.recordMoved(ctx, db.write, k, rs, accept)
		return accepted, err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		accepted = nil
		var err error
		if db.dialect == postgres {
			err = db.recordMoved(ctx, tx, k, rs, accept)
		} else {
			err = db.recordSQLite(ctx, tx, k, o, accept)
		}
		if err != nil {
			return err
		}
		return db.placeAgain(ctx, tx, k, accepted)
	})
	return accepted, err
}

func putOff(r delivery.Result) bool { return r.PutOff }

// recordSet writes an outcome v. What would be tried again is cancelled when the campaign is not being sent any more ($1).
const recordSet = `status = CASE WHEN v.due_at > 0 AND NOT $1 THEN 'cancelled' ELSE v.status END,
	reason = CASE WHEN v.due_at > 0 AND NOT $1 THEN 'stopped' ELSE v.reason END,
	final = v.due_at = 0 OR NOT $1,
	due_at = CASE WHEN v.due_at > 0 AND $1 THEN v.due_at ELSE deliveries.due_at END,
	sent_at = CASE v.status WHEN 'sent' THEN v.decided_at ELSE deliveries.sent_at END,
	activity_id = v.activity_id, conversation_id = v.conversation_id, repeated = deliveries.repeated OR v.repeated, attempts = deliveries.attempts - v.unmade,
	first_at = CASE WHEN deliveries.attempts = v.unmade THEN NULL ELSE deliveries.first_at END`

// recordMoved is recordPostgres, and once more for those whose rows it did not find. It sees them as they were before it got the lock: who
// answered the survey on a card while it waited, before Herald had written that they have it, has moved their row from under it.
func (db *DB) recordMoved(ctx context.Context, on rower, k delivery.Key, rs []delivery.Result, accept func(seq, number int64, s campaigns.DeliveryStatus)) error {
	found := make(map[int64]bool, len(rs))
	err := db.recordPostgres(ctx, on, k, columns(rs), func(seq, number int64, s campaigns.DeliveryStatus) {
		found[seq] = true
		accept(seq, number, s)
	})
	left := slices.DeleteFunc(slices.Clone(rs), func(r delivery.Result) bool { return found[r.Seq] })
	if err != nil || len(left) == 0 {
		return err
	}
	return db.recordPostgres(ctx, on, k, columns(left), accept)
}

// recordPostgres is one statement, for the reason of beginPostgres.
func (db *DB) recordPostgres(ctx context.Context, on rower, k delivery.Key, o outcomes, accept func(seq, number int64, s campaigns.DeliveryStatus)) error {
	const ended = `campaigns.status = 'sending' AND planned AND n_pending + n_sending + n_rescheduled - t.n + t.pending + t.rescheduled = 0`
	return eachRow(ctx, on, `WITH c AS (SELECT num, timed, status = 'sending' AS sending FROM campaigns WHERE tenant_id = $1 AND id = $2 FOR UPDATE),
	v AS MATERIALIZED (SELECT v.*, c.num, c.sending, at.place
		FROM c CROSS JOIN unnest($4::BIGINT[], $5::BIGINT[], $6::BIGINT[], $7::TEXT[], $8::TEXT[], $9::BIGINT[], $10::BIGINT[], $11::TEXT[], $12::TEXT[], $13::BOOLEAN[])
			AS v(seq, number, unmade, status, reason, due_at, decided_at, activity_id, conversation_id, repeated)
		CROSS JOIN LATERAL (SELECT ctid AS place FROM deliveries WHERE campaign = c.num AND seq = v.seq LIMIT 1) AS at),
	d AS (UPDATE deliveries SET `+strings.ReplaceAll(recordSet, "$1", "v.sending")+`
		FROM v WHERE deliveries.ctid = v.place AND deliveries.tenant_id = $1 AND deliveries.attempts = v.number AND deliveries.status = 'sending'
		RETURNING deliveries.seq, deliveries.attempts, deliveries.status, v.decided_at),
	p AS (`+countPace(`SELECT $1::TEXT, (SELECT num FROM c), decided_at / 1000, COUNT(*) FILTER (WHERE status = 'sent'), COUNT(*) FILTER (WHERE status = 'failed')
		FROM d WHERE status IN ('sent', 'failed') GROUP BY 3`)+`),
	w AS (DELETE FROM timed_deliveries WHERE campaign = (SELECT num FROM c WHERE timed) AND seq = ANY(ARRAY(SELECT seq FROM d WHERE status NOT IN ('pending', 'rescheduled')))),
	t AS (SELECT COUNT(*) AS n, COUNT(*) FILTER (WHERE status = 'pending') AS pending, COUNT(*) FILTER (WHERE status = 'sent') AS sent, COUNT(*) FILTER (WHERE status = 'failed') AS failed,
			COUNT(*) FILTER (WHERE status = 'rescheduled') AS rescheduled, COUNT(*) FILTER (WHERE status = 'cancelled') AS cancelled, COUNT(*) FILTER (WHERE status = 'unscheduled') AS unscheduled FROM d),
	n AS (UPDATE campaigns SET n_sending = n_sending - t.n, n_pending = n_pending + t.pending, n_sent = n_sent + t.sent, n_failed = n_failed + t.failed,
			n_rescheduled = n_rescheduled + t.rescheduled, n_cancelled = n_cancelled + t.cancelled, n_unscheduled = n_unscheduled + t.unscheduled,
			status = CASE WHEN `+ended+` THEN 'completed' ELSE campaigns.status END, version = version + CASE WHEN `+ended+` THEN 1 ELSE 0 END,
			completed_at = CASE WHEN `+ended+` THEN $3 ELSE completed_at END, updated_at = CASE WHEN `+ended+` THEN $3 ELSE updated_at END
		FROM t WHERE num = (SELECT num FROM c))
	SELECT seq, attempts, status FROM d`,
		[]any{k.TenantID, k.CampaignID, millis(o.at), o.seqs, o.numbers, o.unmade, o.statuses, o.reasons, o.due, o.decided, o.activities, o.chats, o.repeated}, func(rows *sql.Rows) error {
			var seq, number int64
			var s campaigns.DeliveryStatus
			if err := rows.Scan(&seq, &number, &s); err != nil {
				return err
			}
			accept(seq, number, s)
			return nil
		})
}

func (db *DB) recordSQLite(ctx context.Context, tx *sql.Tx, k delivery.Key, o outcomes, accept func(seq, number int64, s campaigns.DeliveryStatus)) error {
	num, sending, err := db.lockCampaign(ctx, tx, k)
	if err != nil || num == 0 {
		return err
	}
	v, args := db.table("v", 4, column{"seq", "BIGINT", o.seqs}, column{"number", "BIGINT", o.numbers}, column{"unmade", "BIGINT", o.unmade}, column{"status", "TEXT", o.statuses}, column{"reason", "TEXT", o.reasons},
		column{"due_at", "BIGINT", o.due}, column{"decided_at", "BIGINT", o.decided}, column{"activity_id", "TEXT", o.activities}, column{"conversation_id", "TEXT", o.chats}, column{"repeated", "BOOLEAN", o.repeated})
	var counts campaigns.Counts
	decided := make(map[[2]int64]int64, len(o.seqs)) // SQLite returns nothing of v
	for i, seq := range o.seqs {
		decided[[2]int64{seq, o.numbers[i]}] = o.decided[i]
	}
	pace := map[int64]campaigns.Counts{}
	n := 0
	var over []int64
	err = eachRow(ctx, tx, db.q(`UPDATE deliveries SET `+recordSet+`
			FROM `+v+` WHERE deliveries.tenant_id = $2 AND deliveries.campaign = $3 AND deliveries.seq = v.seq AND deliveries.attempts = v.number AND deliveries.status = 'sending'
			RETURNING seq, attempts, status`), append([]any{sending, k.TenantID, num}, args...), func(rows *sql.Rows) error {
		var seq, number int64
		var s campaigns.DeliveryStatus
		if err := rows.Scan(&seq, &number, &s); err != nil {
			return err
		}
		n++
		counts.Add(s, 1)
		if s == campaigns.DeliverySent || s == campaigns.DeliveryFailed {
			second := decided[[2]int64{seq, number}] / 1000
			in := pace[second]
			in.Add(s, 1)
			pace[second] = in
		}
		if s.Final() {
			over = append(over, seq)
		}
		accept(seq, number, s)
		return nil
	})
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_sending = n_sending - $2, n_pending = n_pending + $3, n_sent = n_sent + $4, n_failed = n_failed + $5, n_rescheduled = n_rescheduled + $6, n_cancelled = n_cancelled + $7, n_unscheduled = n_unscheduled + $8
			WHERE num = $1`), num, n, counts.Pending, counts.Sent, counts.Failed, counts.Rescheduled, counts.Cancelled, counts.Unscheduled); err != nil {
		return err
	}
	if len(over) > 0 {
		v, args := db.table("v", 2, column{"seq", "BIGINT", over})
		if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM timed_deliveries WHERE campaign = (SELECT num FROM campaigns WHERE num = $1 AND timed) AND seq IN (SELECT v.seq FROM `+v+`)`), append([]any{num}, args...)...); err != nil {
			return err
		}
	}
	for second, in := range pace {
		if _, err := tx.ExecContext(ctx, db.q(countPace(`VALUES ($1, $2, $3, $4, $5)`)), k.TenantID, num, second, in.Sent, in.Failed); err != nil {
			return err
		}
	}
	return db.finish(ctx, tx, num, o.at)
}

// countPace adds rows to the timeline. Whoever writes it has locked the campaign.
func countPace(rows string) string {
	return `INSERT INTO campaign_pace (tenant_id, campaign, at_second, sent, failed) ` + rows + `
		ON CONFLICT (campaign, at_second) DO UPDATE SET sent = campaign_pace.sent + excluded.sent, failed = campaign_pace.failed + excluded.failed`
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
)

// kept narrows deliveries d of campaigns c to messages that somebody has and may ask for later: see campaigns.MayWait.
const kept = `d.status = 'sent' AND c.timed AND c.format <> '` + string(message.Important) + `'`

// answered says of a delivery d of campaign c whether its person has answered the survey on it, here or on the card that it reminds of.
const answered = `(c.survey_id <> '' AND EXISTS (SELECT 1 FROM campaigns root JOIN deliveries rd ON rd.campaign = root.num AND rd.recipient = d.recipient AND rd.step = d.step
	WHERE root.tenant_id = c.tenant_id AND root.id = CASE WHEN c.root_id <> '' THEN c.root_id ELSE c.id END AND rd.answered_at IS NOT NULL))`

// Kept implements campaigns.SnoozeStore.
func (db *DB) Kept(ctx context.Context, tenantID, personID, campaignID string) (m campaigns.Kept, err error) {
	c, err := db.Campaign(ctx, campaigns.Key{TenantID: tenantID, CampaignID: campaignID})
	if err != nil {
		return m, err
	}
	if !c.MayWait() {
		return m, errNotFound("message")
	}
	m = campaigns.Kept{Key: c.Key(), Status: c.Status, Window: *c.Timing.Window}
	var num int64
	var closes, closed sql.NullInt64
	err = db.read.QueryRowContext(ctx, db.q(`SELECT c.num, d.seq, `+answered+`, s.closes_at, s.closed_at FROM deliveries d JOIN campaigns c ON c.num = d.campaign LEFT JOIN surveys s ON s.tenant_id = c.tenant_id AND s.id = c.survey_id
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND c.id = $3 AND `+kept), personID, tenantID, campaignID).Scan(&num, &m.Seq, &m.Answered, &closes, &closed)
	if err != nil {
		return m, ifNone(err, errNotFound("message"))
	}
	m.Closes = (&campaigns.Survey{ClosesAt: momentPtr(closes), ClosedAt: momentPtr(closed)}).Closes()
	err = db.each(ctx, db.q(`SELECT n, state, COALESCE(asked_at, 0), COALESCE(until_at, 0), card_id FROM snoozes WHERE tenant_id = $1 AND campaign = $2 AND seq = $3 ORDER BY n`), []any{tenantID, num, m.Seq}, func(rows *sql.Rows) error {
		var s campaigns.Snooze
		var asked, until int64
		err := rows.Scan(&s.N, &s.State, &asked, &until, &s.CardID)
		s.AskedAt, s.Until = moment(asked), moment(until)
		m.Snoozes = append(m.Snoozes, s)
		return err
	})
	return m, err
}

// NewestKept implements campaigns.SnoozeStore. What came back counts from then on.
func (db *DB) NewestKept(ctx context.Context, tenantID, personID string, since time.Time) (id string, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT f.id FROM (SELECT c.id, c.num, COALESCE((SELECT MAX(s.due_at) FROM snoozes s WHERE s.campaign = d.campaign AND s.seq = d.seq AND s.state = 'returned'), d.sent_at) AS at
			FROM deliveries d JOIN campaigns c ON c.num = d.campaign WHERE d.recipient = $1 AND d.tenant_id = $2 AND `+kept+` AND NOT `+answered+`) AS f
		WHERE f.at >= $3 ORDER BY f.at DESC, f.num DESC LIMIT 1`), personID, tenantID, millis(since)).Scan(&id)
	return id, ifNone(err, nil)
}

// AddSnooze implements campaigns.SnoozeStore. The campaign's row is locked, so that a stop sees what was added before it.
func (db *DB) AddSnooze(ctx context.Context, m campaigns.Kept, s campaigns.Snooze) (added bool, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		c, err := db.lockReturns(ctx, tx, m.Key)
		if err != nil || !c.comesBack {
			added = false
			return err
		}
		n, err := affected(tx.ExecContext(ctx, db.q(`INSERT INTO snoozes (tenant_id, campaign, seq, n, state, asked_at, until_at, due_at, card_id)
			SELECT d.tenant_id, d.campaign, d.seq, CAST($4 AS BIGINT), 'waiting', CAST($5 AS BIGINT), CAST($6 AS BIGINT), CAST($6 AS BIGINT), CAST($7 AS TEXT)
			FROM deliveries d WHERE d.tenant_id = $1 AND d.campaign = $2 AND d.seq = $3 AND d.status = 'sent' AND d.person_id <> '' ON CONFLICT DO NOTHING`),
			m.TenantID, c.num, m.Seq, s.N, millis(s.AskedAt), millis(s.Until), s.CardID))
		added = n > 0
		return err
	})
	return added, err
}

// WakeSnooze implements campaigns.SnoozeStore.
func (db *DB) WakeSnooze(ctx context.Context, m campaigns.Kept, n int, now time.Time) (woken bool, err error) {
	changed, err := affected(db.write.ExecContext(ctx, db.q(`UPDATE snoozes SET due_at = CASE WHEN due_at > $5 THEN $5 ELSE due_at END
		WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND seq = $3 AND n = $4 AND state = 'waiting'`), m.TenantID, m.CampaignID, m.Seq, n, millis(now)))
	return changed > 0, err
}

// returning is a campaign as what comes back of it needs it.
type returning struct {
	num                  int64
	comesBack, mandatory bool
}

// lockReturns locks a campaign's row, as every transaction of the ledger does first. num is 0 when there is no such campaign.
func (db *DB) lockReturns(ctx context.Context, tx *sql.Tx, k campaigns.Key) (c returning, err error) {
	err = tx.QueryRowContext(ctx, db.q(`SELECT num, status IN ('sending', 'completed'), mandatory FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.CampaignID).Scan(&c.num, &c.comesBack, &c.mandatory)
	return c, ifNone(err, nil)
}

// DueReturns implements delivery.Ledger; snoozes_due serves it. It reads over all tenants: the engine serves them all.
func (db *DB) DueReturns(ctx context.Context, stale, until time.Time, limit int) (out []delivery.DueReturn, err error) {
	err = db.each(ctx, db.q(`SELECT c.tenant_id, c.id, f.seq, f.n, f.due_at FROM (SELECT s.*, ROW_NUMBER() OVER (PARTITION BY s.tenant_id ORDER BY s.due_at, s.campaign, s.seq) AS place FROM snoozes s
			WHERE s.state IN ('waiting', 'sending') AND s.due_at <= $1 AND (s.state = 'waiting' OR s.attempted_at < $2)) AS f
		JOIN campaigns c ON c.num = f.campaign WHERE f.place <= $3 ORDER BY f.due_at, f.campaign, f.seq`), []any{millis(until), millis(stale), limit}, func(rows *sql.Rows) error {
		var r delivery.DueReturn
		var at int64
		err := rows.Scan(&r.TenantID, &r.CampaignID, &r.Seq, &r.Return, &at)
		r.At = moment(at)
		out = append(out, r)
		return err
	})
	return out, err
}

// beginReturns marks the returns of one campaign as being sent.
func (db *DB) beginReturns(ctx context.Context, k delivery.Key, refs []delivery.Ref, reclaimed map[delivery.Ref]bool, stale, begun, now int64) (out []delivery.Attempt, err error) {
	seqs, ns, again := make([]int64, len(refs)), make([]int64, len(refs)), make([]bool, len(refs))
	for i, r := range refs {
		seqs[i], ns[i], again[i] = r.Seq, int64(r.Return), reclaimed[r]
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		out = nil
		c, err := db.lockReturns(ctx, tx, k)
		if err != nil || c.num == 0 {
			return err
		}
		v, args := db.table("v", 5, column{"seq", "BIGINT", seqs}, column{"n", "BIGINT", ns}, column{"reclaimed", "BOOLEAN", again})
		over := map[delivery.Ref]campaigns.Reason{}
		err = eachRow(ctx, tx, db.q(`SELECT d.seq, s.attempts + 1, s.due_at, COALESCE(s.first_at, $3), d.email, d.display_name, d.person_id, `+addresseeColumns+`, s.n, s.card_id, s.state, `+answered+`
			FROM `+v+` CROSS JOIN snoozes s JOIN deliveries d ON d.campaign = s.campaign AND d.seq = s.seq JOIN campaigns c ON c.num = d.campaign `+addresseeTables+`
			WHERE s.campaign = $2 AND s.seq = v.seq AND s.n = v.n AND (s.state = 'waiting' OR s.state = 'sending' AND (v.reclaimed OR s.attempted_at < $4))`), append([]any{k.TenantID, c.num, now, stale}, args...), func(rows *sql.Rows) error {
			var n int
			var card string
			var state campaigns.SnoozeState
			var done bool
			a, err := scanAttempt(rows, k, &n, &card, &state, &done)
			if err != nil {
				return err
			}
			a.Return, a.CardID = n, card
			switch {
			case !c.comesBack:
				over[a.Ref] = campaigns.StoppedByAuthor
			case a.Person.ID == "":
				over[a.Ref] = campaigns.Removed
			case a.Reference.OptedOut && !c.mandatory:
				over[a.Ref] = campaigns.OptedOut
			case done:
				over[a.Ref] = campaigns.AnsweredBefore
			default:
				out = append(out, a)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for ref, reason := range over { // one that was on the wire may have arrived
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE snoozes SET state = CASE state WHEN 'sending' THEN 'failed' ELSE 'cancelled' END, reason = $4 WHERE campaign = $1 AND seq = $2 AND n = $3`), c.num, ref.Seq, ref.Return, string(reason)); err != nil {
				return err
			}
		}
		for _, a := range out {
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE snoozes SET repeated = repeated OR state = 'sending', state = 'sending', reason = '', attempts = attempts + 1, attempted_at = $4, first_at = COALESCE(first_at, $5)
				WHERE campaign = $1 AND seq = $2 AND n = $3`), c.num, a.Seq, a.Return, begun, now); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// recordReturns writes what became of returns of one campaign. What would be tried again of one that was stopped is cancelled instead. The
// delivery itself stays as it is, but what people do with the message that came back counts as its: it has that one's activity from now on.
func (db *DB) recordReturns(ctx context.Context, k delivery.Key, rs []delivery.Result) (accepted []delivery.Result, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		accepted = nil
		c, err := db.lockReturns(ctx, tx, k)
		if err != nil || c.num == 0 {
			return err
		}
		for _, r := range rs {
			state, due, unmade := campaigns.SnoozeFailed, int64(0), 0
			switch {
			case r.Status == campaigns.DeliverySent:
				state, due = campaigns.SnoozeReturned, millis(r.At) // from when on it is the newest that the person has
			case !r.Status.Final() && c.comesBack:
				state, due = campaigns.SnoozeWaiting, millis(r.NextAt)
			case !r.Status.Final():
				state, r.Reason = campaigns.SnoozeCancelled, campaigns.StoppedByAuthor
			}
			if r.Unmade {
				unmade = 1
			}
			n, err := affected(tx.ExecContext(ctx, db.q(`UPDATE snoozes SET state = $6, reason = $7, due_at = CASE WHEN CAST($8 AS BIGINT) > 0 THEN CAST($8 AS BIGINT) ELSE due_at END, repeated = repeated OR $9, attempts = attempts - $10
				WHERE tenant_id = $1 AND campaign = $2 AND seq = $3 AND n = $4 AND state = 'sending' AND attempts = $5`),
				k.TenantID, c.num, r.Seq, r.Return, r.Number, string(state), string(r.Reason), due, r.Repeated, unmade))
			if err != nil {
				return err
			}
			if n == 0 || state == campaigns.SnoozeCancelled {
				continue
			}
			accepted = append(accepted, r)
			if state != campaigns.SnoozeReturned || r.ActivityID == "" {
				continue
			}
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET activity_id = $4, conversation_id = $5 WHERE tenant_id = $1 AND campaign = $2 AND seq = $3 AND person_id <> ''`), k.TenantID, c.num, r.Seq, r.ActivityID, r.ConversationID); err != nil {
				return err
			}
		}
		return nil
	})
	return accepted, err
}

// TakeGivenUp implements delivery.Ledger; snoozes_given_up serves it. It reads over all tenants: the engine serves them all.
func (db *DB) TakeGivenUp(ctx context.Context, limit int) (out []delivery.GivenUp, err error) {
	type place struct{ campaign, seq, n int64 }
	var found []delivery.GivenUp
	var places []place
	err = db.each(ctx, db.q(`SELECT s.campaign, s.seq, s.n, s.tenant_id, s.card_id, s.reason, d.person_id, COALESCE(r.conversation_id, ''), COALESCE(r.service_url, ''), COALESCE(r.locale, ''), COALESCE(r.state, '')
		FROM snoozes s JOIN deliveries d ON d.campaign = s.campaign AND d.seq = s.seq LEFT JOIN conversation_references r ON r.tenant_id = s.tenant_id AND r.person_id = d.person_id
		WHERE s.state IN ('cancelled', 'failed') AND s.card_id <> '' ORDER BY s.campaign, s.seq, s.n LIMIT $1`), []any{limit}, func(rows *sql.Rows) error {
		var p place
		var g delivery.GivenUp
		err := rows.Scan(&p.campaign, &p.seq, &p.n, &g.To.TenantID, &g.CardID, &g.Why, &g.To.PersonID, &g.To.ConversationID, &g.To.ServiceURL, &g.To.Locale, &g.To.State)
		places, found = append(places, p), append(found, g)
		return err
	})
	for i, p := range places {
		n, err := affected(db.write.ExecContext(ctx, db.q(`UPDATE snoozes SET card_id = '' WHERE campaign = $1 AND seq = $2 AND n = $3 AND card_id = $4`), p.campaign, p.seq, p.n, found[i].CardID))
		if err != nil {
			return out, err
		}
		if n > 0 && found[i].To.State == campaigns.Installed {
			out = append(out, found[i])
		}
	}
	return out, err
}

// cancelReturns cancels what waits to come back of a campaign.
func (db *DB) cancelReturns(ctx context.Context, tx *sql.Tx, campaign int64, reason campaigns.Reason) error {
	_, err := tx.ExecContext(ctx, db.q(`UPDATE snoozes SET state = 'cancelled', reason = $2 WHERE campaign = $1 AND state = 'waiting'`), campaign, string(reason))
	return err
}

// cancelReturnsTo cancels what waits to come back to a person.
func (db *DB) cancelReturnsTo(ctx context.Context, tx *sql.Tx, tenantID, recipient string, mandatoryToo bool, reason campaigns.Reason) error {
	spared := ` AND NOT c.mandatory`
	if mandatoryToo {
		spared = ``
	}
	_, err := tx.ExecContext(ctx, db.q(`UPDATE snoozes SET state = 'cancelled', reason = $3 WHERE tenant_id = $2 AND state = 'waiting' AND (campaign, seq) IN
		(SELECT d.campaign, d.seq FROM deliveries d JOIN campaigns c ON c.num = d.campaign WHERE d.recipient = $1 AND d.tenant_id = $2`+spared+`)`), recipient, tenantID, string(reason))
	return err
}

// removeSnoozes takes from what was asked for later of a campaign's deliveries after one and up to another whatever tells of a person's
// day. How often it was asked for still counts.
func (db *DB) removeSnoozes(ctx context.Context, tx *sql.Tx, campaign, after, upTo int64) error {
	_, err := tx.ExecContext(ctx, db.q(`UPDATE snoozes SET reason = CASE state WHEN 'waiting' THEN '`+string(campaigns.Removed)+`' ELSE reason END, state = CASE state WHEN 'waiting' THEN 'cancelled' ELSE state END,
		asked_at = NULL, until_at = NULL, due_at = 0, card_id = '', first_at = NULL, attempted_at = NULL WHERE campaign = $1 AND seq > $2 AND seq <= $3`), campaign, after, upTo)
	return err
}

// snoozesOf adds to a person's data when they asked for what later.
func (db *DB) snoozesOf(ctx context.Context, tenantID, recipient string, add func(campaign, seq int64, s campaigns.SnoozeData)) error {
	return db.each(ctx, db.q(`SELECT s.campaign, s.seq, s.asked_at, s.until_at, s.state FROM deliveries d CROSS JOIN snoozes s
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND s.campaign = d.campaign AND s.seq = d.seq ORDER BY s.campaign, s.n`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		var campaign, seq int64
		var asked, until sql.NullInt64
		var s campaigns.SnoozeData
		err := rows.Scan(&campaign, &seq, &asked, &until, &s.State)
		s.AskedAt, s.Until = momentPtr(asked), momentPtr(until)
		add(campaign, seq, s)
		return err
	})
}

// removeTraces removes what is kept beside the deliveries of a campaign after one and up to another, and is about their people.
func (db *DB) removeTraces(ctx context.Context, tx *sql.Tx, campaign, after, upTo int64) error {
	return errors.Join(db.removeChecks(ctx, tx, campaign, after, upTo), db.removeSnoozes(ctx, tx, campaign, after, upTo), db.blankResponses(ctx, tx, campaign, after, upTo))
}

package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"herald/campaigns"
	"herald/campaigns/survey"
)

// createResponses makes the table of what people answer.
//
// Nothing in it tells whose an anonymous answer is, the order of its rows neither: SQLite keeps them by their key, which is
// random, and without a rowid. PostgreSQL keeps rows where there is room and knows which transaction wrote each: see mix.
func (db *DB) createResponses(ctx context.Context, tx *sql.Tx) error {
	clustered := ""
	if db.dialect == sqlite {
		clustered = " WITHOUT ROWID"
	}
	_, err := tx.ExecContext(ctx, `CREATE TABLE responses (
		tenant_id   TEXT NOT NULL,
		campaign    BIGINT NOT NULL,        -- campaigns.num of the campaign that asked first, not of a reminder
		slot        TEXT NOT NULL,          -- "d" and deliveries.seq; anonymous: "t" and the SHA-256 of the card's token
		version     BIGINT NOT NULL,        -- of the survey
		answers     TEXT NOT NULL,          -- JSON; '' until they are complete
		pending     TEXT NOT NULL,          -- JSON of answers that are not complete, or are being changed; '' is none
		done        BOOLEAN NOT NULL,
		started_at  BIGINT,                 -- NULL of anonymous surveys, always
		answered_at BIGINT,
		PRIMARY KEY (campaign, slot)
	)`+clustered)
	return err
}

// Asked implements campaigns.AnswerStore; deliveries_once serves it. A message whose id is not known yet, since its outcome
// is still on the way or was never heard of, is taken for the card that the person has before them; so is the first card of one that came back.
func (db *DB) Asked(ctx context.Context, ref campaigns.Reference, activityID, campaignID string) (a campaigns.Asked, err error) {
	found, other := false, false
	err = db.each(ctx, db.q(`SELECT c.id, d.activity_id <> '' AND d.activity_id = $4 AND `+sameChat+`, d.repeated OR (d.activity_id = '' AND d.attempts > 0) OR EXISTS (SELECT 1 FROM snoozes b WHERE b.campaign = d.campaign AND b.seq = d.seq AND b.state = 'returned'),
			c.timed, c.content, d.cells, CASE WHEN c.root_id <> '' THEN c.num ELSE 0 END, COALESCE(r.num, 0), COALESCE(rd.seq, 0), rd.answered_at, COALESCE(s.id, ''), s.closes_at, s.closed_at
		FROM deliveries d JOIN campaigns c ON c.num = d.campaign
		LEFT JOIN campaigns r ON r.tenant_id = c.tenant_id AND r.id = CASE WHEN c.root_id <> '' THEN c.root_id ELSE c.id END
		LEFT JOIN deliveries rd ON rd.recipient = d.recipient AND rd.campaign = r.num AND rd.step = d.step
		LEFT JOIN surveys s ON s.tenant_id = c.tenant_id AND s.id = c.survey_id
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND c.survey_id <> ''
		AND (c.id = $5 OR (d.activity_id <> '' AND d.activity_id = $4 AND `+sameChat+`))`),
		[]any{ref.PersonID, ref.TenantID, ref.ConversationID, activityID, campaignID}, func(rows *sql.Rows) error {
			var id, content, cells, survey string
			var exact, unsure, timed bool
			var reminder, campaign, seq int64
			var answered, closes, closed sql.NullInt64
			if err := rows.Scan(&id, &exact, &unsure, &timed, &content, &cells, &reminder, &campaign, &seq, &answered, &survey, &closes, &closed); err != nil {
				return err
			}
			switch {
			case id != campaignID:
				other = true
				return nil
			case !exact && !unsure:
				return nil
			case survey == "" || seq == 0:
				return campaigns.Errorf(campaigns.CodeGone, "survey_gone", "This survey is not there any more.")
			}
			var c struct {
				Version int `json:"surveyVersion"`
			}
			if err := json.Unmarshal([]byte(content), &c); err != nil {
				return err
			}
			found = true
			a = campaigns.Asked{
				TenantID: ref.TenantID, CampaignID: id, Campaign: campaign, Seq: seq, Reminder: reminder, SurveyID: survey, Version: c.Version,
				ClosesAt: momentPtr(closes), ClosedAt: momentPtr(closed), Answered: answered.Valid, Cells: cells, Timed: timed,
			}
			return nil
		})
	switch {
	case err != nil:
		return campaigns.Asked{}, err
	case other:
		return campaigns.Asked{}, campaigns.Errorf(campaigns.CodeConflict, "other_campaign", "This card is another campaign's.")
	case !found:
		return campaigns.Asked{}, errNotFound("card")
	}
	return a, nil
}

// Response implements campaigns.AnswerStore.
func (db *DB) Response(ctx context.Context, a campaigns.Asked, slot string) (*campaigns.Response, error) {
	var r campaigns.Response
	var answers, pending string
	err := db.read.QueryRowContext(ctx, db.q(`SELECT answers, pending, done FROM responses WHERE campaign = $1 AND slot = $2 AND tenant_id = $3`), a.Campaign, slot, a.TenantID).Scan(&answers, &pending, &r.Done)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		r.Answers, err = decodeAnswers(answers)
	}
	if err == nil {
		r.Pending, err = decodeAnswers(pending)
	}
	return &r, err
}

func decodeAnswers(s string) (a survey.Answers, err error) {
	if s == "" {
		return nil, nil
	}
	if json.Unmarshal([]byte(s), &a) != nil {
		err = errors.New("answers in the database cannot be read") // and are not told
	}
	return a, err
}

// encodeAnswers always makes the same text of the same answers, so that texts can be compared.
func encodeAnswers(a survey.Answers) (string, error) {
	if a == nil {
		return "", nil
	}
	b, err := json.Marshal(a)
	return string(b), err
}

// SaveResponse implements campaigns.AnswerStore.
func (db *DB) SaveResponse(ctx context.Context, c campaigns.ResponseChange) (saved bool, err error) {
	completes := c.After.Done && (c.Before == nil || !c.Before.Done)
	if c.Anonymous && completes && db.dialect == postgres {
		return db.completeApart(ctx, c)
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		if !c.Anonymous {
			// Whoever was removed since the card was drawn answers no more; see blankResponses.
			var there int
			err := tx.QueryRowContext(ctx, db.q(`SELECT 1 FROM deliveries WHERE campaign = $1 AND seq = $2 AND tenant_id = $3 AND recipient NOT LIKE 'removed:%'`+db.forUpdate()), c.Asked.Campaign, c.Asked.Seq, c.Asked.TenantID).Scan(&there)
			if err != nil {
				return ifNone(err, nil)
			}
		}
		if saved, err = db.writeResponse(ctx, tx, c); err != nil || !saved {
			return err
		}
		switch {
		case !completes && c.Anonymous:
			return db.mix(ctx, tx, c)
		case !completes:
			return nil
		case c.Anonymous:
			first, err := db.noteAnswered(ctx, tx, c.Asked)
			if err == nil && !first {
				err = errOvertaken
			}
			return err
		}
		_, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET answered_at = $3 WHERE campaign = $1 AND seq = $2 AND tenant_id = $4`), c.Asked.Campaign, c.Asked.Seq, millis(c.Now), c.Asked.TenantID)
		return err
	})
	if errors.Is(err, errOvertaken) {
		return false, nil
	}
	return saved && err == nil, err
}

// errOvertaken takes a transaction back whose person has answered meanwhile.
var errOvertaken = errors.New("answered elsewhere")

// completeApart keeps a complete anonymous answer on PostgreSQL, which writes the transaction's number into every row: the
// answer and the note that the person has answered are two transactions. The second begins first and ends last, so that
// nobody answers twice, whatever process they press in, and no answer is lost: whoever dies between the two commits leaves an
// answer that its own card finds, and completes.
func (db *DB) completeApart(ctx context.Context, c campaigns.ResponseChange) (saved bool, err error) {
	err = db.tx(ctx, func(note *sql.Tx) error {
		first, err := db.noteAnswered(ctx, note, c.Asked)
		if err != nil || !first {
			return err
		}
		err = db.txOn(ctx, db.inner, func(tx *sql.Tx) error {
			if saved, err = db.writeResponse(ctx, tx, c); err != nil || !saved {
				return err
			}
			return db.mix(ctx, tx, c)
		})
		if err == nil && !saved {
			err = errOvertaken // nothing was written: take the note back
		}
		return err
	})
	if errors.Is(err, errOvertaken) {
		return false, nil
	}
	return saved && err == nil, err
}

// writeResponse is the compare-and-set of one response. A survey that was closed takes none.
func (db *DB) writeResponse(ctx context.Context, tx *sql.Tx, c campaigns.ResponseChange) (bool, error) {
	answers, err := encodeAnswers(c.After.Answers)
	if err != nil {
		return false, err
	}
	pending, err := encodeAnswers(c.After.Pending)
	if err != nil {
		return false, err
	}
	var at sql.NullInt64
	if !c.Anonymous {
		at = sql.NullInt64{Int64: millis(c.Now), Valid: true}
	}
	const open = `EXISTS (SELECT 1 FROM surveys s WHERE s.tenant_id = $1 AND s.id = $9 AND s.closed_at IS NULL AND (s.closes_at IS NULL OR s.closes_at > $10))`
	var statement string
	args := []any{c.Asked.TenantID, c.Asked.Campaign, c.Slot, c.Asked.Version, answers, pending, c.After.Done, at, c.Asked.SurveyID, millis(c.Now)}
	if c.Before == nil {
		statement = `INSERT INTO responses (tenant_id, campaign, slot, version, answers, pending, done, started_at, answered_at)
			SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS BOOLEAN), CAST($8 AS BIGINT), CASE WHEN $7 THEN CAST($8 AS BIGINT) END
			WHERE ` + open + ` ON CONFLICT DO NOTHING`
	} else {
		wasAnswers, err := encodeAnswers(c.Before.Answers)
		if err != nil {
			return false, err
		}
		wasPending, err := encodeAnswers(c.Before.Pending)
		if err != nil {
			return false, err
		}
		statement = `UPDATE responses SET version = $4, answers = $5, pending = $6, done = $7, answered_at = CASE WHEN $7 AND $6 = '' THEN CAST($8 AS BIGINT) ELSE answered_at END
			WHERE tenant_id = $1 AND campaign = $2 AND slot = $3 AND answers = $11 AND pending = $12 AND done = $13 AND ` + open
		args = append(args, wasAnswers, wasPending, c.Before.Done)
	}
	n, err := affected(tx.ExecContext(ctx, db.q(statement), args...))
	if n == 0 {
		return false, err
	}
	return true, err
}

// mixed is how many other rows are written anew with one anonymous response.
const mixed = 12

// mix writes a random handful of a campaign's rows anew, so that on PostgreSQL neither the place of a row nor the
// transaction that wrote it singles out the newest: it is one of many. They are deleted and inserted, because an update
// leaves a row on its page, among those that came at the same time. Rows that are being written are left alone, so that
// nobody waits.
func (db *DB) mix(ctx context.Context, tx *sql.Tx, c campaigns.ResponseChange) error {
	if db.dialect == sqlite {
		return nil
	}
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	for _, way := range []string{`slot > $3 AND slot <> $4 ORDER BY slot`, `slot < $3 AND slot <> $4 ORDER BY slot DESC`} {
		if _, err := tx.ExecContext(ctx, `WITH handful AS (SELECT campaign, slot FROM responses WHERE campaign = $1 AND tenant_id = $2 AND `+way+fmt.Sprintf(` LIMIT %d FOR UPDATE SKIP LOCKED),
			gone AS (DELETE FROM responses r USING handful h WHERE r.campaign = h.campaign AND r.slot = h.slot RETURNING r.*)
			INSERT INTO responses SELECT * FROM gone`, mixed/2), c.Asked.Campaign, c.Asked.TenantID, "t"+hex.EncodeToString(b), c.Slot); err != nil {
			return err
		}
	}
	return nil
}

// noteAnswered notes that a person has answered an anonymous survey: with the moment at which the campaign began, which is
// everybody's. first is false when that is known already.
func (db *DB) noteAnswered(ctx context.Context, tx *sql.Tx, a campaigns.Asked) (first bool, err error) {
	n, err := affected(tx.ExecContext(ctx, db.q(`UPDATE deliveries SET answered_at = (SELECT COALESCE(c.started_at, c.created_at) FROM campaigns c WHERE c.num = $1)
		WHERE campaign = $1 AND seq = $2 AND tenant_id = $3 AND answered_at IS NULL`), a.Campaign, a.Seq, a.TenantID))
	return n > 0, err
}

// NoteAnswered implements campaigns.AnswerStore.
func (db *DB) NoteAnswered(ctx context.Context, a campaigns.Asked) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		_, err := db.noteAnswered(ctx, tx, a)
		return err
	})
}

// Respondents implements campaigns.AnswerStore.
func (db *DB) Respondents(ctx context.Context, k campaigns.Key, f campaigns.ResponseFilter, fn func(campaigns.Respondent) error) error {
	const columns = `COALESCE(r.slot, ''), COALESCE(r.answers, ''), COALESCE(r.done, FALSE), r.slot IS NOT NULL, r.answered_at`
	const number = `(SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2)`
	args := []any{k.TenantID, k.CampaignID}
	statement := `SELECT ` + columns + ` FROM responses r WHERE r.campaign = ` + number + ` AND r.tenant_id = $1 ORDER BY r.answered_at, r.slot`
	if f.People {
		statement = `SELECT ` + columns + `, d.status = 'sent', d.display_name, d.email, d.cells
			FROM deliveries d LEFT JOIN responses r ON r.campaign = d.campaign AND r.slot = 'd' || CAST(d.seq AS TEXT)
			WHERE d.campaign = ` + number + ` AND d.tenant_id = $1 AND (d.status = 'sent' OR r.slot IS NOT NULL)`
		if f.ListID != "" {
			args = append(args, f.ListID)
			statement += ` AND EXISTS (SELECT 1 FROM list_members m WHERE m.list = (SELECT num FROM lists WHERE tenant_id = $1 AND id = $3) AND m.address_key IN (LOWER(d.email),
				COALESCE((SELECT NULLIF(p.mail_key, '') FROM people p WHERE p.tenant_id = $1 AND p.person_id = d.person_id), LOWER(d.email)),
				COALESCE((SELECT NULLIF(p.upn_key, '') FROM people p WHERE p.tenant_id = $1 AND p.person_id = d.person_id), LOWER(d.email))))`
		}
		statement += ` ORDER BY r.answered_at, d.seq`
	}
	return db.each(ctx, db.q(statement), args, func(rows *sql.Rows) error {
		var r campaigns.Respondent
		var answers string
		var at sql.NullInt64
		dest := []any{&r.Slot, &answers, &r.Response.Done, &r.Begun, &at}
		if f.People {
			dest = append(dest, &r.Sent, &r.DisplayName, &r.Email, &r.Cells)
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		r.AnsweredAt = momentPtr(at)
		var err error
		if r.Response.Done {
			if r.Response.Answers, err = decodeAnswers(answers); err != nil {
				return err
			}
		}
		return fn(r)
	})
}

package store

import (
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
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// Who schedules a campaign locks its row, then its survey's; who deletes a survey locks the survey's and then only reads
// campaigns. So no survey goes while a campaign takes it up, and none of the two waits for the other in a circle.

const surveyColumns = `s.tenant_id, s.id, s.name, s.definition, s.version, s.closes_at, s.closed_at, s.created_at, s.updated_at, s.created_by_id, s.created_by_name`

func scanSurvey(row scanner) (*campaigns.Survey, error) {
	v := &campaigns.Survey{}
	var definition []byte
	var closesAt, closedAt sql.NullInt64
	var created, updated int64
	if err := row.Scan(&v.TenantID, &v.ID, &v.Name, &definition, &v.Version, &closesAt, &closedAt, &created, &updated, &v.CreatedBy.ID, &v.CreatedBy.DisplayName); err != nil {
		return nil, err
	}
	v.ClosesAt, v.ClosedAt, v.CreatedAt, v.UpdatedAt = momentPtr(closesAt), momentPtr(closedAt), moment(created), moment(updated)
	if err := json.Unmarshal(definition, &v.Definition); err != nil {
		return nil, fmt.Errorf("definition of survey %s: %w", v.ID, err)
	}
	return v, nil
}

func nullable(t *time.Time) any {
	if t == nil {
		return nil
	}
	return millis(*t)
}

// CreateSurvey implements campaigns.SurveyStore.
func (db *DB) CreateSurvey(ctx context.Context, s *campaigns.Survey) error {
	definition, err := json.Marshal(s.Definition)
	if err != nil {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, db.q(`INSERT INTO surveys (tenant_id, id, name, name_key, definition, version, closes_at, closed_at, created_at, updated_at, created_by_id, created_by_name)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`), s.TenantID, s.ID, s.Name, strings.ToLower(s.Name), string(definition), s.Version, nullable(s.ClosesAt), nullable(s.ClosedAt), millis(s.CreatedAt), millis(s.UpdatedAt), s.CreatedBy.ID, s.CreatedBy.DisplayName)
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, s.TenantID, campaigns.SurveyCreated, "survey", s.ID, nil)
	})
}

// Survey implements campaigns.SurveyStore.
func (db *DB) Survey(ctx context.Context, tenantID, id string) (*campaigns.Survey, error) {
	s, err := scanSurvey(db.read.QueryRowContext(ctx, db.q(`SELECT `+surveyColumns+` FROM surveys s WHERE s.tenant_id = $1 AND s.id = $2`), tenantID, id))
	if err != nil {
		return nil, ifNone(err, errNotFound("survey"))
	}
	return s, db.countSurveys(ctx, tenantID, s)
}

// sent says whether a campaign of the survey s has started.
const sent = `EXISTS (SELECT 1 FROM campaigns c WHERE c.tenant_id = s.tenant_id AND c.survey_id = s.id AND c.survey_id <> '' AND c.started_at IS NOT NULL)`

// Surveys implements campaigns.SurveyStore. The cursor is the sort key of the last item and its id, "KEY.ID".
func (db *DB) Surveys(ctx context.Context, tenantID string, f campaigns.SurveyFilter, now time.Time) (items []*campaigns.Survey, next string, err error) {
	where := []string{"s.tenant_id = $1"}
	args := []any{tenantID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	if f.Query != "" {
		where = append(where, "s.name_key LIKE "+arg(contains(f.Query))+` ESCAPE '\'`)
	}
	if f.Status != "" {
		at := arg(millis(now))
		open := `s.closed_at IS NULL AND (s.closes_at IS NULL OR s.closes_at > ` + at + `)`
		switch f.Status {
		case campaigns.SurveyDraft:
			where = append(where, open, "NOT "+sent)
		case campaigns.SurveyOpen:
			where = append(where, open, sent)
		default:
			where = append(where, "NOT ("+open+")")
		}
	}
	column, key := "s.updated_at", func(s *campaigns.Survey) string { return strconv.FormatInt(millis(s.UpdatedAt), 10) }
	switch f.Sort {
	case "created":
		column, key = "s.created_at", func(s *campaigns.Survey) string { return strconv.FormatInt(millis(s.CreatedAt), 10) }
	case "name":
		column, key = "s.name_key", func(s *campaigns.Survey) string { return strings.ToLower(s.Name) }
	}
	order, after := "ASC", ">"
	if f.Desc {
		order, after = "DESC", "<"
	}
	if f.Cursor != "" {
		text, id, ok := strings.Cut(f.Cursor, ".")
		b, err := base64.RawURLEncoding.DecodeString(text)
		var value any = string(b)
		if f.Sort != "name" && err == nil {
			value, err = strconv.ParseInt(string(b), 10, 64)
		}
		if !ok || err != nil {
			return nil, "", badCursor()
		}
		where = append(where, fmt.Sprintf("(%s, s.id) %s (%s, %s)", column, after, arg(value), arg(id)))
	}
	err = db.each(ctx, db.q(fmt.Sprintf(`SELECT %s FROM surveys s WHERE %s ORDER BY %s %s, s.id %s LIMIT %s`, surveyColumns, strings.Join(where, " AND "), column, order, order, arg(f.Limit+1))), args, func(rows *sql.Rows) error {
		s, err := scanSurvey(rows)
		items = append(items, s)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	items, next = page(items, f.Limit, func(last *campaigns.Survey) string {
		return base64.RawURLEncoding.EncodeToString([]byte(key(last))) + "." + last.ID
	})
	return items, next, db.countSurveys(ctx, tenantID, items...)
}

// countSurveys fills in what campaigns have made of surveys; deliveries_engaged serves the answers.
func (db *DB) countSurveys(ctx context.Context, tenantID string, surveys ...*campaigns.Survey) error {
	if len(surveys) == 0 {
		return nil
	}
	byID := make(map[string]*campaigns.Survey, len(surveys))
	ids := make([]string, len(surveys))
	for i, s := range surveys {
		byID[s.ID], ids[i] = s, s.ID
	}
	v, args := db.table("v", 2, column{"id", "TEXT", ids})
	args = append([]any{tenantID}, args...)
	of := ` FROM ` + v + ` JOIN campaigns c ON c.tenant_id = $1 AND c.survey_id = v.id AND c.survey_id <> ''`
	err := db.each(ctx, db.q(`SELECT c.survey_id, COUNT(CASE WHEN c.root_id = '' THEN 1 END), COUNT(c.started_at), CAST(SUM(CASE WHEN c.root_id = '' THEN c.n_sent ELSE 0 END) AS BIGINT)`+of+` GROUP BY c.survey_id`), args, func(rows *sql.Rows) error {
		var id string
		var all, started, reached int
		err := rows.Scan(&id, &all, &started, &reached)
		if s := byID[id]; s != nil {
			s.Campaigns, s.Started, s.Sent = all, started > 0, reached
		}
		return err
	})
	if err != nil {
		return err
	}
	return db.each(ctx, db.q(`SELECT c.survey_id, COUNT(*)`+of+` AND c.root_id = ''
		JOIN deliveries d ON d.campaign = c.num AND d.tenant_id = $1 AND d.answered_at IS NOT NULL AND (d.read_at IS NOT NULL OR d.reaction <> '' OR d.answered_at IS NOT NULL)
		GROUP BY c.survey_id`), args, func(rows *sql.Rows) error {
		var id string
		var n int
		err := rows.Scan(&id, &n)
		if s := byID[id]; s != nil {
			s.Answered = n
		}
		return err
	})
}

// FindSurveys implements campaigns.SurveyStore.
func (db *DB) FindSurveys(ctx context.Context, tenantID string, ids []string) (map[string]*campaigns.Survey, error) {
	out := map[string]*campaigns.Survey{}
	return out, db.eachOf(ctx, tenantID, ids, surveyColumns, "surveys s", "s.id", func(rows *sql.Rows) error {
		s, err := scanSurvey(rows)
		if err == nil {
			out[s.ID] = s
		}
		return err
	})
}

// UpdateSurvey implements campaigns.SurveyStore.
func (db *DB) UpdateSurvey(ctx context.Context, s *campaigns.Survey, now time.Time) error {
	definition, err := json.Marshal(s.Definition)
	if err != nil {
		return err
	}
	err = db.changeSurvey(ctx, s.TenantID, s.ID, campaigns.SurveyChanged, `UPDATE surveys SET name = $3, name_key = $4, definition = $5, closes_at = $6, updated_at = $7, version = version + 1
		WHERE tenant_id = $1 AND id = $2 AND version = $8`, s.TenantID, s.ID, s.Name, strings.ToLower(s.Name), string(definition), nullable(s.ClosesAt), millis(now), s.Version)
	if campaigns.CodeOf(err) != campaigns.CodeConflict {
		return err
	}
	if err := db.surveyExists(ctx, s.TenantID, s.ID); err != nil {
		return err
	}
	return campaigns.Errorf(campaigns.CodeStale, "stale_version", "Someone else changed this survey meanwhile.")
}

// changeSurvey changes a survey by a statement that meets one row, and notes it. CodeConflict when it meets none.
func (db *DB) changeSurvey(ctx context.Context, tenantID, id string, action campaigns.Action, statement string, args ...any) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, db.q(statement), args...)
		if err := changedOne(res, err, errConflict("survey")); err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, tenantID, action, "survey", id, nil)
	})
}

func (db *DB) surveyExists(ctx context.Context, tenantID, id string) error {
	var one int
	err := db.read.QueryRowContext(ctx, db.q(`SELECT 1 FROM surveys WHERE tenant_id = $1 AND id = $2`), tenantID, id).Scan(&one)
	return ifNone(err, errNotFound("survey"))
}

// CloseSurvey implements campaigns.SurveyStore.
func (db *DB) CloseSurvey(ctx context.Context, tenantID, id string, now time.Time) error {
	err := db.changeSurvey(ctx, tenantID, id, campaigns.SurveyClosedByHand, `UPDATE surveys SET closed_at = $3, updated_at = $3, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND closed_at IS NULL`, tenantID, id, millis(now))
	if campaigns.CodeOf(err) == campaigns.CodeConflict {
		return db.surveyExists(ctx, tenantID, id)
	}
	return err
}

// ReopenSurvey implements campaigns.SurveyStore.
func (db *DB) ReopenSurvey(ctx context.Context, tenantID, id string, closesAt *time.Time, now time.Time) error {
	err := db.changeSurvey(ctx, tenantID, id, campaigns.SurveyReopened, `UPDATE surveys SET closed_at = NULL, closes_at = $3, updated_at = $4, version = version + 1 WHERE tenant_id = $1 AND id = $2`, tenantID, id, nullable(closesAt), millis(now))
	if campaigns.CodeOf(err) == campaigns.CodeConflict {
		return errNotFound("survey")
	}
	return err
}

// DeleteSurvey implements campaigns.SurveyStore.
func (db *DB) DeleteSurvey(ctx context.Context, tenantID, id string, answers bool) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var version int
		err := tx.QueryRowContext(ctx, db.q(`SELECT version FROM surveys WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), tenantID, id).Scan(&version)
		if err != nil {
			return ifNone(err, errNotFound("survey"))
		}
		var user string
		err = tx.QueryRowContext(ctx, db.q(`SELECT name FROM campaigns WHERE tenant_id = $1 AND survey_id = $2 AND survey_id <> '' AND status IN ('draft', 'scheduled', 'sending') ORDER BY num LIMIT 1`), tenantID, id).Scan(&user)
		if err == nil {
			return campaigns.Errorf(campaigns.CodeConflict, "survey_in_use", "The campaign %q uses this survey. Delete that campaign, choose another survey in it or let it end, then delete the survey.", user)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var answered int
		err = tx.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM campaigns c JOIN deliveries d ON d.campaign = c.num AND d.tenant_id = $1 AND d.answered_at IS NOT NULL AND (d.read_at IS NOT NULL OR d.reaction <> '' OR d.answered_at IS NOT NULL)
			WHERE c.tenant_id = $1 AND c.survey_id = $2 AND c.survey_id <> '' AND c.root_id = ''`), tenantID, id).Scan(&answered)
		if err != nil {
			return err
		}
		if answered > 0 && !answers {
			e := campaigns.Errorf(campaigns.CodeConflict, "survey_has_answers", "%d people have answered this survey, and deleting it deletes their answers too.", answered)
			e.Problems = []message.Problem{{Field: "/answers", Code: "survey_has_answers", Message: e.Message, Params: message.Params{"count": answered}}}
			return e
		}
		if err := db.noteNamed(ctx, tx, tenantID, campaigns.SurveyDeleted, "survey", id, nil); err != nil {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM responses WHERE tenant_id = $1 AND campaign IN (SELECT num FROM campaigns WHERE tenant_id = $1 AND survey_id = $2 AND survey_id <> '')`,
			`DELETE FROM survey_versions WHERE tenant_id = $1 AND survey_id = $2`, `DELETE FROM surveys WHERE tenant_id = $1 AND id = $2`,
		} {
			if _, err := tx.ExecContext(ctx, db.q(statement), tenantID, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// SurveyVersion implements campaigns.SurveyStore.
func (db *DB) SurveyVersion(ctx context.Context, tenantID, id string, version int) (d survey.Definition, err error) {
	var text []byte
	err = db.read.QueryRowContext(ctx, db.q(`SELECT definition FROM survey_versions WHERE tenant_id = $1 AND survey_id = $2 AND version = $3`), tenantID, id, version).Scan(&text)
	if err != nil {
		return d, ifNone(err, errNotFound("version of this survey"))
	}
	return d, json.Unmarshal(text, &d)
}

// SurveyCampaigns implements campaigns.SurveyStore.
func (db *DB) SurveyCampaigns(ctx context.Context, tenantID, id string, limit int) (out []campaigns.SurveyCampaign, err error) {
	err = db.each(ctx, db.q(`SELECT c.id, c.name, c.status, c.started_at, c.content, c.n_sent, c.root_id,
			CASE WHEN c.root_id = '' AND c.started_at IS NOT NULL THEN (SELECT COUNT(*) FROM deliveries d WHERE d.campaign = c.num AND d.tenant_id = $1 AND d.answered_at IS NOT NULL AND (d.read_at IS NOT NULL OR d.reaction <> '' OR d.answered_at IS NOT NULL)) ELSE 0 END
		FROM campaigns c WHERE c.tenant_id = $1 AND c.survey_id = $2 AND c.survey_id <> '' ORDER BY c.num DESC LIMIT $3`), []any{tenantID, id, limit}, func(rows *sql.Rows) error {
		var c campaigns.SurveyCampaign
		var started sql.NullInt64
		var content []byte
		if err := rows.Scan(&c.ID, &c.Name, &c.Status, &started, &content, &c.Sent, &c.ReminderOf, &c.Answered); err != nil {
			return err
		}
		var pinned message.Content
		if err := json.Unmarshal(content, &pinned); err != nil {
			return err
		}
		c.StartedAt, c.Version = momentPtr(started), pinned.SurveyVersion
		out = append(out, c)
		return nil
	})
	return out, err
}

// ListColumns implements campaigns.ListStore.
func (db *DB) ListColumns(ctx context.Context, tenantID string) (names []string, err error) {
	err = db.each(ctx, db.q(`SELECT DISTINCT columns FROM lists WHERE tenant_id = $1`), []any{tenantID}, func(rows *sql.Rows) error {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var columns []campaigns.Column
		if err := json.Unmarshal(text, &columns); err != nil {
			return err
		}
		for _, c := range columns {
			names = append(names, c.Name)
		}
		return nil
	})
	slices.Sort(names)
	return slices.Compact(names), err
}

// unanswered are the deliveries d of the campaign with the number in $2 whose people have it, have not answered, and were
// not removed since.
const unanswered = `d.campaign = $2 AND d.tenant_id = $1 AND d.status = 'sent' AND d.answered_at IS NULL AND d.person_id <> ''`

// Unanswered implements campaigns.SurveyStore.
func (db *DB) Unanswered(ctx context.Context, k campaigns.Key) (r campaigns.Reach, err error) {
	num, err := db.campaignNumber(ctx, k)
	if err != nil {
		return r, err
	}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*), COUNT(CASE WHEN r.state = 'installed' THEN 1 END), COUNT(CASE WHEN r.state = 'installed' AND r.opted_out THEN 1 END) FROM deliveries d
		LEFT JOIN conversation_references r ON r.tenant_id = d.tenant_id AND r.person_id = d.person_id WHERE `+unanswered), k.TenantID, num).Scan(&r.Total, &r.Installed, &r.OptedOut)
	r.NotInstalled = r.Total - r.Installed
	return r, err
}

// pin writes into a campaign that is being scheduled which version of its survey it asks, and keeps that version. The survey
// may have changed since somebody looked whether it is complete.
func (db *DB) pin(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign) error {
	if c.Format != message.Survey {
		return nil
	}
	conflict := func(reason, words string) error { return campaigns.Errorf(campaigns.CodeConflict, reason, "%s", words) }
	var version int
	var definition []byte
	err := tx.QueryRowContext(ctx, db.q(`SELECT version, definition FROM surveys WHERE tenant_id = $1 AND id = $2`+db.forShare()), c.TenantID, c.Content.SurveyID).Scan(&version, &definition)
	if err != nil {
		return ifNone(err, conflict("survey_unknown", "The survey of this campaign has been deleted."))
	}
	if root := c.Root(); root != c.Key() {
		var content []byte
		err := tx.QueryRowContext(ctx, db.q(`SELECT content FROM campaigns WHERE tenant_id = $1 AND id = $2`+db.forShare()), root.TenantID, root.CampaignID).Scan(&content)
		if err != nil {
			return ifNone(err, conflict("unknown_campaign", "The campaign to remind of has been deleted."))
		}
		var pinned message.Content
		if err := json.Unmarshal(content, &pinned); err != nil {
			return err
		}
		if pinned.SurveyVersion == 0 || pinned.SurveyID != c.Content.SurveyID {
			return conflict("not_started", "The campaign to remind of has not asked this survey.")
		}
		version = pinned.SurveyVersion
	} else {
		n, err := affected(tx.ExecContext(ctx, db.q(`INSERT INTO survey_versions (tenant_id, survey_id, version, definition) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING`), c.TenantID, c.Content.SurveyID, version, string(definition)))
		if err != nil {
			return err
		}
		if n > 0 {
			var d survey.Definition
			if err := json.Unmarshal(definition, &d); err != nil {
				return err
			}
			if slices.ContainsFunc(survey.Incomplete(d), func(p message.Problem) bool { return !survey.Warns(p) }) {
				return conflict("survey_incomplete", "The survey has just been changed and is not complete any more.")
			}
		}
	}
	c.Content.SurveyVersion = version
	return db.writeContent(ctx, tx, c)
}

func (db *DB) writeContent(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign) error {
	content, _, _, err := encode(c)
	if err == nil {
		_, err = tx.ExecContext(ctx, db.q(`UPDATE campaigns SET content = $3 WHERE tenant_id = $1 AND id = $2`), c.TenantID, c.ID, content)
	}
	return err
}

// unpin lets a campaign that is a draft again have the newest version of its survey when it is next sent.
func (db *DB) unpin(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign) error {
	if c.Content.SurveyVersion == 0 {
		return nil
	}
	c.Content.SurveyVersion = 0
	return db.writeContent(ctx, tx, c)
}

// surveyOf are the columns survey_id and root_id of a campaign.
func surveyOf(c *campaigns.Campaign) (id, root string) {
	if c.Format == message.Survey {
		id = c.Content.SurveyID
	}
	return id, c.Audience.Unanswered
}

// PlanUnanswered implements delivery.Ledger. Names and values are those with which the root campaign reached its people.
func (db *DB) PlanUnanswered(ctx context.Context, k delivery.Key, root string, from delivery.Plan, span delivery.SeqSpan, now time.Time) (to delivery.Plan, err error) {
	err = db.tx(ctx, func(tx *sql.Tx) error {
		var rootNum, last int64
		err := tx.QueryRowContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, root).Scan(&rootNum)
		if err != nil && !errors.Is(err, sql.ErrNoRows) { // deleted: it has no deliveries
			return err
		}
		// Where the page ends is fixed first, so that who answers meanwhile does not push others out of it.
		err = tx.QueryRowContext(ctx, db.q(`SELECT d.seq FROM deliveries d WHERE `+unanswered+` AND d.seq > $3 ORDER BY d.seq LIMIT 1 OFFSET $4`), k.TenantID, rootNum, span.After, span.Limit-1).Scan(&last)
		upTo := ` AND d.seq <= $7`
		if errors.Is(err, sql.ErrNoRows) {
			last, upTo = 0, ` AND $7 = 0`
		} else if err != nil {
			return err
		}
		to = span.Next(last)
		c, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		return db.plan(ctx, tx, c.num, to.Done, now, func(seq int64) error {
			_, err := tx.ExecContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign, seq, step, recipient, person_id, email, display_name, search_key, status, final, reason, due_at, cells)
				SELECT m.tenant_id, CAST($3 AS BIGINT), CAST($4 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY m.seq), 0, m.recipient, m.person_id, m.email, m.display_name, m.search_key,
					CASE m.state WHEN 'installed' THEN 'pending' ELSE 'skipped' END, m.state <> 'installed',
					CASE m.state WHEN 'installed' THEN '' WHEN 'blocked' THEN 'blocked_by_user' WHEN 'opted_out' THEN 'opted_out' ELSE 'not_installed' END, CAST($5 AS BIGINT), m.cells
				FROM (SELECT d.tenant_id, d.seq, d.recipient, d.person_id, d.email, d.display_name, d.search_key, d.cells, `+reachable(c.mandatory)+` AS state
					FROM deliveries d LEFT JOIN conversation_references r ON r.tenant_id = d.tenant_id AND r.person_id = d.person_id
					WHERE `+unanswered+` AND d.seq > $6`+upTo+`) m`), k.TenantID, rootNum, c.num, seq, c.due(now), span.After, last)
			return err
		})
	})
	return to, err
}

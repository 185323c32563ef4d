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

	"github.com/google/uuid"

	"herald/campaigns"
)

// auditTables is migration 14. It is not a file since triggers are written differently on SQLite and PostgreSQL.
//
// The log only grows: the database itself refuses to delete a line, and to change anything in one but to empty what names a
// person, which forgetting somebody needs.
func (db *DB) auditTables(ctx context.Context, tx *sql.Tx) error {
	statements := []string{
		`CREATE TABLE audit_log (
			tenant_id   TEXT NOT NULL,
			id          TEXT NOT NULL,              -- UUIDv7: sorts by time
			at          BIGINT NOT NULL,
			actor_id    TEXT NOT NULL,
			actor_name  TEXT NOT NULL,
			action      TEXT NOT NULL,
			target_kind TEXT NOT NULL,
			target_id   TEXT NOT NULL,
			target_name TEXT NOT NULL,
			detail      TEXT NOT NULL,              -- JSON
			search_key  TEXT NOT NULL,              -- names and detail in lower case
			PRIMARY KEY (tenant_id, id)
		)`,
		`CREATE INDEX audit_log_actor ON audit_log (tenant_id, actor_id, id)`,
		// What a second person was asked about a draft; '' nobody was.
		`ALTER TABLE campaigns ADD COLUMN approval_state TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE campaigns ADD COLUMN approval TEXT NOT NULL DEFAULT ''`, // JSON
		// The roles that people's tokens showed last: what the bot hears carries none.
		`CREATE TABLE role_holders (
			tenant_id    TEXT NOT NULL,
			person_id    TEXT NOT NULL,
			display_name TEXT NOT NULL,
			upn          TEXT NOT NULL,
			roles        TEXT NOT NULL,             -- JSON
			seen_at      BIGINT NOT NULL,
			PRIMARY KEY (tenant_id, person_id)
		)`,
	}
	const kept = `NEW.tenant_id = OLD.tenant_id AND NEW.id = OLD.id AND NEW.at = OLD.at AND NEW.action = OLD.action AND NEW.target_kind = OLD.target_kind
		AND NEW.actor_id IN (OLD.actor_id, '') AND NEW.actor_name IN (OLD.actor_name, '') AND NEW.target_id IN (OLD.target_id, '')
		AND NEW.target_name IN (OLD.target_name, '') AND NEW.detail IN (OLD.detail, '{}') AND NEW.search_key IN (OLD.search_key, '')`
	if db.dialect == postgres {
		statements = append(statements,
			`CREATE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$`,
			`CREATE TRIGGER audit_log_kept BEFORE UPDATE ON audit_log FOR EACH ROW WHEN (NOT (`+kept+`)) EXECUTE FUNCTION audit_log_only_grows()`,
			`CREATE TRIGGER audit_log_stays BEFORE DELETE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()`)
	} else {
		const refuse = ` BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END`
		statements = append(statements,
			`CREATE TRIGGER audit_log_kept BEFORE UPDATE ON audit_log WHEN NOT (`+kept+`)`+refuse,
			`CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log`+refuse)
	}
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// note writes the line of a change into its transaction, when somebody acts.
func (db *DB) note(ctx context.Context, tx *sql.Tx, tenantID string, action campaigns.Action, t campaigns.Target, detail any) error {
	d, ok := campaigns.DoingOf(ctx)
	if !ok {
		return nil
	}
	if d.Action != "" {
		action = d.Action
	}
	if action == campaigns.CampaignChanged || action == campaigns.SurveyChanged {
		if said, err := db.saidAlready(ctx, tx, tenantID, action, t, d); err != nil || said {
			return err
		}
	}
	text := []byte("{}")
	if detail != nil {
		var err error
		if text, err = json.Marshal(detail); err != nil {
			return err
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, db.q(`INSERT INTO audit_log (tenant_id, id, at, actor_id, actor_name, action, target_kind, target_id, target_name, detail, search_key)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`), tenantID, id.String(), millis(d.At), d.Actor.ID, d.Actor.DisplayName, string(action), t.Kind, t.ID, t.Name, string(text),
		strings.ToLower(d.Actor.DisplayName+"\n"+t.Name+"\n"+string(text)))
	return err
}

// saidAlready says whether the newest line about a target is of the same person doing the same a moment ago: who writes saves every
// few seconds, and one line of it is enough.
func (db *DB) saidAlready(ctx context.Context, tx *sql.Tx, tenantID string, action campaigns.Action, t campaigns.Target, d campaigns.Doing) (bool, error) {
	var last campaigns.Action
	var actor, kind string
	var at int64
	err := tx.QueryRowContext(ctx, db.q(`SELECT action, actor_id, target_kind, at FROM audit_log WHERE tenant_id = $1 AND target_id = $2 ORDER BY id DESC LIMIT 1`), tenantID, t.ID).Scan(&last, &actor, &kind, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	age := d.At.Sub(moment(at))
	return last == action && actor == d.Actor.ID && kind == t.Kind && age >= 0 && age < campaigns.WritingLasts, err
}

// noteCampaign is note about a campaign.
func (db *DB) noteCampaign(ctx context.Context, tx *sql.Tx, action campaigns.Action, c *campaigns.Campaign, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["version"] = c.Version
	return db.note(ctx, tx, c.TenantID, action, campaigns.Target{Kind: "campaign", ID: c.ID, Name: c.Name}, detail)
}

// noteNamed is note about a list or a survey, whose name is looked up.
func (db *DB) noteNamed(ctx context.Context, tx *sql.Tx, tenantID string, action campaigns.Action, kind, id string, detail any) error {
	if _, ok := campaigns.DoingOf(ctx); !ok {
		return nil
	}
	var name string
	if err := tx.QueryRowContext(ctx, db.q(`SELECT name FROM `+kind+`s WHERE tenant_id = $1 AND id = $2`), tenantID, id).Scan(&name); err != nil {
		return fmt.Errorf("name of %s %s: %w", kind, id, err)
	}
	return db.note(ctx, tx, tenantID, action, campaigns.Target{Kind: kind, ID: id, Name: name}, detail)
}

// Audit implements campaigns.AuditStore.
func (db *DB) Audit(ctx context.Context, tenantID string, action campaigns.Action, t campaigns.Target, detail any) error {
	return db.tx(ctx, func(tx *sql.Tx) error { return db.note(ctx, tx, tenantID, action, t, detail) })
}

// AuditLog implements campaigns.AuditStore. The ids sort by time, to the millisecond of the machine's clock, so the cursor is the last one.
func (db *DB) AuditLog(ctx context.Context, tenantID string, f campaigns.AuditFilter) (items []campaigns.Entry, next string, err error) {
	args := []any{tenantID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	where := ""
	if f.Cursor != "" {
		if uuid.Validate(f.Cursor) != nil {
			return nil, "", badCursor()
		}
		where += " AND id < " + arg(f.Cursor)
	}
	if f.Actor != "" {
		where += " AND actor_id = " + arg(f.Actor)
	}
	if len(f.Actions) > 0 {
		var in []string
		for _, a := range f.Actions {
			in = append(in, arg(string(a)))
		}
		where += " AND action IN (" + strings.Join(in, ",") + ")"
	}
	if f.From != nil {
		where += " AND at >= " + arg(millis(*f.From))
	}
	if f.To != nil {
		where += " AND at < " + arg(millis(*f.To))
	}
	if f.Query != "" {
		where += " AND search_key LIKE " + arg(contains(f.Query)) + ` ESCAPE '\'`
	}
	err = db.each(ctx, db.q(`SELECT id, at, actor_id, actor_name, action, target_kind, target_id, target_name, detail FROM audit_log
		WHERE tenant_id = $1`+where+` ORDER BY id DESC LIMIT `+arg(f.Limit+1)), args, func(rows *sql.Rows) error {
		e := campaigns.Entry{TenantID: tenantID}
		var at int64
		var detail []byte
		err := rows.Scan(&e.ID, &at, &e.Actor.ID, &e.Actor.DisplayName, &e.Action, &e.Target.Kind, &e.Target.ID, &e.Target.Name, &detail)
		e.At, e.Detail = moment(at), detail
		items = append(items, e)
		return err
	})
	items, next = page(items, f.Limit, func(last campaigns.Entry) string { return last.ID })
	return items, next, err
}

// AuditActors implements campaigns.AuditStore.
func (db *DB) AuditActors(ctx context.Context, tenantID string, limit int) (out []campaigns.Author, err error) {
	err = db.each(ctx, db.q(`SELECT actor_id, MAX(actor_name) FROM audit_log WHERE tenant_id = $1 AND actor_id <> '' GROUP BY actor_id ORDER BY LOWER(MAX(actor_name)), actor_id LIMIT $2`), []any{tenantID, limit}, func(rows *sql.Rows) error {
		var a campaigns.Author
		err := rows.Scan(&a.ID, &a.DisplayName)
		out = append(out, a)
		return err
	})
	return out, err
}

// roleRest is how long nothing is written about somebody whose roles stay the same.
const roleRest = time.Hour

package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"herald/campaigns"
)

// chatDue are the people whose chat is still to be looked for; installation_people_chats serves it.
const chatDue = `t.state IN ('installed', 'already') AND NOT t.chat_done`

// ChatInstallations implements campaigns.InstallationStore; it reads over all tenants.
func (db *DB) ChatInstallations(ctx context.Context, now time.Time) (out []*campaigns.Installation, err error) {
	err = db.each(ctx, db.q(`SELECT `+installationColumns+` FROM installations i WHERE (i.resume_at IS NULL OR i.resume_at <= $1) AND NOT i.people_removed
		AND EXISTS (SELECT 1 FROM installation_people t WHERE t.tenant_id = i.tenant_id AND t.installation = i.id AND `+chatDue+` AND t.chat_at <= $1) ORDER BY i.id`), []any{millis(now)}, func(rows *sql.Rows) error {
		i, err := scanInstallation(rows)
		out = append(out, i)
		return err
	})
	return out, err
}

// DueChats implements campaigns.InstallationStore.
func (db *DB) DueChats(ctx context.Context, tenantID, id string, now time.Time, limit int) (due []campaigns.ChatTarget, err error) {
	err = db.each(ctx, db.q(`SELECT t.person_id, t.chat_tries, t.person_id LIKE 'removed:%' OR COALESCE(r.state IN ('installed', 'blocked') OR (`+leftSince+`), FALSE)
		FROM installation_people t LEFT JOIN conversation_references r ON r.tenant_id = t.tenant_id AND r.person_id = t.person_id
		WHERE t.tenant_id = $1 AND t.installation = $2 AND `+chatDue+` AND t.chat_at <= $3 ORDER BY t.chat_at LIMIT $4`), []any{tenantID, id, millis(now), limit}, func(rows *sql.Rows) error {
		var c campaigns.ChatTarget
		err := rows.Scan(&c.PersonID, &c.Attempts, &c.Settled)
		due = append(due, c)
		return err
	})
	return due, err
}

// RecordChats implements campaigns.InstallationStore.
func (db *DB) RecordChats(ctx context.Context, tenantID, id string, results []campaigns.ChatResult, base campaigns.Reference) (made []campaigns.Reference, err error) {
	if len(results) == 0 {
		return nil, nil
	}
	results = slices.Clone(results)
	slices.SortFunc(results, func(a, b campaigns.ChatResult) int { return cmp.Compare(a.PersonID, b.PersonID) })
	err = db.tx(ctx, func(tx *sql.Tx) error {
		forgotten, err := db.mayKnow(ctx, tx, tenantID)
		if err != nil {
			return err
		}
		// The installation's row first, as whoever forgets a person.
		var state string
		if err := tx.QueryRowContext(ctx, db.q(`SELECT state FROM installations WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), tenantID, id).Scan(&state); err != nil {
			return err
		}
		url := ""
		for _, r := range results {
			n, err := affected(tx.ExecContext(ctx, db.q(`UPDATE installation_people AS t SET chat_tries = $4, chat_done = CAST($5 AS BOOLEAN), chat_at = CASE WHEN CAST($5 AS BOOLEAN) THEN t.chat_at ELSE CAST($6 AS BIGINT) END
				WHERE t.tenant_id = $1 AND t.installation = $2 AND t.person_id = $3 AND `+chatDue), tenantID, id, r.PersonID, r.Attempts, r.Over, millis(r.At)))
			if err != nil {
				return err
			}
			if n == 0 || r.ChatID == "" || forgotten.has(r.PersonID) {
				continue
			}
			if url == "" {
				if url, err = db.newestServiceURL(ctx, tx, tenantID, base.ServiceURL); err != nil {
					return err
				}
			}
			ref, ok, err := db.saveFound(ctx, tx, id, campaigns.Reference{TenantID: tenantID, PersonID: r.PersonID, BotID: base.BotID, ServiceURL: url, ConversationID: r.ChatID})
			if err != nil {
				return err
			}
			if ok {
				made = append(made, ref)
			}
		}
		return nil
	})
	return made, err
}

// newestServiceURL is the one that Teams told last for the tenant; none: what there is instead.
func (db *DB) newestServiceURL(ctx context.Context, tx *sql.Tx, tenantID, none string) (url string, err error) {
	err = tx.QueryRowContext(ctx, db.q(`SELECT service_url FROM conversation_references WHERE tenant_id = $1 AND service_url <> '' AND user_id <> '' ORDER BY updated_at DESC LIMIT 1`), tenantID).Scan(&url)
	if errors.Is(err, sql.ErrNoRows) {
		return none, nil
	}
	return url, err
}

// saveFound writes the reference to a chat that Graph named, as of when Graph said that the person has the app: what Teams tells of a later
// moment stands above it. ok is false when something else is known by now.
func (db *DB) saveFound(ctx context.Context, tx *sql.Tx, installation string, r campaigns.Reference) (out campaigns.Reference, ok bool, err error) {
	n, err := affected(tx.ExecContext(ctx, db.q(`INSERT INTO conversation_references (tenant_id, person_id, user_id, bot_id, conversation_id, service_url, app_version, locale, state, welcomed, updated_at)
		SELECT t.tenant_id, t.person_id, '', CAST($4 AS TEXT), CAST($5 AS TEXT), CAST($6 AS TEXT), '', '', 'installed', FALSE, t.due_at FROM installation_people t
		WHERE t.tenant_id = $1 AND t.installation = $2 AND t.person_id = $3
		ON CONFLICT (tenant_id, person_id) DO UPDATE SET
			bot_id = CASE WHEN conversation_references.bot_id <> '' THEN conversation_references.bot_id ELSE excluded.bot_id END,
			conversation_id = excluded.conversation_id,
			service_url = CASE WHEN conversation_references.service_url <> '' THEN conversation_references.service_url ELSE excluded.service_url END,
			state = excluded.state, welcomed = FALSE, updated_at = excluded.updated_at
		WHERE conversation_references.state NOT IN ('installed', 'blocked') AND conversation_references.updated_at < excluded.updated_at`),
		r.TenantID, installation, r.PersonID, r.BotID, r.ConversationID, r.ServiceURL))
	if err != nil || n == 0 {
		return out, false, err
	}
	var updated int64
	err = tx.QueryRowContext(ctx, db.q(`SELECT r.tenant_id, r.person_id, r.user_id, r.bot_id, r.conversation_id, r.service_url, CASE WHEN r.locale <> '' THEN r.locale ELSE COALESCE(p.locale, '') END, r.state, r.updated_at
		FROM conversation_references r LEFT JOIN people p ON p.tenant_id = r.tenant_id AND p.person_id = r.person_id WHERE r.tenant_id = $1 AND r.person_id = $2`), r.TenantID, r.PersonID).
		Scan(&out.TenantID, &out.PersonID, &out.UserID, &out.BotID, &out.ConversationID, &out.ServiceURL, &out.Locale, &out.State, &updated)
	out.UpdatedAt = moment(updated)
	return out, true, err
}

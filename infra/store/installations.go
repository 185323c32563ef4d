package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"strconv"
	"time"

	"herald/campaigns"
)

const installationColumns = `i.tenant_id, i.id, i.audience, i.typed, i.removed_too, i.state, i.reason, i.n_total, i.n_pending, i.n_installed, i.n_already, i.n_failed,
	i.created_by_id, i.created_by_name, i.created_at, i.ended_at, i.resume_at, i.people_removed`

func scanInstallation(row scanner) (i *campaigns.Installation, err error) {
	i = &campaigns.Installation{}
	var audience []byte
	var created int64
	var ended, resume sql.NullInt64
	var removed bool
	if err := row.Scan(&i.TenantID, &i.ID, &audience, &i.Typed, &i.RemovedToo, &i.State, &i.Reason, &i.Total, &i.Pending, &i.Installed, &i.Already, &i.Failed,
		&i.CreatedBy.ID, &i.CreatedBy.DisplayName, &created, &ended, &resume, &removed); err != nil {
		return nil, err
	}
	i.CreatedAt, i.EndedAt, i.ResumeAt = moment(created), momentPtr(ended), momentPtr(resume)
	if removed {
		i.Waiting = -1
	}
	return i, json.Unmarshal(audience, &i.Audience)
}

// CreateInstallation implements campaigns.InstallationStore.
func (db *DB) CreateInstallation(ctx context.Context, i *campaigns.Installation, q campaigns.AudienceQuery) error {
	with, args, err := db.audienceTables(ctx, i.TenantID, q, 5)
	if err != nil {
		return err
	}
	audience, err := json.Marshal(i.Audience)
	if err != nil {
		return err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, db.q(`INSERT INTO installations (tenant_id, id, audience, typed, removed_too, state, reason, n_total, n_pending, n_installed, n_already, n_failed, created_by_id, created_by_name, created_at)
			VALUES ($1,$2,$3,$4,$5,'running','',0,0,0,0,0,$6,$7,$8) ON CONFLICT DO NOTHING`),
			i.TenantID, i.ID, string(audience), i.Typed, i.RemovedToo, i.CreatedBy.ID, i.CreatedBy.DisplayName, millis(i.CreatedAt))
		running := campaigns.Errorf(campaigns.CodeConflict, "installation_running", "The app is being installed for an audience already. Wait until that is done, or stop it.")
		if err := changedOne(res, err, running); err != nil {
			return err
		}
		n, err := affected(tx.ExecContext(ctx, db.q(`INSERT INTO installation_people (tenant_id, installation, person_id, state, reason, attempts, due_at)
			WITH `+with+` SELECT $1, CAST($2 AS TEXT), w.recipient, 'pending', '', 0, CAST($3 AS BIGINT) FROM wanted w
			LEFT JOIN conversation_references r ON r.tenant_id = $1 AND r.person_id = w.recipient
			WHERE w.recipient NOT LIKE 'mail:%' AND w.recipient NOT IN (SELECT recipient FROM excluded)
			AND (r.state IS NULL OR r.state = '' OR (r.state = 'uninstalled' AND CAST($4 AS BOOLEAN)))`), append([]any{i.TenantID, i.ID, millis(i.CreatedAt), i.RemovedToo}, args...)...))
		if err != nil {
			return err
		}
		if n == 0 {
			return campaigns.Errorf(campaigns.CodeInvalid, "nobody", "Everybody in this audience has the app already, or is not in the directory.")
		}
		i.Total, i.Pending = int(n), int(n)
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE installations SET n_total = $3, n_pending = $3 WHERE tenant_id = $1 AND id = $2`), i.TenantID, i.ID, n); err != nil {
			return err
		}
		return db.note(ctx, tx, i.TenantID, campaigns.InstallationStarted, installationTarget(i.ID), map[string]any{"people": i.Total, "all": i.Audience.All, "lists": len(i.Audience.ListIDs), "addresses": i.Typed, "removedToo": i.RemovedToo})
	})
	return err
}

func installationTarget(id string) campaigns.Target {
	return campaigns.Target{Kind: "installation", ID: id}
}

// haveIt are the people of an installation who have the app. Whoever was removed from Herald is not waited for.
const haveIt = `t.state IN ('installed', 'already') AND t.person_id NOT LIKE 'removed:%'`

// unheard narrows haveIt, joined with the reference r, to those who cannot be written to.
const unheard = haveIt + ` AND COALESCE(r.state, '') <> 'installed'`

// leftSince, of r: the person removed the app after Graph said that they have it.
const leftSince = `r.state = 'uninstalled' AND r.updated_at >= t.due_at`

// Installation implements campaigns.InstallationStore.
func (db *DB) Installation(ctx context.Context, tenantID, id string) (*campaigns.Installation, error) {
	i, err := scanInstallation(db.read.QueryRowContext(ctx, db.q(`SELECT `+installationColumns+` FROM installations i WHERE i.tenant_id = $1 AND i.id = $2`), tenantID, id))
	if err != nil || i.Waiting < 0 {
		return i, ifNone(err, errNotFound("installation"))
	}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(CASE WHEN NOT t.chat_done THEN 1 END), COUNT(CASE WHEN t.chat_done THEN 1 END) FROM installation_people t
		LEFT JOIN conversation_references r ON r.tenant_id = t.tenant_id AND r.person_id = t.person_id
		WHERE t.tenant_id = $1 AND t.installation = $2 AND `+unheard), tenantID, id).Scan(&i.Waiting, &i.Unreached)
	return i, err
}

// Installations implements campaigns.InstallationStore. The cursor is the last id.
func (db *DB) Installations(ctx context.Context, tenantID, cursor string, limit int) (items []*campaigns.Installation, next string, err error) {
	args, where := []any{tenantID, limit + 1}, ``
	if cursor != "" {
		args, where = append(args, cursor), ` AND i.id < $3`
	}
	err = db.each(ctx, db.q(`SELECT `+installationColumns+` FROM installations i WHERE i.tenant_id = $1`+where+` ORDER BY i.id DESC LIMIT $2`), args, func(rows *sql.Rows) error {
		i, err := scanInstallation(rows)
		items = append(items, i)
		return err
	})
	items, next = page(items, limit, func(last *campaigns.Installation) string { return last.ID })
	return items, next, err
}

// RunningInstallations implements campaigns.InstallationStore; it reads over all tenants.
func (db *DB) RunningInstallations(ctx context.Context) (out []*campaigns.Installation, err error) {
	err = db.each(ctx, db.q(`SELECT `+installationColumns+` FROM installations i WHERE i.state = 'running'`), nil, func(rows *sql.Rows) error {
		i, err := scanInstallation(rows)
		out = append(out, i)
		return err
	})
	return out, err
}

// StopInstallation implements campaigns.InstallationStore.
func (db *DB) StopInstallation(ctx context.Context, tenantID, id string, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var state campaigns.InstallationState
		var people, left int
		err := tx.QueryRowContext(ctx, db.q(`SELECT state, n_total, n_pending FROM installations WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), tenantID, id).Scan(&state, &people, &left)
		switch {
		case err != nil:
			return ifNone(err, errNotFound("installation"))
		case state != campaigns.InstallationRunning:
			return campaigns.Errorf(campaigns.CodeConflict, "installation_over", "This installation is over already.")
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE installations SET state = 'stopped', ended_at = $3, resume_at = NULL WHERE tenant_id = $1 AND id = $2`), tenantID, id, millis(now)); err != nil {
			return err
		}
		return db.note(ctx, tx, tenantID, campaigns.InstallationEnded, installationTarget(id), map[string]any{"people": people, "left": left})
	})
}

// EndInstallation implements campaigns.InstallationStore.
func (db *DB) EndInstallation(ctx context.Context, tenantID, id string, state campaigns.InstallationState, reason campaigns.Reason, now time.Time) error {
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE installations SET state = $3, reason = $4, ended_at = $5, resume_at = NULL WHERE tenant_id = $1 AND id = $2 AND state = 'running'`), tenantID, id, string(state), string(reason), millis(now))
	return err
}

// PauseInstallation implements campaigns.InstallationStore.
func (db *DB) PauseInstallation(ctx context.Context, tenantID, id string, until time.Time) error {
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE installations SET resume_at = $3 WHERE tenant_id = $1 AND id = $2`), tenantID, id, millis(until))
	return err
}

// Targets implements campaigns.InstallationStore. The cursor is the last person's id, which is also the order.
func (db *DB) Targets(ctx context.Context, tenantID, id string, f campaigns.InstallTargetFilter) (items []campaigns.InstallTarget, next string, err error) {
	if _, err := db.Installation(ctx, tenantID, id); err != nil {
		return nil, "", err
	}
	args, where := []any{tenantID, id, f.Limit + 1}, ``
	if f.Cursor != "" {
		args, where = append(args, f.Cursor), ` AND t.person_id > $4`
	}
	switch f.Group {
	case campaigns.InstallPending, campaigns.InstallFailed:
		args = append(args, string(f.Group))
		where += ` AND t.state = $` + strconv.Itoa(len(args))
	case campaigns.InstallWaiting:
		where += ` AND ` + unheard + ` AND NOT t.chat_done`
	case campaigns.InstallUnreached:
		where += ` AND ` + unheard + ` AND t.chat_done`
	case campaigns.InstallReady:
		where += ` AND ` + haveIt + ` AND r.state = 'installed'`
	}
	err = db.each(ctx, db.q(`SELECT t.person_id, t.state,
			CASE WHEN NOT t.chat_done OR NOT (`+unheard+`) THEN t.reason WHEN r.state = 'blocked' THEN '`+string(campaigns.BlockedByUser)+`' WHEN `+leftSince+` THEN '`+string(campaigns.NotInstalled)+`' ELSE '`+string(campaigns.ChatNotFound)+`' END,
			t.attempts, COALESCE(r.state, '') = 'installed', COALESCE(p.upn, ''), COALESCE(p.mail, ''), COALESCE(p.display_name, '') FROM installation_people t
		LEFT JOIN conversation_references r ON r.tenant_id = t.tenant_id AND r.person_id = t.person_id
		LEFT JOIN people p ON p.tenant_id = t.tenant_id AND p.person_id = t.person_id
		WHERE t.tenant_id = $1 AND t.installation = $2`+where+` ORDER BY t.person_id LIMIT $3`), args, func(rows *sql.Rows) error {
		t := campaigns.InstallTarget{Person: campaigns.Person{TenantID: tenantID}}
		err := rows.Scan(&t.Person.ID, &t.State, &t.Reason, &t.Attempts, &t.Reachable, &t.Person.UPN, &t.Person.Mail, &t.Person.DisplayName)
		items = append(items, t)
		return err
	})
	items, next = page(items, f.Limit, func(last campaigns.InstallTarget) string { return last.Person.ID })
	return items, next, err
}

// DueTargets implements campaigns.InstallationStore; installation_people_due serves it.
func (db *DB) DueTargets(ctx context.Context, tenantID, id string, now time.Time, limit int) (due []campaigns.InstallTarget, left bool, err error) {
	err = db.each(ctx, db.q(`SELECT t.person_id, t.attempts, t.due_at FROM installation_people t WHERE t.tenant_id = $1 AND t.installation = $2 AND t.state = 'pending' ORDER BY t.due_at LIMIT $3`), []any{tenantID, id, limit}, func(rows *sql.Rows) error {
		t := campaigns.InstallTarget{Person: campaigns.Person{TenantID: tenantID}, State: campaigns.TargetPending}
		var at int64
		if err := rows.Scan(&t.Person.ID, &t.Attempts, &at); err != nil {
			return err
		}
		left = true
		if at <= millis(now) {
			due = append(due, t)
		}
		return nil
	})
	return due, left, err
}

// RecordTargets implements campaigns.InstallationStore.
func (db *DB) RecordTargets(ctx context.Context, tenantID, id string, results []campaigns.InstallResult) error {
	if len(results) == 0 {
		return nil
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		// The installation's row first, as whoever forgets a person.
		var state string
		if err := tx.QueryRowContext(ctx, db.q(`SELECT state FROM installations WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), tenantID, id).Scan(&state); err != nil {
			return err
		}
		counts := map[campaigns.InstallTargetState]int{}
		for _, r := range results {
			n, err := affected(tx.ExecContext(ctx, db.q(`UPDATE installation_people SET state = $4, reason = $5, attempts = $6, due_at = CASE WHEN $4 = 'failed' THEN due_at ELSE CAST($7 AS BIGINT) END, chat_at = CAST($8 AS BIGINT)
				WHERE tenant_id = $1 AND installation = $2 AND person_id = $3 AND state = 'pending'`), tenantID, id, r.PersonID, string(r.State), string(r.Reason), r.Attempts, millis(r.DueAt), millis(r.ChatAt)))
			if err != nil {
				return err
			}
			counts[r.State] += int(n)
		}
		installed, already, failed := counts[campaigns.TargetInstalled], counts[campaigns.TargetAlready], counts[campaigns.TargetFailed]
		_, err := tx.ExecContext(ctx, db.q(`UPDATE installations SET n_pending = n_pending - $3, n_installed = n_installed + $4, n_already = n_already + $5, n_failed = n_failed + $6 WHERE tenant_id = $1 AND id = $2`),
			tenantID, id, installed+already+failed, installed, already, failed)
		return err
	})
}

// RemoveInstalled implements campaigns.RetentionStore. It reads over all tenants, and is one transaction for each installation's batch.
func (db *DB) RemoveInstalled(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	var tenantID, id string
	err = db.read.QueryRowContext(ctx, db.q(`SELECT tenant_id, id FROM installations WHERE ended_at < $1 AND ended_at IS NOT NULL AND NOT people_removed ORDER BY ended_at LIMIT 1`), millis(before)).Scan(&tenantID, &id)
	if err != nil {
		return false, ifNone(err, nil)
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		deleted, err := affected(tx.ExecContext(ctx, db.q(`DELETE FROM installation_people WHERE tenant_id = $1 AND installation = $2 AND person_id IN
			(SELECT person_id FROM installation_people WHERE tenant_id = $1 AND installation = $2 ORDER BY person_id LIMIT $3)`), tenantID, id, limit))
		if err != nil || deleted == int64(limit) {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE installations SET people_removed = TRUE WHERE tenant_id = $1 AND id = $2`), tenantID, id)
		return err
	})
	return true, err
}

// removeTargets makes a person's lines in installations those of nobody, and counts them. Who was still to be tried is not.
func (db *DB) removeTargets(ctx context.Context, tx *sql.Tx, tenantID, personID string) (n int, err error) {
	all := [][2]string{}
	err = eachRow(ctx, tx, db.q(`SELECT installation, state FROM installation_people WHERE tenant_id = $1 AND person_id = $2 ORDER BY installation`), []any{tenantID, personID}, func(rows *sql.Rows) error {
		var line [2]string
		err := rows.Scan(&line[0], &line[1])
		all = append(all, line)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, line := range all {
		// The installation's row first; what became of the person meanwhile is read again under its lock.
		var total int64
		if err := tx.QueryRowContext(ctx, db.q(`SELECT n_total FROM installations WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), tenantID, line[0]).Scan(&total); err != nil {
			return 0, err
		}
		waited, err := affected(tx.ExecContext(ctx, db.q(`UPDATE installation_people SET state = 'failed', reason = '`+string(campaigns.Removed)+`' WHERE tenant_id = $1 AND installation = $2 AND person_id = $3 AND state = 'pending'`), tenantID, line[0], personID))
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE installations SET n_pending = n_pending - $3, n_failed = n_failed + $3 WHERE tenant_id = $1 AND id = $2`), tenantID, line[0], waited); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE installation_people SET person_id = 'removed:' || CAST((SELECT COUNT(*) FROM installation_people WHERE tenant_id = $1 AND installation = $2 AND person_id LIKE 'removed:%') + 1 AS TEXT)
			WHERE tenant_id = $1 AND installation = $2 AND person_id = $3`), tenantID, line[0], personID); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

var _ campaigns.InstallationStore = (*DB)(nil)

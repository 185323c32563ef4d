package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"herald/campaigns"
)

// moveApproval changes the approval of a draft in one state into ap, or into none when ap is nil. Each is one compare-and-set. bring
// writes the notices of it.
func (db *DB) moveApproval(ctx context.Context, k campaigns.Key, version int, waits bool, ap *campaigns.Approval, now time.Time, action campaigns.Action, detail map[string]any, bring func(tx *sql.Tx, c *campaigns.Campaign) error) (c *campaigns.Campaign, err error) {
	state, text, err := encodeApproval(ap)
	if err != nil {
		return nil, err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		c, err = scanCampaign(tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET approval_state = $3, approval = $4, updated_at = $5, version = version + 1
			WHERE tenant_id = $1 AND id = $2 AND status = 'draft' AND (approval_state = 'waiting') = $6 AND ($7 = 0 OR version = $7) RETURNING `+campaignColumns),
			k.TenantID, k.CampaignID, state, text, millis(now), waits, version))
		if err != nil {
			return ifNone(err, errConflict("campaign"))
		}
		if err := bring(tx, c); err != nil {
			return err
		}
		return db.noteCampaign(ctx, tx, action, c, detail)
	})
	return db.orMissing(ctx, k, c, err)
}

// orMissing turns a lost compare-and-set into CodeNotFound when there is no such campaign.
func (db *DB) orMissing(ctx context.Context, k campaigns.Key, c *campaigns.Campaign, err error) (*campaigns.Campaign, error) {
	if campaigns.CodeOf(err) == campaigns.CodeConflict {
		if _, gerr := db.Campaign(ctx, k); gerr != nil {
			return nil, gerr
		}
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func encodeApproval(ap *campaigns.Approval) (state, text string, err error) {
	if ap == nil {
		return "", "", nil
	}
	kept := *ap
	if ap.Window != nil {
		// An older Herald knows no windows and would send at once: it refuses what was to be sent long ago.
		kept.SendAt = &time.Time{}
	}
	b, err := json.Marshal(kept)
	return string(ap.State), string(b), err
}

func decodeApproval(text []byte) (*campaigns.Approval, error) {
	var ap campaigns.Approval
	err := json.Unmarshal(text, &ap)
	if ap.Window != nil {
		ap.SendAt = nil
	}
	return &ap, err
}

// RequestApproval implements campaigns.ApprovalStore.
func (db *DB) RequestApproval(ctx context.Context, k campaigns.Key, version int, ap campaigns.Approval, now time.Time) (*campaigns.Campaign, error) {
	return db.moveApproval(ctx, k, version, false, &ap, now, campaigns.ApprovalRequested, asked(ap), func(tx *sql.Tx, c *campaigns.Campaign) error {
		return db.askAll(ctx, tx, c, now)
	})
}

func asked(ap campaigns.Approval) map[string]any {
	detail := map[string]any{"recipients": ap.Recipients, "sendAt": ap.SendAt}
	if ap.Window != nil {
		detail["firstDay"], detail["days"] = ap.Window.FirstDay, ap.Window.Days
	}
	return detail
}

// WithdrawApproval implements campaigns.ApprovalStore.
func (db *DB) WithdrawApproval(ctx context.Context, k campaigns.Key, now time.Time) (*campaigns.Campaign, error) {
	return db.moveApproval(ctx, k, 0, true, nil, now, campaigns.ApprovalWithdrawn, nil, func(tx *sql.Tx, _ *campaigns.Campaign) error {
		return db.settleAs(ctx, tx, k, now, campaigns.Withdrawn)
	})
}

// RejectCampaign implements campaigns.ApprovalStore.
func (db *DB) RejectCampaign(ctx context.Context, k campaigns.Key, version int, ap campaigns.Approval, now time.Time) (*campaigns.Campaign, error) {
	return db.moveApproval(ctx, k, version, true, &ap, now, campaigns.ApprovalRefused, map[string]any{"comment": ap.Comment}, func(tx *sql.Tx, c *campaigns.Campaign) error {
		return db.decided(ctx, tx, c, now)
	})
}

// decided writes the notices of a decision.
func (db *DB) decided(ctx context.Context, tx *sql.Tx, c *campaigns.Campaign, now time.Time) error {
	if err := db.settle(ctx, tx, c.Key(), now, func(ap *campaigns.Approval) { *ap = *c.Approval }); err != nil {
		return err
	}
	return db.tell(ctx, tx, c, now)
}

// HoldBack implements delivery.Ledger. Nothing is planned yet, so that the campaign's row is all there is to lock.
func (db *DB) HoldBack(ctx context.Context, k campaigns.Key, ap campaigns.Approval, now time.Time) error {
	state, text, err := encodeApproval(&ap)
	if err != nil {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		c, err := scanCampaign(tx.QueryRowContext(ctx, db.q(`UPDATE campaigns SET status = 'draft', send_at = NULL, started_at = NULL, approval_state = $3, approval = $4, updated_at = $5, timed = FALSE, plan_cursor = '', version = version + 1
			WHERE tenant_id = $1 AND id = $2 AND status = 'sending' AND plan_cursor = CASE WHEN timed THEN '`+timedCursor+`' ELSE '' END AND NOT planned AND n_total = 0 RETURNING `+campaignColumns),
			k.TenantID, k.CampaignID, state, text, millis(now)))
		if err != nil {
			return ifNone(err, errConflict("campaign"))
		}
		if err := db.unpin(ctx, tx, c); err != nil {
			return err
		}
		if err := db.askAll(ctx, tx, c, now); err != nil {
			return err
		}
		if err := db.tell(ctx, tx, c, now); err != nil {
			return err
		}
		detail := map[string]any{"recipients": ap.Recipients}
		if ap.Before > 0 {
			detail["approved"] = ap.Before
		}
		return db.noteCampaign(campaigns.WithAuthor(ctx, campaigns.Itself, now), tx, campaigns.CampaignHeldBack, c, detail)
	})
}

// ApproveCampaign implements campaigns.ApprovalStore.
func (db *DB) ApproveCampaign(ctx context.Context, k campaigns.Key, version int, ap campaigns.Approval, sendAt, now time.Time) (*campaigns.Campaign, error) {
	return db.schedule(ctx, k, version, &ap, ap.Window, sendAt, now)
}

// SaveRoles implements campaigns.ApprovalStore.
func (db *DB) SaveRoles(ctx context.Context, a campaigns.Actor, now time.Time) error {
	if len(a.Roles) == 0 {
		_, err := db.write.ExecContext(ctx, db.q(`DELETE FROM role_holders WHERE tenant_id = $1 AND person_id = $2`), a.TenantID, a.PersonID)
		return err
	}
	roles, err := json.Marshal(a.Roles)
	if err != nil {
		return err
	}
	var n int
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM role_holders WHERE tenant_id = $1 AND person_id = $2 AND display_name = $3 AND upn = $4 AND roles = $5 AND seen_at > $6`),
		a.TenantID, a.PersonID, a.DisplayName, a.UPN, string(roles), millis(now.Add(-roleRest))).Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	_, err = db.write.ExecContext(ctx, db.q(`INSERT INTO role_holders (tenant_id, person_id, display_name, upn, roles, seen_at) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (tenant_id, person_id) DO UPDATE SET display_name = excluded.display_name, upn = excluded.upn, roles = excluded.roles, seen_at = excluded.seen_at`),
		a.TenantID, a.PersonID, a.DisplayName, a.UPN, string(roles), millis(now))
	return err
}

const holderColumns = `person_id, display_name, upn, roles`

func scanHolder(row scanner, tenantID string) (campaigns.Actor, error) {
	a := campaigns.Actor{TenantID: tenantID}
	var roles []byte
	if err := row.Scan(&a.PersonID, &a.DisplayName, &a.UPN, &roles); err != nil {
		return a, err
	}
	return a, json.Unmarshal(roles, &a.Roles)
}

// RoleHolder implements campaigns.ApprovalStore.
func (db *DB) RoleHolder(ctx context.Context, tenantID, personID string, since time.Time) (campaigns.Actor, error) {
	a, err := scanHolder(db.read.QueryRowContext(ctx, db.q(`SELECT `+holderColumns+` FROM role_holders WHERE tenant_id = $1 AND person_id = $2 AND seen_at >= $3`), tenantID, personID, millis(since)), tenantID)
	return a, ifNone(err, errNotFound("person with a role"))
}

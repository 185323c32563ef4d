package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

// notExcluded is the condition that a campaign does not leave somebody out: its number, and the names under which it would.
const notExcluded = `NOT EXISTS (SELECT 1 FROM campaign_exclusions e WHERE e.campaign = %s AND e.recipient IN (%s))`

// MemberPage implements delivery.Ledger. Where a page ends does not depend on who is known, so that what is asked for and what is
// written are the same members whatever the directory brings meanwhile.
func (db *DB) MemberPage(ctx context.Context, k delivery.Key, list string, before []string, after int64, limit, strangers int) (page delivery.MemberPage, err error) {
	nums, err := db.numbers(ctx, k.TenantID, []string{list})
	if err != nil || len(nums) == 0 {
		return delivery.MemberPage{Last: true}, err
	}
	earlier, err := db.numbers(ctx, k.TenantID, before)
	if err != nil {
		return page, err
	}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT seq FROM list_members WHERE list = $1 AND seq > $2 ORDER BY seq LIMIT 1 OFFSET $3`), nums[0], after, limit-1).Scan(&page.UpTo)
	if errors.Is(err, sql.ErrNoRows) {
		page.Last = true
		err = db.read.QueryRowContext(ctx, db.q(`SELECT last_seq FROM lists WHERE num = $1`), nums[0]).Scan(&page.UpTo)
	}
	if err != nil || strangers == 0 {
		return page, err
	}
	var last int64
	err = db.each(ctx, db.q(`SELECT m.seq, m.email FROM list_members m WHERE m.list = $1 AND m.seq > $2 AND m.seq <= $3 AND m.tenant_id = $4 AND `+notIn(earlier)+`
		AND `+fmt.Sprintf(notExcluded, "(SELECT num FROM campaigns WHERE tenant_id = $4 AND id = $5)", "'mail:' || m.address_key")+`
		AND `+owner+` IS NULL ORDER BY m.seq LIMIT $6`), []any{nums[0], after, page.UpTo, k.TenantID, k.CampaignID, strangers}, func(rows *sql.Rows) error {
		var email string
		err := rows.Scan(&last, &email)
		page.Strangers = append(page.Strangers, email)
		return err
	})
	if len(page.Strangers) == strangers && last < page.UpTo {
		page.UpTo, page.Last = last, false
	}
	return page, err
}

// notIn is the condition that m's address is not in one of the lists; list_members_address serves it.
func notIn(lists []int64) string {
	if len(lists) == 0 {
		return `TRUE`
	}
	return `NOT EXISTS (SELECT 1 FROM list_members b WHERE b.list IN ` + in(lists) + ` AND b.address_key = m.address_key)`
}

// span is a page of a list as a FROM item m with the columns of list_members and person, and its arguments, which are numbered from
// number on and must be the statement's last. $1 is the tenant.
func (db *DB) span(ctx context.Context, k delivery.Key, s delivery.MemberSpan, number int) (item string, args []any, err error) {
	nums, err := db.numbers(ctx, k.TenantID, []string{s.List})
	if err != nil {
		return "", nil, err
	}
	earlier, err := db.numbers(ctx, k.TenantID, s.Before)
	if err != nil {
		return "", nil, err
	}
	person, join := owner, ``
	if len(s.Found) > 0 {
		var keys, ids []string
		for key, id := range s.Found {
			keys, ids = append(keys, key), append(ids, id)
		}
		v, more := db.table("v", number+2, column{"address_key", "TEXT", keys}, column{"person_id", "TEXT", ids})
		person, join, args = `COALESCE(`+owner+`, f.person_id)`, ` LEFT JOIN (SELECT v.address_key, v.person_id FROM `+v+`) f ON f.address_key = m.address_key`, more
	}
	item = fmt.Sprintf(`(SELECT m.tenant_id, m.seq, m.address_key, m.email, m.cells, m.search_key, %s AS person FROM list_members m%s
		WHERE m.list IN %s AND m.tenant_id = $1 AND m.seq > $%d AND m.seq <= $%d AND %s) m`, person, join, in(nums), number, number+1, notIn(earlier))
	return item, append([]any{s.After, s.UpTo}, args...), nil
}

// PlanList implements delivery.Ledger.
func (db *DB) PlanList(ctx context.Context, k delivery.Key, from, to delivery.Plan, span delivery.MemberSpan, now time.Time) error {
	members, args, err := db.span(ctx, k, span, 5)
	if err != nil {
		return err
	}
	known := ""
	if span.KnownOnly {
		known = ` AND m.person IS NOT NULL`
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		c, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		return db.plan(ctx, tx, c.num, to.Done, now, func(seq int64) error {
			_, err := tx.ExecContext(ctx, db.q(`INSERT INTO deliveries (tenant_id, campaign, seq, step, recipient, person_id, email, display_name, search_key, status, final, reason, due_at, cells)
				SELECT d.tenant_id, CAST($2 AS BIGINT), CAST($3 AS BIGINT) + ROW_NUMBER() OVER (ORDER BY d.seq), 0, COALESCE(d.person, 'mail:' || d.address_key), COALESCE(d.person, ''), d.email, d.display_name, d.search_key,
					CASE d.state WHEN 'installed' THEN 'pending' ELSE 'skipped' END, d.state <> 'installed',
					CASE d.state WHEN 'installed' THEN '' WHEN 'unknown' THEN 'user_not_found' WHEN 'blocked' THEN 'blocked_by_user' WHEN 'opted_out' THEN 'opted_out' ELSE 'not_installed' END, CAST($4 AS BIGINT), d.cells
				FROM (SELECT m.tenant_id, m.seq, m.address_key, m.person, m.email, COALESCE(p.display_name, '') AS display_name, COALESCE(p.search_key || ' ', '') || m.search_key AS search_key,
						CASE WHEN m.person IS NULL THEN 'unknown' ELSE `+reachable(c.mandatory)+` END AS state, CASE WHEN m.cells = '{}' THEN '' ELSE m.cells END AS cells
					FROM `+members+`
					LEFT JOIN people p ON p.tenant_id = m.tenant_id AND p.person_id = m.person
					LEFT JOIN conversation_references r ON r.tenant_id = m.tenant_id AND r.person_id = m.person
					WHERE `+fmt.Sprintf(notExcluded, "$2", "m.person, 'mail:' || m.address_key, 'mail:' || p.mail_key, 'mail:' || p.upn_key")+known+`) d
				WHERE TRUE ON CONFLICT DO NOTHING`), append([]any{k.TenantID, c.num, seq, c.due(now)}, args...)...)
			return err
		})
	})
}

// Exclude implements delivery.Ledger.
func (db *DB) Exclude(ctx context.Context, k delivery.Key, from, to delivery.Plan, span delivery.MemberSpan, now time.Time) error {
	members, args, err := db.span(ctx, k, span, 3)
	if err != nil {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		c, err := db.turnPage(ctx, tx, k, from, to)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`INSERT INTO campaign_exclusions (tenant_id, campaign, recipient)
			SELECT m.tenant_id, CAST($2 AS BIGINT), COALESCE(m.person, 'mail:' || m.address_key) FROM `+members+` WHERE TRUE ON CONFLICT DO NOTHING`), append([]any{k.TenantID, c.num}, args...)...)
		return err
	})
}

var _ campaigns.ListStore = (*DB)(nil)

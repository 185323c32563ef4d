package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"

	"herald/campaigns"
)

// Secret returns the installation's secret of a name: 32 random bytes, made by whoever asks first.
func (db *DB) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // never fails
	var kept string
	err := db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, db.q(`INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`), name, base64.StdEncoding.EncodeToString(fresh)); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, db.q(`SELECT value FROM secrets WHERE name = $1`), name).Scan(&kept)
	})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(kept)
}

// campaignNumber returns CodeNotFound when the tenant has no such campaign.
func (db *DB) campaignNumber(ctx context.Context, k campaigns.Key) (num int64, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2`), k.TenantID, k.CampaignID).Scan(&num)
	return num, ifNone(err, errNotFound("campaign"))
}

// NumberedCampaign implements campaigns.LinkStore.
func (db *DB) NumberedCampaign(ctx context.Context, num int64) (k campaigns.Key, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT tenant_id, id FROM campaigns WHERE num = $1`), num).Scan(&k.TenantID, &k.CampaignID)
	return k, ifNone(err, errNotFound("campaign"))
}

// Receiver implements campaigns.LinkStore.
func (db *DB) Receiver(ctx context.Context, k campaigns.Key, seq int64) (r campaigns.Receiver, err error) {
	var email, name string
	err = db.read.QueryRowContext(ctx, db.q(`SELECT d.person_id, d.email, d.display_name, d.cells,
			COALESCE(p.upn, ''), COALESCE(p.mail, ''), COALESCE(p.display_name, ''), COALESCE(p.given_name, ''), COALESCE(p.surname, '')
		FROM deliveries d LEFT JOIN people p ON p.tenant_id = $1 AND p.person_id = d.person_id
		WHERE d.tenant_id = $1 AND d.campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) AND d.seq = $3`), k.TenantID, k.CampaignID, seq).
		Scan(&r.Person.ID, &email, &name, &r.Cells, &r.Person.UPN, &r.Person.Mail, &r.Person.DisplayName, &r.Person.GivenName, &r.Person.Surname)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNotFound("recipient")
	}
	r.Person.TenantID = k.TenantID
	if r.Person.DisplayName == "" {
		r.Person.DisplayName = name
	}
	if r.Person.Mail == "" && r.Person.UPN == "" {
		r.Person.Mail = email
	}
	return r, err
}

// RecordClicks implements campaigns.LinkStore. Each campaign's are one transaction, which locks its row first as all of the
// ledger do: a click and the campaign's deletion come one after the other, and leave nothing behind. A delivery that is not
// final is left alone: PostgreSQL would move its row, which an attempt or its outcome that waits for the lock has found already.
func (db *DB) RecordClicks(ctx context.Context, clicks []campaigns.Click) (left []campaigns.Click, err error) {
	numbers := map[int64][]campaigns.Click{}
	for _, c := range clicks {
		numbers[c.Campaign] = append(numbers[c.Campaign], c)
	}
	for num, part := range numbers {
		var open map[int64]bool
		failed := db.tx(ctx, func(tx *sql.Tx) (err error) {
			open, err = db.recordClicks(ctx, tx, num, part)
			return err
		})
		err = errors.Join(err, failed)
		for _, c := range part {
			if open[c.Seq] || failed != nil {
				left = append(left, c)
			}
		}
	}
	return left, err
}

// recordClicks returns the deliveries that are not final.
func (db *DB) recordClicks(ctx context.Context, tx *sql.Tx, num int64, clicks []campaigns.Click) (open map[int64]bool, err error) {
	var tenantID string
	err = tx.QueryRowContext(ctx, db.q(`SELECT tenant_id FROM campaigns WHERE num = $1`+db.forUpdate()), num).Scan(&tenantID)
	if err != nil {
		return nil, ifNone(err, nil) // deleted meanwhile
	}
	// One statement must not meet a row twice.
	type pair struct{ seq, link int64 }
	type count struct{ n, at int64 }
	add := func(c count, n, at int64) count {
		if c.n == 0 || at < c.at {
			c.at = at
		}
		c.n += n
		return c
	}
	people, pairs := map[int64]count{}, map[pair]count{}
	for _, c := range clicks {
		people[c.Seq] = add(people[c.Seq], int64(c.N), millis(c.At))
		pairs[pair{c.Seq, c.Link}] = add(pairs[pair{c.Seq, c.Link}], int64(c.N), millis(c.At))
	}
	var seqs, ns, ats, links []int64
	for seq, c := range people {
		seqs, ns, ats = append(seqs, seq), append(ns, c.n), append(ats, c.at)
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"n", "BIGINT", ns}, column{"at", "BIGINT", ats})
	args = append([]any{tenantID, num}, args...)
	open = map[int64]bool{}
	err = eachRow(ctx, tx, db.q(`SELECT d.seq FROM `+v+` CROSS JOIN deliveries d WHERE d.tenant_id = $1 AND d.campaign = $2 AND d.seq = v.seq AND NOT d.final`), args, func(rows *sql.Rows) error {
		var seq int64
		err := rows.Scan(&seq)
		open[seq] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET clicks = deliveries.clicks + v.n, clicked_at = COALESCE(deliveries.clicked_at, v.at)
		FROM `+v+` WHERE deliveries.tenant_id = $1 AND deliveries.campaign = $2 AND deliveries.seq = v.seq AND deliveries.final`), args...); err != nil {
		return nil, err
	}
	seqs, ns, ats = nil, nil, nil
	for p, c := range pairs {
		seqs, links, ns, ats = append(seqs, p.seq), append(links, p.link), append(ns, c.n), append(ats, c.at)
	}
	v, args = db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"link", "BIGINT", links}, column{"n", "BIGINT", ns}, column{"at", "BIGINT", ats})
	_, err = tx.ExecContext(ctx, db.q(`INSERT INTO link_clicks (tenant_id, campaign, link, seq, clicks, first_at)
		SELECT d.tenant_id, d.campaign, v.link, d.seq, v.n, v.at FROM `+v+` CROSS JOIN deliveries d WHERE d.tenant_id = $1 AND d.campaign = $2 AND d.seq = v.seq AND d.final
		ON CONFLICT (campaign, link, seq) DO UPDATE SET clicks = link_clicks.clicks + excluded.clicks`), append([]any{tenantID, num}, args...)...)
	return open, err
}

// LinkClicks implements campaigns.Store.
func (db *DB) LinkClicks(ctx context.Context, k campaigns.Key) (map[int64]campaigns.LinkCount, error) {
	out := map[int64]campaigns.LinkCount{}
	err := db.each(ctx, db.q(`SELECT link, COUNT(*), CAST(SUM(clicks) AS BIGINT) FROM link_clicks
		WHERE tenant_id = $1 AND campaign = (SELECT num FROM campaigns WHERE tenant_id = $1 AND id = $2) GROUP BY link`), []any{k.TenantID, k.CampaignID}, func(rows *sql.Rows) error {
		var link int64
		var n campaigns.LinkCount
		err := rows.Scan(&link, &n.Recipients, &n.Clicks)
		out[link] = n
		return err
	})
	return out, err
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

	"herald/campaigns"
)

// SaveClientZone keeps the time zone that a person's Teams client told, IANA's name. Nothing is written when it is known, or
// when the person is not.
func (db *DB) SaveClientZone(ctx context.Context, tenantID, personID, zone string) error {
	var known string
	err := db.read.QueryRowContext(ctx, db.q(`SELECT time_zone FROM people WHERE tenant_id = $1 AND person_id = $2`), tenantID, personID).Scan(&known)
	if errors.Is(err, sql.ErrNoRows) || err == nil && known == zone {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = db.write.ExecContext(ctx, db.q(`UPDATE people SET time_zone = $3 WHERE tenant_id = $1 AND person_id = $2 AND time_zone <> $3`), tenantID, personID, zone)
	return err
}

// ZonesOf implements campaigns.ZoneStore.
func (db *DB) ZonesOf(ctx context.Context, tenantID string, personIDs []string) (map[string]campaigns.Zones, error) {
	out := make(map[string]campaigns.Zones, len(personIDs))
	if len(personIDs) == 0 {
		return out, nil
	}
	v, more := db.table("v", 2, column{"person_id", "TEXT", personIDs})
	err := db.each(ctx, db.q(`SELECT p.person_id, p.time_zone, p.mailbox_zone, p.mailbox_zone_at FROM `+v+` JOIN people p ON p.tenant_id = $1 AND p.person_id = v.person_id`), append([]any{tenantID}, more...), func(rows *sql.Rows) error {
		var id string
		var z campaigns.Zones
		var at sql.NullInt64
		err := rows.Scan(&id, &z.Client, &z.Mailbox, &at)
		if asked := momentPtr(at); asked != nil {
			z.MailboxAt = *asked
		}
		out[id] = z
		return err
	})
	return out, err
}

// SaveMailboxZones implements campaigns.ZoneStore.
func (db *DB) SaveMailboxZones(ctx context.Context, tenantID string, zones map[string]string, at time.Time) error {
	if len(zones) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(zones))
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = zones[id]
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		if db.dialect == postgres {
			// In the order of savePeople, so that the two never wait for each other in a circle.
			v, more := db.table("v", 2, column{"person_id", "TEXT", ids})
			if _, err := tx.ExecContext(ctx, db.q(`SELECT 1 FROM people p WHERE p.tenant_id = $1 AND p.person_id IN (SELECT v.person_id FROM `+v+`) ORDER BY p.person_id FOR UPDATE`), append([]any{tenantID}, more...)...); err != nil {
				return err
			}
		}
		v, more := db.table("v", 3, column{"person_id", "TEXT", ids}, column{"zone", "TEXT", names})
		_, err := tx.ExecContext(ctx, db.q(`UPDATE people SET mailbox_zone = v.zone, mailbox_zone_at = CAST($2 AS BIGINT) FROM `+v+` WHERE people.tenant_id = $1 AND people.person_id = v.person_id`), append([]any{tenantID, millis(at)}, more...)...)
		return err
	})
}

// ZoneCounts counts the people with the app by effective zone (campaigns.Zones); "" are those of whom none is known.
func (db *DB) ZoneCounts(ctx context.Context, tenantID string) (map[string]int, error) {
	out := map[string]int{}
	err := db.each(ctx, db.q(`SELECT CASE WHEN p.mailbox_zone <> '' THEN p.mailbox_zone ELSE p.time_zone END AS zone, COUNT(*)
		FROM people p JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
		WHERE p.tenant_id = $1 AND NOT p.gone AND r.state = 'installed' GROUP BY 1`), []any{tenantID}, func(rows *sql.Rows) error {
		var zone string
		var n int
		err := rows.Scan(&zone, &n)
		out[zone] = n
		return err
	})
	return out, err
}

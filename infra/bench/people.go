package main

import (
	"context"
	"fmt"
)

// tenant is whose people get the messages.
const tenant = "7d1c0b5e-4b58-4a43-9f0f-5f1f3a5b7c9d"

// address is the mail address of person i, from 1.
func address(i int) string { return fmt.Sprintf("person%d@contoso.example", i) }

// settle fills a store with n people who all have the app, in one statement per table, and says that the
// directory was read, so that Herald does not ask Graph. Object ids are random, as Entra's are: an
// ordered id would make every index cheaper than it is.
func (s *stores) settle(ctx context.Context, sinkURL string, n int) error {
	id, series := `gen_random_uuid()::text`, `generate_series(1, $2) AS s(i)`
	if s.embedded {
		h := `lower(hex(randomblob(%d)))`
		id = fmt.Sprintf(h+` || '-' || `+h+` || '-' || `+h+` || '-' || `+h+` || '-' || `+h, 4, 2, 2, 2, 6)
		series = `s`
	}
	people := `INSERT INTO people (tenant_id, person_id, upn, mail, upn_key, mail_key, display_name, given_name, surname, locale, walk, search_key)
		SELECT $1, ` + id + `, 'person' || i || '@contoso.example', 'person' || i || '@contoso.example', 'person' || i || '@contoso.example', 'person' || i || '@contoso.example',
			'Given' || i || ' Surname' || i, 'Given' || i, 'Surname' || i, 'en-US', 1, 'given' || i || ' surname' || i || ' person' || i || '@contoso.example' FROM ` + series
	if s.embedded {
		people = `WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < $2) ` + people
	}
	if _, err := s.sql.ExecContext(ctx, people, tenant, n); err != nil {
		return fmt.Errorf("people: %w", err)
	}
	if _, err := s.sql.ExecContext(ctx, `INSERT INTO conversation_references (tenant_id, person_id, user_id, bot_id, conversation_id, service_url, app_version, locale, state, welcomed, updated_at)
		SELECT tenant_id, person_id, '29:1' || person_id, '28:bot', 'a:1' || person_id, $2, '1.0.0', 'en-US', 'installed', TRUE, 1 FROM people WHERE tenant_id = $1`, tenant, sinkURL); err != nil {
		return fmt.Errorf("references: %w", err)
	}
	const never = int64(1) << 45 // the year 3084: the copy of the directory does not grow old
	if _, err := s.sql.ExecContext(ctx, `INSERT INTO directory_syncs (tenant_id, token, walk, synced_at) VALUES ($1, 'read', 1, $2)`, tenant, never); err != nil {
		return fmt.Errorf("directory: %w", err)
	}
	return s.tidy(ctx)
}

// tidy does what the database does by itself sooner or later, so that it does not do it while something is measured.
func (s *stores) tidy(ctx context.Context) error {
	statement := `VACUUM ANALYZE`
	if s.embedded {
		statement = `PRAGMA wal_checkpoint(TRUNCATE)`
	}
	_, err := s.sql.ExecContext(ctx, statement)
	return err
}

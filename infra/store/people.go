package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
)

const personColumns = `p.tenant_id, p.person_id, p.upn, p.mail, p.display_name, p.given_name, p.surname, p.locale`

func personDest(p *campaigns.Person) []any {
	return []any{&p.TenantID, &p.ID, &p.UPN, &p.Mail, &p.DisplayName, &p.GivenName, &p.Surname, &p.Locale}
}

// FindPerson implements campaigns.Store. A mail address wins over somebody else's UPN.
func (db *DB) FindPerson(ctx context.Context, tenantID, email string) (p campaigns.Person, err error) {
	key := strings.ToLower(strings.TrimSpace(email))
	if key == "" {
		return p, errNotFound("person")
	}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT `+personColumns+` FROM people p
		WHERE p.tenant_id = $1 AND NOT p.gone AND (p.mail_key = $2 OR p.upn_key = $2)
		ORDER BY CASE WHEN p.mail_key = $2 THEN 0 ELSE 1 END, p.person_id LIMIT 1`), tenantID, key).Scan(personDest(&p)...)
	return p, ifNone(err, errNotFound("person"))
}

// FindByID finds a person that Herald knows by object id. CodeNotFound else.
func (db *DB) FindByID(ctx context.Context, tenantID, personID string) (p campaigns.Person, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT `+personColumns+` FROM people p WHERE p.tenant_id = $1 AND p.person_id = $2`), tenantID, personID).Scan(personDest(&p)...)
	return p, ifNone(err, errNotFound("person"))
}

// SavePeople implements campaigns.Store. An empty field never overwrites a known one.
func (db *DB) SavePeople(ctx context.Context, people []campaigns.Person) error {
	return db.tx(ctx, func(tx *sql.Tx) error { return db.savePeople(ctx, tx, people, 0) })
}

func (db *DB) savePeople(ctx context.Context, tx *sql.Tx, people []campaigns.Person, walk int64) error {
	const width, batch = 12, 500
	// In one order everywhere, so that two writers never wait for each other in a circle.
	people = slices.Clone(people)
	slices.SortStableFunc(people, func(a, b campaigns.Person) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.ID, b.ID))
	})
	var forgotten whose
	for i, p := range people {
		if i == 0 || p.TenantID != forgotten.tenant {
			var err error
			if forgotten, err = db.mayKnow(ctx, tx, p.TenantID); err != nil {
				return err
			}
		}
		if forgotten.has(p.ID) {
			people[i].ID = "" // left out below
		}
	}
	for len(people) > 0 {
		part := people[:min(batch, len(people))]
		people = people[len(part):]
		// One statement must not name a row twice.
		seen := make(map[[2]string]bool, len(part))
		args := make([]any, 0, len(part)*width)
		for _, p := range part {
			if p.ID == "" || seen[[2]string{p.TenantID, p.ID}] {
				continue
			}
			seen[[2]string{p.TenantID, p.ID}] = true
			args = append(args, p.TenantID, p.ID, p.UPN, p.Mail, strings.ToLower(p.UPN), strings.ToLower(p.Mail), p.DisplayName, p.GivenName, p.Surname, p.Locale, walk, strings.ToLower(p.DisplayName+" "+p.Address()))
		}
		if len(args) == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, db.q(`INSERT INTO people (tenant_id, person_id, upn, mail, upn_key, mail_key, display_name, given_name, surname, locale, walk, search_key)
			VALUES `+placeholders(len(args)/width, width, 1)+`
			ON CONFLICT (tenant_id, person_id) DO UPDATE SET
				upn = CASE WHEN excluded.upn <> '' THEN excluded.upn ELSE people.upn END,
				mail = CASE WHEN excluded.mail <> '' THEN excluded.mail ELSE people.mail END,
				upn_key = CASE WHEN excluded.upn <> '' THEN excluded.upn_key ELSE people.upn_key END,
				mail_key = CASE WHEN excluded.mail <> '' THEN excluded.mail_key ELSE people.mail_key END,
				display_name = CASE WHEN excluded.display_name <> '' THEN excluded.display_name ELSE people.display_name END,
				given_name = CASE WHEN excluded.given_name <> '' THEN excluded.given_name ELSE people.given_name END,
				surname = CASE WHEN excluded.surname <> '' THEN excluded.surname ELSE people.surname END,
				locale = CASE WHEN excluded.locale <> '' THEN excluded.locale ELSE people.locale END,
				walk = CASE WHEN excluded.walk > people.walk THEN excluded.walk ELSE people.walk END,
				search_key = CASE WHEN excluded.display_name <> '' AND excluded.upn || excluded.mail <> '' THEN excluded.search_key ELSE people.search_key END,
				gone = FALSE`), args...); err != nil {
			return err
		}
	}
	return nil
}

const referenceColumns = `r.tenant_id, r.person_id, r.user_id, r.bot_id, r.conversation_id, r.service_url, r.app_version, r.locale, r.state, r.welcomed, r.opted_out, r.updated_at`

// Reference implements campaigns.Store.
func (db *DB) Reference(ctx context.Context, tenantID, personID string) (r campaigns.Reference, err error) {
	var updated int64
	err = db.read.QueryRowContext(ctx, db.q(`SELECT `+referenceColumns+` FROM conversation_references r WHERE r.tenant_id = $1 AND r.person_id = $2`), tenantID, personID).
		Scan(&r.TenantID, &r.PersonID, &r.UserID, &r.BotID, &r.ConversationID, &r.ServiceURL, &r.AppVersion, &r.Locale, &r.State, &r.Welcomed, &r.OptedOut, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNotFound("conversation reference")
	}
	r.UpdatedAt = moment(updated)
	return r, err
}

// completes: what Teams tells of somebody whose chat Herald had found by itself (saveFound), if late.
const completes = `conversation_references.user_id = '' AND excluded.user_id <> '' AND conversation_references.state = 'installed' AND excluded.state = 'installed'`

// sameChat says whether a message, of the deliveries d, stands in the chat that Teams calls $3. Graph has a name of its own for the one chat that
// a person has with the bot, and what was sent before Teams told its name was sent by that.
const sameChat = `(d.conversation_id = $3 OR d.conversation_id LIKE '19:%@unq.gbl.spaces')`

// SaveReference implements campaigns.Store. Empty fields keep what is known, and an
// older observation never overwrites a newer one.
func (db *DB) SaveReference(ctx context.Context, r campaigns.Reference) error {
	return db.tx(ctx, func(tx *sql.Tx) error { return db.saveReference(ctx, tx, r) })
}

func (db *DB) saveReference(ctx context.Context, tx *sql.Tx, r campaigns.Reference) error {
	forgotten, err := db.mayKnow(ctx, tx, r.TenantID)
	if err != nil || forgotten.has(r.PersonID) {
		return err
	}
	if r.State == campaigns.Uninstalled { // before the reference, as whoever opts out writes them
		var newer bool
		if err := tx.QueryRowContext(ctx, db.q(`SELECT EXISTS (SELECT 1 FROM conversation_references WHERE tenant_id = $1 AND person_id = $2 AND updated_at > $3)`), r.TenantID, r.PersonID, millis(r.UpdatedAt)).Scan(&newer); err != nil {
			return err
		}
		if !newer {
			if err := db.cancelReturnsTo(ctx, tx, r.TenantID, r.PersonID, true, campaigns.NotInstalled); err != nil {
				return err
			}
		}
	}
	_, err = tx.ExecContext(ctx, db.q(`INSERT INTO conversation_references (tenant_id, person_id, user_id, bot_id, conversation_id, service_url, app_version, locale, state, welcomed, updated_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)
		ON CONFLICT (tenant_id, person_id) DO UPDATE SET
			user_id = CASE WHEN excluded.user_id <> '' THEN excluded.user_id ELSE conversation_references.user_id END,
			bot_id = CASE WHEN excluded.bot_id <> '' THEN excluded.bot_id ELSE conversation_references.bot_id END,
			conversation_id = CASE WHEN excluded.conversation_id <> '' THEN excluded.conversation_id ELSE conversation_references.conversation_id END,
			service_url = CASE WHEN excluded.service_url <> '' THEN excluded.service_url ELSE conversation_references.service_url END,
			app_version = CASE WHEN excluded.app_version <> '' THEN excluded.app_version ELSE conversation_references.app_version END,
			locale = CASE WHEN excluded.locale <> '' THEN excluded.locale ELSE conversation_references.locale END,
			state = excluded.state,
			welcomed = CASE WHEN excluded.state = 'uninstalled' THEN FALSE ELSE conversation_references.welcomed END,
			updated_at = CASE WHEN excluded.updated_at > conversation_references.updated_at THEN excluded.updated_at ELSE conversation_references.updated_at END
		WHERE excluded.updated_at >= conversation_references.updated_at OR (`+completes+`)`),
		r.TenantID, r.PersonID, r.UserID, r.BotID, r.ConversationID, r.ServiceURL, r.AppVersion, r.Locale, string(r.State), r.Welcomed, millis(r.UpdatedAt))
	return err
}

// ClaimWelcome says once per installation that the welcome card is to be sent: the
// first caller gets true. Teams reports an installation twice, in either order.
func (db *DB) ClaimWelcome(ctx context.Context, tenantID, personID string) (first bool, err error) {
	n, err := affected(db.write.ExecContext(ctx, db.q(`UPDATE conversation_references SET welcomed = TRUE WHERE tenant_id = $1 AND person_id = $2 AND NOT welcomed`), tenantID, personID))
	return n > 0, err
}

// ForgetWelcome lets the next installation be welcomed again.
func (db *DB) ForgetWelcome(ctx context.Context, tenantID, personID string) error {
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE conversation_references SET welcomed = FALSE WHERE tenant_id = $1 AND person_id = $2`), tenantID, personID)
	return err
}

// RecordRead marks what the bot sent to a person up to an activity of their chat as read.
// Teams' activity ids are milliseconds of equal length, so that they compare as text.
func (db *DB) RecordRead(ctx context.Context, chat campaigns.Reference, lastActivityID string, at time.Time) error {
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE deliveries AS d SET read_at = $5
		WHERE recipient = $1 AND tenant_id = $2 AND `+sameChat+` AND activity_id <> '' AND read_at IS NULL
		AND (LENGTH(activity_id) < LENGTH($4) OR (LENGTH(activity_id) = LENGTH($4) AND activity_id <= $4))`), chat.PersonID, chat.TenantID, chat.ConversationID, lastActivityID, millis(at))
	return err
}

// RecordReaction sets the newest reaction of a person to a message; empty takes it away.
func (db *DB) RecordReaction(ctx context.Context, chat campaigns.Reference, activityID, reaction string) error {
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE deliveries AS d SET reaction = $5 WHERE recipient = $1 AND tenant_id = $2 AND `+sameChat+` AND activity_id = $4 AND activity_id <> ''`), chat.PersonID, chat.TenantID, chat.ConversationID, activityID, reaction)
	return err
}

// RemoveReactions takes a person's reaction to a message away if it is one of these: Teams may tell of the one that took its place first.
func (db *DB) RemoveReactions(ctx context.Context, chat campaigns.Reference, activityID string, reactions []string) error {
	args := []any{chat.PersonID, chat.TenantID, chat.ConversationID, activityID}
	for _, r := range reactions {
		args = append(args, r)
	}
	_, err := db.write.ExecContext(ctx, db.q(`UPDATE deliveries AS d SET reaction = '' WHERE recipient = $1 AND tenant_id = $2 AND `+sameChat+` AND activity_id = $4 AND activity_id <> '' AND reaction IN `+placeholders(1, len(reactions), 5)), args...)
	return err
}

// RecordAnswer keeps what a button of the author's card sent back; the newest wins.
// It says whether the message was one of a campaign. What a survey's card sends never comes here, whatever it is.
func (db *DB) RecordAnswer(ctx context.Context, chat campaigns.Reference, activityID, answer string, at time.Time) (bool, error) {
	n, err := affected(db.write.ExecContext(ctx, db.q(`UPDATE deliveries AS d SET answered_at = $5, answer = $6 WHERE recipient = $1 AND tenant_id = $2 AND `+sameChat+` AND activity_id = $4 AND activity_id <> ''
		AND NOT EXISTS (SELECT 1 FROM campaigns c WHERE c.num = d.campaign AND c.survey_id <> '')`), chat.PersonID, chat.TenantID, chat.ConversationID, activityID, millis(at), answer))
	return n > 0, err
}

// ReachAll implements campaigns.Store.
func (db *DB) ReachAll(ctx context.Context, tenantID string) (r campaigns.Reach, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*), COUNT(CASE WHEN r.state = 'installed' THEN 1 END), COUNT(CASE WHEN r.state = 'installed' AND r.opted_out THEN 1 END)
		FROM people p LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
		WHERE p.tenant_id = $1 AND NOT p.gone`), tenantID).Scan(&r.Total, &r.Installed, &r.OptedOut)
	r.NotInstalled = r.Total - r.Installed
	return r, err
}

// ReachPeople implements campaigns.Store; the answer's keys are the addresses in lower case.
func (db *DB) ReachPeople(ctx context.Context, tenantID string, emails []string) (map[string]campaigns.Reachability, error) {
	out := make(map[string]campaigns.Reachability, len(emails))
	const batch = 500
	for len(emails) > 0 {
		part := emails[:min(batch, len(emails))]
		emails = emails[len(part):]
		args := []any{tenantID}
		for _, e := range part {
			args = append(args, strings.ToLower(strings.TrimSpace(e)))
		}
		in := strings.Trim(placeholders(1, len(part), 2), "()")
		// Two look-ups by index instead of one OR; mail comes last, so that it wins.
		for _, column := range []string{"upn_key", "mail_key"} {
			err := db.each(ctx, db.q(`SELECT p.`+column+`, COALESCE(r.state, ''), COALESCE(r.opted_out, FALSE), `+personColumns+`
				FROM people p LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
				WHERE p.tenant_id = $1 AND NOT p.gone AND p.`+column+` IN (`+in+`)`), args, func(rows *sql.Rows) error {
				var key string
				var m campaigns.Reachability
				err := rows.Scan(append([]any{&key, &m.State, &m.OptedOut}, personDest(&m.Person)...)...)
				out[key] = m
				return err
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (db *DB) each(ctx context.Context, statement string, args []any, fn func(*sql.Rows) error) error {
	return eachRow(ctx, db.read, statement, args, fn)
}

// eachRow lets fn read every row of a query's.
func eachRow(ctx context.Context, from rower, statement string, args []any, fn func(*sql.Rows) error) error {
	rows, err := from.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// SearchPeople implements campaigns.Store.
func (db *DB) SearchPeople(ctx context.Context, tenantID string, words []string, limit int) (out []campaigns.Reachability, err error) {
	args := []any{tenantID, limit}
	where := ""
	for _, w := range words {
		args = append(args, contains(w))
		where += ` AND p.search_key LIKE $` + strconv.Itoa(len(args)) + ` ESCAPE '\'`
	}
	// The first few by identity, sorted afterwards: sorting all would read a whole tenant for a single letter.
	err = db.each(ctx, db.q(`SELECT COALESCE(r.state, ''), `+personColumns+`
		FROM (SELECT * FROM people p WHERE p.tenant_id = $1 AND NOT p.gone`+where+` LIMIT $2) p
		LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
		ORDER BY p.search_key, p.person_id`), args, func(rows *sql.Rows) error {
		var m campaigns.Reachability
		err := rows.Scan(append([]any{&m.State}, personDest(&m.Person)...)...)
		out = append(out, m)
		return err
	})
	return out, err
}

// InstallStates implements campaigns.Store.
func (db *DB) InstallStates(ctx context.Context, tenantID string, personIDs []string) (map[string]campaigns.InstallState, error) {
	out := map[string]campaigns.InstallState{}
	if len(personIDs) == 0 {
		return out, nil
	}
	v, more := db.table("v", 2, column{"person_id", "TEXT", personIDs})
	err := db.each(ctx, db.q(`SELECT r.person_id, r.state FROM `+v+` JOIN conversation_references r ON r.tenant_id = $1 AND r.person_id = v.person_id`), append([]any{tenantID}, more...), func(rows *sql.Rows) error {
		var id string
		var state campaigns.InstallState
		err := rows.Scan(&id, &state)
		out[id] = state
		return err
	})
	return out, err
}

// NotReachable implements campaigns.Store.
func (db *DB) NotReachable(ctx context.Context, tenantID string, limit int) ([]campaigns.Person, error) {
	var out []campaigns.Person
	err := db.each(ctx, db.q(`SELECT `+personColumns+`
		FROM people p LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
		WHERE p.tenant_id = $1 AND NOT p.gone AND COALESCE(r.state, '') <> 'installed'
		ORDER BY p.person_id LIMIT $2`), []any{tenantID, limit}, func(rows *sql.Rows) error {
		var p campaigns.Person
		err := rows.Scan(personDest(&p)...)
		out = append(out, p)
		return err
	})
	return out, err
}

// DirectorySync implements campaigns.Store.
func (db *DB) DirectorySync(ctx context.Context, tenantID string) (s campaigns.SyncState, err error) {
	var at int64
	err = db.read.QueryRowContext(ctx, db.q(`SELECT token, walk, synced_at FROM directory_syncs WHERE tenant_id = $1`), tenantID).Scan(&s.Token, &s.Walk, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return campaigns.SyncState{}, nil
	}
	s.SyncedAt = moment(at)
	return s, err
}

// ApplyDirectoryPage implements campaigns.Store.
func (db *DB) ApplyDirectoryPage(ctx context.Context, tenantID string, walk int64, page campaigns.DirectoryPage) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if err := db.savePeople(ctx, tx, page.People, walk); err != nil {
			return err
		}
		for _, id := range page.Removed {
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE people SET gone = TRUE WHERE tenant_id = $1 AND person_id = $2`), tenantID, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// FinishDirectorySync implements campaigns.Store. After a full walk, people that an
// earlier walk saw and this one did not have left; those only the bot met stay.
func (db *DB) FinishDirectorySync(ctx context.Context, tenantID string, s campaigns.SyncState, full bool) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if full {
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE people SET gone = TRUE WHERE tenant_id = $1 AND walk > 0 AND walk < $2`), tenantID, s.Walk); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, db.q(`INSERT INTO directory_syncs (tenant_id, token, walk, synced_at) VALUES ($1,$2,$3,$4)
			ON CONFLICT (tenant_id) DO UPDATE SET token = excluded.token, walk = excluded.walk, synced_at = excluded.synced_at`), tenantID, s.Token, s.Walk, millis(s.SyncedAt))
		return err
	})
}

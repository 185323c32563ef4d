package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
)

// memberTables are members with their people and what is known of the app; fields of a member's row are m's, person is whom it
// belongs to.
func memberTables(where string) string {
	return `(SELECT m.*, ` + owner + ` AS person FROM list_members m WHERE ` + where + `) m
	LEFT JOIN people p ON p.tenant_id = m.tenant_id AND p.person_id = m.person
	LEFT JOIN conversation_references r ON r.tenant_id = m.tenant_id AND r.person_id = m.person`
}

const memberColumns = `m.seq, m.email, m.cells, COALESCE(m.person, ''), COALESCE(p.display_name, ''), COALESCE(r.state, '')`

func scanMember(row scanner) (seq int64, m campaigns.Member, err error) {
	var cells string
	var state campaigns.InstallState
	if err := row.Scan(&seq, &m.Email, &cells, &m.PersonID, &m.DisplayName, &state); err != nil {
		return 0, m, err
	}
	m.ID = strconv.FormatInt(seq, 10)
	switch {
	case m.PersonID == "":
		m.State = campaigns.MemberUnknown
	case state == campaigns.Installed:
		m.State = campaigns.MemberInstalled
	case state == campaigns.Blocked:
		m.State = campaigns.MemberBlocked
	default:
		m.State = campaigns.MemberNotInstalled
	}
	return seq, m, campaigns.DecodeCells(cells, &m)
}

// Members implements campaigns.ListStore. Without a state only the page's members are looked up among the people.
func (db *DB) Members(ctx context.Context, k campaigns.ListKey, f campaigns.MemberFilter) (items []campaigns.Member, next string, err error) {
	args := []any{k.TenantID, k.ListID}
	arg := func(v any) string { args = append(args, v); return "$" + strconv.Itoa(len(args)) }
	where := `m.list = (SELECT num FROM lists WHERE tenant_id = $1 AND id = $2) AND m.tenant_id = $1`
	if f.Cursor != "" {
		after, perr := strconv.ParseInt(f.Cursor, 10, 64)
		if perr != nil {
			return nil, "", badCursor()
		}
		where += ` AND m.seq > ` + arg(after)
	}
	if f.Query != "" {
		where += ` AND m.search_key LIKE ` + arg(contains(f.Query)) + ` ESCAPE '\'`
	}
	state := ""
	switch f.State {
	case campaigns.MemberInstalled, campaigns.MemberBlocked:
		state = ` WHERE r.state = ` + arg(string(f.State))
	case campaigns.MemberNotInstalled:
		state = ` WHERE m.person IS NOT NULL AND COALESCE(r.state, '') NOT IN ('installed', 'blocked')`
	case campaigns.MemberUnknown:
		state = ` WHERE m.person IS NULL`
	default:
		where += ` ORDER BY m.seq LIMIT ` + arg(f.Limit+1)
	}
	var last int64
	err = db.each(ctx, db.q(`SELECT `+memberColumns+` FROM `+memberTables(where)+state+` ORDER BY m.seq LIMIT `+arg(f.Limit+1)), args, func(rows *sql.Rows) error {
		seq, m, err := scanMember(rows)
		if len(items) == f.Limit {
			next = strconv.FormatInt(last, 10)
			return err
		}
		last, items = seq, append(items, m)
		return err
	})
	return items, next, err
}

func memberNumber(id string) (int64, error) {
	seq, err := strconv.ParseInt(id, 10, 64)
	if err != nil || strconv.FormatInt(seq, 10) != id {
		return 0, errNotFound("member")
	}
	return seq, nil
}

// Member implements campaigns.ListStore.
func (db *DB) Member(ctx context.Context, k campaigns.ListKey, id string) (campaigns.Member, error) {
	number, err := memberNumber(id)
	if err != nil {
		return campaigns.Member{}, err
	}
	_, m, err := scanMember(db.read.QueryRowContext(ctx, db.q(`SELECT `+memberColumns+` FROM `+
		memberTables(`m.list = (SELECT num FROM lists WHERE tenant_id = $1 AND id = $2) AND m.tenant_id = $1 AND m.seq = $3`)), k.TenantID, k.ListID, number))
	return m, ifNone(err, errNotFound("member"))
}

func memberExists(email string) error {
	return campaigns.Errorf(campaigns.CodeConflict, "member_exists", "%s is in this list already.", email)
}

func listFull() error {
	return campaigns.Errorf(campaigns.CodeConflict, "list_full", "A list has at most %d members. Make a second list; a campaign can go to several.", campaigns.MaxListMembers)
}

func memberSearch(m campaigns.Member) string {
	return strings.ToLower(strings.TrimSpace(m.Email + " " + strings.TrimSpace(m.FirstName+" "+m.LastName)))
}

// AddMember implements campaigns.ListStore.
func (db *DB) AddMember(ctx context.Context, k campaigns.ListKey, version int, m *campaigns.Member, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		l, err := db.lockListAt(ctx, tx, k, version)
		if err != nil {
			return err
		}
		if l.members >= campaigns.MaxListMembers {
			return listFull()
		}
		res, err := tx.ExecContext(ctx, db.q(`INSERT INTO list_members (tenant_id, list, seq, address_key, email, cells, search_key) VALUES ($1,$2,$3,$4,$5,$6,$7) ON CONFLICT DO NOTHING`),
			k.TenantID, l.num, l.lastSeq+1, strings.ToLower(m.Email), m.Email, campaigns.EncodeCells(*m, true, true, false), memberSearch(*m))
		if err := changedOne(res, err, memberExists(m.Email)); err != nil {
			return err
		}
		m.ID = strconv.FormatInt(l.lastSeq+1, 10)
		_, err = tx.ExecContext(ctx, db.q(`UPDATE lists SET members = members + 1, last_seq = last_seq + 1, updated_at = $2 WHERE num = $1`), l.num, millis(now))
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, k.TenantID, campaigns.ListChanged, "list", k.ListID, map[string]any{"added": 1})
	})
}

// ChangeMember implements campaigns.ListStore.
func (db *DB) ChangeMember(ctx context.Context, k campaigns.ListKey, version int, m campaigns.Member, now time.Time) error {
	seq, err := memberNumber(m.ID)
	if err != nil {
		if _, lerr := db.List(ctx, k); lerr != nil {
			return lerr
		}
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		l, err := db.lockListAt(ctx, tx, k, version)
		if err != nil {
			return err
		}
		var other int64
		err = tx.QueryRowContext(ctx, db.q(`SELECT seq FROM list_members WHERE list = $1 AND address_key = $2`), l.num, strings.ToLower(m.Email)).Scan(&other)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		taken := err == nil && other != seq
		if taken { // not found comes before taken
			if err := tx.QueryRowContext(ctx, db.q(`SELECT seq FROM list_members WHERE list = $1 AND seq = $2`), l.num, seq).Scan(&other); err != nil {
				return ifNone(err, errNotFound("member"))
			}
			return memberExists(m.Email)
		}
		res, err := tx.ExecContext(ctx, db.q(`UPDATE list_members SET address_key = $3, email = $4, cells = $5, search_key = $6 WHERE list = $1 AND seq = $2`),
			l.num, seq, strings.ToLower(m.Email), m.Email, campaigns.EncodeCells(m, true, true, false), memberSearch(m))
		if err := changedOne(res, err, errNotFound("member")); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE lists SET updated_at = $2 WHERE num = $1`), l.num, millis(now))
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, k.TenantID, campaigns.ListChanged, "list", k.ListID, map[string]any{"changed": 1})
	})
}

// RemoveMember implements campaigns.ListStore.
func (db *DB) RemoveMember(ctx context.Context, k campaigns.ListKey, id string, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		l, err := db.lockList(ctx, tx, k)
		if err != nil {
			return err
		}
		seq, err := memberNumber(id)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, db.q(`DELETE FROM list_members WHERE list = $1 AND seq = $2`), l.num, seq)
		if err := changedOne(res, err, errNotFound("member")); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE lists SET members = members - 1, updated_at = $2 WHERE num = $1`), l.num, millis(now))
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, k.TenantID, campaigns.ListChanged, "list", k.ListID, map[string]any{"removed": 1})
	})
}

// importBatch is how many members one statement writes. SQLite looks each numbered parameter up among those before it: 4000 rows
// at once take twenty times as long as 100.
func (db *DB) importBatch() int {
	if db.dialect == postgres {
		return 5000
	}
	return 100
}

// ImportMembers implements campaigns.ListStore.
func (db *DB) ImportMembers(ctx context.Context, k campaigns.ListKey, imp campaigns.Import, now time.Time) (added int, err error) {
	columns, err := encodeColumns(imp.Columns)
	if err != nil {
		return 0, err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		l, err := db.lockListAt(ctx, tx, k, imp.Version)
		if err != nil {
			return err
		}
		before := l.members
		if imp.Replace {
			before = 0
			if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM list_members WHERE list = $1`), l.num); err != nil {
				return err
			}
		} else if err := db.dropColumns(ctx, tx, l, imp.Columns); err != nil {
			return err
		}
		conflict := db.mergeMember(imp)
		for part := range slices.Chunk(imp.Members, db.importBatch()) {
			if err := db.insertMembers(ctx, tx, k.TenantID, l, part, imp, conflict); err != nil {
				return err
			}
			l.lastSeq += int64(len(part))
		}
		var members int64
		if err := tx.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM list_members WHERE list = $1`), l.num).Scan(&members); err != nil {
			return err
		}
		if members > campaigns.MaxListMembers {
			return listFull()
		}
		added = int(members - before)
		_, err = tx.ExecContext(ctx, db.q(`UPDATE lists SET members = $2, last_seq = $3, updated_at = $4, version = version + CASE WHEN columns = $5 THEN 0 ELSE 1 END, columns = $5 WHERE num = $1`),
			l.num, members, l.lastSeq, millis(now), columns)
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, k.TenantID, campaigns.ListImported, "list", k.ListID, map[string]any{"rows": len(imp.Members), "added": added, "replace": imp.Replace})
	})
	return added, err
}

// mergeMember says what an import does with an address that is there: the new values cover the old ones, and null takes one away.
func (db *DB) mergeMember(imp campaigns.Import) string {
	if imp.Keep {
		return `DO NOTHING`
	}
	merged := `json_patch(list_members.cells, excluded.cells)`
	if db.dialect == postgres {
		merged = `jsonb_strip_nulls(list_members.cells::JSONB || excluded.cells::JSONB)::TEXT`
	}
	set := `(list, address_key) DO UPDATE SET email = excluded.email, cells = ` + merged
	if imp.FirstNames || imp.LastNames {
		set += `, search_key = excluded.search_key`
	}
	return set
}

func (db *DB) insertMembers(ctx context.Context, tx *sql.Tx, tenantID string, l lockedList, part []campaigns.Member, imp campaigns.Import, conflict string) error {
	n := len(part)
	seqs, keys, emails, cells, search := make([]int64, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i, m := range part {
		seqs[i], keys[i], emails[i] = l.lastSeq+int64(i)+1, strings.ToLower(m.Email), m.Email
		cells[i], search[i] = campaigns.EncodeCells(m, imp.FirstNames, imp.LastNames, !imp.Replace && !imp.Keep), memberSearch(m)
	}
	v, args := db.table("v", 3, column{"seq", "BIGINT", seqs}, column{"address_key", "TEXT", keys}, column{"email", "TEXT", emails}, column{"cells", "TEXT", cells}, column{"search_key", "TEXT", search})
	_, err := tx.ExecContext(ctx, db.q(`INSERT INTO list_members (tenant_id, list, seq, address_key, email, cells, search_key)
		SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), v.seq, v.address_key, v.email, v.cells, v.search_key FROM `+v+` WHERE TRUE ON CONFLICT `+conflict), append([]any{tenantID, l.num}, args...)...)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	return nil
}

// MemberOf implements campaigns.ListStore. The addresses are those of the person given and those that the store knows.
func (db *DB) MemberOf(ctx context.Context, tenantID string, listIDs []string, p campaigns.Person) (campaigns.Member, error) {
	nums, err := db.numbers(ctx, tenantID, listIDs)
	if err != nil {
		return campaigns.Member{}, err
	}
	known, err := db.FindByID(ctx, tenantID, p.ID)
	if err != nil && campaigns.CodeOf(err) != campaigns.CodeNotFound {
		return campaigns.Member{}, err
	}
	var keys []string
	for _, a := range []string{p.Mail, p.UPN, known.Mail, known.UPN} {
		if a != "" {
			keys = append(keys, strings.ToLower(a))
		}
	}
	for _, num := range nums {
		for _, key := range slices.Compact(keys) {
			_, m, err := scanMember(db.read.QueryRowContext(ctx, db.q(`SELECT `+memberColumns+` FROM `+memberTables(`m.list = $1 AND m.tenant_id = $2 AND m.address_key = $3`)), num, tenantID, key))
			if errors.Is(err, sql.ErrNoRows) || err == nil && p.ID != "" && m.PersonID != "" && m.PersonID != p.ID {
				continue // nobody, or somebody else whose mail address it is
			}
			return m, err
		}
	}
	return campaigns.Member{}, errNotFound("member")
}

// Strangers implements campaigns.ListStore.
func (db *DB) Strangers(ctx context.Context, tenantID string, listIDs []string, limit int) ([]string, error) {
	nums, err := db.numbers(ctx, tenantID, listIDs)
	if err != nil || len(nums) == 0 {
		return nil, err
	}
	var out []string
	err = db.each(ctx, db.q(`SELECT m.email FROM list_members m WHERE m.list IN `+in(nums)+` AND m.tenant_id = $1 AND `+owner+` IS NULL ORDER BY m.list, m.seq LIMIT $2`), []any{tenantID, limit}, func(rows *sql.Rows) error {
		var email string
		err := rows.Scan(&email)
		out = append(out, email)
		return err
	})
	return out, err
}

// audienceTables are the tables of a WITH: wanted, everybody of an audience once, as object id or unknown address, and how often they are
// named; and excluded. $1 is the tenant; the arguments are numbered from number on, and must be the statement's last.
func (db *DB) audienceTables(ctx context.Context, tenantID string, q campaigns.AudienceQuery, number int) (with string, args []any, err error) {
	nums, err := db.numbers(ctx, tenantID, q.ListIDs)
	if err != nil {
		return "", nil, err
	}
	excluded, err := db.numbers(ctx, tenantID, q.ExcludeListIDs)
	if err != nil {
		return "", nil, err
	}
	recipient, join := owner, ``
	if len(q.Found) > 0 {
		var keys, ids []string
		for key, id := range q.Found {
			keys, ids = append(keys, key), append(ids, id)
		}
		v, more := db.table("v", number, column{"address_key", "TEXT", keys}, column{"person_id", "TEXT", ids})
		args = append(args, more...)
		with, recipient, join = `found AS (SELECT v.address_key, v.person_id FROM `+v+`), `, `COALESCE(`+owner+`, f.person_id)`, ` LEFT JOIN found f ON f.address_key = m.address_key`
	}
	members := func(nums []int64) string {
		return `SELECT COALESCE(` + recipient + `, 'mail:' || m.address_key) AS recipient FROM list_members m` + join + ` WHERE m.list IN ` + in(nums) + ` AND m.tenant_id = $1`
	}
	who := members(nums)
	if q.All {
		who = `SELECT a.person_id AS recipient FROM people a WHERE a.tenant_id = $1 AND NOT a.gone`
	}
	if len(q.Typed) > 0 {
		v, more := db.table("v", number+len(args), column{"recipient", "TEXT", q.Typed})
		args = append(args, more...)
		who += ` UNION ALL SELECT v.recipient FROM ` + v
	}
	with += `wanted AS (SELECT recipient, COUNT(*) AS n FROM (` + who + `) w GROUP BY recipient), excluded AS (` + members(excluded) + `)`
	return with, args, nil
}

// CountAudience implements campaigns.ListStore. Everybody goes by once, as object id or unknown address, and nothing is kept of
// them but the first few who will not get it.
func (db *DB) CountAudience(ctx context.Context, tenantID string, q campaigns.AudienceQuery) (out campaigns.AudienceCount, err error) {
	with, args, err := db.audienceTables(ctx, tenantID, q, 2)
	if err != nil {
		return out, err
	}
	args = append([]any{tenantID}, args...)
	absent, states := []string{}, map[string]campaigns.InstallState{}
	err = db.each(ctx, db.q(`WITH `+with+` SELECT w.recipient, w.n, w.recipient IN (SELECT recipient FROM excluded), COALESCE(r.state, ''), COALESCE(r.opted_out, FALSE) FROM wanted w
		LEFT JOIN conversation_references r ON r.tenant_id = $1 AND r.person_id = w.recipient`), args, func(rows *sql.Rows) error {
		var recipient string
		var state campaigns.InstallState
		var n int
		var left, optedOut bool
		if err := rows.Scan(&recipient, &n, &left, &state, &optedOut); err != nil {
			return err
		}
		if left {
			out.Excluded++
			return nil
		}
		out.Total++
		if n > 1 {
			out.Duplicates++
		}
		address, unknown := strings.CutPrefix(recipient, "mail:")
		switch {
		case unknown:
			out.Unknown++
			if len(out.UnknownEmails) < q.Detail {
				out.UnknownEmails = append(out.UnknownEmails, address)
			}
		case state == campaigns.Installed:
			out.Installed++
			if optedOut {
				out.OptedOut++
			}
		default:
			out.NotInstalled++
			switch state {
			case campaigns.Blocked:
				out.Blocked++
			case campaigns.Uninstalled:
				out.Uninstalled++
			}
			if len(absent) < q.Detail {
				absent = append(absent, recipient)
				states[recipient] = state
			}
		}
		return nil
	})
	if err != nil || len(absent) == 0 {
		return out, err
	}
	v, args := db.table("v", 2, column{"person_id", "TEXT", absent})
	err = db.each(ctx, db.q(`SELECT `+personColumns+` FROM `+v+` JOIN people p ON p.tenant_id = $1 AND p.person_id = v.person_id ORDER BY p.search_key, p.person_id`), append([]any{tenantID}, args...), func(rows *sql.Rows) error {
		var p campaigns.Person
		err := rows.Scan(personDest(&p)...)
		out.NotInstalledPeople = append(out.NotInstalledPeople, campaigns.Reachability{Person: p, State: states[p.ID]})
		return err
	})
	return out, err
}

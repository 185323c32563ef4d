package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
)

// A change of a list locks the list's row first. A campaign that is scheduled or starts locks its own row, then its lists':
// so a list that a campaign begins to read is not changed any more, and none of the two waits for the other in a circle.

const listColumns = `l.tenant_id, l.id, l.name, l.columns, l.members, l.created_at, l.updated_at, l.created_by_id, l.created_by_name, l.version`

func scanList(row scanner) (*campaigns.List, error) {
	l := &campaigns.List{}
	var columns []byte
	var created, updated int64
	if err := row.Scan(&l.TenantID, &l.ID, &l.Name, &columns, &l.Members, &created, &updated, &l.CreatedBy.ID, &l.CreatedBy.DisplayName, &l.Version); err != nil {
		return nil, err
	}
	l.CreatedAt, l.UpdatedAt = moment(created), moment(updated)
	if err := json.Unmarshal(columns, &l.Columns); err != nil {
		return nil, fmt.Errorf("columns of list %s: %w", l.ID, err)
	}
	return l, nil
}

func encodeColumns(columns []campaigns.Column) (string, error) {
	if columns == nil {
		columns = []campaigns.Column{}
	}
	b, err := json.Marshal(columns)
	return string(b), err
}

func nameTaken(name string) error {
	return campaigns.Errorf(campaigns.CodeConflict, "name_taken", "There is a list called %q already. Choose another name.", name)
}

// free says whether no other list of the tenant has the name. Whoever comes second at the same moment meets lists_name instead.
func (db *DB) free(ctx context.Context, tx *sql.Tx, l *campaigns.List) error {
	var other string
	err := tx.QueryRowContext(ctx, db.q(`SELECT id FROM lists WHERE tenant_id = $1 AND name_key = $2 AND id <> $3`), l.TenantID, strings.ToLower(l.Name), l.ID).Scan(&other)
	if err != nil {
		return ifNone(err, nil)
	}
	return nameTaken(l.Name)
}

// CreateList implements campaigns.ListStore.
func (db *DB) CreateList(ctx context.Context, l *campaigns.List) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if _, err := db.insertList(ctx, tx, l); err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, l.TenantID, campaigns.ListCreated, "list", l.ID, nil)
	})
}

// insertList stores a list without members. CodeConflict when its name is taken.
func (db *DB) insertList(ctx context.Context, tx *sql.Tx, l *campaigns.List) (num int64, err error) {
	columns, err := encodeColumns(l.Columns)
	if err != nil {
		return 0, err
	}
	// The counter's row also keeps two of the same name apart.
	if err := tx.QueryRowContext(ctx, `UPDATE counters SET value = value + 1 WHERE name = 'list' RETURNING value`).Scan(&num); err != nil {
		return 0, err
	}
	if err := db.free(ctx, tx, l); err != nil {
		return 0, err
	}
	_, err = tx.ExecContext(ctx, db.q(`INSERT INTO lists (num, tenant_id, id, name, name_key, columns, created_at, updated_at, created_by_id, created_by_name, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`), num, l.TenantID, l.ID, l.Name, strings.ToLower(l.Name), columns, millis(l.CreatedAt), millis(l.UpdatedAt), l.CreatedBy.ID, l.CreatedBy.DisplayName, l.Version)
	return num, err
}

// List implements campaigns.ListStore.
func (db *DB) List(ctx context.Context, k campaigns.ListKey) (*campaigns.List, error) {
	l, err := scanList(db.read.QueryRowContext(ctx, db.q(`SELECT `+listColumns+` FROM lists l WHERE l.tenant_id = $1 AND l.id = $2`), k.TenantID, k.ListID))
	return l, ifNone(err, errNotFound("list"))
}

// Lists implements campaigns.ListStore. Names are unique, so that the last one's is where the next page begins.
func (db *DB) Lists(ctx context.Context, tenantID string, f campaigns.ListFilter) (items []*campaigns.List, next string, err error) {
	after, err := base64.RawURLEncoding.DecodeString(f.Cursor)
	if err != nil {
		return nil, "", badCursor()
	}
	err = db.each(ctx, db.q(`SELECT `+listColumns+` FROM lists l WHERE l.tenant_id = $1 AND l.name_key > $2 AND l.name_key LIKE $3 ESCAPE '\' ORDER BY l.name_key LIMIT $4`),
		[]any{tenantID, string(after), contains(f.Query), f.Limit + 1}, func(rows *sql.Rows) error {
			l, err := scanList(rows)
			items = append(items, l)
			return err
		})
	if err != nil {
		return nil, "", err
	}
	items, next = page(items, f.Limit, func(last *campaigns.List) string {
		return base64.RawURLEncoding.EncodeToString([]byte(strings.ToLower(last.Name)))
	})
	return items, next, nil
}

func badCursor() error {
	return campaigns.Errorf(campaigns.CodeInvalid, "bad_cursor", "This page link is not valid. Start again from the first page.")
}

// FindLists implements campaigns.ListStore.
func (db *DB) FindLists(ctx context.Context, tenantID string, ids []string) (map[string]*campaigns.List, error) {
	out := map[string]*campaigns.List{}
	return out, db.eachOf(ctx, tenantID, ids, listColumns, "lists l", "l.id", func(rows *sql.Rows) error {
		l, err := scanList(rows)
		if err == nil {
			out[l.ID] = l
		}
		return err
	})
}

// numbers gives the lists' numbers in the order of their ids; those that do not exist are left out.
func (db *DB) numbers(ctx context.Context, tenantID string, ids []string) ([]int64, error) {
	byID := map[string]int64{}
	err := db.eachOf(ctx, tenantID, ids, "l.id, l.num", "lists l", "l.id", func(rows *sql.Rows) error {
		var id string
		var num int64
		err := rows.Scan(&id, &num)
		byID[id] = num
		return err
	})
	var out []int64
	for _, id := range ids {
		if num, ok := byID[id]; ok {
			out = append(out, num)
		}
	}
	return out, err
}

// in writes numbers of lists as "(1,2,3)"; they are ours, and nobody's input. Never empty: no list has the number 0.
func in(nums []int64) string {
	text := []string{"0"}
	for _, n := range nums {
		text = append(text, strconv.FormatInt(n, 10))
	}
	return "(" + strings.Join(text, ",") + ")"
}

// owner finds whom the address of m belongs to, as FindPerson does: a mail address wins over somebody else's UPN. people_mail and
// people_upn serve it; || ” keeps the planners from walking along all people in the order of their ids to find the first.
const owner = `COALESCE(
	(SELECT MIN(pm.person_id || '') FROM people pm WHERE pm.tenant_id = m.tenant_id AND pm.mail_key = m.address_key AND NOT pm.gone),
	(SELECT MIN(pu.person_id || '') FROM people pu WHERE pu.tenant_id = m.tenant_id AND pu.upn_key = m.address_key AND NOT pu.gone))`

// CountInstalled implements campaigns.ListStore.
func (db *DB) CountInstalled(ctx context.Context, tenantID string, lists ...*campaigns.List) (map[string]int, error) {
	var ids []string
	for _, l := range lists {
		if l.Members > 0 {
			ids = append(ids, l.ID)
		}
	}
	counts := make(map[string]int, len(ids))
	if len(ids) == 0 {
		return counts, nil
	}
	args := []any{tenantID}
	for _, id := range ids {
		args = append(args, id)
	}
	return counts, db.each(ctx, db.q(`SELECT l.id, COUNT(*) FROM lists l
		JOIN list_members m ON m.list = l.num AND m.tenant_id = l.tenant_id
		JOIN conversation_references r ON r.tenant_id = $1 AND r.person_id = `+owner+` AND r.state = 'installed'
		WHERE l.tenant_id = $1 AND l.id IN (`+placeholders(len(ids), 1, 2)+`) GROUP BY l.id`), args, func(rows *sql.Rows) error {
		var id string
		var n int
		err := rows.Scan(&id, &n)
		counts[id] = n
		return err
	})
}

// lockedList is a list in a transaction that changes it.
type lockedList struct {
	num, members, lastSeq int64
	version               int
	columns               string
}

// lockList locks a list's row to change it. A campaign that is reading the list right now forbids it.
func (db *DB) lockList(ctx context.Context, tx *sql.Tx, k campaigns.ListKey) (l lockedList, err error) {
	err = tx.QueryRowContext(ctx, db.q(`SELECT num, members, last_seq, version, columns FROM lists WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.ListID).Scan(&l.num, &l.members, &l.lastSeq, &l.version, &l.columns)
	if err != nil {
		return l, ifNone(err, errNotFound("list"))
	}
	user, err := db.userOf(ctx, tx, k, `status = 'sending' AND NOT planned`)
	if err == nil && user != "" {
		err = campaigns.Errorf(campaigns.CodeConflict, "list_in_use", "The campaign %q is starting and reads this list right now. Try again in a moment.", user)
	}
	return l, err
}

// lockListAt is lockList for a change that began with a version. CodeStale when it is another by now.
func (db *DB) lockListAt(ctx context.Context, tx *sql.Tx, k campaigns.ListKey, version int) (lockedList, error) {
	l, err := db.lockList(ctx, tx, k)
	if err == nil && l.version != version {
		err = campaigns.Errorf(campaigns.CodeStale, "stale_version", "Someone else changed this list meanwhile.")
	}
	return l, err
}

// userOf names a campaign in such a state whose audience has the list; empty: none.
func (db *DB) userOf(ctx context.Context, tx *sql.Tx, k campaigns.ListKey, state string) (name string, err error) {
	err = eachRow(ctx, tx, db.q(`SELECT name, audience FROM campaigns WHERE tenant_id = $1 AND `+state+` AND audience LIKE $2 ESCAPE '\' ORDER BY num`), []any{k.TenantID, contains(k.ListID)}, func(rows *sql.Rows) error {
		var n string
		var text []byte
		if err := rows.Scan(&n, &text); err != nil {
			return err
		}
		var a campaigns.Audience
		if err := json.Unmarshal(text, &a); err != nil {
			return err
		}
		if name == "" && (slices.Contains(a.ListIDs, k.ListID) || slices.Contains(a.ExcludeListIDs, k.ListID)) {
			name = n
		}
		return nil
	})
	return name, err
}

// holdLists keeps the lists of an audience as they are until the transaction ends, and says whether they all exist.
func (db *DB) holdLists(ctx context.Context, tx *sql.Tx, tenantID string, a campaigns.Audience) (all bool, err error) {
	ids := slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.ListIDs, a.ExcludeListIDs))))
	for _, id := range ids {
		var num int64
		err := tx.QueryRowContext(ctx, db.q(`SELECT num FROM lists WHERE tenant_id = $1 AND id = $2`+db.forShare()), tenantID, id).Scan(&num)
		if err != nil {
			return false, ifNone(err, nil)
		}
	}
	return true, nil
}

// UpdateList implements campaigns.ListStore.
func (db *DB) UpdateList(ctx context.Context, l *campaigns.List, now time.Time, fits func(campaigns.Member) error) error {
	columns, err := encodeColumns(l.Columns)
	if err != nil {
		return err
	}
	return db.tx(ctx, func(tx *sql.Tx) error {
		// Renaming and making lists take turns at the counter, so that no two end up with one name.
		if _, err := tx.ExecContext(ctx, `UPDATE counters SET value = value WHERE name = 'list'`); err != nil {
			return err
		}
		was, err := db.lockListAt(ctx, tx, l.Key(), l.Version)
		if err != nil {
			return err
		}
		if err := db.free(ctx, tx, l); err != nil {
			return err
		}
		if fits != nil {
			if err := db.eachMember(ctx, tx, was.num, fits); err != nil {
				return err
			}
		}
		if err := db.dropColumns(ctx, tx, was, l.Columns); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`UPDATE lists SET name = $2, name_key = $3, columns = $4, updated_at = $5, version = version + 1 WHERE num = $1`), was.num, l.Name, strings.ToLower(l.Name), columns, millis(now))
		if err != nil {
			return err
		}
		return db.noteNamed(ctx, tx, l.TenantID, campaigns.ListChanged, "list", l.ID, nil)
	})
}

func (db *DB) eachMember(ctx context.Context, tx *sql.Tx, num int64, fn func(campaigns.Member) error) error {
	return eachRow(ctx, tx, db.q(`SELECT email, cells FROM list_members WHERE list = $1 ORDER BY seq`), []any{num}, func(rows *sql.Rows) error {
		var m campaigns.Member
		var cells string
		if err := rows.Scan(&m.Email, &cells); err != nil {
			return err
		}
		if err := campaigns.DecodeCells(cells, &m); err != nil {
			return err
		}
		if err := fn(m); err != nil {
			return err
		}
		return nil
	})
}

// dropColumns takes the values of columns away that a list had and will not have.
func (db *DB) dropColumns(ctx context.Context, tx *sql.Tx, was lockedList, columns []campaigns.Column) error {
	var old []campaigns.Column
	if err := json.Unmarshal([]byte(was.columns), &old); err != nil {
		return err
	}
	for _, c := range old {
		if slices.ContainsFunc(columns, func(n campaigns.Column) bool { return n.Name == c.Name }) {
			continue
		}
		statement, name := `UPDATE list_members SET cells = json_remove(cells, $2) WHERE list = $1`, `$."`+c.Name+`"`
		if db.dialect == postgres {
			statement, name = `UPDATE list_members SET cells = (cells::JSONB - $2::TEXT)::TEXT WHERE list = $1`, c.Name
		}
		if _, err := tx.ExecContext(ctx, db.q(statement), was.num, name); err != nil {
			return err
		}
	}
	return nil
}

// DeleteList implements campaigns.ListStore.
func (db *DB) DeleteList(ctx context.Context, k campaigns.ListKey) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		var num int64
		err := tx.QueryRowContext(ctx, db.q(`SELECT num FROM lists WHERE tenant_id = $1 AND id = $2`+db.forUpdate()), k.TenantID, k.ListID).Scan(&num)
		if err != nil {
			return ifNone(err, errNotFound("list"))
		}
		user, err := db.userOf(ctx, tx, k, `status IN ('scheduled', 'sending')`)
		if err != nil {
			return err
		}
		if user != "" {
			return campaigns.Errorf(campaigns.CodeConflict, "list_in_use", "The campaign %q uses this list. Take the campaign back or let it end, then delete the list.", user)
		}
		if err := db.noteNamed(ctx, tx, k.TenantID, campaigns.ListDeleted, "list", k.ListID, nil); err != nil {
			return err
		}
		for _, statement := range []string{`DELETE FROM list_members WHERE list = $1`, `DELETE FROM lists WHERE num = $1`} {
			if _, err := tx.ExecContext(ctx, db.q(statement), num); err != nil {
				return err
			}
		}
		return nil
	})
}

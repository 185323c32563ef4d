package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// column is one column of values that a statement reads like a table.
type column struct {
	name   string
	typ    string // PostgreSQL's: BIGINT, TEXT or BOOLEAN
	values any    // []int64, []string or []bool, as long as its neighbours
}

// table makes a FROM item called alias out of columns, and its arguments, which are numbered from number
// on and must be the statement's last. PostgreSQL gets arrays, so that one prepared statement
// serves any number of rows: parsing a long VALUES list costs it more than the update.
func (db *DB) table(alias string, number int, columns ...column) (item string, args []any) {
	names := make([]string, len(columns))
	if db.dialect == postgres {
		casts := make([]string, len(columns))
		for i, c := range columns {
			names[i] = c.name
			casts[i] = fmt.Sprintf("$%d::%s[]", number+i, c.typ)
			args = append(args, c.values)
		}
		return fmt.Sprintf("unnest(%s) AS %s(%s)", strings.Join(casts, ", "), alias, strings.Join(names, ", ")), args
	}
	// SQLite parses quickly, and knows how many rows a VALUES list has: it begins its loops with them.
	n := columns[0].len()
	for i, c := range columns {
		names[i] = fmt.Sprintf("column%d AS %s", i+1, c.name)
	}
	for r := range n {
		for _, c := range columns {
			args = append(args, c.at(r))
		}
	}
	return fmt.Sprintf("(SELECT %s FROM (VALUES %s)) AS %s", strings.Join(names, ", "), placeholders(n, len(columns), number), alias), args
}

func (c column) len() int {
	switch v := c.values.(type) {
	case []int64:
		return len(v)
	case []string:
		return len(v)
	case []bool:
		return len(v)
	}
	panic(fmt.Sprintf("store: a column of %T", c.values)) // a mistake in this package, seen by its first test
}

func (c column) at(i int) any {
	switch v := c.values.(type) {
	case []int64:
		return v[i]
	case []string:
		return v[i]
	default:
		return v.([]bool)[i]
	}
}

// eachOf reads columns of those of a tenant's rows whose key is one of keys.
func (db *DB) eachOf(ctx context.Context, tenantID string, keys []string, columns, table, key string, fn func(*sql.Rows) error) error {
	keys = slices.Compact(slices.Sorted(slices.Values(keys)))
	for part := range slices.Chunk(keys, 500) {
		v, args := db.table("v", 2, column{"wanted", "TEXT", part})
		if err := db.each(ctx, db.q(`SELECT `+columns+` FROM `+v+` JOIN `+table+` ON tenant_id = $1 AND `+key+` = v.wanted`), append([]any{tenantID}, args...), fn); err != nil {
			return err
		}
	}
	return nil
}

// page is the first limit of items, of which one more was read, and where the next page begins, by the last of this one; empty:
// there is none.
func page[T any](items []T, limit int, cursor func(last T) string) ([]T, string) {
	if len(items) <= limit {
		return items, ""
	}
	return items[:limit], cursor(items[limit-1])
}

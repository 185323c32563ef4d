package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
)

// forgottenSecret is the name of the secret with which the ids of forgotten people are hashed.
const forgottenSecret = "forgotten"

// forgetLock keeps whoever writes people waiting while somebody is forgotten; any number that nobody else uses. SQLite's
// transactions exclude each other.
const forgetLock = 7_715_000

// whose says who of a tenant was forgotten.
type whose struct {
	key    []byte
	tenant string
	hashes map[string]bool
}

func hashOf(key []byte, tenantID, personID string) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(tenantID + "/" + strings.ToLower(personID)))
	return hex.EncodeToString(h.Sum(nil))
}

func (w whose) has(personID string) bool {
	return len(w.hashes) > 0 && w.hashes[hashOf(w.key, w.tenant, personID)]
}

// rower is what database and transaction share.
type rower interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func (db *DB) forgotten(ctx context.Context, from rower, tenantID string) (w whose, err error) {
	w = whose{tenant: tenantID, hashes: map[string]bool{}}
	err = eachRow(ctx, from, db.q(`SELECT s.value, f.person FROM forgotten f JOIN secrets s ON s.name = '`+forgottenSecret+`' WHERE f.tenant_id = $1`), []any{tenantID}, func(rows *sql.Rows) error {
		var key, hash string
		if err := rows.Scan(&key, &hash); err != nil {
			return err
		}
		if w.key == nil {
			if w.key, err = base64.StdEncoding.DecodeString(key); err != nil {
				return err
			}
		}
		w.hashes[hash] = true
		return nil
	})
	return w, err
}

// mayKnow says whose people must not be written; until the transaction ends nobody is forgotten.
func (db *DB) mayKnow(ctx context.Context, tx *sql.Tx, tenantID string) (whose, error) {
	if db.dialect == postgres {
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock_shared(`+strconv.Itoa(forgetLock)+`)`); err != nil {
			return whose{}, err
		}
	}
	return db.forgotten(ctx, tx, tenantID)
}

// IsForgotten implements campaigns.PrivacyStore.
func (db *DB) IsForgotten(ctx context.Context, tenantID, personID string) (bool, error) {
	w, err := db.forgotten(ctx, db.read, tenantID)
	return w.has(personID), err
}

// CountForgotten implements campaigns.PrivacyStore.
func (db *DB) CountForgotten(ctx context.Context, tenantID string) (n int, err error) {
	err = db.read.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM forgotten WHERE tenant_id = $1`), tenantID).Scan(&n)
	return n, err
}

// Remember lets somebody who was forgotten before then be known again: they came back of their own will.
func (db *DB) Remember(ctx context.Context, tenantID, personID string, at time.Time) error {
	w, err := db.forgotten(ctx, db.read, tenantID)
	if err != nil || !w.has(personID) {
		return err
	}
	_, err = db.write.ExecContext(ctx, db.q(`DELETE FROM forgotten WHERE tenant_id = $1 AND person = $2 AND forgotten_at < $3`), tenantID, hashOf(w.key, tenantID, personID), millis(at))
	return err
}

// lockSending locks the campaigns of a tenant that are being sent, in one order. Whoever plans or sends waits, and sees what was
// written meanwhile.
func (db *DB) lockSending(ctx context.Context, tx *sql.Tx, tenantID string) error {
	return eachRow(ctx, tx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND status = 'sending' ORDER BY num`+db.forUpdate()), []any{tenantID}, func(*sql.Rows) error {
		return nil // to the end: PostgreSQL locks row by row
	})
}

// closeOpen ends what has not reached a person yet in campaigns that are being sent and locked, as skipped or cancelled.
func (db *DB) closeOpen(ctx context.Context, tx *sql.Tx, tenantID, recipient string, status campaigns.DeliveryStatus, reason campaigns.Reason, mandatoryToo bool, now time.Time) error {
	spared := ` AND NOT c.mandatory`
	if mandatoryToo {
		spared = ``
	}
	type open struct {
		num, seq int64
		was      string
	}
	var all []open
	err := eachRow(ctx, tx, db.q(`SELECT c.num, d.seq, d.status FROM deliveries d JOIN campaigns c ON c.num = d.campaign
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND NOT d.final AND d.status IN ('pending', 'rescheduled') AND c.status = 'sending'`+spared+` ORDER BY c.num`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		var o open
		err := rows.Scan(&o.num, &o.seq, &o.was)
		all = append(all, o)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range all {
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = $3, final = TRUE, reason = $4 WHERE campaign = $1 AND seq = $2`), o.num, o.seq, string(status), string(reason)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.q(`DELETE FROM timed_deliveries WHERE campaign = $1 AND seq = $2`), o.num, o.seq); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET n_`+o.was+` = n_`+o.was+` - 1, n_`+string(status)+` = n_`+string(status)+` + 1 WHERE num = $1`), o.num); err != nil {
			return err
		}
		if err := db.finish(ctx, tx, o.num, now); err != nil {
			return err
		}
	}
	return nil
}

// SetOptedOut implements campaigns.PrivacyStore.
func (db *DB) SetOptedOut(ctx context.Context, tenantID, personID string, out bool, now time.Time) error {
	return db.tx(ctx, func(tx *sql.Tx) error {
		if out {
			if err := db.lockSending(ctx, tx, tenantID); err != nil {
				return err
			}
			if err := db.closeOpen(ctx, tx, tenantID, personID, campaigns.DeliverySkipped, campaigns.OptedOut, false, now); err != nil {
				return err
			}
			if err := db.cancelReturnsTo(ctx, tx, tenantID, personID, false, campaigns.OptedOut); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, db.q(`UPDATE conversation_references SET opted_out = $3 WHERE tenant_id = $1 AND person_id = $2`), tenantID, personID, out)
		return err
	})
}

// reachable is the state of somebody with the reference r as a campaign plans it.
func reachable(mandatory bool) string {
	if mandatory {
		return `COALESCE(r.state, '')`
	}
	return `CASE WHEN r.state = 'installed' AND r.opted_out THEN 'opted_out' ELSE COALESCE(r.state, '') END`
}

// authored are the tables with what people made, and the column of its name.
var authored = []struct{ kind, table, id, name string }{
	{"campaign", "campaigns", "id", "name"}, {"list", "lists", "id", "name"}, {"survey", "surveys", "id", "name"}, {"image", "images", "name", "name"},
	{"installation", "installations", "id", "''"},
}

// everything about one person is found by their object id and these addresses, in lower case: those that they have, and those under which
// campaigns were sent to them.
func (db *DB) addresses(ctx context.Context, from rower, tenantID, personID string) ([]string, error) {
	found := map[string]bool{}
	err := eachRow(ctx, from, db.q(`SELECT mail FROM people WHERE tenant_id = $1 AND person_id = $2 UNION SELECT upn FROM people WHERE tenant_id = $1 AND person_id = $2
		UNION SELECT email FROM deliveries WHERE recipient = $2 AND tenant_id = $1`), []any{tenantID, personID}, func(rows *sql.Rows) error {
		var address string
		err := rows.Scan(&address)
		if address != "" {
			found[strings.ToLower(address)] = true
		}
		return err
	})
	return slices.Sorted(maps.Keys(found)), err
}

// typedIn finds the campaigns whose author typed one of the addresses.
func (db *DB) typedIn(ctx context.Context, from rower, tenantID string, addresses []string) (out []typed, err error) {
	for _, address := range addresses {
		quoted, err := json.Marshal(address)
		if err != nil {
			return nil, err
		}
		// SQLite's LIKE knows the case of no letter of ASCII, its LOWER none but those; what is found is looked at again.
		err = eachRow(ctx, from, db.q(`SELECT num, id, name, audience, status = 'sending' AND NOT planned FROM campaigns WHERE tenant_id = $1 AND LOWER(audience) LIKE $2 ESCAPE '\' ORDER BY num`), []any{tenantID, contains(string(quoted))}, func(rows *sql.Rows) error {
			var t typed
			var audience []byte
			if err := rows.Scan(&t.num, &t.id, &t.name, &audience, &t.starting); err != nil {
				return err
			}
			if err := json.Unmarshal(audience, &t.audience); err != nil {
				return err
			}
			if i := slices.IndexFunc(out, func(o typed) bool { return o.num == t.num }); i < 0 && slices.ContainsFunc(t.audience.Emails, isOneOf(addresses)) {
				out = append(out, t)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func isOneOf(addresses []string) func(string) bool {
	return func(address string) bool { return slices.Contains(addresses, strings.ToLower(address)) }
}

type typed struct {
	num      int64
	id, name string
	audience campaigns.Audience
	starting bool
}

// removed is what is left of a delivery whose person was removed: what became of it, and what they did with it.
const removed = `recipient = 'removed:' || seq, person_id = '', email = '', display_name = '', search_key = '', conversation_id = '', activity_id = '', answer = '', cells = ''`

package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
	"herald/campaigns/survey"
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
	rows, err := from.QueryContext(ctx, db.q(`SELECT s.value, f.person FROM forgotten f JOIN secrets s ON s.name = '`+forgottenSecret+`' WHERE f.tenant_id = $1`), tenantID)
	if err != nil {
		return w, err
	}
	defer rows.Close()
	for rows.Next() {
		var key, hash string
		if err := rows.Scan(&key, &hash); err != nil {
			return w, err
		}
		if w.key == nil {
			if w.key, err = base64.StdEncoding.DecodeString(key); err != nil {
				return w, err
			}
		}
		w.hashes[hash] = true
	}
	return w, rows.Err()
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
	rows, err := tx.QueryContext(ctx, db.q(`SELECT num FROM campaigns WHERE tenant_id = $1 AND status = 'sending' ORDER BY num`+db.forUpdate()), tenantID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { // to the end: PostgreSQL locks row by row
	}
	return rows.Err()
}

// closeOpen ends what has not reached a person yet in campaigns that are being sent and locked, as skipped or cancelled.
func (db *DB) closeOpen(ctx context.Context, tx *sql.Tx, tenantID, recipient string, status campaigns.DeliveryStatus, reason campaigns.Reason, mandatoryToo bool, now time.Time) error {
	spared := ` AND NOT c.mandatory`
	if mandatoryToo {
		spared = ``
	}
	rows, err := tx.QueryContext(ctx, db.q(`SELECT c.num, d.seq, d.status FROM deliveries d JOIN campaigns c ON c.num = d.campaign
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND NOT d.final AND d.status IN ('pending', 'rescheduled') AND c.status = 'sending'`+spared+` ORDER BY c.num`), recipient, tenantID)
	if err != nil {
		return err
	}
	defer rows.Close()
	type open struct {
		num, seq int64
		was      string
	}
	var all []open
	for rows.Next() {
		var o open
		if err := rows.Scan(&o.num, &o.seq, &o.was); err != nil {
			return err
		}
		all = append(all, o)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	for _, o := range all {
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE deliveries SET status = $3, final = TRUE, reason = $4 WHERE campaign = $1 AND seq = $2`), o.num, o.seq, string(status), string(reason)); err != nil {
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
}

// everything about one person is found by their object id and these addresses, in lower case: those that they have, and those under which
// campaigns were sent to them.
func (db *DB) addresses(ctx context.Context, from rower, tenantID, personID string) ([]string, error) {
	rows, err := from.QueryContext(ctx, db.q(`SELECT mail FROM people WHERE tenant_id = $1 AND person_id = $2 UNION SELECT upn FROM people WHERE tenant_id = $1 AND person_id = $2
		UNION SELECT email FROM deliveries WHERE recipient = $2 AND tenant_id = $1`), tenantID, personID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var address string
		if err := rows.Scan(&address); err != nil {
			return nil, err
		}
		if address != "" {
			found[strings.ToLower(address)] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), rows.Err()
}

// typedIn finds the campaigns whose author typed one of the addresses.
func (db *DB) typedIn(ctx context.Context, from rower, tenantID string, addresses []string) (out []typed, err error) {
	for _, address := range addresses {
		quoted, err := json.Marshal(address)
		if err != nil {
			return nil, err
		}
		// SQLite's LIKE knows the case of no letter of ASCII, its LOWER none but those; what is found is looked at again.
		rows, err := from.QueryContext(ctx, db.q(`SELECT num, id, name, audience, status = 'sending' AND NOT planned FROM campaigns WHERE tenant_id = $1 AND LOWER(audience) LIKE $2 ESCAPE '\' ORDER BY num`), tenantID, contains(string(quoted)))
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var t typed
			var audience []byte
			if err = rows.Scan(&t.num, &t.id, &t.name, &audience, &t.starting); err == nil {
				err = json.Unmarshal(audience, &t.audience)
			}
			if err != nil {
				break
			}
			if i := slices.IndexFunc(out, func(o typed) bool { return o.num == t.num }); i < 0 && slices.ContainsFunc(t.audience.Emails, isOneOf(addresses)) {
				out = append(out, t)
			}
		}
		err = errors.Join(err, rows.Err(), rows.Close())
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

// removeDeliveries makes a person's deliveries those of nobody, with what was answered to them, and counts them.
func (db *DB) removeDeliveries(ctx context.Context, tx *sql.Tx, tenantID, recipient string) (int, error) {
	rows, err := tx.QueryContext(ctx, db.q(`UPDATE deliveries SET `+removed+` WHERE recipient = $1 AND tenant_id = $2 RETURNING campaign, seq`), recipient, tenantID)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var all [][2]int64
	for rows.Next() {
		var at [2]int64
		if err := rows.Scan(&at[0], &at[1]); err != nil {
			return 0, err
		}
		all = append(all, at)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, at := range all {
		if err := db.blankResponses(ctx, tx, at[0], at[1]-1, at[1]); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// blankResponses takes from what was answered to a campaign's deliveries after one and up to another what can tell whose answer it
// is: texts, moments, and what was never sent off. What was chosen still counts. Anonymous answers lead to no delivery. The
// deliveries are written before, so that nobody answers meanwhile: see SaveResponse.
func (db *DB) blankResponses(ctx context.Context, tx *sql.Tx, campaign, after, upTo int64) error {
	rows, err := tx.QueryContext(ctx, db.q(`SELECT r.slot, r.version, r.answers FROM deliveries d CROSS JOIN responses r
		WHERE d.campaign = $1 AND d.seq > $2 AND d.seq <= $3 AND r.campaign = d.campaign AND r.slot = 'd' || CAST(d.seq AS TEXT)`), campaign, after, upTo)
	if err != nil {
		return err
	}
	defer rows.Close()
	type response struct {
		slot    string
		version int
		answers string
	}
	var all []response
	for rows.Next() {
		var r response
		if err := rows.Scan(&r.slot, &r.version, &r.answers); err != nil {
			return err
		}
		all = append(all, r)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	definitions := map[int]survey.Definition{}
	for _, r := range all {
		if r.answers != "" {
			d, read := definitions[r.version]
			if !read {
				if d, err = db.askedIn(ctx, tx, campaign, r.version); err != nil {
					return err
				}
				definitions[r.version] = d
			}
			a, err := decodeAnswers(r.answers)
			if err != nil {
				return err
			}
			if r.answers, err = encodeAnswers(d.WithoutTexts(a)); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE responses SET answers = $3, pending = '', started_at = NULL, answered_at = NULL WHERE campaign = $1 AND slot = $2`), campaign, r.slot, r.answers); err != nil {
			return err
		}
	}
	return nil
}

// askedIn is a version of the survey that a campaign asks; without questions when it is not there any more.
func (db *DB) askedIn(ctx context.Context, from rower, campaign int64, version int) (d survey.Definition, err error) {
	var text []byte
	err = from.QueryRowContext(ctx, db.q(`SELECT v.definition FROM campaigns c JOIN survey_versions v ON v.tenant_id = c.tenant_id AND v.survey_id = c.survey_id WHERE c.num = $1 AND v.version = $2`), campaign, version).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	return d, err
}

// removeDeciders takes a person out of the approvals that they asked for or decided, and counts those.
func (db *DB) removeDeciders(ctx context.Context, tx *sql.Tx, tenantID, personID string) (int, error) {
	quoted, err := json.Marshal(personID)
	if err != nil {
		return 0, err
	}
	rows, err := tx.QueryContext(ctx, db.q(`SELECT num, approval FROM campaigns WHERE tenant_id = $1 AND approval LIKE $2 ESCAPE '\' ORDER BY num`+db.forUpdate()), tenantID, contains(string(quoted)))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	all := map[int64]campaigns.Approval{}
	for rows.Next() {
		var num int64
		var text []byte
		var ap campaigns.Approval
		if err := rows.Scan(&num, &text); err != nil {
			return 0, err
		}
		if err := json.Unmarshal(text, &ap); err != nil {
			return 0, err
		}
		all[num] = ap
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for num, ap := range all {
		for _, who := range []*campaigns.Author{&ap.RequestedBy, ap.By} {
			if who != nil && who.ID == personID {
				*who = campaigns.Author{ID: campaigns.Former}
			}
		}
		_, text, err := encodeApproval(&ap)
		if err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET approval = $2 WHERE num = $1`), num, text); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// aboutSomebody finds the lines of the audit log about what somebody did, or what was done to them.
const aboutSomebody = ` FROM audit_log WHERE tenant_id = $1 AND (actor_id = $2 OR target_id = $2)`

// hideNotes empties what names a person in the lines of the audit log, and counts these: whatever they did, what was done to them, and
// details with their id, an address or their whole name. The log lets nothing else be changed in it.
func (db *DB) hideNotes(ctx context.Context, tx *sql.Tx, tenantID, personID string, names []string) (n int, err error) {
	var pieces []string
	for _, name := range append(names, personID) {
		if name == "" {
			continue
		}
		quoted, err := json.Marshal(strings.ToLower(name)) // as it stands in JSON
		if err != nil {
			return 0, err
		}
		pieces = append(pieces, string(quoted[1:len(quoted)-1]))
	}
	rows, err := tx.QueryContext(ctx, db.q(`SELECT id, actor_id, target_id, detail FROM audit_log WHERE tenant_id = $1`), tenantID)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	type line struct {
		id                    string
		actor, target, detail bool
	}
	var all []line
	for rows.Next() {
		var l line
		var actor, target, detail string
		if err := rows.Scan(&l.id, &actor, &target, &detail); err != nil {
			return 0, err
		}
		detail = strings.ToLower(detail)
		l.actor, l.target = actor == personID, target == personID
		l.detail = slices.ContainsFunc(pieces, func(p string) bool { return strings.Contains(detail, p) })
		if l.actor || l.target || l.detail {
			all = append(all, l)
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, l := range all {
		set := `search_key = ''`
		if l.actor {
			set += `, actor_id = '', actor_name = ''`
		}
		if l.target {
			set += `, target_id = '', target_name = ''`
		}
		if l.detail {
			set += `, detail = '{}'`
		}
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE audit_log SET `+set+` WHERE tenant_id = $1 AND id = $2`), tenantID, l.id); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// ForgetPerson implements campaigns.PrivacyStore.
func (db *DB) ForgetPerson(ctx context.Context, tenantID, personID string, now time.Time) (f campaigns.Forgotten, err error) {
	key, err := db.Secret(ctx, forgottenSecret)
	if err != nil {
		return f, err
	}
	err = db.tx(ctx, func(tx *sql.Tx) error {
		f = campaigns.Forgotten{}
		if db.dialect == postgres {
			if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(`+strconv.Itoa(forgetLock)+`)`); err != nil {
				return err
			}
		}
		if err := db.lockSending(ctx, tx, tenantID); err != nil {
			return err
		}
		var onTheWire int
		if err := tx.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM deliveries WHERE recipient = $1 AND tenant_id = $2 AND NOT final AND status = 'sending'`), personID, tenantID).Scan(&onTheWire); err != nil {
			return err
		}
		if onTheWire > 0 { // its outcome would bring the chat back
			return campaigns.Errorf(campaigns.CodeConflict, "on_the_wire", "A message to this person is on its way right now. Try again in a moment.")
		}
		addresses, err := db.addresses(ctx, tx, tenantID, personID)
		if err != nil {
			return err
		}
		var name string
		if err := tx.QueryRowContext(ctx, db.q(`SELECT display_name FROM people WHERE tenant_id = $1 AND person_id = $2`), tenantID, personID).Scan(&name); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		in, err := db.typedIn(ctx, tx, tenantID, addresses)
		if err != nil {
			return err
		}
		for _, t := range in {
			if t.starting { // its plan counts the addresses
				return campaigns.Errorf(campaigns.CodeConflict, "being_planned", "The campaign %q is starting and names this person. Try again in a moment.", t.name)
			}
			t.audience.Emails = slices.DeleteFunc(t.audience.Emails, isOneOf(addresses))
			audience, err := json.Marshal(t.audience)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, db.q(`UPDATE campaigns SET audience = $2, version = version + 1 WHERE num = $1`), t.num, string(audience)); err != nil {
				return err
			}
			f.Typed++
		}
		count := func(n *int, statement string, args ...any) error {
			res, err := tx.ExecContext(ctx, db.q(statement), args...)
			if err != nil {
				return err
			}
			changed, err := res.RowsAffected()
			*n += int(changed)
			return err
		}
		var updated int
		if err := count(&updated, `UPDATE campaigns SET updated_by_id = '`+campaigns.Former+`', updated_by_name = '' WHERE tenant_id = $1 AND updated_by_id = $2`, tenantID, personID); err != nil {
			return err
		}
		for _, a := range authored {
			if err := count(&f.Authored, `UPDATE `+a.table+` SET created_by_id = '`+campaigns.Former+`', created_by_name = '' WHERE tenant_id = $1 AND created_by_id = $2`, tenantID, personID); err != nil {
				return err
			}
		}
		if err := db.closeOpen(ctx, tx, tenantID, personID, campaigns.DeliveryCancelled, campaigns.Removed, true, now); err != nil {
			return err
		}
		recipients := []string{personID}
		for _, address := range addresses {
			recipients = append(recipients, campaigns.UnknownRecipient(address))
		}
		for _, recipient := range recipients {
			n, err := db.removeDeliveries(ctx, tx, tenantID, recipient)
			if err != nil {
				return err
			}
			f.Deliveries += n
			if err := count(&updated, `DELETE FROM campaign_exclusions WHERE tenant_id = $1 AND recipient = $2`, tenantID, recipient); err != nil {
				return err
			}
		}
		for _, address := range addresses {
			if err := count(&updated, `UPDATE lists SET members = members - 1 WHERE tenant_id = $1 AND num IN (SELECT list FROM list_members WHERE tenant_id = $1 AND address_key = $2)`, tenantID, address); err != nil {
				return err
			}
			if err := count(&f.Members, `DELETE FROM list_members WHERE tenant_id = $1 AND address_key = $2`, tenantID, address); err != nil {
				return err
			}
		}
		var known int
		for _, table := range []string{"people", "conversation_references"} {
			if err := count(&known, `DELETE FROM `+table+` WHERE tenant_id = $1 AND person_id = $2`, tenantID, personID); err != nil {
				return err
			}
		}
		decided, err := db.removeDeciders(ctx, tx, tenantID, personID)
		if err != nil {
			return err
		}
		if err := count(&f.Noted, `DELETE FROM role_holders WHERE tenant_id = $1 AND person_id = $2`, tenantID, personID); err != nil {
			return err
		}
		noted, err := db.hideNotes(ctx, tx, tenantID, personID, append(addresses, name))
		if err != nil {
			return err
		}
		f.Noted += noted
		if known+updated+decided+f.Deliveries+f.Members+f.Authored+f.Typed+f.Noted == 0 {
			return campaigns.Errorf(campaigns.CodeNotFound, "unknown_person", "Herald knows nothing of such a person.")
		}
		hash := hashOf(key, tenantID, personID)
		if err := db.note(ctx, tx, tenantID, campaigns.PersonForgotten, campaigns.Target{Kind: "person", ID: hash}, f); err != nil {
			return err
		}
		// Somebody who forgets themselves.
		if _, err := tx.ExecContext(ctx, db.q(`UPDATE audit_log SET actor_id = '', actor_name = '', search_key = '' WHERE tenant_id = $1 AND actor_id = $2`), tenantID, personID); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, db.q(`INSERT INTO forgotten (tenant_id, person, forgotten_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`), tenantID, hash, millis(now))
		return err
	})
	return f, err
}

// Trace implements campaigns.PrivacyStore.
func (db *DB) Trace(ctx context.Context, tenantID, personID string) (t campaigns.Trace, err error) {
	t.Person = campaigns.Person{TenantID: tenantID, ID: personID}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT `+personColumns+`, p.gone FROM people p WHERE p.tenant_id = $1 AND p.person_id = $2`), tenantID, personID).Scan(append(personDest(&t.Person), &t.Gone)...)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, err
	}
	err = db.read.QueryRowContext(ctx, db.q(`SELECT state, opted_out FROM conversation_references WHERE tenant_id = $1 AND person_id = $2`), tenantID, personID).Scan(&t.State, &t.OptedOut)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t, err
	}
	addresses, err := db.addresses(ctx, db.read, tenantID, personID)
	if err != nil {
		return t, err
	}
	add := func(to *int, statement string, args ...any) {
		if err != nil {
			return
		}
		var n int
		err = db.read.QueryRowContext(ctx, db.q(statement), args...).Scan(&n)
		*to += n
	}
	add(&t.Deliveries, `SELECT COUNT(*) FROM deliveries WHERE recipient = $1 AND tenant_id = $2`, personID, tenantID)
	for _, address := range addresses {
		add(&t.Deliveries, `SELECT COUNT(*) FROM deliveries WHERE recipient = $1 AND tenant_id = $2`, campaigns.UnknownRecipient(address), tenantID)
		add(&t.Lists, `SELECT COUNT(*) FROM list_members WHERE tenant_id = $1 AND address_key = $2`, tenantID, address)
	}
	for _, a := range authored {
		add(&t.Authored, `SELECT COUNT(*) FROM `+a.table+` WHERE tenant_id = $1 AND created_by_id = $2`, tenantID, personID)
	}
	add(&t.Noted, `SELECT COUNT(*)`+aboutSomebody, tenantID, personID)
	add(&t.Noted, `SELECT COUNT(*) FROM role_holders WHERE tenant_id = $1 AND person_id = $2`, tenantID, personID)
	add(&t.Authored, `SELECT COUNT(*) FROM campaigns WHERE tenant_id = $1 AND updated_by_id = $2 AND created_by_id <> $2`, tenantID, personID)
	if err != nil {
		return t, err
	}
	in, err := db.typedIn(ctx, db.read, tenantID, addresses)
	t.Typed = len(in)
	return t, err
}

// Known implements campaigns.PrivacyStore.
func (db *DB) Known(ctx context.Context, tenantID string, words []string, limit int) (out []campaigns.Trace, err error) {
	args := []any{tenantID, limit}
	where := ""
	for _, w := range words {
		args = append(args, contains(w))
		where += ` AND p.search_key LIKE $` + strconv.Itoa(len(args)) + ` ESCAPE '\'`
	}
	err = db.each(ctx, db.q(`SELECT `+personColumns+`, p.gone, COALESCE(r.state, ''), COALESCE(r.opted_out, FALSE)
		FROM (SELECT * FROM people p WHERE p.tenant_id = $1`+where+` LIMIT $2) p
		LEFT JOIN conversation_references r ON r.tenant_id = p.tenant_id AND r.person_id = p.person_id
		ORDER BY p.search_key, p.person_id`), args, func(rows *sql.Rows) error {
		var t campaigns.Trace
		err := rows.Scan(append(personDest(&t.Person), &t.Gone, &t.State, &t.OptedOut)...)
		out = append(out, t)
		return err
	})
	if err != nil || len(words) != 1 || len(out) > 0 {
		return out, err
	}
	t, err := db.Trace(ctx, tenantID, strings.ToLower(words[0]))
	if err == nil && !t.Empty() {
		out = append(out, t)
	}
	return out, err
}

// PersonData implements campaigns.PrivacyStore.
func (db *DB) PersonData(ctx context.Context, tenantID, personID string, now time.Time) (*campaigns.PersonData, error) {
	t, err := db.Trace(ctx, tenantID, personID)
	if err != nil {
		return nil, err
	}
	if t.Empty() {
		return nil, campaigns.Errorf(campaigns.CodeNotFound, "unknown_person", "Herald knows nothing of such a person.")
	}
	out := &campaigns.PersonData{ExportedAt: now, TenantID: tenantID, PersonID: personID, Deliveries: []campaigns.DeliveryData{}, Lists: []campaigns.MembershipData{}, Authored: []campaigns.AuthoredData{}, Typed: []campaigns.CampaignName{}, Noted: []campaigns.NotedData{}}
	if p := t.Person; (p != campaigns.Person{TenantID: tenantID, ID: personID}) || t.Gone {
		out.Directory = &campaigns.DirectoryData{UPN: p.UPN, Mail: p.Mail, DisplayName: p.DisplayName, GivenName: p.GivenName, Surname: p.Surname, Locale: p.Locale, Left: t.Gone}
	}
	r, err := db.Reference(ctx, tenantID, personID)
	if err == nil {
		out.Chat = &campaigns.ChatData{State: r.State, OptedOut: r.OptedOut, UserID: r.UserID, ConversationID: r.ConversationID, ServiceURL: r.ServiceURL, AppVersion: r.AppVersion, Locale: r.Locale, Welcomed: r.Welcomed, UpdatedAt: r.UpdatedAt}
	} else if campaigns.CodeOf(err) != campaigns.CodeNotFound {
		return nil, err
	}
	addresses, err := db.addresses(ctx, db.read, tenantID, personID)
	if err != nil {
		return nil, err
	}
	recipients := []string{personID}
	for _, address := range addresses {
		recipients = append(recipients, campaigns.UnknownRecipient(address))
	}
	for _, recipient := range recipients {
		if err := db.deliveriesOf(ctx, tenantID, recipient, out); err != nil {
			return nil, err
		}
	}
	for _, address := range addresses {
		err := db.each(ctx, db.q(`SELECT l.id, l.name, m.email, m.cells FROM list_members m JOIN lists l ON l.num = m.list WHERE m.tenant_id = $1 AND m.address_key = $2 ORDER BY l.num`), []any{tenantID, address}, func(rows *sql.Rows) error {
			var m campaigns.MembershipData
			var cells string
			err := rows.Scan(&m.List.ID, &m.List.Name, &m.Email, &cells)
			if err == nil {
				m.Values, err = cellsOf(cells)
			}
			out.Lists = append(out.Lists, m)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for _, a := range authored {
		by := `created_by_id = $2`
		if a.kind == "campaign" {
			by = `(created_by_id = $2 OR updated_by_id = $2)`
		}
		err := db.each(ctx, db.q(`SELECT `+a.id+`, `+a.name+`, created_at FROM `+a.table+` WHERE tenant_id = $1 AND `+by+` ORDER BY created_at, `+a.id), []any{tenantID, personID}, func(rows *sql.Rows) error {
			d := campaigns.AuthoredData{Kind: a.kind}
			var at int64
			err := rows.Scan(&d.ID, &d.Name, &at)
			d.At = moment(at)
			out.Authored = append(out.Authored, d)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if err := db.notedOf(ctx, tenantID, personID, out); err != nil {
		return nil, err
	}
	in, err := db.typedIn(ctx, db.read, tenantID, addresses)
	for _, t := range in {
		out.Typed = append(out.Typed, campaigns.CampaignName{ID: t.id, Name: t.name})
	}
	return out, err
}

// notedOf adds what a person did in the tab, and with which role.
func (db *DB) notedOf(ctx context.Context, tenantID, personID string, out *campaigns.PersonData) error {
	var role campaigns.RoleData
	var roles []byte
	var seen int64
	err := db.read.QueryRowContext(ctx, db.q(`SELECT display_name, upn, roles, seen_at FROM role_holders WHERE tenant_id = $1 AND person_id = $2`), tenantID, personID).Scan(&role.DisplayName, &role.UPN, &roles, &seen)
	if err == nil {
		role.SeenAt = moment(seen)
		out.Role, err = &role, json.Unmarshal(roles, &role.Roles)
	} else if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return err
	}
	return db.each(ctx, db.q(`SELECT at, action, actor_id = $2, target_kind, target_id, target_name, detail`+aboutSomebody+` ORDER BY id`), []any{tenantID, personID}, func(rows *sql.Rows) error {
		var n campaigns.NotedData
		var at int64
		var detail []byte
		err := rows.Scan(&at, &n.Action, &n.Own, &n.Kind, &n.ID, &n.Name, &detail)
		n.At, n.Detail = moment(at), detail
		out.Noted = append(out.Noted, n)
		return err
	})
}

func cellsOf(text string) (map[string]string, error) {
	values := map[string]string{}
	if text == "" {
		return values, nil
	}
	return values, json.Unmarshal([]byte(text), &values)
}

func (db *DB) deliveriesOf(ctx context.Context, tenantID, recipient string, out *campaigns.PersonData) error {
	type place struct{ num, seq int64 }
	at := map[place]int{}
	err := db.each(ctx, db.q(`SELECT c.num, d.seq, c.id, c.name, d.email, d.display_name, d.cells, d.status, d.reason, d.attempts, d.first_at, d.sent_at, d.read_at, d.reaction, d.answered_at, d.answer
		FROM deliveries d JOIN campaigns c ON c.num = d.campaign WHERE d.recipient = $1 AND d.tenant_id = $2 ORDER BY c.num`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		d := campaigns.DeliveryData{Clicks: []campaigns.ClickData{}}
		var p place
		var cells string
		var first, sent, read, answered sql.NullInt64
		err := rows.Scan(&p.num, &p.seq, &d.Campaign.ID, &d.Campaign.Name, &d.Email, &d.DisplayName, &cells, &d.Status, &d.Reason, &d.Attempts, &first, &sent, &read, &d.Reaction, &answered, &d.Answer)
		if err == nil {
			d.Values, err = cellsOf(cells)
		}
		d.FirstAt, d.SentAt, d.ReadAt, d.AnsweredAt = momentPtr(first), momentPtr(sent), momentPtr(read), momentPtr(answered)
		at[p] = len(out.Deliveries)
		out.Deliveries = append(out.Deliveries, d)
		return err
	})
	if err != nil {
		return err
	}
	for p, i := range at {
		if out.Deliveries[i].Survey, err = db.answersOf(ctx, tenantID, p.num, p.seq); err != nil {
			return err
		}
	}
	return db.each(ctx, db.q(`SELECT k.campaign, k.seq, k.link, k.clicks, k.first_at FROM deliveries d CROSS JOIN link_clicks k
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND k.campaign = d.campaign AND k.seq = d.seq ORDER BY k.campaign, k.link`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		var p place
		var k campaigns.ClickData
		var first int64
		err := rows.Scan(&p.num, &p.seq, &k.Link, &k.Clicks, &first)
		k.FirstAt = moment(first)
		if i, known := at[p]; known {
			out.Deliveries[i].Clicks = append(out.Deliveries[i].Clicks, k)
		}
		return err
	})
}

// answersOf is what somebody answered to a delivery; nil when nothing, or anonymously.
func (db *DB) answersOf(ctx context.Context, tenantID string, campaign, seq int64) (*campaigns.AnswersData, error) {
	var out campaigns.AnswersData
	var version int
	var answers, pending string
	var started, answered sql.NullInt64
	err := db.read.QueryRowContext(ctx, db.q(`SELECT version, answers, pending, done, started_at, answered_at FROM responses WHERE campaign = $1 AND slot = $2 AND tenant_id = $3`),
		campaign, "d"+strconv.FormatInt(seq, 10), tenantID).Scan(&version, &answers, &pending, &out.Done, &started, &answered)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out.StartedAt, out.AnsweredAt = momentPtr(started), momentPtr(answered)
	d, err := db.askedIn(ctx, db.read, campaign, version)
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		text string
		to   *[]campaigns.AnswerData
	}{{answers, &out.Answers}, {pending, &out.Unfinished}} {
		*part.to = []campaigns.AnswerData{}
		a, err := decodeAnswers(part.text)
		if err != nil {
			return nil, err
		}
		columns := survey.Columns(d)
		for i, cell := range survey.Row(d, a) {
			if cell != "" {
				*part.to = append(*part.to, campaigns.AnswerData{Question: columns[i], Answer: cell})
			}
		}
	}
	return &out, nil
}

var _ campaigns.PrivacyStore = (*DB)(nil)

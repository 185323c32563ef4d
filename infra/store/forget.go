package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"herald/campaigns"
	"herald/campaigns/survey"
)

// removeDeliveries makes a person's deliveries those of nobody, with what was answered to them, and counts them.
func (db *DB) removeDeliveries(ctx context.Context, tx *sql.Tx, tenantID, recipient string) (int, error) {
	var all [][2]int64
	err := eachRow(ctx, tx, db.q(`UPDATE deliveries SET `+removed+` WHERE recipient = $1 AND tenant_id = $2 RETURNING campaign, seq`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		var at [2]int64
		err := rows.Scan(&at[0], &at[1])
		all = append(all, at)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, at := range all {
		if err := db.removeTraces(ctx, tx, at[0], at[1]-1, at[1]); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}

// blankResponses takes from what was answered to a campaign's deliveries after one and up to another what can tell whose answer it
// is: texts, moments, and what was never sent off. What was chosen still counts. Anonymous answers lead to no delivery. The
// deliveries are written before, so that nobody answers meanwhile: see SaveResponse.
func (db *DB) blankResponses(ctx context.Context, tx *sql.Tx, campaign, after, upTo int64) error {
	type response struct {
		slot    string
		version int
		answers string
	}
	var all []response
	err := eachRow(ctx, tx, db.q(`SELECT r.slot, r.version, r.answers FROM deliveries d CROSS JOIN responses r
		WHERE d.campaign = $1 AND d.seq > $2 AND d.seq <= $3 AND r.campaign = d.campaign AND r.slot = 'd' || CAST(d.seq AS TEXT)`), []any{campaign, after, upTo}, func(rows *sql.Rows) error {
		var r response
		err := rows.Scan(&r.slot, &r.version, &r.answers)
		all = append(all, r)
		return err
	})
	if err != nil {
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
	if err != nil {
		return d, ifNone(err, nil)
	}
	return d, json.Unmarshal(text, &d)
}

// removeDeciders takes a person out of the approvals that they asked for or decided, and counts those.
func (db *DB) removeDeciders(ctx context.Context, tx *sql.Tx, tenantID, personID string) (int, error) {
	quoted, err := json.Marshal(personID)
	if err != nil {
		return 0, err
	}
	all := map[int64]campaigns.Approval{}
	err = eachRow(ctx, tx, db.q(`SELECT num, approval FROM campaigns WHERE tenant_id = $1 AND approval LIKE $2 ESCAPE '\' ORDER BY num`+db.forUpdate()), []any{tenantID, contains(string(quoted))}, func(rows *sql.Rows) error {
		var num int64
		var text []byte
		if err := rows.Scan(&num, &text); err != nil {
			return err
		}
		ap, err := decodeApproval(text)
		if err != nil {
			return err
		}
		all[num] = *ap
		return nil
	})
	if err != nil {
		return 0, err
	}
	for num, ap := range all {
		ap.Forget(personID)
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
		if name != "" {
			pieces = append(pieces, strings.ToLower(name))
		}
	}
	type line struct {
		id                    string
		actor, target, detail bool
	}
	var all []line
	err = eachRow(ctx, tx, db.q(`SELECT id, actor_id, target_id, detail FROM audit_log WHERE tenant_id = $1`), []any{tenantID}, func(rows *sql.Rows) error {
		var l line
		var actor, target, detail string
		if err := rows.Scan(&l.id, &actor, &target, &detail); err != nil {
			return err
		}
		l.actor, l.target = actor == personID, target == personID
		var values any
		if err := json.Unmarshal([]byte(detail), &values); err != nil {
			return err
		}
		l.detail = mentions(values, pieces)
		if l.actor || l.target || l.detail {
			all = append(all, l)
		}
		return nil
	})
	if err != nil {
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

// mentions says whether one of the texts in a value of JSON holds one of the names, in lower case, as words of their own: the log must
// not lose what it says of annual plans with somebody called Ann. The keys are Herald's own words.
func mentions(value any, names []string) bool {
	switch v := value.(type) {
	case string:
		text := strings.ToLower(v)
		return slices.ContainsFunc(names, func(name string) bool { return holdsWord(text, name) })
	case []any:
		return slices.ContainsFunc(v, func(each any) bool { return mentions(each, names) })
	case map[string]any:
		for _, each := range v {
			if mentions(each, names) {
				return true
			}
		}
	}
	return false
}

// unspaced are the scripts that put nothing between words.
var unspaced = []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}

func holdsWord(text, word string) bool {
	letter := func(r rune) bool { return (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.In(r, unspaced...) }
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		if !letter(before) && !letter(after) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		from = at + size
	}
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
		if err := tx.QueryRowContext(ctx, db.q(`SELECT COUNT(*) FROM deliveries d WHERE d.recipient = $1 AND d.tenant_id = $2 AND (NOT d.final AND d.status = 'sending'
			OR EXISTS (SELECT 1 FROM snoozes s WHERE s.campaign = d.campaign AND s.seq = d.seq AND s.state = 'sending'))`), personID, tenantID).Scan(&onTheWire); err != nil {
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
			changed, err := affected(tx.ExecContext(ctx, db.q(statement), args...))
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
		if f.Installs, err = db.removeTargets(ctx, tx, tenantID, personID); err != nil {
			return err
		}
		decided, err := db.removeDeciders(ctx, tx, tenantID, personID)
		if err != nil {
			return err
		}
		if err := db.forgetInNotices(ctx, tx, tenantID, personID); err != nil {
			return err
		}
		for _, table := range []string{"role_holders", "notices"} {
			if err := count(&f.Noted, `DELETE FROM `+table+` WHERE tenant_id = $1 AND person_id = $2`, tenantID, personID); err != nil {
				return err
			}
		}
		noted, err := db.hideNotes(ctx, tx, tenantID, personID, append(addresses, name))
		if err != nil {
			return err
		}
		f.Noted += noted
		if known+updated+decided+f.Deliveries+f.Members+f.Authored+f.Typed+f.Installs+f.Noted == 0 {
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

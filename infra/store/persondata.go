package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"herald/campaigns"
	"herald/campaigns/survey"
)

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
	add(&t.Installs, `SELECT COUNT(*) FROM installation_people WHERE tenant_id = $1 AND person_id = $2`, tenantID, personID)
	add(&t.Noted, `SELECT COUNT(*)`+aboutSomebody, tenantID, personID)
	for _, table := range []string{"role_holders", "notices"} {
		add(&t.Noted, `SELECT COUNT(*) FROM `+table+` WHERE tenant_id = $1 AND person_id = $2`, tenantID, personID)
	}
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
	out := &campaigns.PersonData{ExportedAt: now, TenantID: tenantID, PersonID: personID, Deliveries: []campaigns.DeliveryData{}, Lists: []campaigns.MembershipData{}, Authored: []campaigns.AuthoredData{}, Installs: []campaigns.InstalledData{}, Typed: []campaigns.CampaignName{}, Noted: []campaigns.NotedData{}, Notices: []campaigns.NoticeData{}}
	zones, err := db.ZonesOf(ctx, tenantID, []string{personID})
	if err != nil {
		return nil, err
	}
	z := zones[personID]
	if p := t.Person; (p != campaigns.Person{TenantID: tenantID, ID: personID}) || t.Gone || z != (campaigns.Zones{}) {
		out.Directory = &campaigns.DirectoryData{
			UPN: p.UPN, Mail: p.Mail, DisplayName: p.DisplayName, GivenName: p.GivenName, Surname: p.Surname, Locale: p.Locale, Left: t.Gone,
			TimeZone: z.Client, MailboxTimeZone: z.Mailbox,
		}
		if !z.MailboxAt.IsZero() {
			out.Directory.MailboxAskedAt = &z.MailboxAt
		}
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
	err = db.each(ctx, db.q(`SELECT t.installation, i.created_at, t.state, t.reason FROM installation_people t JOIN installations i ON i.tenant_id = t.tenant_id AND i.id = t.installation
		WHERE t.tenant_id = $1 AND t.person_id = $2 ORDER BY t.installation`), []any{tenantID, personID}, func(rows *sql.Rows) error {
		var d campaigns.InstalledData
		var at int64
		err := rows.Scan(&d.ID, &at, &d.State, &d.Reason)
		d.At = moment(at)
		out.Installs = append(out.Installs, d)
		return err
	})
	if err != nil {
		return nil, err
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
	if out.Notices, err = db.noticesFor(ctx, tenantID, personID); err != nil {
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
	err := db.each(ctx, db.q(`SELECT c.num, d.seq, c.id, c.name, d.email, d.display_name, d.cells, d.status, d.reason, d.attempts, d.first_at, d.sent_at, d.read_at, d.reaction, d.answered_at, d.answer,
			(SELECT t.moment FROM timed_deliveries t WHERE t.campaign = d.campaign AND t.seq = d.seq AND t.moment < `+unplacedText+`)
		FROM deliveries d JOIN campaigns c ON c.num = d.campaign WHERE d.recipient = $1 AND d.tenant_id = $2 ORDER BY c.num`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		d := campaigns.DeliveryData{Clicks: []campaigns.ClickData{}, Checks: []campaigns.Check{}, Snoozes: []campaigns.SnoozeData{}}
		var p place
		var cells string
		var first, sent, read, answered, next sql.NullInt64
		err := rows.Scan(&p.num, &p.seq, &d.Campaign.ID, &d.Campaign.Name, &d.Email, &d.DisplayName, &cells, &d.Status, &d.Reason, &d.Attempts, &first, &sent, &read, &d.Reaction, &answered, &d.Answer, &next)
		if err == nil {
			d.Values, err = cellsOf(cells)
		}
		d.FirstAt, d.SentAt, d.ReadAt, d.AnsweredAt = momentPtr(first), momentPtr(sent), momentPtr(read), momentPtr(answered)
		d.NextAt = momentPtr(next)
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
	err = db.each(ctx, db.q(`SELECT k.campaign, k.seq, k.at, k.found FROM deliveries d CROSS JOIN delivery_checks k
		WHERE d.recipient = $1 AND d.tenant_id = $2 AND k.campaign = d.campaign AND k.seq = d.seq ORDER BY k.campaign, k.n`), []any{recipient, tenantID}, func(rows *sql.Rows) error {
		var p place
		var k campaigns.Check
		var looked int64
		err := rows.Scan(&p.num, &p.seq, &looked, &k.Found)
		k.At = moment(looked)
		if i, known := at[p]; known {
			out.Deliveries[i].Checks = append(out.Deliveries[i].Checks, k)
		}
		return err
	})
	if err != nil {
		return err
	}
	err = db.snoozesOf(ctx, tenantID, recipient, func(campaign, seq int64, s campaigns.SnoozeData) {
		if i, known := at[place{campaign, seq}]; known {
			out.Deliveries[i].Snoozes = append(out.Deliveries[i].Snoozes, s)
		}
	})
	if err != nil {
		return err
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
	if err != nil {
		return nil, ifNone(err, nil)
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

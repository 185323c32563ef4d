package e2e

import (
	"database/sql"
	"net/url"
	"testing"
	"time"
)

// Witness remembers what the ledger said in the middle of a campaign.
type Witness struct {
	t  *testing.T
	db *sql.DB
	id string // of the campaign

	sent  map[string]int  // recorded as sent, by recipient: the attempts then
	going map[string]bool // on the wire after some process was killed, or the living's
}

// NewWitness looks at one campaign of a database.
func NewWitness(t *testing.T, db *sql.DB, id string) *Witness {
	return &Witness{t: t, db: db, id: id, sent: map[string]int{}, going: map[string]bool{}}
}

// Look notes what is recorded as sent and what is on the wire now, and returns both.
func (w *Witness) Look() (sent, going []string) {
	w.t.Helper()
	w.each(`SELECT recipient, status, attempts FROM deliveries WHERE campaign = (SELECT num FROM campaigns WHERE id = $1) AND status IN ('sent', 'sending')`, func(scan func(...any)) {
		var recipient, status string
		var attempts int
		scan(&recipient, &status, &attempts)
		if status == "sending" {
			going = append(going, recipient)
			w.going[recipient] = true
			return
		}
		sent = append(sent, recipient)
		if _, known := w.sent[recipient]; !known {
			w.sent[recipient] = attempts
		}
	})
	return sent, going
}

func (w *Witness) each(query string, row func(scan func(...any))) {
	w.t.Helper()
	rows, err := w.db.QueryContext(w.t.Context(), query, w.id)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		row(func(into ...any) {
			if err := rows.Scan(into...); err != nil {
				w.t.Fatal(err)
			}
		})
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
}

// Audit is what the report, the list of recipients, the database and the cloud agree on.
type Audit struct {
	Counts   map[string]int
	Reasons  map[string]int
	Repeated int // recipients whose attempt was repeated, as the report marks them
	Twice    int // copies of the message beside the first
	Latest   time.Time
}

// Audit compares the four when the campaign is over, and fails the test where one of them
// says something that the guarantees do not allow:
//
//   - everybody has one final state, and the three sides of Herald say the same;
//   - whoever is recorded as sent has it, and whoever is not sent has not, unless an
//     attempt ended without an answer ("unconfirmed", "stopped") or is marked as repeated;
//   - nobody has it twice who is not marked as repeated;
//   - no second copy came after the moment from which it is recorded as sent;
//   - what any Look saw as sent was not attempted since;
//   - with Looks at every kill: nobody has it twice who was not on the wire then.
func (w *Witness) Audit(api *API) Audit {
	t := w.t
	t.Helper()
	out := Audit{Reasons: map[string]int{}}
	report := api.OK(200, "GET", "/campaigns/"+w.id+"/report", nil)
	out.Counts = counts(t, report)
	listed, tally := w.recipients(api)
	got := api.h.Cloud.Received(w.id)
	rows, wrong := 0, 0
	complain := func(format string, args ...any) {
		if wrong++; wrong <= 10 {
			t.Errorf(format, args...)
		}
	}
	w.each(`SELECT recipient, email, status, reason, attempts, repeated, COALESCE(sent_at, 0) FROM deliveries WHERE campaign = (SELECT num FROM campaigns WHERE id = $1)`, func(scan func(...any)) {
		var who, email, status, reason string
		var attempts int
		var repeated bool
		var sentAt int64
		scan(&who, &email, &status, &reason, &attempts, &repeated, &sentAt)
		rows++
		out.Reasons[reason]++
		if repeated {
			out.Repeated++
		}
		if want := (recipient{email, status, reason, attempts, repeated}); listed[email] != want {
			complain("the list of recipients says %+v, the database %+v", listed[email], want)
		}
		copies := got[who]
		delete(got, who)
		out.Twice += max(0, len(copies)-1)
		for i, at := range copies {
			if at.After(out.Latest) {
				out.Latest = at
			}
			if i > 0 && status == "sent" && at.UnixMilli() > sentAt {
				complain("%s got a copy at %s, after it was recorded as sent at %s", email, at, time.UnixMilli(sentAt).UTC())
			}
		}
		switch status {
		case "sent":
			if len(copies) == 0 {
				complain("%s is recorded as sent and has nothing", email)
			}
		case "failed", "skipped", "cancelled", "unscheduled":
			if len(copies) > 0 && reason != "unconfirmed" && !repeated && !(status == "failed" && reason == "stopped") {
				complain("%s has the message and is recorded as %s, %s", email, status, reason)
			}
		default:
			complain("%s has no final state: %s", email, status)
		}
		if len(copies) > 1 && !repeated {
			complain("%s has it %d times and is not marked", email, len(copies))
		}
		if len(copies) > 1 && !w.going[who] {
			complain("%s has it %d times, without having been on the wire when something was killed", email, len(copies))
		}
		if before, was := w.sent[who]; was && (status != "sent" || attempts != before) {
			complain("%s was sent after %d attempts and is now %s after %d", email, before, status, attempts)
		}
	})
	for who := range got {
		complain("%s got a message and is no recipient", who)
	}
	if wrong > 10 {
		t.Errorf("… and %d more", wrong-10)
	}
	if rows != out.Counts["total"] || len(listed) != rows {
		t.Errorf("the report counts %d recipients, the list %d, the database %d", out.Counts["total"], len(listed), rows)
	}
	for status, n := range out.Counts {
		if status != "total" && tally[status] != n {
			t.Errorf("the report counts %d %s, the list %d", n, status, tally[status])
		}
	}
	t.Logf("counts %v, reasons %v, %d repeated, %d copies too many", out.Counts, out.Reasons, out.Repeated, out.Twice)
	return out
}

// recipient is a line of the list, as far as an audit looks at it.
type recipient struct {
	email, status, reason string
	attempts              int
	repeated              bool
}

// recipients pages through the whole list.
func (w *Witness) recipients(api *API) (byEmail map[string]recipient, tally map[string]int) {
	w.t.Helper()
	byEmail, tally = map[string]recipient{}, map[string]int{}
	for cursor := ""; ; {
		page := api.OK(200, "GET", "/campaigns/"+w.id+"/recipients?limit=1000&cursor="+url.QueryEscape(cursor), nil)
		for _, it := range page["items"].([]any) {
			m := it.(map[string]any)
			reason, _ := m["reason"].(string)
			r := recipient{m["email"].(string), m["status"].(string), reason, int(m["attempts"].(float64)), m["repeated"].(bool)}
			if _, twice := byEmail[r.email]; twice {
				w.t.Errorf("%s is listed twice", r.email)
			}
			byEmail[r.email] = r
			tally[r.status]++
		}
		next, more := page["next"].(string)
		if !more {
			return byEmail, tally
		}
		cursor = next
	}
}

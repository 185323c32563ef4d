package tab_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"herald/campaigns"
	"herald/campaigns/delivery"
)

func TestReports(t *testing.T) {
	play(t, []scenario{
		{name: "report of a completed one", request: request{method: "GET", path: "/campaigns/{completed}/report"}, status: 200,
			contains: []string{`"result":"success"`, `"counts":{"total":3,"pending":0,"sending":0,"sent":2,"failed":0,"skipped":1,"rescheduled":0,"cancelled":0,"unscheduled":0}`, `"reasons":[{"reason":"not_installed","count":1}]`, `"sentAt":"2026-11-27T09:59:00Z"`}},
		{name: "report of a scheduled one", request: request{method: "GET", path: "/campaigns/{scheduled}/report"}, status: 200, contains: []string{`"result":"ongoing"`, `"sentAt":null`, `"total":0`, `"reasons":[]`}},
		{name: "report of a stopped one", request: request{method: "GET", path: "/campaigns/{stopped}/report"}, status: 200, contains: []string{`"result":"error"`, `"cancelled":2`, `{"reason":"stopped","count":2}`}},
		{name: "report of a failed one", request: request{method: "GET", path: "/campaigns/{failed}/report"}, status: 200, contains: []string{`"result":"error"`, `"status":"failed"`, `"skipped":1`}},
		{name: "report of a draft", request: request{method: "GET", path: "/campaigns/{draft}/report"}, status: 409, code: "not_started"},
		{name: "report of an unknown one", request: request{method: "GET", path: "/campaigns/nothing/report"}, status: 404, code: "not_found"},

		{name: "links", request: request{method: "GET", path: "/campaigns/{completed}/links"}, status: 200, contains: []string{`{"items":[{"index":0,"url":"https://menu.example/","text":"the menu of [FIRSTNAME]","recipients":0,"clicks":0},{"index":1,"url":"http://home.example/","text":"home","recipients":0,"clicks":0}]}`}},
		{name: "links of a scheduled one", request: request{method: "GET", path: "/campaigns/{scheduled}/links"}, status: 200, contains: []string{"https://menu.example/"}},
		{name: "links of a draft", request: request{method: "GET", path: "/campaigns/{draft}/links"}, status: 409, code: "not_started"},
		{name: "links of an unknown one", request: request{method: "GET", path: "/campaigns/nothing/links"}, status: 404, code: "not_found"},

		{name: "recipients", request: request{method: "GET", path: "/campaigns/{completed}/recipients"}, status: 200, contains: []string{`"email":"ann@contoso.example"`, `"reason":"not_installed"`, `"sentAt":"2026-11-27T10:00:00Z"`, `"next":null`}},
		{name: "recipients of a draft", request: request{method: "GET", path: "/campaigns/{draft}/recipients"}, status: 200, contains: []string{`"items":[]`}},
		{name: "recipients in one state", request: request{method: "GET", path: "/campaigns/{completed}/recipients?status=skipped"}, status: 200, contains: []string{"bob@"}, lacks: []string{"ann@"}},
		{name: "recipients by part of a name with accents", request: request{method: "GET", path: "/campaigns/{completed}/recipients?q=%C3%89LODIE"}, status: 200, contains: []string{"elodie@"}, lacks: []string{"ann@"}},
		{name: "recipients by address", request: request{method: "GET", path: "/campaigns/{completed}/recipients?q=ANN@"}, status: 200, contains: []string{"ann@"}, lacks: []string{"bob@"}},
		{name: "first page of recipients", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=2"}, status: 200, contains: []string{"ann@", "elodie@", `"next":"2"`}, lacks: []string{"bob@"}},
		{name: "last page of recipients", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=2&cursor=2"}, status: 200, contains: []string{"bob@", `"next":null`}, lacks: []string{"ann@"}},
		{name: "recipients by reason", request: request{method: "GET", path: "/campaigns/{completed}/recipients?reason=not_installed"}, status: 200, contains: []string{"bob@", `"total":1,"more":false`}, lacks: []string{"ann@"}},
		{name: "recipients by a reason that nobody has", request: request{method: "GET", path: "/campaigns/{completed}/recipients?reason=weather"}, status: 200, contains: []string{`"items":[]`, `"total":0`}},
		{name: "recipients by reason in another state", request: request{method: "GET", path: "/campaigns/{completed}/recipients?reason=not_installed&status=sent"}, status: 200, contains: []string{`"items":[]`}},
		{name: "number of recipients on the first page", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=1"}, status: 200, contains: []string{`"next":"1"`, `"total":3,"more":false`}},
		{name: "number of recipients in one state", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=1&status=sent"}, status: 200, contains: []string{`"total":2,`}},
		{name: "number of recipients on the last page of a search", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=2&q=contoso&cursor=2"}, status: 200, contains: []string{"bob@", `"total":3,`}},
		{name: "recipients in an unknown state", request: request{method: "GET", path: "/campaigns/{completed}/recipients?status=lost"}, status: 422, code: "unknown_status"},
		{name: "recipients with limit 1001", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=1001"}, status: 422, code: "invalid_limit"},
		{name: "recipients with limit -1", request: request{method: "GET", path: "/campaigns/{completed}/recipients?limit=-1"}, status: 422, code: "invalid_limit"},
		{name: "recipients with a cursor that is none", request: request{method: "GET", path: "/campaigns/{completed}/recipients?cursor=x"}, status: 422, code: "bad_cursor"},
		{name: "recipients of an unknown one", request: request{method: "GET", path: "/campaigns/nothing/recipients"}, status: 404, code: "not_found"},

		{name: "export", request: request{method: "GET", path: "/campaigns/{completed}/recipients.csv"}, status: 200, contains: []string{"\ufeffemail,name,status,", "\nann@contoso.example,Ann Ahlberg,sent,,1,false,2026-11-27T10:00:00Z,", "\nbob@contoso.example,Bob Berg,skipped,not_installed,0,"}},
		{name: "export of some", request: request{method: "GET", path: "/campaigns/{completed}/recipients.csv?status=sent&q=ann"}, status: 200, contains: []string{"\ufeffemail,name,status,", "\nann@"}, lacks: []string{"bob@", "elodie@"}},
		{name: "export by reason", request: request{method: "GET", path: "/campaigns/{completed}/recipients.csv?reason=not_installed"}, status: 200, contains: []string{"\nbob@"}, lacks: []string{"ann@"}},
		{name: "export in an unknown state", request: request{method: "GET", path: "/campaigns/{completed}/recipients.csv?status=lost"}, status: 422, code: "unknown_status"},
		{name: "workbook in an unknown state", request: request{method: "GET", path: "/campaigns/{completed}/recipients.xlsx?status=lost"}, status: 422, code: "unknown_status"},
		{name: "export of a draft", request: request{method: "GET", path: "/campaigns/{draft}/recipients.csv"}, status: 200, contains: []string{"\ufeffemail,"}},
		{name: "export of an unknown one", request: request{method: "GET", path: "/campaigns/nothing/recipients.csv"}, status: 404, code: "not_found"},

		{name: "timeline", request: request{method: "GET", path: "/campaigns/{completed}/timeline"}, status: 200, contains: []string{`{"from":"2026-11-27T10:00:00Z","to":"2026-11-27T10:00:00Z","step":1,"buckets":[{"at":"2026-11-27T10:00:00Z","sent":2,"failed":0}]}`}},
		{name: "timeline of a scheduled one", request: request{method: "GET", path: "/campaigns/{scheduled}/timeline"}, status: 200, contains: []string{`{"from":null,"to":null,"step":1,"buckets":[]}`}},
		{name: "timeline of a draft", request: request{method: "GET", path: "/campaigns/{draft}/timeline"}, status: 409, code: "not_started"},
		{name: "timeline of an unknown one", request: request{method: "GET", path: "/campaigns/nothing/timeline"}, status: 404, code: "not_found"},

		{name: "list of a reason", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":" Without the app ","reason":"not_installed"}`}, status: 201, contains: []string{`"name":"Without the app"`, `"members":1,"installed":0`, `"version":1`}},
		{name: "list of a search in one state", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":"Ann","status":"sent","q":"ANN"}`}, status: 201, contains: []string{`"members":1,"installed":1`}},
		{name: "list without a name", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":" "}`}, status: 422, code: "name_required"},
		{name: "list with a name that is taken", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":"OTHERS"}`}, status: 409, code: "name_taken"},
		{name: "list of nobody", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":"N","reason":"weather"}`}, status: 422, code: "nobody"},
		{name: "list of a draft", request: request{method: "POST", path: "/campaigns/{draft}/list", body: `{"name":"N"}`}, status: 422, code: "nobody"},
		{name: "list of an unknown state", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":"N","status":"lost"}`}, status: 422, code: "unknown_status"},
		{name: "list with a misspelled filter", request: request{method: "POST", path: "/campaigns/{completed}/list", body: `{"name":"N","resaon":"not_installed"}`}, status: 400, code: "unknown_field"},
		{name: "list of an unknown one", request: request{method: "POST", path: "/campaigns/nothing/list", body: `{"name":"N"}`}, status: 404, code: "not_found"},

		{name: "events of an unknown one", request: request{method: "GET", path: "/events?campaign=nothing"}, status: 404, code: "not_found"},
		{name: "events of none", request: request{method: "GET", path: "/events"}, status: 404, code: "not_found"},
		{name: "events of a completed one", request: request{method: "GET", path: "/events?campaign={completed}"}, status: 200, contains: []string{"event: progress\ndata: {", `"status":"completed"`}},
		{name: "events of a stopped one", request: request{method: "GET", path: "/events?campaign={stopped}"}, status: 200, contains: []string{`"status":"stopped"`}},
	})
}

// An export has every recipient, over as many pages of the store as it takes, and
// nothing in it is a formula.
func TestExportIsWholeAndHarmless(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	k := campaigns.Key{TenantID: contoso, CampaignID: w.ids["{draft}"]}
	if _, err := w.db.ScheduleCampaign(ctx, k, 0, start, start); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.db.Begin(ctx, k, start); err != nil {
		t.Fatal(err)
	}
	names := []string{`=HYPERLINK("https://evil.example";"x")`, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", `Say "hi", Ann`, "two\nlines", "Zoë"}
	const all = 2345
	plan := delivery.Plan{}
	for i := 0; i < all; {
		var page []delivery.Planned
		for ; i < all && len(page) < 500; i++ {
			id := fmt.Sprintf("p%d", i)
			page = append(page, delivery.Planned{Recipient: id, PersonID: id, Email: id + "@contoso.example", DisplayName: names[i%len(names)], Status: campaigns.DeliveryPending, DueAt: start})
		}
		next := delivery.Plan{Cursor: fmt.Sprint(i), Done: i == all}
		if err := w.db.WritePage(ctx, k, plan, next, page, start); err != nil {
			t.Fatal(err)
		}
		plan = next
	}
	res, body := w.ask(t, request{as: "author", method: "GET", path: "/campaigns/{draft}/recipients.csv"})
	if d := res.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
		t.Errorf("Content-Disposition %q", d)
	}
	text, ok := strings.CutPrefix(string(body), "\ufeff")
	if !ok {
		t.Error("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != all+1 {
		t.Fatalf("%d rows, want %d; %v", len(rows), all+1, err)
	}
	for i, row := range rows[1:] {
		if want := fmt.Sprintf("p%d@contoso.example", i); row[0] != want {
			t.Fatalf("row %d is %q, want %s", i, row[0], want)
		}
		for _, c := range row {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t\r") {
				t.Fatalf("row %d has a formula: %q", i, c)
			}
		}
	}
	for i, name := range names {
		got := rows[i+1][1]
		// A CSV reader turns a lone carriage return at most into nothing; the text itself must be there.
		if !strings.HasSuffix(got, strings.TrimLeft(name, "\r")) {
			t.Errorf("name %q became %q", name, got)
		}
	}

	_, body = w.ask(t, request{as: "author", method: "GET", path: "/campaigns/{draft}/recipients.xlsx"})
	book, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if rows, err = book.GetRows("Sheet1"); err != nil || len(rows) != all+1 {
		t.Fatalf("workbook: %d rows, want %d; %v", len(rows), all+1, err)
	}
	if formula, err := book.GetCellFormula("Sheet1", "B2"); err != nil || formula != "" || rows[1][1] != names[0] {
		t.Errorf("the workbook turned %q into %q, formula %q, %v", names[0], rows[1][1], formula, err)
	}
}

// Ann follows the first link twice and the second once, Élodie the second.
func TestClicksInReports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.ids["{completed}"]
	work, err := w.db.Work(t.Context(), campaigns.Key{TenantID: contoso, CampaignID: id})
	if err != nil {
		t.Fatal(err)
	}
	at := start.Add(time.Minute)
	if _, err := w.db.RecordClicks(t.Context(), []campaigns.Click{
		{Campaign: work.Number, Seq: 1, Link: 0, N: 2, At: at}, {Campaign: work.Number, Seq: 1, Link: 1, N: 1, At: at}, {Campaign: work.Number, Seq: 2, Link: 1, N: 1, At: at},
	}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"/links":          {`"text":"the menu of [FIRSTNAME]","recipients":1,"clicks":2}`, `"text":"home","recipients":2,"clicks":2}`},
		"/report":         {`"engagement":{"seen":2,"clickedRecipients":2,"clicks":4,"read":0,"reacted":0,"answered":0,"snoozed":0}`},
		"/recipients":     {`"clicks":3,"clickedAt":"2026-11-27T10:01:00Z"`, `"clicks":1,"clickedAt"`, `"clicks":0,"clickedAt":null`},
		"/recipients.csv": {"answered_at,clicks,clicked_at,", ",3,2026-11-27T10:01:00Z,", ",0,,"},
	} {
		_, body := w.ask(t, request{as: "author", method: "GET", path: "/campaigns/{completed}" + path})
		for _, s := range want {
			if !strings.Contains(string(body), s) {
				t.Errorf("%s lacks %s: %s", path, s, body)
			}
		}
	}
}

// Recipients stay where they are while deliveries change, so that pages fit together.
func TestPagesOfRecipientsWhileSending(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var got []string
	path := "/campaigns/{sending}/recipients?limit=1"
	for seq := int64(1); path != ""; seq++ {
		_, body := w.ask(t, request{as: "author", method: "GET", path: path})
		var page struct {
			Items []struct{ Email string }
			Next  *string
		}
		if err := json.Unmarshal(body, &page); err != nil || len(page.Items) != 1 {
			t.Fatalf("%v: %s", err, body)
		}
		got = append(got, page.Items[0].Email)
		path = ""
		if page.Next != nil {
			path = "/campaigns/{sending}/recipients?limit=1&cursor=" + *page.Next
			if err := w.deliver(t.Context(), campaigns.Key{TenantID: contoso, CampaignID: w.ids["{sending}"]}, seq); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := "ann@contoso.example elodie@contoso.example bob@contoso.example"; strings.Join(got, " ") != want {
		t.Errorf("recipients %q, want %s", got, want)
	}
}

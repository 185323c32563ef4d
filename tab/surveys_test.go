package tab_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"herald/campaigns"
)

// asking is a survey's body with these questions.
func asking(questions string) string { return `{"name":"N","questions":[` + questions + `]}` }

const (
	choice = `{"id":"q1","type":"choice","text":"Which?","options":[{"id":"a1","text":"Red"},{"id":"a2","text":"Blue"}]`
	text   = `{"id":"q2","type":"text","text":"Why?"}`
)

func TestSurveys(t *testing.T) {
	var many []string
	for i := range 101 {
		many = append(many, fmt.Sprintf(`{"id":"q%d","type":"text","text":"?"}`, i))
	}
	stale := map[string]string{"If-Match": "9"}
	play(t, []scenario{
		{name: "list", request: get("/surveys"), status: 200, contains: []string{`"name":"Well-being"`, `"status":"draft"`, `"status":"closed"`, `"next":null`, `"code":"no_questions"`}, lacks: []string{"Secret"}},
		{name: "search", request: get("/surveys?q=WELL"), status: 200, contains: []string{"Well-being"}, lacks: []string{"Empty"}},
		{name: "only closed", request: get("/surveys?status=closed"), status: 200, contains: []string{`"name":"Closed"`}, lacks: []string{"Well-being"}},
		{name: "only open", request: get("/surveys?status=open"), status: 200, contains: []string{`"items":[]`}},
		{name: "page", request: get("/surveys?limit=1"), status: 200, contains: []string{"Well-being"}, lacks: []string{"Empty", `"next":null`}},
		{name: "page by name", request: get("/surveys?limit=1&sort=name"), status: 200, contains: []string{`"name":"Closed"`}, lacks: []string{"Empty"}},
		{name: "page by name from the end", request: get("/surveys?limit=1&sort=name&order=desc"), status: 200, contains: []string{"Well-being"}},
		{name: "bad cursor", request: get("/surveys?cursor=x"), status: 422, code: "bad_cursor"},
		{name: "bad limit", request: get("/surveys?limit=201"), status: 422, code: "invalid_limit"},
		{name: "bad status", request: get("/surveys?status=gone"), status: 422, code: "unknown_status"},
		{name: "bad sort", request: get("/surveys?sort=closesAt"), status: 422, code: "unknown_sort"},
		{name: "bad order", request: get("/surveys?order=up"), status: 422, code: "unknown_order"},

		{name: "create", request: post("/surveys", `{"name":" Lunch ","intro":"Hi [FIRSTNAME], on [day]","anonymous":true,"closesAt":"2026-12-01T10:00:00+01:00","questions":[`+choice+`,"branch":[{"option":"a1","to":"end"}]},`+text+`]}`), status: 201,
			contains: []string{`"name":"Lunch"`, `"status":"draft"`, `"closesAt":"2026-12-01T09:00:00Z"`, `"problems":[]`, `"version":1`, `"anonymous":true`, `"campaigns":0`, `"branch":[{"option":"a1","to":"end"}]`, `"createdBy":{"id":"ann","displayName":"Ann Ahlberg"}`}},
		{name: "create nothing but a name", request: post("/surveys", `{"name":"N"}`), status: 201, contains: []string{`"questions":[]`, `"code":"no_questions"`}},
		{name: "create without a name", request: post("/surveys", `{}`), status: 422, code: "name_required", fields: []string{"/name name_required"}},
		{name: "create with a long name", request: post("/surveys", `{"name":"`+strings.Repeat("é", 121)+`"}`), status: 422, code: "name_too_long"},
		{name: "closes in the past", request: post("/surveys", `{"name":"N","closesAt":"2026-11-27T10:00:00Z"}`), status: 422, code: "closes_in_past", fields: []string{"/closesAt closes_in_past"}},
		{name: "closes in the year 10000", request: post("/surveys", `{"name":"N","closesAt":"9999-12-31T23:59:59-01:00"}`), status: 422, code: "invalid_time", fields: []string{"/closesAt invalid_time"}},
		{name: "closes at no time", request: post("/surveys", `{"name":"N","closesAt":"tomorrow"}`), status: 422, code: "invalid_time", fields: []string{"/closesAt invalid_time"}},
		{name: "a variable that nobody has", request: post("/surveys", `{"name":"N","intro":"[FRISTNAME]","thanks":"[AMOUNT]"}`), status: 422, code: "unknown_variable", fields: []string{"/intro unknown_variable"}},
		{name: "a choice with one option", request: post("/surveys", asking(`{"id":"q1","type":"choice","text":"?","options":[{"id":"a","text":"A"}]}`)), status: 201, contains: []string{`{"field":"/questions/0/options","code":"too_few_options"`}},
		{name: "twice the same option", request: post("/surveys", asking(`{"id":"q1","type":"choice","text":"?","options":[{"id":"a","text":"A"},{"id":"b","text":" a "}]}`)), status: 201, contains: []string{`{"field":"/questions/0/options/1/text","code":"duplicate_option"`}},
		{name: "a card over the limit", request: post("/surveys", `{"name":"N","intro":"`+strings.Repeat(`a\n`, 2000)+`","questions":[`+text+`]}`), status: 201, contains: []string{`{"field":"/intro","code":"too_large"`}},
		{name: "101 questions", request: post("/surveys", asking(strings.Join(many, ","))), status: 422, code: "too_many_questions", fields: []string{"/questions too_many_questions"}},
		{name: "a branch to itself", request: post("/surveys", asking(choice+`,"branch":[{"option":"a1","to":"q1"}]}`)), status: 422, code: "branch_to_itself", fields: []string{"/questions/0/branch/0/to branch_to_itself"}},
		{name: "a loop", request: post("/surveys", asking(text+","+choice+`,"branch":[{"option":"a1","to":"q2"}]}`)), status: 422, code: "branch_backwards", fields: []string{"/questions/1/branch/0/to branch_backwards"}},
		{name: "a branch to nowhere", request: post("/surveys", asking(choice+`,"branch":[{"option":"a1","to":"q9"}]}`)), status: 422, code: "branch_unknown_question"},
		{name: "unknown type", request: post("/surveys", asking(`{"id":"q1","type":"matrix","text":"?"}`)), status: 422, code: "unknown_type", fields: []string{"/questions/0/type unknown_type"}},
		{name: "a question that is none", request: post("/surveys", asking(`7`)), status: 400, code: "invalid_json"},

		{name: "read", request: get("/surveys/{survey}"), status: 200, contains: []string{`"name":"Well-being"`, `"intro":"Hello [FIRSTNAME]"`}},
		{name: "read none", request: get("/surveys/none"), status: 404, code: "not_found"},
		{name: "save", request: put("/surveys/{survey}", asking(text)), status: 200, contains: []string{`"version":2`, `"name":"N"`, `"intro":""`}},
		{name: "save a survey that closed by itself", request: put("/surveys/{closedsurvey}", `{"name":"N","closesAt":"2026-11-27T09:59:00Z"}`), status: 200, contains: []string{`"status":"closed"`}},
		{name: "save without version", request: request{method: "PUT", path: "/surveys/{survey}", body: `{"name":"N"}`}, status: 428, code: "version_required"},
		{name: "save an old version", request: request{method: "PUT", path: "/surveys/{survey}", body: `{"name":"N"}`, header: stale}, status: 412, code: "stale_version", contains: []string{`"current":{"id":"00000000-0000-7000-a000-000000000000","name":"Well-being"`}},
		{name: "save none", request: put("/surveys/none", `{"name":"N"}`), status: 404, code: "not_found"},
		{name: "save what is wrong", request: put("/surveys/{survey}", asking(text+","+text)), status: 422, code: "duplicate_id"},
		{name: "clone", request: post("/surveys/{closedsurvey}/clone", `{"name":" Again "}`), status: 201, contains: []string{`"name":"Again"`, `"status":"draft"`, `"closesAt":null`, `"text":"Do you like it?"`}},
		{name: "clone without a name", request: post("/surveys/{survey}/clone", `{}`), status: 422, code: "name_required"},
		{name: "close", request: post("/surveys/{survey}/close", ""), status: 200, contains: []string{`"status":"closed"`, `"closedAt":"2026-11-27T10:00:00Z"`}, after: answers("/surveys?status=closed", "Well-being")},
		{name: "close none", request: post("/surveys/none/close", ""), status: 404, code: "not_found"},
		{name: "reopen", request: post("/surveys/{closedsurvey}/reopen", ""), status: 200, contains: []string{`"status":"draft"`, `"closesAt":null`}},
		{name: "reopen until", request: post("/surveys/{closedsurvey}/reopen", `{"closesAt":"2026-11-27T10:00:01Z"}`), status: 200, contains: []string{`"closesAt":"2026-11-27T10:00:01Z"`}},
		{name: "reopen until now", request: post("/surveys/{closedsurvey}/reopen", `{"closesAt":"2026-11-27T10:00:00Z"}`), status: 422, code: "closes_in_past"},
		{name: "reopen with a misspelling", request: post("/surveys/{closedsurvey}/reopen", `{"closeAt":"2026-11-28T10:00:00Z"}`), status: 400, code: "unknown_field"},
		{name: "reopen none", request: post("/surveys/none/reopen", ""), status: 404, code: "not_found"},
		{name: "delete", request: remove("/surveys/{survey}"), status: 204, after: answers("/surveys/{survey}", "not_found")},
		{name: "delete none", request: remove("/surveys/none"), status: 404, code: "not_found"},
		{name: "delete somehow", request: remove("/surveys/{survey}?answers=yes"), status: 422, code: "unknown_answers"},
		{name: "campaigns", request: get("/surveys/{survey}/campaigns"), status: 200, contains: []string{`{"items":[]}`}},
		{name: "campaigns of none", request: get("/surveys/none/campaigns"), status: 404, code: "not_found"},
	})
}

func TestSurveyPreview(t *testing.T) {
	body := func(more string) string {
		return `{"intro":"Hello [FIRSTNAME]","questions":[` + choice + `},` + text + `]` + more + `}`
	}
	play(t, []scenario{
		{name: "as it begins", request: post("/surveys/preview", body("")), status: 200, contains: []string{"Hello Ann", "Which?", "Why?", `"questions":2`, `"problems":[]`}, lacks: []string{`"refresh"`}},
		{name: "one question", request: post("/surveys/preview", body(`,"at":"q2","locale":"fr"`)), status: 200, contains: []string{"Why?", `"lang":"fr"`}, lacks: []string{"Which?"}},
		{name: "thanks", request: post("/surveys/preview", body(`,"thanks":"See you, [FIRSTNAME]","view":"thanks"`)), status: 200, contains: []string{"See you, Ann"}},
		{name: "closed", request: post("/surveys/preview", body(`,"view":"closed"`)), status: 200, contains: []string{"27 November 2026"}},
		{name: "nothing yet", request: post("/surveys/preview", ""), status: 200, contains: []string{`"code":"no_questions"`, `"questions":0`}},
		{name: "a variable that nobody has", request: post("/surveys/preview", `{"intro":"[FRISTNAME]"}`), status: 200, contains: []string{`"missing":["FRISTNAME"]`, `"code":"unknown_variable"`}},
		{name: "no such question", request: post("/surveys/preview", body(`,"at":"q9"`)), status: 422, code: "unknown_question", fields: []string{"/at unknown_question"}},
		{name: "no such view", request: post("/surveys/preview", body(`,"view":"already"`)), status: 422, code: "unknown_view"},
		{name: "unknown type", request: post("/surveys/preview", asking(`{"id":"q1","type":"matrix"}`)), status: 422, code: "unknown_type"},
	})
}

func surveyed(content string) string {
	return `{"name":"Ask","format":"survey","content":` + content + `,"audience":{"emails":["ann@contoso.example","elodie@contoso.example"]}}`
}

func TestSurveyCampaigns(t *testing.T) {
	play(t, []scenario{
		{name: "without a survey", request: post("/campaigns", surveyed(`{}`)), status: 201, contains: []string{`"code":"survey_missing"`}},
		{name: "ready", request: post("/campaigns", surveyed(`{"surveyId":"{survey}"}`)), status: 201, contains: []string{`"problems":[]`}},
		{name: "a version of the author's", request: post("/campaigns", surveyed(`{"surveyId":"{survey}","surveyVersion":7}`)), status: 201, lacks: []string{"surveyVersion"}},
		{name: "without questions", request: post("/campaigns", surveyed(`{"surveyId":"{emptysurvey}"}`)), status: 201, contains: []string{`{"field":"/content/surveyId","code":"survey_incomplete"`, `"code":"no_questions","field":"/questions"`}},
		{name: "closed", request: post("/campaigns", surveyed(`{"surveyId":"{closedsurvey}"}`)), status: 201, contains: []string{`"code":"survey_closed"`}},
		{name: "of others", request: post("/campaigns", surveyed(`{"surveyId":"{foreignsurvey}"}`)), status: 422, code: "survey_unknown", fields: []string{"/content/surveyId survey_unknown"}},
		{name: "with a text", request: post("/campaigns", surveyed(`{"surveyId":"{survey}","text":"x"}`)), status: 422, code: "field_not_allowed"},
		{name: "preview", request: post("/preview", `{"format":"survey","content":{"surveyId":"{survey}"}}`), status: 200, contains: []string{"Hello Ann", "Do you like it?"}, lacks: []string{`"refresh"`, `"token"`}},
		{name: "preview of nothing", request: post("/preview", `{"format":"survey","content":{}}`), status: 200, contains: []string{"survey_missing"}},
		{name: "preview of none", request: post("/preview", `{"format":"survey","content":{"surveyId":"x"}}`), status: 422, code: "survey_unknown"},
		{name: "remind of a text", request: post("/campaigns/{completed}/remind", ""), status: 409, code: "not_a_survey"},
		{name: "to those who have not answered a text", request: post("/campaigns", `{"name":"N","audience":{"unanswered":"{completed}"}}`), status: 422, code: "not_a_survey", fields: []string{"/audience/unanswered not_a_survey"}},
		{name: "to those who have not answered others", request: post("/campaigns", `{"name":"N","audience":{"unanswered":"{foreign}"}}`), status: 422, code: "unknown_campaign"},
		{name: "to them and others", request: post("/campaigns", `{"name":"N","audience":{"all":true,"unanswered":"x"}}`), status: 422, code: "invalid", fields: []string{"/audience ambiguous_audience", "/audience/unanswered unknown_campaign"}},
		{name: "count those of none", request: post("/audience/count", `{"unanswered":"x"}`), status: 422, code: "unknown_campaign"},
	})
}

// A survey from its draft through a campaign to the reminder, with what is refused on the way.
func TestSurveyIsSentAndRemindedOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	do := func(method, path, body string, status int, contains ...string) (id string) {
		t.Helper()
		q := request{as: "author", method: method, path: path, body: body}
		if method == "PUT" {
			q.header = version1
		}
		res, answer := w.do(t, q)
		if res.StatusCode != status {
			t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, answer)
		}
		openAPI().check(t, method, path, res, answer)
		for _, s := range contains {
			if !strings.Contains(string(answer), s) {
				t.Errorf("%s %s: no %s in %s", method, path, s, answer)
			}
		}
		var out struct{ ID string }
		_ = json.Unmarshal(answer, &out) // not every answer has one
		return out.ID
	}
	id := ""
	answered := func(person, activity string) {
		t.Helper()
		asked, err := w.db.Asked(t.Context(), campaigns.Reference{TenantID: contoso, PersonID: person, ConversationID: "a:1"}, activity, id)
		if err == nil {
			err = w.db.NoteAnswered(t.Context(), asked)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	empty := do("POST", "/campaigns", surveyed(`{"surveyId":"{emptysurvey}"}`), 201)
	do("POST", "/campaigns/"+empty+"/send", "", 422, `"code":"incomplete"`, `"code":"survey_incomplete"`)
	do("POST", "/campaigns/"+empty+"/try", `{"email":"ann@contoso.example"}`, 422, `"code":"incomplete"`, "no questions")
	id = do("POST", "/campaigns", surveyed(`{"surveyId":"{survey}"}`), 201)
	do("POST", "/campaigns/"+id+"/try", `{"email":"ann@contoso.example"}`, 202)
	if sent := strings.Join(w.bot.bodies, ""); !strings.Contains(sent, "Hello Ann") || !strings.Contains(sent, `"lang":"fr"`) || !strings.Contains(sent, `"style":"warning"`) || strings.Contains(sent, `"refresh"`) {
		t.Errorf("tried: %s", sent)
	}
	do("POST", "/campaigns/"+id+"/remind", "", 409, `"code":"not_started"`)
	do("DELETE", "/surveys/{survey}", "", 409, `"code":"survey_in_use"`, "Ask")

	// What is scheduled keeps its version, whatever becomes of the survey; taken back, it has none.
	do("POST", "/campaigns/"+id+"/send", `{"at":"2026-11-28T10:00:00Z"}`, 202, `"surveyVersion":1`)
	do("PUT", "/surveys/{survey}", asking(text), 200, `"version":2`)
	do("POST", "/campaigns/"+id+"/preview", "", 200, "Do you like it?")
	do("POST", "/campaigns/"+id+"/unschedule", "", 202, `"content":{"surveyId":"00000000-0000-7000-a000-000000000000"}`)
	do("POST", "/campaigns/"+id+"/preview", "", 200, "Why?")
	do("POST", "/surveys/{survey}/reopen", `{"closesAt":"2026-11-28T09:00:00Z"}`, 200)
	do("POST", "/campaigns/"+id+"/send", `{"at":"2026-11-28T10:00:00Z"}`, 422, `"code":"survey_closed"`)
	do("POST", "/campaigns/"+id+"/clone", `{"name":"Ask again"}`, 201, `"surveyId":"00000000-0000-7000-a000-000000000000"`)

	k := campaigns.Key{TenantID: contoso, CampaignID: id}
	if err := w.advance(t.Context(), k, "completed"); err != nil {
		t.Fatal(err)
	}
	do("GET", "/surveys/{survey}", "", 200, `"status":"open"`, `"campaigns":2`, `"sent":2`, `"answered":0`)
	do("POST", "/audience/count", `{"unanswered":"`+id+`"}`, 200, `"total":2,"installed":2`)
	answered("ann", "1700000000001")
	do("GET", "/surveys/{survey}/campaigns", "", 200, `"sent":2,"answered":1,"reminderOf":null`)
	do("POST", "/audience/count", `{"unanswered":"`+id+`"}`, 200, `"total":1,"installed":1`)
	reminder := do("POST", "/campaigns/"+id+"/remind", `{"name":null}`, 201, `"name":"Reminder: Ask"`, `"audience":{"unanswered":"`+id+`"}`, `"problems":[]`)
	do("POST", "/surveys/{survey}/reopen", "", 200)
	do("PUT", "/surveys/{survey}", asking(text), 412)
	do("POST", "/campaigns/"+reminder+"/send", "", 202, `"surveyVersion":3`)
	do("POST", "/campaigns/"+reminder+"/remind", `{"name":"Third"}`, 201, `"unanswered":"`+id+`"`)
	do("DELETE", "/campaigns/"+id, "", 409, `"code":"reminder_running"`, "Reminder: Ask")
	do("POST", "/campaigns/"+reminder+"/stop", "", 202)
	do("GET", "/surveys/{survey}", "", 200, `"campaigns":2`, `"sent":2`, `"answered":1`)

	do("POST", "/surveys/{survey}/close", "", 200)
	do("POST", "/campaigns/"+id+"/remind", "", 409, `"code":"survey_closed"`)
	do("POST", "/surveys/{survey}/reopen", "", 200)
	answered("elodie", "1700000000002")
	do("POST", "/campaigns/"+id+"/remind", "", 409, `"code":"nobody_to_remind"`)
	for _, c := range campaignsOf(t, w) {
		if c.Status == campaigns.Draft && c.Content.SurveyID != "" {
			do("DELETE", "/campaigns/"+c.ID, "", 204)
		}
	}
	do("DELETE", "/surveys/{survey}", "", 409, `"code":"survey_has_answers"`, `"params":{"count":2}`)
	do("DELETE", "/surveys/{survey}?answers=delete", "", 204)
	do("POST", "/campaigns/"+id+"/preview", "", 422, "survey_unknown")
	do("GET", "/campaigns/"+id+"/report", "", 200)
	do("POST", "/campaigns/"+id+"/clone", `{"name":"Without"}`, 201, `"content":{}`, "survey_missing")
}

// Who has answered an anonymous survey stands in no list of recipients, and whom a reminder reaches neither.
func TestAnonymousSurveyNamesNobody(t *testing.T) {
	t.Parallel()
	for _, anonymous := range []bool{false, true} {
		w := newWorld(t)
		do := func(method, path, body string) (int, string) {
			q := request{as: "author", method: method, path: path, body: body}
			if method == "PUT" {
				q.header = version1
			}
			res, answer := w.ask(t, q)
			return res.StatusCode, string(answer)
		}
		made := func(path, body string) (id string) {
			t.Helper()
			status, answer := do("POST", path, body)
			var out struct{ ID string }
			if err := json.Unmarshal([]byte(answer), &out); err != nil || status != 201 {
				t.Fatalf("%s: %d %s", path, status, answer)
			}
			return out.ID
		}
		do("PUT", "/surveys/{survey}", fmt.Sprintf(`{"name":"N","anonymous":%t,"questions":[%s]}`, anonymous, text))
		id := made("/campaigns", surveyed(`{"surveyId":"{survey}"}`))
		k := campaigns.Key{TenantID: contoso, CampaignID: id}
		if err := w.advance(t.Context(), k, "completed"); err != nil {
			t.Fatal(err)
		}
		asked, err := w.db.Asked(t.Context(), campaigns.Reference{TenantID: contoso, PersonID: "ann", ConversationID: "a:1"}, "1700000000001", id)
		if err == nil {
			err = w.db.NoteAnswered(t.Context(), asked)
		}
		if err != nil {
			t.Fatal(err)
		}
		if status, list := do("GET", "/campaigns/"+id+"/recipients", ""); status != 200 || !strings.Contains(list, "Ann Ahlberg") || strings.Contains(list, `"answeredAt":"`) == anonymous {
			t.Errorf("anonymous %t: %d %s", anonymous, status, list)
		}
		if _, report := do("GET", "/campaigns/"+id+"/report", ""); !strings.Contains(report, `"answered":1`) {
			t.Errorf("anonymous %t: %s", anonymous, report)
		}
		reminder := made("/campaigns/"+id+"/remind", "")
		if err := w.advance(t.Context(), campaigns.Key{TenantID: contoso, CampaignID: reminder}, "sending"); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/recipients", "/recipients.csv"} {
			status, list := do("GET", "/campaigns/"+reminder+path, "")
			if want := map[bool]int{false: 200, true: 409}[anonymous]; status != want || strings.Contains(list, "lodie") == anonymous {
				t.Errorf("anonymous %t: %s: %d %s", anonymous, path, status, list)
			}
		}
	}
}

func campaignsOf(t *testing.T, w *world) []*campaigns.Campaign {
	t.Helper()
	items, _, err := w.db.Campaigns(t.Context(), contoso, campaigns.Filter{Limit: 200})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

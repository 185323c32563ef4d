package tab_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"herald/campaigns"
	"herald/campaigns/survey"
)

func TestSurveyResults(t *testing.T) {
	play(t, []scenario{
		{name: "nothing yet", request: get("/surveys/{survey}/results"), status: 200, contains: []string{`"campaignId":null`, `"answered":0`, `"sent":0`, `"responseRate":null`, `"suppressed":false`, `"text":"Do you like it?"`}},
		{name: "of none", request: get("/surveys/none/results"), status: 404, code: "not_found"},
		{name: "of another campaign", request: get("/surveys/{survey}/results?campaign={draft}"), status: 404, code: "not_found"},
		{name: "a value of nothing", request: get("/surveys/{survey}/results?value=x"), status: 422, code: "column_missing"},
		{name: "export nothing", request: get("/surveys/{survey}/results.csv"), status: 200, contains: []string{"name,email,answered_at,Do you like it?,Why?\n"}},
		{name: "export of none", request: get("/surveys/none/results.xlsx"), status: 404, code: "not_found"},
		{name: "texts of no question", request: get("/surveys/{survey}/texts?question=q99"), status: 404, code: "unknown_question"},
		{name: "too many texts", request: get("/surveys/{survey}/texts?limit=201"), status: 422, code: "invalid_limit"},
	})
}

// What people answer is in the results, the files and the texts; of an anonymous survey less.
func TestResultsOfWhatPeopleAnswer(t *testing.T) {
	t.Parallel()
	for _, anonymous := range []bool{false, true} {
		w := newWorld(t)
		do := func(method, path, body string, status int) string {
			t.Helper()
			res, answer := w.do(t, request{as: "author", method: method, path: path, body: body})
			if res.StatusCode != status {
				t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, answer)
			}
			openAPI().check(t, method, path, res, answer)
			return string(answer)
		}
		id := func(answer string) string {
			var out struct{ ID string }
			if err := json.Unmarshal([]byte(answer), &out); err != nil {
				t.Fatal(err)
			}
			return out.ID
		}
		say := &campaigns.Service{Store: w.db, Now: func() time.Time { return start }, Log: slog.New(slog.DiscardHandler)}
		body := `{"name":"N","anonymous":` + map[bool]string{true: "true", false: "false"}[anonymous] + `,"questions":[` + choice + `},` + text + `]}`
		sv := id(do("POST", "/surveys", body, 201))
		c := id(do("POST", "/campaigns", surveyed(`{"surveyId":"`+sv+`"}`), 201))
		if err := w.advance(t.Context(), campaigns.Key{TenantID: contoso, CampaignID: c}, "completed"); err != nil {
			t.Fatal(err)
		}
		p := campaigns.Pressed{Press: survey.Press{Survey: 1, Campaign: c, Act: survey.Answer, Version: 1}, Inputs: map[string]json.RawMessage{"q1": []byte(`"a2"`), "q2": []byte(`"=1+1"`)}}
		if _, err := say.Answer(t.Context(), campaigns.Reference{TenantID: contoso, PersonID: "elodie", UserID: "29:e", ConversationID: "a:1", Locale: "fr"}, "1700000000002", p); err != nil {
			t.Fatal(err)
		}
		results := do("GET", "/surveys/"+sv+"/results?campaign="+c, "", 200)
		csv := do("GET", "/surveys/"+sv+"/results.csv", "", 200)
		found := do("GET", "/surveys/"+sv+"/texts?question=q2&q=1%2B1", "", 200)
		recipients := do("GET", "/campaigns/"+c+"/recipients", "", 200)
		if !strings.Contains(results, `"sent":2,"started":1,"answered":1,"responseRate":0.5`) {
			t.Errorf("results %s", results)
		}
		if anonymous {
			do("GET", "/surveys/"+sv+"/results?list={staff}", "", 422)
			if !strings.Contains(results, `"suppressed":true`) || strings.Contains(results, `"count":1`) || strings.Contains(results, "1+1") {
				t.Errorf("results %s", results)
			}
			if csv != "\ufeffWhich?,Why?\n" || strings.Contains(found, "1+1") || strings.Contains(recipients, `"answeredAt":"`) {
				t.Errorf("csv %q, texts %s, recipients %s", csv, found, recipients)
			}
			continue
		}
		if !strings.Contains(results, `{"id":"a2","text":"Blue","count":1}`) || !strings.Contains(results, `"texts":["=1+1"]`) {
			t.Errorf("results %s", results)
		}
		if want := "\ufeffname,email,answered_at,Which?,Why?\nÉlodie Durand,elodie@contoso.example,2026-11-27T10:00:00Z,Blue,'=1+1\n"; csv != want {
			t.Errorf("csv %q, want %q", csv, want)
		}
		if !strings.Contains(found, `{"text":"=1+1","displayName":"Élodie Durand"}`) {
			t.Errorf("texts %s", found)
		}
		if !strings.Contains(recipients, `"answeredAt":"2026-11-27T10:00:00Z"`) {
			t.Errorf("recipients %s", recipients)
		}
		f, err := excelize.OpenReader(bytes.NewReader([]byte(do("GET", "/surveys/"+sv+"/results.xlsx", "", 200))))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows("Sheet1")
		if err != nil || len(rows) != 2 || rows[1][3] != "Blue" || rows[1][4] != "=1+1" {
			t.Errorf("workbook %q, %v", rows, err)
		}
	}
}

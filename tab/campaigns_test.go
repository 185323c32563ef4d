package tab_test

import (
	"encoding/json"
	"strings"
	"testing"
)

const ready = `{"name":" News ","format":"important","content":{"text":"Hello [FIRSTNAME]"},"audience":{"emails":["ann@contoso.example"]}}`

var version1 = map[string]string{"If-Match": "1"}

func TestCampaigns(t *testing.T) {
	play(t, []scenario{
		{name: "create with a name only", request: request{method: "POST", path: "/campaigns", body: `{"name":"News"}`}, status: 201,
			contains: []string{`"status":"draft"`, `"format":"message"`, `"content":{}`, `"audience":{"listIds":[],"emails":[],"excludeListIds":[]}`, `"version":1`, `"code":"text_missing"`, `"code":"audience_empty"`}, lacks: []string{`"counts"`}},
		{name: "create a complete one", request: request{method: "POST", path: "/campaigns", body: ready}, status: 201, contains: []string{`"name":"News"`, `"problems":[]`}},
		{name: "create for everybody as admin", request: request{as: "admin", method: "POST", path: "/campaigns", body: `{"name":"News","audience":{"all":true}}`}, status: 201, contains: []string{`"audience":{"all":true}`}},
		{name: "create a card from the form", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"title":"T","imageUrl":"https://x.example/a.png","imageAlt":"A","text":"t","buttons":[{"title":"Go","url":"https://x.example"}]}}`}, status: 201, contains: []string{`"buttons":[{"title":"Go"`}},
		{name: "create a card from JSON", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"card":{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"Hi"}]}}}`}, status: 201, contains: []string{`"TextBlock"`}},
		{name: "create with addresses twice", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","audience":{"emails":["ann@contoso.example"," ANN@contoso.example",""]}}`}, status: 201, contains: []string{`"emails":["ann@contoso.example"]`}},
		{name: "create with text in every script", request: request{method: "POST", path: "/campaigns", body: `{"name":"Été \ud83c\udf89 \\u0000","content":{"text":"你好 שלום"}}`}, status: 201, contains: []string{`Été 🎉 \\u0000`, `你好 שלום`}},

		{name: "empty name", request: request{method: "POST", path: "/campaigns", body: `{"name":"  "}`}, status: 422, code: "name_required", fields: []string{"/name name_required"}},
		{name: "no name", request: request{method: "POST", path: "/campaigns", body: ``}, status: 422, code: "name_required"},
		{name: "name too long", request: request{method: "POST", path: "/campaigns", body: `{"name":"` + strings.Repeat("é", 121) + `"}`}, status: 422, code: "name_too_long"},
		{name: "text too long", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","content":{"text":"` + strings.Repeat("a", 10001) + `"}}`}, status: 422, code: "text_too_long", fields: []string{"/content/text text_too_long"}},
		{name: "message too large for Teams", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"card":{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"` + strings.Repeat("a", 90_000) + `"}]}}}`}, status: 422, code: "too_large", fields: []string{"/content/card too_large"}},
		{name: "facts", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"facts":[{"title":"When","value":"[FIRSTNAME]"},{"title":"Where","value":""}]}}`}, status: 201,
			contains: []string{`"facts":[{"title":"When","value":"[FIRSTNAME]"},{"title":"Where","value":""}]`, `{"field":"/content/facts/1/value","code":"fact_value_missing"`}, lacks: []string{"empty_card"}},
		{name: "eleven facts", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"facts":[` + strings.Repeat(`{"title":"a","value":"b"},`, 10) + `{}]}}`}, status: 422, code: "too_many_facts", contains: []string{`"params":{"count":11,"limit":10}`}},
		{name: "unknown variable", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","content":{"text":"Hi [FRSTNAME]"}}`}, status: 201, contains: []string{`"text":"Hi [FRSTNAME]"`, `"field":"/content/text","code":"unknown_variable"`, "Did you mean [FIRSTNAME]?"}},
		{name: "unknown variable beside something wrong", request: request{method: "POST", path: "/campaigns", body: `{"name":"","content":{"text":"Hi [FRSTNAME]"}}`}, status: 422, code: "name_required", fields: []string{"/name name_required"}},
		{name: "change to an unknown variable", request: request{method: "PUT", path: "/campaigns/{draft}", body: `{"name":"N","content":{"text":"[AMOUNT]"},"audience":{"all":true}}`, header: version1}, status: 200, contains: []string{`"code":"unknown_variable"`}},

		{name: "for now", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":{"at":null}}`}, status: 201, contains: []string{`"timing":{"at":null}`}},
		{name: "for tomorrow", request: request{method: "PUT", path: "/campaigns/{draft}", body: strings.Replace(ready, `{`, `{"timing":{"at":"2026-11-28T15:00:00+01:00"},`, 1), header: version1}, status: 200, contains: []string{`"timing":{"at":"2026-11-28T14:00:00Z"}`, `"problems":[]`, `"updatedBy":{"id":"`}},
		{name: "for a moment that has passed", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":{"at":"2020-01-01T00:00:00Z"}}`}, status: 201, contains: []string{`"timing":{"at":"2020-01-01T00:00:00Z"}`, `"field":"/timing/at","code":"send_in_past"`}},
		{name: "for a moment too far ahead", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":{"at":"2036-01-01T00:00:00Z"}}`}, status: 201, contains: []string{`"field":"/timing/at","code":"send_later_cap"`}},
		{name: "for no moment", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":{"at":"tomorrow"}}`}, status: 422, code: "invalid_time", fields: []string{"/timing/at invalid_time"}},
		{name: "for the year 10000", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":{"at":"9999-12-31T23:59:59-01:00"}}`}, status: 422, code: "invalid_time", fields: []string{"/timing/at invalid_time"}},
		{name: "for a number", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","timing":{"at":7}}`}, status: 400, code: "invalid_json", contains: []string{"timing.at"}},
		{name: "button to http", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"title":"T","buttons":[{"title":"A","url":"https://x.example"},{"title":"B","url":"http://x.example"}]}}`}, status: 422, code: "url_not_https", fields: []string{"/content/buttons/1/url url_not_https"}},
		{name: "image from http", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"imageUrl":"http://x.example/a.png"}}`}, status: 422, code: "url_not_https", fields: []string{"/content/imageUrl url_not_https"}},
		{name: "image from http in card JSON", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"card":{"type":"AdaptiveCard","version":"1.5","body":[{"type":"Image","url":"http://x.example/a.png"}]}}}`}, status: 422, code: "url_not_https", fields: []string{"/content/card/body/0/url url_not_https"}},
		{name: "address that is none", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","audience":{"emails":["ann@contoso.example","not an address","a@b"]}}`}, status: 422, code: "invalid", fields: []string{"/audience/emails/1 invalid_address", "/audience/emails/2 invalid_address"}},
		{name: "everybody and addresses", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","audience":{"all":true,"emails":["ann@contoso.example"]}}`}, status: 422, code: "ambiguous_audience"},
		{name: "unknown list", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","audience":{"listIds":["x"]}}`}, status: 422, code: "unknown_list", fields: []string{"/audience/listIds/0 unknown_list"}},
		{name: "unknown survey", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"survey","content":{"surveyId":"x"}}`}, status: 422, code: "survey_unknown"},
		{name: "unknown format", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"sms"}`}, status: 422, code: "unknown_format", fields: []string{"/format unknown_format"}},
		{name: "several problems at once", request: request{method: "POST", path: "/campaigns", body: `{"name":"","format":"card","content":{"imageUrl":"http://x.example"},"audience":{"emails":["x"]}}`}, status: 422, code: "invalid", fields: []string{"/name name_required", "/content/imageUrl url_not_https", "/audience/emails/0 invalid_address"}},
		{name: "card nested too deep", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","format":"card","content":{"card":{"type":"AdaptiveCard","version":"1.5","body":` + strings.Repeat("[", 3000) + strings.Repeat("]", 3000) + `}}}`}, status: 422, code: "too_deep"},

		{name: "no JSON", request: request{method: "POST", path: "/campaigns", body: `name=News`}, status: 400, code: "invalid_json"},
		{name: "JSON and something behind it", request: request{method: "POST", path: "/campaigns", body: `{"name":"N"}{"name":"M"}`}, status: 400, code: "invalid_json"},
		{name: "deep nesting", request: request{method: "POST", path: "/campaigns", body: `{"name":` + strings.Repeat("[", 200_000)}, status: 400, code: "invalid_json"},
		{name: "array instead of object", request: request{method: "POST", path: "/campaigns", body: `[{"name":"N"}]`}, status: 400, code: "invalid_json", contains: []string{"must be a JSON object"}},
		{name: "array as content", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","content":[]}`}, status: 400, code: "invalid_json", contains: []string{`content`}},
		{name: "number as name", request: request{method: "POST", path: "/campaigns", body: `{"name":7}`}, status: 400, code: "invalid_json", contains: []string{`name`}},
		{name: "text as addresses", request: request{method: "POST", path: "/campaigns", body: `{"name":"N","audience":{"emails":"ann@contoso.example"}}`}, status: 400, code: "invalid_json", contains: []string{`audience.emails`}},
		{name: "body of 10 MB", request: request{method: "POST", path: "/campaigns", body: `{"name":"` + strings.Repeat("a", 10<<20) + `"}`}, status: 413, code: "body_too_large"},
		{name: "U+0000 in a text", request: request{method: "POST", path: "/campaigns", body: `{"name":"a\u0000b"}`}, status: 400, code: "invalid_text"},
		{name: "U+0000 behind a backslash", request: request{method: "POST", path: "/campaigns", body: `{"name":"a\\\u0000b"}`}, status: 400, code: "invalid_text"},
		{name: "broken UTF-8", request: request{method: "POST", path: "/campaigns", body: "{\"name\":\"a\xffb\"}"}, status: 400, code: "invalid_text"},

		{name: "read", request: request{method: "GET", path: "/campaigns/{draft}"}, status: 200, contains: []string{`"problems":[]`, `"name":"Campaign draft"`}},
		{name: "read one that is sending", request: request{method: "GET", path: "/campaigns/{sending}"}, status: 200, contains: []string{`"counts":{"total":3,"pending":2,"sending":0,"sent":0,"failed":0,"skipped":1`, `"result":"ongoing"`}},
		{name: "unknown campaign", request: request{method: "GET", path: "/campaigns/nothing"}, status: 404, code: "not_found"},
		{name: "id with U+0000", request: request{method: "GET", path: "/campaigns/%00"}, status: 400, code: "invalid_text"},
		{name: "id with broken UTF-8", request: request{method: "GET", path: "/campaigns/%ff"}, status: 400, code: "invalid_text"},

		{name: "change", request: request{method: "PUT", path: "/campaigns/{draft}", body: ready, header: map[string]string{"If-Match": `"1"`}}, status: 200, contains: []string{`"version":2`, `"name":"News"`, `"format":"important"`}},
		{name: "change without version", request: request{method: "PUT", path: "/campaigns/{draft}", body: ready}, status: 428, code: "version_required"},
		{name: "change any version", request: request{method: "PUT", path: "/campaigns/{draft}", body: ready, header: map[string]string{"If-Match": "*"}}, status: 428, code: "version_required"},
		{name: "change with a version that is none", request: request{method: "PUT", path: "/campaigns/{draft}", body: ready, header: map[string]string{"If-Match": "newest"}}, status: 400, code: "invalid_version"},
		{name: "change a stale version", request: request{method: "PUT", path: "/campaigns/{draft}", body: ready, header: map[string]string{"If-Match": "7"}}, status: 412, code: "stale_version", contains: []string{`"current":{"id":"`, `"name":"Campaign draft"`, `"version":1`}},
		{name: "change with an empty name", request: request{method: "PUT", path: "/campaigns/{draft}", body: `{}`, header: version1}, status: 422, code: "name_required"},
		{name: "change without JSON", request: request{method: "PUT", path: "/campaigns/{draft}", body: `{`, header: version1}, status: 400, code: "invalid_json"},
		{name: "change with 10 MB", request: request{method: "PUT", path: "/campaigns/{draft}", body: strings.Repeat(" ", 10<<20), header: version1}, status: 413, code: "body_too_large"},
		{name: "change a scheduled one", request: request{method: "PUT", path: "/campaigns/{scheduled}", body: ready, header: map[string]string{"If-Match": "2"}}, status: 409, code: "not_draft"},
		{name: "change an unknown one", request: request{method: "PUT", path: "/campaigns/nothing", body: ready, header: version1}, status: 404, code: "not_found"},

		{name: "delete a draft", request: request{method: "DELETE", path: "/campaigns/{draft}"}, status: 204, calls: []string{"drop"}, after: gone("{draft}")},
		{name: "delete a completed one", request: request{method: "DELETE", path: "/campaigns/{completed}"}, status: 204, after: gone("{completed}")},
		{name: "delete a scheduled one", request: request{method: "DELETE", path: "/campaigns/{scheduled}"}, status: 204, calls: []string{"drop"}, after: gone("{scheduled}")},
		{name: "delete while sending", request: request{method: "DELETE", path: "/campaigns/{sending}"}, status: 409, code: "still_sending"},
		{name: "delete an unknown one", request: request{method: "DELETE", path: "/campaigns/nothing"}, status: 404, code: "not_found"},

		{name: "copy", request: request{method: "POST", path: "/campaigns/{completed}/clone", body: `{"name":"Again"}`}, status: 201, contains: []string{`"name":"Again"`, `"status":"draft"`, `Hello [FIRSTNAME]`, `"version":1`, `"sendAt":null`}},
		{name: "copy without a name", request: request{method: "POST", path: "/campaigns/{completed}/clone"}, status: 422, code: "name_required"},
		{name: "copy an unknown one", request: request{method: "POST", path: "/campaigns/nothing/clone", body: `{"name":"Again"}`}, status: 404, code: "not_found"},

		{name: "list", request: request{method: "GET", path: "/campaigns"}, status: 200, contains: []string{`"totals":{"completed":1,"draft":3,"failed":1,"scheduled":1,"sending":1,"stopped":1}`, `"next":null`}, lacks: []string{"Secret"}},
		{name: "list two states", request: request{method: "GET", path: "/campaigns?status=draft,stopped"}, status: 200, contains: []string{"Campaign draft", "Campaign stopped"}, lacks: []string{"Campaign sending"}},
		{name: "list by part of a name", request: request{method: "GET", path: "/campaigns?q=AIGN%20Sch"}, status: 200, contains: []string{"Campaign scheduled"}, lacks: []string{"Campaign draft"}},
		{name: "list by a wildcard that is none", request: request{method: "GET", path: "/campaigns?q=%25"}, status: 200, contains: []string{`"items":[]`}},
		{name: "list with unknown state", request: request{method: "GET", path: "/campaigns?status=draft,done"}, status: 422, code: "unknown_status"},
		{name: "list with limit 0", request: request{method: "GET", path: "/campaigns?limit=0"}, status: 422, code: "invalid_limit"},
		{name: "list with limit 201", request: request{method: "GET", path: "/campaigns?limit=201"}, status: 422, code: "invalid_limit"},
		{name: "list with limit x", request: request{method: "GET", path: "/campaigns?limit=x"}, status: 422, code: "invalid_limit"},
		{name: "list with unknown format", request: request{method: "GET", path: "/campaigns?format=idea,poem"}, status: 422, code: "unknown_format", contains: []string{"idea, success, important, card, message or survey"}},
		{name: "list with unknown sort", request: request{method: "GET", path: "/campaigns?sort=size"}, status: 422, code: "unknown_sort", contains: []string{"updated, name or when"}},
		{name: "list with unknown order", request: request{method: "GET", path: "/campaigns?order=up"}, status: 422, code: "unknown_order", contains: []string{"asc or desc"}},
		{name: "list a format", request: request{method: "GET", path: "/campaigns?format=idea,%20card"}, status: 200, contains: []string{`"items":[]`, `"draft":0`, `"completed":0`}},
		{name: "list my own", request: request{method: "GET", path: "/campaigns?author=me&status=draft&sort=name&order=asc"}, status: 200, contains: []string{`"name":"Campaign draft"`, `"draft":3`}},
		{name: "list my own without any", request: request{as: "fabrikam", method: "GET", path: "/campaigns?author=me"}, status: 200, contains: []string{`"items":[]`, `"draft":0`}},
		{name: "list somebody's", request: request{method: "GET", path: "/campaigns?author=ann&status=draft&sort=name&order=asc&limit=1"}, status: 200, contains: []string{`"name":"Campaign draft"`, `"draft":3`, `"sending":1`}, lacks: []string{`"Campaign empty"`}},
		{name: "list with the names of lists", request: request{method: "GET", path: "/campaigns?status=scheduled&sort=when"}, status: 200, contains: []string{`"audienceLists":[{"id":"` + others + `","name":"Others"}]`}},
		{name: "a deleted list has no name", request: request{method: "PUT", path: "/campaigns/{draft}", header: version1, body: `{"name":"N","audience":{"all":true,"excludeListIds":["` + staff + `"]}}`}, status: 200, contains: []string{`"audienceLists":[{"id":"` + staff + `","name":"Staff"}]`},
			after: func(t *testing.T, w *world, _ []byte) {
				if res, body := w.do(t, request{as: "author", method: "DELETE", path: "/lists/{list}"}); res.StatusCode != 204 {
					t.Fatalf("%d %s", res.StatusCode, body)
				}
				answers("/campaigns/{draft}", `"audienceLists":[{"id":"`+staff+`","name":null}]`)(t, w, nil)
			}},
		{name: "authors", request: request{method: "GET", path: "/authors"}, status: 200, contains: []string{`{"items":[{"id":"ann","displayName":"Ann Ahlberg"}]}`}},
		{name: "list with a cursor that is none", request: request{method: "GET", path: "/campaigns?cursor=xyz"}, status: 422, code: "bad_cursor"},
		{name: "list with U+0000 in the search", request: request{method: "GET", path: "/campaigns?q=a%00"}, status: 400, code: "invalid_text"},
		{name: "list with broken UTF-8 in the search", request: request{method: "GET", path: "/campaigns?q=%ff"}, status: 400, code: "invalid_text"},
		{name: "list with a broken address", request: request{method: "GET", path: "/campaigns?q=%zz"}, status: 400, code: "invalid_text"},
	})
}

func gone(id string) func(*testing.T, *world, []byte) {
	return func(t *testing.T, w *world, _ []byte) {
		if res, body := w.do(t, request{as: "author", method: "GET", path: "/campaigns/" + id}); res.StatusCode != 404 {
			t.Errorf("still there: %s", body)
		}
	}
}

func TestPagesOfCampaignsFollowEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]bool{}
	var order []string
	for path := "/campaigns?limit=3"; path != ""; {
		_, body := w.ask(t, request{as: "author", method: "GET", path: path})
		var page struct {
			Items []struct{ ID, UpdatedAt string }
			Next  *string
		}
		if err := json.Unmarshal(body, &page); err != nil || len(page.Items) == 0 || len(page.Items) > 3 {
			t.Fatalf("%v: %s", err, body)
		}
		for _, c := range page.Items {
			if seen[c.ID] {
				t.Errorf("%s is on two pages", c.ID)
			}
			seen[c.ID] = true
			order = append(order, c.UpdatedAt)
		}
		path = ""
		if page.Next != nil {
			path = "/campaigns?limit=3&cursor=" + *page.Next
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d campaigns, want 8", len(seen))
	}
	for i := 1; i < len(order); i++ {
		if order[i] > order[i-1] {
			t.Errorf("not the newest first: %q", order)
		}
	}
}

// A second author's save must not vanish unseen, whatever the first one still has open.
func TestTwoAuthorsChangeOneDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	put := func(as, name, version string) int {
		res, _ := w.ask(t, request{as: as, method: "PUT", path: "/campaigns/{draft}", body: `{"name":"` + name + `"}`, header: map[string]string{"If-Match": version}})
		if want := res.Header.Get("ETag"); res.StatusCode == 200 && want != `"2"` && want != `"3"` {
			t.Errorf("ETag %s", want)
		}
		return res.StatusCode
	}
	if got := []int{put("author", "first", "1"), put("admin", "second", "1"), put("admin", "second", "2")}; got[0] != 200 || got[1] != 412 || got[2] != 200 {
		t.Errorf("statuses %v", got)
	}
}

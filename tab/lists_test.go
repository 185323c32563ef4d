package tab_test

import (
	"bytes"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"herald/campaigns"
)

var formHeader = map[string]string{"Content-Type": "multipart/form-data; boundary=xxxx"}

const people = "EMAIL\tAMOUNT\tTOWN\nann@contoso.example\t99\tLyon\nnew@contoso.example\t7,5\t\n"

// form is a multipart form with a file, and fields after it: name, value, …
func form(file string, fields ...string) string {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.SetBoundary("xxxx")
	f, _ := m.CreateFormFile("file", "people.csv")
	_, _ = f.Write([]byte(file))
	for i := 0; i < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1])
	}
	_ = m.Close()
	return b.String()
}

func get(path string) request        { return request{method: "GET", path: path} }
func post(path, body string) request { return request{method: "POST", path: path, body: body} }
func put(path, body string) request {
	return request{method: "PUT", path: path, body: body, header: version1}
}
func remove(path string) request { return request{method: "DELETE", path: path} }
func upload(body string) request {
	return request{method: "POST", path: "/lists/{list}/import", body: body, header: formHeader}
}
func to(audience, text string) string {
	return `{"name":"N","content":{"text":"` + text + `"},"audience":` + audience + `}`
}
func answers(path string, texts ...string) func(*testing.T, *world, []byte) {
	return func(t *testing.T, w *world, _ []byte) {
		t.Helper()
		_, body := w.do(t, request{as: "author", method: "GET", path: path})
		for _, s := range texts {
			if !strings.Contains(string(body), s) {
				t.Errorf("no %s in %s", s, body)
			}
		}
	}
}

func TestLists(t *testing.T) {
	play(t, []scenario{
		{name: "list", request: get("/lists"), status: 200, contains: []string{`"name":"Staff","members":4,"installed":1,"columns":[{"name":"AMOUNT","label":"Amount","type":"number"}`, `"name":"Others","members":1,"installed":1`, `"next":null`}, lacks: []string{"Secret"}},
		{name: "search", request: get("/lists?q=STA"), status: 200, contains: []string{"Staff"}, lacks: []string{"Others"}},
		{name: "page", request: get("/lists?limit=1"), status: 200, contains: []string{"Others"}, lacks: []string{"Staff", `"next":null`}},
		{name: "bad cursor", request: get("/lists?cursor=!"), status: 422, code: "bad_cursor"},
		{name: "bad limit", request: get("/lists?limit=0"), status: 422, code: "invalid_limit"},
		{name: "create", request: post("/lists", `{"name":" New ","columns":[{"name":"Due date","type":"date"},{"name":"x"}]}`), status: 201,
			contains: []string{`"name":"New","members":0,"installed":0,"columns":[{"name":"DUE DATE","label":"Due date","type":"date"},{"name":"X","label":"x","type":"text"}]`, `"version":1`, `"createdBy":{"id":"ann","displayName":"Ann Ahlberg"}`}},
		{name: "create one that is there", request: post("/lists", `{"name":"STAFF"}`), status: 409, code: "name_taken"},
		{name: "create one that the others have", request: post("/lists", `{"name":"Secret list"}`), status: 201},
		{name: "create without a name", request: post("/lists", `{}`), status: 422, code: "name_required", fields: []string{"/name name_required"}},
		{name: "create with a long name", request: post("/lists", `{"name":"`+strings.Repeat("é", 121)+`"}`), status: 422, code: "name_too_long"},
		{name: "create with wrong columns", request: post("/lists", `{"name":"N","columns":[{"name":"1st"},{"name":"firstname"},{"name":"A"},{"name":"a "},{"name":"b","type":"money"}]}`), status: 422, code: "invalid",
			fields: []string{"/columns/0/name invalid_column_name", "/columns/1/name reserved_column_name", "/columns/3/name duplicate_column", "/columns/4/type unknown_column_type"}},
		{name: "create with many columns", request: post("/lists", `{"name":"N","columns":[`+strings.Repeat(`{"name":"A"},`, 50)+`{"name":"B"}]}`), status: 422, code: "too_many_columns"},
		{name: "read", request: get("/lists/{list}"), status: 200, contains: []string{`"name":"Staff"`}},
		{name: "read none", request: get("/lists/none"), status: 404, code: "not_found"},
		{name: "rename", request: put("/lists/{list}", `{"name":"Crew","columns":[{"name":"AMOUNT","label":"Sum","type":"text"}]}`), status: 200, contains: []string{`"name":"Crew"`, `"version":2`, `"label":"Sum"`},
			after: answers("/lists/{list}/members", `"values":{"AMOUNT":"12,50"}`)},
		{name: "rename in another case", request: put("/lists/{list}", `{"name":"STAFF"}`), status: 200},
		{name: "rename to one that is there", request: put("/lists/{list}", `{"name":"others"}`), status: 409, code: "name_taken"},
		{name: "rename without version", request: request{method: "PUT", path: "/lists/{list}", body: `{"name":"N"}`}, status: 428, code: "version_required"},
		{name: "rename an old version", request: request{method: "PUT", path: "/lists/{list}", body: `{"name":"N"}`, header: map[string]string{"If-Match": "9"}}, status: 412, code: "stale_version", contains: []string{`"current":{"id":"` + staff}},
		{name: "rename none", request: put("/lists/none", `{"name":"N"}`), status: 404, code: "not_found"},
		{name: "a type that the values are not of", request: put("/lists/{list}", `{"name":"Staff","columns":[{"name":"AMOUNT","type":"date"},{"name":"DAY","type":"date"}]}`), status: 422, code: "values_do_not_fit", fields: []string{"/columns/0/type values_do_not_fit"}},
		{name: "delete", request: remove("/lists/{list}"), status: 204, after: answers("/lists/{list}", "not_found")},
		{name: "delete one in use", request: remove("/lists/{busylist}"), status: 409, code: "list_in_use", contains: []string{"Campaign scheduled"}},
		{name: "sample", request: get("/lists/sample.csv"), status: 200, contains: []string{"CONTACT,NOMBRE,MONTO,FECHA\n"}},
	})
}

func TestMembers(t *testing.T) {
	const path = "/lists/{list}/members"
	play(t, []scenario{
		{name: "list", request: get(path), status: 200, contains: []string{
			`{"id":"1","email":"Ann@contoso.example","firstName":"Annie","lastName":"","values":{"AMOUNT":"12,50","DAY":"2026-03-31"},"displayName":"Ann Ahlberg","state":"installed"}`,
			`"displayName":"Bob Berg","state":"not_installed"`, `"displayName":"Carl Cho","state":"blocked"`, `"displayName":null,"state":"unknown"`, `"total":4`}},
		{name: "only unknown", request: get(path + "?state=unknown"), status: 200, contains: []string{"nobody@", `"total":4`}, lacks: []string{"bob@"}},
		{name: "only not installed", request: get(path + "?state=not_installed"), status: 200, contains: []string{"bob@"}, lacks: []string{"carl@", "Ann@", "nobody@"}},
		{name: "unknown state", request: get(path + "?state=away"), status: 422, code: "unknown_state"},
		{name: "search", request: get(path + "?q=ANNIE"), status: 200, contains: []string{"Ann@"}, lacks: []string{"bob@"}},
		{name: "page", request: get(path + "?limit=3"), status: 200, contains: []string{`"next":"3"`}},
		{name: "next page", request: get(path + "?limit=3&cursor=3"), status: 200, contains: []string{`"next":null`, "nobody@"}, lacks: []string{"carl@"}},
		{name: "bad cursor", request: get(path + "?cursor=x"), status: 422, code: "bad_cursor"},
		{name: "add", request: post(path, `{"email":" dora@contoso.example","lastName":"D","values":{"amount":" 1.5 ","DAY":""}}`), status: 201, contains: []string{`{"id":"5","email":"dora@contoso.example","firstName":"","lastName":"D","values":{"AMOUNT":"1.5"}`}},
		{name: "add one that is there", request: post(path, `{"email":"ANN@contoso.example"}`), status: 409, code: "member_exists"},
		{name: "add what is wrong", request: post(path, `{"email":"x","firstName":"`+strings.Repeat("a", 1001)+`","values":{"AMOUNT":"1,200.50","DAY":"2026-13-45","OTHER":"x"}}`), status: 422, code: "invalid",
			fields: []string{"/email invalid_address", "/firstName cell_too_long", "/values/AMOUNT invalid_number", "/values/DAY invalid_date", "/values/OTHER unknown_column"}},
		{name: "change", request: put(path+"/2", `{"email":"bob2@contoso.example","values":{"DAY":"2026-01-01"}}`), status: 200, contains: []string{`"id":"2","email":"bob2@contoso.example"`, `"DAY":"2026-01-01"`}},
		{name: "change the case of an address", request: put(path+"/2", `{"email":"BOB@contoso.example"}`), status: 200, contains: []string{`"email":"BOB@`}},
		{name: "change to one that is there", request: put(path+"/2", `{"email":"ann@contoso.example"}`), status: 409, code: "member_exists"},
		{name: "change nobody", request: put(path+"/77", `{"email":"ann@contoso.example"}`), status: 404, code: "not_found"},
		{name: "change a word", request: put(path+"/x", `{"email":"ann@contoso.example"}`), status: 404, code: "not_found"},
		{name: "remove", request: remove(path + "/2"), status: 204, after: answers("/lists/{list}", `"members":3`)},
		{name: "remove nobody", request: remove(path + "/77"), status: 404, code: "not_found"},
		{name: "add many", request: post(path+"/bulk", `{"emails":["ann@contoso.example"," new@contoso.example","NEW@contoso.example",""]}`), status: 200, contains: []string{`{"added":1,"present":2,"wrong":[]}`}, after: answers(path, "Annie", `"total":5`)},
		{name: "add many, one is wrong", request: post(path+"/bulk", `{"emails":["new@contoso.example","x"]}`), status: 200, contains: []string{`"added":0,"present":0,"wrong":[{"line":2,"value":"x","code":"invalid_address"`}, after: answers(path, `"total":4`)},
		{name: "add many but the wrong", request: post(path+"/bulk", `{"emails":["new@contoso.example","x"],"skipWrong":true}`), status: 200, contains: []string{`"added":1`, `"line":2`}, after: answers(path, `"total":5`)},
		{name: "add too many", request: post(path+"/bulk", `{"emails":["`+strings.Repeat(`a@b.example","`, 20_000)+`a@b.example"]}`), status: 422, code: "too_many_addresses"},
		{name: "export", request: get("/lists/{list}/members.csv"), status: 200, contains: []string{"EMAIL,FIRSTNAME,LASTNAME,AMOUNT,DAY\nAnn@contoso.example,Annie,,\"12,50\",2026-03-31\n", "nobody@contoso.example,'=1+1,"}},
		{name: "export none", request: get("/lists/none/members.csv"), status: 404, code: "not_found"},
		{name: "export a workbook", request: get("/lists/{list}/members.xlsx"), status: 200, after: func(t *testing.T, _ *world, b []byte) {
			f, err := excelize.OpenReader(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if v, err := f.GetCellValue("Sheet1", "D2"); err != nil || v != "12,50" {
				t.Errorf("%q %v", v, err)
			}
		}},
	})
}

func TestImport(t *testing.T) {
	const wrong = "EMAIL;DAY\nnew@contoso.example;2026-13-45\nx;2026-01-01\nok@contoso.example;2026-01-01\n"
	members := "/lists/{list}/members"
	play(t, []scenario{
		{name: "add", request: upload(form(people)), status: 200, contains: []string{`"total":2,"good":2,"wrong":0,"problems":[],"imported":2`, `{"index":1,"header":"AMOUNT","role":"custom","name":"AMOUNT","type":"number"}`, `"preview":[["ann@contoso.example","99","Lyon"]`},
			after: func(t *testing.T, w *world, _ []byte) {
				answers(members, `"email":"ann@contoso.example","firstName":"Annie","lastName":"","values":{"AMOUNT":"99","DAY":"2026-03-31","TOWN":"Lyon"}`, `"values":{"AMOUNT":"7,5"}`, `"total":5`)(t, w, nil)
				answers("/lists/{list}", `{"name":"TOWN","label":"TOWN","type":"text"}`, `"version":2`)(t, w, nil)
			}},
		{name: "replace", request: upload(form(people, "mode", "replace")), status: 200, contains: []string{`"imported":2`}, after: answers(members, `"firstName":"","lastName":"","values":{"AMOUNT":"99","TOWN":"Lyon"}`, `"total":2`)},
		{name: "look only", request: upload(form(people, "dryRun", "true")), status: 200, contains: []string{`"good":2`, `"imported":0`}, after: answers("/lists/{list}", `"members":4`, `"version":1`)},
		{name: "wrong rows", request: upload(form(wrong)), status: 422, code: "import_problems", contains: []string{`"import":{"columns"`, `{"line":2,"column":"DAY","code":"invalid_date"`, `{"line":3,"column":"EMAIL","code":"invalid_address"`, `"total":3,"good":1,"wrong":2`}},
		{name: "without wrong rows", request: upload(form(wrong, "skipWrong", "true")), status: 200, contains: []string{`"imported":1`}, after: answers("/lists/{list}", `"members":5`)},
		{name: "look at wrong rows", request: upload(form(wrong, "dryRun", "true")), status: 200, contains: []string{`"wrong":2`, `"imported":0`}},
		{name: "a mapping", request: upload(form(people, "mapping", `[{"index":2,"role":"ignore"},{"index":0,"role":"address"},{"index":1,"role":"custom","name":"Pay","type":"text"}]`)), status: 200, contains: []string{`"name":"Pay"`}, after: answers("/lists/{list}", `{"name":"PAY","label":"AMOUNT","type":"text"}`)},
		{name: "a mapping of another file", request: upload(form(people, "mapping", `[{"index":0,"role":"address"}]`)), status: 422, code: "invalid_mapping"},
		{name: "a mapping twice", request: upload(form(people, "mapping", `[{"index":0,"role":"address"},{"index":0,"role":"ignore"},{"index":2,"role":"ignore"}]`)), status: 422, code: "invalid_mapping"},
		{name: "a role that is none", request: upload(form(people, "mapping", `[{"index":0,"role":"address"},{"index":1,"role":"x"},{"index":2,"role":"ignore"}]`)), status: 422, code: "invalid_mapping"},
		{name: "two columns as one", request: upload(form(people, "mapping", `[{"index":0,"role":"address"},{"index":1,"role":"custom","name":"T"},{"index":2,"role":"custom","name":"T"}]`)), status: 422, code: "duplicate_column"},
		{name: "a mapping that is none", request: upload(form(people, "mapping", `null`)), status: 422, code: "invalid_form"},
		{name: "a mode that is none", request: upload(form(people, "mode", "merge")), status: 422, code: "invalid_form"},
		{name: "empty", request: upload(form("")), status: 422, code: "empty_file"},
		{name: "binary", request: upload(form("\x7fELF\x00\x01\x02\x00\x00")), status: 422, code: "binary_file"},
		{name: "no header", request: upload(form("a@b.example,1\nc@d.example,2\n")), status: 422, code: "no_header"},
		{name: "50 MB", request: upload(form(strings.Repeat("a", 50<<20))), status: 413, code: "body_too_large"},
		{name: "no form", request: post("/lists/{list}/import", `{}`), status: 400, code: "bad_form"},
		{name: "into none", request: request{method: "POST", path: "/lists/none/import", body: form(people), header: formHeader}, status: 404, code: "not_found"},
	})
}

func TestAudienceOfLists(t *testing.T) {
	const list, busy = `"` + staff + `"`, `"` + others + `"`
	play(t, []scenario{
		{name: "count", request: post("/audience/count", `{"listIds":[`+list+`],"emails":["ANN@contoso.example","elodie@contoso.example"]}`), status: 200,
			contains: []string{`"total":5,"installed":2,"notInstalled":2,"unknown":1,"excluded":0,"duplicates":1,"unknownEmails":["nobody@contoso.example"]`, `{"name":"AMOUNT","label":"Amount","type":"number","missingIn":[]}`}},
		{name: "count two lists", request: post("/audience/count", `{"listIds":[`+list+`,`+busy+`]}`), status: 200, contains: []string{`"total":5`, `"missingIn":["Others"]`}},
		{name: "count less a list", request: post("/audience/count", `{"listIds":[`+busy+`],"emails":["ann@contoso.example","nobody@contoso.example"],"excludeListIds":[`+list+`]}`), status: 200, contains: []string{`"total":1,"installed":1,"notInstalled":0,"unknown":0`}},
		{name: "count everybody less a list", request: post("/audience/count", `{"all":true,"excludeListIds":[`+list+`]}`), status: 200, contains: []string{`"total":2,"installed":1,"notInstalled":1`, "Dora"}},
		{name: "count a foreign list", request: post("/audience/count", `{"listIds":["`+abroad+`"]}`), status: 422, code: "unknown_list"},
		{name: "count many lists", request: post("/audience/count", `{"listIds":[`+strings.Repeat(list+`,`, 50)+list+`]}`), status: 422, code: "too_many_lists"},
		{name: "a campaign with a column", request: post("/campaigns", to(`{"listIds":[`+list+`,`+list+`]}`, "[AMOUNT] on [day|some day]")), status: 201, contains: []string{`"listIds":["` + staff + `"]`, `"problems":[]`}},
		{name: "a campaign with a column of another list", request: post("/campaigns", to(`{"listIds":[`+busy+`]}`, "[AMOUNT]")), status: 201, contains: []string{`"code":"unknown_variable"`}},
		{name: "a campaign to everybody less a list", request: post("/campaigns", to(`{"all":true,"excludeListIds":[`+list+`]}`, "x")), status: 201, contains: []string{`"audience":{"all":true,"excludeListIds":["` + staff + `"]}`}},
		{name: "a campaign to a foreign list", request: post("/campaigns", to(`{"excludeListIds":["`+abroad+`"]}`, "x")), status: 422, code: "unknown_list", fields: []string{"/audience/excludeListIds/0 unknown_list"}},
		{name: "preview for a member", request: post("/preview", `{"format":"message","content":{"text":"[FIRSTNAME] gets [AMOUNT]"},"audience":{"listIds":[`+list+`]},"as":"ann@contoso.example"}`), status: 200, contains: []string{`Annie gets 12,50`, `"missing":[]`}},
		{name: "preview for a member without values", request: post("/preview", `{"format":"message","content":{"text":"[FIRSTNAME] gets [AMOUNT]"},"audience":{"listIds":[`+list+`]},"as":"bob@contoso.example"}`), status: 200, contains: []string{`"missing":["AMOUNT"]`, "Bob"}},
	})
}

// A draft outlives its list, and says so until another one is chosen.
func TestDraftOfADeletedList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	do := func(q request, status int, contains ...string) {
		t.Helper()
		q.as = "author"
		w.see(t, q, status, contains...)
	}
	do(post("/campaigns", to(`{"listIds":["`+staff+`"],"emails":["ann@contoso.example"]}`, "[AMOUNT]")), 201)
	items, _, err := w.db.Campaigns(t.Context(), contoso, campaigns.Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	path := "/campaigns/" + items[0].ID
	do(post(path+"/preview", `{"as":"ann@contoso.example"}`), 200, `"text":"12,50"`)
	do(post(path+"/try", `{"email":"elodie@contoso.example"}`), 202) // in no list: she sees [AMOUNT]
	if len(w.bot.bodies) != 1 || !strings.Contains(w.bot.bodies[0], "AMOUNT") {
		t.Errorf("the test was %q", w.bot.bodies)
	}
	do(remove("/lists/{list}"), 204)
	do(get(path), 200, `"field":"/audience/listIds/0","code":"unknown_list"`, `"code":"unknown_variable"`)
	do(post(path+"/send", `{}`), 422, `"code":"incomplete"`, "has been deleted")
	do(put(path, to(`{"listIds":["`+staff+`"]}`, "x")), 422, `"code":"unknown_list"`)
	do(post(path+"/clone", `{"name":"Again"}`), 201, `"listIds":[]`, `"code":"unknown_variable"`)
	do(put(path, to(`{"listIds":["`+others+`"]}`, "[AMOUNT]")), 200, `"code":"unknown_variable"`)
	do(post(path+"/send", `{}`), 422, `"code":"incomplete"`, `[AMOUNT]`)
	again := put(path, to(`{"listIds":["`+others+`"]}`, "x"))
	again.header = map[string]string{"If-Match": "2"}
	do(again, 200, `"problems":[]`)
	do(post(path+"/send", `{}`), 202)
}

package tab_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestPeoplesData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	see := func(as, method, path string, status int, has ...string) string {
		t.Helper()
		return w.see(t, request{as: as, method: method, path: path}, status, has...)
	}
	for _, path := range []string{"/admin/privacy", "/admin/people?q=ann", "/admin/people/elodie", "/admin/people/elodie/export"} {
		see("author", "GET", path, http.StatusForbidden, `"code":"no_admin"`)
	}
	see("author", "DELETE", "/admin/people/elodie", http.StatusForbidden, `"code":"no_admin"`)

	see("admin", "GET", "/admin/privacy", 200, `{"retentionDays":0,"forgotten":0}`)
	see("admin", "GET", "/admin/people?q=", 422, `"code":"invalid_query"`)
	see("admin", "GET", "/admin/people?q=dur", 200, `"id":"elodie","displayName":"Élodie Durand","email":"elodie@contoso.example","state":"installed","optedOut":false,"left":false`)
	see("admin", "GET", "/admin/people?q=nobody", 200, `{"items":[]}`)
	if body := see("admin", "GET", "/admin/people?q=secret", 200); strings.Contains(body, "fay") {
		t.Errorf("another organisation's: %s", body)
	}
	see("admin", "GET", "/admin/people/fay", 404, `"code":"unknown_person"`)
	see("admin", "DELETE", "/admin/people/fay", 404, `"code":"unknown_person"`)
	see("admin", "GET", "/admin/people/ELODIE", 200, `"known":{"deliveries":3,"lists":1,"authored":0,"typed":0,"installs":0,"noted":0}`)
	see("admin", "GET", "/admin/people/elodie/export", 200, `"personId":"elodie"`, `"conversationId":"a:elodie"`, `"email":"elodie@contoso.example"`)

	see("admin", "DELETE", "/admin/people/elodie", 200, `"members":1`)
	see("admin", "GET", "/admin/people/elodie", 404, `"code":"unknown_person"`)
	see("admin", "GET", "/admin/privacy", 200, `"forgotten":1`)
	if body := see("author", "GET", "/recipients/verify?email=elodie@contoso.example", 200); !strings.Contains(body, `"found":false`) {
		t.Errorf("the directory brings her back: %s", body)
	}
}

func TestMandatory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, body := w.ask(t, request{as: "author", method: "POST", path: "/campaigns", body: `{"name":"Drill","mandatory":true,"content":{"text":"x"},"audience":{"all":true}}`})
	id := strings.Split(strings.Split(string(body), `"id":"`)[1], `"`)[0]
	if !strings.Contains(string(body), `"mandatory":true`) {
		t.Errorf("%s", body)
	}
	for _, q := range []request{
		{method: "GET", path: "/campaigns/" + id},
		{method: "POST", path: "/campaigns/" + id + "/clone", body: `{"name":"Again"}`},
	} {
		q.as = "author"
		if _, body := w.do(t, q); !strings.Contains(string(body), `"mandatory":true`) {
			t.Errorf("%s %s: %s", q.method, q.path, body)
		}
	}
	if _, body := w.do(t, request{as: "author", method: "PUT", path: "/campaigns/" + id, body: `{"name":"Drill"}`, header: version1}); !strings.Contains(string(body), `"mandatory":false`) {
		t.Errorf("%s", body)
	}
}

func TestRestoredIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.db.MarkRestored(t.Context(), start.Add(-29*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	_, body := w.ask(t, request{as: "author", method: "GET", path: "/me"})
	if !strings.Contains(string(body), `"restored":{"at":"2026-10-29T10:00:00Z","stopped":`) {
		t.Errorf("%s", body)
	}
	if _, body := w.do(t, request{as: "stranger", method: "GET", path: "/me"}); !strings.Contains(string(body), `"restored":null`) {
		t.Errorf("%s", body)
	}
	if _, body := w.do(t, request{as: "author", method: "GET", path: "/campaigns/{scheduled}"}); !strings.Contains(string(body), `"restored":true`) || !strings.Contains(string(body), `"status":"stopped"`) {
		t.Errorf("%s", body)
	}
}

package graph

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
)

// canned answers every request alike.
type canned struct {
	status             int
	kind, header, body string
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{}
	h.Set("Content-Type", c.kind)
	h.Set("Retry-After", c.header)
	h.Set("WWW-Authenticate", c.header)
	return &http.Response{StatusCode: c.status, Header: h, Body: io.NopCloser(strings.NewReader(c.body)), Request: r}, nil
}

// Whatever comes back, Herald gets people or a *campaigns.Error, and the SDK
// does not take the process with it.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "application/json", "", `{"id":"a","mail":"a@b.example","accountEnabled":true}`)
	f.Add(200, "application/json", "", `{"value":[{"id":"a"},{"id":"b","@removed":{"reason":"deleted"}}],"@odata.deltaLink":"https://graph.microsoft.com/v1.0/users/delta?$deltatoken=x"}`)
	f.Add(200, "application/json", "", `{"value":[null,5,{"id":7}],"@odata.nextLink":[]}`)
	f.Add(200, "application/json", "", `null`)
	f.Add(200, "text/plain", "", `x`)
	f.Add(204, "", "", ``)
	f.Add(304, "", "", ``)
	f.Add(401, "application/json", `Bearer realm="", claims="e30="`, `{"error":{"code":"x","message":"y"}}`)
	f.Add(401, "application/json", `Bearer claims=`, `{"error":{}}`)
	f.Add(404, "application/json", "", `{"error":{"code":"Request_ResourceNotFound"}}`)
	f.Add(410, "application/json", "", `{"error":{"code":1}}`)
	f.Add(429, "text/html", "99999999999", `<p>`)
	f.Add(503, "application/json", "Sat, 21 Nov 2026 09:00:00 GMT", `[]`)
	f.Fuzz(func(t *testing.T, status int, kind, header, body string) {
		if status < 200 || status > 599 {
			return
		}
		d, err := New(Config{
			Credential: tenantTokens{}, Transport: canned{status, kind, header, body}, Clock: func() time.Time { return now },
			sleep: func(context.Context, time.Duration) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		var failure *campaigns.Error
		found, err := d.FindByEmail(t.Context(), contoso, "a@b.example")
		if err != nil && !errors.As(err, &failure) || err == nil && found.ID == "" {
			t.Errorf("find: %+v, error %v", found, err)
		}
		next, err := d.EachPage(t.Context(), contoso, "", func(campaigns.DirectoryPage) error { return nil })
		if err != nil && !errors.As(err, &failure) || err == nil && !d.ours(next) {
			t.Errorf("walk: next %q, error %v", next, err)
		}
	})
}

package graph

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
)

// mailboxes is a Graph whose batches are answered one mailbox at a time.
func mailboxes(t *testing.T, answer func(id string, nth int) (status int, body any, retryAfter string)) (http.HandlerFunc, func() (asked map[string]int, batches int)) {
	var mu sync.Mutex
	asked, batches := map[string]int{}, 0
	return func(w http.ResponseWriter, r *http.Request) {
			var in struct {
				Requests []struct{ ID, Method, URL string }
			}
			if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.URL.Path != "/v1.0/$batch" || len(in.Requests) > 20 {
				t.Errorf("%s with %d requests, error %v", r.URL.Path, len(in.Requests), err)
			}
			mu.Lock()
			defer mu.Unlock()
			batches++
			responses := []any{}
			for i := range in.Requests {
				q := in.Requests[len(in.Requests)-1-i] // Graph answers in any order
				id, ok := strings.CutPrefix(strings.TrimSuffix(q.URL, "/mailboxSettings/timeZone"), "/users/")
				if !ok || q.Method != "GET" {
					t.Errorf("%+v", q)
				}
				asked[id]++
				status, body, after := answer(id, asked[id])
				headers := map[string]string{"Content-Type": "application/json"}
				if after != "" {
					headers["Retry-After"] = after
				}
				responses = append(responses, map[string]any{"id": q.ID, "status": status, "headers": headers, "body": body})
			}
			write(w, 200, map[string]any{"responses": responses})
		}, func() (map[string]int, int) {
			mu.Lock()
			defer mu.Unlock()
			return maps.Clone(asked), batches
		}
}

func zone(name string) map[string]any { return map[string]any{"@odata.context": "x", "value": name} }

func graphError(code string) map[string]any {
	return map[string]any{"error": map[string]any{"code": code, "message": "no"}}
}

func TestMailboxZones(t *testing.T) {
	ids := guids(107)
	handler, seen := mailboxes(t, func(id string, nth int) (int, any, string) {
		switch {
		case id == ids[0]:
			return 404, graphError("MailboxNotEnabledForRESTAPI"), ""
		case id == ids[1]:
			return 403, graphError("ErrorAccessDenied"), "" // kept from this one mailbox
		case id == ids[2]:
			return 500, graphError("ErrorInternalServerError"), ""
		case id == ids[3]:
			return 200, zone("Customized Time Zone"), ""
		case id == ids[4]:
			return 200, zone("Tokyo Standard Time"), ""
		case id == ids[5] && nth < 3:
			return 429, graphError("ApplicationThrottled"), "4"
		}
		return 200, zone("Europe/Paris"), ""
	})
	r := setup(t, handler)
	got, err := r.MailboxZones(t.Context(), contoso, append(ids, "29:local"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{ids[0]: "", ids[1]: "", ids[3]: "", ids[4]: "Asia/Tokyo", "29:local": ""}
	for _, id := range ids[5:] {
		want[id] = "Europe/Paris"
	}
	if !maps.Equal(got, want) {
		t.Errorf("%d answers: %v", len(got), got)
	}
	asked, batches := seen()
	if asked[ids[5]] != 3 || asked[ids[6]] != 1 || batches != 6+2 {
		t.Errorf("%d batches; the throttled one was asked %d times, another %d", batches, asked[ids[5]], asked[ids[6]])
	}
	if len(r.waits) != 2 || r.waits[0] != 4*time.Second {
		t.Errorf("waits %v", r.waits)
	}
}

// What was learnt is kept when Graph wants the rest much later.
func TestMailboxZonesThrottled(t *testing.T) {
	ids := guids(20)
	handler, seen := mailboxes(t, func(id string, _ int) (int, any, string) {
		if id == ids[7] {
			return 429, graphError("ApplicationThrottled"), "300"
		}
		return 200, zone("GMT Standard Time"), ""
	})
	r := setup(t, handler)
	got, err := r.MailboxZones(t.Context(), contoso, ids)
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeThrottled || failure.RetryAfter != 5*time.Minute {
		t.Errorf("error %v", err)
	}
	if _, says := got[ids[7]]; len(got) != 19 || says || got[ids[0]] != "Europe/London" {
		t.Errorf("%v", got)
	}
	if _, batches := seen(); batches != 1 || len(r.waits) != 0 {
		t.Errorf("%d batches, waits %v", batches, r.waits)
	}
}

func TestMailboxZonesDenied(t *testing.T) {
	handler, seen := mailboxes(t, func(string, int) (int, any, string) { return 403, graphError("ErrorAccessDenied"), "" })
	r := setup(t, handler)
	got, err := r.MailboxZones(t.Context(), contoso, guids(900))
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeForbidden || !strings.Contains(failure.Message, "MailboxSettings.Read") || len(got) != 0 {
		t.Errorf("%v, error %v", got, err)
	}
	if _, batches := seen(); batches != 1 {
		t.Errorf("%d batches to learn it", batches)
	}
}

// An administrator lets the app read some mailboxes and not others. Twenty of the others together are no reason to stop.
func TestMailboxZonesOfSome(t *testing.T) {
	ids := guids(60)
	handler, _ := mailboxes(t, func(id string, _ int) (int, any, string) {
		if slices.Contains(ids[20:40], id) {
			return 403, graphError("ErrorAccessDenied"), ""
		}
		return 200, zone("Europe/Paris"), ""
	})
	got, err := setup(t, handler).MailboxZones(t.Context(), contoso, ids)
	if zone, says := got[ids[25]]; err != nil || len(got) != 60 || !says || zone != "" || got[ids[50]] != "Europe/Paris" {
		t.Errorf("%d answers, the zone of somebody kept back %q, error %v", len(got), zone, err)
	}
}

// Without the permission nothing is learnt of anybody, although Graph asks for patience before it says so.
func TestMailboxZonesDeniedLate(t *testing.T) {
	ids := guids(20)
	handler, _ := mailboxes(t, func(id string, nth int) (int, any, string) {
		if id == ids[7] && nth == 1 {
			return 429, graphError("ApplicationThrottled"), "1"
		}
		return 403, graphError("ErrorAccessDenied"), ""
	})
	got, err := setup(t, handler).MailboxZones(t.Context(), contoso, ids)
	if campaigns.CodeOf(err) != campaigns.CodeForbidden || len(got) != 0 {
		t.Errorf("%v, error %v", got, err)
	}
}

// The caller's patience ends: what was learnt until then comes along.
func TestMailboxZonesLate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	handler, _ := mailboxes(t, func(id string, nth int) (int, any, string) {
		if nth > 1 || id == guid(25) {
			return 503, graphError("ServiceNotAvailable"), "1"
		}
		return 200, zone("Europe/Paris"), ""
	})
	r := setup(t, handler)
	r.Directory.sleep = func(ctx context.Context, _ time.Duration) error { cancel(); <-ctx.Done(); return ctx.Err() }
	got, err := r.MailboxZones(ctx, contoso, guids(30))
	if !errors.Is(err, context.Canceled) || campaigns.CodeOf(err) != "" || len(got) < 20 {
		t.Errorf("%d answers, error %v", len(got), err)
	}
}

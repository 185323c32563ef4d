package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
)

func guid(n int) string { return fmt.Sprintf("%08d-0000-4000-8000-00000000abcd", n) }

func guids(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = guid(i)
	}
	return out
}

func idsOf(t *testing.T, r *http.Request) []string {
	t.Helper()
	var in struct{ IDs []string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		t.Error(err)
	}
	return in.IDs
}

func available(ids []string) map[string]any {
	value := []any{}
	for _, id := range ids {
		value = append(value, map[string]any{"id": id, "availability": "Available"})
	}
	return map[string]any{"value": value}
}

func TestPresenceWords(t *testing.T) {
	words := map[string]campaigns.Presence{
		"Available": campaigns.PresenceAvailable, "AvailableIdle": campaigns.PresenceAvailable, "Busy": campaigns.PresenceBusy,
		"BusyIdle": campaigns.PresenceBusy, "Away": campaigns.PresenceAway, "BeRightBack": campaigns.PresenceAway,
		"DoNotDisturb": campaigns.PresenceDoNotDisturb, "Offline": campaigns.PresenceOffline,
		"PresenceUnknown": campaigns.PresenceUnknown, "WordOfTomorrow": campaigns.PresenceUnknown,
	}
	var ids []string
	want := map[string]campaigns.Presence{}
	value := []any{map[string]any{"id": guid(99), "availability": "Available"}} // nobody asked for them
	for word, presence := range words {
		id := strings.ToUpper(guid(len(ids)))
		ids = append(ids, id)
		value = append(value, map[string]any{"id": strings.ToLower(id), "availability": word, "activity": "InACall"})
		want[id] = presence
	}
	r := setup(t, func(w http.ResponseWriter, request *http.Request) {
		if got := idsOf(t, request); len(got) != len(ids) || request.Method != http.MethodPost || request.Header.Get("Authorization") != "Bearer token-of-"+contoso {
			t.Errorf("%s %v", request.Method, got)
		}
		write(w, 200, map[string]any{"value": value})
	})
	// Twice the same person, and one whom Graph cannot know, cost the others nothing.
	got, err := r.Presences(t.Context(), contoso, append(ids, strings.ToLower(ids[0]), "29:local"))
	if err != nil {
		t.Fatal(err)
	}
	for id, presence := range want {
		if _, says := got[id]; got[id] != presence || says != (presence != campaigns.PresenceUnknown) {
			t.Errorf("%s is %q, want %q", id, got[id], presence)
		}
	}
	if len(got) != 8 {
		t.Errorf("%d answers", len(got))
	}
	if asked := r.asked(); len(asked) != 1 || asked[0] != "/v1.0/communications/getPresencesByUserId" {
		t.Errorf("%v", asked)
	}
	if got, err := r.Presences(t.Context(), contoso, []string{"29:local"}); err != nil || len(got) != 0 || r.count() != 1 {
		t.Errorf("%v, error %v", got, err)
	}
	if _, err := r.Presences(t.Context(), contoso, guids(campaigns.MaxPresences+1)); err == nil || r.count() != 1 {
		t.Errorf("651 people: error %v", err)
	}
}

func TestPresencePace(t *testing.T) {
	r := setup(t, func(w http.ResponseWriter, request *http.Request) { write(w, 200, available(idsOf(t, request))) })
	at := now
	r.lookups.now = func() time.Time { return at }
	ask := func(tenant string) error {
		_, err := r.Presences(t.Context(), tenant, []string{guid(1)})
		return err
	}
	for range presenceCalls {
		if err := ask(contoso); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Millisecond)
	}
	var failure *campaigns.Error
	if err := ask(contoso); !errors.As(err, &failure) || failure.Code != campaigns.CodeThrottled || failure.RetryAfter != presenceSpan-presenceCalls*time.Millisecond {
		t.Errorf("error %v", err)
	}
	if err := ask("22222222-2222-4222-8222-222222222222"); err != nil {
		t.Errorf("another tenant: %v", err)
	}
	if r.count() != presenceCalls+1 {
		t.Errorf("%d calls", r.count())
	}
	// Shortly before a place is free the call waits for it.
	at = now.Add(presenceSpan - time.Second)
	r.Directory.sleep = func(_ context.Context, d time.Duration) error {
		if d != time.Second {
			t.Errorf("waits %v", d)
		}
		at = at.Add(d)
		return nil
	}
	if err := ask(contoso); err != nil {
		t.Error(err)
	}
	// In no 30 seconds more than the limit: the next place is free one millisecond later.
	if wait := r.lookups.take(contoso); wait != time.Millisecond {
		t.Errorf("wait %v", wait)
	}
}

// After 429 nobody is asked until Graph wants to be, whoever asks.
func TestPresenceHolds(t *testing.T) {
	throttle := true
	r := setup(t, func(w http.ResponseWriter, request *http.Request) {
		if throttle {
			w.Header().Set("Retry-After", "17")
			refuse(w, 429, "TooManyRequests", "Slow down.")
			return
		}
		write(w, 200, available(idsOf(t, request)))
	})
	at := now
	r.lookups.now = func() time.Time { return at }
	for _, want := range []time.Duration{17, 12} {
		_, err := r.Presences(t.Context(), contoso, guids(3))
		var failure *campaigns.Error
		if !errors.As(err, &failure) || failure.Code != campaigns.CodeThrottled || failure.RetryAfter != want*time.Second {
			t.Errorf("error %v, want to come back in %d s", err, want)
		}
		at = at.Add(5 * time.Second)
	}
	if r.count() != 1 || len(r.waits) != 0 {
		t.Errorf("%d calls, waits %v", r.count(), r.waits)
	}
	throttle, at = false, at.Add(8*time.Second)
	if got, err := r.Presences(t.Context(), contoso, guids(3)); err != nil || len(got) != 3 {
		t.Errorf("%v, error %v", got, err)
	}
}

// A gateway in trouble is asked again, with the whole question; a real refusal is not.
func TestPresenceAgain(t *testing.T) {
	for name, c := range map[string]struct {
		first int
		body  string
		calls int
		code  campaigns.Code
		word  string
	}{
		"gateway":  {502, "<html>", 2, "", ""},
		"timeout":  {504, "", 2, "", ""},
		"busy":     {503, "", 2, "", ""},
		"denied":   {403, `{"error":{"code":"Forbidden","message":"no"}}`, 1, campaigns.CodeForbidden, "Presence.Read.All"},
		"token":    {401, `{"error":{"code":"InvalidAuthenticationToken","message":"no"}}`, 1, campaigns.CodeForbidden, "Presence.Read.All"},
		"bad":      {400, `{"error":{"code":"BadRequest","message":"no"}}`, 1, campaigns.CodeUnavailable, ""},
		"no JSON":  {200, "{", 1, campaigns.CodeUnavailable, "understand"},
		"nothing":  {204, "", 1, campaigns.CodeUnavailable, "understand"},
		"throttle": {429, "", 1, campaigns.CodeThrottled, ""},
	} {
		t.Run(name, func(t *testing.T) {
			calls := 0
			r := setup(t, func(w http.ResponseWriter, request *http.Request) {
				if got := idsOf(t, request); len(got) != 650 {
					t.Errorf("%d ids", len(got))
				}
				if calls++; calls == 1 {
					w.WriteHeader(c.first)
					_, _ = w.Write([]byte(c.body))
					return
				}
				write(w, 200, available([]string{guid(1)}))
			})
			got, err := r.Presences(t.Context(), contoso, guids(650))
			if campaigns.CodeOf(err) != c.code || calls != c.calls || (c.code == "" && len(got) != 1) {
				t.Errorf("%d calls, %v, error %v", calls, got, err)
			}
			var failure *campaigns.Error
			if errors.As(err, &failure) && !strings.Contains(failure.Message, c.word) {
				t.Errorf("says %q", failure.Message)
			}
		})
	}
}

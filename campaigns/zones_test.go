package campaigns_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"herald/campaigns"
)

// mailboxes is Graph as the test scripts it.
type mailboxes struct {
	mu    sync.Mutex
	zones map[string]string
	err   error
	asked [][]string
	waits bool // until the caller has no more patience
}

func (m *mailboxes) MailboxZones(ctx context.Context, _ string, ids []string) (map[string]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	ids = slices.Clone(ids)
	slices.Sort(ids)
	m.asked = append(m.asked, ids)
	out := map[string]string{}
	for _, id := range ids {
		if zone, ok := m.zones[id]; ok {
			out[id] = zone
		}
	}
	if m.waits {
		<-ctx.Done()
		return out, ctx.Err()
	}
	return out, m.err
}

// take answers whom was asked for since the last take.
func (m *mailboxes) take() [][]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.asked
	m.asked = nil
	return out
}

func keeping(t *testing.T) (*world, *campaigns.ZoneKeeper, *mailboxes) {
	w := setup(t)
	var people []campaigns.Person
	for _, id := range []string{"ann", "bob", "cem", "dee"} {
		people = append(people, campaigns.Person{TenantID: tenant, ID: id, DisplayName: id})
	}
	if err := errors.Join(w.db.SavePeople(t.Context(), people), w.db.SaveClientZone(t.Context(), tenant, "bob", "Asia/Kolkata"),
		w.db.SaveClientZone(t.Context(), tenant, "ann", "Europe/Rome")); err != nil {
		t.Fatal(err)
	}
	m := &mailboxes{zones: map[string]string{"ann": "Europe/Paris", "bob": "", "cem": "Europe/London"}}
	return w, &campaigns.ZoneKeeper{Store: w.db, Source: m, Now: w.Now, Log: slog.New(slog.DiscardHandler)}, m
}

func (w *world) zones(k *campaigns.ZoneKeeper, want map[string]string, ids ...string) {
	w.t.Helper()
	got, err := k.Of(w.t.Context(), tenant, ids)
	if err != nil || !maps.Equal(got, want) {
		w.t.Errorf("%v, error %v, want %v", got, err, want)
	}
}

func asked(t *testing.T, m *mailboxes, want ...[]string) {
	t.Helper()
	if got := m.take(); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("asked for %v, want %v", got, want)
	}
}

func TestZonesAreAskedOnceAWeek(t *testing.T) {
	w, k, m := keeping(t)
	all := map[string]string{"ann": "Europe/Paris", "bob": "Asia/Kolkata", "cem": "Europe/London", "dee": "", "nobody": ""}
	w.zones(k, all, "ann", "bob", "cem", "dee", "nobody")
	asked(t, m, []string{"ann", "bob", "cem", "dee"})
	// Also that bob has no mailbox is known; of dee Graph said nothing.
	w.zones(k, all, "ann", "bob", "cem", "dee", "nobody")
	asked(t, m, []string{"dee"})
	w.advance(7*24*time.Hour - time.Second)
	w.zones(k, map[string]string{"ann": "Europe/Paris"}, "ann")
	asked(t, m)
	w.advance(time.Second)
	m.zones["ann"], m.zones["bob"] = "", "America/Lima"
	w.zones(k, map[string]string{"ann": "Europe/Rome", "bob": "America/Lima"}, "ann", "bob")
	asked(t, m, []string{"ann", "bob"})
	w.zones(k, map[string]string{"ann": "Europe/Rome", "bob": "America/Lima"}, "ann", "bob")
	asked(t, m)
}

// When Graph does not tell, what is known counts, and a page of people does not pay for each other one.
func TestZonesFailSoftly(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		pause time.Duration
	}{
		"denied":    {&campaigns.Error{Code: campaigns.CodeForbidden}, 10 * time.Minute},
		"throttled": {&campaigns.Error{Code: campaigns.CodeThrottled, RetryAfter: 25 * time.Second}, 25 * time.Second},
		"down":      {&campaigns.Error{Code: campaigns.CodeUnavailable}, time.Minute},
		"else":      {errors.New("else"), time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			w, k, m := keeping(t)
			w.zones(k, map[string]string{"cem": "Europe/London"}, "cem")
			m.take()
			w.advance(8 * 24 * time.Hour)
			m.zones, m.err = map[string]string{"ann": "Europe/Paris"}, c.err
			// What was learnt along with the failure is kept, and the old is not forgotten.
			want := map[string]string{"ann": "Europe/Paris", "bob": "Asia/Kolkata", "cem": "Europe/London"}
			w.zones(k, want, "ann", "bob", "cem")
			asked(t, m, []string{"ann", "bob", "cem"})
			w.advance(c.pause - time.Millisecond)
			w.zones(k, want, "ann", "bob", "cem")
			asked(t, m)
			w.advance(time.Millisecond)
			w.zones(k, want, "ann", "bob", "cem")
			asked(t, m, []string{"bob", "cem"})
		})
	}
}

func TestZonesWithoutGraph(t *testing.T) {
	w, k, _ := keeping(t)
	k.Source = nil
	w.zones(k, map[string]string{"ann": "Europe/Rome", "cem": ""}, "ann", "cem")
}

// A caller who gives up is not a Graph that fails: the next one asks.
func TestZonesCallerGivesUp(t *testing.T) {
	w, k, m := keeping(t)
	m.waits = true
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, err := k.Of(ctx, tenant, []string{"ann"}); err != nil || got["ann"] != "Europe/Paris" {
		t.Errorf("%v, error %v", got, err)
	}
	m.waits = false
	m.take()
	w.zones(k, map[string]string{"cem": "Europe/London"}, "cem")
	asked(t, m, []string{"cem"})
}

func TestZoneName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Europe/Paris": "Europe/Paris", "Asia/Calcutta": "Asia/Kolkata", "America/Port-au-Prince": "America/Port-au-Prince", "UTC": "UTC",
		"": "", "Local": "", "europe/paris": "", "Romance Standard Time": "", "/etc/localtime": "", "Europe/../Europe/Paris": "", "\xff": "",
	} {
		if got := campaigns.ZoneName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// remembered is a store of zones without a clock of its own, for fake time.
type remembered map[string]campaigns.Zones

func (r remembered) ZonesOf(_ context.Context, _ string, ids []string) (map[string]campaigns.Zones, error) {
	out := map[string]campaigns.Zones{}
	for _, id := range ids {
		out[id] = r[id]
	}
	return out, nil
}

func (r remembered) SaveMailboxZones(ctx context.Context, _ string, zones map[string]string, at time.Time) error {
	for id, zone := range zones {
		r[id] = campaigns.Zones{Client: r[id].Client, Mailbox: zone, MailboxAt: at}
	}
	return ctx.Err()
}

// Planning waits ten seconds for a page's zones and then goes by what is known. Slow but answering is asked again for the next
// page, silent only a minute later.
func TestZonesPatience(t *testing.T) {
	for name, c := range map[string]struct {
		tells map[string]string
		again bool
	}{"slow": {map[string]string{"ann": "Europe/Paris"}, true}, "silent": {nil, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				known, m := remembered{"bob": {Client: "Asia/Tokyo"}}, &mailboxes{zones: c.tells, waits: true}
				k := &campaigns.ZoneKeeper{Store: known, Source: m, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
				begin := time.Now()
				got, err := k.Of(t.Context(), tenant, []string{"ann", "bob"})
				if err != nil || got["bob"] != "Asia/Tokyo" || got["ann"] != c.tells["ann"] || time.Since(begin) != 10*time.Second {
					t.Errorf("%v after %v, error %v", got, time.Since(begin), err)
				}
				m.take()
				if _, err := k.Of(t.Context(), tenant, []string{"cem"}); err != nil || len(m.take()) > 0 != c.again {
					t.Errorf("asked again: %v, error %v", !c.again, err)
				}
				time.Sleep(time.Minute)
				if _, err := k.Of(t.Context(), tenant, []string{"dee"}); err != nil || len(m.take()) != 1 {
					t.Errorf("not asked after a minute, error %v", err)
				}
			})
		})
	}
}

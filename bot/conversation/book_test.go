package conversation_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"herald/bot/activity"
	"herald/bot/conversation"
	"herald/campaigns"
	"herald/infra/store"
	"herald/infra/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// roster is Teams' knowledge of people.
type roster struct {
	asked  atomic.Int32
	person campaigns.Person
	err    error
}

func (r *roster) Profile(context.Context, campaigns.Reference) (campaigns.Person, error) {
	r.asked.Add(1)
	return r.person, r.err
}

// world is a book on a real store, at a time that stands still.
type world struct {
	t      *testing.T
	db     *store.DB
	book   *conversation.Book
	roster *roster
	now    time.Time
}

func setup(t *testing.T) *world {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	db := storetest.Open(t)
	w := &world{t: t, db: db, now: noon, roster: &roster{person: campaigns.Person{GivenName: "Ann", Surname: "Lee", UPN: "ann@x.example"}}}
	w.book = &conversation.Book{Store: db, Roster: w.roster, Now: func() time.Time { return w.now }, Log: log}
	return w
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// from makes an activity of Ann's.
func from(t testing.TB, more map[string]any) activity.Inbound {
	t.Helper()
	a := map[string]any{
		"type": "message", "serviceUrl": "https://x.example/emea/", "locale": "fr-FR",
		"from":         map[string]any{"id": "29:ann", "aadObjectId": "ANN", "name": "Ann Lee"},
		"recipient":    map[string]any{"id": "28:bot"},
		"conversation": map[string]any{"id": "a:1", "conversationType": "personal", "tenantId": "T"},
		"channelData":  map[string]any{"app": map[string]any{"version": "1.2.3"}},
	}
	maps.Copy(a, more)
	raw, err := json.Marshal(a)
	ok(t, err)
	in, err := activity.Decode(strings.NewReader(string(raw)))
	ok(t, err)
	return in
}

func at(when time.Time, more map[string]any) map[string]any {
	out := map[string]any{"timestamp": when.Format(time.RFC3339Nano)}
	maps.Copy(out, more)
	return out
}

func TestOf(t *testing.T) {
	t.Parallel()
	want := campaigns.Reference{
		TenantID: "t", PersonID: "ann", UserID: "29:ann", BotID: "28:bot", ConversationID: "a:1", ServiceURL: "https://x.example/emea/",
		AppVersion: "1.2.3", Locale: "fr-FR", State: campaigns.Installed, UpdatedAt: noon,
	}
	if got, good := conversation.Of(from(t, nil), noon); !good || got != want {
		t.Errorf("%+v, %v", got, good)
	}
	chat := func(more map[string]any) map[string]any {
		c := map[string]any{"id": "a:1", "conversationType": "personal", "tenantId": "T"}
		maps.Copy(c, more)
		return map[string]any{"conversation": c}
	}
	for name, more := range map[string]map[string]any{
		"no chat":                  chat(map[string]any{"id": ""}),
		"no tenant":                chat(map[string]any{"tenantId": ""}),
		"group chat":               chat(map[string]any{"conversationType": "groupChat"}),
		"channel":                  chat(map[string]any{"conversationType": "channel"}),
		"group, without the word":  chat(map[string]any{"conversationType": "", "isGroup": true}),
		"nobody":                   {"from": map[string]any{}},
		"the bot itself":           {"from": map[string]any{"id": "28:bot"}},
		"the bot itself, named so": {"from": map[string]any{"id": "28:bot", "aadObjectId": "b"}},
	} {
		if got, good := conversation.Of(from(t, more), noon); good {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if got, good := conversation.Of(from(t, map[string]any{"from": map[string]any{"id": "user-1"}}), noon); !good || got.PersonID != "user-1" {
		t.Errorf("a local client: %+v, %v", got, good)
	}
}

func TestWhenItHappened(t *testing.T) {
	t.Parallel()
	for stamp, want := range map[string]time.Time{
		"":                              noon,
		"soon":                          noon,
		"0001-01-01T00:00:00Z":          noon,
		"2026-11-21T12:00:01Z":          noon, // to come
		"2999-01-01T00:00:00Z":          noon,
		"2026-11-21T11:59:59.5Z":        noon.Add(-500 * time.Millisecond),
		"2026-11-21T12:59:59+01:00":     noon.Add(-time.Second),
		"2026-11-21T11:59:00.0000001Z":  noon.Add(-time.Minute + 100*time.Nanosecond),
		"2026-11-21 11:59:00":           noon,
		"Sat, 21 Nov 2026 11:59:00 GMT": noon,
	} {
		if got, _ := conversation.Of(from(t, map[string]any{"timestamp": stamp}), noon); !got.UpdatedAt.Equal(want) {
			t.Errorf("%q: %v, want %v", stamp, got.UpdatedAt, want)
		}
	}
}

func TestOfMember(t *testing.T) {
	t.Parallel()
	in := from(t, map[string]any{"type": "conversationUpdate", "membersRemoved": []any{
		map[string]any{"id": "29:ann", "aadObjectId": "ANN"}, map[string]any{"id": "28:bot", "aadObjectId": "b"}, map[string]any{"id": "29:x"},
	}})
	for i, want := range []bool{true, false, false} {
		got, good := conversation.OfMember(in, in.MembersRemoved[i], noon)
		if good != want || good && (got.PersonID != "ann" || got.TenantID != "t") {
			t.Errorf("member %d: %+v, %v", i, got, good)
		}
	}
}

func TestNote(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	note := func(more map[string]any) campaigns.Reference {
		t.Helper()
		ref, good, err := w.book.Note(ctx, from(t, more))
		if err != nil || !good {
			t.Fatalf("%v, %v", good, err)
		}
		return ref
	}
	if ref := note(at(noon.Add(-time.Hour), nil)); ref.Locale != "fr-FR" || ref.State != campaigns.Installed || ref.Welcomed {
		t.Errorf("%+v", ref)
	}
	// The newer wins, whichever comes last; what an activity does not say stays.
	note(at(noon.Add(-time.Minute), map[string]any{"serviceUrl": "https://x.example/amer/", "locale": "", "channelData": nil}))
	ref := note(at(noon.Add(-30*time.Minute), map[string]any{"locale": ""}))
	if ref.ServiceURL != "https://x.example/emea/" || ref.Locale != "fr-FR" {
		t.Errorf("answers go where the activity came from, in the language known: %+v", ref)
	}
	stored, err := w.db.Reference(ctx, "t", "ann")
	if err != nil || stored.ServiceURL != "https://x.example/amer/" || stored.Locale != "fr-FR" || stored.AppVersion != "1.2.3" || !stored.UpdatedAt.Equal(noon.Add(-time.Minute)) {
		t.Errorf("%+v, %v", stored, err)
	}
	if w.roster.asked.Load() != 0 {
		t.Error("a note looked up a name")
	}
	if _, good, err := w.book.Note(ctx, from(t, map[string]any{"from": map[string]any{}})); good || err != nil {
		t.Errorf("nobody: %v, %v", good, err)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	forget := func(when time.Time) {
		t.Helper()
		ref, _ := conversation.Of(from(t, at(when, nil)), noon)
		ok(t, w.book.Forget(ctx, ref))
	}
	state := func(want campaigns.InstallState, welcomed bool) {
		t.Helper()
		ref, err := w.db.Reference(ctx, "t", "ann")
		if err != nil || ref.State != want || ref.Welcomed != welcomed {
			t.Errorf("%+v, %v, want %s, welcomed %v", ref, err, want, welcomed)
		}
	}
	claim := func(want bool) {
		t.Helper()
		if first, err := w.db.ClaimWelcome(ctx, "t", "ann"); err != nil || first != want {
			t.Errorf("claim %v, %v", first, err)
		}
	}
	note := func(when time.Time) campaigns.Reference {
		t.Helper()
		ref, _, err := w.book.Note(ctx, from(t, at(when, nil)))
		ok(t, err)
		return ref
	}

	// Of somebody never met: an addition that comes after its removal finds it.
	forget(noon.Add(-time.Hour))
	if ref := note(noon.Add(-2 * time.Hour)); ref.State != campaigns.Uninstalled {
		t.Errorf("%+v", ref)
	}
	note(noon.Add(-30 * time.Minute))
	claim(true)
	state(campaigns.Installed, true)

	// A late removal takes neither the app nor the welcome.
	forget(noon.Add(-40 * time.Minute))
	state(campaigns.Installed, true)
	claim(false)

	forget(noon.Add(-20 * time.Minute))
	state(campaigns.Uninstalled, false)

	// A refused message tells of a removal, too. Coming back is an installation;
	// lifting a block is none.
	for refused, again := range map[campaigns.InstallState]bool{campaigns.Uninstalled: true, campaigns.Blocked: false} {
		note(noon.Add(-10 * time.Minute))
		claim(true)
		ref, err := w.db.Reference(ctx, "t", "ann")
		ok(t, err)
		ref.State, ref.UpdatedAt = refused, noon.Add(-9*time.Minute)
		ok(t, w.db.SaveReference(ctx, ref))
		if got := note(noon.Add(-8 * time.Minute)); got.Welcomed == again || got.State != campaigns.Installed {
			t.Errorf("after %s: %+v", refused, got)
		}
		w = setup(t)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	known := campaigns.Person{TenantID: "t", ID: "ann", UPN: "ann@x.example", DisplayName: "Ann Lee", GivenName: "Ann", Surname: "Lee", Locale: "fr-FR"}
	refresh := func(w *world, n int) campaigns.Person {
		t.Helper()
		for range n {
			_, good, err := w.book.Refresh(t.Context(), from(t, nil))
			if err != nil || !good {
				t.Fatalf("%v, %v", good, err)
			}
		}
		p, err := w.db.FindByID(t.Context(), "t", "ann")
		ok(t, err)
		return p
	}
	asked := func(w *world, want int32) {
		t.Helper()
		if n := w.roster.asked.Load(); n != want {
			t.Errorf("asked %d times, want %d", n, want)
		}
	}

	t.Run("asked once", func(t *testing.T) {
		w := setup(t)
		if p := refresh(w, 5); p != known {
			t.Errorf("%+v", p)
		}
		asked(w, 1)
	})
	t.Run("known from the directory, without a given name", func(t *testing.T) {
		w := setup(t)
		ok(t, w.db.SavePeople(t.Context(), []campaigns.Person{{TenantID: "t", ID: "ann", Mail: "desk@x.example", DisplayName: "Front desk"}}))
		if p := refresh(w, 3); p.DisplayName != "Front desk" {
			t.Errorf("%+v", p)
		}
		asked(w, 0)
	})
	t.Run("Teams knows no address", func(t *testing.T) {
		w := setup(t)
		w.roster.person = campaigns.Person{GivenName: "Ann"}
		if p := refresh(w, 3); p.GivenName != "Ann" || p.DisplayName != "Ann Lee" {
			t.Errorf("%+v", p)
		}
		w.now = w.now.Add(23 * time.Hour)
		refresh(w, 3)
		asked(w, 1)
		w.now = w.now.Add(2 * time.Hour)
		refresh(w, 3)
		asked(w, 2)
	})
	t.Run("Teams does not answer", func(t *testing.T) {
		w := setup(t)
		w.roster.err = errors.New("no answer")
		if p := refresh(w, 3); p.DisplayName != "Ann Lee" || p.GivenName != "" || p.Locale != "fr-FR" {
			t.Errorf("%+v", p)
		}
		asked(w, 1)
		w.roster.err = nil
		w.now = w.now.Add(time.Minute)
		if p := refresh(w, 3); p != known {
			t.Errorf("%+v", p)
		}
		asked(w, 2)
	})
	t.Run("many at once", func(t *testing.T) {
		w := setup(t)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if _, _, err := w.book.Refresh(context.Background(), from(t, nil)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		asked(w, 1)
		if p := refresh(w, 1); p != known {
			t.Errorf("%+v", p)
		}
	})
	t.Run("back in the tenant", func(t *testing.T) {
		w := setup(t)
		refresh(w, 1)
		ok(t, w.db.ApplyDirectoryPage(t.Context(), "t", 1, campaigns.DirectoryPage{Removed: []string{"ann"}}))
		refresh(w, 1) // a late activity brings nobody back
		if _, err := w.db.FindPerson(t.Context(), "t", "ann@x.example"); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("after a message: %v", err)
		}
		_, _, err := w.book.Install(t.Context(), from(t, nil))
		ok(t, err)
		if p, err := w.db.FindPerson(t.Context(), "t", "ann@x.example"); err != nil || p != known {
			t.Errorf("%+v, %v", p, err)
		}
		asked(w, 1)
	})
}

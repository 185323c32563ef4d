package campaigns_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
)

var admin = campaigns.Actor{TenantID: tenant, PersonID: "admin", DisplayName: "Admin", Roles: []campaigns.Role{campaigns.RoleAdmin}}

// apps is the app in people's Teams by script.
type apps struct {
	mu      sync.Mutex
	catalog error
	may     error
	// install answers the try with that number, from 1, for a person; nil: they get it.
	install func(personID string, try int) (already bool, err error)
	tries   map[string]int
	// app answers the look-up with that number, from 1, of what a person has of the app; nil: nobody has it.
	app    func(personID string, look int) error
	looks  map[string]int
	checks int // of catalogue and permission
}

func (a *apps) CatalogID(context.Context, string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.checks++
	return "catalog", a.catalog
}

func (a *apps) MayInstall(context.Context, string, string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.checks++
	return a.may
}

func (a *apps) InstallApp(_ context.Context, _, _, personID string) (bool, error) {
	a.mu.Lock()
	if a.tries == nil {
		a.tries = map[string]int{}
	}
	a.tries[personID]++
	try, install := a.tries[personID], a.install
	a.mu.Unlock()
	if install == nil {
		return false, nil
	}
	return install(personID, try)
}

func (a *apps) AppOf(_ context.Context, _, catalogID, personID string) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.looks == nil {
		a.looks = map[string]int{}
	}
	a.looks[personID]++
	if a.app == nil {
		return "", errAbsent
	}
	return personID + " in " + catalogID, a.app(personID, a.looks[personID])
}

func (a *apps) ChatOf(_ context.Context, _, personID, installationID string) (string, error) {
	if installationID != personID+" in catalog" {
		return "", errAbsent
	}
	return "19:" + personID + "@unq.gbl.spaces", nil
}

// errAbsent is Graph's answer about what is not there.
var errAbsent = campaigns.Errorf(campaigns.CodeNotFound, "graph_not_found", "no")

func (a *apps) tried() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, tries := range a.tries {
		n += tries
	}
	return n
}

// installing is a world in which the app can be installed, and the program that does so, which starts and stops.
type installing struct {
	*world
	apps *apps

	greeted  sync.Mutex
	welcomed []string // by Greet
}

func setupInstalling(t *testing.T, people ...string) *installing {
	w := &installing{world: setup(t), apps: &apps{}}
	w.Apps = w.apps
	w.directory.walk = func(context.Context, string) (page campaigns.DirectoryPage, next string, err error) {
		for _, id := range people {
			page.People = append(page.People, person(id))
		}
		return page, "t", nil
	}
	return w
}

// run starts a process that works installations off; stop ends it and waits.
func (w *installing) run() (stop func()) {
	i := campaigns.NewInstaller(w.db, w.apps, w.Now, slog.New(slog.DiscardHandler))
	i.PerSecond = 10_000
	i.BotID, i.ServiceURL = "28:herald", "https://smba.example/teams/"
	i.Greet = func(_ context.Context, r campaigns.Reference) error {
		w.greeted.Lock()
		defer w.greeted.Unlock()
		w.welcomed = append(w.welcomed, r.PersonID)
		return nil
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { i.Run(ctx) })
	return func() { cancel(); running.Wait() }
}

func (w *installing) start(a campaigns.Audience) *campaigns.Installation {
	w.t.Helper()
	i, err := w.StartInstallation(w.t.Context(), admin, a, false)
	w.ok(err)
	return i
}

// until waits for a moment of the installation.
func (w *installing) until(id string, is func(i *campaigns.Installation) bool) *campaigns.Installation {
	w.t.Helper()
	for {
		i, err := w.Installation(w.t.Context(), admin, id)
		w.ok(err)
		if is(i) {
			return i
		}
		select { // nobody says when it is so
		case <-time.After(5 * time.Millisecond):
		case <-w.t.Context().Done():
			w.t.Fatalf("it stays %+v", i)
		}
	}
}

func over(i *campaigns.Installation) bool { return i.State != campaigns.InstallationRunning }

func counts(i *campaigns.Installation) string {
	return fmt.Sprintf("%s %s total %d pending %d installed %d already %d failed %d waiting %d", i.State, i.Reason, i.Total, i.Pending, i.Installed, i.Already, i.Failed, i.Waiting)
}

// everybodys tells what became of each, as "id state reason".
func (w *installing) everybodys(id string) (out []string) {
	w.t.Helper()
	items, _, err := w.InstallationTargets(w.t.Context(), admin, id, campaigns.InstallTargetFilter{Limit: 200})
	w.ok(err)
	for _, t := range items {
		out = append(out, fmt.Sprintf("%s %s %s", t.Person.ID, t.State, t.Reason))
	}
	return out
}

// Who has the app, blocked it or removed it is not installed for; and what Graph did is not yet a chat: Teams calls for that.
func TestInstallForAnAudience(t *testing.T) {
	w := setupInstalling(t, "ann", "bob", "cid", "dora", "eve", "finn")
	w.met(campaigns.Installed, "ann")
	w.met(campaigns.Blocked, "bob")
	w.met(campaigns.Uninstalled, "cid")
	all := campaigns.Audience{All: true}
	p, err := w.PreviewInstallation(t.Context(), admin, all)
	w.ok(err)
	if want := (campaigns.InstallPreview{Total: 6, Installed: 1, Blocked: 1, Removed: 1, Missing: 3}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	p, err = w.PreviewInstallation(t.Context(), admin, campaigns.Audience{Emails: []string{"ann@x.example", "dora@x.example", "who@x.example"}})
	w.ok(err)
	if want := (campaigns.InstallPreview{Total: 3, Installed: 1, Missing: 1, Unknown: 1}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	w.apps.install = func(id string, _ int) (bool, error) { return id == "eve", nil }
	i := w.start(all)
	if _, err := w.StartInstallation(t.Context(), admin, all, false); campaigns.ReasonOf(err) != "installation_running" {
		t.Errorf("a second one: %v", err)
	}
	defer w.run()()
	got := w.until(i.ID, over)
	if s := counts(got); s != "completed  total 3 pending 0 installed 2 already 1 failed 0 waiting 3" {
		t.Error(s)
	}
	w.met(campaigns.Installed, "dora", "eve")
	got, err = w.Installation(t.Context(), admin, i.ID)
	w.ok(err)
	if got.Waiting != 1 {
		t.Error(counts(got))
	}
	for group, want := range map[campaigns.InstallGroup]string{campaigns.InstallWaiting: "[finn]", campaigns.InstallReady: "[dora eve]", campaigns.InstallFailed: "[]"} {
		items, _, err := w.InstallationTargets(t.Context(), admin, i.ID, campaigns.InstallTargetFilter{Group: group, Limit: 10})
		w.ok(err)
		ids := []string{}
		for _, t := range items {
			ids = append(ids, t.Person.ID)
		}
		if fmt.Sprint(ids) != want {
			t.Errorf("%s: %v, want %s", group, ids, want)
		}
	}
	w.advance(time.Minute)
	again, err := w.StartInstallation(t.Context(), admin, all, true)
	w.ok(err)
	w.until(again.ID, over)
	if got, want := w.everybodys(again.ID), []string{"cid installed ", "finn installed "}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Each person's failure is theirs, with its reason; who can be tried again is.
func TestInstallFailuresOfPeople(t *testing.T) {
	w := setupInstalling(t, "gone", "policy", "odd", "flaky", "never", "fine")
	w.apps.install = func(id string, try int) (bool, error) {
		switch {
		case id == "gone":
			return false, campaigns.Errorf(campaigns.CodeNotFound, "graph_not_found", "no")
		case id == "policy":
			return false, campaigns.Errorf(campaigns.CodeForbidden, "graph_forbidden", "no")
		case id == "odd":
			return false, campaigns.Errorf(campaigns.CodeInvalid, "graph_refused", "no")
		case id == "flaky" && try < 3, id == "never":
			return false, campaigns.Errorf(campaigns.CodeUnavailable, "graph_failed", "no")
		}
		return false, nil
	}
	i := w.start(campaigns.Audience{All: true})
	for try := 1; try <= 8; try++ { // each process looks at once; the next one finds that time has passed
		stop := w.run()
		w.until(i.ID, func(i *campaigns.Installation) bool {
			w.apps.mu.Lock()
			defer w.apps.mu.Unlock()
			return over(i) || w.apps.tries["never"] >= try && i.Pending <= 2
		})
		stop()
		w.advance(10 * time.Minute)
	}
	defer w.run()()
	got := w.until(i.ID, over)
	if s := counts(got); s != "completed  total 6 pending 0 installed 2 already 0 failed 4 waiting 2" {
		t.Error(s)
	}
	if got, want := w.everybodys(i.ID), []string{"fine installed ", "flaky installed ", "gone failed user_not_found", "never failed graph_failed", "odd failed install_refused", "policy failed blocked_by_policy"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if w.apps.tries["never"] != 8 || w.apps.tries["policy"] != 1 {
		t.Errorf("%v", w.apps.tries)
	}
}

// What concerns everybody ends the installation with its cause, and nobody else is tried in vain.
func TestInstallObstacles(t *testing.T) {
	forbidden := campaigns.Errorf(campaigns.CodeForbidden, "graph_forbidden", "no")
	for name, c := range map[string]struct {
		apps   *apps
		reason campaigns.Reason
	}{
		"not published":           {&apps{catalog: campaigns.Errorf(campaigns.CodeNotFound, "app_not_published", "no")}, campaigns.AppNotPublished},
		"no catalogue permission": {&apps{catalog: forbidden}, campaigns.CatalogPermission},
		"no sign-in":              {&apps{catalog: campaigns.Errorf(campaigns.CodeForbidden, "graph_sign_in", "no")}, campaigns.GraphSignIn},
		"no permission":           {&apps{may: forbidden, install: func(string, int) (bool, error) { return false, forbidden }}, campaigns.InstallPermission},
	} {
		t.Run(name, func(t *testing.T) {
			var people []string
			for i := range 100 {
				people = append(people, fmt.Sprintf("p%03d", i))
			}
			w := setupInstalling(t, people...)
			w.apps.catalog, w.apps.may, w.apps.install = c.apps.catalog, c.apps.may, c.apps.install
			i := w.start(campaigns.Audience{All: true})
			obstacles, err := w.InstallObstacles(t.Context(), admin)
			w.ok(err)
			if !slices.Equal(obstacles, []campaigns.Reason{c.reason}) {
				t.Errorf("before: %v", obstacles)
			}
			defer w.run()()
			got := w.until(i.ID, over)
			if got.State != campaigns.InstallationFailed || got.Reason != c.reason || got.Pending != 100 {
				t.Error(counts(got))
			}
			if n := w.apps.tried(); n > 50 {
				t.Errorf("%d were tried", n)
			}
		})
	}
}

// Unpublished in the middle, the app is missed by the first person who is "not found".
func TestInstallUnpublishedMeanwhile(t *testing.T) {
	w := setupInstalling(t, "ann", "bob")
	w.apps.install = func(string, int) (bool, error) {
		w.apps.mu.Lock()
		defer w.apps.mu.Unlock()
		w.apps.catalog = campaigns.Errorf(campaigns.CodeNotFound, "app_not_published", "no")
		return false, campaigns.Errorf(campaigns.CodeNotFound, "graph_not_found", "no")
	}
	i := w.start(campaigns.Audience{All: true})
	defer w.run()()
	if got := w.until(i.ID, over); got.Reason != campaigns.AppNotPublished || got.Failed != 0 {
		t.Error(counts(got))
	}
}

// Graph's Retry-After holds everybody, also over a restart; it costs nobody a try. An outage pauses, and does not use up tries.
func TestInstallWaits(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		wait time.Duration
	}{
		"Retry-After": {&campaigns.Error{Code: campaigns.CodeThrottled, Reason: "graph_throttled", RetryAfter: 17 * time.Second}, 17 * time.Second},
		"an outage":   {campaigns.Errorf(campaigns.CodeUnavailable, "graph_unreachable", "no"), 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			var people []string
			for i := range 200 {
				people = append(people, fmt.Sprintf("p%03d", i))
			}
			w := setupInstalling(t, people...)
			w.apps.install = func(string, int) (bool, error) { return false, c.err }
			i := w.start(campaigns.Audience{All: true})
			stop := w.run()
			got := w.until(i.ID, func(i *campaigns.Installation) bool { return i.ResumeAt != nil })
			stop()
			if at := w.Now().Add(c.wait); !got.ResumeAt.Equal(at) || got.Pending != 200 || got.State != campaigns.InstallationRunning {
				t.Errorf("%s until %v, want %v", counts(got), got.ResumeAt, at)
			}
			before := w.apps.tried()
			if before > 50 {
				t.Errorf("%d tries before the pause", before)
			}
			w.apps.mu.Lock()
			w.apps.install = nil
			w.apps.mu.Unlock()
			w.advance(c.wait - time.Second)
			stop = w.run()
			w.until(i.ID, func(*campaigns.Installation) bool { return true })
			stop()
			if n := w.apps.tried(); n != before {
				t.Errorf("%d tries while it pauses", n-before)
			}
			w.advance(time.Minute)
			defer w.run()()
			if s := counts(w.until(i.ID, over)); s != "completed  total 200 pending 0 installed 200 already 0 failed 0 waiting 200" {
				t.Error(s)
			}
		})
	}
}

// Stopped, nobody more is tried; who was, keeps it.
func TestInstallIsStopped(t *testing.T) {
	var people []string
	for i := range 200 {
		people = append(people, fmt.Sprintf("p%03d", i))
	}
	w := setupInstalling(t, people...)
	var i *campaigns.Installation
	var once sync.Once
	w.apps.install = func(string, int) (bool, error) {
		once.Do(func() {
			if _, err := w.StopInstallation(context.Background(), admin, i.ID); err != nil {
				t.Error(err)
			}
		})
		return false, nil
	}
	i = w.start(campaigns.Audience{All: true})
	stop := w.run()
	w.until(i.ID, func(i *campaigns.Installation) bool { return over(i) && i.Installed > 0 })
	stop()
	got := w.until(i.ID, over)
	if got.State != campaigns.InstallationStopped || got.Installed > 50 || got.Installed+got.Pending != 200 || got.EndedAt == nil {
		t.Error(counts(got))
	}
	if _, err := w.StopInstallation(t.Context(), admin, i.ID); campaigns.ReasonOf(err) != "installation_over" {
		t.Errorf("twice: %v", err)
	}
}

// Several processes share the work of a tenant by turns, never at once; one that stops leaves the rest to another.
func TestInstallByOneProcessAtATime(t *testing.T) {
	var people []string
	for i := range 300 {
		people = append(people, fmt.Sprintf("p%03d", i))
	}
	w := setupInstalling(t, people...)
	third, reached := make(chan struct{}), sync.Once{}
	w.apps.install = func(string, int) (bool, error) {
		if w.apps.tried() > 100 {
			reached.Do(func() { close(third) })
		}
		return false, nil
	}
	i := w.start(campaigns.Audience{All: true})
	first, second := w.run(), w.run()
	<-third
	first()
	third2 := w.run()
	got := w.until(i.ID, over)
	second()
	third2()
	if s := counts(got); s != "completed  total 300 pending 0 installed 300 already 0 failed 0 waiting 300" {
		t.Error(s)
	}
	for id, n := range w.apps.tries {
		if n != 1 {
			t.Errorf("%s was tried %d times", id, n)
		}
	}
}

// leases tells whether a lease was given.
type leases struct {
	campaigns.InstallationStore
	held chan bool
}

func (s leases) Lease(ctx context.Context, name, holder string, now, until time.Time) (bool, error) {
	held, err := s.InstallationStore.Lease(ctx, name, holder, now, until)
	select {
	case s.held <- held && err == nil:
	default: // told already
	}
	return held, err
}

// The clock leaps while a process has requests on the wire: no other one takes its work.
func TestInstallIsNotTakenOverAfterALeap(t *testing.T) {
	w := setupInstalling(t, "a", "b", "c")
	begun, late, once := make(chan struct{}), make(chan struct{}), sync.Once{}
	w.apps.install = func(string, int) (bool, error) {
		once.Do(func() { close(begun) })
		<-late
		return false, nil
	}
	i := w.start(campaigns.Audience{All: true})
	defer w.run()()
	<-begun
	w.advance(6 * 24 * time.Hour)
	store := leases{w.db, make(chan bool, 1)}
	other := campaigns.NewInstaller(store, w.apps, w.Now, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { other.Run(ctx) })
	if <-store.held {
		t.Error("another process took it over")
	}
	close(late)
	w.until(i.ID, over)
	stop()
	running.Wait()
	for id, n := range w.apps.tries {
		if n != 1 {
			t.Errorf("%s was tried %d times", id, n)
		}
	}
}

func TestInstallingIsForAdmins(t *testing.T) {
	w := setupInstalling(t, "ann")
	i := w.start(campaigns.Audience{All: true})
	for name, do := range map[string]func(a campaigns.Actor) error{
		"preview":   func(a campaigns.Actor) error { _, err := w.PreviewInstallation(t.Context(), a, i.Audience); return err },
		"obstacles": func(a campaigns.Actor) error { _, err := w.InstallObstacles(t.Context(), a); return err },
		"start": func(a campaigns.Actor) error {
			_, err := w.StartInstallation(t.Context(), a, i.Audience, false)
			return err
		},
		"stop": func(a campaigns.Actor) error { _, err := w.StopInstallation(t.Context(), a, i.ID); return err },
		"get":  func(a campaigns.Actor) error { _, err := w.Installation(t.Context(), a, i.ID); return err },
		"list": func(a campaigns.Actor) error { _, _, err := w.Installations(t.Context(), a, "", 1); return err },
		"people": func(a campaigns.Actor) error {
			_, _, err := w.InstallationTargets(t.Context(), a, i.ID, campaigns.InstallTargetFilter{Limit: 1})
			return err
		},
	} {
		if err := do(author); campaigns.ReasonOf(err) != "no_admin" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if slices.Sorted(maps.Keys(w.apps.tries)) != nil {
		t.Error("somebody was tried")
	}
}

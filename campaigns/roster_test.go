package campaigns_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
)

// Everybody who asks while a walk is under way gets that walk; who asks soon after gets none.
func TestSyncIsSharedAndKept(t *testing.T) {
	w := setup(t)
	begun, gate := make(chan struct{}), make(chan struct{})
	w.directory.walk = func(context.Context, string) (campaigns.DirectoryPage, string, error) {
		close(begun) // a second walk would panic here
		<-gate
		return campaigns.DirectoryPage{People: []campaigns.Person{person("ann"), person("bob")}}, "t1", nil
	}
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { errs[i] = w.Roster.Sync(t.Context(), tenant, time.Minute) })
	}
	<-begun
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Roster.Sync(impatient, tenant, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled wait: %v", err)
	}
	close(gate)
	all.Wait()
	w.ok(errors.Join(errs...))
	w.ok(w.Roster.Sync(t.Context(), tenant, time.Minute))
	if r := w.reach(); r.Total != 2 {
		t.Errorf("%+v", r)
	}
}

// The second walk continues from the first one's token; when that is too old, everybody is read
// again, and who is not there any more has left.
func TestSyncByDeltaAndFromTheStart(t *testing.T) {
	w := setup(t)
	pages := map[string]campaigns.DirectoryPage{
		"":   {People: []campaigns.Person{person("ann"), person("bob"), person("cid")}},
		"t1": {People: []campaigns.Person{person("dora")}, Removed: []string{"bob"}},
	}
	w.directory.walk = func(_ context.Context, token string) (campaigns.DirectoryPage, string, error) {
		if token == "t2" {
			return campaigns.DirectoryPage{}, "", campaigns.Errorf(campaigns.CodeGone, "token", "too old")
		}
		return pages[token], map[string]string{"": "t1", "t1": "t2"}[token], nil
	}
	w.met(campaigns.Installed, "guest") // whom only the bot knows
	sync := func(want string, total int) {
		t.Helper()
		w.ok(w.Roster.Sync(t.Context(), tenant, time.Minute))
		if got := w.directory.tokens(); got != want {
			t.Errorf("walks from %q, want %q", got, want)
		}
		if r := w.reach(); r.Total != total || r.Installed != 1 {
			t.Errorf("%+v, want %d", r, total)
		}
		w.advance(time.Hour)
	}
	sync("", 4)
	sync(",t1", 4)
	pages[""] = campaigns.DirectoryPage{People: []campaigns.Person{person("ann")}}
	sync(",t1,t2,", 2)
}

// A directory that fails keeps nothing from being sent; without the permission it is the people known who count.
func TestRosterWithoutDirectory(t *testing.T) {
	for _, code := range []campaigns.Code{campaigns.CodeForbidden, campaigns.CodeUnavailable} {
		t.Run(string(code), func(t *testing.T) {
			w := setup(t)
			away := campaigns.Errorf(code, "graph", "no")
			w.directory.walk = func(context.Context, string) (campaigns.DirectoryPage, string, error) {
				return campaigns.DirectoryPage{}, "", away
			}
			w.directory.find = func(string) (campaigns.Person, error) { return campaigns.Person{}, away }
			w.met(campaigns.Installed, "ann")
			w.met(campaigns.Blocked, "bob")
			if err := w.Roster.Sync(t.Context(), tenant, time.Minute); campaigns.CodeOf(err) != code {
				t.Errorf("%v", err)
			}
			n, err := w.CountAudience(t.Context(), author, campaigns.Audience{All: true}, 50)
			w.ok(err)
			if n.Total != 2 || n.Installed != 1 || n.NotInstalled != 1 || len(n.NotInstalledPeople) != 1 {
				t.Errorf("%+v", n)
			}
			rs, err := w.Roster.Resolve(t.Context(), tenant, []string{"ann@x.example", "new@x.example"})
			if code == campaigns.CodeUnavailable {
				if campaigns.CodeOf(err) != code { // later perhaps: nobody is written off
					t.Errorf("%v", err)
				}
				return
			}
			w.ok(err)
			if len(rs) != 2 || !rs[0].Found || rs[0].State != campaigns.Installed || rs[1].Found {
				t.Errorf("%+v", rs)
			}
		})
	}
}

// Addresses that nobody knows are asked for once; the answer is kept, whatever address led to it.
func TestResolve(t *testing.T) {
	w := setup(t)
	w.met(campaigns.Installed, "ann")
	w.directory.find = func(email string) (campaigns.Person, error) {
		switch strings.ToLower(email) {
		case "ann.proxy@x.example":
			return person("ann"), nil
		case "bob@x.example":
			return person("bob"), nil
		}
		return campaigns.Person{}, campaigns.Errorf(campaigns.CodeNotFound, "user_not_found", "nobody")
	}
	n, err := w.CountAudience(t.Context(), author, campaigns.Audience{Emails: []string{"ANN@x.example", "ann.proxy@x.example", "bob@x.example", "nobody@x.example"}}, 50)
	w.ok(err)
	if n.Total != 3 || n.Installed != 1 || n.NotInstalled != 1 || n.Unknown != 1 || n.UnknownEmails[0] != "nobody@x.example" {
		t.Errorf("%+v", n)
	}
	asked := w.directory.finds
	_, err = w.Roster.Resolve(t.Context(), tenant, []string{"bob@x.example", "ann@x.example"})
	w.ok(err)
	if w.directory.finds != asked {
		t.Error("asked again for people who are known by now")
	}
}

// Close breaks a walk off and waits for it.
func TestCloseEndsWalks(t *testing.T) {
	w := setup(t)
	begun := make(chan struct{})
	w.directory.walk = func(ctx context.Context, _ string) (campaigns.DirectoryPage, string, error) {
		close(begun)
		<-ctx.Done()
		return campaigns.DirectoryPage{}, "", ctx.Err()
	}
	result := make(chan error)
	go func() { result <- w.Roster.Sync(context.WithoutCancel(t.Context()), tenant, time.Minute) }()
	<-begun
	w.Roster.Close()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// A directory that has named people and then, read from the start, names nobody is not believed: else everybody would have left.
func TestSyncWithNobody(t *testing.T) {
	w := setup(t)
	page := campaigns.DirectoryPage{People: []campaigns.Person{person("ann"), person("bob")}}
	w.directory.walk = func(_ context.Context, token string) (campaigns.DirectoryPage, string, error) {
		if token != "" {
			return campaigns.DirectoryPage{}, "", campaigns.Errorf(campaigns.CodeGone, "token", "too old")
		}
		return page, "t", nil
	}
	w.ok(w.Roster.Sync(t.Context(), tenant, time.Minute))
	page = campaigns.DirectoryPage{}
	w.advance(time.Hour)
	if err := w.Roster.Sync(t.Context(), tenant, time.Minute); campaigns.CodeOf(err) != campaigns.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	if r := w.reach(); r.Total != 2 {
		t.Errorf("%+v", r)
	}
}

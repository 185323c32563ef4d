package campaigns_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"herald/campaigns"
)

// installRows is the store of one running installation, which like a database does nothing for whoever has no time left.
type installRows struct {
	campaigns.InstallationStore
	mu      sync.Mutex
	due     []string
	results []campaigns.InstallResult
	resume  *time.Time
}

func (r *installRows) Lease(ctx context.Context, _, _ string, _, _ time.Time) (bool, error) {
	return true, ctx.Err()
}

func (r *installRows) RunningInstallations(ctx context.Context) ([]*campaigns.Installation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []*campaigns.Installation{{TenantID: tenant, ID: "i", State: campaigns.InstallationRunning, ResumeAt: r.resume}}, ctx.Err()
}

func (r *installRows) ChatInstallations(context.Context, time.Time) ([]*campaigns.Installation, error) {
	return nil, nil
}

func (r *installRows) DueTargets(ctx context.Context, _, _ string, _ time.Time, _ int) (due []campaigns.InstallTarget, left bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range r.due {
		if !slices.ContainsFunc(r.results, func(r campaigns.InstallResult) bool { return r.PersonID == id }) {
			due = append(due, campaigns.InstallTarget{Person: campaigns.Person{TenantID: tenant, ID: id}})
		}
	}
	return due, len(due) > 0, ctx.Err()
}

func (r *installRows) RecordTargets(ctx context.Context, _, _ string, results []campaigns.InstallResult) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() == nil {
		r.results = append(r.results, results...)
	}
	return ctx.Err()
}

func (r *installRows) PauseInstallation(ctx context.Context, _, _ string, until time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() == nil {
		r.resume = &until
	}
	return ctx.Err()
}

// Graph installs the app for one person and then answers nothing more: what it did is written, and it is left alone for a while. Else the
// one would be tried again and again, and the page with them.
func TestInstallationOutlastsThePatienceWithGraph(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &installRows{due: []string{"ann", "bob", "cid", "dora", "eve", "finn"}}
		silent := silentApps{}
		w := campaigns.NewInstaller(rows, silent, time.Now, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.Run(ctx) }()
		defer func() { cancel(); <-done }()
		time.Sleep(45*time.Second + 500*time.Millisecond) // a page, and a moment in which the next one is not begun
		synctest.Wait()
		if len(rows.results) < 1 || rows.results[0].PersonID != "ann" || rows.results[0].State != campaigns.TargetInstalled {
			t.Errorf("written: %+v", rows.results)
		}
		if rows.resume == nil || !rows.resume.After(time.Now()) {
			t.Errorf("pauses until %v", rows.resume)
		}
	})
}

// silentApps installs for ann, and answers about nobody else.
type silentApps struct{ campaigns.Apps }

func (silentApps) CatalogID(context.Context, string) (string, error) { return "catalog", nil }

func (silentApps) InstallApp(ctx context.Context, _, _, personID string) (bool, error) {
	if personID == "ann" {
		return false, nil
	}
	<-ctx.Done()
	return false, ctx.Err()
}

// installTurns is installRows through as many pages as it takes, for installing and for chats.
type installTurns struct {
	installRows
	tries, looks int
	tried, over  chan struct{}
}

func (r *installTurns) DueTargets(context.Context, string, string, time.Time, int) (due []campaigns.InstallTarget, left bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries < 0 {
		return nil, true, nil
	}
	return []campaigns.InstallTarget{{Person: campaigns.Person{TenantID: tenant, ID: "bob"}, Attempts: r.tries}}, true, nil
}

func (r *installTurns) RecordTargets(_ context.Context, _, _ string, results []campaigns.InstallResult) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, each := range results {
		if r.tries = each.Attempts; each.State == campaigns.TargetFailed {
			r.tries = -1
			close(r.tried)
		}
	}
	return nil
}

func (r *installTurns) ChatInstallations(ctx context.Context, _ time.Time) ([]*campaigns.Installation, error) {
	r.mu.Lock()
	over := r.looks < 0
	r.mu.Unlock()
	if over {
		return nil, nil
	}
	return r.RunningInstallations(ctx)
}

func (r *installTurns) DueChats(context.Context, string, string, time.Time, int) ([]campaigns.ChatTarget, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return []campaigns.ChatTarget{{PersonID: "cid", Attempts: r.looks}}, nil
}

func (r *installTurns) RecordChats(_ context.Context, _, _ string, results []campaigns.ChatResult, _ campaigns.Reference) ([]campaigns.Reference, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, each := range results {
		if r.looks = each.Attempts; each.Over {
			r.looks = -1
			close(r.over)
		}
	}
	return nil, nil
}

func (silentApps) AppOf(ctx context.Context, _, _, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

// Somebody about whom Graph never answers is given up like others: neither an installation nor the looking for chats goes on for ever.
func TestSilenceAboutSomebodyEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &installTurns{tried: make(chan struct{}), over: make(chan struct{})}
		w := campaigns.NewInstaller(rows, silentApps{}, time.Now, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.Run(ctx) }()
		defer func() { cancel(); <-done }()
		for what, end := range map[string]chan struct{}{"bob is installed for": rows.tried, "cid's chat is looked for": rows.over} {
			select {
			case <-end:
			case <-time.After(24 * time.Hour):
				t.Errorf("%s for ever", what)
			}
		}
	})
}

// claims is a store with any number of notices, which notes how they were claimed.
type claims struct {
	campaigns.NoticeStore
	lease time.Duration
	limit int
	given bool
}

func (c *claims) ClaimNotices(_ context.Context, _, _ time.Time, lease time.Duration, limit int) (due []campaigns.Notice, err error) {
	if c.given {
		return nil, nil
	}
	c.lease, c.limit, c.given = lease, limit, true
	for range limit {
		due = append(due, campaigns.Notice{Kind: campaigns.Asks, MadeAt: time.Now(), Attempts: 1})
	}
	return due, nil
}

func (c *claims) Reference(context.Context, string, string) (campaigns.Reference, error) {
	return campaigns.Reference{State: campaigns.Installed}, nil
}

func (c *claims) NoticeAgain(context.Context, campaigns.Notice, time.Time) error { return nil }

// patient is a Teams that answers when nobody waits any more.
type patient struct{ campaigns.Courier }

func (patient) Bring(ctx context.Context, _ campaigns.Reference, _ campaigns.Notice) campaigns.Outcome {
	<-ctx.Done()
	return busy(0)
}

// However slow Teams is, whoever has claimed notices is done with them before another process may claim them too: nobody gets two cards.
func TestNoticesAreDoneBeforeTheirLeaseEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &claims{}
		n := campaigns.NewNotifier(store, patient{}, time.Now, slog.New(slog.DiscardHandler))
		began := time.Now()
		if err := n.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took >= store.lease || store.limit < 1 {
			t.Errorf("%d notices took %s, and are another process's after %s", store.limit, took, store.lease)
		}
	})
}

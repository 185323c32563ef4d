package campaigns

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// InstallsPerSecond is how fast the app is installed in one tenant, by all processes together: Graph allows an app 30 requests
	// in a second (platform.md §8), and those that leave evenly do not arrive so.
	InstallsPerSecond = 25
	// installPage is how many people are tried between two looks at the database: a stop is heard of within seconds, and so many may be
	// tried twice when the process is killed, which Graph answers with "they have it".
	installPage = 50
	// installParallel is how many requests wait for their answers at once.
	installParallel = 16
	installLook     = 2 * time.Second
	installLease    = 90 * time.Second
	// installPatience bounds a page; it is far shorter than the lease, so that nobody else works on the tenant meanwhile.
	installPatience = 45 * time.Second
	installTries    = 8
	installOutage   = 5 // failures in a row
	// installBackoff is how long somebody waits whose try failed, and the work after failures in a row; doubled each time.
	installBackoff    = 5 * time.Second
	installMaxBackoff = 5 * time.Minute
)

// Installer works off installations. Of many processes one at a time works in a tenant, by a lease in SQL.
type Installer struct {
	Store InstallationStore
	Apps  Apps
	Now   func() time.Time
	Log   *slog.Logger
	// PerSecond is how many requests may leave for one tenant in a second; zero: InstallsPerSecond.
	PerSecond int
	// BotID and ServiceURL are what a chat that Herald finds by itself is written to with; the URL only until Teams has told one for
	// the tenant. Greet welcomes whose chat it is; nil: nobody does.
	BotID, ServiceURL string
	Greet             func(ctx context.Context, ref Reference) error

	poke chan struct{}
}

// NewInstaller makes an installer.
func NewInstaller(s InstallationStore, apps Apps, now func() time.Time, log *slog.Logger) *Installer {
	return &Installer{Store: s, Apps: apps, Now: now, Log: log, poke: make(chan struct{}, 1)}
}

// Poke has the installer look at once: something was started, or time has leapt.
func (w *Installer) Poke() {
	select {
	case w.poke <- struct{}{}:
	default: // it will look already
	}
}

// Run looks for installations every two seconds until ctx ends, and finishes what is on the wire then.
func (w *Installer) Run(ctx context.Context) {
	holder := uuid.NewString()
	t := time.NewTicker(installLook)
	defer t.Stop()
	var working sync.WaitGroup
	defer working.Wait()
	var mu sync.Mutex
	tenants := map[string]*tenantInstalls{}
	for {
		work, err := w.Store.RunningInstallations(ctx)
		chats, chatErr := w.Store.ChatInstallations(ctx, w.Now())
		if err = errors.Join(err, chatErr); err != nil && ctx.Err() == nil {
			w.Log.WarnContext(ctx, "installations not looked for", "err", err)
		}
		for _, i := range append(work, chats...) {
			mu.Lock()
			t := tenants[i.TenantID]
			if t == nil {
				t = &tenantInstalls{Installer: w, holder: holder, pace: pace{every: w.interval()}}
				tenants[i.TenantID] = t
			}
			busy := t.busy
			t.busy = true
			mu.Unlock()
			if busy {
				continue
			}
			working.Go(func() {
				if err := t.work(ctx, i.TenantID); err != nil && ctx.Err() == nil {
					w.Log.WarnContext(ctx, "installation interrupted; going on in a moment", "tenant", i.TenantID, "err", err)
				}
				mu.Lock()
				t.busy = false
				mu.Unlock()
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		case <-w.poke:
		}
	}
}

func (w *Installer) interval() time.Duration {
	if w.PerSecond > 0 {
		return time.Second / time.Duration(w.PerSecond)
	}
	return time.Second / InstallsPerSecond
}

// pace lets one request go at a time. It runs on real time, as Graph does.
type pace struct {
	every time.Duration
	mu    sync.Mutex
	next  time.Time
}

// wait returns when the next request may leave.
func (p *pace) wait(ctx context.Context) error {
	p.mu.Lock()
	now := time.Now()
	at := now
	if p.next.After(now) {
		at = p.next
	}
	p.next = at.Add(p.every)
	p.mu.Unlock()
	if at.Equal(now) {
		return ctx.Err()
	}
	t := time.NewTimer(at.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tenantInstalls is the work in one tenant.
type tenantInstalls struct {
	*Installer
	holder string
	pace   pace
	busy   bool // under Run's mutex
	// chatsFirst, of the two kinds of work.
	chatsFirst bool
	failed     int       // requests in a row that Graph did not answer, or answered with a failure of its own
	pauses     int       // in a row because of that
	rest       time.Time // nothing is asked before; the rows say so too, each for its own work
}

// work goes on with the tenant's installations until there is nothing to do, they pause, or they belong to another process.
func (t *tenantInstalls) work(ctx context.Context, tenantID string) error {
	lease := "install:" + tenantID
	catalog := ""
	for ctx.Err() == nil {
		now := time.Now() // a clock that leaps ends no lease
		held, err := t.Store.Lease(ctx, lease, t.holder, now, now.Add(installLease))
		if err != nil {
			return errors.Join(err, t.release(ctx, lease)) // it may be ours all the same
		}
		if !held {
			return nil
		}
		over, err := t.turn(ctx, tenantID, &catalog)
		if err != nil || over {
			return errors.Join(err, t.release(ctx, lease))
		}
	}
	return t.release(ctx, lease)
}

// release lets another process go on at once.
func (t *tenantInstalls) release(ctx context.Context, lease string) error {
	now := time.Now()
	_, err := t.Store.Lease(context.WithoutCancel(ctx), lease, t.holder, now, now.Add(-time.Millisecond))
	return err
}

// turn works off one page, of installing and of looking for chats in turns, so that the lease outlasts it; over: there is nothing to do now.
func (t *tenantInstalls) turn(ctx context.Context, tenantID string, catalog *string) (over bool, err error) {
	kinds := []func(context.Context, string, *string) (bool, error){t.install, t.chats}
	if t.chatsFirst = !t.chatsFirst; !t.chatsFirst {
		slices.Reverse(kinds)
	}
	for _, page := range kinds {
		if t.resting() {
			return true, nil
		}
		if worked, err := page(ctx, tenantID, catalog); err != nil || worked {
			return err != nil || t.resting(), err
		}
	}
	return true, nil
}

func (t *tenantInstalls) resting() bool { return t.rest.After(t.Now()) }

// pause has an installation wait, also over a restart, and all of the tenant's in this process.
func (t *tenantInstalls) pause(ctx context.Context, tenantID, id string, wait time.Duration) error {
	t.rest = t.Now().Add(wait)
	return t.Store.PauseInstallation(ctx, tenantID, id, t.rest)
}

// install works off one page of the tenant's installation; worked is false when there is nothing to do for it now.
func (t *tenantInstalls) install(ctx context.Context, tenantID string, catalog *string) (worked bool, err error) {
	running, err := t.Store.RunningInstallations(ctx) // which counts nobody, unlike Installation
	at := slices.IndexFunc(running, func(i *Installation) bool { return i.TenantID == tenantID })
	if err != nil || at < 0 {
		return false, err
	}
	i := running[at]
	if i.ResumeAt != nil && i.ResumeAt.After(t.Now()) {
		return false, nil
	}
	id := i.ID
	due, left, err := t.Store.DueTargets(ctx, tenantID, id, t.Now(), installPage)
	switch {
	case err != nil:
		return false, err
	case len(due) == 0 && left:
		return false, nil
	case len(due) == 0:
		t.Log.InfoContext(ctx, "app installed for an audience", "tenant", tenantID, "installation", id, "installed", i.Installed, "already", i.Already, "failed", i.Failed)
		return false, t.Store.EndInstallation(ctx, tenantID, id, InstallationCompleted, "", t.Now())
	}
	// What is on the wire when Herald stops is finished, and written.
	page, cancel := context.WithTimeout(context.WithoutCancel(ctx), installPatience)
	defer cancel()
	p := &installPageRun{tenantInstalls: t, tenantID: tenantID}
	if *catalog == "" {
		*catalog, err = t.Apps.CatalogID(page, tenantID)
		p.refused(err, catalogObstacle(err))
	}
	if !p.ended() {
		p.run(ctx, page, *catalog, due)
	}
	// What was done is written, also when the patience with Graph is over.
	write := context.WithoutCancel(ctx)
	if err := t.Store.RecordTargets(write, tenantID, id, p.results); err != nil {
		return true, err
	}
	switch {
	case p.obstacle != "":
		t.Log.WarnContext(ctx, "the app cannot be installed", "tenant", tenantID, "installation", id, "reason", p.obstacle)
		return true, t.Store.EndInstallation(write, tenantID, id, InstallationFailed, p.obstacle, t.Now())
	case p.wait > 0:
		return true, t.pause(write, tenantID, id, p.wait)
	}
	return true, nil
}

// installPageRun is one page on the wire.
type installPageRun struct {
	*tenantInstalls
	tenantID string

	mu        sync.Mutex
	results   []InstallResult
	obstacle  Reason        // nobody can be installed for
	wait      time.Duration // everybody waits
	permitted bool          // the permission was asked for in this page, and is there
	published bool          // so was the catalogue
}

// ended says whether no more of the page is to be tried.
func (p *installPageRun) ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.obstacle != "" || p.wait > 0
}

// run tries everybody of the page; ctx ends when Herald stops, wire when the answers are not waited for any more.
func (p *installPageRun) run(ctx, wire context.Context, catalog string, due []InstallTarget) {
	var flying sync.WaitGroup
	defer flying.Wait()
	places := make(chan struct{}, installParallel)
	for _, target := range due {
		places <- struct{}{}
		if p.ended() || wire.Err() != nil || p.pace.wait(ctx) != nil {
			return
		}
		flying.Go(func() {
			defer func() { <-places }()
			already, err := p.Apps.InstallApp(wire, p.tenantID, catalog, target.Person.ID)
			p.became(wire, target, already, err)
		})
	}
}

// became notes what came of one try.
func (p *installPageRun) became(ctx context.Context, target InstallTarget, already bool, err error) {
	r := InstallResult{PersonID: target.Person.ID, State: TargetFailed, Attempts: target.Attempts}
	code := CodeOf(err)
	if code == "" && err != nil { // the patience with the page is over; without a count one person could keep the work from ending
		code = CodeUnavailable
	}
	switch code {
	case "":
		r.State, r.DueAt = TargetInstalled, p.Now()
		r.ChatAt = r.DueAt.Add(chatGrace)
		if already { // Teams calls nobody
			r.State, r.ChatAt = TargetAlready, r.DueAt
		}
		p.answered()
	case CodeNotFound:
		if !p.check(ctx, &p.published, func() (Reason, error) {
			_, err := p.Apps.CatalogID(ctx, p.tenantID)
			return catalogObstacle(err), err
		}) {
			return
		}
		r.Reason = UserNotFound
	case CodeForbidden:
		if !p.check(ctx, &p.permitted, func() (Reason, error) {
			err := p.Apps.MayInstall(ctx, p.tenantID, target.Person.ID)
			return installObstacle(err), err
		}) {
			return
		}
		r.Reason = BlockedByPolicy
	case CodeInvalid:
		r.Reason = InstallRefused
	case CodeThrottled:
		p.refused(err, "")
		return
	default:
		p.stumbled()
		r.Attempts++
		if r.Reason = GraphFailed; r.Attempts < installTries {
			r.State, r.Reason = TargetPending, ""
			r.DueAt = p.Now().Add(backoff(r.Attempts))
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.results = append(p.results, r)
}

// check finds out whether a refusal was about the one person, by asking once in a page for what everybody needs.
func (p *installPageRun) check(ctx context.Context, done *bool, ask func() (Reason, error)) bool {
	p.mu.Lock()
	if *done {
		p.mu.Unlock()
		return true
	}
	p.mu.Unlock()
	if err := p.pace.wait(ctx); err != nil {
		return false
	}
	why, err := ask()
	if err != nil && CodeOf(err) != CodeNotFound || why != "" {
		p.refused(err, why)
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	*done = true
	return true
}

// refused notes that everybody is concerned: obstacle ends the installation; else it waits.
func (p *installPageRun) refused(err error, obstacle Reason) {
	if err == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if obstacle != "" {
		p.obstacle = obstacle
		return
	}
	var e *Error
	if errors.As(err, &e) && e.Code == CodeThrottled {
		p.wait = max(p.wait, e.RetryAfter, time.Second)
		return
	}
	p.away()
}

// away has everybody wait, longer each time; the mutex is held.
func (p *installPageRun) away() {
	if p.wait == 0 {
		p.pauses++
		p.wait = backoff(p.pauses)
	}
}

// stumbled notes that one request failed; several in a row are an outage, which must not cost everybody their tries.
func (p *installPageRun) stumbled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed++; p.failed >= installOutage {
		p.away()
	}
}

// answered notes that Graph is well.
func (p *installPageRun) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed, p.pauses = 0, 0
}

// backoff is how long to wait after so many failures, at least one.
func backoff(failures int) time.Duration {
	return min(installBackoff<<min(failures-1, 10), installMaxBackoff)
}

package campaigns

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// directoryFresh is how old the copy of the directory may be when a campaign is
	// planned or an audience counted. Graph's delta makes a refresh cheap.
	directoryFresh = time.Minute
	// countPatience is how long an author waits for a directory that was never read.
	countPatience = 8 * time.Second
	// walkTimeout bounds one walk; a tenant of a million takes minutes.
	walkTimeout = time.Hour
	// DetailLimit is how many people are listed by name beside a count when nothing else is said, and MaxDetail the most.
	DetailLimit = 50
	MaxDetail   = 5000
	// lookupLimit is how many addresses are looked up together.
	lookupLimit = 200
)

// Roster knows who is in a tenant: a copy of the directory, kept fresh by delta,
// beside the people that the bot has met. Without the permission to read the
// directory it works with the latter alone.
type Roster struct {
	Store     Store
	Directory Directory
	Now       func() time.Time
	Log       *slog.Logger

	// SearchPatience is how long a search waits for the directory; zero: 2 s.
	SearchPatience time.Duration

	mu      sync.Mutex
	running map[string]*syncRun // by tenant
	search  searches
	reaches listReaches
}

type syncRun struct {
	done   chan struct{}
	cancel context.CancelFunc
	err    error
}

// Sync brings the copy of the tenant's directory up to date, unless it is younger
// than maxAge. Concurrent calls share one walk. A cancelled ctx ends the waiting,
// not the walk.
func (r *Roster) Sync(ctx context.Context, tenantID string, maxAge time.Duration) error {
	st, err := r.Store.DirectorySync(ctx, tenantID)
	if err != nil {
		return err
	}
	if !st.SyncedAt.IsZero() && r.Now().Sub(st.SyncedAt) < maxAge {
		return nil
	}
	r.mu.Lock()
	run := r.running[tenantID]
	if run == nil {
		walk, cancel := context.WithTimeout(context.WithoutCancel(ctx), walkTimeout)
		run = &syncRun{done: make(chan struct{}), cancel: cancel}
		if r.running == nil {
			r.running = map[string]*syncRun{}
		}
		r.running[tenantID] = run
		go func() {
			defer cancel()
			run.err = r.refresh(walk, tenantID, maxAge)
			r.mu.Lock()
			delete(r.running, tenantID)
			r.mu.Unlock()
			close(run.done)
		}()
	}
	r.mu.Unlock()
	select {
	case <-run.done:
		return run.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Walk is the number of the last complete walk of the tenant's directory; 0 when there was none.
func (r *Roster) Walk(ctx context.Context, tenantID string) (int64, error) {
	st, err := r.Store.DirectorySync(ctx, tenantID)
	return st.Walk, err
}

// Close breaks off walks that are under way; the next one begins again where the last complete one ended. It waits for lists
// that are being counted.
func (r *Roster) Close() {
	r.mu.Lock()
	runs := make([]*syncRun, 0, len(r.running))
	for _, run := range r.running {
		runs = append(runs, run)
	}
	r.mu.Unlock()
	for _, run := range runs {
		run.cancel()
		<-run.done
	}
	r.reaches.counting.Wait()
}

// refresh walks, unless a walk ended between the caller's look and its turn.
func (r *Roster) refresh(ctx context.Context, tenantID string, maxAge time.Duration) error {
	st, err := r.Store.DirectorySync(ctx, tenantID)
	if err != nil {
		return err
	}
	if !st.SyncedAt.IsZero() && r.Now().Sub(st.SyncedAt) < maxAge {
		return nil
	}
	return r.walk(ctx, tenantID, st)
}

func (r *Roster) walk(ctx context.Context, tenantID string, st SyncState) error {
	started := r.Now()
	next := SyncState{Walk: st.Walk + 1, SyncedAt: started}
	full := st.Token == ""
	people := 0
	apply := func(p DirectoryPage) error {
		people += len(p.People)
		return r.Store.ApplyDirectoryPage(ctx, tenantID, next.Walk, p)
	}
	token, err := r.Directory.EachPage(ctx, tenantID, st.Token, apply)
	if CodeOf(err) == CodeGone {
		full = true
		token, err = r.Directory.EachPage(ctx, tenantID, "", apply)
	}
	if err == nil && full && people == 0 && st.Walk > 0 {
		// No organisation is without people, and to believe it would be to send to nobody.
		err = Errorf(CodeUnavailable, "directory_empty", "The directory names nobody at all; try again in a moment.")
	}
	if err != nil {
		return err
	}
	next.Token = token
	if err := r.Store.FinishDirectorySync(ctx, tenantID, next, full); err != nil {
		return err
	}
	r.Log.InfoContext(ctx, "directory read", "tenant", tenantID, "people", people, "full", full)
	return nil
}

// Refresh syncs for somebody who needs the people now but can do without: a
// directory that cannot be read is logged, and what is known is used.
func (r *Roster) Refresh(ctx context.Context, tenantID string, patience time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := r.Sync(ctx, tenantID, directoryFresh); err != nil {
		r.Log.WarnContext(ctx, "directory not read; working with the people already known", "tenant", tenantID, "err", err)
	}
}

// Find finds a person by address, among those known or else in the directory.
func (r *Roster) Find(ctx context.Context, tenantID, email string) (Person, error) {
	email = strings.TrimSpace(email)
	p, err := r.Store.FindPerson(ctx, tenantID, email)
	if CodeOf(err) != CodeNotFound {
		return p, err
	}
	p, err = r.Directory.FindByEmail(ctx, tenantID, email)
	if err != nil {
		return Person{}, err
	}
	// Whoever was forgotten is nobody, although the directory has them.
	if forgotten, err := r.Store.IsForgotten(ctx, tenantID, p.ID); err != nil {
		return Person{}, err
	} else if forgotten {
		return Person{}, Errorf(CodeNotFound, "user_not_found", "Herald does not know this person.")
	}
	return p, r.Store.SavePeople(ctx, []Person{p})
}

// Resolved is one address and whom it belongs to.
type Resolved struct {
	Email string
	Found bool
	Reachability
}

// Resolve finds the people behind addresses, in their order. When the directory cannot be
// asked right now it fails as a whole; when Herald may not ask it, strangers are not found.
func (r *Roster) Resolve(ctx context.Context, tenantID string, emails []string) ([]Resolved, error) {
	known, err := r.Store.ReachPeople(ctx, tenantID, emails)
	if err != nil {
		return nil, err
	}
	out := make([]Resolved, 0, len(emails))
	for _, e := range emails {
		key := strings.ToLower(e)
		if k, ok := known[key]; ok {
			out = append(out, Resolved{Email: e, Found: true, Reachability: k})
			continue
		}
		p, err := r.Find(ctx, tenantID, e)
		switch {
		case CodeOf(err) == CodeNotFound, CodeOf(err) == CodeForbidden:
			// Without the permission an address that the bot never met cannot have the app either.
			out = append(out, Resolved{Email: e})
			continue
		case err != nil:
			return nil, err
		}
		res := Resolved{Email: e, Found: true, Reachability: Reachability{Person: p}}
		if ref, err := r.Store.Reference(ctx, tenantID, p.ID); err == nil {
			res.State, res.OptedOut = ref.State, ref.OptedOut
		} else if CodeOf(err) != CodeNotFound {
			return nil, err
		}
		out = append(out, res)
	}
	return out, nil
}

// AudienceCount is the size of an audience in the words of the page.
type AudienceCount struct {
	Reach
	Excluded           int // people who would be among them, but for the excluded lists
	Duplicates         int // of Total: who are named more than once, and count once
	Blocked            int // of NotInstalled: who have the app, and blocked the bot
	Uninstalled        int // of NotInstalled: who had the app, and removed it
	UnknownEmails      []string
	NotInstalledPeople []Reachability
	Columns            []AudienceColumn // of the audience's lists
}

// CountAudience says how many people an audience has and how many would get a message now. Of those who would not, it
// names up to detail.
func (s *Service) CountAudience(ctx context.Context, a Actor, aud Audience, detail int) (AudienceCount, error) {
	if err := a.require(Prepare); err != nil {
		return AudienceCount{}, err
	}
	n, err := s.audienceNames(ctx, a.TenantID, aud)
	if err != nil {
		return AudienceCount{}, err
	}
	aud = aud.normalise()
	s.refreshFor(ctx, a.TenantID, aud)
	out, err := s.Roster.Count(ctx, a.TenantID, aud, detail)
	lists := aud.ListIDs
	if aud.Unanswered != "" {
		lists = n.valuesOf(aud)
	}
	out.Columns = audienceColumns(lists, n.lists)
	return out, err
}

// audienceNames looks up what an audience names, and says what is wrong with it.
func (s *Service) audienceNames(ctx context.Context, tenantID string, aud Audience) (*named, error) {
	n, err := s.named(ctx, tenantID, &Campaign{Audience: aud})
	if err != nil {
		return nil, err
	}
	if ps := aud.validate(n); len(ps) > 0 {
		return nil, invalid(ps)
	}
	return n, nil
}

// refreshFor brings the copy of the directory up to date for an audience that needs it.
func (s *Service) refreshFor(ctx context.Context, tenantID string, aud Audience) {
	if aud.All || len(aud.lists()) > 0 {
		s.Roster.Refresh(ctx, tenantID, countPatience)
	}
}

// audienceQuery is an audience that is no reminder's, with the people behind its addresses.
func (s *Service) audienceQuery(ctx context.Context, tenantID string, aud Audience) (AudienceQuery, error) {
	if _, err := s.audienceNames(ctx, tenantID, aud); err != nil {
		return AudienceQuery{}, err
	}
	aud = aud.normalise()
	s.refreshFor(ctx, tenantID, aud)
	return s.Roster.query(ctx, tenantID, aud)
}

// Count says how many people a valid audience has, by the copy of the directory as it is, without the columns of its lists.
func (r *Roster) Count(ctx context.Context, tenantID string, aud Audience, detail int) (AudienceCount, error) {
	if aud.Unanswered != "" {
		reach, err := r.Store.Unanswered(ctx, Key{tenantID, aud.Unanswered})
		return AudienceCount{Reach: reach}, err
	}
	q, err := r.query(ctx, tenantID, aud)
	if err != nil {
		return AudienceCount{}, err
	}
	q.Detail = detail
	return r.Store.CountAudience(ctx, tenantID, q)
}

// query is a valid audience that is no reminder's, with the people behind its addresses.
func (r *Roster) query(ctx context.Context, tenantID string, aud Audience) (q AudienceQuery, err error) {
	q = AudienceQuery{All: aud.All, ListIDs: aud.ListIDs, ExcludeListIDs: aud.ExcludeListIDs, Found: map[string]string{}}
	if q.Typed, err = r.typed(ctx, tenantID, aud.Emails); err != nil {
		return q, err
	}
	lists := aud.lists()
	if len(lists) == 0 {
		return q, nil
	}
	// The directory knows people by more addresses than it shows. Each costs a question, so only few are asked.
	strangers, err := r.Store.Strangers(ctx, tenantID, lists, lookupLimit)
	if err != nil {
		return q, err
	}
	resolved, err := r.Resolve(ctx, tenantID, strangers)
	switch {
	case CodeOf(err) == CodeThrottled || CodeOf(err) == CodeUnavailable:
		r.Log.WarnContext(ctx, "directory not asked about members; they count as unknown", "tenant", tenantID, "err", err)
	case err != nil:
		return q, err
	}
	for _, each := range resolved {
		if each.Found {
			q.Found[strings.ToLower(each.Email)] = each.Person.ID
		}
	}
	return q, nil
}

// typed finds whom addresses belong to, as recipients.
func (r *Roster) typed(ctx context.Context, tenantID string, emails []string) ([]string, error) {
	var out []string
	for start := 0; start < len(emails); start += lookupLimit {
		resolved, err := r.Resolve(ctx, tenantID, emails[start:min(start+lookupLimit, len(emails))])
		if err != nil {
			return nil, err
		}
		for _, each := range resolved {
			if each.Found {
				out = append(out, each.Person.ID)
			} else {
				out = append(out, UnknownRecipient(each.Email))
			}
		}
	}
	return out, nil
}

// UnknownRecipient stands for an address that belongs to nobody, where an object id would stand.
func UnknownRecipient(email string) string { return "mail:" + strings.ToLower(email) }

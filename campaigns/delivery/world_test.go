package delivery_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/infra/queue"
	"herald/infra/queue/bell"
	"herald/infra/queue/redistest"
	"herald/infra/store"
	"herald/infra/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	contoso, fabrikam = "contoso", "fabrikam"

	lease    = time.Minute
	parallel = 8
)

// world is one database, one Redis, one Teams and one clock, on which any number of
// processes run. Time passes only when a test moves it by more than it takes itself.
type world struct {
	t         testing.TB
	ctx       context.Context
	dir       string
	db        *store.DB
	rdb       redis.UniversalClient
	queue     *queue.Queue // the test's own view
	service   *campaigns.Service
	teams     *teams
	directory *directory
	skew      atomic.Int64
	changed   bell.Bell
	queues    []*queue.Queue
}

// setup gives a world without people.
func setup(t testing.TB) *world {
	t.Helper()
	patience := 10 * time.Minute // of a benchmark
	if test, ok := t.(*testing.T); ok {
		test.Parallel()
		patience = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	w := &world{t: t, ctx: ctx, dir: storetest.Dir(t), directory: &directory{}}
	w.teams = &teams{rang: w.changed.Ring, end: make(chan struct{}), started: map[campaigns.Key][]string{}, turns: map[string]int{}, texts: map[string]string{}}
	w.openStore()
	t.Cleanup(func() { _ = w.db.Close() })
	rdb, closeAll, err := queue.Embedded(ctx)
	w.ok(err)
	w.rdb = rdb
	t.Cleanup(func() { _ = closeAll() })
	w.queue = w.openQueue()
	return w
}

func (w *world) openStore() {
	w.t.Helper()
	var err error
	w.db, err = store.Open(w.ctx, "", w.dir, slog.New(slog.DiscardHandler))
	w.ok(err)
	w.service = &campaigns.Service{Store: w.db, Queue: starter{w}, Messenger: w.teams, Roster: w.roster(), Now: w.now, Log: slog.New(slog.DiscardHandler)}
}

// starter lets the use cases speak to the queue that the world has at the moment.
type starter struct{ w *world }

func (s starter) ScheduleStart(ctx context.Context, k campaigns.Key, at time.Time) error {
	return s.w.queue.ScheduleStart(ctx, k, at)
}
func (s starter) Unschedule(ctx context.Context, k campaigns.Key) error {
	return s.w.queue.Unschedule(ctx, k)
}
func (s starter) Drop(ctx context.Context, k campaigns.Key) error { return s.w.queue.Drop(ctx, k) }

func (w *world) openQueue() *queue.Queue { return w.openQueueAt(&w.skew) }

func (w *world) openQueueAt(skew *atomic.Int64) *queue.Queue {
	q := queue.New(w.rdb, queue.Options{Lease: lease, Rate: -1, Logger: slog.New(slog.DiscardHandler),
		Skew: func() time.Duration { return time.Duration(skew.Load()) }})
	w.queues = append(w.queues, q)
	w.t.Cleanup(q.Close)
	return q
}

func (w *world) roster() *campaigns.Roster {
	r := &campaigns.Roster{Store: w.db, Directory: w.directory, Now: w.now, Log: slog.New(slog.DiscardHandler)}
	w.t.Cleanup(r.Close)
	return r
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) }

// advance moves the clock of everything and everybody.
func (w *world) advance(d time.Duration) {
	w.skew.Add(int64(d))
	w.poke()
}

// poke has every process look. It is never an answer.
func (w *world) poke() (never bool) {
	for _, q := range w.queues {
		q.Poke()
	}
	return false
}

// expire lets every lease and every mark of an attempt run out. They are on real time, which no clock moves.
func (w *world) expire() {
	w.t.Helper()
	const d = lease + time.Second
	w.exec(`UPDATE deliveries SET attempted_at = attempted_at - ?`, d.Milliseconds())
	w.exec(`UPDATE snoozes SET attempted_at = attempted_at - ?`, d.Milliseconds())
	w.exec(`UPDATE leases SET until = until - ?`, d.Milliseconds())
	redistest.Age(w.t, w.rdb, d)
	w.advance(d)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// until waits for cond, which is asked again whenever something happened.
func (w *world) until(what string, cond func() bool) {
	w.t.Helper()
	for {
		next := w.changed.Next()
		if cond() {
			return
		}
		select {
		case <-next:
		case <-w.ctx.Done():
			w.t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// wait waits for a channel to be closed.
func (w *world) wait(what string, ch <-chan struct{}) {
	w.t.Helper()
	select {
	case <-ch:
	case <-w.ctx.Done():
		w.t.Fatalf("waited in vain for: %s", what)
	}
}

// people saves n people of a tenant who have the app: p00000, p00001, …
func (w *world) people(tenant string, n int) (emails []string) {
	w.t.Helper()
	var people []campaigns.Person
	for i := range n {
		id := fmt.Sprintf("p%05d", i)
		people = append(people, campaigns.Person{TenantID: tenant, ID: id, UPN: id + "@x.example", Mail: id + "@x.example", DisplayName: "Person " + id, GivenName: "Given" + id, Surname: "Surname"})
		emails = append(emails, id+"@x.example")
	}
	w.ok(w.db.SavePeople(w.ctx, people))
	w.install(tenant, n)
	return emails
}

// crowd saves n people of a tenant without the app.
func (w *world) crowd(tenant string, n int) {
	w.t.Helper()
	w.exec(`WITH RECURSIVE person(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM person WHERE i + 1 < ?)
		INSERT INTO people (tenant_id, person_id, mail, mail_key, display_name)
		SELECT ?, printf('p%05d', i), printf('p%05d@x.example', i), printf('p%05d@x.example', i), printf('Person p%05d', i) FROM person`, n, tenant)
}

// install gives the app to the first n people of a tenant; who has it keeps it.
func (w *world) install(tenant string, n int) {
	w.t.Helper()
	w.exec(`INSERT OR IGNORE INTO conversation_references (tenant_id, person_id, user_id, bot_id, conversation_id, service_url, app_version, locale, state, welcomed, updated_at)
		SELECT tenant_id, person_id, '29:' || person_id, '28:bot', 'a:' || person_id, 'https://smba.example/', '', 'en-US', 'installed', TRUE, 1
		FROM people WHERE tenant_id = ? ORDER BY person_id LIMIT ?`, tenant, n)
}

// exec prepares the database in one statement, past the store, where its own way would take
// a transaction per person.
func (w *world) exec(statement string, args ...any) {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "herald.db")+"?_pragma=busy_timeout(10000)")
	w.ok(err)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(w.ctx, statement, args...)
	w.ok(err)
}

// scan reads one value past the store.
func (w *world) scan(to any, query string, args ...any) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.dir, "herald.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.QueryRowContext(w.ctx, query, args...).Scan(to)
}

// set changes what is known of one person's app, as the bot does when Teams tells.
func (w *world) set(tenant, person string, state campaigns.InstallState) {
	w.t.Helper()
	w.ok(w.db.SaveReference(w.ctx, campaigns.Reference{TenantID: tenant, PersonID: person, State: state, UpdatedAt: w.now()}))
}

func author(tenant string) campaigns.Actor {
	return campaigns.Actor{TenantID: tenant, PersonID: "author", DisplayName: "Author", Roles: []campaigns.Role{campaigns.RoleAuthor}}
}

var (
	everybody = campaigns.Audience{All: true}
	greeting  = campaigns.Input{Name: "Greeting", Format: message.Message, Content: message.Content{Text: "Hello [FIRSTNAME]"}}
)

func these(emails ...string) campaigns.Audience { return campaigns.Audience{Emails: emails} }

func (w *world) draft(tenant string, a campaigns.Audience) campaigns.Key {
	w.t.Helper()
	in := greeting
	in.Audience = a
	c, err := w.service.Create(w.ctx, author(tenant), in)
	w.ok(err)
	return c.Key()
}

// send makes a campaign that starts at the moment in from now on; 0 is at once.
func (w *world) send(tenant string, a campaigns.Audience, in time.Duration) campaigns.Key {
	w.t.Helper()
	k := w.draft(tenant, a)
	var at *time.Time
	if in > 0 {
		later := w.now().Add(in)
		at = &later
	}
	_, err := w.service.Send(w.ctx, author(tenant), k.CampaignID, 0, at)
	w.ok(err)
	return k
}

func (w *world) campaign(k campaigns.Key) *campaigns.Campaign {
	w.t.Helper()
	c, err := w.db.Campaign(w.ctx, k)
	w.ok(err)
	return c
}

// ended waits until the campaign has the state and nobody is open.
func (w *world) ended(k campaigns.Key, s campaigns.Status) *campaigns.Campaign {
	w.t.Helper()
	var c *campaigns.Campaign
	w.until("campaign "+string(s), func() bool {
		c = w.campaign(k)
		return c.Status == s && c.Counts.Open() == 0
	})
	return c
}

// recipients returns everybody by person (or address), after checking that nobody is there twice
// and that the campaign's counts are what its recipients say.
func (w *world) recipients(k campaigns.Key) map[string]campaigns.Recipient {
	w.t.Helper()
	for {
		before := w.campaign(k).Counts
		out := w.lines(k)
		if w.campaign(k).Counts != before {
			continue // it changes while it is read
		}
		counts := campaigns.Counts{Total: len(out)}
		for _, r := range out {
			counts.Add(r.Status, 1)
		}
		if counts != before {
			w.t.Errorf("counts %+v, but the recipients are %+v", before, counts)
		}
		return out
	}
}

// lines is recipients while they change.
func (w *world) lines(k campaigns.Key) map[string]campaigns.Recipient {
	w.t.Helper()
	out := map[string]campaigns.Recipient{}
	for cursor := ""; ; {
		items, next, err := w.db.Recipients(w.ctx, k, campaigns.RecipientFilter{Cursor: cursor, Limit: 1000})
		w.ok(err)
		for _, r := range items {
			name := r.PersonID
			if name == "" {
				name = r.Email
			}
			if name == "" { // removed
				name = fmt.Sprint("removed ", r.Seq)
			}
			if _, twice := out[name]; twice {
				w.t.Errorf("%s is a recipient twice", name)
			}
			out[name] = r
		}
		if cursor = next; cursor == "" {
			return out
		}
	}
}

// exactlyOnce says that everybody of n has the message, once, and nothing hints otherwise.
func (w *world) exactlyOnce(k campaigns.Key, n int) {
	w.t.Helper()
	rs, sends := w.recipients(k), w.teams.sends(k)
	if len(rs) != n || len(sends) != n {
		w.t.Errorf("%d recipients and %d people with the message, want %d", len(rs), len(sends), n)
	}
	for id, r := range rs {
		if r.Status != campaigns.DeliverySent || sends[id] != 1 || r.Attempts != 1 || r.Repeated || r.SentAt == nil || r.Reason != "" {
			w.t.Errorf("%s got it %d times: %+v", id, sends[id], r)
		}
	}
}

// atLeastOnce says that everybody has the message, and that whoever has it more often is marked.
// It returns how many attempts were repeated.
func (w *world) atLeastOnce(k campaigns.Key, n int) (repeated int) {
	w.t.Helper()
	rs, sends := w.recipients(k), w.teams.sends(k)
	if len(rs) != n {
		w.t.Errorf("%d recipients, want %d", len(rs), n)
	}
	for id, r := range rs {
		switch {
		case r.Status != campaigns.DeliverySent || sends[id] < 1:
			w.t.Errorf("%s got it %d times: %+v", id, sends[id], r)
		case sends[id] > r.Attempts || sends[id] > 1 && !r.Repeated:
			w.t.Errorf("%s got it %d times, and the report does not say so: %+v", id, sends[id], r)
		}
		repeated += r.Attempts - 1
	}
	return repeated
}

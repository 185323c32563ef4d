package campaigns_test

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/infra/store"
	"herald/infra/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tenant = "contoso"

var start = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

// world is the use cases on a real store, between a directory and a bot that the test scripts.
type world struct {
	*campaigns.Service
	t         *testing.T
	db        *store.DB
	directory *directory
	bot       *bot

	mu  sync.Mutex
	now time.Time
}

func setup(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	db := storetest.Open(t)
	w := &world{t: t, db: db, directory: &directory{}, bot: &bot{}, now: start}
	now := func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.now
	}
	roster := &campaigns.Roster{Store: db, Directory: w.directory, Now: now, Log: log}
	t.Cleanup(roster.Close)
	w.Service = &campaigns.Service{Store: db, Messenger: w.bot, Roster: roster, Now: now, Log: log}
	return w
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

var author = campaigns.Actor{TenantID: tenant, PersonID: "author", DisplayName: "Author", UPN: "author@x.example", Roles: []campaigns.Role{campaigns.RoleAuthor}}

func person(id string) campaigns.Person {
	return campaigns.Person{TenantID: tenant, ID: id, UPN: id + "@x.example", Mail: id + "@x.example", DisplayName: strings.ToUpper(id), GivenName: "Given" + id}
}

// met saves people whom the bot has met, in the state given.
func (w *world) met(s campaigns.InstallState, ids ...string) {
	w.t.Helper()
	for _, id := range ids {
		w.ok(w.db.SavePeople(w.t.Context(), []campaigns.Person{person(id)}))
		w.ok(w.db.SaveReference(w.t.Context(), campaigns.Reference{TenantID: tenant, PersonID: id, ConversationID: "a:" + id, State: s, UpdatedAt: start.Add(-time.Hour)}))
	}
}

func (w *world) draft(c message.Content) *campaigns.Campaign {
	w.t.Helper()
	out, err := w.Create(w.t.Context(), author, campaigns.Input{Name: "Draft", Content: c})
	w.ok(err)
	return out
}

// reach is the tenant's size as the page shows it.
func (w *world) reach() campaigns.Reach {
	w.t.Helper()
	r, err := w.db.ReachAll(w.t.Context(), tenant)
	w.ok(err)
	return r
}

// directory answers walks and look-ups by script.
type directory struct {
	mu    sync.Mutex
	walks []string // the tokens of the walks that were made
	walk  func(ctx context.Context, token string) (campaigns.DirectoryPage, string, error)
	find  func(email string) (campaigns.Person, error)
	finds int
	// search answers SearchPeople; nil: nobody.
	search   func(ctx context.Context, query string, limit int) ([]campaigns.Person, error)
	searched []string // the queries
}

func (d *directory) SearchPeople(ctx context.Context, _, query string, limit int) ([]campaigns.Person, error) {
	d.mu.Lock()
	d.searched = append(d.searched, query)
	search := d.search
	d.mu.Unlock()
	if search == nil {
		return nil, nil
	}
	return search(ctx, query, limit)
}

func (d *directory) FindByEmail(_ context.Context, _, email string) (campaigns.Person, error) {
	d.mu.Lock()
	d.finds++
	d.mu.Unlock()
	if d.find == nil {
		return campaigns.Person{}, campaigns.Errorf(campaigns.CodeNotFound, "user_not_found", "nobody")
	}
	return d.find(email)
}

func (d *directory) EachPage(ctx context.Context, _, token string, fn func(campaigns.DirectoryPage) error) (string, error) {
	d.mu.Lock()
	d.walks = append(d.walks, token)
	d.mu.Unlock()
	page, next, err := d.walk(ctx, token)
	if err != nil {
		return "", err
	}
	return next, fn(page)
}

func (d *directory) tokens() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.walks, ",")
}

// bot gives one answer to everything.
type bot struct {
	outcome campaigns.Outcome
	sent    []string // conversations
	last    string   // what was sent last
}

func (b *bot) Send(_ context.Context, ref campaigns.Reference, body []byte, _ string) campaigns.Outcome {
	b.last = string(body)
	b.sent = append(b.sent, ref.ConversationID)
	return b.outcome
}

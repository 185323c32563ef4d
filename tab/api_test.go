package tab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gorilla/mux"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/survey"
	"herald/campaigns/track"
	"herald/infra/store"
	"herald/tab"
)

const (
	contoso  = "11111111-1111-4111-8111-111111111111"
	fabrikam = "22222222-2222-4222-8222-222222222222"
)

// start is the moment at which every world stands.
var start = time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC)

// world is the API over real HTTP on a real SQLite store. Tokens are words, the
// directory is a list, and bot and queue write down what they are asked.
type world struct {
	url     string
	dir     string // of the database
	db      *store.DB
	queue   *queue
	bot     *bot
	roster  *directory
	closing chan struct{}
	admin   administration
	apps    apps
	limit   limit
	opened  opened
	ids     map[string]string // "{draft}" -> id
}

func newWorld(t testing.TB) *world {
	t.Helper()
	seed, err := seeded()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "herald.db"), seed.file, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), "", dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{dir: dir, db: db, queue: &queue{}, bot: &bot{}, roster: &directory{seed.people}, closing: make(chan struct{}), ids: seed.ids}
	now := func() time.Time { return start }
	log := slog.New(slog.DiscardHandler)
	roster := &campaigns.Roster{Store: db, Directory: w.roster, Now: now, Log: log}
	s := &tab.Server{
		Service:  &campaigns.Service{Apps: &w.apps, Store: db, Queue: w.queue, Messenger: w.bot, Roster: roster, Settings: campaigns.Settings{AssetsURL: "https://herald.example", LinkSigner: track.New(make([]byte, 32))}, Now: now, Log: log},
		Verifier: verifier{}, Config: tab.Config{AppID: "app", Mode: "sandbox", SendLaterMaxHours: 144},
		Page: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}, Log: log, Closing: w.closing, ProgressEvery: time.Millisecond,
		Admin: &w.admin, Limit: w.limit.wait, Opened: w.opened.note,
	}
	r := mux.NewRouter()
	s.Routes(r)
	srv := httptest.NewServer(r)
	t.Cleanup(func() {
		srv.Close()
		roster.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w.url = srv.URL + "/api/v1"
	return w
}

type seed struct {
	file   []byte // a closed SQLite database
	people []campaigns.Person
	ids    map[string]string
}

// seeded makes the database that every world starts with, once: migrations are slow under -race.
var seeded = sync.OnceValues(func() (seed, error) {
	dir, err := os.MkdirTemp("", "herald-tab")
	if err != nil {
		return seed{}, err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, err := store.Open(ctx, "", dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return seed{}, err
	}
	w := &world{db: db, roster: &directory{}, ids: map[string]string{"{timed}": timedID}}
	if err := errors.Join(w.people(ctx), w.lists(ctx), w.surveys(ctx), w.campaigns(ctx), w.installations(ctx), db.Close()); err != nil {
		return seed{}, err
	}
	file, err := os.ReadFile(filepath.Join(dir, "herald.db"))
	return seed{file, w.roster.people, w.ids}, err
})

// people: Ann and Élodie have the app, Bob does not, Carl blocked it; Dora stands in the directory alone.
func (w *world) people(ctx context.Context) error {
	save := func(tenant, id, name, state string) error {
		given, surname, _ := strings.Cut(name, " ")
		p := campaigns.Person{TenantID: tenant, ID: id, UPN: id + "@contoso.example", Mail: id + "@contoso.example", DisplayName: name, GivenName: given, Surname: surname}
		if err := w.db.SavePeople(ctx, []campaigns.Person{p}); err != nil {
			return err
		}
		w.roster.people = append(w.roster.people, p)
		if state == "" {
			return nil
		}
		return w.db.SaveReference(ctx, campaigns.Reference{TenantID: tenant, PersonID: id, UserID: "29:" + id, BotID: "28:bot", ConversationID: "a:" + id, ServiceURL: "https://smba.example/teams/", Locale: "fr-FR", State: campaigns.InstallState(state), UpdatedAt: start})
	}
	err := errors.Join(
		save(contoso, "ann", "Ann Ahlberg", "installed"),
		save(contoso, "elodie", "Élodie Durand", "installed"),
		save(contoso, "bob", "Bob Berg", ""),
		save(contoso, "carl", "Carl Cho", "blocked"),
		save(fabrikam, "fay", "Fay Secret", "installed"))
	w.roster.people = append(w.roster.people, campaigns.Person{TenantID: contoso, ID: "dora", UPN: "dora@contoso.example", DisplayName: "Dora Diaz", GivenName: "Dora", Surname: "Diaz"})
	return err
}

// campaigns: one in each state, and two of the other tenant.
func (w *world) campaigns(ctx context.Context) error {
	ready := campaigns.Campaign{Format: message.Message, Content: message.Content{Text: "Hello [FIRSTNAME]: [the menu of [FIRSTNAME]](https://menu.example/), [mail](mailto:a@b.example), [home](http://home.example/)"}, Audience: campaigns.Audience{Emails: []string{"ann@contoso.example", "bob@contoso.example"}}}
	for i, name := range []string{"draft", "empty", "nobody", "scheduled", "sending", "completed", "stopped", "failed", "foreign", "foreignsending"} {
		c := ready
		c.TenantID, c.ID, c.Name, c.Status, c.Version = contoso, fmt.Sprintf("00000000-0000-7000-8000-%012d", i), "Campaign "+name, campaigns.Draft, 1
		c.CreatedAt = start.Add(-time.Hour)
		c.UpdatedAt = c.CreatedAt
		c.CreatedBy = campaigns.Author{ID: "ann", DisplayName: "Ann Ahlberg"}
		switch name {
		case "empty":
			c.Content = message.Content{}
		case "nobody":
			c.Audience = campaigns.Audience{}
		case "scheduled":
			c.Audience.ListIDs = []string{others}
		case "foreign", "foreignsending":
			c.TenantID, c.Name = fabrikam, "Secret of Fabrikam"
		}
		w.ids["{"+name+"}"] = c.ID
		if err := w.db.CreateCampaign(ctx, &c); err != nil {
			return err
		}
		if err := w.advance(ctx, c.Key(), strings.TrimPrefix(name, "foreign")); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// The lists that every world has.
const (
	staff  = "00000000-0000-7000-9000-000000000001" // {list}: Ann, Bob, Carl and nobody, with an amount and a day
	others = "00000000-0000-7000-9000-000000000002" // {busylist}: Élodie; {scheduled} goes there
	abroad = "00000000-0000-7000-9000-000000000003" // {foreignlist}: of the other tenant
)

func (w *world) lists(ctx context.Context) error {
	for _, l := range []struct {
		name    string
		list    campaigns.List
		members []campaigns.Member
	}{
		{"{list}", campaigns.List{TenantID: contoso, ID: staff, Name: "Staff", Columns: []campaigns.Column{{Name: "AMOUNT", Label: "Amount", Type: campaigns.NumberColumn}, {Name: "DAY", Label: "Day", Type: campaigns.DateColumn}}}, []campaigns.Member{
			{Email: "Ann@contoso.example", FirstName: "Annie", Values: map[string]string{"AMOUNT": "12,50", "DAY": "2026-03-31"}}, {Email: "bob@contoso.example"}, {Email: "carl@contoso.example"}, {Email: "nobody@contoso.example", FirstName: "=1+1"}}},
		{"{busylist}", campaigns.List{TenantID: contoso, ID: others, Name: "Others"}, []campaigns.Member{{Email: "elodie@contoso.example"}}},
		{"{foreignlist}", campaigns.List{TenantID: fabrikam, ID: abroad, Name: "Secret list"}, []campaigns.Member{{Email: "fay@contoso.example", FirstName: "Secret"}}},
	} {
		l.list.Version, l.list.CreatedAt, l.list.UpdatedAt, l.list.CreatedBy = 1, start, start, campaigns.Author{ID: "ann", DisplayName: "Ann Ahlberg"}
		if err := w.db.CreateList(ctx, &l.list); err != nil {
			return err
		}
		if _, err := w.db.ImportMembers(ctx, l.list.Key(), campaigns.Import{Version: 1, Columns: l.list.Columns, Members: l.members, Replace: true, FirstNames: true}, start); err != nil {
			return err
		}
		w.ids[l.name] = l.list.ID
	}
	return nil
}

// surveys: one that can be sent, one without questions, one that is closed, and one of the other tenant.
func (w *world) surveys(ctx context.Context) error {
	asks := survey.Definition{Intro: "Hello [FIRSTNAME]", Questions: []survey.Question{{ID: "q1", Type: survey.YesNo, Text: "Do you like it?"}, {ID: "q2", Type: survey.Text, Text: "Why?"}}}
	closed := start.Add(-time.Minute)
	for i, s := range []campaigns.Survey{
		{TenantID: contoso, Name: "Well-being", Definition: asks},
		{TenantID: contoso, Name: "Empty", Definition: survey.Definition{Questions: []survey.Question{}}},
		{TenantID: contoso, Name: "Closed", Definition: asks, ClosesAt: &closed},
		{TenantID: fabrikam, Name: "Secret survey", Definition: asks},
	} {
		s.ID, s.Version = fmt.Sprintf("00000000-0000-7000-a000-%012d", i), 1
		s.CreatedAt, s.UpdatedAt, s.CreatedBy = start.Add(-time.Duration(i)*time.Hour), start.Add(-time.Duration(i)*time.Hour), campaigns.Author{ID: "ann", DisplayName: "Ann Ahlberg"}
		if err := w.db.CreateSurvey(ctx, &s); err != nil {
			return err
		}
		w.ids[[]string{"{survey}", "{emptysurvey}", "{closedsurvey}", "{foreignsurvey}"}[i]] = s.ID
	}
	return nil
}

// advance brings a draft to a state, in the way that the engine does.
func (w *world) advance(ctx context.Context, k campaigns.Key, to string) error {
	if to == "" || to == "draft" || to == "empty" || to == "nobody" {
		return nil
	}
	at := start.Add(-time.Minute)
	if to == "scheduled" {
		at = start.Add(time.Hour)
	}
	if _, err := w.db.ScheduleCampaign(ctx, k, 0, at, start.Add(-2*time.Minute)); err != nil || to == "scheduled" {
		return err
	}
	_, plan, err := w.db.Begin(ctx, k, at)
	if err != nil {
		return err
	}
	page := []delivery.Planned{
		{Recipient: "ann", PersonID: "ann", Email: "ann@contoso.example", DisplayName: "Ann Ahlberg", Status: campaigns.DeliveryPending, DueAt: at},
		{Recipient: "elodie", PersonID: "elodie", Email: "elodie@contoso.example", DisplayName: "Élodie Durand", Status: campaigns.DeliveryPending, DueAt: at},
		{Recipient: "bob", PersonID: "bob", Email: "bob@contoso.example", DisplayName: "Bob Berg", Status: campaigns.DeliverySkipped, Reason: campaigns.NotInstalled, DueAt: at},
	}
	if to == "failed" {
		page = page[2:]
	}
	if err := w.db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, page, at); err != nil {
		return err
	}
	switch to {
	case "completed":
		return w.deliver(ctx, k, 1, 2)
	case "stopped":
		_, err := w.db.StopCampaign(ctx, k, start)
		return err
	}
	return nil
}

// deliver lets messages arrive.
func (w *world) deliver(ctx context.Context, k campaigns.Key, seqs ...int64) error {
	for _, seq := range seqs {
		a, err := w.attempt(ctx, k, seq)
		if err != nil {
			return err
		}
		if err := w.sent(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) attempt(ctx context.Context, k campaigns.Key, seq int64) (delivery.Attempt, error) {
	attempts, err := w.db.BeginAttempts(ctx, []delivery.Ref{{Key: k, Seq: seq}}, nil, start.Add(-time.Hour), start, start)
	if err != nil || len(attempts) != 1 {
		return delivery.Attempt{}, fmt.Errorf("%d attempts at %d: %w", len(attempts), seq, err)
	}
	return attempts[0], nil
}

func (w *world) sent(ctx context.Context, a delivery.Attempt) error {
	_, err := w.db.Record(ctx, []delivery.Result{{Ref: a.Ref, Number: a.Number, Status: campaigns.DeliverySent, At: start, ActivityID: fmt.Sprintf("170000000000%d", a.Seq), ConversationID: "a:1"}})
	return err
}

type request struct {
	as, method, path, body string
	header                 map[string]string
}

func (w *world) do(t testing.TB, q request) (*http.Response, []byte) {
	t.Helper()
	return answerTo(t, w.request(t, q))
}

// answerTo reads an answer to its end.
func answerTo(t testing.TB, r *http.Request) (*http.Response, []byte) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}

// ask is do, and holds the answer against openapi.json.
func (w *world) ask(t testing.TB, q request) (*http.Response, []byte) {
	t.Helper()
	res, body := w.do(t, q)
	openAPI().check(t, q.method, q.path, res, body)
	return res, body
}

// see asks for an answer with a status and with texts in it.
func (w *world) see(t testing.TB, q request, status int, has ...string) string {
	t.Helper()
	res, body := w.ask(t, q)
	if res.StatusCode != status {
		t.Fatalf("%s %s: %d %s", q.method, q.path, res.StatusCode, body)
	}
	for _, text := range has {
		if !strings.Contains(string(body), text) {
			t.Errorf("%s %s: no %s in %s", q.method, q.path, text, body)
		}
	}
	return string(body)
}

func (w *world) request(t testing.TB, q request) *http.Request {
	t.Helper()
	for name, id := range w.ids {
		q.path, q.body = strings.ReplaceAll(q.path, name, id), strings.ReplaceAll(q.body, name, id)
	}
	r, err := http.NewRequestWithContext(t.Context(), q.method, w.url+q.path, strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	if q.as != "" {
		r.Header.Set("Authorization", "Bearer "+q.as)
	}
	for k, v := range q.header {
		r.Header.Set(k, v)
	}
	return r
}

// state is everything that a request could have changed, as text.
func (w *world) state(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, tenant := range []string{contoso, fabrikam} {
		items, next, err := w.db.Campaigns(t.Context(), tenant, campaigns.Filter{Limit: 200})
		if err != nil || next != "" {
			t.Fatal(err, next)
		}
		for _, c := range items {
			recipients, _, err := w.db.Recipients(t.Context(), c.Key(), campaigns.RecipientFilter{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			if err := enc.Encode([]any{c, recipients}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tenant := range []string{contoso, fabrikam} {
		items, _, err := w.db.Lists(t.Context(), tenant, campaigns.ListFilter{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range items {
			members, _, err := w.db.Members(t.Context(), l.Key(), campaigns.MemberFilter{Limit: 1000})
			if err != nil {
				t.Fatal(err)
			}
			if err := enc.Encode([]any{l, members}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tenant := range []string{contoso, fabrikam} {
		items, _, err := w.db.Surveys(t.Context(), tenant, campaigns.SurveyFilter{Limit: 200}, start)
		if err != nil {
			t.Fatal(err)
		}
		if err := enc.Encode(items); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprintln(&b, w.queue.all(), w.bot.all())
	return b.String()
}

// scenario is one request and what must follow from it.
type scenario struct {
	name string
	request
	status   int
	code     string   // of a problem
	fields   []string // "/content/text unknown_variable": exactly these problems
	contains []string
	lacks    []string
	calls    []string                               // what the queue and the bot were asked, in order
	after    func(t *testing.T, w *world, b []byte) // further checks
}

// play runs scenarios, each in its own world. A request that is refused must leave
// no trace; every answer must be as openapi.json says.
func play(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			if strings.Contains(sc.path, "{timed}") {
				w.addTimed(t)
			}
			if sc.as == "" {
				sc.as = "author"
			}
			before := w.state(t)
			res, body := w.do(t, sc.request)
			if res.StatusCode != sc.status {
				t.Fatalf("status %d, want %d: %s", res.StatusCode, sc.status, body)
			}
			openAPI().check(t, sc.method, sc.path, res, body)
			if res.Header.Get("X-Request-Id") == "" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers are missing: %v", res.Header)
			}
			if sc.status >= 400 {
				sc.refusal(t, res, body)
				if after := w.state(t); after != before {
					t.Errorf("a refused request changed something:\n%s\n---\n%s", before, after)
				}
			}
			for _, s := range sc.contains {
				if !strings.Contains(string(body), s) {
					t.Errorf("no %s in %s", s, body)
				}
			}
			for _, s := range sc.lacks {
				if strings.Contains(string(body), s) {
					t.Errorf("%s in %s", s, body)
				}
			}
			if calls := append(w.queue.all(), w.bot.all()...); sc.calls != nil && !slices.Equal(calls, sc.calls) {
				t.Errorf("calls %q, want %q", calls, sc.calls)
			}
			if sc.after != nil {
				sc.after(t, w, body)
			}
		})
	}
}

func (sc scenario) refusal(t *testing.T, res *http.Response, body []byte) {
	t.Helper()
	var p struct {
		Status       int
		Code, Detail string
		RequestID    string `json:"requestId"`
		Problems     []message.Problem
	}
	if err := json.Unmarshal(body, &p); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if p.Code != sc.code || p.Status != sc.status || p.RequestID != res.Header.Get("X-Request-Id") || p.Detail == "" {
		t.Errorf("problem %s, want code %s", body, sc.code)
	}
	var got []string
	for _, x := range p.Problems {
		got = append(got, x.Field+" "+x.Code)
	}
	if sc.fields != nil && !slices.Equal(got, sc.fields) {
		t.Errorf("problems %q, want %q", got, sc.fields)
	}
}

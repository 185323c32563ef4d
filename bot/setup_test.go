package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"go.uber.org/goleak"

	"herald/bot"
	"herald/bot/auth"
	"herald/bot/connector"
	"herald/bot/conversation"
	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
	"herald/infra/store"
	"herald/infra/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const contoso, stranger = sandbox.TenantContoso, "33333333-3333-4333-8333-333333333333"

// world is a bot at a real address, on a real store, in the sandbox's Teams.
type world struct {
	t      *testing.T
	box    *sandbox.Cloud
	db     *store.DB
	client *connector.Client
	sender *sender
	bot    *bot.Bot
	url    string
	log    *logbook
}

// setup starts a world; change may alter the bot before it listens.
func setup(t *testing.T, change ...func(*world)) *world {
	t.Helper()
	limits := false // tests say more in one moment than a chat allows
	box, transport := sandboxtest.Start(t, sandbox.Options{Faults: sandbox.Faults{ConversationLimits: &limits}})
	db := storetest.Open(t)
	env := box.Environment()
	client, err := connector.New(connector.Config{Credential: credential{box}, Scope: env.BotScope, AllowedHosts: env.ServiceHosts, PlaygroundLoopback: true, Transport: transport, Clock: box.Now})
	ok(t, err)
	w := &world{t: t, box: box, db: db, client: client, sender: &sender{Sender: client}, log: &logbook{}}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	messenger := &bot.Messenger{Client: client, BotID: "28:" + env.AppID, ServiceURL: env.ServiceURL, Now: box.Now}
	w.bot = &bot.Bot{
		Verifier: auth.New(auth.Config{
			AppID: env.AppID, Issuer: env.BotIssuer, MetadataURL: env.BotMetadataURL, AllowedTenants: env.AllowedTenants,
			RequireEndorsement: auth.Teams, Clock: box.Now, HTTPClient: &http.Client{Transport: transport},
		}),
		Book:      &conversation.Book{Store: db, Roster: messenger, Now: box.Now, Log: log},
		Sender:    w.sender,
		Surveys:   &campaigns.Service{Store: db, Settings: campaigns.Settings{AssetsURL: "https://herald.example"}, Now: box.Now, Log: log},
		AssetsURL: "https://herald.example", Now: box.Now, Log: log,
	}
	for _, f := range change {
		f(w)
	}
	server := httptest.NewServer(w.bot)
	w.url = server.URL
	ok(t, box.SetBot(server.URL, ""))
	t.Cleanup(func() {
		server.Close()
		client.Close()
		http.DefaultClient.CloseIdleConnections()
		ok(t, db.Close())
	})
	return w
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// credential gets the Connector's tokens without Entra.
type credential struct{ box *sandbox.Cloud }

func (c credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := c.box.MintAppToken(sandbox.AppToken{})
	return azcore.AccessToken{Token: token, ExpiresOn: time.Now().Add(time.Hour)}, err
}

// sender counts what the bot says, and may answer in the Connector's place.
type sender struct {
	bot.Sender
	mu     sync.Mutex
	bodies []string
	answer func(n int) (o connector.Outcome, answered bool) // n is the send's number, from 1
}

func (s *sender) Send(ctx context.Context, to connector.Target, body []byte, o connector.Options) connector.Outcome {
	s.mu.Lock()
	s.bodies = append(s.bodies, string(body))
	n, answer := len(s.bodies), s.answer
	s.mu.Unlock()
	if answer != nil {
		if out, answered := answer(n); answered {
			return out
		}
	}
	return s.Sender.Send(ctx, to, body, o)
}

func (s *sender) sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

// logbook is a log that can be read while it is written.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (w *world) person(index int) sandbox.Person {
	w.t.Helper()
	p, err := w.box.PersonAt(contoso, index)
	ok(w.t, err)
	return p
}

// frame is an activity of a person, with more members laid over.
func (w *world) frame(p sandbox.Person, kind string, more map[string]any) map[string]any {
	w.t.Helper()
	a, err := w.box.Activity(p.ID, kind)
	ok(w.t, err)
	for k, v := range more {
		if a[k] = v; v == nil {
			delete(a, k)
		}
	}
	return a
}

func (w *world) token(t sandbox.BotToken) string {
	w.t.Helper()
	token, err := w.box.MintBotToken(t)
	ok(w.t, err)
	return token
}

// answer is what the bot said.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is the word in a refusal.
func (a answer) code() string {
	var r struct{ Error struct{ Code string } }
	_ = json.Unmarshal([]byte(a.body), &r) // no refusal, no code
	return r.Error.Code
}

// post posts bytes to the bot; header's pairs are laid over those of Teams.
func (w *world) post(body []byte, header map[string]string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), "POST", w.url, bytes.NewReader(body))
	ok(w.t, err)
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	for k, v := range header {
		if req.Header.Set(k, v); v == "-" {
			req.Header.Del(k)
		}
	}
	resp, err := http.DefaultClient.Do(req)
	ok(w.t, err)
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	ok(w.t, err)
	return answer{resp.StatusCode, resp.Header, string(got)}
}

// deliver posts an activity with a good token.
func (w *world) deliver(a map[string]any) answer {
	w.t.Helper()
	body, err := json.Marshal(a)
	ok(w.t, err)
	return w.post(body, map[string]string{"Authorization": "Bearer " + w.token(sandbox.BotToken{ServiceURL: fmt.Sprint(a["serviceUrl"])})})
}

// take delivers what the bot must take.
func (w *world) take(a map[string]any) {
	w.t.Helper()
	if got := w.deliver(a); got.status != 200 {
		w.t.Fatalf("%v: %d %s", a["type"], got.status, got.body)
	}
}

func (w *world) reference(p sandbox.Person) campaigns.Reference {
	w.t.Helper()
	ref, err := w.db.Reference(w.t.Context(), p.TenantID, p.ID)
	ok(w.t, err)
	return ref
}

func (w *world) state(p sandbox.Person, want campaigns.InstallState) {
	w.t.Helper()
	if got := w.reference(p).State; got != want {
		w.t.Errorf("state %q, want %q", got, want)
	}
}

// nothing checks that nothing was stored of a person, and nobody called.
func (w *world) nothing(p sandbox.Person) {
	w.t.Helper()
	if ref, err := w.db.Reference(w.t.Context(), p.TenantID, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		w.t.Errorf("stored reference %+v, %v", ref, err)
	}
	if known, err := w.db.FindByID(w.t.Context(), p.TenantID, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
		w.t.Errorf("stored person %+v, %v", known, err)
	}
	if n := w.calls(""); n > 0 {
		w.t.Errorf("%d outbound calls", n)
	}
}

// calls counts calls of the Connector whose path holds part.
func (w *world) calls(part string) (n int) {
	for _, e := range w.box.Wire() {
		if e.Direction == "to-teams" && strings.Contains(e.Path, part) {
			n++
		}
	}
	return n
}

// chat is what the bot wrote to a person: texts, and cards as their summaries.
func (w *world) chat(p sandbox.Person) (said []string) {
	w.t.Helper()
	items, err := w.box.Chat(p.ID)
	ok(w.t, err)
	for _, item := range items {
		var a struct{ Text, Summary string }
		ok(w.t, json.Unmarshal(item.Activity, &a))
		if item.From == "bot" {
			said = append(said, a.Text+a.Summary)
		}
	}
	return said
}

func (w *world) said(p sandbox.Person, want ...string) {
	w.t.Helper()
	got := w.chat(p)
	if len(got) != len(want) {
		w.t.Fatalf("the bot said %q, want %q", got, want)
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			w.t.Errorf("the bot said %q, want %q", got[i], want[i])
		}
	}
}

// delivered sends a person a delivery, or a return, as a campaign's sender does, and returns the message's id.
func (w *world) delivered(p sandbox.Person, of delivery.Ref) (card string) {
	w.t.Helper()
	ctx, now := w.t.Context(), w.box.Now()
	as, err := w.db.BeginAttempts(ctx, []delivery.Ref{of}, nil, now.Add(-time.Hour), now, now)
	ok(w.t, err)
	work, err := w.db.Work(ctx, of.Key)
	ok(w.t, err)
	tpl, err := campaigns.Settings{AssetsURL: "https://herald.example"}.Compile(work.Work)
	ok(w.t, err)
	ref := w.reference(p)
	out, err := tpl.Render(campaigns.Addressee(campaigns.Person{GivenName: p.GivenName}, ref), ref, nil)
	ok(w.t, err)
	body, err := out.Body()
	ok(w.t, err)
	o := w.bot.Sender.Send(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, body, connector.Options{})
	if !o.OK() {
		w.t.Fatal(o)
	}
	_, err = w.db.Record(ctx, []delivery.Result{{Ref: of, Number: as[0].Number, Status: campaigns.DeliverySent, At: now, ActivityID: o.ActivityID, ConversationID: ref.ConversationID}})
	ok(w.t, err)
	return o.ActivityID
}

package bot_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"herald/bot"
	"herald/bot/auth"
	"herald/bot/connector"
	"herald/bot/conversation"
	"herald/campaigns"
)

var errDisk = errors.New("the disk is full")

// brittle fails in the one method that is named.
type brittle struct {
	conversation.Store
	at atomic.Pointer[string]
}

func (s *brittle) fail(method string) error {
	if at := s.at.Load(); at != nil && *at == method {
		return errDisk
	}
	return nil
}

func (s *brittle) Reference(ctx context.Context, tenant, person string) (campaigns.Reference, error) {
	if err := s.fail("Reference"); err != nil {
		return campaigns.Reference{}, err
	}
	return s.Store.Reference(ctx, tenant, person)
}

func (s *brittle) SaveReference(ctx context.Context, r campaigns.Reference) error {
	return errors.Join(s.fail("SaveReference"), s.Store.SaveReference(ctx, r))
}

func (s *brittle) SavePeople(ctx context.Context, p []campaigns.Person) error {
	return errors.Join(s.fail("SavePeople"), s.Store.SavePeople(ctx, p))
}

func (s *brittle) FindByID(ctx context.Context, tenant, person string) (campaigns.Person, error) {
	if err := s.fail("FindByID"); err != nil {
		return campaigns.Person{}, err
	}
	return s.Store.FindByID(ctx, tenant, person)
}

func (s *brittle) ClaimWelcome(ctx context.Context, tenant, person string) (bool, error) {
	if err := s.fail("ClaimWelcome"); err != nil {
		return false, err
	}
	return s.Store.ClaimWelcome(ctx, tenant, person)
}

func (s *brittle) ForgetWelcome(ctx context.Context, tenant, person string) error {
	return errors.Join(s.fail("ForgetWelcome"), s.Store.ForgetWelcome(ctx, tenant, person))
}

func (s *brittle) SaveClientZone(ctx context.Context, tenant, person, zone string) error {
	return errors.Join(s.fail("SaveClientZone"), s.Store.SaveClientZone(ctx, tenant, person, zone))
}

func (s *brittle) SetOptedOut(ctx context.Context, tenant, person string, out bool, now time.Time) error {
	return errors.Join(s.fail("SetOptedOut"), s.Store.SetOptedOut(ctx, tenant, person, out, now))
}

func (s *brittle) Remember(ctx context.Context, tenant, person string, at time.Time) error {
	return errors.Join(s.fail("Remember"), s.Store.Remember(ctx, tenant, person, at))
}

func (s *brittle) RecordRead(ctx context.Context, chat campaigns.Reference, last string, at time.Time) error {
	return errors.Join(s.fail("RecordRead"), s.Store.RecordRead(ctx, chat, last, at))
}

func (s *brittle) RecordReaction(ctx context.Context, chat campaigns.Reference, id, reaction string) error {
	return errors.Join(s.fail("RecordReaction"), s.Store.RecordReaction(ctx, chat, id, reaction))
}

func (s *brittle) RemoveReactions(ctx context.Context, chat campaigns.Reference, id string, reactions []string) error {
	return errors.Join(s.fail("RemoveReactions"), s.Store.RemoveReactions(ctx, chat, id, reactions))
}

func (s *brittle) RecordAnswer(ctx context.Context, chat campaigns.Reference, id, answer string, at time.Time) (bool, error) {
	if err := s.fail("RecordAnswer"); err != nil {
		return false, err
	}
	return s.Store.RecordAnswer(ctx, chat, id, answer, at)
}

// What could not be stored is answered 503, before anything is said, so that Teams
// sends it again; then it succeeds and is said once.
func TestStoreFails(t *testing.T) {
	t.Parallel()
	disk := &brittle{}
	w := setup(t, func(w *world) {
		disk.Store = w.db
		w.bot.Book.Store = disk
	})
	submit := map[string]any{"replyToId": "1", "value": map[string]any{"a": 1}}
	like := map[string]any{"replyToId": "1", "reactionsAdded": []any{map[string]any{"type": "like"}}}
	unlike := map[string]any{"replyToId": "1", "reactionsRemoved": []any{map[string]any{"type": "like"}}}
	read := map[string]any{"name": "application/vnd.microsoft.readReceipt", "value": map[string]any{"lastReadMessageId": "1"}}
	cases := []struct {
		method, kind string
		more         map[string]any
	}{
		{"SaveReference", "installationUpdate", map[string]any{"action": "add"}},
		{"Reference", "installationUpdate", map[string]any{"action": "add"}},
		{"FindByID", "installationUpdate", map[string]any{"action": "add"}},
		{"SavePeople", "installationUpdate", map[string]any{"action": "add"}},
		{"SaveClientZone", "installationUpdate", map[string]any{"action": "add"}},
		{"ClaimWelcome", "installationUpdate", map[string]any{"action": "add"}},
		{"SaveReference", "message", map[string]any{"text": "hi"}},
		{"SetOptedOut", "message", map[string]any{"text": "stop"}},
		{"Remember", "message", map[string]any{"text": "start"}},
		{"RecordAnswer", "message", submit},
		{"RecordReaction", "messageReaction", like},
		{"RemoveReactions", "messageReaction", unlike},
		{"RecordRead", "event", read},
		{"SaveReference", "whatever", nil},
		{"SaveReference", "invoke", map[string]any{"name": "other"}},
		{"SaveReference", "installationUpdate", map[string]any{"action": "remove"}},
		{"ForgetWelcome", "installationUpdate", map[string]any{"action": "remove"}},
	}
	for i, c := range cases {
		p := w.person(i)
		w.install(p)
		a := w.frame(p, c.kind, c.more)
		before := len(w.sender.sent())
		disk.at.Store(&c.method)
		if got := w.deliver(a); got.status != 503 || got.code() != "unavailable" || strings.Contains(got.body, "disk") {
			t.Errorf("%s at %s: %d %s", c.method, c.kind, got.status, got.body)
		}
		if n := len(w.sender.sent()); n != before {
			t.Errorf("%s at %s: something was said before it was stored", c.method, c.kind)
		}
		disk.at.Store(nil)
		if got := w.deliver(a); got.status != 200 {
			t.Errorf("%s at %s, repeated: %d %s", c.method, c.kind, got.status, got.body)
		}
	}

	// An invoke has somebody waiting, and Teams does not repeat it: they are told.
	method := "RecordAnswer"
	disk.at.Store(&method)
	got := w.deliver(w.frame(w.person(1), "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": "1", "value": map[string]any{"action": map[string]any{"type": "Action.Execute"}}}))
	const want = `{"statusCode":500,"type":"application/vnd.microsoft.error","value":{"code":"InternalServerError","message":"Votre réponse n’a pas pu être enregistrée. Réessayez dans un instant."}}`
	if got.status != 200 || strings.TrimSpace(got.body) != want {
		t.Errorf("invoke: %d %s", got.status, got.body)
	}
}

func TestConnectorFails(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	w.sender.answer = func(int) (connector.Outcome, bool) {
		return connector.Outcome{Kind: connector.Permanent, Reason: connector.BotUnauthorized, Status: 401}, true
	}
	ok(t, w.box.Install(t.Context(), p.ID, false)) // fails if the bot answers anything but 200
	_, err := w.box.Say(t.Context(), p.ID, "hi")
	ok(t, err)
	w.state(p, campaigns.Installed)
	if line := w.log.String(); !strings.Contains(line, "welcome not sent") || !strings.Contains(line, "answer not sent") {
		t.Errorf("log: %s", line)
	}
}

// stuck never answers before it must.
type stuck struct{ inTime *atomic.Int32 } // counts the sends that began in time

func (stuck) Allowed(string) bool { return true }

func (s stuck) Send(ctx context.Context, _ connector.Target, _ []byte, _ connector.Options) connector.Outcome {
	if ctx.Err() == nil {
		s.inTime.Add(1)
	}
	<-ctx.Done()
	return connector.Outcome{Kind: connector.RetryAt, Reason: connector.Unreachable}
}

func (s stuck) Update(ctx context.Context, to connector.Target, _ string, body []byte, o connector.Options) connector.Outcome {
	return s.Send(ctx, to, body, o)
}

func (stuck) Profile(ctx context.Context, _ campaigns.Reference) (campaigns.Person, error) {
	<-ctx.Done()
	return campaigns.Person{}, ctx.Err()
}

func (stuck) Verify(ctx context.Context, _ string, _ auth.ActivityClaims) error {
	<-ctx.Done()
	return ctx.Err()
}

// refusing answers at once, with no.
type refusing struct{}

func (refusing) Allowed(string) bool { return true }

func (refusing) Send(context.Context, connector.Target, []byte, connector.Options) connector.Outcome {
	return connector.Outcome{Kind: connector.Permanent, Reason: connector.NotInstalled}
}

func (refusing) Update(context.Context, connector.Target, string, []byte, connector.Options) connector.Outcome {
	return connector.Outcome{Kind: connector.Permanent, Reason: connector.NotInstalled}
}

func (refusing) Profile(context.Context, campaigns.Reference) (campaigns.Person, error) {
	return campaigns.Person{}, errDisk
}

// believing lets everybody in, after a while.
type believing struct{ after time.Duration }

func (b believing) Verify(context.Context, string, auth.ActivityClaims) error {
	time.Sleep(b.after) // zero, but in fake time
	return nil
}

// memory is a store without a clock of its own, for fake time.
type memory struct {
	conversation.Store
	ref      campaigns.Reference
	person   campaigns.Person
	welcomed bool
	reaction string
}

func (m *memory) Reference(ctx context.Context, _, _ string) (campaigns.Reference, error) {
	if m.ref.PersonID == "" {
		return m.ref, &campaigns.Error{Code: campaigns.CodeNotFound}
	}
	m.ref.Welcomed = m.welcomed
	return m.ref, ctx.Err()
}

func (m *memory) SaveReference(ctx context.Context, r campaigns.Reference) error {
	m.ref = r
	return ctx.Err()
}

func (m *memory) FindByID(ctx context.Context, _, _ string) (campaigns.Person, error) {
	return m.person, ctx.Err()
}

func (m *memory) SavePeople(ctx context.Context, p []campaigns.Person) error {
	m.person = p[0]
	return ctx.Err()
}

func (m *memory) SaveClientZone(ctx context.Context, _, _, zone string) error {
	if _, err := time.LoadLocation(zone); err != nil {
		return err
	}
	return ctx.Err()
}

func (m *memory) ClaimWelcome(ctx context.Context, _, _ string) (bool, error) {
	first := !m.welcomed
	m.welcomed = true
	return first, ctx.Err()
}

func (m *memory) ForgetWelcome(ctx context.Context, _, _ string) error {
	if ctx.Err() == nil {
		m.welcomed = false
	}
	return ctx.Err()
}

func (m *memory) SetOptedOut(ctx context.Context, _, _ string, _ bool, _ time.Time) error {
	return ctx.Err()
}

func (m *memory) Remember(ctx context.Context, _, _ string, _ time.Time) error { return ctx.Err() }

func (m *memory) RecordRead(context.Context, campaigns.Reference, string, time.Time) error {
	return nil
}

func (m *memory) RecordAnswer(_ context.Context, _ campaigns.Reference, _, answer string, _ time.Time) (bool, error) {
	if !json.Valid([]byte(answer)) {
		return false, errors.New("an answer that is no JSON")
	}
	return true, nil
}

func (m *memory) RecordReaction(ctx context.Context, _ campaigns.Reference, _, reaction string) error {
	m.reaction = reaction
	return ctx.Err()
}

func (m *memory) RemoveReactions(ctx context.Context, _ campaigns.Reference, _ string, _ []string) error {
	m.reaction = ""
	return ctx.Err()
}

// A Connector that never answers must not hold Teams longer than it waits, and must
// not cost what there is to store.
func TestSlowConnector(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		more     map[string]any
		status   int
		verifier bot.Verifier
		sends    int32
	}{
		"installation": {map[string]any{"type": "installationUpdate", "action": "add"}, 200, believing{}, 1},
		"message":      {map[string]any{"type": "message", "text": "hi"}, 200, believing{}, 2},
		"slow keys":    {map[string]any{"type": "message", "text": "hi"}, 200, believing{5 * time.Second}, 1},
		"reaction":     {map[string]any{"type": "messageReaction", "replyToId": "1", "reactionsAdded": []any{map[string]any{"type": "like"}}}, 200, believing{}, 1},
		"no keys":      {map[string]any{"type": "message"}, 503, stuck{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, sends := &memory{}, &atomic.Int32{}
				log := slog.New(slog.DiscardHandler)
				b := &bot.Bot{
					Verifier: c.verifier, Sender: stuck{sends}, Now: time.Now, Log: log,
					Book: &conversation.Book{Store: store, Roster: stuck{}, Now: time.Now, Log: log},
				}
				a := map[string]any{
					"channelId": "msteams", "serviceUrl": "https://x.example/", "from": map[string]any{"id": "29:1", "aadObjectId": "p", "name": "P"},
					"recipient": map[string]any{"id": "28:1"}, "conversation": map[string]any{"id": "a:1", "tenantId": contoso},
				}
				for k, v := range c.more {
					a[k] = v
				}
				body, err := json.Marshal(a)
				ok(t, err)
				r := httptest.NewRequest("POST", "/api/messages", strings.NewReader(string(body)))
				r.Header.Set("Authorization", "Bearer x")
				r.Header.Set("Content-Type", "application/json")
				rec, start := httptest.NewRecorder(), time.Now()
				b.ServeHTTP(rec, r)
				if took := time.Since(start); took > 10*time.Second || rec.Code != c.status || sends.Load() != c.sends {
					t.Errorf("%d after %v, %d sends", rec.Code, took, sends.Load())
				}
				if c.status != 200 {
					return
				}
				if store.ref.State != campaigns.Installed || store.welcomed || store.person.DisplayName != "P" || name == "reaction" && store.reaction != "like" {
					t.Errorf("stored %+v", store)
				}
			})
		})
	}
}

// Teams hanging up ends nothing: what was accepted is stored.
func TestTeamsHangsUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	w.install(p)
	w.bot.Verifier = believing{}
	body, err := json.Marshal(w.installing(p, "add"))
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "POST", "/api/messages", strings.NewReader(string(body)))
	r.Header.Set("Authorization", "Bearer x")
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.bot.ServeHTTP(rec, r)
	if rec.Code != 200 {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	w.state(p, campaigns.Installed)
	w.said(p, welcomeEN)
}

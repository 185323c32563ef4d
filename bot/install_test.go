package bot_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/bot/connector"
	"herald/campaigns"
	"herald/infra/golden"
	"herald/infra/sandbox"
)

const (
	welcomeEN, welcomeFR = "Welcome to Herald", "Bienvenue dans Herald"
	helpEN, helpFR       = "Hello, I am Herald", "Bonjour, je suis Herald"
)

// added and installing are Teams' two ways to tell of one installation.
func (w *world) added(p sandbox.Person) map[string]any {
	return w.frame(p, "conversationUpdate", map[string]any{"membersAdded": []any{map[string]any{"id": "28:" + sandbox.AppID}}})
}

func (w *world) installing(p sandbox.Person, action string) map[string]any {
	return w.frame(p, "installationUpdate", map[string]any{"action": action})
}

// install gives somebody the app without telling the bot.
func (w *world) install(p sandbox.Person) {
	w.t.Helper()
	ok(w.t, w.box.SetBot("", ""))
	ok(w.t, w.box.Install(w.t.Context(), p.ID, true))
	ok(w.t, w.box.SetBot(w.url, ""))
}

// joins gives somebody the app, and tells the bot.
func (w *world) joins(index int) sandbox.Person {
	w.t.Helper()
	p := w.person(index)
	w.install(p)
	w.take(w.installing(p, "add"))
	return p
}

func (w *world) uninstall(p sandbox.Person) {
	w.t.Helper()
	ok(w.t, w.box.SetBot("", ""))
	ok(w.t, w.box.Uninstall(w.t.Context(), p.ID))
	ok(w.t, w.box.SetBot(w.url, ""))
}

// pass lets time go by, so that what follows is newer.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	ok(w.t, w.box.Advance(d))
}

func TestInstallation(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i, order := range [][]string{{"i", "c"}, {"c", "i"}, {"i", "i"}, {"c", "c"}, {"i", "c", "i", "c"}, {"u"}} {
		p := w.person(i)
		w.install(p)
		for _, kind := range order {
			switch kind {
			case "i":
				w.take(w.installing(p, "add"))
			case "u":
				w.take(w.installing(p, "add-upgrade"))
			default:
				w.take(w.added(p))
			}
		}
		if got := w.chat(p); len(got) != 1 {
			t.Errorf("%v: the bot said %q", order, got)
		}
		ref := w.reference(p)
		status, err := w.box.Status(p.ID)
		ok(t, err)
		if ref.State != campaigns.Installed || !ref.Welcomed || ref.ConversationID != status.ConversationID || ref.ServiceURL != w.box.ServiceURL() ||
			ref.UserID != p.ChannelID() || ref.BotID != "28:"+sandbox.AppID || ref.Locale != p.Locale || ref.TenantID != contoso {
			t.Errorf("%v: %+v", order, ref)
		}
		known, err := w.db.FindByID(t.Context(), contoso, p.ID)
		ok(t, err)
		if known.GivenName != p.GivenName || known.Surname != p.Surname || known.Mail != p.Mail || known.UPN != p.UPN || known.Locale != p.Locale {
			t.Errorf("%v: knows %+v, is %+v", order, known, p)
		}
	}
}

func TestInstallationAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	w.install(p)
	events := []map[string]any{w.installing(p, "add"), w.added(p), w.installing(p, "add"), w.added(p), w.frame(p, "message", map[string]any{"text": "hi"})}
	var wg sync.WaitGroup
	for range 4 {
		for _, a := range events {
			wg.Go(func() {
				if got := w.deliver(a); got.status != 200 {
					t.Errorf("%d %s", got.status, got.body)
				}
			})
		}
	}
	wg.Wait()
	cards := slices.DeleteFunc(w.sender.sent(), func(body string) bool { return !strings.Contains(body, welcomeEN) })
	if len(cards) != 1 {
		t.Errorf("%d welcome cards, want 1", len(cards))
	}
	if n := w.calls("/members/"); n != 1 {
		t.Errorf("%d look-ups of one name, want 1", n)
	}
	w.state(p, campaigns.Installed)
}

func TestWelcomeCards(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for locale, file := range map[string]string{"en-US": "welcome.en.json", "fr-FR": "welcome.fr.json", "fr": "welcome.fr.json", "fr_CA": "welcome.fr.json", "de-DE": "welcome.en.json", "frr": "welcome.en.json"} {
		a := w.installing(w.person(0), "add")
		a["locale"] = locale
		a["from"] = map[string]any{"id": "29:" + locale, "aadObjectId": "person-" + locale}
		before := len(w.sender.sent())
		w.take(a)
		cards := w.sender.sent()[before:]
		if len(cards) != 1 {
			t.Fatalf("%s: %d cards", locale, len(cards))
		}
		golden.JSON(t, "testdata/"+file, []byte(cards[0]))
	}
}

// Whoever comes back is welcomed again; an upgrade that takes the bot away and brings
// it back counts as that.
func TestRemovalAndReturn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	for i, words := range [][2]string{{"add", "remove"}, {"add-upgrade", "remove-upgrade"}, {"add", "remove"}} {
		w.install(p)
		w.take(w.installing(p, words[0]))
		w.take(w.added(p))
		w.state(p, campaigns.Installed)
		if got := w.chat(p); len(got) != i+1 {
			t.Fatalf("round %d: the bot said %q", i, got)
		}
		w.pass(time.Minute)
		w.uninstall(p)
		w.take(w.installing(p, words[1]))
		w.state(p, campaigns.Uninstalled)
		w.pass(time.Minute)
	}
}

func TestBotRemovedFromChat(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	w.take(w.frame(p, "conversationUpdate", map[string]any{"membersRemoved": []any{map[string]any{"id": "28:" + sandbox.AppID}}}))
	w.state(p, campaigns.Uninstalled)
}

func TestPersonLeavesTenant(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, other := w.person(0), w.person(1)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	ok(t, w.box.Install(t.Context(), other.ID, false))
	// Leaving a team or a group chat is not leaving the tenant.
	for _, kind := range []string{"channel", "groupChat"} {
		w.take(w.frame(p, "conversationUpdate", map[string]any{
			"conversation":   map[string]any{"id": "19:x@thread.tacv2", "conversationType": kind, "isGroup": true, "tenantId": contoso},
			"membersRemoved": []any{map[string]any{"id": p.ChannelID(), "aadObjectId": p.ID}},
		}))
		w.state(p, campaigns.Installed)
	}
	ok(t, w.box.RemovePerson(t.Context(), p.ID))
	w.state(p, campaigns.Uninstalled)
	w.state(other, campaigns.Installed)
}

func TestGroupsAreIgnored(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	for _, kind := range []string{"channel", "groupChat"} {
		for _, a := range []map[string]any{
			w.installing(p, "add"), w.added(p), w.installing(p, "remove"),
			w.frame(p, "message", map[string]any{"text": "hi"}), w.frame(p, "message", map[string]any{"value": map[string]any{"x": 1}, "replyToId": "1"}),
			w.frame(p, "messageReaction", map[string]any{"replyToId": "1", "reactionsAdded": []any{map[string]any{"type": "like"}}}),
			w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": "1"}), w.frame(p, "whatever", nil),
		} {
			a = maps.Clone(a)
			a["conversation"] = map[string]any{"id": "19:x@thread.tacv2", "conversationType": kind, "isGroup": true, "tenantId": contoso}
			w.take(a)
		}
	}
	w.nothing(p)
}

// Teams repeats what was not answered: what happened since counts more.
func TestLateActivities(t *testing.T) {
	t.Parallel()
	w := setup(t)

	t.Run("an addition after the removal", func(t *testing.T) {
		p := w.person(0)
		w.install(p)
		add, twin := w.installing(p, "add"), w.added(p)
		w.take(add)
		w.pass(10 * time.Second)
		w.uninstall(p)
		remove := w.installing(p, "remove")
		w.take(remove)
		w.pass(10 * time.Second)
		before := len(w.sender.sent())
		w.take(twin)
		w.take(add)
		w.state(p, campaigns.Uninstalled)
		if n := len(w.sender.sent()); n != before {
			t.Errorf("%d messages to somebody without the app", n-before)
		}

		w.install(p)
		w.take(w.installing(p, "add"))
		w.take(remove) // late in its turn
		w.take(w.added(p))
		w.state(p, campaigns.Installed)
		w.said(p, welcomeEN, welcomeEN)
	})

	t.Run("an addition whose removal came first", func(t *testing.T) {
		p := w.person(1)
		w.install(p)
		add := w.installing(p, "add")
		w.pass(10 * time.Second)
		w.uninstall(p)
		w.take(w.installing(p, "remove"))
		w.take(add)
		w.state(p, campaigns.Uninstalled)
	})

	t.Run("a time to come is no time", func(t *testing.T) {
		p := w.person(2)
		ok(t, w.box.Install(t.Context(), p.ID, false))
		w.take(w.frame(p, "message", map[string]any{"text": "hi", "timestamp": w.box.Now().Add(24 * time.Hour).Format(time.RFC3339)}))
		w.pass(time.Minute)
		ok(t, w.box.Uninstall(t.Context(), p.ID))
		w.state(p, campaigns.Uninstalled)
	})

	t.Run("back after a removal that nobody told of", func(t *testing.T) {
		p := w.person(4)
		ok(t, w.box.Install(t.Context(), p.ID, false))
		w.pass(time.Minute)
		w.uninstall(p)
		out := w.messenger().Send(t.Context(), w.reference(p), []byte(`{"type":"message","text":"news"}`), "")
		if out.Reference == nil || out.Reference.State != campaigns.Uninstalled {
			t.Fatalf("%+v", out)
		}
		ok(t, w.db.SaveReference(t.Context(), *out.Reference))
		w.pass(time.Minute)
		ok(t, w.box.Install(t.Context(), p.ID, false))
		w.said(p, welcomeFR, welcomeFR)
	})
}

// A welcome that Teams certainly did not get is sent with the next activity; one that
// it may have got is not.
func TestWelcomeThatFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		outcome connector.Outcome
		again   bool
	}{
		{"throttled", connector.Outcome{Kind: connector.RetryAt, Reason: connector.Throttled, Status: 429}, true},
		{"unreachable", connector.Outcome{Kind: connector.RetryAt, Reason: connector.Unreachable}, true},
		{"chat not there yet", connector.Outcome{Kind: connector.ConversationGone, Reason: connector.ConversationLost, Status: 404}, true},
		{"answer lost", connector.Outcome{Kind: connector.RetryAt, Reason: connector.Unreachable, Ambiguous: true}, false},
		{"gateway", connector.Outcome{Kind: connector.RetryAt, Reason: connector.ServiceError, Status: 502, Ambiguous: true}, false},
		{"service error", connector.Outcome{Kind: connector.Permanent, Reason: connector.ServiceError, Status: 500}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.sender.answer = func(n int) (connector.Outcome, bool) { return c.outcome, n == 1 }
			p := w.joins(0)
			w.state(p, campaigns.Installed)
			w.said(p)
			w.take(w.frame(p, "messageReaction", map[string]any{"replyToId": "1", "reactionsAdded": []any{map[string]any{"type": "like"}}}))
			w.take(w.added(p))
			if c.again {
				w.said(p, welcomeEN)
			} else {
				w.said(p)
			}
		})
	}
}

package bot_test

import (
	"strings"
	"testing"
	"time"

	"herald/bot"
	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/schedule"
	"herald/infra/sandbox"
)

// within sends a person the message of a timed campaign, and returns its id. It is 10:20 of a Thursday in New York then, where they live.
func (w *world) within(p sandbox.Person, f message.Format) (card string) {
	w.t.Helper()
	ctx := w.t.Context()
	ok(w.t, w.box.Advance(time.Date(2027, 1, 7, 15, 20, 0, 0, time.UTC).Sub(w.box.Now())))
	now := w.box.Now()
	win := campaigns.Window{Presence: campaigns.Regardless, Unknown: campaigns.SendUnknown, Window: schedule.Window{FirstDay: schedule.DayOf(now), Days: 1, TimeZone: "Europe/Paris"}}
	for d := time.Monday; d <= time.Friday; d++ {
		win.Hours[d] = []schedule.Span{{From: 8 * 60, To: 17 * 60}}
	}
	c := &campaigns.Campaign{TenantID: p.TenantID, ID: "c", Name: "C", Format: f, Content: message.Content{Text: "Hello [FIRSTNAME]"}, Audience: campaigns.Audience{All: true}, Status: campaigns.Draft, CreatedAt: now, UpdatedAt: now, Version: 1}
	if f == message.Survey {
		ok(w.t, w.db.CreateSurvey(ctx, &campaigns.Survey{TenantID: p.TenantID, ID: "s", Name: "S", Definition: quiet, Version: 1, CreatedAt: now, UpdatedAt: now}))
		c.Content = message.Content{SurveyID: "s"}
	}
	ok(w.t, w.db.CreateCampaign(ctx, c))
	_, err := w.db.ScheduleWithin(ctx, c.Key(), 0, win, now, now)
	ok(w.t, err)
	_, plan, err := w.db.Begin(ctx, c.Key(), now)
	ok(w.t, err)
	ok(w.t, w.db.WritePage(ctx, c.Key(), plan, delivery.Plan{Cursor: "end", Done: true}, []delivery.Planned{{Recipient: p.ID, PersonID: p.ID, Email: p.UPN, DisplayName: p.DisplayName, Status: campaigns.DeliveryPending, DueAt: now}}, now))
	_, plan, err = w.db.Begin(ctx, c.Key(), now)
	ok(w.t, err)
	ok(w.t, w.db.PlacePage(ctx, c.Key(), plan, delivery.Plan{Cursor: delivery.Placing + "end", Done: true}, []delivery.Placed{{Seq: 1, At: now}}, now))
	return w.delivered(p, delivery.Ref{Key: c.Key(), Seq: 1})
}

func postponing(w *world) { w.bot.Later = w.bot.Surveys.(*campaigns.Service) }

// met has a person who reads a language install the app.
func (w *world) met(n int, locale string) sandbox.Person {
	w.t.Helper()
	p := w.joins(n)
	ref := w.reference(p)
	ref.Locale, ref.UpdatedAt = locale, w.box.Now()
	ok(w.t, w.db.SaveReference(w.t.Context(), ref))
	ok(w.t, w.db.SavePeople(w.t.Context(), []campaigns.Person{{TenantID: p.TenantID, ID: p.ID, UPN: p.UPN}}))
	ok(w.t, w.db.SaveMailboxZones(w.t.Context(), p.TenantID, map[string]string{p.ID: "America/New_York"}, w.box.Now()))
	return p
}

// A test shows the button, and says that nothing comes of it.
func TestNotNowOnATest(t *testing.T) {
	t.Parallel()
	w := setup(t, postponing)
	p := w.met(1, "fr-FR")
	card := w.within(p, message.Idea) // any card: what is pressed is what a test has
	press := w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": card, "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "herald.later.hour", "data": map[string]any{"herald": map[string]any{"later": 1, "campaign": message.TriedCampaign, "when": "hour"}}}}})
	if got := w.deliver(press).body; !strings.Contains(got, "Ceci est un essai") {
		t.Errorf("it says %s", got)
	}
	if shows := w.looks(p, card); !strings.Contains(shows, "Hello") {
		t.Errorf("it shows %s", shows)
	}
}

// A card whose message does not come back says why, in its reader's language, and promises nothing any more.
func TestCardOfAMessageThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	w := setup(t, postponing)
	p := w.met(1, "fr-FR")
	card := w.within(p, message.Idea)
	w.submit(p, card, "herald.later.hour", nil)
	m := &bot.Messenger{Client: w.client}
	for why, want := range map[campaigns.Reason]string{
		campaigns.StoppedByAuthor: "il a été retiré", campaigns.AnsweredBefore: "déjà répondu", campaigns.ClosedSurvey: "n’accepte plus de réponses",
		campaigns.OptedOut: "que l’obligatoire", campaigns.Unconfirmed: "n’a pas pu revenir",
	} {
		m.GivenUp(t.Context(), w.reference(p), card, why)
		if shows := w.looks(p, card); !strings.Contains(shows, want) || strings.Contains(shows, "reviendra aujourd’hui") || strings.Contains(shows, "L’afficher maintenant") {
			t.Errorf("%s: it shows %s", why, shows)
		}
	}
}

// A card's button: the card is replaced for good, comes back, and knows when it may not any more.
func TestNotNowOnACard(t *testing.T) {
	t.Parallel()
	w := setup(t, postponing)
	p := w.met(1, "fr-FR")
	card := w.within(p, message.Idea)
	if shows := w.looks(p, card); !strings.Contains(shows, "Plus tard") || !strings.Contains(shows, "Dans une heure") {
		t.Fatalf("sent %s", shows)
	}
	said := len(w.chat(p))
	if r := w.submit(p, card, "herald.later.hour", nil); r.Applied != "card" {
		t.Errorf("pressed: %+v", r)
	}
	if shows := w.looks(p, card); !strings.Contains(shows, "Ce message reviendra aujourd’hui à 11:20.") || strings.Contains(shows, "Hello") || !strings.Contains(shows, "L’afficher maintenant") {
		t.Errorf("it shows %s", shows)
	}
	// An old card elsewhere says the same.
	again := w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": card, "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "herald.later.tomorrow", "data": map[string]any{"herald": map[string]any{"later": 1, "campaign": "c", "when": "tomorrow"}}}}})
	if got := w.deliver(again).body; !strings.Contains(got, "aujourd’hui à 11:20") {
		t.Errorf("again: %s", got)
	}
	w.submit(p, card, "herald.later.now", nil)
	if shows := w.looks(p, card); !strings.Contains(shows, "Il arrive dans un instant.") || strings.Contains(shows, "L’afficher maintenant") {
		t.Errorf("shown now: %s", shows)
	}
	k := campaigns.Key{TenantID: p.TenantID, CampaignID: "c"}
	second := w.delivered(p, delivery.Ref{Key: k, Seq: 1, Return: 1})
	m := &bot.Messenger{Client: w.client}
	m.CameBack(t.Context(), w.reference(p), card)
	if shows := w.looks(p, card); !strings.Contains(shows, "Ce message est revenu plus bas.") {
		t.Errorf("in its place: %s", shows)
	}
	w.submit(p, second, "herald.later.tomorrow", nil)
	if shows := w.looks(p, second); !strings.Contains(shows, "Ce message reviendra demain à 09:0") {
		t.Errorf("tomorrow: %s", shows)
	}
	w.delivered(p, delivery.Ref{Key: k, Seq: 1, Return: 2})
	ok(t, w.box.Advance(24*time.Hour)) // a Friday
	items, err := w.box.Chat(p.ID)
	ok(t, err)
	newest := items[len(items)-1].ID
	w.submit(p, newest, "herald.later.tomorrow", nil)
	third := w.looks(p, newest)
	if !strings.Contains(third, "Ce message reviendra lundi 11 janvier à 09:0") || !strings.Contains(third, "Ce sera la dernière fois") {
		t.Errorf("a third time: %s", third)
	}
	last := w.delivered(p, delivery.Ref{Key: k, Seq: 1, Return: 3})
	if r := w.submit(p, last, "herald.later.hour", nil); r.Applied != "message" || !strings.Contains(w.looks(p, last), "déjà revenu trois fois") || !strings.Contains(w.looks(p, last), "Hello") {
		t.Errorf("a fourth time: %+v, %s", r, w.looks(p, last))
	}
	if got := w.chat(p); len(got) != said+3 {
		t.Errorf("the bot said besides: %q", got)
	}
	ok(t, w.db.DeleteCampaign(t.Context(), k, w.box.Now()))
	if r := w.submit(p, last, "herald.later.hour", nil); !strings.Contains(w.looks(p, last), "il a été retiré") {
		t.Errorf("deleted: %+v, %s", r, w.looks(p, last))
	}
}

// A survey comes back as it came, and is answered then; once it is begun, or when it would be closed by then, it stays.
func TestNotNowOnASurvey(t *testing.T) {
	t.Parallel()
	w := setup(t, postponing)
	p := w.met(1, "fr-FR")
	card := w.within(p, message.Survey)
	end := w.box.Now().Add(30 * time.Minute)
	ok(t, w.db.CloseSurvey(t.Context(), p.TenantID, "s", w.box.Now()))
	ok(t, w.db.ReopenSurvey(t.Context(), p.TenantID, "s", &end, w.box.Now()))
	if r := w.submit(p, card, "herald.later.hour", nil); r.Applied != "message" || !strings.Contains(w.looks(p, card), "se termine aujourd’hui à 10:50") || !strings.Contains(w.looks(p, card), "Is it quiet?") {
		t.Errorf("it closes before: %+v, %s", r, w.looks(p, card))
	}
	ok(t, w.db.ReopenSurvey(t.Context(), p.TenantID, "s", nil, w.box.Now()))
	w.submit(p, card, "herald.later.hour", nil)
	if shows := w.looks(p, card); !strings.Contains(shows, "Ce message reviendra aujourd’hui à 11:20.") || strings.Contains(shows, "Is it quiet?") {
		t.Errorf("it shows %s", shows)
	}
	back := w.delivered(p, delivery.Ref{Key: campaigns.Key{TenantID: p.TenantID, CampaignID: "c"}, Seq: 1, Return: 1})
	w.submit(p, back, "herald.survey.answer", map[string]any{"q1": "no"})
	if shows := w.looks(p, back); !strings.Contains(shows, "Why not?") || strings.Contains(shows, "herald.later") {
		t.Errorf("half way: %s", shows)
	}
	w.submit(p, back, "herald.survey.answer", map[string]any{"q2": "later"})
	if got := w.answers(); len(got) != 1 || got[0] != `{"q1":"no","q2":"later"}` {
		t.Errorf("answers %q", got)
	}
	w.take(w.frame(p, "message", map[string]any{"text": "not now", "locale": "en-US"}))
	if got := w.chat(p); !strings.Contains(got[len(got)-1], "nothing of the last 24 hours") {
		t.Errorf("answered: %q", got[len(got)-1])
	}
	// The small card that another client still shows.
	now := w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": card, "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "herald.later.now", "data": map[string]any{"herald": map[string]any{"later": 1, "campaign": "c", "when": ""}}}}})
	if got := w.deliver(now).body; !strings.Contains(got, "Vous avez déjà répondu à cette enquête.") {
		t.Errorf("pressed after the answer: %s", got)
	}
}

// A word does for messages that are no cards, and clients that know no Action.Execute send a message.
func TestNotNowInAWord(t *testing.T) {
	t.Parallel()
	w := setup(t, postponing)
	p, other := w.met(1, "en-US"), w.met(2, "en-US")
	write := func(p sandbox.Person, text, locale string) string {
		t.Helper()
		w.take(w.frame(p, "message", map[string]any{"text": text, "locale": locale}))
		items, err := w.box.Chat(p.ID)
		ok(t, err)
		return string(items[len(items)-1].Activity)
	}
	if got := write(p, "not now", "en-US"); !strings.Contains(got, "nothing of the last 24 hours") {
		t.Errorf("before anything was sent: %s", got)
	}
	message := w.within(p, message.Message)
	if shows := w.looks(p, message); strings.Contains(shows, "herald.later") {
		t.Errorf("a chat message with buttons: %s", shows)
	}
	if got := write(other, "later", "en-US"); !strings.Contains(got, "nothing of the last 24 hours") {
		t.Errorf("somebody else: %s", got)
	}
	for _, c := range []struct{ text, locale, want string }{{"Later!", "en-US", "This afternoon"}, {"Plus tard…", "fr-FR", "Cet après-midi"}, {"pas  maintenant", "fr-FR", "Demain"}, {"not now", "en-US", "In an hour"}} {
		if got := write(p, c.text, c.locale); !strings.Contains(got, c.want) {
			t.Errorf("%q: %s", c.text, got)
		}
	}
	items, err := w.box.Chat(p.ID)
	ok(t, err)
	card := items[len(items)-1].ID
	w.take(w.frame(p, "message", map[string]any{"locale": "en-US", "replyToId": card, "value": map[string]any{"herald": map[string]any{"later": 1, "campaign": "c", "when": "afternoon"}}}))
	if shows := w.looks(p, card); !strings.Contains(shows, "This message will come back today at 14:0") {
		t.Errorf("the choices became %s", shows)
	}
	if shows := w.looks(p, message); !strings.Contains(shows, "Hello") {
		t.Errorf("the message became %s", shows)
	}
	said := len(w.chat(p))
	for _, data := range []map[string]any{{"later": 1, "campaign": "c", "when": "never"}, {"later": 1, "campaign": "another", "when": "hour"}} {
		w.take(w.frame(p, "message", map[string]any{"locale": "en-US", "replyToId": card, "value": map[string]any{"herald": data}}))
	}
	if got := w.chat(p)[said:]; len(got) != 1 || !strings.Contains(got[0], "withdrawn") { // the first finds what waits already
		t.Errorf("forged presses: %q", got)
	}
	ok(t, w.box.Advance(25*time.Hour))
	if got := write(p, "not now", "en-US"); !strings.Contains(got, "nothing of the last 24 hours") {
		t.Errorf("a day later: %s", got)
	}
}

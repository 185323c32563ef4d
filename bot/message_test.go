package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"herald/bot"
	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/infra/sandbox"
)

func (w *world) messenger() *bot.Messenger {
	return &bot.Messenger{Client: w.client, BotID: "28:" + sandbox.AppID, ServiceURL: w.box.ServiceURL(), Now: w.box.Now}
}

// campaigns sends a person bodies, each in a campaign of its own, and keeps the ledger of them.
func (w *world) campaigns(p sandbox.Person, bodies ...string) (ks []campaigns.Key, ids []string) {
	w.t.Helper()
	ctx, now := w.t.Context(), w.box.Now()
	for i, body := range bodies {
		c := &campaigns.Campaign{
			TenantID: contoso, ID: fmt.Sprint("c-", p.ID, i), Name: "News", Format: message.Card, Status: campaigns.Draft, CreatedAt: now, UpdatedAt: now, Version: 1,
			Content: message.Content{Text: "x"}, Audience: campaigns.Audience{Emails: []string{p.Mail}}, CreatedBy: campaigns.Author{ID: "ann"},
		}
		ok(w.t, w.db.CreateCampaign(ctx, c))
		k := c.Key()
		_, err := w.db.ScheduleCampaign(ctx, k, 0, now, now)
		ok(w.t, err)
		_, plan, err := w.db.Begin(ctx, k, now)
		ok(w.t, err)
		page := []delivery.Planned{{Recipient: p.ID, PersonID: p.ID, Email: p.Mail, DisplayName: p.DisplayName, Status: campaigns.DeliveryPending, DueAt: now}}
		ok(w.t, w.db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, page, now))
		attempts, err := w.db.BeginAttempts(ctx, []delivery.Ref{{Key: k, Seq: 1}}, nil, now.Add(-time.Hour), now, now)
		ok(w.t, err)
		out := w.messenger().Send(ctx, attempts[0].Reference, []byte(body), "")
		if out.Kind != campaigns.OutcomeSent {
			w.t.Fatalf("%+v", out)
		}
		_, err = w.db.Record(ctx, []delivery.Result{{Ref: attempts[0].Ref, Number: 1, Status: campaigns.DeliverySent, At: now, ActivityID: out.ActivityID, ConversationID: attempts[0].Reference.ConversationID}})
		ok(w.t, err)
		ks, ids = append(ks, k), append(ids, out.ActivityID)
	}
	return ks, ids
}

// recipients are the one recipient of each campaign.
func (w *world) recipients(ks []campaigns.Key) []campaigns.Recipient {
	w.t.Helper()
	var all []campaigns.Recipient
	for _, k := range ks {
		items, _, err := w.db.Recipients(w.t.Context(), k, campaigns.RecipientFilter{Limit: 100})
		ok(w.t, err)
		all = append(all, items...)
	}
	return all
}

func cardWith(action string) string {
	return `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","version":"1.5",
		"body":[{"type":"Input.Text","id":"dish","isMultiline":true}],"actions":[{"type":"` + action + `","title":"Order","verb":"order","data":{"menu":1}}]}}]}`
}

func TestMessages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	english, french := w.person(0), w.person(1)
	for p, want := range map[*sandbox.Person][2]string{&english: {welcomeEN, helpEN}, &french: {welcomeFR, helpFR}} {
		ok(t, w.box.Install(t.Context(), p.ID, false))
		said := []string{want[0]}
		// The manifest's commands are among what people write.
		for _, text := range []string{"help", "aide", "Help", "what is this?", "<at>Herald</at> help"} {
			_, err := w.box.Say(t.Context(), p.ID, text)
			ok(t, err)
			said = append(said, want[1])
		}
		w.said(*p, said...)
	}
	for p, stop := range map[*sandbox.Person]string{&english: "uninstall or block", &french: "désinstallez ou bloquez"} {
		if chat := w.chat(*p); !strings.Contains(chat[len(chat)-1], stop) {
			t.Errorf("help does not say how to stop it: %q", chat[len(chat)-1])
		}
	}
	// An activity without a language is answered in the one known.
	w.take(w.frame(french, "message", map[string]any{"text": "?", "locale": nil, "entities": nil}))
	if chat := w.chat(french); !strings.Contains(chat[len(chat)-1], helpFR) {
		t.Errorf("without a locale: %q", chat[len(chat)-1])
	}
	if n := w.calls("/members/"); n != 2 {
		t.Errorf("%d look-ups of two names", n)
	}
}

// Somebody of whom Teams knows no given name is not looked up again and again.
func TestNamesAreLookedUpOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Refuse(p.ID, sandbox.Refusal{Status: 404, Code: "MemberNotFoundInConversation", Operation: "members"}))
	ok(t, w.box.Install(t.Context(), p.ID, false))
	for range 3 {
		_, err := w.box.Say(t.Context(), p.ID, "hi")
		ok(t, err)
	}
	if n := w.calls("/members/"); n != 1 {
		t.Errorf("%d look-ups within a minute, want 1", n)
	}
	known, err := w.db.FindByID(t.Context(), contoso, p.ID)
	if err != nil || known.DisplayName != p.DisplayName || known.Mail != "" {
		t.Errorf("%+v, %v", known, err)
	}
	ok(t, w.box.Refuse(p.ID))
	w.pass(2 * time.Minute)
	for range 3 {
		_, err := w.box.Say(t.Context(), p.ID, "hi")
		ok(t, err)
	}
	if n := w.calls("/members/"); n != 2 {
		t.Errorf("%d look-ups, want 2", n)
	}
	if known, err = w.db.FindByID(t.Context(), contoso, p.ID); err != nil || known.GivenName != p.GivenName || known.Mail != p.Mail {
		t.Errorf("%+v, %v", known, err)
	}
}

func TestReferenceIsRefreshed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	w.pass(time.Minute)
	ok(t, w.box.Block(p.ID))
	out := w.messenger().Send(t.Context(), w.reference(p), []byte(`{"type":"message","text":"news"}`), "")
	if out.Reason != campaigns.BlockedByUser || out.Reference == nil {
		t.Fatalf("%+v", out)
	}
	ok(t, w.db.SaveReference(t.Context(), *out.Reference))
	w.state(p, campaigns.Blocked)

	w.pass(time.Minute)
	ok(t, w.box.Unblock(p.ID))
	elsewhere := strings.TrimSuffix(w.box.ServiceURL(), "/") + "/emea/"
	w.take(w.frame(p, "message", map[string]any{
		"text": "hi", "serviceUrl": elsewhere,
		"conversation": map[string]any{"id": "a:new", "conversationType": "personal", "tenantId": contoso},
	}))
	if ref := w.reference(p); ref.State != campaigns.Installed || ref.ServiceURL != elsewhere || ref.ConversationID != "a:new" || !ref.Welcomed {
		t.Errorf("%+v", ref)
	}
	if sent := w.sender.sent(); len(sent) != 2 { // welcome, help: the block was no removal
		t.Errorf("sent %q", sent)
	}
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(1)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	ks, ids := w.campaigns(p, cardWith("Action.Submit"))
	if _, err := w.box.Submit(t.Context(), p.ID, sandbox.SubmitRequest{ActivityID: ids[0], Inputs: map[string]any{"dish": "Soup"}}); err != nil {
		t.Fatal(err)
	}
	if r := w.recipients(ks)[0]; r.AnsweredAt == nil {
		t.Errorf("not answered: %+v", r)
	}
	chat := w.chat(p)
	if len(chat) != 3 || !strings.Contains(chat[2], "Merci") {
		t.Errorf("chat %q", chat)
	}
	for name, c := range map[string]struct {
		more map[string]any
		want string
	}{
		"unknown card":   {map[string]any{"replyToId": "1", "value": map[string]any{"a": 1}}, "n’accepte plus de réponse"},
		"no card":        {map[string]any{"value": map[string]any{"a": 1}}, "n’accepte plus de réponse"},
		"too long":       {map[string]any{"replyToId": ids[0], "value": strings.Repeat("x", 40<<10)}, "trop longue"},
		"value is null":  {map[string]any{"replyToId": ids[0], "value": json.RawMessage("null")}, helpFR},
		"value is false": {map[string]any{"replyToId": ids[0], "value": false}, "Merci"},
	} {
		w.take(w.frame(p, "message", c.more))
		if chat := w.chat(p); !strings.Contains(chat[len(chat)-1], c.want) {
			t.Errorf("%s: %q", name, chat[len(chat)-1])
		}
	}
	// 1 MB is more than any activity of Teams'.
	if got := w.deliver(w.frame(p, "message", map[string]any{"replyToId": ids[0], "value": strings.Repeat("x", 1<<20)})); got.status != 413 {
		t.Errorf("1 MB: %d %s", got.status, got.body)
	}
	// Somebody else's chat is not this person's, although the card's id is.
	other := w.person(0)
	ok(t, w.box.Install(t.Context(), other.ID, false))
	w.take(w.frame(other, "message", map[string]any{"replyToId": ids[0], "value": map[string]any{"a": 1}}))
	if chat := w.chat(other); !strings.Contains(chat[len(chat)-1], "no longer takes answers") {
		t.Errorf("another's card: %q", chat)
	}
}

func TestExecute(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	ks, ids := w.campaigns(p, cardWith("Action.Execute"), cardWith("Action.Execute"))
	before := len(w.sender.sent())
	got, err := w.box.Submit(t.Context(), p.ID, sandbox.SubmitRequest{ActivityID: ids[0], Inputs: map[string]any{"dish": "Soup"}})
	if err != nil || got.Status != 200 || got.Applied != "message" {
		t.Fatalf("%+v, %v", got, err)
	}
	if r := w.recipients(ks); r[0].AnsweredAt == nil || r[1].AnsweredAt != nil {
		t.Errorf("%+v", r)
	}
	action := func(kind string, data any) map[string]any {
		return map[string]any{"action": map[string]any{"type": kind, "id": "1", "verb": "order", "data": data}, "trigger": "manual"}
	}
	const thanks = `{"statusCode":200,"type":"application/vnd.microsoft.activity.message","value":"Thank you, your answer has arrived."}`
	const outdated = `{"statusCode":200,"type":"application/vnd.microsoft.activity.message","value":"This message no longer takes answers."}`
	const wrong = `{"statusCode":400,"type":"application/vnd.microsoft.error","value":{"code":"BadRequest","message":"The card's button was not understood."}}`
	const tooLong = `{"statusCode":400,"type":"application/vnd.microsoft.error","value":{"code":"BadRequest","message":"Your answer is too long. Please shorten it and send it again."}}`
	for _, c := range []struct {
		name  string
		card  string
		value any
		want  string
	}{
		{"good", ids[0], action("Action.Execute", map[string]any{"dish": "Soup"}), thanks},
		{"without data", ids[1], action("Action.Execute", nil), thanks},
		{"unknown card", "1", action("Action.Execute", map[string]any{}), outdated},
		{"no card", "", action("Action.Execute", map[string]any{}), outdated},
		{"wrong type", ids[0], action("Action.Submit", map[string]any{}), wrong},
		{"no action", ids[0], map[string]any{}, wrong},
		{"no value", ids[0], nil, wrong},
		{"value is an array", ids[0], []any{1}, wrong},
		{"action is an array", ids[0], map[string]any{"action": []any{}}, wrong},
		{"too long", ids[0], action("Action.Execute", map[string]any{"dish": strings.Repeat("x", 40<<10)}), tooLong},
	} {
		got := w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": c.card, "value": c.value}))
		if got.status != 200 || strings.TrimSpace(got.body) != c.want || got.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s, want %s", c.name, got.status, got.body, c.want)
		}
	}
	if got := w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "value": action("Action.Execute", strings.Repeat("x", 1<<20))})); got.status != 413 {
		t.Errorf("1 MB: %d %s", got.status, got.body)
	}
	if got := w.deliver(w.frame(p, "invoke", map[string]any{"name": "composeExtension/query"})); got.status != 200 || strings.TrimSpace(got.body) != "{}" {
		t.Errorf("another invoke: %d %s", got.status, got.body)
	}
	if sent := w.sender.sent(); len(sent) != before {
		t.Errorf("an invoke is answered, not written to: %q", sent[before:])
	}
}

func TestReactions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	ks, ids := w.campaigns(p, `{"type":"message","text":"news"}`)
	react := func(more map[string]any) map[string]any {
		more["replyToId"] = ids[0]
		return w.frame(p, "messageReaction", more)
	}
	list := func(kinds ...string) (out []any) {
		for _, k := range kinds {
			out = append(out, map[string]any{"type": k})
		}
		return out
	}
	for _, c := range []struct {
		more map[string]any
		want string
	}{
		{map[string]any{"reactionsAdded": list("like")}, "like"},
		{map[string]any{"reactionsAdded": list("laugh", "heart")}, "heart"},
		{map[string]any{}, "heart"},
		{map[string]any{"reactionsAdded": list(strings.Repeat("x", 65))}, "other"},
		{map[string]any{"reactionsAdded": list("1f44b_wavinghand-tone4"), "reactionsRemoved": list("heart")}, "1f44b_wavinghand-tone4"},
		{map[string]any{"reactionsRemoved": list("heart")}, "1f44b_wavinghand-tone4"}, // told once more, or late: another one has its place
		{map[string]any{"reactionsRemoved": list("sad", "1f44b_wavinghand-tone4")}, ""},
	} {
		w.take(react(c.more))
		if got := w.recipients(ks)[0].Reaction; got != c.want {
			t.Errorf("after %v: %q, want %q", c.more, got, c.want)
		}
	}
	ok(t, w.box.React(t.Context(), p.ID, ids[0], "like", false))
	w.take(w.frame(p, "messageReaction", map[string]any{"reactionsRemoved": list("like")})) // of no message
	if got := w.recipients(ks)[0].Reaction; got != "like" {
		t.Errorf("reaction %q", got)
	}
}

func TestReadReceipts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	text := `{"type":"message","text":"news"}`
	ks, ids := w.campaigns(p, text, text, text)
	for _, value := range []any{nil, map[string]any{}, map[string]any{"lastReadMessageId": ""}, map[string]any{"lastReadMessageId": 7}, "x", map[string]any{"lastReadMessageId": "1"}} {
		w.take(w.frame(p, "event", map[string]any{"name": "application/vnd.microsoft.readReceipt", "value": value}))
	}
	w.take(w.frame(p, "event", map[string]any{"name": "other", "value": map[string]any{"lastReadMessageId": ids[2]}}))
	for i, r := range w.recipients(ks) {
		if r.ReadAt != nil {
			t.Errorf("message %d is read already", i)
		}
	}
	ok(t, w.box.Read(t.Context(), p.ID, ids[1]))
	for i, r := range w.recipients(ks) {
		if (r.ReadAt != nil) != (i < 2) {
			t.Errorf("message %d read: %v", i, r.ReadAt)
		}
	}
}

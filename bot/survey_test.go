package bot_test

import (
	"encoding/json"
	"strings"
	"testing"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/survey"
	"herald/infra/sandbox"
)

// surveyed sends a person the card of a campaign that asks d, and returns the message's id.
func (w *world) surveyed(p sandbox.Person, d survey.Definition) (card string) {
	w.t.Helper()
	ctx, now := w.t.Context(), w.box.Now()
	ok(w.t, w.db.CreateSurvey(ctx, &campaigns.Survey{TenantID: p.TenantID, ID: "s", Name: "S", Definition: d, Version: 1, CreatedAt: now, UpdatedAt: now}))
	c := &campaigns.Campaign{TenantID: p.TenantID, ID: "c", Name: "C", Format: message.Survey, Content: message.Content{SurveyID: "s"}, Audience: campaigns.Audience{All: true}, Status: campaigns.Draft, CreatedAt: now, UpdatedAt: now, Version: 1}
	ok(w.t, w.db.CreateCampaign(ctx, c))
	_, err := w.db.ScheduleCampaign(ctx, c.Key(), 0, now, now)
	ok(w.t, err)
	_, plan, err := w.db.Begin(ctx, c.Key(), now)
	ok(w.t, err)
	ok(w.t, w.db.WritePage(ctx, c.Key(), plan, delivery.Plan{Cursor: "end", Done: true}, []delivery.Planned{{Recipient: p.ID, PersonID: p.ID, Email: p.UPN, DisplayName: p.DisplayName, Status: campaigns.DeliveryPending, DueAt: now}}, now))
	return w.delivered(p, delivery.Ref{Key: c.Key(), Seq: 1})
}

// submit presses a button of a card as the person sees it.
func (w *world) submit(p sandbox.Person, card, action string, inputs map[string]any) sandbox.SubmitResult {
	w.t.Helper()
	r, err := w.box.Submit(w.t.Context(), p.ID, sandbox.SubmitRequest{ActivityID: card, Action: action, Inputs: inputs, Force: true})
	ok(w.t, err)
	return r
}

// looks is a message of a chat as it is now.
func (w *world) looks(p sandbox.Person, card string) string {
	w.t.Helper()
	items, err := w.box.Chat(p.ID)
	ok(w.t, err)
	for _, item := range items {
		if item.ID == card {
			return item.Notice + string(item.Activity)
		}
	}
	w.t.Fatalf("no message %s", card)
	return ""
}

func (w *world) answers() (out []string) {
	w.t.Helper()
	ok(w.t, w.db.Respondents(w.t.Context(), campaigns.Key{TenantID: contoso, CampaignID: "c"}, campaigns.ResponseFilter{}, func(r campaigns.Respondent) error {
		b, err := json.Marshal(r.Response.Answers)
		out = append(out, string(b))
		return err
	}))
	return out
}

var quiet = survey.Definition{Intro: "Hello [FIRSTNAME]", Thanks: "See you, [FIRSTNAME]", AllowChange: true, Questions: []survey.Question{
	{ID: "q1", Type: survey.YesNo, Text: "Is it quiet?", Required: true, Branch: []survey.Branch{{Option: "yes", To: survey.End}}}, {ID: "q2", Type: survey.Text, Text: "Why not?"},
}}

func TestSurveyByExecute(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.joins(1)
	card := w.surveyed(p, quiet)
	said := len(w.chat(p))
	if shows := w.looks(p, card); !strings.Contains(shows, "Hello "+p.GivenName) || !strings.Contains(shows, `"userIds":["`+p.ChannelID()+`"]`) {
		t.Fatalf("sent %s", shows)
	}
	if r := w.submit(p, card, "herald.survey.answer", nil); r.Applied != "card" || !strings.Contains(w.looks(p, card), "Is it quiet?") {
		t.Errorf("without an answer: %s, %s", r.Applied, w.looks(p, card))
	}
	w.submit(p, card, "herald.survey.answer", map[string]any{"q1": "no"})
	if shows := w.looks(p, card); !strings.Contains(shows, "Why not?") {
		t.Errorf("the next card: %s", shows)
	}
	w.submit(p, card, "herald.survey.back", nil)
	w.submit(p, card, "herald.survey.answer", map[string]any{"q1": "yes"})
	if shows := w.looks(p, card); !strings.Contains(shows, "See you, "+p.GivenName) {
		t.Errorf("the last card: %s", shows)
	}
	if got := w.answers(); len(got) != 1 || got[0] != `{"q1":"yes"}` {
		t.Errorf("answers %q", got)
	}
	ok(t, w.db.CloseSurvey(t.Context(), contoso, "s", w.box.Now()))
	if n, err := w.box.Refresh(t.Context(), p.ID); err != nil || n != 1 || strings.Contains(w.looks(p, card), "herald.survey.change") {
		t.Errorf("after the close: %d, %v, %s", n, err, w.looks(p, card))
	}
	if got := len(w.chat(p)); got != said {
		t.Errorf("the bot said %q besides", w.chat(p))
	}
}

// A client that knows no Action.Execute sends a message, and sees the message change.
func TestSurveyBySubmit(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.joins(1)
	card := w.surveyed(p, quiet)
	said := len(w.chat(p))
	press := func(campaign string, inputs map[string]any) {
		data := map[string]any{"herald": map[string]any{"survey": 1, "campaign": campaign, "at": "q1", "act": "answer", "v": 1}}
		for k, v := range inputs {
			data[k] = v
		}
		w.take(w.frame(p, "message", map[string]any{"replyToId": card, "value": data}))
	}
	press("c", map[string]any{"q1": "yes"})
	if shows := w.looks(p, card); !strings.Contains(shows, "See you, "+p.GivenName) || len(w.chat(p)) != said {
		t.Errorf("the card is %s; said %q", shows, w.chat(p))
	}
	press("another", map[string]any{"q1": "yes"})
	if got := w.chat(p); len(got) != said+1 || !strings.Contains(got[said], "n’accepte plus de réponse") {
		t.Errorf("said %q", got)
	}
}

// What an anonymous survey's card says about the person goes neither into the log nor into the database; a card without its
// token gets one that stays on it.
func TestAnonymousSurveyInTheChat(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.joins(1)
	d := quiet
	d.Anonymous = true
	card := w.surveyed(p, d)
	first := w.looks(p, card)
	if !strings.Contains(first, `"token":"`) {
		t.Fatalf("no token: %s", first)
	}
	data := map[string]any{"herald": map[string]any{"survey": 1, "campaign": "c", "at": "q1", "act": "answer", "v": 1}, "q1": "no"}
	invoke := func(data map[string]any) string {
		return w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": card, "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "data": data}, "trigger": "manual"}})).body
	}
	if got := invoke(data); !strings.Contains(got, "Why not?") {
		t.Fatalf("the next card: %s", got)
	}
	kept := w.looks(p, card)
	if !strings.Contains(kept, "Why not?") || !strings.Contains(kept, `"token":"`) {
		t.Errorf("the message did not get the token: %s", kept)
	}
	w.submit(p, card, "herald.survey.answer", map[string]any{"q2": "the secret answer"})
	if !strings.Contains(w.looks(p, card), "See you") || len(w.answers()) != 1 {
		t.Errorf("the last card: %s; answers %q", w.looks(p, card), w.answers())
	}
	if got := invoke(data); !strings.Contains(got, "déjà répondu") {
		t.Errorf("without the token again: %s", got)
	}
	if strings.Contains(w.log.String(), "secret answer") {
		t.Errorf("the log: %s", w.log)
	}
}

func TestSurveyInvokeErrors(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.joins(1)
	card := w.surveyed(p, quiet)
	press := func(act, campaign, more string) string {
		return w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "replyToId": card, "value": json.RawMessage(
			`{"action":{"type":"Action.Execute","verb":"forged","data":{"herald":{"survey":1,"campaign":"` + campaign + `","at":"q1","act":"` + act + `","v":1}` + more + `}},"trigger":"automatic"}`)})).body
	}
	if got := press("show", "c", ""); !strings.HasPrefix(got, `{"statusCode":200,"type":"application/vnd.microsoft.card.adaptive","value":{`) {
		t.Errorf("refresh: %s", got)
	}
	if got := press("show", "d", ""); !strings.HasPrefix(got, `{"statusCode":400,"type":"application/vnd.microsoft.error"`) {
		t.Errorf("refresh of another campaign: %s", got)
	}
	if got := press("answer", "d", `,"q1":"yes"`); !strings.HasPrefix(got, `{"statusCode":200,"type":"application/vnd.microsoft.activity.message"`) {
		t.Errorf("another campaign: %s", got)
	}
	if got := press("explode", "c", `,"q1":"yes"`); !strings.HasPrefix(got, `{"statusCode":200,"type":"application/vnd.microsoft.activity.message"`) {
		t.Errorf("another act: %s", got)
	}
	if got := press("answer", "c", `,"q1":{"yes":1}`); !strings.Contains(got, "Is it quiet?") {
		t.Errorf("a wrong type: %s", got)
	}
	if got := w.answers(); len(got) != 0 {
		t.Errorf("answers %q", got)
	}
	if w.db.Close() != nil {
		t.Fatal("the database does not close")
	}
	if got := press("answer", "c", `,"q1":"yes"`); !strings.HasPrefix(got, `{"statusCode":500,"type":"application/vnd.microsoft.error"`) {
		t.Errorf("without a database: %s", got)
	}
}

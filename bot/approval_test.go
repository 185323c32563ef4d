package bot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"herald/bot"
	"herald/campaigns"
	"herald/infra/sandbox"
)

// decider writes down what it is asked, and gives what it is told to.
type decider struct {
	asked []string
	err   error
}

func (d *decider) DecideInChat(_ context.Context, tenantID, personID, id string, version int, approve bool, comment string) (*campaigns.Campaign, error) {
	d.asked = append(d.asked, fmt.Sprint(tenantID == contoso, personID, " ", id, version, approve, comment))
	if d.err != nil {
		return nil, d.err
	}
	c := waitingCampaign()
	c.Approval.State, c.Approval.By, c.Approval.Comment = campaigns.Rejected, &campaigns.Author{ID: personID, DisplayName: "Paula"}, comment
	if approve {
		c.Approval.State = campaigns.Approved
	}
	return c, nil
}

func waitingCampaign() *campaigns.Campaign {
	return &campaigns.Campaign{TenantID: contoso, ID: "c1", Name: "Spring", Version: 4, Status: campaigns.Draft,
		Approval: &campaigns.Approval{State: campaigns.Waiting, RequestedBy: campaigns.Author{ID: "ann", DisplayName: "Ann"}, RequestedAt: time.Unix(0, 0), Recipients: 1234}}
}

func noticeOf(c *campaigns.Campaign, kind campaigns.NoticeKind) campaigns.Notice {
	return campaigns.Notice{Key: c.Key(), Round: c.Version, Kind: kind, Name: c.Name, Version: c.Version, Approval: *c.Approval}
}

// tabURL is where the tab is for people of contoso.
const tabURL = "https://teams.microsoft.com/l/entity/app-of-" + contoso + "/campaigns"

// brings brings a notice, or amends its card, and returns the activity's id.
func brings(t *testing.T, w *world, p sandbox.Person, n campaigns.Notice) string {
	t.Helper()
	opens := func(_ context.Context, tenantID string) string {
		return strings.Replace(tabURL, contoso, tenantID, 1)
	}
	m := &bot.Messenger{Client: w.client, BotID: "28:bot", TabURL: opens, Now: w.box.Now}
	send := m.Bring
	if n.Settled {
		send = m.Amend
	}
	ref := w.reference(p)
	ref.Locale = "en-GB"
	o := send(t.Context(), ref, n)
	if o.Kind != campaigns.OutcomeSent {
		t.Fatalf("%+v", o)
	}
	return o.ActivityID
}

// lastOf is the last message in somebody's chat, as JSON.
func lastOf(t *testing.T, w *world, p sandbox.Person) string {
	t.Helper()
	chat, err := w.box.Chat(p.ID)
	ok(t, err)
	body, err := json.Marshal(chat[len(chat)-1])
	ok(t, err)
	return string(body)
}

// asks installs the app for somebody and brings them an approval's card: its button's data and the card.
func asks(t *testing.T) (w *world, p sandbox.Person, d *decider, card string) {
	d = &decider{}
	w = setup(t, func(w *world) { w.bot.Decider = d })
	p = w.person(1)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	brings(t, w, p, noticeOf(waitingCampaign(), campaigns.Asks))
	return w, p, d, lastOf(t, w, p)
}

func TestApprovalCardDecides(t *testing.T) {
	w, p, d, card := asks(t)
	for _, part := range []string{"Spring", "Ann", "1234", "Action.Execute", "Action.Submit", `"version":4`, "Action.OpenUrl", tabURL} {
		if !strings.Contains(card, part) {
			t.Errorf("no %s in %s", part, card)
		}
	}
	press := func(approve bool) map[string]any {
		return map[string]any{"herald": map[string]any{"approval": 1, "campaign": "c1", "version": 4, "approve": approve}, "comment": "Fine"}
	}
	for _, verb := range []string{"herald.approval.approve", "herald.approval.reject"} { // two buttons of one name are one to some clients
		if !strings.Contains(card, `"`+verb+`"`) {
			t.Errorf("no button %s in %s", verb, card)
		}
	}
	const verb = "herald.approval.approve"
	invoke := func(data any) answer {
		return w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": verb, "data": data}}}))
	}
	got := invoke(press(true))
	if got.status != 200 || !strings.Contains(got.body, "adaptive") || !strings.Contains(got.body, "Fine") || strings.Contains(got.body, "Action.Execute") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if want := "true" + p.ID + " c14trueFine"; len(d.asked) != 1 || strings.ReplaceAll(d.asked[0], " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("asked %q, want %q", d.asked, want)
	}
	// A client without Execute submits: the bot answers in words.
	w.take(w.frame(p, "message", map[string]any{"text": "", "value": press(false), "replyToId": "1"}))
	if said := w.sender.sent(); len(d.asked) != 2 || !strings.Contains(said[len(said)-1], "Paula") {
		t.Errorf("asked %q, said %q", d.asked, said)
	}
	for reason, code := range map[string]campaigns.Code{"already_decided": campaigns.CodeConflict, "own_request": campaigns.CodeForbidden, "stale_version": campaigns.CodeStale, "role_too_small": campaigns.CodeForbidden, "incomplete": campaigns.CodeInvalid} {
		d.err = campaigns.Errorf(code, reason, "no")
		if got := invoke(press(true)); got.status != 200 || !strings.Contains(got.body, "activity.message") {
			t.Errorf("%s: %d %s", reason, got.status, got.body)
		} else if reason == "already_decided" && (strings.Contains(got.body, "else") || strings.Contains(got.body, "autre")) { // or by the same person, who pressed twice
			t.Errorf("%s: %s", reason, got.body)
		}
	}
	asked := len(d.asked)
	for _, bad := range []any{nil, map[string]any{}, map[string]any{"herald": map[string]any{"approval": 1, "campaign": "c1"}}} {
		if got := invoke(bad); !strings.Contains(got.body, "BadRequest") || len(d.asked) != asked {
			t.Errorf("%v: %s", bad, got.body)
		}
	}
}

// A card whose question is settled says so in place, and has no button any more.
func TestSettledCardLosesItsButtons(t *testing.T) {
	w, p, _, before := asks(t)
	n := noticeOf(waitingCampaign(), campaigns.Asks)
	chat, err := w.box.Chat(p.ID)
	ok(t, err)
	n.Settled, n.ActivityID = true, chat[len(chat)-1].ID
	for state, words := range map[campaigns.ApprovalState]string{campaigns.Approved: "Approved", campaigns.Rejected: "Rejected", campaigns.Withdrawn: "Request withdrawn", campaigns.Deleted: "Campaign deleted"} {
		n.Approval.State, n.Approval.By = state, &campaigns.Author{ID: "paula", DisplayName: "Paula"}
		brings(t, w, p, n)
		after := lastOf(t, w, p)
		if !strings.Contains(before, "Action.") || strings.Contains(after, "Action.") || strings.Contains(after, "Input.Text") || !strings.Contains(after, words) || !strings.Contains(after, "Paula") {
			t.Errorf("%s: %s", state, after)
		}
	}
	if now, err := w.box.Chat(p.ID); err != nil || len(now) != len(chat) {
		t.Errorf("%d messages, were %d (%v)", len(now), len(chat), err)
	}
}

// Names and comments stand on the card as their characters, whatever Markdown would make of them.
func TestApprovalCardShowsNamesLiterally(t *testing.T) {
	w, p, _, _ := asks(t)
	c := waitingCampaign()
	c.Name = "**Sale** [click](https://evil.example) <at>all</at>"
	c.Approval.RequestedBy.DisplayName = "_Ann_"
	c.Approval.Comment, c.Approval.State, c.Approval.By = "see [here](https://evil.example)", campaigns.Rejected, &campaigns.Author{ID: "p", DisplayName: "*Paula*"}
	n := noticeOf(c, campaigns.Asks)
	brings(t, w, p, n)
	for _, card := range []string{lastOf(t, w, p)} {
		for _, raw := range []string{"**Sale", "](https://", `"_Ann_"`, `"*Paula*"`, "<at>", `\u003cat`} {
			if strings.Contains(card, raw) {
				t.Errorf("the card holds %s: %s", raw, card)
			}
		}
		if !strings.Contains(card, `\\*\\*Sale`) {
			t.Errorf("the name is not on the card: %s", card)
		}
	}
}

// Somebody whose role was not seen lately is sent to the tab, to that campaign.
func TestUnseenRoleIsSentToTheTab(t *testing.T) {
	w, p, d, card := asks(t)
	d.err = campaigns.Errorf(campaigns.CodeForbidden, "role_unknown", "no")
	data := map[string]any{"herald": map[string]any{"approval": 1, "campaign": "c1", "version": 4, "approve": true}}
	got := w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "herald.approval", "data": data}}}))
	if got.status != 200 || !strings.Contains(got.body, "Ouvrez Herald pour décider") {
		t.Errorf("%d %s", got.status, got.body)
	}
	w.take(w.frame(p, "message", map[string]any{"text": "", "value": data, "replyToId": "1"}))
	if said := w.sender.sent(); !strings.Contains(said[len(said)-1], "Ouvrez Herald pour décider") {
		t.Errorf("said %q", said)
	}
	if !strings.Contains(card, tabURL+"?context=%7B%22subEntityId%22%3A%22campaign%2Fc1%22%7D") {
		t.Errorf("the card does not lead there: %s", card)
	}
}

// Whoever sent a campaign hears why it did not start; whoever decides sees that it has grown.
func TestHeldBackCampaignIsTold(t *testing.T) {
	w, p, _, _ := asks(t)
	c := waitingCampaign()
	c.Approval.Grown, c.Approval.Before = true, 1000
	brings(t, w, p, noticeOf(c, campaigns.Asks))
	if card := lastOf(t, w, p); !strings.Contains(card, "has grown") || !strings.Contains(card, "1000") || !strings.Contains(card, "1234") {
		t.Error(card)
	}
	brings(t, w, p, noticeOf(c, campaigns.Tells))
	if text := lastOf(t, w, p); !strings.Contains(text, "has not been sent") || !strings.Contains(text, "1000") || !strings.Contains(text, "1234") {
		t.Error(text)
	}
	c.Approval.Before = 0
	brings(t, w, p, noticeOf(c, campaigns.Tells))
	if text := lastOf(t, w, p); !strings.Contains(text, "has not been sent") || strings.Contains(text, " 0 ") {
		t.Error(text)
	}
}

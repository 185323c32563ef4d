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

// asks installs the app for somebody and brings them an approval's card: its button's data and the card.
func asks(t *testing.T) (w *world, p sandbox.Person, d *decider, card string) {
	d = &decider{}
	w = setup(t, func(w *world) { w.bot.Decider = d })
	p = w.person(1)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	m := &bot.Messenger{Client: w.client, BotID: "28:bot", Now: w.box.Now}
	if o := m.AskApproval(t.Context(), w.reference(p), waitingCampaign()); o.Kind != campaigns.OutcomeSent {
		t.Fatalf("%+v", o)
	}
	chat, err := w.box.Chat(p.ID)
	ok(t, err)
	body, err := json.Marshal(chat[len(chat)-1])
	ok(t, err)
	return w, p, d, string(body)
}

func TestApprovalCardDecides(t *testing.T) {
	w, p, d, card := asks(t)
	for _, part := range []string{"Spring", "Ann", "1234", "Action.Execute", "Action.Submit", `"version":4`} {
		if !strings.Contains(card, part) {
			t.Errorf("no %s in %s", part, card)
		}
	}
	press := func(approve bool) map[string]any {
		return map[string]any{"herald": map[string]any{"approval": 1, "campaign": "c1", "version": 4, "approve": approve}, "comment": "Fine"}
	}
	invoke := func(data any) answer {
		return w.deliver(w.frame(p, "invoke", map[string]any{"name": "adaptiveCard/action", "value": map[string]any{"action": map[string]any{"type": "Action.Execute", "verb": "herald.approval", "data": data}}}))
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
		}
	}
	asked := len(d.asked)
	for _, bad := range []any{nil, map[string]any{}, map[string]any{"herald": map[string]any{"approval": 1, "campaign": "c1"}}} {
		if got := invoke(bad); !strings.Contains(got.body, "BadRequest") || len(d.asked) != asked {
			t.Errorf("%v: %s", bad, got.body)
		}
	}
}

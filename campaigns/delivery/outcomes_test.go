package delivery_test

import (
	"testing"
	"time"

	"herald/campaigns"
)

// patiently moves the clock past every retry until nobody is open.
func (w *world) patiently(k campaigns.Key, s campaigns.Status) {
	w.t.Helper()
	for {
		var c *campaigns.Campaign
		w.until("all that is left waits for another attempt", func() bool {
			c = w.campaign(k)
			return c.Planned && c.Counts.Pending+c.Counts.Sending == 0
		})
		if c.Counts.Rescheduled == 0 {
			w.ended(k, s)
			return
		}
		attempts := w.teams.total(k)
		w.advance(6 * time.Minute)
		w.until("another attempt", func() bool { return w.teams.total(k) > attempts })
	}
}

// knows is an outcome that taught something about the person's app.
func knows(w *world, o campaigns.Outcome, person string, s campaigns.InstallState, conversation string) campaigns.Outcome {
	o.Reference = &campaigns.Reference{TenantID: contoso, PersonID: person, State: s, ConversationID: conversation, UpdatedAt: w.now()}
	return o
}

// Every outcome once, in one campaign, and what the report says of it; then a second
// campaign, which knows what the first one learnt.
//
// Checked by leaving saveReferences out of Record: the next campaign writes to those who blocked the bot.
func TestOutcomes(t *testing.T) {
	w := setup(t)
	w.people(contoso, 16)
	w.ok(w.db.SavePeople(w.ctx, []campaigns.Person{{TenantID: contoso, ID: "nameless", Mail: "nameless@x.example"}}))
	w.set(contoso, "nameless", campaigns.Installed)
	ambiguous := retry(campaigns.Unreachable, 0)
	ambiguous.Ambiguous = true
	type want struct {
		status   campaigns.DeliveryStatus
		reason   campaigns.Reason
		attempts int
		repeated bool
	}
	failed := func(r campaigns.Reason) want { return want{campaigns.DeliveryFailed, r, 1, false} }
	cases := []struct {
		name, person string
		answers      []campaigns.Outcome // the last is given for ever; none: sent
		want         want
		next         campaigns.Reason // why the next campaign skips the person; empty: it does not
	}{
		{"sent", "p00000", nil, want{campaigns.DeliverySent, "", 1, false}, ""},
		{"service error, then sent", "p00001", []campaigns.Outcome{retry(campaigns.ServiceError, 0), sent}, want{campaigns.DeliverySent, "", 2, false}, ""},
		{"asked to wait twice, then sent", "p00002", []campaigns.Outcome{retry(campaigns.Throttled, time.Second), retry(campaigns.Throttled, time.Minute), sent}, want{campaigns.DeliverySent, "", 3, false}, ""},
		{"connection broke, then sent", "p00003", []campaigns.Outcome{ambiguous, sent}, want{campaigns.DeliverySent, "", 2, true}, ""},
		{"given up with the last reason", "p00004", []campaigns.Outcome{retry(campaigns.Throttled, 0), retry(campaigns.ServiceError, 0)}, want{campaigns.DeliveryFailed, campaigns.ServiceError, 12, false}, ""},
		{"blocked", "p00005", []campaigns.Outcome{knows(w, never(campaigns.BlockedByUser), "p00005", campaigns.Blocked, "")}, failed(campaigns.BlockedByUser), campaigns.BlockedByUser},
		{"uninstalled", "p00006", []campaigns.Outcome{knows(w, never(campaigns.NotInstalled), "p00006", campaigns.Uninstalled, "")}, failed(campaigns.NotInstalled), campaigns.NotInstalled},
		{"retry, then blocked", "p00007", []campaigns.Outcome{retry(campaigns.ServiceError, 0), knows(w, never(campaigns.BlockedByUser), "p00007", campaigns.Blocked, "")}, want{campaigns.DeliveryFailed, campaigns.BlockedByUser, 2, false}, campaigns.BlockedByUser},
		{"disabled", "p00008", []campaigns.Outcome{never(campaigns.DisabledByAdmin)}, failed(campaigns.DisabledByAdmin), ""},
		{"too large", "p00009", []campaigns.Outcome{never(campaigns.TooLarge)}, failed(campaigns.TooLarge), ""},
		{"bad request", "p00010", []campaigns.Outcome{never(campaigns.BadRequest)}, failed(campaigns.BadRequest), ""},
		{"credentials", "p00011", []campaigns.Outcome{never(campaigns.BotUnauthorized)}, failed(campaigns.BotUnauthorized), ""},
		{"chat gone for good", "p00012", []campaigns.Outcome{never(campaigns.ConversationGone)}, failed(campaigns.ConversationGone), ""},
		{"chat made again", "p00013", []campaigns.Outcome{knows(w, sent, "p00013", campaigns.Installed, "a:new")}, want{campaigns.DeliverySent, "", 1, false}, ""},
		{"no name", "nameless", nil, failed(campaigns.MissingData), ""},
	}
	scripts := map[string][]campaigns.Outcome{}
	for _, tc := range cases {
		scripts[tc.person] = tc.answers
	}
	w.teams.answers(func(a attempt) campaigns.Outcome {
		if s := scripts[a.Person]; len(s) > 0 {
			return s[min(a.Turn, len(s))-1]
		}
		return sent
	})
	k := w.send(contoso, everybody, 0)
	w.start()
	w.patiently(k, campaigns.Completed)
	w.teams.answers(nil)
	again := w.send(contoso, everybody, 0)
	w.ended(again, campaigns.Completed)
	first, second := w.recipients(k), w.recipients(again)
	for _, tc := range cases {
		r := first[tc.person]
		if got := (want{r.Status, r.Reason, r.Attempts, r.Repeated}); got != tc.want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
		r = second[tc.person]
		if skipped := r.Status == campaigns.DeliverySkipped; skipped != (tc.next != "") || skipped && r.Reason != tc.next {
			t.Errorf("%s, in the next campaign: %+v", tc.name, r)
		}
	}
	if n := w.teams.sends(k)["nameless"]; n != 0 {
		t.Errorf("a message without its data was sent %d times", n)
	}
	ref, err := w.db.Reference(w.ctx, contoso, "p00013")
	w.ok(err)
	if ref.ConversationID != "a:new" {
		t.Errorf("%+v", ref)
	}
	if c := w.campaign(k); campaigns.ResultOf(c) != campaigns.ResultError || c.Counts.Total != 17 {
		t.Errorf("%+v", c)
	}
}

// People who remove or block the app between planning and sending do not get it, without a call to Teams.
func TestPeopleLeaveBetweenPlanningAndSending(t *testing.T) {
	w := setup(t)
	w.people(contoso, 4)
	gate := make(chan struct{})
	w.teams.holds(func(attempt) <-chan struct{} { return gate })
	k := w.send(contoso, everybody, 0)
	w.start(slots(1))
	w.until("the first is on the wire", func() bool { return w.teams.wire() == 1 && w.campaign(k).Planned })
	first := w.teams.order(k)[0]
	var rest []string
	for id := range w.recipients(k) {
		if id != first {
			rest = append(rest, id)
		}
	}
	w.set(contoso, rest[0], campaigns.Uninstalled)
	w.set(contoso, rest[1], campaigns.Blocked)
	close(gate)
	w.ended(k, campaigns.Completed)
	rs, sends := w.recipients(k), w.teams.sends(k)
	for i, want := range []campaigns.Reason{campaigns.NotInstalled, campaigns.BlockedByUser} {
		if r := rs[rest[i]]; r.Status != campaigns.DeliveryFailed || r.Reason != want || sends[rest[i]] != 0 {
			t.Errorf("%+v, %d sends", r, sends[rest[i]])
		}
	}
	if rs[first].Status != campaigns.DeliverySent || rs[rest[2]].Status != campaigns.DeliverySent {
		t.Errorf("%+v", rs)
	}
}

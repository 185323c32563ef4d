package campaigns_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
)

func TestVerify(t *testing.T) {
	w := setup(t)
	w.met(campaigns.Installed, "ann")
	w.met(campaigns.Blocked, "bob")
	w.met(campaigns.Uninstalled, "cid")
	w.directory.find = func(email string) (campaigns.Person, error) {
		switch email {
		case "dora@x.example":
			return person("dora"), nil
		case "away@x.example":
			return campaigns.Person{}, campaigns.Errorf(campaigns.CodeUnavailable, "graph", "away")
		}
		return campaigns.Person{}, campaigns.Errorf(campaigns.CodeNotFound, "user_not_found", "nobody")
	}
	for email, want := range map[string]struct {
		found, installed, blocked bool
		code                      campaigns.Code
	}{
		"Ann@X.example":    {found: true, installed: true},
		"bob@x.example":    {found: true, blocked: true},
		"cid@x.example":    {found: true},
		"dora@x.example":   {found: true},
		"nobody@x.example": {},
		"away@x.example":   {code: campaigns.CodeUnavailable},
		"ann":              {code: campaigns.CodeInvalid},
		"Ann <a@x.com>":    {code: campaigns.CodeInvalid},
	} {
		v, err := w.Verify(t.Context(), author, email)
		if campaigns.CodeOf(err) != want.code || (err != nil) != (want.code != "") || v.Found != want.found || v.Installed != want.installed || v.Blocked != want.blocked {
			t.Errorf("%s: %+v, %v", email, v, err)
		}
	}
	if _, err := w.Verify(t.Context(), campaigns.Actor{TenantID: tenant}, "ann@x.example"); campaigns.CodeOf(err) != campaigns.CodeForbidden {
		t.Errorf("without a role: %v", err)
	}
}

func TestTry(t *testing.T) {
	text := message.Content{Text: "Hello [FIRSTNAME]"}
	refused := func(r campaigns.Reason) campaigns.Outcome {
		return campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: r}
	}
	blocked := refused(campaigns.BlockedByUser)
	blocked.Reference = &campaigns.Reference{TenantID: tenant, PersonID: "ann", State: campaigns.Blocked, UpdatedAt: start}
	for name, tc := range map[string]struct {
		content message.Content
		to      string
		outcome campaigns.Outcome
		code    campaigns.Code
		reason  string
		sends   int
		after   time.Duration
		state   campaigns.InstallState // of Ann afterwards; empty: installed
	}{
		"sent":            {to: "ann", outcome: campaigns.Outcome{Kind: campaigns.OutcomeSent}, sends: 1},
		"later":           {to: "ann", outcome: campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled, RetryAfter: 7 * time.Second}, code: campaigns.CodeUnavailable, reason: "throttled", sends: 1, after: 7 * time.Second},
		"blocked by now":  {to: "ann", outcome: blocked, code: campaigns.CodeInvalid, reason: "blocked_by_user", sends: 1, state: campaigns.Blocked},
		"disabled":        {to: "ann", outcome: refused(campaigns.DisabledByAdmin), code: campaigns.CodeInvalid, reason: "disabled_by_admin", sends: 1},
		"too large":       {to: "ann", outcome: refused(campaigns.TooLarge), code: campaigns.CodeInvalid, reason: "too_large", sends: 1},
		"uninstalled now": {to: "ann", outcome: refused(campaigns.NotInstalled), code: campaigns.CodeInvalid, reason: "not_installed", sends: 1},
		"credentials":     {to: "ann", outcome: refused(campaigns.BotUnauthorized), code: campaigns.CodeInvalid, reason: "bot_unauthorized", sends: 1},
		"anything else":   {to: "ann", outcome: refused(campaigns.BadRequest), code: campaigns.CodeInvalid, reason: "bad_request", sends: 1},
		"known blocked":   {to: "bob", code: campaigns.CodeInvalid, reason: "blocked_by_user"},
		"without the app": {to: "cid", code: campaigns.CodeInvalid, reason: "not_installed"},
		"nobody":          {to: "nobody", code: campaigns.CodeInvalid, reason: "user_not_found"},
		"no name":         {to: "nameless", code: campaigns.CodeInvalid, reason: "missing_data"},
		"nothing to try":  {to: "ann", content: message.Content{Text: " "}, code: campaigns.CodeInvalid, reason: "incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			w := setup(t)
			w.met(campaigns.Installed, "ann")
			w.met(campaigns.Blocked, "bob")
			w.met(campaigns.Uninstalled, "cid")
			w.ok(w.db.SavePeople(t.Context(), []campaigns.Person{{TenantID: tenant, ID: "nameless", Mail: "nameless@x.example"}}))
			w.ok(w.db.SaveReference(t.Context(), campaigns.Reference{TenantID: tenant, PersonID: "nameless", State: campaigns.Installed, UpdatedAt: start}))
			w.bot.outcome = tc.outcome
			if tc.content.Text == "" {
				tc.content = text
			}
			c := w.draft(tc.content)
			p, err := w.Try(t.Context(), author, c.ID, tc.to+"@x.example")
			var e *campaigns.Error
			switch {
			case tc.code == "":
				w.ok(err)
				if p.ID != tc.to {
					t.Errorf("%+v", p)
				}
			case !errors.As(err, &e) || e.Code != tc.code || e.Reason != tc.reason || e.RetryAfter != tc.after || e.Message == "":
				t.Errorf("%+v", err)
			}
			if len(w.bot.sent) != tc.sends {
				t.Errorf("%d sends", len(w.bot.sent))
			}
			ref, err := w.db.Reference(t.Context(), tenant, "ann")
			w.ok(err)
			if tc.state == "" {
				tc.state = campaigns.Installed
			}
			if ref.State != tc.state {
				t.Errorf("Ann's app is %s", ref.State)
			}
			if after, err := w.Get(t.Context(), author, c.ID); err != nil || after.Version != c.Version || after.Counts.Total != 0 {
				t.Errorf("a test changed the campaign: %+v %v", after, err)
			}
		})
	}
}

// A test of a campaign with a window has the button that its recipients will have.
func TestTryShowsWhatRecipientsGet(t *testing.T) {
	w := setup(t)
	w.met(campaigns.Installed, "ann")
	w.bot.outcome = campaigns.Outcome{Kind: campaigns.OutcomeSent}
	window := monday()
	for name, window := range map[string]*campaigns.Window{"with a window": &window, "without": nil} {
		c, err := w.Create(t.Context(), author, campaigns.Input{Name: name, Format: message.Idea, Content: message.Content{Text: "Hello"}, Audience: campaigns.Audience{All: true}, Timing: campaigns.Timing{Window: window}})
		w.ok(err)
		_, err = w.Try(t.Context(), author, c.ID, "ann@x.example")
		w.ok(err)
		if got := w.bot.last; !strings.Contains(got, "Hello") || strings.Contains(got, "Not now") != (window != nil) || strings.Contains(got, c.ID) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

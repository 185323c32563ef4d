package graph_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/infra/sandbox"
)

func (w world) ids(t *testing.T, n int) []string {
	t.Helper()
	out := make([]string, n)
	for i := range out {
		out[i] = w.at(t, sandbox.TenantContoso, i).ID
	}
	return out
}

func TestSandboxPresence(t *testing.T) {
	w := inSandbox(t, 700, "")
	ids := w.ids(t, campaigns.MaxPresences)
	stranger := w.at(t, sandbox.TenantFabrikam, 0).ID
	ids[649] = stranger
	if err := errors.Join(w.cloud.SetEverybodysPresence("Away"), w.cloud.SetPresence(ids[0], "DoNotDisturb"), w.cloud.SetPresence(ids[1], "PresenceUnknown")); err != nil {
		t.Fatal(err)
	}
	got, err := w.Presences(t.Context(), sandbox.TenantContoso, ids)
	if err != nil || len(got) != 648 || got[ids[0]] != campaigns.PresenceDoNotDisturb || got[ids[2]] != campaigns.PresenceAway {
		t.Errorf("%d answers, error %v", len(got), err)
	}
	if _, says := got[stranger]; says {
		t.Error("another organisation's presence")
	}
	if s := w.cloud.Stats().Presence; s.Calls != 1 || s.Largest != 650 {
		t.Errorf("%+v", s)
	}
	w.grant(t, "Presence.Read.All", false)
	_, err = w.Presences(t.Context(), sandbox.TenantContoso, ids)
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeForbidden || !strings.Contains(failure.Message, "Presence.Read.All") {
		t.Errorf("error %v", err)
	}
	w.grant(t, "Presence.Read.All", true)
	if err := w.cloud.SetFaults(sandbox.Faults{PresenceStatus: 500}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Presences(t.Context(), sandbox.TenantContoso, ids); campaigns.CodeOf(err) != campaigns.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	if err := w.cloud.SetFaults(sandbox.Faults{GraphThrottle: 1, RetryAfter: 45}); err != nil {
		t.Fatal(err)
	}
	if _, err = w.Presences(t.Context(), sandbox.TenantContoso, ids); !errors.As(err, &failure) || failure.RetryAfter != 45*time.Second {
		t.Errorf("error %v", err)
	}
}

// However fast it is asked, Graph never has to say no.
func TestSandboxPresencePace(t *testing.T) {
	w := inSandbox(t, 25, "")
	ids, told := w.ids(t, 1), 0
	for range 1600 {
		_, err := w.Presences(t.Context(), sandbox.TenantContoso, ids)
		if campaigns.CodeOf(err) == campaigns.CodeThrottled {
			told++
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if s := w.cloud.Stats().Presence; s.Throttled != 0 || s.PeakPer30 > 1500 || told+int(s.Calls) != 1600 {
		t.Errorf("%+v, %d told to come back", s, told)
	}
}

func TestSandboxMailboxZones(t *testing.T) {
	w := inSandbox(t, 300, "")
	ids := w.ids(t, 300)
	for id, mailbox := range map[string]string{ids[0]: sandbox.NoMailbox, ids[1]: "Customized Time Zone", ids[2]: "New Zealand Standard Time", ids[3]: "America/Halifax"} {
		if err := w.cloud.SetTimeZone(id, "Europe/Vienna", mailbox); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.MailboxZones(t.Context(), sandbox.TenantContoso, ids)
	if err != nil || len(got) != 300 {
		t.Fatalf("%d answers, error %v", len(got), err)
	}
	for i, want := range []string{"", "", "Pacific/Auckland", "America/Halifax"} {
		if got[ids[i]] != want {
			t.Errorf("%d is in %q, want %q", i, got[ids[i]], want)
		}
	}
	for _, id := range ids[4:] {
		s, err := w.cloud.Status(id)
		if err != nil {
			t.Fatal(err)
		}
		want := s.TimeZone
		if s.Mailbox == sandbox.NoMailbox {
			want = ""
		}
		if got[id] != want {
			t.Errorf("%s is in %q, want %q", id, got[id], want)
		}
	}
	if n := w.cloud.Stats().MailboxZones; n != 300 {
		t.Errorf("%d mailboxes asked", n)
	}
	// Another organisation's person, and somebody who left, have none; they cost the others nothing.
	some := []string{w.at(t, sandbox.TenantFabrikam, 0).ID, ids[9], "00000000-0000-4000-8000-000000000000"}
	if got, err := w.MailboxZones(t.Context(), sandbox.TenantContoso, some); err != nil || got[some[0]] != "" || got[some[2]] != "" || len(got) != 3 {
		t.Errorf("%v, error %v", got, err)
	}
	w.grant(t, "MailboxSettings.Read", false)
	_, err = w.MailboxZones(t.Context(), sandbox.TenantContoso, ids)
	var failure *campaigns.Error
	if !errors.As(err, &failure) || failure.Code != campaigns.CodeForbidden || !strings.Contains(failure.Message, "MailboxSettings.Read") {
		t.Errorf("error %v", err)
	}
	w.grant(t, "MailboxSettings.Read", true)
	if err := w.cloud.SetFaults(sandbox.Faults{MailboxStatus: 429, RetryAfter: 60}); err != nil {
		t.Fatal(err)
	}
	got, err = w.MailboxZones(t.Context(), sandbox.TenantContoso, slices.Clone(ids))
	if !errors.As(err, &failure) || failure.RetryAfter != time.Minute || len(got) != 0 {
		t.Errorf("%d answers, error %v", len(got), err)
	}
}

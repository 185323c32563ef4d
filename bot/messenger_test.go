package bot_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"herald/bot"
	"herald/bot/connector"
	"herald/campaigns"
	"herald/infra/sandbox"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// service is a Bot Connector that answers as scripted, one answer for each call.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	script []reply
	calls  []string // method and path
	bodies []string
}

type reply struct {
	status int
	body   string
	header map[string]string
	cut    bool // the connection breaks instead
}

func newService(t *testing.T, script ...reply) *service {
	t.Helper()
	s := &service{script: script}
	s.Server = httptest.NewTLSServer(s)
	t.Cleanup(func() {
		s.Close()
		if len(s.script) > 0 {
			t.Errorf("%d scripted answers were not asked for", len(s.script))
		}
	})
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.bodies = append(s.calls, r.Method+" "+r.URL.Path), append(s.bodies, string(body))
	if len(s.script) == 0 {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	next := s.script[0]
	s.script = s.script[1:]
	if next.cut {
		panic(http.ErrAbortHandler)
	}
	for k, v := range next.header {
		w.Header().Set(k, v)
	}
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

type fixedToken struct{}

func (fixedToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: "t", ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// messengerTo is a messenger for services; gcc may be nil.
func messengerTo(t *testing.T, home, gcc *service) *bot.Messenger {
	t.Helper()
	cloud := connector.Cloud{Hosts: []string{strings.TrimPrefix(home.URL, "https://")}}
	if gcc != nil {
		cloud.Hosts = append(cloud.Hosts, strings.TrimPrefix(gcc.URL, "https://"))
		cloud.GCCServiceURL = gcc.URL + "/gcc"
	}
	roots := home.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs // the same for all test servers
	client, err := connector.New(connector.Config{
		Credential: fixedToken{}, Scope: "s", Cloud: cloud, Clock: func() time.Time { return noon },
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	})
	ok(t, err)
	t.Cleanup(client.Close)
	return &bot.Messenger{Client: client, BotID: "28:bot", ServiceURL: home.URL + "/teams", Now: func() time.Time { return noon }}
}

func refusal(status int, code string) reply {
	return reply{status: status, body: `{"error":{"code":"` + code + `","message":"no"}}`}
}

var (
	accepted = reply{status: 201, body: `{"id":"1700000000001"}`}
	made     = reply{status: 201, body: `{"id":"a:new"}`}
	lost     = refusal(404, "ConversationNotFound")
)

const (
	createCall  = "POST /teams/v3/conversations"
	sendOldCall = "POST /teams/v3/conversations/a:old/activities"
	sendNewCall = "POST /teams/v3/conversations/a:new/activities"
)

func TestMessenger(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		chat   string // of the reference
		script []reply
		calls  []string
		want   campaigns.Outcome // Reference and Detail are looked at apart
		state  campaigns.InstallState
		newIn  string // the chat that the outcome's reference names; empty: there is none
	}{
		{"sent", "a:old", []reply{accepted}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1700000000001"}, "", ""},
		{"sent without an id", "a:old", []reply{{status: 202}}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeSent}, "", ""},
		{"no chat yet", "", []reply{made, accepted}, []string{createCall, sendNewCall},
			campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1700000000001"}, campaigns.Installed, "a:new"},
		{"chat gone", "a:old", []reply{lost, made, accepted}, []string{sendOldCall, createCall, sendNewCall},
			campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1700000000001"}, campaigns.Installed, "a:new"},
		{"chat gone, twice", "a:old", []reply{lost, made, lost}, []string{sendOldCall, createCall, sendNewCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.ConversationGone}, campaigns.Installed, "a:new"},
		{"new chat gone", "", []reply{made, lost}, []string{createCall, sendNewCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.ConversationGone}, campaigns.Installed, "a:new"},
		{"chat gone, person too", "a:old", []reply{lost, lost}, []string{sendOldCall, createCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.UserNotFound}, "", ""},
		{"chat gone, app too", "a:old", []reply{lost, refusal(403, "ForbiddenOperationException")}, []string{sendOldCall, createCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.NotInstalled}, campaigns.Uninstalled, "a:old"},
		{"chat gone, throttled at making it anew", "a:old", []reply{lost, {status: 429, header: map[string]string{"Retry-After": "7"}}}, []string{sendOldCall, createCall},
			campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled, RetryAfter: 7 * time.Second, Slow: true}, "", ""},
		{"new chat, throttled", "", []reply{made, {status: 429, header: map[string]string{"Retry-After": "7"}}}, []string{createCall, sendNewCall},
			campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled, RetryAfter: 7 * time.Second, Slow: true}, campaigns.Installed, "a:new"},
		{"busy chat is no slow tenant", "a:old", []reply{refusal(412, "PreconditionFailed")}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Throttled}, "", ""},
		{"not in the roster", "a:old", []reply{refusal(403, "BotNotInConversationRoster")}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.NotInstalled}, campaigns.Uninstalled, "a:old"},
		{"blocked", "a:old", []reply{refusal(403, "ConversationBlockedByUser")}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.BlockedByUser}, campaigns.Blocked, "a:old"},
		{"writes blocked, in the other envelope", "a:old", []reply{{status: 403, body: `{"errorCode":209,"message":"{\"subCode\":\"MessageWritesBlocked\"}"}`}}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.BlockedByUser}, campaigns.Blocked, "a:old"},
		{"disabled by the admin", "a:old", []reply{refusal(403, "BotDisabledByAdmin")}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.DisabledByAdmin}, "", ""},
		{"too big", "a:old", []reply{refusal(413, "MessageSizeTooBig")}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.TooLarge}, "", ""},
		{"service error", "a:old", []reply{refusal(500, "ServiceError")}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.ServiceError}, "", ""},
		{"gateway", "a:old", []reply{{status: 502, body: "<html>"}}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.ServiceError, Ambiguous: true}, "", ""},
		{"answer lost", "a:old", []reply{{cut: true}}, []string{sendOldCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.Unconfirmed, Ambiguous: true}, "", ""},
		{"answer lost in a chat made anew", "a:old", []reply{lost, made, {cut: true}}, []string{sendOldCall, createCall, sendNewCall},
			campaigns.Outcome{Kind: campaigns.OutcomeGone, Reason: campaigns.Unconfirmed, Ambiguous: true}, campaigns.Installed, "a:new"},
		{"answer lost at making a chat", "", []reply{{cut: true}}, []string{createCall},
			campaigns.Outcome{Kind: campaigns.OutcomeRetry, Reason: campaigns.Unreachable}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, c.script...)
			ref := campaigns.Reference{TenantID: contoso, PersonID: "p", UserID: "29:p", ConversationID: c.chat, ServiceURL: s.URL + "/teams", State: campaigns.Installed, UpdatedAt: noon.Add(-time.Hour)}
			got := messengerTo(t, s, nil).Send(t.Context(), ref, []byte(`{"type":"message"}`), "c:p")
			if !slices.Equal(s.calls, c.calls) {
				t.Errorf("calls %q, want %q", s.calls, c.calls)
			}
			if learned := got.Reference; (learned != nil) != (c.newIn != "") {
				t.Errorf("learned %+v", learned)
			} else if learned != nil && (learned.ConversationID != c.newIn || learned.State != c.state || !learned.UpdatedAt.Equal(noon) || learned.UserID != "29:p") {
				t.Errorf("learned %+v", learned)
			}
			got.Reference, got.Detail = nil, ""
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

// A person of whom only the object id is known: chat, address and bot are the defaults.
func TestMessengerStartsFromNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, made, accepted)
	got := messengerTo(t, s, nil).Send(t.Context(), campaigns.Reference{TenantID: contoso, PersonID: "p"}, []byte(`{}`), "")
	want := campaigns.Reference{TenantID: contoso, PersonID: "p", BotID: "28:bot", ConversationID: "a:new", ServiceURL: s.URL + "/teams", State: campaigns.Installed, UpdatedAt: noon}
	if got.Reference == nil || *got.Reference != want {
		t.Errorf("%+v", got.Reference)
	}
	var created struct {
		IsGroup  bool
		Bot      struct{ ID string }
		Members  []struct{ ID string }
		TenantID string
	}
	ok(t, json.Unmarshal([]byte(s.bodies[0]), &created))
	if created.IsGroup || created.Bot.ID != "28:bot" || len(created.Members) != 1 || created.Members[0].ID != "p" || created.TenantID != contoso {
		t.Errorf("%s", s.bodies[0])
	}
}

// Government tenants live at another host. It is remembered, also when nothing but
// the move came of the attempt.
func TestMessengerRemembersTheMove(t *testing.T) {
	t.Parallel()
	wrong := refusal(403, "InvalidBotApiHost")
	for _, c := range []struct {
		name string
		chat string
		home []reply
		gcc  []reply
		kind campaigns.OutcomeKind
	}{
		{"sent there", "a:old", []reply{wrong}, []reply{accepted}, campaigns.OutcomeSent},
		{"throttled there", "a:old", []reply{wrong}, []reply{{status: 429}}, campaigns.OutcomeRetry},
		{"chat made there", "", []reply{wrong}, []reply{made, accepted}, campaigns.OutcomeSent},
		{"throttled there at making a chat", "", []reply{wrong}, []reply{{status: 429}}, campaigns.OutcomeRetry},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			home, gcc := newService(t, c.home...), newService(t, c.gcc...)
			ref := campaigns.Reference{TenantID: contoso, PersonID: "p", ConversationID: c.chat, ServiceURL: home.URL + "/teams", State: campaigns.Installed}
			got := messengerTo(t, home, gcc).Send(t.Context(), ref, []byte(`{}`), "")
			if got.Kind != c.kind || got.Reference == nil || got.Reference.ServiceURL != gcc.URL+"/gcc" || got.Reference.State != campaigns.Installed {
				t.Errorf("%+v, %+v", got, got.Reference)
			}
		})
	}
	t.Run("wrong there too", func(t *testing.T) {
		t.Parallel()
		home, gcc := newService(t, wrong), newService(t, wrong)
		ref := campaigns.Reference{TenantID: contoso, PersonID: "p", ConversationID: "a:old", ServiceURL: home.URL + "/teams", State: campaigns.Installed}
		if got := messengerTo(t, home, gcc).Send(t.Context(), ref, []byte(`{}`), ""); got.Kind != campaigns.OutcomeGone || got.Reference != nil {
			t.Errorf("%+v", got)
		}
	})
}

// While Teams refuses a message, the person installs the app: what came later counts.
func TestInstallationDuringAnAttempt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	w.pass(time.Minute)
	w.uninstall(p)
	m, first := w.messenger(), true
	m.Now = func() time.Time { // the attempt begins, and takes its time
		now := w.box.Now()
		if first {
			first = false
			w.pass(time.Minute)
		}
		return now
	}
	out := m.Send(t.Context(), w.reference(p), []byte(`{"type":"message","text":"news"}`), "")
	if out.Reason != campaigns.NotInstalled || out.Reference == nil {
		t.Fatalf("%+v", out)
	}
	ok(t, w.box.Install(t.Context(), p.ID, false))
	ok(t, w.db.SaveReference(t.Context(), *out.Reference))
	w.state(p, campaigns.Installed)
}

func TestMessengerInTheSandbox(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	ok(t, w.box.Install(t.Context(), p.ID, false))
	ok(t, w.box.MoveConversation(p.ID))
	out := w.messenger().Send(t.Context(), w.reference(p), []byte(`{"type":"message","text":"news"}`), "")
	if out.Kind != campaigns.OutcomeSent || out.Reference == nil {
		t.Fatalf("%+v", out)
	}
	status, err := w.box.Status(p.ID)
	ok(t, err)
	if out.Reference.ConversationID != status.ConversationID {
		t.Errorf("%q, want %q", out.Reference.ConversationID, status.ConversationID)
	}
	w.said(p, welcomeEN, "news")

	// Teams tells names without Graph.
	who, err := w.messenger().Profile(t.Context(), *out.Reference)
	if err != nil || who.GivenName != p.GivenName || who.Surname != p.Surname || who.Mail != p.Mail || who.UPN != p.UPN || who.DisplayName != p.DisplayName {
		t.Errorf("%+v, %v", who, err)
	}
	// Of whom Graph told, and not Teams, the chat is known by Graph's name, and nothing else.
	byGraph := *out.Reference
	byGraph.UserID, byGraph.ConversationID = "", "19:"+p.ID+"_"+sandbox.AppID+"@unq.gbl.spaces"
	if who, err = w.messenger().Profile(t.Context(), byGraph); err != nil || who.UPN != p.UPN {
		t.Errorf("%+v, %v", who, err)
	}
	if out := w.messenger().Send(t.Context(), byGraph, []byte(`{"type":"message","text":"more"}`), ""); out.Kind != campaigns.OutcomeSent || out.Reference != nil {
		t.Errorf("%+v", out)
	}
	w.said(p, welcomeEN, "news", "more")
	ok(t, w.box.Refuse(p.ID, sandbox.Refusal{Status: 503, Code: "ServiceUnavailable"}))
	if who, err = w.messenger().Profile(t.Context(), *out.Reference); err == nil || who != (campaigns.Person{}) {
		t.Errorf("%+v, %v", who, err)
	}
}

package connector_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"herald/bot/connector"
	"herald/infra/sandbox"
	"herald/infra/sandbox/sandboxtest"
)

// inSandbox is a client with azidentity's real credential against the sandbox's
// Entra and Connector.
func inSandbox(t *testing.T, secret string) (*sandbox.Cloud, *connector.Client) {
	t.Helper()
	box, transport := sandboxtest.Start(t, sandbox.Options{})
	env := box.Environment()
	if secret == "" {
		secret = env.AppSecret
	}
	credential, err := azidentity.NewClientSecretCredential(env.TenantID, env.AppID, secret, &azidentity.ClientSecretCredentialOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud:     cloud.Configuration{ActiveDirectoryAuthorityHost: env.AuthorityHost},
			Transport: &http.Client{Transport: transport},
		},
		DisableInstanceDiscovery: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := connector.New(connector.Config{
		Credential: credential, Scope: env.BotScope, AllowedHosts: env.ServiceHosts, Transport: transport, Clock: box.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return box, c
}

// One person's whole story, over real TLS with real tokens.
func TestSandboxStory(t *testing.T) {
	t.Parallel()
	box, c := inSandbox(t, "")
	ctx, env := t.Context(), box.Environment()
	person, err := box.PersonAt(env.TenantID, 0)
	if err != nil {
		t.Fatal(err)
	}
	params := connector.CreateParams{BotID: "28:" + env.AppID, MemberID: person.ID, TenantID: env.TenantID}
	want := func(what string, o connector.Outcome, kind connector.Kind, reason string) {
		t.Helper()
		if o.Kind != kind || o.Reason != reason {
			t.Fatalf("%s: %s", what, o)
		}
	}

	_, o := c.CreateConversation(ctx, env.ServiceURL, params)
	want("create before the installation", o, connector.Permanent, connector.NotInstalled)

	// There is no bot that would take the events; the installation counts all the same.
	_ = box.Install(ctx, person.ID, false)
	chat, o := c.CreateConversation(ctx, env.ServiceURL, params)
	want("create", o, connector.Sent, "")
	at := connector.Target{ServiceURL: chat.ServiceURL, ConversationID: chat.ID}

	sent := c.Send(ctx, at, []byte(`{"type":"message","text":"one"}`), connector.Options{CorrelationID: "campaign/person"})
	want("send", sent, connector.Sent, "")
	if sent.ActivityID == "" {
		t.Fatal("no activity id")
	}
	want("update", c.Update(ctx, at, sent.ActivityID, []byte(`{"type":"message","text":"two"}`), connector.Options{}), connector.Sent, "")
	want("reply", c.Reply(ctx, at, sent.ActivityID, []byte(`{"type":"message","text":"three"}`), connector.Options{}), connector.Sent, "")
	want("delete", c.Delete(ctx, at, sent.ActivityID, connector.Options{}), connector.Sent, "")
	items, err := box.Chat(person.ID)
	if err != nil || len(items) != 2 {
		t.Fatalf("chat %+v, %v", items, err)
	}

	member, err := c.Member(ctx, at, person.UPN)
	if err != nil || member.AadObjectID != person.ID || member.GivenName != person.GivenName || member.UserPrincipalName != person.UPN {
		t.Errorf("member %+v, %v", member, err)
	}
	page, err := c.PagedMembers(ctx, at, 100, "")
	if err != nil || len(page.Members) == 0 {
		t.Errorf("members %+v, %v", page, err)
	}

	// Tokens that Entra gave before the clock moved are old now.
	if err := box.Advance(26 * time.Hour); err != nil {
		t.Fatal(err)
	}
	want("send a day later", c.Send(ctx, at, []byte(`{"type":"message","text":"four"}`), connector.Options{}), connector.Sent, "")

	// A refused token is replaced by a new one of Entra's, not by the one that
	// azidentity still has in its cache.
	before := tokenRequests(box)
	if err := box.Refuse(person.ID, sandbox.Refusal{Status: 401, Code: "AuthorizationError", Times: 1}); err != nil {
		t.Fatal(err)
	}
	want("send with a refused token", c.Send(ctx, at, []byte(`{"type":"message","text":"five"}`), connector.Options{}), connector.Sent, "")
	if after := tokenRequests(box); after != before+1 {
		t.Errorf("%d token requests for a refused token, want 1", after-before)
	}

	if err := box.Block(person.ID); err != nil {
		t.Fatal(err)
	}
	want("send to someone who blocked", c.Send(ctx, at, []byte(`{"type":"message","text":"x"}`), connector.Options{}), connector.Permanent, connector.BlockedByUser)
	if err := box.Unblock(person.ID); err != nil {
		t.Fatal(err)
	}
	_ = box.Uninstall(ctx, person.ID)
	want("send after the removal", c.Send(ctx, at, []byte(`{"type":"message","text":"x"}`), connector.Options{}), connector.Permanent, connector.NotInstalled)

	want("send nowhere", c.Send(ctx, connector.Target{ServiceURL: env.ServiceURL, ConversationID: "a:nowhere"}, []byte(`{"type":"message","text":"x"}`), connector.Options{}),
		connector.ConversationGone, connector.ConversationLost)
}

// tokenRequests counts what Herald asked of Entra.
func tokenRequests(box *sandbox.Cloud) int {
	n := 0
	for _, e := range box.Wire() {
		if e.Direction == "to-entra" && e.Method == http.MethodPost {
			n++
		}
	}
	return n
}

func TestSandboxRefusesToken(t *testing.T) {
	t.Parallel()
	box, c := inSandbox(t, "wrong")
	o := c.Send(t.Context(), connector.Target{ServiceURL: box.ServiceURL(), ConversationID: "a:1"}, []byte(`{}`), connector.Options{})
	if o.Kind != connector.Permanent || o.Reason != connector.BotUnauthorized || !strings.Contains(o.Detail, "AADSTS7000215") {
		t.Errorf("%s", o)
	}
}

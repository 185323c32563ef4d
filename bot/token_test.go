package bot_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"herald/infra/sandbox"
)

// Who is not Teams changes nothing.
func TestBadTokens(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, now := w.person(0), w.box.Now()
	foreigner, err := w.box.PersonAt(stranger, 0)
	ok(t, err)
	good := w.frame(p, "installationUpdate", map[string]any{"action": "add"})
	with := func(more map[string]any) map[string]any {
		a := maps.Clone(good)
		maps.Copy(a, more)
		return a
	}
	bearer := func(token sandbox.BotToken) string { return "Bearer " + w.token(token) }
	entra := "https://login.microsoftonline.com/" + contoso + "/v2.0"
	access, err := w.box.MintAppToken(sandbox.AppToken{Audience: sandbox.AppID})
	ok(t, err)
	tab, err := w.box.MintTabToken(sandbox.TabToken{User: p.ID})
	ok(t, err)

	for _, c := range []struct {
		name     string
		header   string
		activity map[string]any
		status   int
		code     string
	}{
		{"no token", "-", good, 401, "no_token"},
		{"empty header", "", good, 401, "no_token"},
		{"no bearer token", "Basic YTpi", good, 401, "no_token"},
		{"bearer of nothing", "Bearer ", good, 401, "no_token"},
		{"no JWT", "Bearer abc", good, 401, "malformed"},
		{"alg none", bearer(sandbox.BotToken{Algorithm: "none"}), good, 401, "wrong_algorithm"},
		{"HMAC with the public key", bearer(sandbox.BotToken{Algorithm: "HS256"}), good, 401, "wrong_algorithm"},
		{"other issuer", bearer(sandbox.BotToken{Issuer: "https://api.botframework.us"}), good, 401, "wrong_issuer"},
		{"issued by Entra, v2", bearer(sandbox.BotToken{Key: sandbox.KeyEntra, Issuer: entra}), good, 401, "wrong_issuer"},
		{"Entra's access token", "Bearer " + access, good, 401, "wrong_issuer"},
		{"Entra's tab token", "Bearer " + tab, good, 401, "wrong_issuer"},
		{"other audience", bearer(sandbox.BotToken{Audience: "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"}), good, 401, "wrong_audience"},
		{"other key", bearer(sandbox.BotToken{Key: sandbox.KeyForeign}), good, 401, "unknown_key"},
		{"unknown key id", bearer(sandbox.BotToken{KeyID: "nobody"}), good, 401, "unknown_key"},
		{"signed with another key than it says", forged(t, w), good, 401, "bad_signature"},
		{"signed by Entra's key", bearer(sandbox.BotToken{Key: sandbox.KeyEntra}), good, 401, "unknown_key"},
		{"expired", bearer(sandbox.BotToken{ExpiresAt: now.Add(-6 * time.Minute)}), good, 401, "expired"},
		{"not yet valid", bearer(sandbox.BotToken{NotBefore: now.Add(6 * time.Minute)}), good, 401, "not_yet_valid"},
		{"never expires", bearer(sandbox.BotToken{Claims: map[string]any{"exp": nil}}), good, 401, "malformed"},
		{"for another service URL", bearer(sandbox.BotToken{ServiceURL: "https://smba.trafficmanager.net/emea/"}), good, 401, "service_url_mismatch"},
		{"for no service URL", bearer(sandbox.BotToken{NoServiceURL: true}), good, 401, "service_url_mismatch"},
		{"activity with another service URL", bearer(sandbox.BotToken{}), with(map[string]any{"serviceUrl": "https://evil.example/"}), 401, "service_url_mismatch"},
		{"a service URL off the list, vouched for", bearer(sandbox.BotToken{ServiceURL: "https://evil.example/"}), with(map[string]any{"serviceUrl": "https://evil.example/"}), 403, "service_url_not_allowed"},
		{"other channel", bearer(sandbox.BotToken{}), with(map[string]any{"channelId": "webchat"}), 401, "not_endorsed"},
		{"tenant not allowed", bearer(sandbox.BotToken{}), w.frame(foreigner, "installationUpdate", map[string]any{"action": "add"}), 403, "tenant_not_allowed"},
		{"two tenants", bearer(sandbox.BotToken{}), with(map[string]any{"channelData": map[string]any{"tenant": map[string]any{"id": stranger}}}), 403, "tenant_not_allowed"},
		{"no tenant", bearer(sandbox.BotToken{}), with(map[string]any{"channelData": nil, "conversation": map[string]any{"id": "a:1", "conversationType": "personal"}}), 403, "tenant_not_allowed"},
	} {
		body, err := json.Marshal(c.activity)
		ok(t, err)
		got := w.post(body, map[string]string{"Authorization": c.header})
		if got.status != c.status || got.code() != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, got.status, got.body, c.status, c.code)
		}
		if (got.header.Get("WWW-Authenticate") != "") != (c.status == 401) {
			t.Errorf("%s: WWW-Authenticate %q", c.name, got.header.Get("WWW-Authenticate"))
		}
	}
	w.nothing(p)
	w.nothing(foreigner)
}

// forged is a token that names the Bot Framework's key, signed with another.
func forged(t *testing.T, w *world) string {
	t.Helper()
	kid := struct{ Kid string }{}
	ok(t, json.Unmarshal(decoded(t, w.token(sandbox.BotToken{}), 0), &kid))
	return "Bearer " + w.token(sandbox.BotToken{Key: sandbox.KeyForeign, KeyID: kid.Kid})
}

// Clocks differ: five minutes are forgiven on either side.
func TestTokenLeeway(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := w.box.Now()
	for i, token := range []sandbox.BotToken{
		{ExpiresAt: now.Add(-4 * time.Minute)},
		{NotBefore: now.Add(4 * time.Minute)},
		{Audience: "AAAAAAAA-AAAA-4AAA-8AAA-AAAAAAAAAAAA"},
	} {
		body, err := json.Marshal(w.frame(w.person(i), "typing", nil))
		ok(t, err)
		if got := w.post(body, map[string]string{"Authorization": "Bearer " + w.token(token)}); got.status != 200 {
			t.Errorf("token %d: %d %s", i, got.status, got.body)
		}
		w.reference(w.person(i))
	}
}

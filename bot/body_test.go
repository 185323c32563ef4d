package bot_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"herald/infra/sandbox"
)

// decoded is one part of a JWT.
func decoded(t *testing.T, token string, part int) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[part])
	ok(t, err)
	return raw
}

// Whatever comes with a good token: what is no activity is refused and changes nothing.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(0)
	frame, err := json.Marshal(w.frame(p, "message", map[string]any{"text": "hello", "value": nil}))
	ok(t, err)
	good := string(frame)
	add := func(members string) string { return strings.TrimSuffix(good, "}") + "," + members + "}" }
	deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)

	for _, c := range []struct {
		name, body, content string
		status              int
		code                string
	}{
		{"no body", "", "", 400, "bad_activity"},
		{"no JSON", "type=message&text=hello", "", 400, "bad_activity"},
		{"broken off", good[:len(good)/2], "", 400, "bad_activity"},
		{"an array", "[" + good + "]", "", 400, "bad_activity"},
		{"two activities", good + good, "", 400, "bad_activity"},
		{"no UTF-8 in a name", add("\"\xff\xfe\":1,\"\xff\xff\":2"), "", 400, "bad_activity"},
		{"no type", `{"text":"hello"}`, "", 400, "bad_activity"},
		{"type is a number", strings.Replace(good, `"type":"message"`, `"type":7`, 1), "", 400, "bad_activity"},
		{"nested 1000 deep", add(`"value":` + deep), "", 400, "bad_activity"},
		{"two tenants by duplicate members", add(`"channelData":{"tenant":{"id":"x"}}`), "", 400, "bad_activity"},
		{"two service URLs but for case", add(`"ServiceURL":"https://evil.example/"`), "", 400, "bad_activity"},
		{"from is a text", add(`"from":"me"`), "", 400, "bad_activity"},
		{"10 MB", add(`"x":"` + strings.Repeat("x", 10<<20) + `"`), "", 413, "bad_activity"},
		{"a name of 200 kB twice", fmt.Sprintf(`{"%[1]s":1,"%[1]s":2}`, strings.Repeat("n", 100<<10)), "", 400, "bad_activity"},
		{"a form", good, "application/x-www-form-urlencoded", 415, "bad_content_type"},
		{"plain text", good, "text/plain", 415, "bad_content_type"},
		{"JSON in name only", good, "application/jsonp", 415, "bad_content_type"},
		{"no content type", good, "-", 415, "bad_content_type"},
	} {
		header := map[string]string{"Authorization": "Bearer " + w.token(sandbox.BotToken{})}
		if c.content != "" {
			header["Content-Type"] = c.content
		}
		got := w.post([]byte(c.body), header)
		if got.status != c.status || got.code() != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, got.status, got.body, c.status, c.code)
		}
		if len(got.body) > 1000 {
			t.Errorf("%s: the answer has %d bytes", c.name, len(got.body))
		}
	}
	w.nothing(p)
	if n := len(w.log.String()); n > 20_000 {
		t.Errorf("%d bytes of log from strangers", n)
	}
}

// A value is any JSON; the bot answers all of them.
func TestAnyValue(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ok(t, w.box.Install(t.Context(), w.person(0).ID, false))
	for _, value := range []string{`[1,2]`, `"text"`, `7`, `true`, `{}`, `{"a":[{"b":null}]}`, `[[[[]]]]`} {
		for _, kind := range []string{"message", "invoke", "event", "messageReaction", "conversationUpdate", "somethingNew"} {
			for _, name := range []string{"", "adaptiveCard/action", "application/vnd.microsoft.readReceipt"} {
				a := w.frame(w.person(0), kind, map[string]any{"value": json.RawMessage(value), "name": name, "replyToId": "1"})
				if got := w.deliver(a); got.status != 200 {
					t.Errorf("%s %s with %s: %d %s", kind, name, value, got.status, got.body)
				}
			}
		}
	}
}

func TestUnknownActivity(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(3)
	got := w.deliver(w.frame(p, "somethingNew", map[string]any{"name": "what/ever"}))
	if got.status != 200 || got.body != "" {
		t.Errorf("%d %q", got.status, got.body)
	}
	if line := w.log.String(); !strings.Contains(line, "somethingNew") || !strings.Contains(line, "what/ever") || strings.Contains(line, p.UPN) {
		t.Errorf("log: %s", line)
	}
	w.deliver(w.frame(p, strings.Repeat("t", 200<<10), nil))
	if bytes.Count([]byte(w.log.String()), []byte("t")) > 5000 {
		t.Error("a type of 200 kB went into the log")
	}
}

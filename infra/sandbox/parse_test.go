package sandbox

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
)

// What reads outside text by hand must neither panic nor disagree with what writes it.

func TestPatternsOfJavaScript(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, value string
		want           bool
	}{
		{`^\d{4}$`, "2026", true},
		{`^\d{4}$`, "x2026", false},
		{`^(?=.*[0-9])[a-z0-9]+$`, "abc1", true}, // lookahead
		{`^(?=.*[0-9])[a-z0-9]+$`, "abc", false},
		{`^(a)\1$`, "aa", true},                                // back reference
		{`^(?!x)(a+)+$`, strings.Repeat("a", 40) + "!", false}, // would run for ever
	} {
		if got, err := matches(tc.pattern, tc.value); err != nil || got != tc.want {
			t.Errorf("%s on %.20s: %v %v, want %v", tc.pattern, tc.value, got, err, tc.want)
		}
	}
	if _, err := matches("(", "x"); err == nil {
		t.Error("a broken pattern was taken")
	}
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		"mail eq 'a@b'", "proxyAddresses/any(p:p eq 'smtp:x') or id eq ''", "mail in ('a','b''c')", "mail eq '", "or", "proxyAddresses/any(",
	} {
		f.Add(s)
	}
	d := newDirectory(100)
	f.Fuzz(func(t *testing.T, s string) {
		conditions, err := parseFilter(s)
		if err == nil && (len(conditions) == 0 || len(conditions) > maxFilterConditions) {
			t.Errorf("%q: %d conditions", s, len(conditions))
		}
		for _, c := range conditions {
			if i, ok := c.find(d.tenants[0]); ok && !d.tenants[0].exists(i) {
				t.Errorf("%q finds nobody's index %d", s, i)
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	d := newDirectory(50_000)
	p := d.tenants[0].person(49_999)
	for _, s := range []string{p.ID, p.UPN, p.Mail, p.ChannelID(), "p0000011@contoso.example", "x2@contoso.example", "29:1", "@", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := d.find(s)
		if !ok {
			return
		}
		refs := append([]string{p.ID, p.UPN, p.ChannelID()}, p.ProxyAddresses...)
		for _, ref := range refs {
			_, address, _ := strings.Cut(ref, ":")
			if strings.EqualFold(ref, s) || strings.EqualFold(address, s) {
				return
			}
		}
		t.Errorf("%q finds %v, none of whose names it is", s, refs)
	})
}

func FuzzConversationID(f *testing.F) {
	f.Add(conversationID(1<<32|7, 3))
	f.Add("a:1")
	f.Fuzz(func(t *testing.T, s string) {
		if k, generation, ok := parseConversationID(s); ok && conversationID(k, generation) != s {
			t.Errorf("%q is read as %d/%d", s, k, generation)
		}
	})
}

func FuzzDecodeFaults(f *testing.F) {
	for _, s := range []string{`{"latency":"20ms","throttle":0.1}`, `{"drop":1e309}`, `{"latency":""}`, `[]`, ``, `{} {}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var in Faults
		if decode(httptest.NewRequest("PUT", "/", strings.NewReader(s)), &in) != nil || in.check() != nil {
			return
		}
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var again Faults
		if err := json.Unmarshal(raw, &again); err != nil {
			t.Errorf("%s cannot be read back: %v", raw, err)
		}
	})
}

func FuzzPress(f *testing.F) {
	f.Add(`{"attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"type":"AdaptiveCard","body":[{"type":"Input.Text","id":"a","regex":"(a+)+$"}],"actions":[{"type":"Action.Submit"}]}}]}`, "a")
	f.Add(`{"attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"actions":[{"type":"Action.ShowCard","card":{"actions":[{"type":"Action.Execute"}]}}]}}]}`, "")
	f.Fuzz(func(t *testing.T, card, value string) {
		for _, force := range []bool{false, true} {
			p, err := press(json.RawMessage(card), SubmitRequest{Inputs: map[string]any{"a": value}, Force: force})
			if err == nil && p.kind != actionSubmit && p.kind != actionExecute {
				t.Errorf("pressed a %q", p.kind)
			}
		}
	})
}

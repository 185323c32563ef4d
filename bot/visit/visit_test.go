package visit_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"herald/bot/visit"
	"herald/campaigns"
	"herald/campaigns/track"
)

// links leads tokens to where their names say.
type links struct{ counted []track.Ref }

func (l *links) Count(r track.Ref) { l.counted = append(l.counted, r) }

func (l *links) Target(_ context.Context, token string) (track.Ref, string, error) {
	ref := track.Ref{Campaign: 7, Seq: 42}
	switch token {
	case "good":
		return ref, "https://a.example/x?y=1&z=a%20b", nil
	case "accents":
		return ref, "https://exämple.test/é?q=a b\r\nSet-Cookie: x", nil
	case "gone":
		return ref, "", campaigns.Errorf(campaigns.CodeGone, "link_gone", "gone")
	case "down":
		return ref, "", errors.New("connection refused by 10.0.0.1")
	}
	return track.Ref{}, "", campaigns.Errorf(campaigns.CodeNotFound, "unknown_link", "no such link")
}

const browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"

func ask(t *testing.T, method, token string, header map[string]string) (*http.Response, string, int) {
	t.Helper()
	l := &links{}
	r := httptest.NewRequest(method, "/l/"+token, nil)
	r.Header.Set("User-Agent", browser)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	(&visit.Handler{Links: l, Log: slog.New(slog.DiscardHandler)}).ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body), len(l.counted)
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	res, _, counted := ask(t, "GET", "good", nil)
	if res.StatusCode != http.StatusFound || res.Header.Get("Location") != "https://a.example/x?y=1&z=a%20b" || counted != 1 {
		t.Errorf("%d to %q, counted %d", res.StatusCode, res.Header.Get("Location"), counted)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if res, _, _ := ask(t, "GET", "accents", nil); res.Header.Get("Location") != "https://ex%C3%A4mple.test/%C3%A9?q=a%20b%0D%0ASet-Cookie:%20x" {
		t.Errorf("to %q", res.Header.Get("Location"))
	}
}

func TestOnlyPeopleCount(t *testing.T) {
	t.Parallel()
	agent := func(s string) map[string]string { return map[string]string{"User-Agent": s} }
	for name, c := range map[string]struct {
		method  string
		header  map[string]string
		counted int
	}{
		"browser":                   {"GET", nil, 1},
		"Teams on a desktop":        {"GET", agent("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/25100.1 Chrome/140.0 Safari/537.36"), 1},
		"phone":                     {"GET", agent("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"), 1},
		"a phone called Cubot":      {"GET", agent("Mozilla/5.0 (Linux; Android 12; CUBOT P60) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"), 1},
		"a script of somebody's":    {"GET", agent("curl/8.5.0"), 1},
		"HEAD":                      {"HEAD", nil, 0},
		"no agent":                  {"GET", agent(""), 0},
		"Teams' preview":            {"GET", agent("Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com"), 0},
		"Microsoft's preview":       {"GET", agent("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview) Chrome/103.0 Safari/537.36"), 0},
		"Bing's preview":            {"GET", agent("Mozilla/5.0 (Windows NT 6.1) AppleWebKit/534 BingPreview/1.0b"), 0},
		"Bot Framework":             {"GET", agent("BF-DirectLine (Microsoft-BotFramework/3.2 +https://botframework.com/ua)"), 0},
		"Slack":                     {"GET", agent("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"), 0},
		"Slack's images":            {"GET", agent("Slack-ImgProxy (+https://api.slack.com/robots)"), 0},
		"Facebook":                  {"GET", agent("facebookexternalhit/1.1"), 0},
		"Twitter":                   {"GET", agent("Twitterbot/1.0"), 0},
		"WhatsApp":                  {"GET", agent("WhatsApp/2.23.20.0"), 0},
		"a crawler":                 {"GET", agent("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"), 0},
		"a spider":                  {"GET", agent("Baiduspider/2.0"), 0},
		"bot alone":                 {"GET", agent("bot"), 0},
		"Chrome fetches ahead":      {"GET", map[string]string{"Sec-Purpose": "prefetch;prerender"}, 0},
		"Safari fetches ahead":      {"GET", map[string]string{"X-Purpose": "preview"}, 0},
		"Firefox fetches ahead":     {"GET", map[string]string{"X-Moz": "prefetch"}, 0},
		"something fetches ahead":   {"GET", map[string]string{"Purpose": "Prefetch"}, 0},
		"a purpose that is no such": {"GET", map[string]string{"Purpose": "reading"}, 1},
	} {
		res, _, counted := ask(t, c.method, "good", c.header)
		if res.StatusCode != http.StatusFound || res.Header.Get("Location") == "" || counted != c.counted {
			t.Errorf("%s: %d, counted %d, want %d", name, res.StatusCode, counted, c.counted)
		}
	}
}

func TestWhatIsNoLink(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]int{"": 404, "forged": 404, "gone": 410, "down": 503} {
		for accept, words := range map[string]map[int]string{
			"en-GB,en;q=0.9":          {404: "This link does not work", 410: "no longer available", 503: "right now"},
			"fr-CA,fr;q=0.9,en;q=0.8": {404: "Ce lien ne fonctionne pas", 410: "n’est plus disponible", 503: "pour le moment"},
			"de, fr;q=0.5":            {404: "Ce lien ne fonctionne pas", 410: "n’est plus disponible", 503: "pour le moment"},
			"":                        {404: "This link does not work", 410: "no longer available", 503: "right now"},
			"\x00;;q=x":               {404: "This link does not work", 410: "no longer available", 503: "right now"},
		} {
			res, body, counted := ask(t, "GET", token, map[string]string{"Accept-Language": accept})
			if res.StatusCode != want || !strings.Contains(body, words[want]) || counted != 0 {
				t.Errorf("%q in %q: %d, counted %d, %s", token, accept, res.StatusCode, counted, body)
			}
			if lang := res.Header.Get("Content-Language"); !strings.Contains(body, `<html lang="`+lang+`">`) {
				t.Errorf("%q in %q: the page is not in %q", token, accept, lang)
			}
			if res.Header.Get("Location") != "" || res.Header.Get("Cache-Control") != "no-store" || strings.Contains(body, "10.0.0.1") || strings.Contains(body, "forged") {
				t.Errorf("%q: %v %s", token, res.Header, body)
			}
			if (res.Header.Get("Retry-After") != "") != (want == 503) {
				t.Errorf("%q: Retry-After %q", token, res.Header.Get("Retry-After"))
			}
			if strings.Contains(body, `<a href="">`) != (want == 503) {
				t.Errorf("%q: only what may work later can be tried again: %s", token, body)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
		res, _, counted := ask(t, method, "good", nil)
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "GET, HEAD" || res.Header.Get("Location") != "" || counted != 0 {
			t.Errorf("%s: %d, counted %d", method, res.StatusCode, counted)
		}
	}
}

package manifest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(h http.Handler, method, target, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	if accept != "" {
		r.Header.Set("Accept-Language", accept)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAbout(t *testing.T) {
	h := About("Herald <3", "Contoso & Sons")
	for _, test := range []struct {
		name, target, accept string
		lang, holds          string
	}{
		{"privacy", "/about/privacy", "", "en", "What Herald &lt;3 stores"},
		{"privacy in French", "/about/privacy", "fr-CA,fr;q=0.9,en;q=0.5", "fr", "Ce que Herald &lt;3 conserve"},
		{"terms", "/about/terms", "en-GB", "en", "offered by Contoso &amp; Sons"},
		{"terms in French", "/about/terms", "fr", "fr", "proposé par Contoso &amp; Sons"},
		{"about", "/about/", "", "en", "Campaigns tab"},
		{"about in French", "/about/", "fr-FR", "fr", "onglet Campagnes"},
		{"a language we lack", "/about/terms", "de-DE", "en", "Terms of use"},
		{"the address wins", "/about/terms?lang=fr", "en", "fr", "Conditions"},
		{"nonsense", "/about/terms?lang=%00%00", ";;q=x", "en", "Terms of use"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := get(h, http.MethodGet, test.target, test.accept)
			body := w.Body.String()
			if w.Code != http.StatusOK || w.Header().Get("Content-Language") != test.lang {
				t.Fatalf("%d in %q", w.Code, w.Header().Get("Content-Language"))
			}
			if !strings.Contains(body, test.holds) || !strings.Contains(body, `<html lang="`+test.lang+`"`) {
				t.Errorf("%q is not in\n%s", test.holds, body)
			}
			if strings.Contains(body, "<3") || strings.Contains(body, "{{") || strings.Contains(body, "ZgotmplZ") {
				t.Errorf("not escaped, or not executed:\n%s", body)
			}
		})
	}
}

// Where nobody is named, the sentence is still in one language.
func TestAboutNobodyNamed(t *testing.T) {
	for accept, holds := range map[string]string{"en": "offered by your organisation", "fr": "proposée par votre organisation"} {
		if body := get(About("", ""), http.MethodGet, "/about/", accept).Body.String(); !strings.Contains(body, holds) {
			t.Errorf("%s: %q is not in\n%s", accept, holds, body)
		}
	}
}

// The policy allows exactly the style that the page carries.
func TestAboutPolicy(t *testing.T) {
	w := get(About("", ""), http.MethodGet, "/about/", "")
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	if policy := w.Header().Get("Content-Security-Policy"); !strings.Contains(policy, base64.StdEncoding.EncodeToString(sum[:])) {
		t.Errorf("policy %q does not allow the page's style", policy)
	}
}

func TestAboutEdges(t *testing.T) {
	h := About("", "")
	for _, test := range []struct {
		method, target string
		status         int
	}{
		{http.MethodGet, "/about", http.StatusNotFound},
		{http.MethodGet, "/about/page.html", http.StatusNotFound},
		{http.MethodGet, "/about/../go.mod", http.StatusNotFound},
		{http.MethodPost, "/about/terms", http.StatusMethodNotAllowed},
	} {
		if w := get(h, test.method, test.target, ""); w.Code != test.status {
			t.Errorf("%s %s: %d, want %d", test.method, test.target, w.Code, test.status)
		}
	}
	if w := get(h, http.MethodHead, "/about/terms", ""); w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

// The manifest's addresses are pages that the handler serves.
func TestManifestPointsAtPages(t *testing.T) {
	m, _ := build(t, company())
	for _, address := range []string{m.Developer.WebsiteURL, m.Developer.PrivacyURL, m.Developer.TermsURL} {
		if w := get(About("", ""), http.MethodGet, address, ""); w.Code != http.StatusOK {
			t.Errorf("%s: %d", address, w.Code)
		}
	}
}

// Package visit answers GET /l/{token}: somebody follows a tracked link of a message. They are sent on to where the author's
// link leads, and counted.
//
// It knows neither who asks nor whether they may: a token is as good as the address that it stands for, and names whose message it
// was in. Start reading at Handler.ServeHTTP.
package visit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/text/language"

	"herald/campaigns"
	"herald/campaigns/track"
)

// Links knows where tokens lead; campaigns.Links is one.
type Links interface {
	Target(ctx context.Context, token string) (track.Ref, string, error)
	Count(track.Ref)
}

// Handler serves everything below /l/.
type Handler struct {
	Links Links
	Log   *slog.Logger
}

// ServeHTTP redirects (302), or says on a page for people why it cannot: 404 for what is no link of Herald's, 410 for one whose
// campaign has been deleted, 503 while the database does not answer and the address is not known.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store") // a redirect that is remembered is not counted again
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Robots-Tag", "noindex, nofollow")
	header.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	ref, target, err := h.Links.Target(r.Context(), strings.TrimPrefix(r.URL.Path, track.Path))
	switch {
	case err == nil:
	case campaigns.CodeOf(err) == campaigns.CodeNotFound:
		page(w, r, http.StatusNotFound)
		return
	case campaigns.CodeOf(err) == campaigns.CodeGone:
		page(w, r, http.StatusGone)
		return
	default:
		h.Log.WarnContext(r.Context(), "a link cannot be looked up", "campaign", ref.Campaign, "err", err)
		header.Set("Retry-After", "10")
		page(w, r, http.StatusServiceUnavailable)
		return
	}
	if counts(r) {
		h.Links.Count(ref)
	}
	header.Set("Location", ascii(target))
	w.WriteHeader(http.StatusFound)
}

// machines are the clients that fetch a link because it was shown and not because somebody followed it: chats' and mails'
// previews, search engines. Scanners that call themselves a browser cannot be told from people.
// A Cubot is a telephone.
var machines = regexp.MustCompile(`(?i)preview|crawler|spider|facebookexternalhit|embedly|iframely|imgproxy|imageproxy|linkexpand|unfurl|whatsapp/|(?:^|[^u]|[^c]u)bot`)

// counts says whether a request is a person following a link, as far as it tells. HEAD fetches nothing to look at; browsers say when they
// fetch ahead of the person; every browser and every phone has a User-Agent.
func counts(r *http.Request) bool {
	if r.Method != http.MethodGet {
		return false
	}
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if v := strings.ToLower(r.Header.Get(name)); strings.Contains(v, "prefetch") || strings.Contains(v, "preview") || strings.Contains(v, "prerender") {
			return false
		}
	}
	agent := r.UserAgent()
	return strings.TrimSpace(agent) != "" && !machines.MatchString(agent)
}

// ascii percent-encodes what may not stand in a header; browsers read it as they read the author's address.
func ascii(s string) string {
	const hex = "0123456789ABCDEF"
	var b []byte
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// words are what a page says; Again, where it helps, is what to press then.
type words struct{ Title, Text, Again string }

var (
	matcher = language.NewMatcher([]language.Tag{language.English, language.French})
	tags    = []string{"en", "fr"} // in the matcher's order

	sayings = map[int]map[string]words{
		http.StatusNotFound: {
			"en": {Title: "This link does not work", Text: "It may have been cut off or copied incompletely. Open it again from the message in Teams."},
			"fr": {Title: "Ce lien ne fonctionne pas", Text: "Il a peut-être été coupé ou copié en partie. Ouvrez-le de nouveau depuis le message dans Teams."},
		},
		http.StatusGone: {
			"en": {Title: "This message’s link is no longer available", Text: "The message has been withdrawn by its authors. Ask them if you still need what it led to."},
			"fr": {Title: "Le lien de ce message n’est plus disponible", Text: "Le message a été retiré par ses auteurs. Adressez-vous à eux si vous avez encore besoin de cette page."},
		},
		http.StatusServiceUnavailable: {
			"en": {"This link cannot be opened right now", "Something on our side is not answering. Please try again in a moment.", "Try again"},
			"fr": {"Ce lien ne peut pas être ouvert pour le moment", "Un de nos services ne répond pas. Réessayez dans un instant.", "Réessayer"},
		},
	}
)

//go:embed page.html page.css
var files embed.FS

var (
	layout = template.Must(template.ParseFS(files, "page.html"))
	style  = func() string {
		b, err := files.ReadFile("page.css")
		if err != nil {
			panic(err) // it is embedded
		}
		return string(b)
	}()
	policy = func() string {
		sum := sha256.Sum256([]byte(style))
		return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	}()
)

// page says in the reader's language why there is nothing to see.
func page(w http.ResponseWriter, r *http.Request, status int) {
	wanted, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // nonsense is no wish
	_, i, _ := matcher.Match(wanted...)
	tag := tags[i]
	var b bytes.Buffer
	if err := layout.Execute(&b, map[string]any{"Lang": tag, "Style": template.CSS(style), "Words": sayings[status][tag]}); err != nil {
		http.Error(w, http.StatusText(status), status)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", tag)
	header.Set("Content-Security-Policy", policy)
	header.Set("Vary", "Accept-Language")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader who left is nobody's error; HEAD gets no body
}

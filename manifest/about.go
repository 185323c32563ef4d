package manifest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	languages "golang.org/x/text/language"
)

//go:embed about
var aboutFiles embed.FS

// aboutPages are the pages in the order of their menu; the first is the
// website that the manifest names, the others privacy and terms.
var aboutPages = []struct {
	path, file string
	title      map[string]string
}{
	{"/about/", "about", map[string]string{"en": "About", "fr": "À propos"}},
	{"/about/privacy", "privacy", map[string]string{"en": "Privacy", "fr": "Confidentialité"}},
	{"/about/terms", "terms", map[string]string{"en": "Terms of use", "fr": "Conditions d’utilisation"}},
}

var (
	aboutMatcher = languages.NewMatcher([]languages.Tag{languages.English, languages.French})
	aboutTags    = []string{english.tag, french.tag} // in the matcher's order
	aboutNames   = map[string]string{"en": "English", "fr": "Français"}
	// aboutOperators say who offers Herald where nobody is named.
	aboutOperators = map[string]string{"en": "your organisation", "fr": "votre organisation"}
	aboutMenu      = map[string]string{"en": "Pages", "fr": "Pages"}
)

// About serves the public pages that the manifest points at: /about/,
// /about/privacy and /about/terms, in English and French by the reader's
// Accept-Language or by ?lang=. name is the app's, operator who offers it;
// empty means Herald, and the reader's organisation. Mount it at /about/, without authentication: Teams shows
// these addresses before anybody signs in.
func About(name, operator string) http.Handler {
	if name == "" {
		name = "Herald"
	}
	pages, style := renderAbout(name, operator)
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		byLanguage, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		tag := aboutLanguage(r)
		body := byLanguage[tag]
		h := w.Header()
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Language", tag)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "public, max-age=3600")
		h.Set("Vary", "Accept-Language")
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // a reader who left is nobody's error
		}
	})
}

func aboutLanguage(r *http.Request) string {
	asked := r.Header.Get("Accept-Language")
	if tag := r.URL.Query().Get("lang"); tag != "" {
		asked = tag
	}
	// Tags that make no sense leave the list empty, and the match at English.
	tags, _, _ := languages.ParseAcceptLanguage(asked)
	_, i, _ := aboutMatcher.Match(tags...)
	return aboutTags[i]
}

// renderAbout makes every page in every language, once. The embedded files are
// the program's own: a broken one is a defect that the tests meet, so it panics.
func renderAbout(name, operator string) (pages map[string]map[string][]byte, style string) {
	read := func(file string) string {
		b, err := fs.ReadFile(aboutFiles, "about/"+file)
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	execute := func(file string, data any) string {
		var b bytes.Buffer
		if err := template.Must(template.New(file).Parse(read(file))).Execute(&b, data); err != nil {
			panic(err)
		}
		return b.String()
	}
	style = strings.TrimSpace(read("page.css"))

	type link struct {
		Path, Text string
		Current    bool
	}
	pages = map[string]map[string][]byte{}
	for _, page := range aboutPages {
		pages[page.path] = map[string][]byte{}
		for i, tag := range aboutTags {
			other := aboutTags[(i+1)%len(aboutTags)]
			links := make([]link, len(aboutPages))
			for j, p := range aboutPages {
				links[j] = link{p.path, p.title[tag], p.path == page.path}
			}
			body := execute(fmt.Sprintf("%s.%s.html", page.file, tag), struct{ Name, Operator string }{name, cmp.Or(operator, aboutOperators[tag])})
			pages[page.path][tag] = []byte(execute("page.html", struct {
				Lang, OtherLang, OtherName, NavLabel, Title, Name string

				Links []link
				Style template.CSS
				Body  template.HTML
			}{tag, other, aboutNames[other], aboutMenu[tag], page.title[tag], name,
				links, template.CSS(style), template.HTML(body)}))
		}
	}
	return pages, style
}

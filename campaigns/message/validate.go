package message

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"herald/campaigns/message/wire"
)

// Limits of what an author may write, in characters (runes).
const (
	MaxText        = 10_000
	MaxTitle       = 200
	MaxAlt         = 500
	MaxButtonTitle = 40
	MaxFactTitle   = 100
	MaxFactValue   = 500
	maxProblems    = 50 // more of them help nobody
)

// Rules are what a content is judged by, besides Teams' own.
type Rules struct {
	Columns   []string        // names of the audience's columns, beyond FIRSTNAME and LASTNAME
	AssetsURL string          // as in Options; empty: no address is Herald's own
	Images    map[string]bool // names of the tenant's images, as Images finds them; the content's are enough
}

// Validate judges by the rules of a Herald that has no images of its own.
func Validate(f Format, c Content, columns []string) []Problem {
	return Rules{Columns: columns}.Validate(f, c)
}

// Validate finds everything that is wrong with a content: what can be saved
// must have no Problem here. What is merely not there yet is Incomplete's part.
// Fields of problems are JSON pointers into the request: "/format", "/content/…".
func (r Rules) Validate(f Format, c Content) []Problem {
	v := newValidator(r.Columns)
	v.own, v.images = ownImages(r.AssetsURL), r.Images
	switch f {
	case Idea, Success, Important, Message:
		v.only(f, c, "text")
		v.markdown("/content/text", c.Text)
	case Card:
		v.only(f, c, "text", "title", "imageUrl", "imageAlt", "facts", "buttons", "card")
		if len(c.cardJSON()) > 0 {
			for _, field := range c.filled() {
				if field != "card" {
					v.add("/content/"+field, "card_and_form", "The card is given as JSON, so the form's fields must be empty: choose one of the two.", "", nil)
				}
			}
			v.card(c.cardJSON())
		} else {
			v.form(c)
		}
	case Survey:
		v.only(f, c, "surveyId") // which surveys there are, campaigns knows
	default:
		v.add("/format", "unknown_format", "The format must be one of idea, success, important, card, message and survey.", string(f), Params{"formats": "idea, success, important, card, message, survey"})
	}
	if len(v.problems) == 0 && f != Survey {
		v.size(f, c)
	}
	return v.problems
}

// Incomplete finds what a content still lacks before it can be sent.
func Incomplete(f Format, c Content) []Problem {
	v := newValidator(nil)
	switch f {
	case Idea, Success, Important, Message:
		if len(parseMarkdown(c.Text)) == 0 {
			v.add("/content/text", "text_missing", "Write the text of the message.", "", nil)
		}
	case Card:
		if src := c.cardJSON(); len(src) > 0 {
			root, err := parseTree(src)
			if err == nil && (root.get("body") == nil || len(root.get("body").items) == 0) {
				v.add("/content/card", "empty_card_body", "The card is empty: put at least one element into its body.", "", nil)
			}
			break
		}
		if clean(c.Title) == "" && len(parseMarkdown(c.Text)) == 0 && strings.TrimSpace(c.ImageURL) == "" && len(c.Facts) == 0 {
			v.add("/content", "empty_card", "The card is empty: give it a title, a text or an image.", "", nil)
		}
		for i, f := range c.Facts {
			if clean(f.Title) == "" {
				v.add(fmt.Sprintf("/content/facts/%d/title", i), "fact_title_missing", "Give the fact a name.", "", nil)
			}
			if clean(f.Value) == "" {
				v.add(fmt.Sprintf("/content/facts/%d/value", i), "fact_value_missing", "Give the fact a value.", "", nil)
			}
		}
		for i, b := range c.Buttons {
			if clean(b.Title) == "" {
				v.add(fmt.Sprintf("/content/buttons/%d/title", i), "button_title_missing", "Say on the button what it does.", "", nil)
			}
			if strings.TrimSpace(b.URL) == "" {
				v.add(fmt.Sprintf("/content/buttons/%d/url", i), "button_url_missing", "Give the button an address to open.", "", nil)
			}
		}
	case Survey:
		if c.SurveyID == "" {
			v.add("/content/surveyId", "survey_missing", "Choose the survey.", "", nil)
		}
	}
	return v.problems
}

// cardJSON is the card's JSON; empty when there is none. null and {} are what
// pages send for "none yet".
func (c Content) cardJSON() []byte {
	b := bytes.TrimSpace(c.Card)
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	var compact bytes.Buffer
	if json.Compact(&compact, b) == nil && compact.String() == "{}" {
		return nil
	}
	return b
}

// filled names the fields that hold something.
func (c Content) filled() []string {
	var out []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"text", c.Text != ""},
		{"title", c.Title != ""},
		{"imageUrl", c.ImageURL != ""},
		{"imageAlt", c.ImageAlt != ""},
		{"facts", len(c.Facts) > 0},
		{"buttons", len(c.Buttons) > 0},
		{"card", len(c.cardJSON()) > 0},
		{"surveyId", c.SurveyID != ""},
	} {
		if f.set {
			out = append(out, f.name)
		}
	}
	return out
}

type validator struct {
	problems []Problem
	names    []string // known variables, canonical
	own      ownImages
	images   map[string]bool
}

func newValidator(columns []string) *validator {
	v := &validator{names: []string{"FIRSTNAME", "LASTNAME"}}
	for _, c := range columns {
		if c = canonicalName(c); c != "" {
			v.names = append(v.names, c)
		}
	}
	return v
}

func (v *validator) add(field, code, msg, value string, params Params) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, Problem{Field: field, Code: code, Message: msg, Value: shorten(value), Params: params})
	}
}

func (v *validator) fault(field string, f *fault, value string) {
	if f != nil {
		v.add(field, f.code, f.msg, value, f.params)
	}
}

func shorten(s string) string {
	return string(cut([]byte(strings.ToValidUTF8(s, "\uFFFD")), 0, 200))
}

// only refuses the fields that the format has no use for: an author who filled
// them would wonder where they went.
func (v *validator) only(f Format, c Content, allowed ...string) {
fields:
	for _, field := range c.filled() {
		for _, a := range allowed {
			if a == field {
				continue fields
			}
		}
		v.add("/content/"+field, "field_not_allowed", fmt.Sprintf("A campaign of the format %q has no field %q; leave it out.", f, field), "", Params{"format": string(f), "field": field})
	}
}

// length reports a text that is too long.
func (v *validator) length(field, code, s string, limit int) {
	if n := utf8.RuneCountInString(s); n > limit {
		v.add(field, code, fmt.Sprintf("The text has %d characters; %d are the most.", n, limit), s, Params{"length": n, "limit": limit})
	}
}

// markdown checks a text of the Markdown subset.
func (v *validator) markdown(field, s string) {
	if n := utf8.RuneCountInString(s); n > MaxText {
		v.length(field, "text_too_long", s, MaxText)
		return // and parse nothing that large
	}
	for _, b := range parseMarkdown(s) {
		v.lines(field, b.lines)
		for _, it := range b.items {
			v.lines(field, it.lines)
		}
	}
}

func (v *validator) lines(field string, lines []line) {
	for _, l := range lines {
		for i, r := range l {
			if r.v != nil {
				v.variable(field, *r.v)
			}
			if r.link && (i == 0 || !l[i-1].link || l[i-1].url != r.url) {
				v.link(field, r.url)
			}
		}
	}
}

func (v *validator) link(field, url string) {
	switch {
	case hasVariable(url):
		v.fault(field, &faultVarURL, url)
	case url == "":
		v.add(field, "link_empty", "A link has no address.", "", nil)
	default:
		v.fault(field, checkLink(url), url)
	}
}

// plain checks a text that is no Markdown.
func (v *validator) plain(field, s string) {
	eachVariable(s, func(string) {}, func(x variable) { v.variable(field, x) })
}

func (v *validator) variable(field string, x variable) {
	for _, n := range v.names {
		if n == x.name {
			return
		}
	}
	msg := fmt.Sprintf("There is no variable [%s].", x.name)
	params := Params{"variable": x.name}
	if near := nearest(x.name, v.names); near != "" {
		params["suggestion"] = near
		msg = fmt.Sprintf("There is no variable [%s]. Did you mean [%s]?", x.name, near)
	}
	v.add(field, "unknown_variable", msg+" For brackets in the text write \\["+x.name+"\\].", "["+x.name+"]", params)
}

// image checks the address of an image.
func (v *validator) image(field, url string) {
	name, own := v.own.name(url)
	switch {
	case hasVariable(url):
		v.fault(field, &faultVarURL, url)
	case !own:
		v.fault(field, checkHTTPS(url), url)
	case !v.images[name]:
		v.fault(field, &faultImage, url)
	}
}

// form checks the fields of the card's form.
func (v *validator) form(c Content) {
	v.length("/content/title", "title_too_long", c.Title, MaxTitle)
	v.plain("/content/title", c.Title)
	if u := strings.TrimSpace(c.ImageURL); u != "" {
		v.image("/content/imageUrl", u)
	}
	v.length("/content/imageAlt", "text_too_long", c.ImageAlt, MaxAlt)
	v.plain("/content/imageAlt", c.ImageAlt)
	v.markdown("/content/text", c.Text)
	if len(c.Facts) > maxFacts {
		v.add("/content/facts", "too_many_facts", fmt.Sprintf("%d facts are too many; %d are the most.", len(c.Facts), maxFacts), "", Params{"count": len(c.Facts), "limit": maxFacts})
	}
	for i, f := range c.Facts {
		at := fmt.Sprintf("/content/facts/%d", i)
		v.length(at+"/title", "title_too_long", f.Title, MaxFactTitle)
		v.plain(at+"/title", f.Title)
		v.length(at+"/value", "text_too_long", f.Value, MaxFactValue)
		v.plain(at+"/value", f.Value)
	}
	if len(c.Buttons) > maxButtons {
		v.add("/content/buttons", "too_many_buttons", fmt.Sprintf("%d buttons are too many; %d are the most.", len(c.Buttons), maxButtons), "", Params{"count": len(c.Buttons), "limit": maxButtons})
	}
	for i, b := range c.Buttons {
		at := fmt.Sprintf("/content/buttons/%d", i)
		v.length(at+"/title", "title_too_long", b.Title, MaxButtonTitle)
		v.plain(at+"/title", b.Title)
		v.plain(at+"/url", b.URL)
		if u := strings.TrimSpace(b.URL); u != "" {
			v.fault(at+"/url", checkButton(u), u)
		}
	}
}

// size renders the content for a person whose values are as long as the
// variables' names, and with links as long as they may become, tracked or not;
// real people are checked again, one by one, by Body.
func (v *validator) size(f Format, c Content) {
	field := "/content/text"
	if len(c.cardJSON()) > 0 {
		field = "/content/card"
	}
	t, err := Compile(f, c, Options{AssetsURL: cmp.Or(string(v.own), "https://herald.example"), TrackURL: "https://herald.invalid"})
	if err != nil {
		v.add(field, "invalid_content", "This cannot be made into a message: "+err.Error()+".", "", Params{"detail": err.Error()})
		return
	}
	r, _ := t.RenderTracked(Person{}, func(n int) string { return strings.Repeat("x", max(maxTracked, len(t.links[n].URL))) })
	var large *TooLargeError
	if _, err := r.Body(); errors.As(err, &large) {
		v.tooLarge(field, large.Size)
	}
}

func (v *validator) tooLarge(field string, size int) {
	v.add(field, "too_large", fmt.Sprintf("The message is too large for Teams: %d KB of at most %d KB. Shorten it.", (size+1023)/1024, wire.MaxSize/1024), "", Params{"size": (size + 1023) / 1024, "limit": wire.MaxSize / 1024})
}

package message

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// A tracked link goes out as an address of Herald's that is each recipient's own; where it leads is looked up when it
// is opened. Tracked are the http and https addresses of links in Markdown, and of the actions that open one. What is not, on purpose:
// mailto; addresses written as plain text, which some clients make links of and others do not; links between angle brackets,
// because their text is the address; and Teams' deep links, which Teams opens in place and a browser in between would not.
//
// The number of a link stands in the tokens that people keep in their chats, so the order in which a content's links are
// found must stay as it is: testdata/links.json holds it.

// Link is a tracked link of a template. Its place in Links is its number.
type Link struct {
	URL  string // as the author wrote it, with its variables
	Text string // of the link or button, with its variables; at most 200 characters, may be empty
}

// maxTracked is the longest address of a tracked link that Validate allows for; a person's message is measured as it is.
const maxTracked = 160

// link is a Link with the address compiled.
type link struct {
	Link
	target *text
}

// number is the number of the link; ok is false when it is not to be tracked. The same text with the same address is one link.
func (in *interner) number(url, label string, enc encoding) (n int, ok bool) {
	if !in.tracks(url) {
		return 0, false
	}
	label = shorten(clean(label))
	k := url + "\x00" + label
	if n, ok = in.numbers[k]; ok {
		return n, true
	}
	if in.numbers == nil {
		in.numbers = map[string]int{}
	}
	target := &text{enc: enc}
	if enc == query { // the address of an action, in which variables may stand
		eachVariable(url, target.lit, func(v variable) {
			target.parts = append(target.parts, part{kind: slot, v: in.id(v)})
		})
	} else {
		target.lit(url)
	}
	n = len(in.links)
	in.numbers[k] = n
	in.links = append(in.links, link{Link{URL: url, Text: label}, target})
	return n, true
}

// forget takes back the links from number n on: what they stood in was written in another way.
func (in *interner) forget(n int) {
	for k, v := range in.numbers {
		if v >= n {
			delete(in.numbers, k)
		}
	}
	in.links = in.links[:n]
}

// tracks says whether an address is to be tracked. What Validate would refuse is not: a click must lead nowhere that
// the message could not.
func (in *interner) tracks(s string) bool {
	if in.track == "" || checkLink(s) != nil && checkButton(s) != nil {
		return false
	}
	base, _, _ := strings.Cut(s, "?") // variables stand behind it
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return false
	}
	own, err := url.Parse(in.track)
	return err == nil && !strings.EqualFold(u.Host, own.Host) && !isDeepLink(u)
}

// teamsHosts are those whose /l/… Teams opens in place (learn.microsoft.com, concepts/build-and-test/deep-links).
var teamsHosts = map[string]bool{
	"teams.microsoft.com": true, "teams.cloud.microsoft": true, "teams.live.com": true,
	"gov.teams.microsoft.us": true, "dod.teams.microsoft.us": true, "teams.microsoftonline.cn": true,
}

func isDeepLink(u *url.URL) bool {
	return teamsHosts[strings.ToLower(u.Hostname())] && strings.HasPrefix(u.Path, "/l/")
}

// Links are the template's tracked links, in the order of their numbers; none when Options asked for none.
func (t *Template) Links() []Link {
	out := make([]Link, len(t.links))
	for i, l := range t.links {
		out[i] = l.Link
	}
	return out
}

// Target is where a tracked link leads one person; ok is false when there is no link of that number. A value that the person
// has lost since the message was sent is left out.
func (t *Template) Target(p Person, number uint64) (address string, ok bool) {
	if number >= uint64(len(t.links)) {
		return "", false
	}
	values := make([]string, len(t.vars))
	for i, v := range t.vars {
		if values[i] = p.value(v.name); values[i] == "" {
			values[i] = v.fallback
		}
	}
	return string(t.links[number].target.append(nil, filling{vars: values})), true
}

// Personal says that a link leads people to different addresses.
func (t *Template) Personal(number uint64) bool {
	return number < uint64(len(t.links)) && !t.links[number].target.fixed()
}

// filling is what a person's message is filled with.
type filling struct {
	vars  []string // one per variable
	links []string // one per tracked link; nil: the author's own addresses
}

// place is where the address of a tracked link stands in a text.
type place struct{ from, to, number int }

// placesIn finds the links in Markdown that is passed on as it is, of which only the addresses are changed. What it cannot be
// sure of stays as it is: a reader of the changed text must find the same links in the same places.
func (in *interner) placesIn(s string) []place {
	if in.track == "" || !strings.Contains(s, "](") {
		return nil
	}
	before := len(in.links)
	var places []place
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
			continue
		}
		if s[i] != ']' || i+1 == len(s) || s[i+1] != '(' {
			continue
		}
		from := i + 2
		length := strings.IndexAny(s[from:], ")( \t\r\n<>\\&\"'")
		label, ok := labelBefore(s[:i])
		if !ok || length < 0 || s[from+length] != ')' {
			continue
		}
		if n, ok := in.number(s[from:from+length], label, markdown); ok {
			places = append(places, place{from, from + length, n})
		}
	}
	if !in.sameLinks(s, places) {
		in.forget(before)
		return nil
	}
	return places
}

// labelBefore is the text of the link whose bracket closes at the end of s; ok is false when none opens, or an image's.
func labelBefore(s string) (label string, ok bool) {
	depth := 0
	for i := len(s) - 1; i >= 0; i-- {
		switch s[i] {
		case ']':
			depth++
		case '[':
			if depth == 0 {
				return s[i+1:], i == 0 || s[i-1] != '!'
			}
			depth--
		}
	}
	return "", false
}

// sameLinks reads the text again with other addresses in the places.
func (in *interner) sameLinks(s string, places []place) bool {
	var changed strings.Builder
	at := 0
	want := map[string]string{}
	for i, p := range places {
		other := "https://herald.invalid/" + strconv.Itoa(i)
		want[other] = s[p.from:p.to]
		changed.WriteString(s[at:p.from] + other)
		at = p.to
	}
	changed.WriteString(s[at:])
	found := links(changed.String())
	met := 0
	for i, dest := range found {
		if was, ok := want[dest]; ok {
			found[i] = was
			met++
		}
	}
	return met == len(places) && slices.Equal(found, links(s))
}

// tracked adds s[from:to] of a text with links in places.
func (t *text) tracked(s string, from, to int, places []place) {
	for _, p := range places {
		if p.from >= from && p.to <= to {
			t.lit(s[from:p.from])
			t.parts = append(t.parts, part{kind: address, v: p.number, s: s[p.from:p.to]})
			from = p.to
		}
	}
	t.lit(s[from:to])
}

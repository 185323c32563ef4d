package message

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const maxURL = 2048

// fault is what is wrong with a value: the code and the sentence of a Problem, and what stands in the sentence.
type fault struct {
	code, msg string
	params    Params
}

var (
	faultScript = fault{"script_url", "An address that runs a script is not allowed anywhere in a message.", nil}
	faultHTTPS  = fault{"url_not_https", "The address must start with https:// and name a host, e.g. https://intranet.example/news.", nil}
	faultUser   = fault{"url_userinfo", "The address holds a user name or password before the @; remove it.", nil}
	faultBadURL = fault{"url_invalid", "This is not a valid address; check it in a browser and paste it again.", nil}
	faultLong   = fault{"url_too_long", "The address is longer than 2048 characters.", Params{"limit": maxURL}}
	faultLink   = fault{"link_not_allowed", "A link must start with https://, http:// or mailto:.", Params{"schemes": "https://, http://, mailto:"}}
	faultImage  = fault{"unknown_image", "Herald has no such image. Upload it again, or use another one.", nil}
	faultVarURL = fault{"variable_in_url", "A variable may stand in an address only behind the ? of a button's address, e.g. https://intranet.example/?name=[FIRSTNAME].", nil}
)

// checkHTTPS judges the address of an image or a button.
func checkHTTPS(s string) *fault {
	if isScript(s) {
		return &faultScript
	}
	u, f := checkURL(s)
	switch {
	case f != nil:
		return f
	case u.Scheme != "https" || u.Host == "":
		return &faultHTTPS
	}
	return checkHost(u)
}

// checkLink judges the address of a link in a text.
func checkLink(s string) *fault {
	if isScript(s) {
		return &faultScript
	}
	u, f := checkURL(s)
	if f != nil {
		return f
	}
	switch u.Scheme {
	case "mailto":
		if u.Opaque == "" || !strings.Contains(u.Opaque, "@") {
			return &faultBadURL
		}
		return nil
	case "https", "http":
		if u.Host == "" {
			return &faultBadURL
		}
		return checkHost(u)
	}
	return &faultLink
}

// checkURL refuses what browsers and net/url may read differently: controls,
// white space, backslashes (browsers read them as slashes), quotes, brackets.
func checkURL(s string) (*url.URL, *fault) {
	if len(s) > maxURL {
		return nil, &faultLong
	}
	for _, r := range s {
		if r == '\\' || r == '"' || r == '<' || r == '>' || r == '`' || unicode.IsSpace(r) || unicode.IsControl(r) || isDirectional(r) || r == unicode.ReplacementChar {
			return nil, &faultBadURL
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, &faultBadURL
	}
	return u, nil
}

func checkHost(u *url.URL) *fault {
	if u.User != nil {
		return &faultUser
	}
	// Names and IPv4 addresses only: an IPv6 address in a message is a mistake
	// or worse, and its brackets are Markdown.
	host := u.Hostname()
	if host == "" || strings.HasPrefix(host, ".") || strings.Contains(host, "..") || strings.ContainsAny(u.Host, "[]") {
		return &faultBadURL
	}
	for _, r := range host {
		if r != '-' && r != '.' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			return &faultBadURL
		}
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return &faultBadURL
		}
	}
	return nil
}

// isScript finds script addresses as sloppy readers do: whatever the case, and
// with white space and control characters in between.
func isScript(s string) bool {
	if !strings.Contains(s, ":") {
		return false
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return strings.Contains(s, "javascript:") || strings.Contains(s, "vbscript:") || strings.HasPrefix(s, "data:text/html")
}

// checkButton judges the address of a button, in which variables may stand
// behind the "?".
//
// Why only there: in the host a value would choose where people go, and in the
// path a value such as ".." would; a value in the query is data and nothing else.
func checkButton(s string) *fault {
	misplaced := false
	var sample strings.Builder
	eachVariable(s, func(lit string) { sample.WriteString(lit) }, func(variable) {
		before := sample.String()
		if !strings.Contains(before, "?") || strings.Contains(before, "#") {
			misplaced = true
		}
		sample.WriteString("x")
	})
	if misplaced {
		return &faultVarURL
	}
	return checkHTTPS(sample.String())
}

// hasVariable: a variable stands somewhere in s.
func hasVariable(s string) bool {
	found := false
	eachVariable(s, func(string) {}, func(variable) { found = true })
	return found
}

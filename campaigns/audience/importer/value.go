package importer

import (
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// isBreak: white space that ends a line or jumps; inside a value it is a space.
func isBreak(r rune) bool {
	switch r {
	case '\t', '\n', '\v', '\f', '\r', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// isInvisible: directional marks and overrides, zero-width characters, and
// whatever else shows nothing. Joiners are among them, which emoji and several scripts need.
func isInvisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// trim takes white space off the ends, and the two characters without width that
// come with what is copied from web pages.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff'
	})
}

// clean is the value of a cell: one line, nothing at its ends, valid UTF-8.
// Control characters stay, for check to name them.
func (c *cell) clean() string {
	s := c.text
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	if strings.ContainsFunc(s, isBreak) {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.Map(func(r rune) rune {
			if isBreak(r) {
				return ' '
			}
			return r
		}, s)
	}
	s = trim(s)
	if !c.typed {
		s = unguard(s)
	}
	return s
}

// unguard takes off the apostrophe that an export puts before what a spreadsheet
// would run.
func unguard(s string) string {
	rest := strings.TrimLeft(s, "'")
	if len(rest) < len(s) && rest != "" && strings.IndexByte("=+-@", rest[0]) >= 0 {
		return rest
	}
	return s
}

// check says what is wrong with a cell whatever its column is; nil: nothing.
// value is what clean made of it.
func (c *cell) check(value string, limit int) *fault {
	switch {
	case c.long || len(value) > limit && utf8.RuneCountInString(value) > limit:
		return &fault{CodeCellTooLong, "The cell has more than " + strconv.Itoa(limit) + " characters. Shorten it; where the row goes over several lines, look for a quote that is closed too late."}
	case c.failed:
		return &fault{CodeCellError, "The cell shows an error of its formula, " + quote(value) + ". Mend the formula or write the value."}
	}
	for _, r := range value {
		switch {
		case r == utf8.RuneError:
			return &fault{CodeDamagedCharacter, "The cell holds a character that was lost when the file was written. Write it again and save the file as UTF-8."}
		case unicode.IsControl(r):
			return &fault{CodeControlCharacter, fmt.Sprintf("The cell holds the control character U+%04X, which no one can see. Type the cell anew.", r)}
		}
	}
	return nil
}

// isAddress accepts a bare address such as "ann@contoso.example". It is never more
// lenient than the rule for addresses that authors type (campaigns.isAddress).
func isAddress(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > 254 || !strings.Contains(s[at+1:], ".") {
		return false
	}
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) || isInvisible(r) || r == utf8.RuneError || strings.ContainsRune("\"<>()[],;:\\", r) {
			return false
		}
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

// notAnAddress says why a value is none, and what would be one.
func notAnAddress(s string) string {
	if a, err := mail.ParseAddress(s); err == nil && a.Address != s && isAddress(a.Address) {
		return quote(s) + " is more than an address. Write only " + a.Address + "."
	}
	if visible := strings.Map(func(r rune) rune {
		if isInvisible(r) {
			return -1
		}
		return r
	}, s); visible != s && isAddress(visible) {
		return quote(s) + " holds an invisible character. Type the address anew: " + visible + "."
	}
	if isPhone(s) {
		return quote(s) + " is a telephone number. Teams knows people by their address; write it like name@company.com."
	}
	return quote(s) + " is not an e-mail address. Write it like name@company.com."
}

func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+ -./()", r):
			return false
		}
	}
	return digits >= 6 && digits <= 15
}

// maxNumber is the longest number, in characters.
const maxNumber = 40

// isNumber: a sign, digits, and a point or a comma before decimals. Separators of
// thousands are refused: 1,200 would be two different numbers.
func isNumber(s string) bool {
	if len(s) > maxNumber {
		return false
	}
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole, decimals, has := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	return isDigits(whole) && (!has || isDigits(decimals))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func notANumber(s string) string {
	if strings.ContainsAny(s, "eE") && isNumber(strings.NewReplacer("E+", "", "e+", "", "E-", "", "e-", "", "E", "", "e", "").Replace(s)) {
		return quote(s) + " is a number that was shortened when the file was saved. Give the column a number format without exponent in Excel and save again."
	}
	return quote(s) + " is not a number. Write it with digits only and at most one point or comma, e.g. 1200 or 1200,50."
}

// isDate: YYYY-MM-DD, a day that exists.
func isDate(s string) bool {
	if !looksLikeDate(s) {
		return false
	}
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// looksLikeDate: the digits and dashes are in place, whatever they say.
func looksLikeDate(s string) bool {
	return len(s) == 10 && s[4] == '-' && s[7] == '-' && isDigits(s[:4]) && isDigits(s[5:7]) && isDigits(s[8:])
}

func notADate(s string) string {
	if looksLikeDate(s) {
		return "There is no day " + quote(s) + ". Write the date as YYYY-MM-DD, e.g. 2026-03-31."
	}
	return quote(s) + " is not a date. Write it as YYYY-MM-DD, e.g. 2026-03-31."
}

// shown is a value as a page may show it: shortened to 200 characters, control
// characters and directional overrides replaced, since they would disturb what stands
// around it.
func shown(s string) string {
	return shorten(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return utf8.RuneError
		}
		return r
	}, s), 200)
}

// quote is a value as it stands in a sentence: what cannot be seen is spelled out.
func quote(s string) string { return strconv.Quote(shorten(s, 80)) }

func shorten(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

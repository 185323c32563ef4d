package message

import "strings"

// language is one that Herald writes itself: headings and summaries. What the
// author wrote is in whatever language the author wrote it.
type language int

const (
	english language = iota
	french
	languages // how many there are
)

var tags = [languages]string{"en", "fr"}

// languageOf takes the language from a BCP 47 tag; English when we do not speak it.
func languageOf(locale string) language {
	primary := locale
	if i := strings.IndexAny(locale, "-_"); i >= 0 {
		primary = locale[:i]
	}
	if strings.EqualFold(primary, "fr") {
		return french
	}
	return english
}

// heading is the format's name as recipients read it.
func heading(f Format, l language) string {
	return map[Format][languages]string{
		Idea:      {"Idea", "Idée"},
		Success:   {"Success", "Succès"},
		Important: {"Important", "Important"},
	}[f][l]
}

// headingGlue stands between heading and text; French puts a no-break space
// before the colon.
var headingGlue = [languages]string{": ", "\u00a0: "}

// newCard is the summary of a card in which there is no word to quote.
var newCard = [languages]string{"You have a new card", "Vous avez une nouvelle carte"}

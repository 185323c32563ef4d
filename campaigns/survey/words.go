package survey

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// words are what the bot itself says on the cards, in one language.
type words struct {
	tag string // BCP 47

	survey, colon        string // the first card's heading, and what stands between it and the text in the summary
	progress             string // position, total
	required             string
	answer, answerTo     string // label of an input; … with the question's number
	choose               string // in an empty drop-down
	yes, no              string
	lowest, highest      string // of a rating
	unlikely, likely     string // of an NPS
	next, send           string
	back, change         string
	anonymous, named     string
	thanks, received     string
	answers, noAnswer    string
	moreAnswers          string // count
	closed, closedOn     string // … day
	already, alreadyText string
	isTest, wasTest      string
	newSurvey            string
	separator            string // before what belongs to the words in front of it
	decimal              string

	problems map[string]string
	missing  map[Type]string // what a required question asks for
	tooLong  string          // limit

	months [12]string
	first  string // the first day of a month
}

var english = words{
	tag:    "en",
	survey: "Survey", colon: ": ",
	progress: "%d of %d", required: "Answer required", answer: "Your answer", answerTo: "Answer to question %d", choose: "Choose an answer",
	yes: "Yes", no: "No", lowest: "lowest", highest: "highest", unlikely: "not at all likely", likely: "extremely likely",
	next: "Next", send: "Send", back: "Back", change: "Change my answer",
	anonymous: "Your answers are anonymous: nobody can see who answered what.", named: "Your answers are kept with your name.",
	thanks: "Thank you", received: "Your answers have arrived.", answers: "Your answers", noAnswer: "No answer", moreAnswers: "… and %d more",
	closed: "This survey is closed.", closedOn: "This survey closed on %s.",
	already: "You have already answered", alreadyText: "Your answers to this survey have arrived. Thank you.",
	isTest: "This is a test; answers are not kept.", wasTest: "This was a test; answers are not kept.",
	newSurvey: "You have a new survey", separator: ". ", decimal: ".",
	problems: map[string]string{
		CodeUnknownOption: "Choose one of the answers offered.",
		CodeWrongType:     "This answer was not understood. Please give it again.",
		CodeNotANumber:    "Enter a number, for example 12.5.",
		CodeNumberRange:   "This number is too large or too small.",
		CodeNumberPrecise: "Enter the number with 15 digits at most.",
		CodeNotADate:      "Choose a day of the calendar.",
		CodeInvalidText:   "Your answer has characters that cannot be kept. Please write it again.",
		// These concern no question on the card.
		CodeUnknownQuestion: "The card you answered is out of date. Please go on here.",
		CodeNotAsked:        "The card you answered is out of date. Please go on here.",
	},
	missing: map[Type]string{
		Choice: "Choose an answer.", YesNo: "Choose an answer.", Rating: "Choose an answer.", NPS: "Choose an answer.",
		MultiChoice: "Choose at least one answer.", Number: "Enter a number.", Date: "Choose a date.", Text: "Write an answer.", LongText: "Write an answer.",
	},
	tooLong: "Your answer is too long: %s characters are the most.",
	months:  [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	first:   "1",
}

var french = words{
	tag:    "fr",
	survey: "Enquête", colon: "\u00a0: ",
	progress: "%d sur %d", required: "Réponse obligatoire", answer: "Votre réponse", answerTo: "Réponse à la question %d", choose: "Choisissez une réponse",
	yes: "Oui", no: "Non", lowest: "la note la plus basse", highest: "la note la plus haute", unlikely: "pas du tout probable", likely: "extrêmement probable",
	next: "Suivant", send: "Envoyer", back: "Retour", change: "Modifier ma réponse",
	anonymous: "Vos réponses sont anonymes : personne ne peut voir qui a répondu quoi.", named: "Vos réponses sont enregistrées avec votre nom.",
	thanks: "Merci", received: "Vos réponses sont bien arrivées.", answers: "Vos réponses", noAnswer: "Sans réponse", moreAnswers: "… et %d de plus",
	closed: "Cette enquête est close.", closedOn: "Cette enquête est close depuis le %s.",
	already: "Vous avez déjà répondu", alreadyText: "Vos réponses à cette enquête sont bien arrivées. Merci.",
	isTest: "Ceci est un test ; les réponses ne sont pas conservées.", wasTest: "C’était un test ; les réponses ne sont pas conservées.",
	newSurvey: "Vous avez une nouvelle enquête", separator: ". ", decimal: ",",
	problems: map[string]string{
		CodeUnknownOption:   "Choisissez une des réponses proposées.",
		CodeWrongType:       "Cette réponse n’a pas été comprise. Veuillez la donner de nouveau.",
		CodeNotANumber:      "Saisissez un nombre, par exemple 12,5.",
		CodeNumberRange:     "Ce nombre est trop grand ou trop petit.",
		CodeNumberPrecise:   "Saisissez le nombre avec 15 chiffres au plus.",
		CodeNotADate:        "Choisissez un jour du calendrier.",
		CodeInvalidText:     "Votre réponse contient des caractères qui ne peuvent pas être enregistrés. Veuillez l’écrire de nouveau.",
		CodeUnknownQuestion: "La carte à laquelle vous avez répondu n’est plus à jour. Veuillez continuer ici.",
		CodeNotAsked:        "La carte à laquelle vous avez répondu n’est plus à jour. Veuillez continuer ici.",
	},
	missing: map[Type]string{
		Choice: "Choisissez une réponse.", YesNo: "Choisissez une réponse.", Rating: "Choisissez une réponse.", NPS: "Choisissez une réponse.",
		MultiChoice: "Choisissez au moins une réponse.", Number: "Saisissez un nombre.", Date: "Choisissez une date.", Text: "Écrivez une réponse.", LongText: "Écrivez une réponse.",
	},
	tooLong: "Votre réponse est trop longue : %s caractères au plus.",
	months:  [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	first:   "1er",
}

// Languages are those of the bot's own words, as BCP 47 tags.
func Languages() []string { return []string{english.tag, french.tag} }

// Language is the one of them in which cards for a locale are written.
func Language(locale string) string { return wordsOf(locale).tag }

// wordsOf takes the language from a BCP 47 tag, as campaigns/message does; English when we do not speak it.
func wordsOf(locale string) *words {
	primary, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	if strings.EqualFold(primary, "fr") {
		return &french
	}
	return &english
}

// day is "3 December 2026".
func (w *words) day(t time.Time) string {
	d := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		d = w.first
	}
	return fmt.Sprintf("%s %s %d", d, w.months[t.Month()-1], t.Year())
}

// problem is what the card says beside a question.
func (w *words) problem(q *Question, code string) string {
	switch code {
	case CodeRequired:
		return w.missing[q.Type]
	case CodeTextTooLong:
		return fmt.Sprintf(w.tooLong, w.thousands(q.limit()))
	}
	if s := w.problems[code]; s != "" {
		return s
	}
	return w.problems[CodeWrongType]
}

// thousands writes 4000 as "4,000" or "4 000".
func (w *words) thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	sep := ","
	if w.tag == "fr" {
		sep = "\u202f"
	}
	return fmt.Sprintf("%d%s%03d", n/1000, sep, n%1000)
}

// option is how an option's id is written.
func (w *words) option(q *Question, id string) string {
	switch q.Type {
	case YesNo:
		if id == "yes" {
			return w.yes
		}
		return w.no
	case Rating:
		switch id {
		case "1":
			return "1 – " + w.lowest
		case "5":
			return "5 – " + w.highest
		}
	case NPS:
		switch id {
		case "0":
			return "0 – " + w.unlikely
		case "10":
			return "10 – " + w.likely
		}
	}
	for _, o := range q.Options {
		if o.ID == id {
			return o.Text
		}
	}
	return id
}

package survey

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"herald/campaigns/message"
	"herald/campaigns/message/wire"
)

const maxProblems = 50 // more of them help nobody

var idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

type validator struct{ problems []message.Problem }

func (v *validator) add(field, code, value string, params message.Params, format string, args ...any) {
	if len(v.problems) < maxProblems {
		v.problems = append(v.problems, message.Problem{Field: field, Code: code, Message: fmt.Sprintf(format, args...), Value: short(strings.ToValidUTF8(value, "\uFFFD"), 200), Params: params})
	}
}

func (v *validator) length(field, s string, limit int) {
	if n := utf8.RuneCountInString(s); n > limit {
		v.add(field, "text_too_long", s, message.Params{"length": n, "limit": limit}, "The text has %d characters; %d are the most.", n, limit)
	}
}

// Validate finds everything that is wrong with a survey: what may be saved has no Problem here. What is merely not there
// yet is Incomplete's part. columns are the names of the columns that intro and thanks may use besides FIRSTNAME and
// LASTNAME. Fields are JSON pointers into the definition, "/questions/3/options/1/text".
//
// Codes: unknown_type, invalid_id, reserved_id, duplicate_id, text_too_long, too_many_questions, too_many_options,
// options_not_allowed, branch_not_allowed, branch_unknown_option, branch_twice, branch_unknown_question, branch_to_itself,
// branch_backwards, and campaigns/message's for intro and thanks.
func Validate(d Definition, columns ...string) []message.Problem {
	v := &validator{}
	v.markdown("/intro", d.Intro, columns)
	v.markdown("/thanks", d.Thanks, columns)
	if n := len(d.Questions); n > MaxQuestions {
		v.add("/questions", "too_many_questions", "", message.Params{"count": n, "limit": MaxQuestions}, "%d questions are too many; %d are the most.", n, MaxQuestions)
		return v.problems
	}
	seen := map[string]bool{}
	for i := range d.Questions {
		v.question(&d, i, seen)
	}
	return v.problems
}

func (v *validator) markdown(field, s string, columns []string) {
	if utf8.RuneCountInString(s) > MaxIntro {
		v.length(field, s, MaxIntro)
		return
	}
	for _, p := range message.Validate(message.Message, message.Content{Text: s}, columns) {
		if len(v.problems) < maxProblems {
			p.Field = field
			v.problems = append(v.problems, p)
		}
	}
}

// id checks an id; again says that the one before has it already.
func (v *validator) id(field, id string, seen map[string]bool) {
	switch {
	case !idForm.MatchString(id):
		v.add(field, "invalid_id", id, message.Params{"limit": maxID}, "An id has at most %d characters, all of them letters of a to z, digits, - or _.", maxID)
	case seen[id]:
		v.add(field, "duplicate_id", id, message.Params{"id": id}, "The id %q is there twice; give each its own.", id)
	}
	seen[id] = true
}

func (v *validator) question(d *Definition, i int, seen map[string]bool) {
	q := &d.Questions[i]
	at := fmt.Sprintf("/questions/%d", i)
	v.id(at+"/id", q.ID, seen)
	// Herald's data stand beside the answers in a card's data; "end" is where branches end; JavaScript has plans of its own
	// with the third.
	if strings.EqualFold(q.ID, reservedKey) || q.ID == End || q.ID == "__proto__" {
		v.add(at+"/id", "reserved_id", q.ID, message.Params{"id": q.ID}, "%q is a name that Herald needs for itself; choose another.", q.ID)
	}
	if !q.Type.known() {
		v.add(at+"/type", "unknown_type", string(q.Type), message.Params{"types": "choice, multichoice, yesno, rating, nps, number, date, text, longtext"},
			"The type of a question must be one of choice, multichoice, yesno, rating, nps, number, date, text and longtext.")
	}
	v.length(at+"/text", q.Text, MaxQuestion)
	v.length(at+"/help", q.Help, MaxHelp)
	switch n := len(q.Options); {
	case !q.Type.known():
	case !q.Type.listed() && n > 0:
		v.add(at+"/options", "options_not_allowed", "", message.Params{"type": string(q.Type)}, "A question of the type %q has no options of its own; leave them out.", q.Type)
	case n > MaxOptions:
		v.add(at+"/options", "too_many_options", "", message.Params{"count": n, "limit": MaxOptions}, "%d options are too many; %d are the most.", n, MaxOptions)
	default:
		ids := map[string]bool{}
		for k, o := range q.Options {
			v.id(fmt.Sprintf("%s/options/%d/id", at, k), o.ID, ids)
			v.length(fmt.Sprintf("%s/options/%d/text", at, k), o.Text, MaxOption)
		}
	}
	if q.Type.known() {
		v.branches(d, i, at+"/branch")
	}
}

func (v *validator) branches(d *Definition, i int, at string) {
	q := &d.Questions[i]
	if len(q.Branch) > 0 && !q.Type.single() {
		v.add(at, "branch_not_allowed", "", message.Params{"type": string(q.Type)}, "After a question of the type %q the way cannot branch.", q.Type)
		return
	}
	ids := q.optionIDs()
	seen := map[string]bool{}
	for k, b := range q.Branch {
		here := fmt.Sprintf("%s/%d", at, k)
		switch {
		case !slices.Contains(ids, b.Option):
			v.add(here+"/option", "branch_unknown_option", b.Option, message.Params{"option": short(b.Option, maxID)}, "The question has no option %q.", short(b.Option, maxID))
		case seen[b.Option]:
			v.add(here+"/option", "branch_twice", b.Option, message.Params{"option": b.Option}, "Two branches start at the option %q; keep one.", b.Option)
		}
		seen[b.Option] = true
		if b.To == End {
			continue
		}
		switch to := d.index(b.To); {
		case to < 0:
			v.add(here+"/to", "branch_unknown_question", b.To, message.Params{"question": short(b.To, maxID)}, "There is no question %q.", short(b.To, maxID))
		case to == i:
			v.add(here+"/to", "branch_to_itself", b.To, message.Params{"number": i + 1}, "Question %d cannot lead to itself; choose a question further down, or the end.", i+1)
		case to < i:
			v.add(here+"/to", "branch_backwards", b.To, message.Params{"number": i + 1, "target": to + 1}, "Question %d cannot lead back to question %d; choose a question further down, or the end.", i+1, to+1)
		}
		if len(v.problems) >= maxProblems {
			return
		}
	}
}

const codeUnreached = "question_unreachable"

// Warns says of a problem of Incomplete that it does not keep the survey from being sent.
func Warns(p message.Problem) bool { return p.Code == codeUnreached }

// Incomplete finds what a survey that Validate accepts still lacks before it can be sent.
//
// Codes: no_questions, text_missing, option_text_missing, too_few_options, duplicate_option, too_large (of a question's
// card, or of "/intro" or "/thanks" when they alone make it so), and question_unreachable, which Warns.
func Incomplete(d Definition) []message.Problem {
	v := &validator{}
	if len(d.Questions) == 0 {
		v.add("/questions", "no_questions", "", nil, "The survey has no questions yet; add one.")
	}
	if len(d.Questions) > MaxQuestions {
		return v.problems // which Validate names, and nothing of that size is drawn
	}
	reached := d.reached()
	for i := range d.Questions {
		q := &d.Questions[i]
		at := fmt.Sprintf("/questions/%d", i)
		if message.Line(q.Text) == "" {
			v.add(at+"/text", "text_missing", "", message.Params{"number": i + 1}, "Write the text of question %d.", i+1)
		}
		if q.Type.listed() {
			v.options(q, i, at)
		}
		if !reached[i] {
			v.add(at, codeUnreached, "", message.Params{"number": i + 1}, "No way leads to question %d, so nobody will be asked it.", i+1)
		}
	}
	v.sizes(&d)
	return v.problems
}

func (v *validator) options(q *Question, i int, at string) {
	if n := len(q.Options); n < 2 {
		v.add(at+"/options", "too_few_options", "", message.Params{"number": i + 1, "count": n, "limit": 2}, "Question %d needs at least 2 options to choose from.", i+1)
	}
	first := map[string]int{}
	for k, o := range q.Options {
		here := fmt.Sprintf("%s/options/%d/text", at, k)
		key := strings.ToLower(strings.Join(strings.Fields(message.Line(o.Text)), " "))
		if key == "" {
			v.add(here, "option_text_missing", "", message.Params{"number": i + 1, "option": k + 1}, "Write the text of option %d of question %d.", k+1, i+1)
			continue
		}
		if other, ok := first[key]; ok {
			v.add(here, "duplicate_option", o.Text, message.Params{"number": i + 1, "option": k + 1, "other": other + 1}, "Options %d and %d of question %d are the same; change or remove one.", other+1, k+1, i+1)
			continue
		}
		first[key] = k
	}
}

// sizes draws every card in its largest state.
func (v *validator) sizes(d *Definition) {
	for i := range d.Questions {
		n := d.largest(d.Questions[i].ID)
		if n <= maxCard {
			continue
		}
		if i == 0 {
			bare := *d
			bare.Intro = ""
			if bare.largest(d.Questions[0].ID) <= maxCard {
				v.tooLarge("/intro", "The intro", n, nil)
				continue
			}
		}
		v.tooLarge(fmt.Sprintf("/questions/%d", i), fmt.Sprintf("Question %d", i+1), n, message.Params{"number": i + 1})
	}
	thanks, summary, err := Card(*d, View{Kind: Thanks, Locale: "fr", Test: true, CanChange: true, MRI: strings.Repeat("m", 200), Token: strings.Repeat("t", 200)})
	if n := wire.Size(thanks) + wire.Size([]byte(summary)); err == nil && n > maxCard {
		v.tooLarge("/thanks", "The thank-you", n, nil)
	}
}

func (v *validator) tooLarge(field, what string, size int, params message.Params) {
	if params == nil {
		params = message.Params{}
	}
	params["size"], params["limit"] = (size+1023)/1024, maxCard/1024
	v.add(field, "too_large", "", params, "%s is too large for a card in Teams: %d KB of at most %d KB. Shorten it.", what, params["size"], params["limit"])
}

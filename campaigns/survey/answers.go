package survey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"herald/campaigns/message"
)

// Answers are what one person answered, by question id. A blank Value is a question that was asked and left blank. As JSON:
//
//	choice, yesno, rating, nps   an option's id: "a3", "yes", "4", "10"
//	multichoice                  ids in the survey's order: ["a1","a3"]
//	number                       12.5
//	date                         "2026-12-03"
//	text, longtext               "as written"
//	blank                        null
//
// The same answers are always the same bytes.
type Answers map[string]Value

// Value is the answer to one question; the zero Value is blank.
type Value struct {
	kind valueKind
	text string   // of one; of number, the digits
	list []string // of many
}

type valueKind uint8

const (
	blank valueKind = iota
	one             // an option, a date, a text
	many
	number
)

// Blank says that the question was left unanswered.
func (v Value) Blank() bool { return v.kind == blank }

// Text is the one option's id, the date, the text, or the number's digits; "" of a blank answer and of several options.
func (v Value) Text() string { return v.text }

// Options are the ids of a multichoice answer.
func (v Value) Options() []string { return slices.Clone(v.list) }

// Number is the answer to a number question.
func (v Value) Number() (n float64, ok bool) {
	if v.kind != number {
		return 0, false
	}
	n, err := strconv.ParseFloat(v.text, 64)
	return n, err == nil
}

func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case one:
		return json.Marshal(v.text)
	case many:
		return json.Marshal(v.list)
	case number:
		return []byte(v.text), nil
	}
	return []byte("null"), nil
}

var errValue = errors.New("survey: an answer is a text, a list of texts, a number or null")

func (v *Value) UnmarshalJSON(b []byte) error {
	*v = Value{}
	b = bytes.TrimSpace(b)
	switch {
	case len(b) == 0:
		return errValue
	case string(b) == "null":
		return nil
	case b[0] == '"':
		v.kind = one
		return json.Unmarshal(b, &v.text)
	case b[0] == '[':
		if err := json.Unmarshal(b, &v.list); err != nil || len(v.list) == 0 {
			return errValue
		}
		v.kind = many
		return nil
	}
	n, code := readNumber(string(b))
	if code != "" {
		return fmt.Errorf("%w: %s", errValue, code)
	}
	*v = n
	return nil
}

// InputProblem says what is wrong with an answer that came from a card.
type InputProblem struct {
	QuestionID string `json:"questionId"`
	Code       string `json:"code"` // one of the Code constants
}

// Codes of InputProblem.
const (
	CodeRequired        = "required"
	CodeUnknownOption   = "unknown_option"
	CodeWrongType       = "wrong_type"
	CodeNotANumber      = "not_a_number"
	CodeNumberRange     = "number_out_of_range" // not 0 and not within 1e-15 to 1e15
	CodeNumberPrecise   = "number_too_precise"  // more than 15 significant digits
	CodeNotADate        = "not_a_date"
	CodeTextTooLong     = "text_too_long"
	CodeInvalidText     = "invalid_text"     // U+0000, broken UTF-8
	CodeUnknownQuestion = "unknown_question" // of another survey or another version
	CodeNotAsked        = "not_asked"        // off the person's path, or before its turn
)

// maxInput bounds what is parsed at all: the longest text with every character as two \u escapes is smaller.
const maxInput = 64 << 10

// Accept takes what a person sent from the card of the question of id at, or of the whole form when at is "". inputs is the
// action's data as Teams sends it: texts, numbers, booleans, "a,b" for several options; what is absent, null or "" was left
// blank. before is what the person answered until now and is not changed.
//
// With problems, after is before. Else after holds the new answers, and no longer those that the new ones have put off the
// path; whether it is complete, Next says.
//
// Other fields of inputs are ignored, those of other questions too: Teams merges the inputs into the button's data, so
// Herald's own fields are among them, and a card of an older version may bring more. They cannot do anything: only what is
// asked at this place is read.
func (d Definition) Accept(at string, inputs map[string]json.RawMessage, before Answers) (after Answers, problems []InputProblem) {
	after = Answers{}
	if at == "" {
		for i := 0; i < len(d.Questions); {
			q := &d.Questions[i]
			v, code := q.read(inputs[q.ID])
			if code != "" {
				problems = append(problems, InputProblem{q.ID, code})
			}
			after[q.ID] = v
			i = d.step(i, v)
		}
	} else {
		i := d.index(at)
		if i < 0 {
			return before, []InputProblem{{at, CodeUnknownQuestion}}
		}
		if _, asked := before[at]; !asked {
			if next, done := d.Next(before); done || next != i {
				return before, []InputProblem{{at, CodeNotAsked}}
			}
		} else if !slices.Contains(d.Path(before), i) {
			return before, []InputProblem{{at, CodeNotAsked}}
		}
		v, code := d.Questions[i].read(inputs[at])
		if code != "" {
			return before, []InputProblem{{at, code}}
		}
		for id, v := range before {
			after[id] = v
		}
		after[at] = v
	}
	if len(problems) > 0 {
		return before, problems
	}
	return d.onPath(after), nil
}

// onPath is a without the answers off its path.
func (d *Definition) onPath(a Answers) Answers {
	kept := Answers{}
	for _, i := range d.Path(a) {
		id := d.Questions[i].ID
		if v, ok := a[id]; ok {
			kept[id] = v
		}
	}
	return kept
}

// WithoutTexts is what stays of answers when nobody may know any more who gave them: all but what was written freely. Answers
// to questions that the definition does not have go too.
func (d Definition) WithoutTexts(a Answers) Answers {
	kept := Answers{}
	for i := range d.Questions {
		q := &d.Questions[i]
		if v, ok := a[q.ID]; ok && q.Type != Text && q.Type != LongText {
			kept[q.ID] = v
		}
	}
	return kept
}

// read makes a Value of one input, or says what is wrong with it.
func (q *Question) read(raw json.RawMessage) (v Value, code string) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > maxInput {
		if q.Type == Text || q.Type == LongText {
			return Value{}, CodeTextTooLong
		}
		return Value{}, CodeWrongType
	}
	if len(raw) > 0 && string(raw) != "null" {
		v, code = q.parse(raw)
	}
	if code == "" && v.Blank() && q.Required {
		code = CodeRequired
	}
	return v, code
}

func (q *Question) parse(raw []byte) (Value, string) {
	if q.Type == MultiChoice {
		return q.parseMany(raw)
	}
	s, code := scalar(raw)
	if code != "" {
		return Value{}, code
	}
	isText := raw[0] == '"'
	if q.Type == Text || q.Type == LongText {
		if !isText {
			return Value{}, CodeWrongType
		}
		return q.readText(s)
	}
	if s = strings.TrimSpace(s); s == "" {
		return Value{}, ""
	}
	switch q.Type {
	case Number:
		if !isText && (s == "true" || s == "false") {
			return Value{}, CodeWrongType
		}
		return readNumber(s)
	case Date:
		day, err := time.Parse(time.DateOnly, s)
		if err != nil || !isText || day.Year() == 0 {
			return Value{}, CodeNotADate
		}
		return Value{kind: one, text: s}, ""
	case YesNo:
		if !isText {
			s = map[string]string{"true": "yes", "false": "no"}[s]
		}
	}
	if !slices.Contains(q.optionIDs(), s) {
		return Value{}, CodeUnknownOption
	}
	return Value{kind: one, text: s}, ""
}

// scalar is the text of a JSON text, number or boolean.
func scalar(raw []byte) (string, string) {
	if raw[0] != '"' {
		if raw[0] == '{' || raw[0] == '[' || !json.Valid(raw) {
			return "", CodeWrongType
		}
		return string(raw), ""
	}
	// encoding/json makes U+FFFD of what is no UTF-8 or half a surrogate pair.
	var s string
	if !utf8.Valid(raw) {
		return "", CodeInvalidText
	}
	if json.Unmarshal(raw, &s) != nil {
		return "", CodeWrongType
	}
	if strings.ContainsRune(s, 0) {
		return "", CodeInvalidText
	}
	if strings.ContainsRune(s, utf8.RuneError) && !bytes.ContainsRune(raw, utf8.RuneError) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		return "", CodeInvalidText
	}
	return s, ""
}

// parseMany reads "a,b" and ["a","b"].
func (q *Question) parseMany(raw []byte) (Value, string) {
	var given []string
	if raw[0] == '[' {
		if json.Unmarshal(raw, &given) != nil {
			return Value{}, CodeWrongType
		}
	} else {
		s, code := scalar(raw)
		if code == "" && raw[0] != '"' {
			code = CodeWrongType
		}
		if code != "" {
			return Value{}, code
		}
		given = strings.Split(s, ",")
	}
	ids := q.optionIDs()
	chosen := map[string]bool{}
	for _, id := range given {
		if id = strings.TrimSpace(id); id == "" {
			continue
		}
		if !slices.Contains(ids, id) {
			return Value{}, CodeUnknownOption
		}
		chosen[id] = true
	}
	if len(chosen) == 0 {
		return Value{}, ""
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return !chosen[id] })
	return Value{kind: many, list: slices.Compact(ids)}, ""
}

// limit is how many characters an answer may have.
func (q *Question) limit() int {
	if q.Type == LongText {
		return MaxLongText
	}
	return MaxText
}

func (q *Question) readText(s string) (Value, string) {
	s = message.WithVariables(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\v", "\n", "\f", "\n").Replace(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && q.Type == Text:
			return ' '
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0:
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if s == "" {
		return Value{}, ""
	}
	if utf8.RuneCountInString(s) > q.limit() {
		return Value{}, CodeTextTooLong
	}
	return Value{kind: one, text: s}, ""
}

var numberForm = regexp.MustCompile(`^[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d{1,4})?$`)

const (
	maxDigits = 15 // what a float64 keeps of every decimal number
	// Sums of a hundred thousand such numbers are still finite and still mean something.
	maxNumber = 1e15
	minNumber = 1e-15
)

// readNumber reads a number with a point or a comma before its decimals.
func readNumber(s string) (Value, string) {
	if len(s) > 400 || !numberForm.MatchString(s) {
		return Value{}, CodeNotANumber
	}
	s = strings.Replace(s, ",", ".", 1)
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	digits := strings.Trim(strings.Replace(strings.TrimLeft(mantissa, "+-"), ".", "", 1), "0")
	if digits == "" {
		return Value{kind: number, text: "0"}, "" // whatever its sign and exponent
	}
	if len(digits) > maxDigits {
		return Value{}, CodeNumberPrecise
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) > maxNumber || math.Abs(f) < minNumber {
		return Value{}, CodeNumberRange
	}
	return Value{kind: number, text: strconv.FormatFloat(f, 'f', -1, 64)}, ""
}

package survey

import "strconv"

// Type is the kind of a question.
type Type string

const (
	Choice      Type = "choice"      // one of the options
	MultiChoice Type = "multichoice" // any number of the options
	YesNo       Type = "yesno"       // "yes", "no"
	Rating      Type = "rating"      // "1" to "5"
	NPS         Type = "nps"         // "0" to "10": net promoter score
	Number      Type = "number"
	Date        Type = "date"
	Text        Type = "text"     // one line
	LongText    Type = "longtext" // lines
)

// Limits of what an author may write; texts in characters (runes).
const (
	MaxQuestions = 100
	MaxOptions   = 25
	MaxIntro     = 4000 // of Intro and of Thanks
	MaxQuestion  = 500
	MaxHelp      = 500
	MaxOption    = 200
	maxID        = 40
)

// Limits of what a person may answer, in characters (runes).
const (
	MaxText     = 1000
	MaxLongText = 4000
)

// End is where a branch leads that asks nothing more.
const End = "end"

// Definition is what an author wrote of a survey; frozen per version.
type Definition struct {
	Intro       string     `json:"intro"`  // Markdown subset with variables
	Thanks      string     `json:"thanks"` // Markdown subset with variables
	Anonymous   bool       `json:"anonymous"`
	AllowChange bool       `json:"allowChange"`
	Questions   []Question `json:"questions"`
}

// Question is one question. Its texts are plain.
type Question struct {
	ID       string   `json:"id"` // 1–40 of [A-Za-z0-9_-], unique in the survey
	Type     Type     `json:"type"`
	Text     string   `json:"text"`
	Help     string   `json:"help"`
	Required bool     `json:"required"`
	Options  []Option `json:"options,omitempty"` // of choice and multichoice
	Branch   []Branch `json:"branch,omitempty"`  // of choice, yesno, rating and nps
}

// Option is one answer to choose.
type Option struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Branch says which question follows an answer; without one it is the next in the list.
type Branch struct {
	Option string `json:"option"` // an option's id, or "yes", "7", …
	To     string `json:"to"`     // id of a question further down, or End
}

// known says whether there is such a type of question.
func (t Type) known() bool {
	switch t {
	case Choice, MultiChoice, YesNo, Rating, NPS, Number, Date, Text, LongText:
		return true
	}
	return false
}

// listed: the author writes the options.
func (t Type) listed() bool { return t == Choice || t == MultiChoice }

// single: the answer is exactly one option, so the way may branch.
func (t Type) single() bool { return t == Choice || t == YesNo || t == Rating || t == NPS }

// optionIDs are the answers to choose from, in their order.
func (q *Question) optionIDs() []string {
	switch q.Type {
	case Choice, MultiChoice:
		ids := make([]string, len(q.Options))
		for i, o := range q.Options {
			ids[i] = o.ID
		}
		return ids
	case YesNo:
		return []string{"yes", "no"}
	case Rating:
		return scale(1, 5)
	case NPS:
		return scale(0, 10)
	}
	return nil
}

func scale(from, to int) []string {
	var ids []string
	for i := from; i <= to; i++ {
		ids = append(ids, strconv.Itoa(i))
	}
	return ids
}

// index is the place of the question of that id; -1: there is none.
func (d *Definition) index(id string) int {
	for i := range d.Questions {
		if d.Questions[i].ID == id {
			return i
		}
	}
	return -1
}

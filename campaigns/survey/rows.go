package survey

import (
	"strings"

	"herald/campaigns/message"
)

// Columns are the heads of a table with one row per respondent: the questions' texts.
func Columns(d Definition) []string {
	out := make([]string, len(d.Questions))
	for i, q := range d.Questions {
		out[i] = message.Line(q.Text)
	}
	return out
}

// Row is one respondent's row under Columns: options by their texts, several joined by "; ", "yes" and "no", numbers with a
// decimal point, days as 2026-12-03, and "" for what was not asked or left blank. Texts are as people wrote them: whoever
// writes them into a spreadsheet keeps them from being formulas.
func Row(d Definition, a Answers) []string {
	out := make([]string, len(d.Questions))
	for i := range d.Questions {
		q := &d.Questions[i]
		v := a[q.ID]
		switch {
		case v.kind == many:
			texts := make([]string, len(v.list))
			for k, id := range v.list {
				texts[k] = q.optionText(id)
			}
			out[i] = strings.Join(texts, "; ")
		case q.Type == Choice && v.kind == one:
			out[i] = q.optionText(v.text)
		default:
			out[i] = v.text
		}
	}
	return out
}

// optionText is the text of an option the author wrote; its id when there is no such option.
func (q *Question) optionText(id string) string {
	for _, o := range q.Options {
		if o.ID == id {
			return message.Line(o.Text)
		}
	}
	return id
}

package survey_test

import (
	"fmt"
	"strings"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/survey"
)

func codes(ps []message.Problem) string {
	var out []string
	for _, p := range ps {
		out = append(out, p.Field+" "+p.Code)
	}
	return strings.Join(out, ", ")
}

// one question is wrong; ask is asked before it and after.
func with(q survey.Question) survey.Definition {
	if q.ID == "" {
		q.ID = "q"
	}
	return survey.Definition{Questions: []survey.Question{{ID: "before", Type: survey.Text, Text: "B"}, q, {ID: "after", Type: survey.Text, Text: "A"}}}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	many := func(n int) survey.Definition {
		var d survey.Definition
		for i := range n {
			d.Questions = append(d.Questions, survey.Question{ID: fmt.Sprint("q", i), Type: survey.Text, Text: "x"})
		}
		return d
	}
	twoOptions := options("x", "y")
	for name, tc := range map[string]struct {
		d    survey.Definition
		want string
	}{
		"every type":              {every(), ""},
		"nothing yet":             {survey.Definition{}, ""},
		"half written":            {with(survey.Question{Type: survey.Choice, Options: options("", "")}), ""},
		"100 questions":           {many(100), ""},
		"101 questions":           {many(101), "/questions too_many_questions"},
		"unknown type":            {with(survey.Question{Type: "matrix", Branch: []survey.Branch{{Option: "a", To: "b"}}}), "/questions/1/type unknown_type"},
		"no type":                 {with(survey.Question{}), "/questions/1/type unknown_type"},
		"id twice":                {with(survey.Question{ID: "before", Type: survey.Date}), "/questions/1/id duplicate_id"},
		"id with a space":         {with(survey.Question{ID: "a b", Type: survey.Date}), "/questions/1/id invalid_id"},
		"id of 41":                {with(survey.Question{ID: strings.Repeat("a", 41), Type: survey.Date}), "/questions/1/id invalid_id"},
		"id of Herald's own":      {with(survey.Question{ID: "Herald", Type: survey.Date}), "/questions/1/id reserved_id"},
		"id end":                  {with(survey.Question{ID: "end", Type: survey.Date}), "/questions/1/id reserved_id"},
		"id __proto__":            {with(survey.Question{ID: "__proto__", Type: survey.Date}), "/questions/1/id reserved_id"},
		"long text":               {with(survey.Question{Type: survey.Text, Text: strings.Repeat("é", 501)}), "/questions/1/text text_too_long"},
		"text of 500":             {with(survey.Question{Type: survey.Text, Text: strings.Repeat("é", 500)}), ""},
		"long help":               {with(survey.Question{Type: survey.Text, Help: strings.Repeat("é", 501)}), "/questions/1/help text_too_long"},
		"long option":             {with(survey.Question{Type: survey.Choice, Options: options("a", strings.Repeat("é", 201))}), "/questions/1/options/1/text text_too_long"},
		"26 options":              {with(survey.Question{Type: survey.Choice, Options: make([]survey.Option, 26)}), "/questions/1/options too_many_options"},
		"option id twice":         {with(survey.Question{Type: survey.Choice, Options: []survey.Option{{ID: "a"}, {ID: "a"}}}), "/questions/1/options/1/id duplicate_id"},
		"option id with a comma":  {with(survey.Question{Type: survey.MultiChoice, Options: []survey.Option{{ID: "a,b"}}}), "/questions/1/options/0/id invalid_id"},
		"options of a rating":     {with(survey.Question{Type: survey.Rating, Options: twoOptions}), "/questions/1/options options_not_allowed"},
		"branch of multichoice":   {with(survey.Question{Type: survey.MultiChoice, Options: twoOptions, Branch: []survey.Branch{{Option: "a", To: "end"}}}), "/questions/1/branch branch_not_allowed"},
		"branch of number":        {with(survey.Question{Type: survey.Number, Branch: []survey.Branch{{Option: "1", To: "end"}}}), "/questions/1/branch branch_not_allowed"},
		"branch of no option":     {with(survey.Question{Type: survey.Choice, Options: twoOptions, Branch: []survey.Branch{{Option: "z", To: "end"}}}), "/questions/1/branch/0/option branch_unknown_option"},
		"branch of rating 6":      {with(survey.Question{Type: survey.Rating, Branch: []survey.Branch{{Option: "6", To: "end"}}}), "/questions/1/branch/0/option branch_unknown_option"},
		"branch twice":            {with(survey.Question{Type: survey.YesNo, Branch: []survey.Branch{{Option: "no", To: "end"}, {Option: "no", To: "after"}}}), "/questions/1/branch/1/option branch_twice"},
		"branch to nowhere":       {with(survey.Question{Type: survey.YesNo, Branch: []survey.Branch{{Option: "no", To: "gone"}}}), "/questions/1/branch/0/to branch_unknown_question"},
		"branch to itself":        {with(survey.Question{Type: survey.YesNo, Branch: []survey.Branch{{Option: "no", To: "q"}}}), "/questions/1/branch/0/to branch_to_itself"},
		"branch backwards":        {with(survey.Question{Type: survey.NPS, Branch: []survey.Branch{{Option: "10", To: "before"}}}), "/questions/1/branch/0/to branch_backwards"},
		"branches that are right": {with(survey.Question{Type: survey.NPS, Branch: []survey.Branch{{Option: "10", To: "after"}, {Option: "0", To: "end"}}}), ""},
		"long intro":              {survey.Definition{Intro: strings.Repeat("a", 4001)}, "/intro text_too_long"},
		"script in intro":         {survey.Definition{Intro: "[x](javascript:alert(1))"}, "/intro script_url"},
		"variable in thanks":      {survey.Definition{Thanks: "[FRISTNAME]"}, "/thanks unknown_variable"},
		"column":                  {survey.Definition{Thanks: "[Department|your team]"}, ""},
		"brackets in a question":  {with(survey.Question{Type: survey.Text, Text: "[FRISTNAME] (javascript:x)"}), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ps := survey.Validate(tc.d, "Department")
			if got := codes(ps); !strings.HasPrefix(got, tc.want) || tc.want == "" && got != "" {
				t.Errorf("%s, want %s", got, tc.want)
			}
			sentences(t, ps)
		})
	}
}

func TestIncomplete(t *testing.T) {
	t.Parallel()
	wide := every()
	wide.Intro = strings.Repeat("a\n", 2000)
	long := every()
	long.Thanks = strings.Repeat("a\n", 2000)
	skipping := with(survey.Question{Type: survey.YesNo, Text: "x", Required: true, Branch: []survey.Branch{{Option: "no", To: "end"}, {Option: "yes", To: "end"}}})
	optional := skipping
	optional.Questions = append([]survey.Question{}, skipping.Questions...)
	optional.Questions[1].Required = false
	bloated := with(survey.Question{Type: survey.Choice, Text: strings.Repeat("&amp;", 100), Options: options("x", strings.Repeat("y", 50_000))}) // more than Validate takes
	for name, tc := range map[string]struct {
		d    survey.Definition
		want string
	}{
		"every type":               {every(), ""},
		"nothing":                  {survey.Definition{}, "/questions no_questions"},
		"no text":                  {with(survey.Question{Type: survey.Text, Text: " \t"}), "/questions/1/text text_missing"},
		"no options":               {with(survey.Question{Type: survey.Choice, Text: "x"}), "/questions/1/options too_few_options"},
		"one option":               {with(survey.Question{Type: survey.MultiChoice, Text: "x", Options: options("a")}), "/questions/1/options too_few_options"},
		"an empty option":          {with(survey.Question{Type: survey.Choice, Text: "x", Options: options("a", " ")}), "/questions/1/options/1/text option_text_missing"},
		"the same option twice":    {with(survey.Question{Type: survey.Choice, Text: "x", Options: options("Été  chaud", "b", " éTé chaud ")}), "/questions/1/options/2/text duplicate_option"},
		"nobody is asked":          {skipping, "/questions/2 question_unreachable"},
		"who skips is asked":       {optional, ""},
		"an intro of 2000 lines":   {wide, "/intro too_large"},
		"thanks of 2000 lines":     {long, "/thanks too_large"},
		"a question that is large": {bloated, "/questions/1 too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ps := survey.Incomplete(tc.d)
			if got := codes(ps); got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
			for _, p := range ps {
				if survey.Warns(p) != (p.Code == "question_unreachable") {
					t.Errorf("%+v warns", p)
				}
			}
			sentences(t, ps)
		})
	}
}

// sentences checks that a page can say every problem in another language: what varies in the sentence is in the params.
func sentences(t *testing.T, ps []message.Problem) {
	t.Helper()
	for _, p := range ps {
		for name, v := range p.Params {
			switch v.(type) {
			case int, string:
			default:
				t.Errorf("%s: param %s is a %T", p.Code, name, v)
			}
		}
		for _, word := range strings.FieldsFunc(p.Message, func(r rune) bool { return r < '0' || r > '9' }) {
			if p.Code == "unknown_variable" || p.Code == "text_too_long" && p.Params == nil {
				continue
			}
			found := false
			for _, v := range p.Params {
				found = found || strings.Contains(fmt.Sprint(v), word)
			}
			if !found {
				t.Errorf("%s: %q is in no param of %v: %s", p.Code, word, p.Params, p.Message)
			}
		}
	}
}

// The largest surveys that may be saved fit Teams, unless Incomplete says otherwise.
func TestLargestCardsFit(t *testing.T) {
	t.Parallel()
	var d survey.Definition
	d.Intro, d.Thanks = strings.Repeat("&amp; ", 660), strings.Repeat(`\*`, 2000)
	for i := range survey.MaxQuestions {
		q := survey.Question{ID: fmt.Sprintf("%s%039d", "q", i), Type: survey.LongText, Text: strings.Repeat("[", 500), Help: strings.Repeat("<", 500), Required: true}
		if i%2 == 0 {
			q.Type = survey.MultiChoice
			for k := range survey.MaxOptions {
				q.Options = append(q.Options, survey.Option{ID: fmt.Sprintf("o%039d", k), Text: strings.Repeat("[", 197) + fmt.Sprint(k)})
			}
		}
		d.Questions = append(d.Questions, q)
	}
	if ps := append(survey.Validate(d), survey.Incomplete(d)...); len(ps) > 0 {
		t.Fatalf("%s", codes(ps))
	}
	a := survey.Answers{}
	for i := 0; ; {
		q := d.Questions[i]
		in := inputs(`{}`)
		in[q.ID] = []byte(`"` + strings.Repeat(`\"`, survey.MaxLongText) + `"`)
		if q.Type == survey.MultiChoice {
			var ids []string
			for _, o := range q.Options {
				ids = append(ids, o.ID)
			}
			in[q.ID] = []byte(`"` + strings.Join(ids, ",") + `"`)
		}
		after, problems := d.Accept(q.ID, in, a)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		a = after
		card, summary, err := survey.Card(d, survey.View{Kind: survey.Ask, At: q.ID, Answers: a, CampaignID: "c", MRI: "29:x", Locale: "fr", Test: true, Problems: []survey.InputProblem{{QuestionID: q.ID, Code: survey.CodeTextTooLong}}})
		if err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			checkCard(t, d, card, summary)
		}
		next, done := d.Following(q.ID, a)
		if done {
			break
		}
		i = next
	}
	card, summary, err := survey.Card(d, survey.View{Kind: survey.Thanks, Answers: a, CampaignID: "c", MRI: "29:x"})
	if err != nil {
		t.Fatal(err)
	}
	checkCard(t, d, card, summary)
	if !strings.Contains(string(card), "… and ") {
		t.Error("the thank-you does not say that there are more answers than it shows")
	}
}

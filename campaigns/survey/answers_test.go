package survey_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"herald/campaigns/survey"
)

func encode(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every kind of input as Teams, a curious person or an attacker sends it, and what becomes of it: the answer as JSON, or a code.
func TestAcceptReadsInputs(t *testing.T) {
	t.Parallel()
	five := options("A", "B", "C", "D", "E")
	for _, tc := range []struct {
		typ  survey.Type
		in   string // JSON; "" is absent
		want string
	}{
		{survey.Choice, `"c"`, `"c"`},
		{survey.Choice, `" c "`, `"c"`},
		{survey.Choice, ``, `null`},
		{survey.Choice, `""`, `null`},
		{survey.Choice, `null`, `null`},
		{survey.Choice, `"C"`, survey.CodeUnknownOption},
		{survey.Choice, `"a,b"`, survey.CodeUnknownOption},
		{survey.Choice, `["a"]`, survey.CodeWrongType},
		{survey.Choice, `{"a":1}`, survey.CodeWrongType},
		{survey.Choice, `true`, survey.CodeUnknownOption},
		{survey.Choice, `"`, survey.CodeWrongType},
		{survey.MultiChoice, `"e,a,a"`, `["a","e"]`},
		{survey.MultiChoice, `["e","b"]`, `["b","e"]`},
		{survey.MultiChoice, `","`, `null`},
		{survey.MultiChoice, `[]`, `null`},
		{survey.MultiChoice, `"a,z"`, survey.CodeUnknownOption},
		{survey.MultiChoice, `[1]`, survey.CodeWrongType},
		{survey.MultiChoice, `7`, survey.CodeWrongType},
		{survey.YesNo, `"yes"`, `"yes"`},
		{survey.YesNo, `false`, `"no"`},
		{survey.YesNo, `"true"`, survey.CodeUnknownOption},
		{survey.YesNo, `1`, survey.CodeUnknownOption},
		{survey.Rating, `"5"`, `"5"`},
		{survey.Rating, `4`, `"4"`},
		{survey.Rating, `0`, survey.CodeUnknownOption},
		{survey.Rating, `4.5`, survey.CodeUnknownOption},
		{survey.NPS, `"0"`, `"0"`},
		{survey.NPS, `10`, `"10"`},
		{survey.NPS, `"11"`, survey.CodeUnknownOption},
		{survey.NPS, `"-1"`, survey.CodeUnknownOption},
		{survey.Number, `"12,50"`, `12.5`},
		{survey.Number, `12.50`, `12.5`},
		{survey.Number, `"-0"`, `0`},
		{survey.Number, `"0e400"`, `0`},
		{survey.Number, `"+007"`, `7`},
		{survey.Number, `"1e3"`, `1000`},
		{survey.Number, `"123456789012345"`, `123456789012345`},
		{survey.Number, `"0.000000000000001"`, `0.000000000000001`},
		{survey.Number, `"1234567890123456"`, survey.CodeNumberPrecise},
		{survey.Number, `"1.000000000000001"`, survey.CodeNumberPrecise},
		{survey.Number, `"1e400"`, survey.CodeNumberRange},
		{survey.Number, `1e400`, survey.CodeNumberRange},
		{survey.Number, `"1e-400"`, survey.CodeNumberRange},
		{survey.Number, `"-2e15"`, survey.CodeNumberRange},
		{survey.Number, `"NaN"`, survey.CodeNotANumber},
		{survey.Number, `"Infinity"`, survey.CodeNotANumber},
		{survey.Number, `"0x10"`, survey.CodeNotANumber},
		{survey.Number, `"1 000"`, survey.CodeNotANumber},
		{survey.Number, `"1,000.5"`, survey.CodeNotANumber},
		{survey.Number, `"twelve"`, survey.CodeNotANumber},
		{survey.Number, `true`, survey.CodeWrongType},
		{survey.Number, `" "`, `null`},
		{survey.Date, `"2028-02-29"`, `"2028-02-29"`},
		{survey.Date, `"2026-02-29"`, survey.CodeNotADate},
		{survey.Date, `"2026-2-3"`, survey.CodeNotADate},
		{survey.Date, `"0000-01-01"`, survey.CodeNotADate},
		{survey.Date, `"2026-12-03T00:00:00Z"`, survey.CodeNotADate},
		{survey.Date, `20261203`, survey.CodeNotADate},
		{survey.Text, `"  a <b>\r\n[c] "`, `"a \u003cb\u003e [c]"`},
		{survey.Text, `"a [` + "\u2060" + `FIRSTNAME]"`, `"a [FIRSTNAME]"`}, // as the card prefilled it
		{survey.Text, `" \n"`, `null`},
		{survey.Text, `7`, survey.CodeWrongType},
		{survey.Text, `"a\u0000"`, survey.CodeInvalidText},
		{survey.Text, "\"a\xff\"", survey.CodeInvalidText},
		{survey.Text, `"\ud83d"`, survey.CodeInvalidText},
		{survey.Text, `"\ufffd"`, `"` + "\ufffd" + `"`},
		{survey.Text, `"` + strings.Repeat("é", 1000) + `"`, `"` + strings.Repeat("é", 1000) + `"`},
		{survey.Text, `"` + strings.Repeat("é", 1001) + `"`, survey.CodeTextTooLong},
		{survey.Text, `"` + strings.Repeat("a", 1<<20) + `"`, survey.CodeTextTooLong},
		{survey.Choice, `"` + strings.Repeat("a", 1<<20) + `"`, survey.CodeWrongType},
		{survey.LongText, `"a\r\n\tb\u0007"`, `"a\n\tb"`},
		{survey.LongText, `"` + strings.Repeat("a", 4000) + ` "`, `"` + strings.Repeat("a", 4000) + `"`},
		{survey.LongText, `"` + strings.Repeat("a", 4001) + `"`, survey.CodeTextTooLong},
	} {
		q := survey.Question{ID: "q", Type: tc.typ, Text: "?"}
		if tc.typ == survey.Choice || tc.typ == survey.MultiChoice {
			q.Options = five
		}
		name := fmt.Sprintf("%s %.40s", tc.typ, tc.in)
		for _, required := range []bool{false, true} {
			q.Required = required
			d := survey.Definition{Questions: []survey.Question{q}}
			in := map[string]json.RawMessage{"herald": []byte(`{"survey":1}`), "other": []byte(`"x"`)}
			if tc.in != "" {
				in["q"] = []byte(tc.in)
			}
			want := tc.want
			if required && want == "null" {
				want = survey.CodeRequired
			}
			for _, at := range []string{"", "q"} {
				after, problems := d.Accept(at, in, nil)
				var got string
				if len(problems) > 0 {
					got = problems[0].Code
					if problems[0].QuestionID != "q" || len(problems) > 1 || after != nil {
						t.Errorf("%s: %v, %v", name, problems, after)
					}
				} else {
					got = encode(t, after["q"])
					if len(after) != 1 {
						t.Errorf("%s: %v", name, after)
					}
				}
				if got != want {
					t.Errorf("%s: %.60s, want %.60s", name, got, want)
				}
			}
		}
	}
}

// What is pressed where it should not be.
func TestAcceptKeepsToThePath(t *testing.T) {
	t.Parallel()
	d := every()
	for _, tc := range []struct {
		name, before, at, in, after, problem string
	}{
		{"the first", `{}`, "visit", `{"visit":"no"}`, `{"visit":"no"}`, ""},
		{"another's answer is not read", `{}`, "visit", `{"visit":"no","stars":"5"}`, `{"visit":"no"}`, ""},
		{"not its turn", `{"visit":"yes"}`, "stars", `{"stars":"5"}`, `{"visit":"yes"}`, "stars not_asked"},
		{"off the path", `{"visit":"no"}`, "dish", `{"dish":"a"}`, `{"visit":"no"}`, "dish not_asked"},
		{"of another survey", `{"visit":"no"}`, "x", `{"x":"a"}`, `{"visit":"no"}`, "x unknown_question"},
		{"blank", `{"visit":"no"}`, "why", `{}`, `{"visit":"no","why":null}`, ""},
		{"again", `{"visit":"yes","dish":"a"}`, "dish", `{"dish":"b"}`, `{"dish":"b","visit":"yes"}`, ""},
		{"the way changes", `{"visit":"yes","dish":"a","stars":"4","why":"x","gone":"y"}`, "visit", `{"visit":"no"}`, `{"visit":"no","why":"x"}`, ""},
		{"and back", `{"visit":"no","why":"x"}`, "visit", `{"visit":"yes"}`, `{"visit":"yes","why":"x"}`, ""},
		{"the form", `{"visit":"yes","dish":"a"}`, "", `{"visit":"no","dish":"a","nps":10,"word":" w "}`, `{"days":null,"nps":"10","price":null,"start":null,"visit":"no","why":null,"word":"w"}`, ""},
		{"the form, required off the path and on it", `{}`, "", `{"visit":"yes","dish":"z"}`, `{}`, "dish unknown_option, stars required, nps required"},
	} {
		before := answers(t, tc.before)
		after, problems := d.Accept(tc.at, inputs(tc.in), before)
		var got []string
		for _, p := range problems {
			got = append(got, p.QuestionID+" "+p.Code)
		}
		if encode(t, after) != strings.ReplaceAll(tc.after, " w ", "w") || strings.Join(got, ", ") != tc.problem {
			t.Errorf("%s: %s %v", tc.name, encode(t, after), got)
		}
		if encode(t, before) != encode(t, answers(t, tc.before)) {
			t.Errorf("%s: before was changed", tc.name)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	d := every()
	d.Questions[2].Branch = []survey.Branch{{Option: "1", To: "end"}}
	for _, tc := range []struct {
		answers  string
		path     []int
		next     int
		at       string
		progress string
	}{
		{`{}`, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, 0, "visit", "1 of 9"},
		{`{"visit":"yes"}`, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, 1, "dish", "2 of 9"},
		{`{"visit":"no"}`, []int{0, 3, 4, 5, 6, 7, 8}, 3, "why", "2 of 7"},
		{`{"visit":"yes","dish":"a","stars":"1"}`, []int{0, 1, 2}, -1, "stars", "3 of 9"},
		{`{"visit":"no","why":null,"days":null,"price":1,"start":null,"word":"x"}`, []int{0, 3, 4, 5, 6, 7, 8}, 8, "nps", "7 of 7"},
		{`{"visit":7}`, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, 1, "nps", "9 of 9"}, // an answer of the wrong kind branches nowhere
	} {
		a := answers(t, tc.answers)
		next, done := d.Next(a)
		position, total := d.Progress(tc.at, a)
		if got := d.Path(a); !slices.Equal(got, tc.path) || next != tc.next || done != (tc.next < 0) || fmt.Sprintf("%d of %d", position, total) != tc.progress {
			t.Errorf("%s: path %v, next %d %v, %d of %d", tc.answers, got, next, done, position, total)
		}
	}
	if d.Whole() || d.First() != "visit" || !short().Whole() || short().First() != "" {
		t.Error("which surveys come whole")
	}
	six := short()
	six.Questions = every().Questions[1:7]
	six.Questions[1].Branch = nil
	if six.Whole() {
		t.Error("six questions on one card")
	}
	large := short()
	large.Intro = strings.Repeat("a\n", 2000)
	if large.Whole() {
		t.Error("a card that is too large")
	}
}

func TestReadPress(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		`{"herald":{"survey":1,"campaign":"c","at":"q","act":"answer","v":3},"q":"a"}`: true,
		`{"herald":{"survey":1,"campaign":"c","at":"","act":"show"}}`:                  true,
		`{"herald":{"survey":2,"campaign":"c","act":"show"}}`:                          false,
		`{"herald":{"survey":1,"campaign":"c","act":"delete"}}`:                        false,
		`{"herald":{"survey":1,"campaign":"","act":"show"}}`:                           false,
		`{"herald":{"survey":"1","campaign":"c","act":"show"}}`:                        false,
		`{"herald":{"survey":1,"campaign":["c"],"act":"show"}}`:                        false,
		`{"herald":"survey"}`: false,
		`{"herald":null}`:     false,
		`{}`:                  false,
		`{"herald":{"survey":1,"campaign":"` + strings.Repeat("c", 5000) + `","act":"show"}}`:          false,
		`{"herald":{"survey":1,"campaign":"c","act":"show","x":"` + strings.Repeat("c", 1<<20) + `"}}`: false,
	} {
		p, ok := survey.ReadPress(inputs(in))
		if ok != want || !ok && p != (survey.Press{}) {
			t.Errorf("%.80s: %v %v", in, p, ok)
		}
	}
}

func TestAnswersOfTheDatabase(t *testing.T) {
	t.Parallel()
	if got := encode(t, answers(t, full)); got != encode(t, answers(t, got)) || strings.Contains(got, " \"") {
		t.Errorf("%s", got)
	}
	for _, in := range []string{`{"q":{}}`, `{"q":true}`, `{"q":[1]}`, `{"q":[]}`, `{"q":1e400}`} {
		var a survey.Answers
		if json.Unmarshal([]byte(in), &a) == nil {
			t.Errorf("%s was read as %v", in, a)
		}
	}
}

package survey_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"herald/campaigns/survey"
)

func count(t testing.TB, d survey.Definition, all ...string) *survey.Tally {
	t.Helper()
	tally := survey.NewTally(d)
	for _, a := range all {
		tally.Add(answers(t, a))
	}
	return tally
}

func TestResults(t *testing.T) {
	t.Parallel()
	d := every()
	tally := count(t, d, full,
		`{"visit":"no","why":"Second","days":["a"],"price":2.5,"start":"2026-12-03","word":"w","nps":"0"}`,
		`{"visit":"no","why":null,"days":["gone"],"price":null,"start":"2026-12-05","word":"w2","nps":"7"}`,
		`{"visit":"maybe","why":["a"],"days":"a","price":"x","start":"soon","nps":9,"stars":["1"],"gone":"x"}`, // of an older version, or broken
	)
	if tally.Respondents() != 4 {
		t.Error(tally.Respondents())
	}
	want := []string{
		`{"id":"visit","type":"yesno","text":"Have you been there?","count":3,"options":[{"id":"yes","text":"","count":1},{"id":"no","text":"","count":2}]}`,
		`{"id":"dish","type":"choice","text":"What did you eat [today]?","count":1,"options":[{"id":"a","text":"Soup *of the day*","count":0},{"id":"b","text":"[FIRSTNAME]","count":1},{"id":"c","text":"1. Pasta","count":0}]}`,
		`{"id":"stars","type":"rating","text":"How was it?","count":1,"average":4,"distribution":[{"from":"1","to":"1","count":0},{"from":"2","to":"2","count":0},{"from":"3","to":"3","count":0},{"from":"4","to":"4","count":1},{"from":"5","to":"5","count":0}]}`,
		`{"id":"why","type":"longtext","text":"What should change?","count":2,"texts":["Second","More [FIRSTNAME] *here*,\n- and there"]}`,
		`{"id":"days","type":"multichoice","text":"On which days do you come?","count":2,"options":[{"id":"a","text":"Monday","count":2},{"id":"b","text":"Tuesday","count":0},{"id":"c","text":"Wednesday","count":1},{"id":"d","text":"Thursday","count":0},{"id":"e","text":"Friday","count":0}]}`,
		`{"id":"price","type":"number","text":"What may a meal cost, in €?","count":2,"average":5,"distribution":[{"from":"2.5","to":"2.5","count":1},{"from":"7.5","to":"7.5","count":1}]}`,
		`{"id":"start","type":"date","text":"When do you come next?","count":3,"distribution":[{"from":"2026-12-03","to":"2026-12-03","count":2},{"from":"2026-12-05","to":"2026-12-05","count":1}]}`,
		`{"id":"word","type":"text","text":"One word for it","count":2,"texts":["w2","w"]}`,
	}
	got := tally.Results()
	for i, w := range want {
		if g := encode(t, got[i]); g != w {
			t.Errorf("%s, want %s", g, w)
		}
	}
	if g := encode(t, got[8].NPS); g != `{"score":0,"promoters":1,"passives":1,"detractors":1}` || len(got[8].Distribution) != 11 {
		t.Errorf("nps %s", g)
	}
	if g := encode(t, count(t, d).Results()[2]); strings.Contains(g, "average") {
		t.Errorf("the average of nothing: %s", g)
	}
}

// Fewer than five anonymous answers say nothing at all; five are broken down, in no order of arrival.
func TestAnonymousResults(t *testing.T) {
	t.Parallel()
	d := every()
	d.Anonymous = true
	tally := survey.NewTally(d)
	for i := range 5 {
		for k, r := range tally.Results() {
			if g := encode(t, r); g != fmt.Sprintf(`{"id":%q,"type":%q,"text":%q,"count":0,"suppressed":true}`, r.ID, r.Type, r.Text) {
				t.Errorf("after %d: %s", i, g)
			}
			if k == 0 && r.Suppressed != (i < 5) {
				t.Errorf("after %d: %v", i, r)
			}
		}
		tally.Add(answers(t, fmt.Sprintf(`{"visit":"no","why":"text %d","nps":"9","word":%s}`, (i*3)%5, []string{`null`, `"w"`}[i%2])))
	}
	r := tally.Results()
	if !slices.Equal(r[3].Texts, []string{"text 0", "text 1", "text 2", "text 3", "text 4"}) || r[0].Options[1].Count != 5 || r[8].NPS.Score != 100 {
		t.Errorf("%s", encode(t, r))
	}
	if !r[7].Suppressed || r[7].Count != 0 || !r[1].Suppressed {
		t.Errorf("two answers are broken down: %s", encode(t, r[7]))
	}
}

// Whatever order people come in, anonymous results are the same bytes.
func TestAnonymousResultsKnowNoOrder(t *testing.T) {
	t.Parallel()
	d := every()
	d.Anonymous = true
	var all []survey.Answers
	for i := range 3 * survey.MaxTexts {
		all = append(all, answers(t, fmt.Sprintf(`{"visit":"no","why":"text %d","price":%d.%d,"start":"20%02d-0%d-1%d"}`, i, i, i%10, i%90+10, i%9+1, i%10)))
	}
	sum := func() string {
		tally := survey.NewTally(d)
		for _, a := range all {
			tally.Add(a)
		}
		r := tally.Results()
		if len(r[3].Texts) != survey.MaxTexts || r[3].TextsLeft != 2*survey.MaxTexts || !slices.IsSorted(r[3].Texts) {
			t.Errorf("%d texts, %d left", len(r[3].Texts), r[3].TextsLeft)
		}
		return encode(t, r)
	}
	first := sum()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3 {
		r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		if sum() != first {
			t.Fatal("the order of arrival shows")
		}
	}
}

func TestNamedTextsAreTheNewest(t *testing.T) {
	t.Parallel()
	tally := survey.NewTally(short())
	for i := range 5*survey.MaxTexts + 7 {
		tally.Add(answers(t, fmt.Sprintf(`{"word":"w%d"}`, i)))
	}
	r := tally.Results()[2]
	if len(r.Texts) != survey.MaxTexts || r.Texts[0] != fmt.Sprint("w", 5*survey.MaxTexts+6) || r.TextsLeft != 4*survey.MaxTexts+7 {
		t.Errorf("%d texts from %q on, %d left", len(r.Texts), r.Texts[0], r.TextsLeft)
	}
}

func TestMergeVersions(t *testing.T) {
	t.Parallel()
	older := survey.Definition{Questions: []survey.Question{
		{ID: "a", Type: survey.Choice, Text: "Old", Options: []survey.Option{{ID: "x", Text: "X"}, {ID: "gone", Text: "Gone"}}},
		{ID: "b", Type: survey.Text, Text: "B"},
		{ID: "c", Type: survey.Text, Text: "C"},
	}}
	newer := survey.Definition{Questions: []survey.Question{
		{ID: "c", Type: survey.Number, Text: "C is a number now"},
		{ID: "b", Type: survey.Text, Text: "B"},
		{ID: "a", Type: survey.Choice, Text: "New", Options: []survey.Option{{ID: "y", Text: "Y"}, {ID: "x", Text: "X!"}}},
	}}
	tally := count(t, newer, `{"a":"y","b":"new","c":1}`, `{"a":"x"}`)
	tally.Merge(count(t, older, `{"a":"x","b":"old","c":"text"}`, `{"a":"gone"}`))
	got := encode(t, tally.Results())
	want := `[{"id":"c","type":"number","text":"C is a number now","count":1,"average":1,"distribution":[{"from":"1","to":"1","count":1}]},` +
		`{"id":"b","type":"text","text":"B","count":2,"texts":["new","old"]},` +
		`{"id":"a","type":"choice","text":"New","count":4,"options":[{"id":"y","text":"Y","count":1},{"id":"x","text":"X!","count":2},{"id":"gone","text":"Gone","count":1}]},` +
		`{"id":"c","type":"text","text":"C","count":1,"texts":["text"]}]`
	if got != want || tally.Respondents() != 4 {
		t.Errorf("%s, want %s", got, want)
	}
	if len(newer.Questions[2].Options) != 2 {
		t.Error("Merge changed the definition")
	}
}

// Histograms: edges are round, every answer is in one bin, and there are neither many bins nor gaps between them.
func TestHistograms(t *testing.T) {
	t.Parallel()
	d := survey.Definition{Questions: []survey.Question{{ID: "n", Type: survey.Number, Text: "N"}, {ID: "d", Type: survey.Date, Text: "D"}}}
	spread := func(format string, n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(format, i))
		}
		return out
	}
	for name, tc := range map[string]struct {
		all         []string
		question    int
		first, last string
		bins        int
	}{
		"small whole numbers": {spread(`{"n":%d}`, 11), 0, "0–1", "9–10", 10},
		"hundreds":            {spread(`{"n":%d.5e1}`, 50), 0, "0–50", "450–500", 10},
		"decimals":            {spread(`{"n":0.00%02d}`, 37), 0, "0.0000–0.0005", "0.0035–0.0040", 8},
		"below zero":          {spread(`{"n":-%d}`, 30), 0, "-30–-25", "-5–0", 6},
		"extremes":            {append(spread(`{"n":%d}`, 12), `{"n":-1e15}`, `{"n":1e15}`), 0, "-1000000000000000–-800000000000000", "800000000000000–1000000000000000", 10},
		"tiny":                {spread(`{"n":0.0000000000000%02d}`, 99), 0, "0.00000000000000–0.00000000000001", "0.00000000000009–0.00000000000010", 10},
		"weeks":               {spread(`{"d":"2026-12-%02d"}`, 31), 1, "2026-11-30–2026-12-06", "2026-12-28–2027-01-03", 5},
		"months":              {append(spread(`{"d":"2026-01-%02d"}`, 31), `{"d":"2027-02-28"}`), 1, "2026-01-01–2026-01-31", "2027-02-01–2027-02-28", 14},
		"years":               {append(spread(`{"d":"2026-01-%02d"}`, 31), `{"d":"2035-02-28"}`), 1, "2026-01-01–2026-12-31", "2035-01-01–2035-12-31", 10},
		"all of time":         {append(spread(`{"d":"2026-01-%02d"}`, 31), `{"d":"0001-01-01"}`, `{"d":"9999-12-31"}`), 1, "0000-01-01–0999-12-31", "9000-01-01–9999-12-31", 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := slices.DeleteFunc(slices.Clone(tc.all), func(s string) bool { return strings.HasSuffix(s, `-00"}`) || strings.Contains(s, "00000000000000}") })
			r := count(t, d, all...).Results()[tc.question]
			sum := 0
			for i, b := range r.Distribution {
				sum += b.Count
				if tc.question == 0 && i > 0 && b.From != r.Distribution[i-1].To {
					t.Errorf("a gap before %v", b)
				}
			}
			first, last := r.Distribution[0], r.Distribution[len(r.Distribution)-1]
			if sum != len(all) || first.From+"–"+first.To != tc.first || last.From+"–"+last.To != tc.last || len(r.Distribution) != tc.bins {
				t.Errorf("%d of %d in %s", sum, len(all), encode(t, r.Distribution))
			}
		})
	}
}

// A hundred thousand people on numbers with every exponent: nothing overflows, nothing is lost.
func TestManyNumbers(t *testing.T) {
	t.Parallel()
	d := survey.Definition{Questions: []survey.Question{{ID: "n", Type: survey.Number, Text: "N"}}}
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		tally := survey.NewTally(d)
		n := 0
		for range 50 {
			a, problems := d.Accept("n", inputs(fmt.Sprintf(`{"n":"%d.%02de%d"}`, r.IntN(20)-10, r.IntN(100), r.IntN(26)-13)), nil)
			if len(problems) == 0 {
				tally.Add(a)
				n++
			}
		}
		res := tally.Results()[0]
		sum := 0
		for _, b := range res.Distribution {
			sum += b.Count
		}
		if sum != n || len(res.Distribution) > 15 {
			t.Fatalf("%d of %d in %s", sum, n, encode(t, res))
		}
	}
}

func TestRows(t *testing.T) {
	t.Parallel()
	d := every()
	if got := survey.Columns(d); len(got) != 9 || got[1] != "What did you eat [today]?" {
		t.Errorf("%q", got)
	}
	want := []string{"yes", "[FIRSTNAME]", "4", "More [FIRSTNAME] *here*,\n- and there", "Monday; Wednesday", "7.5", "2026-12-03", "", "10"}
	if got := survey.Row(d, answers(t, full)); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := survey.Row(d, answers(t, `{"visit":"no","dish":"gone"}`)); !slices.Equal(got, []string{"no", "gone", "", "", "", "", "", "", ""}) {
		t.Errorf("%q", got)
	}
}

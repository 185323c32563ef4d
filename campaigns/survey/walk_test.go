package survey_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"herald/campaigns/survey"
)

var types = []survey.Type{survey.Choice, survey.MultiChoice, survey.YesNo, survey.Rating, survey.NPS, survey.Number, survey.Date, survey.Text, survey.LongText}

// random makes a survey that Validate accepts, with many branches.
func random(r *rand.Rand) survey.Definition {
	d := survey.Definition{AllowChange: r.IntN(2) == 0, Anonymous: r.IntN(2) == 0}
	n := 1 + r.IntN(15)
	for i := range n {
		q := survey.Question{ID: fmt.Sprint("q", i), Type: types[r.IntN(len(types))], Text: fmt.Sprint("Question ", i), Required: r.IntN(2) == 0}
		if q.Type == survey.Choice || q.Type == survey.MultiChoice {
			q.Options = options("A", "B", "C", "D")[:2+r.IntN(3)]
		}
		for _, id := range choices(q) {
			if q.Type != survey.MultiChoice && r.IntN(2) == 0 {
				to := i + 1 + r.IntN(n-i)
				b := survey.Branch{Option: id, To: survey.End}
				if to < n {
					b.To = fmt.Sprint("q", to)
				}
				q.Branch = append(q.Branch, b)
			}
		}
		d.Questions = append(d.Questions, q)
	}
	return d
}

// choices are what can be chosen, found out as a client does: from the card.
func choices(q survey.Question) []string {
	switch q.Type {
	case survey.YesNo:
		return []string{"yes", "no"}
	case survey.Rating:
		return []string{"1", "2", "3", "4", "5"}
	case survey.NPS:
		return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}
	}
	var ids []string
	for _, o := range q.Options {
		ids = append(ids, o.ID)
	}
	return ids
}

// press is what a person may send for a question: mostly right, sometimes nothing, sometimes wrong.
func press(r *rand.Rand, q survey.Question) json.RawMessage {
	if r.IntN(6) == 0 {
		return []byte([]string{`null`, `""`, `"?"`, `{}`, `"a,b"`}[r.IntN(5)])
	}
	if ids := choices(q); len(ids) > 0 {
		b, _ := json.Marshal(ids[r.IntN(len(ids))])
		return b
	}
	return map[survey.Type]json.RawMessage{survey.Number: []byte(`"3,5"`), survey.Date: []byte(`"2026-12-03"`), survey.Text: []byte(`"t"`), survey.LongText: []byte(`"l\nl"`)}[q.Type]
}

// People who answer, go back and change their minds always get to an end; the answers are always a path's; and going
// forward, the progress only grows.
func TestRandomWalks(t *testing.T) {
	t.Parallel()
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := random(r)
		if ps := survey.Validate(d); len(ps) > 0 {
			t.Fatalf("seed %d: %s", seed, codes(ps))
		}
		a := survey.Answers{}
		at, _ := d.Next(a)
		share, right := 0.0, 0
		for done := false; !done; {
			q := d.Questions[at]
			position, total := d.Progress(q.ID, a)
			if position < 1 || position > total || total > len(d.Questions) {
				t.Fatalf("seed %d: %d of %d", seed, position, total)
			}
			if now := float64(position) / float64(total); now < share {
				t.Fatalf("seed %d: progress went from %v back to %v", seed, share, now)
			} else {
				share = now
			}
			if _, ok := d.Previous(q.ID, a); ok && r.IntN(8) == 0 && right < 200 {
				at, _ = d.Previous(q.ID, a)
				share = 0
				continue
			}
			before := encode(t, a)
			after, problems := d.Accept(q.ID, map[string]json.RawMessage{q.ID: press(r, q)}, a)
			if encode(t, a) != before {
				t.Fatalf("seed %d: Accept changed what was before", seed)
			}
			if len(problems) > 0 {
				continue
			}
			right++
			a = after
			path := d.Path(a)
			if !slices.IsSorted(path) || len(slices.Compact(slices.Clone(path))) != len(path) {
				t.Fatalf("seed %d: path %v", seed, path)
			}
			for id := range a {
				if !slices.ContainsFunc(path, func(i int) bool { return d.Questions[i].ID == id }) {
					t.Fatalf("seed %d: %s is off the path %v", seed, id, path)
				}
			}
			at, done = d.Following(q.ID, a)
		}
		for _, i := range d.Path(a) {
			q := d.Questions[i]
			if v, asked := a[q.ID]; !asked || q.Required && v.Blank() {
				t.Fatalf("seed %d: done, but %s is %v", seed, q.ID, v)
			}
		}
		// The whole form takes the same answers to the same end.
		form := map[string]json.RawMessage{}
		for id, v := range a {
			form[id], _ = json.Marshal(v)
		}
		if again, problems := d.Accept("", form, nil); len(problems) > 0 || encode(t, again) != encode(t, a) {
			t.Fatalf("seed %d: the form makes %s of %s, %v", seed, encode(t, again), encode(t, a), problems)
		}
		tally := survey.NewTally(d)
		tally.Add(a)
		for i, res := range tally.Results() {
			want := 1
			if v, ok := a[d.Questions[i].ID]; d.Anonymous || !ok || v.Blank() {
				want = 0
			}
			if res.Count != want {
				t.Fatalf("seed %d: %s is counted %d times", seed, res.ID, res.Count)
			}
		}
		if row := survey.Row(d, a); len(row) != len(survey.Columns(d)) {
			t.Fatalf("seed %d: row %v", seed, row)
		}
	}
}

// A required question all of whose answers branch has no other way on: the longest way must not count one.
func TestProgressKnowsWhereNobodyGoes(t *testing.T) {
	t.Parallel()
	d := with(survey.Question{Type: survey.YesNo, Text: "x", Required: true, Branch: []survey.Branch{{Option: "no", To: "end"}, {Option: "yes", To: "end"}}})
	if position, total := d.Progress("before", nil); position != 1 || total != 2 {
		t.Errorf("%d of %d", position, total)
	}
}

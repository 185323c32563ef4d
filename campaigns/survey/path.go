package survey

import "slices"

// Branches lead forward only, which Validate sees to; a branch that does not is taken for none. So every way ends.

// step is the question after question i when it is answered with v; len(d.Questions) is the end.
func (d *Definition) step(i int, v Value) int {
	q := &d.Questions[i]
	if q.Type.single() && v.kind == one {
		for _, b := range q.Branch {
			if b.Option == v.text {
				if to := d.target(i, b); to > 0 {
					return to
				}
				break
			}
		}
	}
	return i + 1
}

// target is where a branch of question i leads; -1: nowhere.
func (d *Definition) target(i int, b Branch) int {
	if b.To == End {
		return len(d.Questions)
	}
	if to := d.index(b.To); to > i {
		return to
	}
	return -1
}

// successors are all questions that may follow question i.
func (d *Definition) successors(i int) []int {
	q := &d.Questions[i]
	if !q.Type.single() || len(q.Branch) == 0 {
		return []int{i + 1}
	}
	var out []int
	for _, id := range q.optionIDs() {
		out = append(out, d.step(i, Value{kind: one, text: id}))
	}
	if !q.Required || len(out) == 0 {
		out = append(out, i+1)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Path lists the questions, by their places, on the way of a person with these answers. What is not answered yet is taken
// as left blank, so the path always leads to an end.
func (d Definition) Path(a Answers) []int {
	var path []int
	for i := 0; i < len(d.Questions); {
		path = append(path, i)
		i = d.step(i, a[d.Questions[i].ID])
	}
	return path
}

// Next is the first question on the path that was not asked yet. done: there is none, the answers are complete, and index
// is -1.
func (d Definition) Next(a Answers) (index int, done bool) {
	for _, i := range d.Path(a) {
		if _, asked := a[d.Questions[i].ID]; !asked {
			return i, false
		}
	}
	return -1, true
}

// Following is the question after the one of id at on the path, whether it is answered already or not: what a person sees
// next who answers, goes back, and answers again. After the whole form (at "") and after the last question it is Next.
func (d Definition) Following(at string, a Answers) (index int, done bool) {
	path := d.Path(a)
	if k := slices.IndexFunc(path, func(i int) bool { return d.Questions[i].ID == at }); k >= 0 && k+1 < len(path) {
		return path[k+1], false
	}
	return d.Next(a)
}

// Previous is the question before the one of id at on the path; ok is false at the first and off the path.
func (d Definition) Previous(at string, a Answers) (index int, ok bool) {
	path := d.Path(a)
	if k := slices.IndexFunc(path, func(i int) bool { return d.Questions[i].ID == at }); k > 0 {
		return path[k-1], true
	}
	return -1, false
}

// longest says for every question how many are asked from it on, itself included, on the longest way to an end.
func (d *Definition) longest() []int {
	n := len(d.Questions)
	l := make([]int, n+1)
	for i := n - 1; i >= 0; i-- {
		for _, to := range d.successors(i) {
			l[i] = max(l[i], l[to])
		}
		l[i]++
	}
	return l
}

// Progress counts the question of id at as the position-th of total. total takes the longest way that is still possible, so
// from one question to the next position grows and total never does.
func (d Definition) Progress(at string, a Answers) (position, total int) {
	i := d.index(at)
	if i < 0 {
		return 0, 0
	}
	position = slices.Index(d.Path(a), i) + 1
	if position == 0 { // off the path: a preview
		position = i + 1
	}
	return position, position + d.longest()[i] - 1
}

// reached says which questions some way leads to.
func (d *Definition) reached() []bool {
	r := make([]bool, len(d.Questions)+1)
	r[0] = true
	for i := range d.Questions {
		if r[i] {
			for _, to := range d.successors(i) {
				r[to] = true
			}
		}
	}
	return r
}

// branches says whether some answer leads elsewhere than to the next question.
func (d *Definition) branches() bool {
	return slices.ContainsFunc(d.Questions, func(q Question) bool { return len(q.Branch) > 0 })
}

// maxWhole: more questions than this come one at a time.
const maxWhole = 5

// Whole says that the survey is asked on one card: at most five questions without branches, all in a card that Teams takes
// whatever the answers. Else its questions come one at a time.
func (d Definition) Whole() bool {
	return len(d.Questions) <= maxWhole && !d.branches() && d.largest("") <= maxCard
}

// First is the View.At of the first card: "" when the survey is asked on one, else the id of its first question.
func (d Definition) First() string {
	if len(d.Questions) == 0 || d.Whole() {
		return ""
	}
	return d.Questions[0].ID
}

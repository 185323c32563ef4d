package survey

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"time"
)

// Fewest is how many answers a question of an anonymous survey needs before they are broken down.
const Fewest = 5

// MaxTexts is how many texts of a question the results hold.
const MaxTexts = 1000

// Result is what a question's answers add up to. Which of the fields after Suppressed are there depends on the type.
type Result struct {
	ID    string `json:"id"`
	Type  Type   `json:"type"`
	Text  string `json:"text"`
	Count int    `json:"count"` // answers that are not blank; 0 when suppressed
	// Suppressed: the survey is anonymous and fewer than Fewest answered. Then not even Count is given, because the number of
	// those who were asked a question after a branch is a breakdown of the question before it.
	Suppressed   bool          `json:"suppressed,omitempty"`
	Options      []OptionCount `json:"options,omitempty"`      // choice, multichoice, yesno
	Average      *float64      `json:"average,omitempty"`      // rating, number; nil without answers
	Distribution []Bin         `json:"distribution,omitempty"` // rating, nps, number, date
	NPS          *Score        `json:"nps,omitempty"`          // nps
	Texts        []string      `json:"texts,omitempty"`        // text, longtext: newest first; of anonymous surveys in alphabetical order
	TextsLeft    int           `json:"textsLeft,omitempty"`    // how many more there are than in Texts
}

// OptionCount is how many chose an option.
type OptionCount struct {
	ID    string `json:"id"`
	Text  string `json:"text"` // "" of yesno: a page says it in its own language
	Count int    `json:"count"`
}

// Bin is how many answers lie between two values. Ratings and NPS have one bin per value, and so have numbers and dates of
// at most ten different values: From is To then. Else a number's bin reaches from From up to but without To, only the last
// with it; a date's from the day From to the day To, both included. Bins without answers between others are there.
type Bin struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Count int    `json:"count"`
}

// Score is the net promoter score: the percentage of promoters (9, 10) less that of detractors (0 to 6), -100 to 100,
// rounded; 0 without answers.
type Score struct {
	Score      int `json:"score"`
	Promoters  int `json:"promoters"`
	Passives   int `json:"passives"`
	Detractors int `json:"detractors"`
}

// Tally counts answers, one respondent at a time. What it keeps is bounded but for eight bytes per answered number and an
// entry per different day.
type Tally struct {
	anonymous   bool
	respondents int
	counters    []*counter
}

type counter struct {
	q       Question
	count   int
	chosen  map[string]int // by option, or by day
	numbers []float64
	texts   []string // in order of arrival; of anonymous surveys a choice that does not depend on it
}

// NewTally starts to count the answers to one version of a survey.
func NewTally(d Definition) *Tally {
	t := &Tally{anonymous: d.Anonymous}
	for _, q := range d.Questions {
		t.counters = append(t.counters, &counter{q: q, chosen: map[string]int{}})
	}
	return t
}

// Respondents is how many Answers were added.
func (t *Tally) Respondents() int { return t.respondents }

// Add counts one respondent's answers. Respondents of a named survey come in order of arrival, so that the newest texts are
// known. What does not fit the survey is not counted.
func (t *Tally) Add(a Answers) {
	t.respondents++
	for _, c := range t.counters {
		if v, ok := a[c.q.ID]; ok {
			c.add(v, t.anonymous)
		}
	}
}

func (c *counter) add(v Value, anonymous bool) {
	switch {
	case v.kind == many && c.q.Type == MultiChoice:
		known := false
		ids := c.q.optionIDs()
		for _, id := range v.list {
			if slices.Contains(ids, id) {
				c.chosen[id]++
				known = true
			}
		}
		if !known {
			return
		}
	case v.kind == number && c.q.Type == Number:
		n, ok := v.Number()
		if !ok {
			return
		}
		c.numbers = append(c.numbers, n)
	case v.kind == one && c.q.Type.single():
		if !slices.Contains(c.q.optionIDs(), v.text) {
			return
		}
		c.chosen[v.text]++
	case v.kind == one && c.q.Type == Date:
		if _, err := time.Parse(time.DateOnly, v.text); err != nil {
			return
		}
		c.chosen[v.text]++
	case v.kind == one && (c.q.Type == Text || c.q.Type == LongText):
		c.texts = append(c.texts, v.text)
		if len(c.texts) >= 2*MaxTexts {
			c.texts = bounded(c.texts, anonymous)
		}
	default:
		return
	}
	c.count++
}

// bounded keeps MaxTexts texts: the newest, or, so that nothing shows who came when, those with the lowest hashes, in
// alphabetical order.
func bounded(texts []string, anonymous bool) []string {
	if anonymous {
		if len(texts) > MaxTexts {
			slices.SortFunc(texts, func(a, b string) int { return cmp.Or(cmp.Compare(hash(a), hash(b)), cmp.Compare(a, b)) })
			texts = texts[:MaxTexts]
		}
		slices.Sort(texts)
		return texts
	}
	return slices.Clone(texts[max(0, len(texts)-MaxTexts):])
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash takes everything
	return h.Sum64()
}

// Merge adds what an older version of the survey, or another campaign's tally of it, has counted. Questions are the same
// when id and type are; options when their ids are. What only the older one has follows at the end. When either is anonymous, the
// result is.
func (t *Tally) Merge(older *Tally) {
	t.anonymous = t.anonymous || older.anonymous
	t.respondents += older.respondents
	for _, o := range older.counters {
		k := slices.IndexFunc(t.counters, func(c *counter) bool { return c.q.ID == o.q.ID && c.q.Type == o.q.Type })
		if k < 0 {
			k = len(t.counters)
			t.counters = append(t.counters, &counter{q: o.q, chosen: map[string]int{}})
		}
		c := t.counters[k]
		c.count += o.count
		c.q.Options = slices.Clone(c.q.Options)
		for _, option := range o.q.Options {
			if !slices.ContainsFunc(c.q.Options, func(x Option) bool { return x.ID == option.ID }) {
				c.q.Options = append(c.q.Options, option)
			}
		}
		for id, n := range o.chosen {
			c.chosen[id] += n
		}
		c.numbers = append(c.numbers, o.numbers...)
		c.texts = bounded(slices.Concat(o.texts, c.texts), t.anonymous)
	}
}

// Withhold lets go of the questions that fewer than Fewest have answered: among others' answers they could be had by subtraction.
func (t *Tally) Withhold() {
	for _, c := range t.counters {
		if c.count < Fewest {
			*c = counter{q: c.q, chosen: map[string]int{}}
		}
	}
}

// Results are the questions' results, in the survey's order. The Tally can go on counting.
func (t *Tally) Results() []Result {
	out := []Result{}
	for _, c := range t.counters {
		out = append(out, c.result(t.anonymous))
	}
	return out
}

func (c *counter) result(anonymous bool) Result {
	r := Result{ID: c.q.ID, Type: c.q.Type, Text: c.q.Text, Count: c.count}
	if anonymous && c.count < Fewest {
		r.Count, r.Suppressed = 0, true
		return r
	}
	ids := c.q.optionIDs()
	switch c.q.Type {
	case Choice, MultiChoice, YesNo:
		for i, id := range ids {
			o := OptionCount{ID: id, Count: c.chosen[id]}
			if c.q.Type.listed() {
				o.Text = c.q.Options[i].Text
			}
			r.Options = append(r.Options, o)
		}
	case Rating, NPS:
		sum := 0
		for _, id := range ids {
			n := c.chosen[id]
			value, _ := strconv.Atoi(id)
			sum += value * n
			r.Distribution = append(r.Distribution, Bin{id, id, n})
		}
		if c.q.Type == NPS {
			r.NPS = score(r.Distribution)
		} else if c.count > 0 {
			average := float64(sum) / float64(c.count)
			r.Average = &average
		}
	case Number:
		values := slices.Clone(c.numbers)
		slices.Sort(values) // and so added up in an order that says nothing
		r.Average, r.Distribution = average(values), numberBins(values)
	case Date:
		r.Distribution = dateBins(c.chosen)
	case Text, LongText:
		r.Texts = bounded(slices.Clone(c.texts), anonymous)
		if !anonymous {
			slices.Reverse(r.Texts)
		}
		r.TextsLeft = c.count - len(r.Texts)
	}
	return r
}

func score(bins []Bin) *Score {
	s := &Score{}
	for i, b := range bins {
		switch {
		case i >= 9:
			s.Promoters += b.Count
		case i >= 7:
			s.Passives += b.Count
		default:
			s.Detractors += b.Count
		}
	}
	if n := s.Promoters + s.Passives + s.Detractors; n > 0 {
		s.Score = int(math.Round(100 * float64(s.Promoters-s.Detractors) / float64(n)))
	}
	return s
}

func average(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	sum /= float64(len(values))
	return &sum
}

// maxValues: this many different values are shown one by one.
const maxValues = 10

// numberBins makes a histogram of sorted values: each value for itself when there are few, else about ten bins whose edges
// are round.
func numberBins(values []float64) []Bin {
	var bins []Bin
	for _, v := range values {
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if k := len(bins) - 1; k >= 0 && bins[k].From == s {
			bins[k].Count++
			continue
		}
		if len(bins) == maxValues {
			return roundBins(values)
		}
		bins = append(bins, Bin{s, s, 1})
	}
	return bins
}

func roundBins(values []float64) []Bin {
	low, high := values[0], values[len(values)-1]
	unit, digits := roundStep((high - low) / maxValues)
	edge := func(k float64) float64 {
		if digits > 0 { // k/4 is exact where k*0.25 need not be
			return k * unit / math.Pow10(digits)
		}
		return k * unit
	}
	step := edge(1)
	first := math.Floor(low / step)
	// Rounding may put the lowest value a hair before its bin.
	for edge(first) > low {
		first--
	}
	var bins []Bin
	at := 0
	for k := first; ; k++ {
		from, to := edge(k), edge(k+1)
		b := Bin{From: strconv.FormatFloat(from, 'f', digits, 64), To: strconv.FormatFloat(to, 'f', digits, 64)}
		if to >= high {
			b.Count = len(values) - at
			return append(bins, b)
		}
		for at < len(values) && values[at] < to {
			b.Count++
			at++
		}
		bins = append(bins, b)
	}
}

// roundStep is the smallest step of the form 1, 2 or 5 times a power of ten that is not below least: unit divided by
// 10^digits, or unit itself when digits is 0.
func roundStep(least float64) (unit float64, digits int) {
	exponent := int(math.Floor(math.Log10(least)))
	for ; ; exponent++ {
		for _, m := range []float64{1, 2, 5} {
			unit, digits = m*math.Pow10(max(exponent, 0)), max(-exponent, 0)
			if unit/math.Pow10(digits) >= least {
				return unit, digits
			}
		}
	}
}

// dateBins makes a histogram of days: each day for itself when there are few, else weeks from Monday on, months, years, or
// many years, as the time between the first and the last asks for.
func dateBins(days map[string]int) []Bin {
	var keys []string
	for day := range days {
		keys = append(keys, day)
	}
	slices.Sort(keys)
	var bins []Bin
	if len(keys) <= maxValues {
		for _, day := range keys {
			bins = append(bins, Bin{day, day, days[day]})
		}
		return bins
	}
	first, _ := time.Parse(time.DateOnly, keys[0])
	last, _ := time.Parse(time.DateOnly, keys[len(keys)-1])
	years := last.Year() - first.Year()
	var next func(time.Time) time.Time
	from := first
	switch {
	case last.Sub(first) <= 10*7*24*time.Hour:
		from = first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
		next = func(t time.Time) time.Time { return t.AddDate(0, 0, 7) }
	case years <= 2:
		from = time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC)
		next = func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }
	default:
		unit, _ := roundStep(float64(max(years, maxValues)) / maxValues)
		step := int(unit)
		from = time.Date(first.Year()/step*step, 1, 1, 0, 0, 0, 0, time.UTC)
		next = func(t time.Time) time.Time { return t.AddDate(step, 0, 0) }
	}
	for at := 0; at < len(keys); {
		to := next(from)
		b := Bin{From: from.Format(time.DateOnly), To: to.AddDate(0, 0, -1).Format(time.DateOnly)}
		for ; at < len(keys) && keys[at] <= b.To; at++ {
			b.Count += days[keys[at]]
		}
		bins = append(bins, b)
		from = to
	}
	return bins
}

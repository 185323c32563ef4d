package campaigns

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"herald/campaigns/survey"
)

// ResultFilter says whose answers count. Of an anonymous survey only Campaign may be chosen.
type ResultFilter struct {
	Campaign string // id; a reminder stands for the campaign that it reminds of; empty: all
	ListID   string // who is in this list now
	Column   string // of the values that the campaign took from its lists
	Value    string // of Column; letters' case does not matter; with Column
}

func (f ResultFilter) people() bool { return f.ListID != "" || f.Column != "" }

// SurveyResults are what the answers to a survey add up to.
type SurveyResults struct {
	SurveyID   string
	CampaignID string // empty: all campaigns
	Anonymous  bool
	// Suppressed: the survey is anonymous, and nothing is broken down until survey.Fewest people have answered. Without
	// Campaign, a campaign with fewer answers counts in Sent and Answered only, since what the others lack would be its answers; so it is
	// with each question.
	Suppressed bool
	Sent       int // people who have it
	Started    int // people who have begun to answer
	Answered   int // people who have answered to the end
	Questions  []survey.Result
}

// Rate is the share of people who have answered among those who have the survey; nil when nobody has it.
func (r SurveyResults) Rate() *float64 {
	if r.Sent == 0 {
		return nil
	}
	rate := min(1, float64(r.Answered)/float64(r.Sent))
	return &rate
}

// poll is one campaign that asked a survey.
type poll struct {
	SurveyCampaign
	d survey.Definition
}

// polls finds whose answers are meant, the newest campaign first, and checks the filter.
func (s *Service) polls(ctx context.Context, a Actor, id string, f ResultFilter) (ps []poll, anonymous bool, d survey.Definition, err error) {
	if err := a.require(Read); err != nil {
		return nil, false, d, err
	}
	v, err := s.Store.Survey(ctx, a.TenantID, id)
	if err != nil {
		return nil, false, d, err
	}
	all, err := s.Store.SurveyCampaigns(ctx, a.TenantID, id, maxSurveyCampaigns)
	if err != nil {
		return nil, false, d, err
	}
	root := f.Campaign
	if i := slices.IndexFunc(all, func(c SurveyCampaign) bool { return c.ID == root }); i < 0 && root != "" {
		return nil, false, d, Errorf(CodeNotFound, "not_found", "This survey has no such campaign.")
	} else if root != "" && all[i].ReminderOf != "" {
		root = all[i].ReminderOf
	}
	for _, c := range all {
		if c.ReminderOf != "" || c.StartedAt == nil || c.Version == 0 || root != "" && c.ID != root {
			continue
		}
		p := poll{SurveyCampaign: c}
		if p.d, err = s.definition(ctx, a.TenantID, id, c.Version); err != nil {
			return nil, false, d, err
		}
		anonymous = anonymous || p.d.Anonymous
		ps = append(ps, p)
	}
	d = v.Definition
	if len(ps) > 0 {
		d = ps[0].d
	} else {
		anonymous = d.Anonymous
	}
	switch {
	case f.Value != "" && f.Column == "":
		err = Errorf(CodeInvalid, "column_missing", "Say which column should have this value.")
	case anonymous && f.people():
		err = Errorf(CodeInvalid, "anonymous", "This survey is anonymous: its answers cannot be told apart by people.")
	}
	return ps, anonymous, d, err
}

// respondents walks through the answers to a poll that a filter takes in.
func (s *Service) respondents(ctx context.Context, tenantID string, p poll, f ResultFilter, people bool, fn func(Respondent) error) error {
	return s.Store.Respondents(ctx, Key{tenantID, p.ID}, ResponseFilter{People: people || f.people(), ListID: f.ListID}, func(r Respondent) error {
		if f.Column != "" {
			var m Member
			if err := DecodeCells(r.Cells, &m); err != nil {
				return err
			}
			value := m.Values[f.Column]
			switch f.Column {
			case firstNameKey:
				value = m.FirstName
			case lastNameKey:
				value = m.LastName
			}
			if !strings.EqualFold(value, f.Value) {
				return nil
			}
		}
		return fn(r)
	})
}

// Results adds the answers to a survey up.
func (s *Service) Results(ctx context.Context, a Actor, id string, f ResultFilter) (SurveyResults, error) {
	if err := a.require(Read); err != nil {
		return SurveyResults{}, err
	}
	keep := s.ResultsFor
	if keep == 0 {
		keep = time.Second
	}
	return s.results.get(ctx, resultKey{a.TenantID, id, f}, keep, func() (SurveyResults, error) { return s.addUp(context.WithoutCancel(ctx), a, id, f) })
}

func (s *Service) addUp(ctx context.Context, a Actor, id string, f ResultFilter) (SurveyResults, error) {
	ps, anonymous, d, err := s.polls(ctx, a, id, f)
	if err != nil {
		return SurveyResults{}, err
	}
	out := SurveyResults{SurveyID: id, CampaignID: f.Campaign, Anonymous: anonymous}
	var sum *survey.Tally
	for _, p := range ps {
		t := survey.NewTally(p.d)
		begun, sent := 0, 0
		err := s.respondents(ctx, a.TenantID, p, f, false, func(r Respondent) error {
			if r.Begun {
				begun++
			}
			if r.Sent {
				sent++
			}
			if r.Response.Done {
				t.Add(r.Response.Answers)
			}
			return nil
		})
		if err != nil {
			return SurveyResults{}, err
		}
		if !f.people() {
			sent = p.Sent
		}
		out.Sent, out.Started, out.Answered = out.Sent+sent, out.Started+begun, out.Answered+t.Respondents()
		if anonymous && len(ps) > 1 {
			if t.Respondents() < survey.Fewest {
				continue
			}
			t.Withhold()
		}
		if sum == nil {
			sum = t
		} else {
			sum.Merge(t)
		}
	}
	if sum == nil {
		d.Anonymous = anonymous
		sum = survey.NewTally(d)
	}
	out.Suppressed = anonymous && sum.Respondents() < survey.Fewest
	out.Questions = sum.Results()
	return out, nil
}

// ResultRow is what one person answered, under ResultTable's columns.
type ResultRow struct {
	DisplayName string // this and what follows not of anonymous surveys
	Email       string
	AnsweredAt  *time.Time
	Cells       []string
}

// ResultTable is a survey's answers, one row per respondent.
type ResultTable struct {
	Anonymous bool
	Columns   []string // the questions
	Each      func(fn func(ResultRow) error) error
}

// ResultTable prepares the rows of all who have answered to the end: of named surveys in the order in which they answered,
// of anonymous ones in an order that tells nothing, and only campaigns with at least survey.Fewest answers, of these only the questions
// that as many have answered.
//
// Without a campaign the columns are those of all versions; questions are the same when id and type are.
func (s *Service) ResultTable(ctx context.Context, a Actor, id string, f ResultFilter) (ResultTable, error) {
	ps, anonymous, d, err := s.polls(ctx, a, id, f)
	if err != nil {
		return ResultTable{}, err
	}
	all := union(ps, d)
	t := ResultTable{Anonymous: anonymous, Columns: survey.Columns(all)}
	t.Each = func(fn func(ResultRow) error) error {
		var hidden []ResultRow
		for _, p := range slices.Backward(ps) {
			own := ownOf(p.d, all)
			var few []ResultRow
			err := s.respondents(ctx, a.TenantID, p, f, !anonymous, func(r Respondent) error {
				if !r.Response.Done {
					return nil
				}
				row := ResultRow{Cells: own(r.Response.Answers)}
				if anonymous {
					few = append(few, row)
					return nil
				}
				row.DisplayName, row.Email, row.AnsweredAt = r.DisplayName, r.Email, r.AnsweredAt
				return fn(row)
			})
			if err != nil {
				return err
			}
			if len(few) >= survey.Fewest {
				withhold(few, len(all.Questions))
				hidden = append(hidden, few...)
			}
		}
		slices.SortFunc(hidden, func(a, b ResultRow) int { return slices.Compare(a.Cells, b.Cells) })
		for _, row := range hidden {
			if err := fn(row); err != nil {
				return err
			}
		}
		return nil
	}
	return t, nil
}

// withhold empties the columns that fewer than survey.Fewest have filled.
func withhold(rows []ResultRow, columns int) {
	for i := range columns {
		filled := 0
		for _, row := range rows {
			if row.Cells[i] != "" {
				filled++
			}
		}
		for _, row := range rows {
			if filled < survey.Fewest {
				row.Cells[i] = ""
			}
		}
	}
}

// column tells questions of several versions apart.
type column struct {
	id  string
	typ survey.Type
}

// union is a definition with the questions of all polls, those of the newest first.
func union(ps []poll, d survey.Definition) survey.Definition {
	seen := map[column]bool{}
	all := survey.Definition{}
	add := func(d survey.Definition) {
		for _, q := range d.Questions {
			if c := (column{q.ID, q.Type}); !seen[c] {
				seen[c] = true
				all.Questions = append(all.Questions, q)
			}
		}
	}
	for _, p := range ps {
		add(p.d)
	}
	if len(ps) == 0 {
		add(d)
	}
	return all
}

// ownOf writes answers to a version under the columns of all; options have the texts of their own version.
func ownOf(d, all survey.Definition) func(survey.Answers) []string {
	at := make([]int, len(d.Questions))
	for i, q := range d.Questions {
		at[i] = slices.IndexFunc(all.Questions, func(o survey.Question) bool { return o.ID == q.ID && o.Type == q.Type })
	}
	return func(a survey.Answers) []string {
		out := make([]string, len(all.Questions))
		for i, text := range survey.Row(d, a) {
			out[at[i]] = text
		}
		return out
	}
}

// TextAnswer is one text that somebody wrote.
type TextAnswer struct {
	Text        string
	DisplayName string // empty of anonymous surveys
}

// TextFilter picks texts.
type TextFilter struct {
	ResultFilter
	Question string // id
	Query    string // part of the text, whatever the case
	Cursor   string
	Limit    int
}

// Texts returns a page of the answers to a text question: the newest first, of anonymous surveys in alphabetical order and
// none of a campaign in which fewer than survey.Fewest have answered the question.
func (s *Service) Texts(ctx context.Context, a Actor, id string, f TextFilter) (items []TextAnswer, next string, err error) {
	ps, anonymous, d, err := s.polls(ctx, a, id, f.ResultFilter)
	if err != nil {
		return nil, "", err
	}
	isText := func(q survey.Question) bool {
		return q.ID == f.Question && (q.Type == survey.Text || q.Type == survey.LongText)
	}
	if !slices.ContainsFunc(union(ps, d).Questions, isText) {
		return nil, "", Errorf(CodeNotFound, "unknown_question", "This survey has no such text question.")
	}
	type found struct {
		TextAnswer
		at   int64
		slot string
	}
	var all []found
	query := strings.ToLower(f.Query)
	for _, p := range ps {
		if !slices.ContainsFunc(p.d.Questions, isText) {
			continue
		}
		from, answered := len(all), 0
		err := s.respondents(ctx, a.TenantID, p, f.ResultFilter, !anonymous, func(r Respondent) error {
			if !r.Response.Done {
				return nil
			}
			v := r.Response.Answers[f.Question]
			if !v.Blank() {
				answered++
			}
			if v.Blank() || query != "" && !strings.Contains(strings.ToLower(v.Text()), query) {
				return nil
			}
			t := found{TextAnswer: TextAnswer{Text: v.Text()}}
			if !anonymous {
				t.DisplayName, t.slot = r.DisplayName, p.ID+r.Slot
				if r.AnsweredAt != nil {
					t.at = r.AnsweredAt.UnixMilli()
				}
			}
			all = append(all, t)
			return nil
		})
		if err != nil {
			return nil, "", err
		}
		if anonymous && answered < survey.Fewest {
			all = all[:from]
		}
	}
	bad := Errorf(CodeInvalid, "bad_cursor", "This page link is not valid. Start again from the first page.")
	start := 0
	if anonymous {
		// Nothing but the texts is known, and the place in their order is all that a page can begin with.
		slices.SortFunc(all, func(a, b found) int {
			return cmp.Or(strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text))
		})
		if f.Cursor != "" {
			if start, err = strconv.Atoi(f.Cursor); err != nil || start < 0 {
				return nil, "", bad
			}
			start = min(start, len(all))
		}
	} else {
		order := func(a, b found) int { return cmp.Or(cmp.Compare(b.at, a.at), strings.Compare(a.slot, b.slot)) }
		slices.SortFunc(all, order)
		if f.Cursor != "" {
			at, slot, ok := strings.Cut(f.Cursor, "_")
			last := found{slot: slot}
			if last.at, err = strconv.ParseInt(at, 10, 64); err != nil || !ok {
				return nil, "", bad
			}
			for start < len(all) && order(all[start], last) <= 0 {
				start++
			}
		}
	}
	end := min(start+f.Limit, len(all))
	for _, t := range all[start:end] {
		items = append(items, t.TextAnswer)
	}
	if end < len(all) {
		if next = strconv.Itoa(end); !anonymous {
			next = strconv.FormatInt(all[end-1].at, 10) + "_" + all[end-1].slot
		}
	}
	return items, next, nil
}

// keptResults lets everybody who asks for the same results within a moment share them: open pages ask every few seconds, and
// hundreds of them must not read all answers each.
type keptResults struct {
	mu   sync.Mutex
	kept map[resultKey]*keptResult
}

type resultKey struct {
	tenantID, surveyID string
	filter             ResultFilter
}

type keptResult struct {
	done  chan struct{} // closed when value and err are there
	until time.Time     // read after done
	value SurveyResults
	err   error
}

func (k *keptResults) get(ctx context.Context, key resultKey, keep time.Duration, addUp func() (SurveyResults, error)) (SurveyResults, error) {
	if keep < 0 {
		return addUp()
	}
	k.mu.Lock()
	r := k.kept[key]
	if r != nil {
		select {
		case <-r.done:
			if time.Now().After(r.until) {
				r = nil
			}
		default:
		}
	}
	mine := r == nil
	if mine {
		r = &keptResult{done: make(chan struct{})}
		k.put(key, r)
	}
	k.mu.Unlock()
	if mine {
		r.add(keep, addUp)
	}
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		return SurveyResults{}, ctx.Err()
	}
}

func (r *keptResult) add(keep time.Duration, addUp func() (SurveyResults, error)) {
	r.err = errors.New("results were not added up") // for those who wait, should addUp panic
	defer close(r.done)
	if r.value, r.err = addUp(); r.err == nil {
		r.until = time.Now().Add(keep)
	}
}

// put keeps a result and lets go of those that nobody may have any more. Hold mu.
func (k *keptResults) put(key resultKey, r *keptResult) {
	if k.kept == nil {
		k.kept = map[resultKey]*keptResult{}
	}
	for old, o := range k.kept {
		select {
		case <-o.done:
			if time.Now().After(o.until) {
				delete(k.kept, old)
			}
		default:
		}
	}
	k.kept[key] = r
}

package store_test

import (
	"crypto/rand"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"herald/campaigns"
	"herald/campaigns/survey"
	"herald/infra/store"
)

var analyst = campaigns.Actor{TenantID: tenant, PersonID: "ann", Roles: []campaigns.Role{campaigns.RoleAuthor}}

// scores is what the first question's answers add up to: "6 of 6: 2 4 0", promoters, passives, detractors.
func (p *poll) scores(f campaigns.ResultFilter) string {
	p.t.Helper()
	r := must(p.Results(p.t.Context(), analyst, p.survey, f))(p.t)
	if r.Suppressed {
		return fmt.Sprintf("%d of %d: suppressed", r.Answered, r.Sent)
	}
	s := r.Questions[0].NPS
	return fmt.Sprintf("%d of %d: %d %d %d", r.Answered, r.Sent, s.Promoters, s.Passives, s.Detractors)
}

func (p *poll) is(what, got, want string) {
	p.t.Helper()
	if got != want {
		p.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func (p *poll) rows(f campaigns.ResultFilter) (out []string) {
	p.t.Helper()
	t := must(p.ResultTable(p.t.Context(), analyst, p.survey, f))(p.t)
	ok(p.t, t.Each(func(r campaigns.ResultRow) error {
		out = append(out, strings.TrimLeft(r.DisplayName+" "+strings.Join(r.Cells, "|"), " "))
		return nil
	}))
	return out
}

func TestResults(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := polling(t, db, whole, 6)
		for i, score := range []string{"10", "9", "8", "2"} {
			p.now = p.now.Add(1e9)
			p.press(i+1, survey.Answer, "", "", map[string]any{"q1": score, "q2": fmt.Sprintf("Text %d", i+1)})
		}
		p.is("all", p.scores(campaigns.ResultFilter{}), "4 of 6: 2 1 1")

		// People can be told apart by list and by column, when the survey is not anonymous.
		list := newList(t, db, tenant, "Staff", member("p2", ""), member("p4", ""), member("p6", "")).ID
		p.is("in a list", p.scores(campaigns.ResultFilter{ListID: list}), "2 of 3: 1 0 1")
		p.is("in no list", p.scores(campaigns.ResultFilter{ListID: "none"}), "0 of 0: 0 0 0")
		p.is("by a column that nobody has", p.scores(campaigns.ResultFilter{Column: "TEAM", Value: "north"}), "0 of 0: 0 0 0")
		if got, want := p.rows(campaigns.ResultFilter{ListID: list}), []string{"Person p2 9|Text 2", "Person p4 2|Text 4"}; !slices.Equal(got, want) {
			t.Errorf("rows %q, want %q", got, want)
		}

		// The newest texts first, page by page, whoever answers meanwhile.
		first, next, err := p.Texts(t.Context(), analyst, p.survey, campaigns.TextFilter{Question: "q2", Limit: 2})
		ok(t, err)
		p.now = p.now.Add(1e9)
		p.press(5, survey.Answer, "", "", map[string]any{"q1": "7", "q2": "Late"})
		second, end, err := p.Texts(t.Context(), analyst, p.survey, campaigns.TextFilter{Question: "q2", Limit: 2, Cursor: next})
		ok(t, err)
		if got := fmt.Sprint(first, second, end); got != "[{Text 4 Person p4} {Text 3 Person p3}] [{Text 2 Person p2} {Text 1 Person p1}]" {
			t.Errorf("texts %s", got)
		}
		found, _, err := p.Texts(t.Context(), analyst, p.survey, campaigns.TextFilter{Question: "q2", Query: "TEXT 3", Limit: 2})
		ok(t, err)
		if fmt.Sprint(found) != "[{Text 3 Person p3}]" {
			t.Errorf("found %v", found)
		}

		// Another version's campaign counts with them; a comparison is one call for each.
		changed := survey.Definition{Questions: append(slices.Clone(whole.Questions), survey.Question{ID: "q3", Type: survey.YesNo, Text: "Again?"})}
		ok(t, db.UpdateSurvey(t.Context(), &campaigns.Survey{TenantID: tenant, ID: p.survey, Name: "Poll", Definition: changed, Version: 1}, now))
		one := p.key
		p.key = p.ask(campaigns.Audience{Emails: []string{"ann@contoso.example"}}, people(2))
		d := p.data(survey.Answer, "", "", map[string]any{"q1": "10", "q3": "yes"})
		d.Version = 2
		must(p.Answer(t.Context(), chatOf(1), p.activity(1), d))(t)
		p.is("both", p.scores(campaigns.ResultFilter{}), "6 of 8: 3 2 1")
		p.is("the first", p.scores(campaigns.ResultFilter{Campaign: one.CampaignID}), "5 of 6: 2 2 1")
		p.is("the second", p.scores(campaigns.ResultFilter{Campaign: p.key.CampaignID}), "1 of 2: 1 0 0")
		table := must(p.ResultTable(t.Context(), analyst, p.survey, campaigns.ResultFilter{}))(t)
		if got := strings.Join(table.Columns, "|"); got != "How likely?|Why?|Again?" || len(p.rows(campaigns.ResultFilter{})) != 6 {
			t.Errorf("columns %s, rows %q", got, p.rows(campaigns.ResultFilter{}))
		}

		// Deleted answers are gone.
		ok(t, db.DeleteCampaign(t.Context(), one, now))
		p.is("one is deleted", p.scores(campaigns.ResultFilter{}), "1 of 2: 1 0 0")
	})
}

// Fewer than five answers to an anonymous survey are counted and nothing else; also when they could be had by subtraction.
func TestAnonymousResultsAreSuppressed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		d := whole
		d.Anonymous = true
		p := polling(t, db, d, 6)
		say := func(who, score int) {
			p.press(who, survey.Answer, "", rand.Text(), map[string]any{"q1": fmt.Sprint(score), "q2": fmt.Sprintf("from %d", 9-who)})
		}
		for i := range 4 {
			say(i+1, 10)
		}
		p.is("four", p.scores(campaigns.ResultFilter{}), "4 of 6: suppressed")
		if rows := p.rows(campaigns.ResultFilter{}); len(rows) > 0 {
			t.Errorf("rows %q", rows)
		}
		texts, _, err := p.Texts(t.Context(), analyst, p.survey, campaigns.TextFilter{Question: "q2", Limit: 9})
		ok(t, err)
		if len(texts) > 0 {
			t.Errorf("texts %v", texts)
		}
		say(5, 0)
		p.is("five", p.scores(campaigns.ResultFilter{}), "5 of 6: 4 0 1")
		if got, want := p.rows(campaigns.ResultFilter{}), []string{"0|from 4", "10|from 5", "10|from 6", "10|from 7", "10|from 8"}; !slices.Equal(got, want) {
			t.Errorf("rows %q, want %q", got, want)
		}
		for _, f := range []campaigns.ResultFilter{{ListID: "x"}, {Column: "TEAM", Value: "north"}} {
			_, err := p.Results(t.Context(), analyst, p.survey, f)
			code(t, err, campaigns.CodeInvalid)
			_, err = p.ResultTable(t.Context(), analyst, p.survey, f)
			code(t, err, campaigns.CodeInvalid)
			_, _, err = p.Texts(t.Context(), analyst, p.survey, campaigns.TextFilter{ResultFilter: f, Question: "q2", Limit: 9})
			code(t, err, campaigns.CodeInvalid)
		}
		p.key = p.ask(campaigns.Audience{Emails: []string{"ann@contoso.example"}}, people(3))
		say(1, 7)
		p.is("a small campaign more", p.scores(campaigns.ResultFilter{}), "6 of 9: 4 0 1")
		p.is("the small one", p.scores(campaigns.ResultFilter{Campaign: p.key.CampaignID}), "1 of 3: suppressed")
		if n := len(p.rows(campaigns.ResultFilter{})); n != 5 {
			t.Errorf("%d rows", n)
		}
	})
}

// A question that fewer than five of a campaign have answered is told nowhere: neither by itself, nor among another campaign's answers, nor
// in the texts, nor in the file.
func TestAnonymousQuestionsAreSuppressed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		d := whole
		d.Anonymous = true
		p := polling(t, db, d, 6)
		say := func(people, texts int, word string) {
			for i := range people {
				in := map[string]any{"q1": "10"}
				if i < texts {
					in["q2"] = fmt.Sprint(word, i)
				}
				p.press(i+1, survey.Answer, "", rand.Text(), in)
			}
		}
		say(6, 3, "few")
		first := p.key
		p.key = p.ask(campaigns.Audience{Emails: []string{"ann@contoso.example"}}, people(6))
		say(6, 5, "many")
		for _, c := range []struct {
			f     campaigns.ResultFilter
			count int
		}{{campaigns.ResultFilter{Campaign: first.CampaignID}, 0}, {campaigns.ResultFilter{Campaign: p.key.CampaignID}, 5}, {campaigns.ResultFilter{}, 5}} {
			r := must(p.Results(t.Context(), analyst, p.survey, c.f))(t)
			if q := r.Questions[1]; q.Count != c.count || len(q.Texts) != c.count || q.Suppressed != (c.count == 0) || strings.Contains(fmt.Sprint(q.Texts), "few") {
				t.Errorf("%+v: %+v", c.f, q)
			}
			texts, _, err := p.Texts(t.Context(), analyst, p.survey, campaigns.TextFilter{ResultFilter: c.f, Question: "q2", Limit: 20})
			ok(t, err)
			if len(texts) != c.count || strings.Contains(fmt.Sprint(texts), "few") {
				t.Errorf("%+v: texts %v", c.f, texts)
			}
			rows := strings.Join(p.rows(c.f), "\n")
			if strings.Count(rows, "10|") != r.Answered || strings.Count(rows, "many") != c.count || strings.Contains(rows, "few") {
				t.Errorf("%+v: rows %s", c.f, rows)
			}
		}
	})
}

// BenchmarkResults is what an analyst waits for with 10⁵ answers to five questions.
func BenchmarkResults(b *testing.B) {
	d := survey.Definition{Questions: []survey.Question{
		{ID: "q1", Type: survey.NPS, Text: "?"}, {ID: "q2", Type: survey.Choice, Text: "?", Options: []survey.Option{{ID: "a", Text: "A"}, {ID: "b", Text: "B"}}},
		{ID: "q3", Type: survey.Rating, Text: "?"}, {ID: "q4", Type: survey.Number, Text: "?"}, {ID: "q5", Type: survey.Text, Text: "?"},
	}}
	dir := b.TempDir()
	p := polling(b, open(b, "", dir), d, 1)
	raw := must(sql.Open("sqlite", filepath.Join(dir, "herald.db")))(b)
	defer raw.Close()
	must(raw.ExecContext(b.Context(), `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
		INSERT INTO responses (tenant_id, campaign, slot, version, answers, pending, done, started_at, answered_at)
		SELECT tenant_id, num, 'd' || i, 1, '{"q1":"' || (i % 11) || '","q2":"a","q3":"' || (1 + i % 5) || '","q4":' || (i % 1000) || '.5,"q5":"This is what person ' || i || ' says"}', '', TRUE, i, i
		FROM campaigns, n WHERE id = ?`, p.key.CampaignID))(b)
	for b.Loop() {
		if r := must(p.Results(b.Context(), analyst, p.survey, campaigns.ResultFilter{}))(b); r.Answered != 100_000 {
			b.Fatalf("%d answers", r.Answered)
		}
	}
}

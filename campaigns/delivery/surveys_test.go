package delivery_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// survey saves a survey.
func (w *world) survey(anonymous bool) *campaigns.Survey {
	w.t.Helper()
	s, err := w.service.CreateSurvey(w.ctx, author(contoso), campaigns.SurveyInput{Name: "Well-being", Definition: survey.Definition{
		Intro: "Hello [FIRSTNAME]", Anonymous: anonymous, Questions: []survey.Question{{ID: "q1", Type: survey.YesNo, Text: "Are you well?"}},
	}})
	w.ok(err)
	return s
}

func (w *world) ask(s *campaigns.Survey, a campaigns.Audience) campaigns.Key {
	w.t.Helper()
	c, err := w.service.Create(w.ctx, author(contoso), campaigns.Input{Name: "N", Format: message.Survey, Content: message.Content{SurveyID: s.ID}, Audience: a})
	w.ok(err)
	_, err = w.service.Send(w.ctx, author(contoso), c.ID, 0, nil)
	w.ok(err)
	return c.Key()
}

// body is what a person got last.
func (t *teams) body(k campaigns.Key, person string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.texts[k.CampaignID+":"+person]
}

// Everybody gets the same card with what is theirs: their name, their id for the refresh, and of an anonymous survey a token
// that nobody else has and that is written nowhere.
func TestSurveyCards(t *testing.T) {
	token := regexp.MustCompile(`"token":"([A-Z0-9]{26,})"`)
	for _, anonymous := range []bool{false, true} {
		t.Run(fmt.Sprint("anonymous ", anonymous), func(t *testing.T) {
			w := setup(t)
			w.people(contoso, 4)
			for _, id := range []string{"p00000", "p00001", "p00002", "p00003"} {
				ref, err := w.db.Reference(w.ctx, contoso, id)
				w.ok(err)
				ref.UserID, ref.UpdatedAt = `29:"`+id, w.now()
				if id == "p00003" {
					ref.Locale = "fr-CA"
				}
				w.ok(w.db.SaveReference(w.ctx, ref))
			}
			s := w.survey(anonymous)
			k := w.ask(s, campaigns.Audience{All: true})
			w.start()
			w.ended(k, campaigns.Completed)
			tokens := map[string]bool{}
			for _, id := range []string{"p00000", "p00001", "p00002", "p00003"} {
				body := w.teams.body(k, id)
				for _, part := range []string{"Given" + id, "Are you well?", `"userIds":["29:\"` + id + `"]`, `"campaign":"` + k.CampaignID + `"`, `"v":1`} {
					if !strings.Contains(body, part) {
						t.Errorf("%s: no %s in %s", id, part, body)
					}
				}
				if french := strings.Contains(body, `"lang":"fr"`); french != (id == "p00003") {
					t.Errorf("%s got %s", id, body)
				}
				mine := map[string]bool{}
				for _, m := range token.FindAllStringSubmatch(body, -1) {
					mine[m[1]], tokens[m[1]] = true, true
				}
				if want := map[bool]int{true: 1}[anonymous]; len(mine) != want || strings.Contains(body, `\u0000`) {
					t.Errorf("%s has %d tokens: %s", id, len(mine), body)
				}
			}
			if want := map[bool]int{true: 4}[anonymous]; len(tokens) != want {
				t.Errorf("%d tokens, want %d", len(tokens), want)
			}
		})
	}
}

// Cards that have not left when a survey is closed stay here, and the report says why.
func TestSurveyClosedWhileItIsSent(t *testing.T) {
	w := setup(t)
	w.people(contoso, 3)
	s := w.survey(false)
	k := w.ask(s, campaigns.Audience{All: true})
	_, err := w.service.CloseSurvey(w.ctx, author(contoso), s.ID)
	w.ok(err)
	w.advance(time.Second)
	w.start()
	w.ended(k, campaigns.Completed)
	if n := w.teams.total(k); n != 0 {
		t.Errorf("%d cards of a closed survey left", n)
	}
	w.is(k, map[string]string{"p00000": "failed survey_closed", "p00001": "failed survey_closed", "p00002": "failed survey_closed"})
}

// A reminder goes to those who have the survey and have not answered, with the values with which they were asked.
func TestReminder(t *testing.T) {
	w := setup(t)
	w.people(contoso, 5)
	l := w.list(x("p00000"), "1", x("p00001"), "2", x("p00002"), "3", x("p00003"), "4")
	s, err := w.service.CreateSurvey(w.ctx, author(contoso), campaigns.SurveyInput{Name: "S", Definition: survey.Definition{Intro: "Hello [AMOUNT]", Questions: []survey.Question{{ID: "q1", Type: survey.Text, Text: "Why?"}}}})
	w.ok(err)
	w.teams.answers(func(a attempt) campaigns.Outcome {
		if a.Person == "p00003" {
			return never(campaigns.DisabledByAdmin)
		}
		return campaigns.Outcome{Kind: campaigns.OutcomeSent, ActivityID: "1700000000000"}
	})
	k := w.ask(s, campaigns.Audience{ListIDs: []string{l}})
	w.start()
	w.ended(k, campaigns.Completed)
	ref, err := w.db.Reference(w.ctx, contoso, "p00001")
	w.ok(err)
	asked, err := w.db.Asked(w.ctx, ref, "1700000000000", k.CampaignID)
	w.ok(err)
	w.ok(w.db.NoteAnswered(w.ctx, asked))
	r, err := w.service.Remind(w.ctx, author(contoso), k.CampaignID, "")
	w.ok(err)
	_, err = w.service.Send(w.ctx, author(contoso), r.ID, 0, nil)
	w.ok(err)
	w.ended(r.Key(), campaigns.Completed)
	w.is(r.Key(), map[string]string{"p00000": "sent", "p00002": "sent"})
	if got := w.teams.text(r.Key(), "p00002"); got != "3" {
		t.Errorf("the reminder greets with %q", got)
	}
}

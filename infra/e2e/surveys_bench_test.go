package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// BenchmarkAnswersOnTheSandbox has as many people as it is asked to run answer a survey of five questions at 200 answers a second in the sandbox's chats, and
// reports how long a press takes from the chat to the new card, the sandbox's own work included. Every answer must be counted once.
//
//	go test ./infra/e2e -run '^$' -bench AnswersOnTheSandbox -benchtime 10000x
func BenchmarkAnswersOnTheSandbox(b *testing.B) {
	people := b.N
	if people < 100 {
		return // what the testing package tries first
	}
	h := StartApart(b, map[string]string{"HERALD_RATE": "2000"}, map[string]string{"HERALD_SANDBOX_USERS": strconv.Itoa(people)})
	h.Cloud.Install(people)
	api := h.Author(b)
	var questions []map[string]any
	for i, kind := range []string{"yesno", "rating", "nps", "number", "text"} {
		questions = append(questions, map[string]any{"id": fmt.Sprintf("q%d", i+1), "type": kind, "text": "Question " + kind, "required": true})
	}
	survey := api.OK(201, "POST", "/surveys", map[string]any{"name": "Five", "questions": questions})["id"].(string)
	id := api.Create("Five", "survey", map[string]any{"surveyId": survey}, map[string]any{"all": true})
	api.OK(202, "POST", "/campaigns/"+id+"/send", map[string]any{"at": nil})
	api.Await(id, "completed")

	type card struct{ user, activity string }
	var cards []card
	for cursor := ""; ; {
		var page struct {
			Items []User  `json:"items"`
			Next  *string `json:"next"`
		}
		h.Cloud.do("GET", "/api/users?limit=200&cursor="+cursor, nil, 200, &page)
		for _, u := range page.Items {
			if seen := h.Cloud.Saw(u.ID, "Question yesno"); len(seen) > 0 {
				cards = append(cards, card{u.ID, seen[0].ID})
			}
		}
		if page.Next == nil {
			break
		}
		cursor = *page.Next
	}
	inputs := map[string]string{"q1": "yes", "q2": "4", "q3": "9", "q4": "12.5", "q5": "Fine"}
	took := make([]time.Duration, len(cards))
	var all sync.WaitGroup
	tick := time.NewTicker(time.Second / 200)
	defer tick.Stop()
	b.ResetTimer()
	for i, c := range cards {
		<-tick.C
		all.Go(func() {
			began := time.Now()
			h.Cloud.do("POST", "/api/users/"+c.user+"/submit", map[string]any{"activityId": c.activity, "action": "herald.survey.answer", "inputs": inputs}, 200, nil)
			took[i] = time.Since(began)
		})
	}
	all.Wait()
	b.StopTimer()
	if got := api.OK(200, "GET", "/surveys/"+survey, nil)["answered"]; got != float64(people) {
		b.Errorf("%d people answered, %v are counted", len(cards), got)
	}
	slices.Sort(took)
	b.ReportMetric(float64(len(cards)), "people")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
}

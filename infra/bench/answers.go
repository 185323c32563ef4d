package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/survey"
)

// answersPerSecond is the pace at which people answer in benchmark f.
const answersPerSecond = 200

// fiveQuestions are on one card.
func fiveQuestions(anonymous bool) survey.Definition {
	return survey.Definition{Intro: "Hello [FIRSTNAME]", Thanks: "Thank you, [FIRSTNAME]", Anonymous: anonymous, AllowChange: true, Questions: []survey.Question{
		{ID: "q1", Type: survey.NPS, Text: "How likely are you to recommend us?", Required: true},
		{ID: "q2", Type: survey.Choice, Text: "Where do you work?", Options: []survey.Option{{ID: "a", Text: "At home"}, {ID: "b", Text: "In the office"}}},
		{ID: "q3", Type: survey.YesNo, Text: "Do you use the canteen?"},
		{ID: "q4", Type: survey.Rating, Text: "How is it?"},
		{ID: "q5", Type: survey.LongText, Text: "Anything else?"},
	}}
}

// pressed is what came of the answers of one run.
type pressed struct {
	times  []float64 // ms from the moment of a press to its answer
	rows   int       // answers in the database, which must be the people
	marks  int       // people who have answered, likewise
	wrong  int       // presses that were not thanked for
	people int
}

// answers is benchmark f: people answer a survey at a steady pace, every tenth with a double press.
func (w *world) answers(ctx context.Context) (string, error) {
	n := 10_000
	if w.options.short {
		n = 1_000
	}
	t := newTable("", "survey", "p50, ms", "p99, ms", "worst, ms", "people", "counted once")
	for _, embedded := range []bool{false, true} {
		for _, anonymous := range []bool{false, true} {
			var p50, p99, worst figure
			once := true
			name, kind := serversName, "named"
			if embedded {
				name = embeddedName
			}
			if anonymous {
				kind = "anonymous"
			}
			for range w.options.runs {
				p, err := w.answered(ctx, embedded, anonymous, n)
				if err != nil {
					return "", fmt.Errorf("%s, %s: %w", name, kind, err)
				}
				slices.Sort(p.times)
				p50.add(quantile(p.times, 0.5))
				p99.add(quantile(p.times, 0.99))
				worst.add(p.times[len(p.times)-1])
				once = once && p.rows == n && p.marks == n && p.wrong == 0
				progress("f: %s, %s: p99 %s ms; %d answers and %d marks of %d people, %d presses not thanked for", name, kind, number(quantile(p.times, 0.99)), p.rows, p.marks, n, p.wrong)
			}
			t.row("**Herald, "+name+"**", kind, p50.String(), p99.String(), worst.String(), strconv.Itoa(n), map[bool]string{true: "all", false: "**no**"}[once])
		}
	}
	return fmt.Sprintf("## f) Answers to a survey\n\n%d people answer a survey of five questions on one card, %d a second at an even pace, every tenth by two presses at once: from the moment at which a press is due "+
		"to the whole answer of Herald's bot endpoint (`adaptiveCard/action`), without the check of Teams' token. Counted once: afterwards there is one answer per person, each person is marked as having answered, and every press was thanked for.\n\n%s", n, answersPerSecond, t), nil
}

func (w *world) answered(ctx context.Context, embedded, anonymous bool, n int) (p pressed, err error) {
	var s *stores
	if embedded {
		s, err = w.inNewFolder(ctx)
	} else if s, err = w.onNewDatabase(ctx); err == nil {
		s.env = append(s.env, "HERALD_ROLE=all")
	}
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := errors.Join(w.redis.empty(ctx), s.settle(ctx, w.sink.url, n), w.sink.reset(ctx, false)); err != nil {
		return p, err
	}
	k, people, err := s.asked(ctx, fiveQuestions(anonymous))
	if err != nil {
		return p, err
	}
	if err := s.tidy(ctx); err != nil {
		return p, err
	}
	herald, address, err := w.heraldAt(ctx, s)
	if err != nil {
		return p, err
	}
	defer herald.stop(syscall.SIGTERM)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failure error
	began := time.Now().Add(time.Second)
	for i, person := range people {
		due := began.Add(time.Duration(i) * time.Second / answersPerSecond)
		wait(ctx, time.Until(due))
		token := ""
		if anonymous {
			token = rand.Text()
		}
		presses := 1
		if i%10 == 0 {
			presses = 2
		}
		for range presses {
			wg.Go(func() {
				thanked, err := press(ctx, client, address, w.sink.url, k.CampaignID, person, token, i)
				took := float64(time.Since(due)) / float64(time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				if p.times = append(p.times, took); err != nil {
					failure = err
				} else if !thanked {
					p.wrong++
				}
			})
		}
	}
	wg.Wait()
	if failure != nil {
		return p, herald.failed("does not answer", failure)
	}
	p.people = n
	err = errors.Join(
		s.sql.QueryRowContext(ctx, `SELECT COUNT(*) FROM responses WHERE done`).Scan(&p.rows),
		s.sql.QueryRowContext(ctx, `SELECT COUNT(*) FROM deliveries WHERE answered_at IS NOT NULL`).Scan(&p.marks),
	)
	return p, err
}

var listens = regexp.MustCompile(`Herald listens.*?(http://127\.0\.0\.1:\d+)`)

// heraldAt starts the program with its bot endpoint and says where it is.
func (w *world) heraldAt(ctx context.Context, s *stores) (c *child, address string, err error) {
	env := append([]string{
		"HERALD_MODE=playground", "HERALD_ADDR=127.0.0.1:0", "HERALD_SANDBOX_URL=" + w.sink.url, "HERALD_DATA_DIR=" + w.dir + "/herald",
	}, s.env...)
	if c, err = spawn("herald", w.options.herald, env, nil, nil); err != nil {
		return nil, "", err
	}
	found, err := c.await(ctx, listens)
	if err != nil {
		c.stop(syscall.SIGKILL)
		return nil, "", err
	}
	return c, found[1], nil
}

// press answers a person's card as Teams posts it.
func press(ctx context.Context, client *http.Client, address, serviceURL, campaign, person, token string, i int) (thanked bool, err error) {
	activity := map[string]any{
		"type": "invoke", "name": "adaptiveCard/action", "channelId": "msteams", "serviceUrl": serviceURL, "locale": "en-US", "replyToId": "card-" + person,
		"from": map[string]any{"id": "29:1" + person, "aadObjectId": person, "name": "Person"}, "recipient": map[string]any{"id": "28:bot"},
		"conversation": map[string]any{"id": "a:1" + person, "conversationType": "personal", "tenantId": tenant}, "channelData": map[string]any{"tenant": map[string]any{"id": tenant}},
		"value": map[string]any{"trigger": "manual", "action": map[string]any{"type": "Action.Execute", "verb": survey.VerbPrefix + "answer", "data": map[string]any{
			"herald": survey.Press{Survey: 1, Campaign: campaign, Act: survey.Answer, Token: token, Version: 1},
			"q1":     strconv.Itoa(i % 11), "q2": []string{"a", "b"}[i%2], "q3": "yes", "q4": strconv.Itoa(1 + i%5), "q5": fmt.Sprintf("This is what person %d has to say about it.", i),
		}}},
	}
	body, err := json.Marshal(activity)
	if err != nil {
		return false, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/api/messages", bytes.NewReader(body))
	if err != nil {
		return false, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode == http.StatusOK && bytes.Contains(answer, []byte("Thank you, Given")), err
}

// asked makes a campaign whose survey everybody has, without sending it.
func (s *stores) asked(ctx context.Context, d survey.Definition) (k campaigns.Key, people []string, err error) {
	now := time.Now()
	if err := s.db.CreateSurvey(ctx, &campaigns.Survey{TenantID: tenant, ID: "survey", Name: "Survey", Definition: d, Version: 1, CreatedAt: now, UpdatedAt: now}); err != nil {
		return k, nil, err
	}
	c := &campaigns.Campaign{
		TenantID: tenant, ID: "campaign", Name: "Survey", Format: message.Survey, Content: message.Content{SurveyID: "survey"}, Audience: campaigns.Audience{All: true},
		Status: campaigns.Draft, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	k = c.Key()
	if err := s.db.CreateCampaign(ctx, c); err != nil {
		return k, nil, err
	}
	if _, err := s.db.ScheduleCampaign(ctx, k, 0, now, now); err != nil {
		return k, nil, err
	}
	_, plan, err := s.db.Begin(ctx, k, now)
	if err != nil {
		return k, nil, err
	}
	rows, err := s.sql.QueryContext(ctx, `SELECT person_id FROM people ORDER BY person_id`)
	if err != nil {
		return k, nil, err
	}
	defer func() { _ = rows.Close() }()
	var page []delivery.Planned
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return k, nil, err
		}
		people = append(people, id)
		page = append(page, delivery.Planned{Recipient: id, PersonID: id, Email: id + "@contoso.example", DisplayName: "Person", Status: campaigns.DeliveryPending, DueAt: now})
	}
	if err := rows.Err(); err != nil {
		return k, nil, err
	}
	for part := range slices.Chunk(page, 1000) {
		to := delivery.Plan{Cursor: part[len(part)-1].PersonID, Done: part[len(part)-1].PersonID == people[len(people)-1]}
		if err := s.db.WritePage(ctx, k, plan, to, part, now); err != nil {
			return k, nil, err
		}
		plan = to
	}
	var refs []delivery.Ref
	for i := range people {
		refs = append(refs, delivery.Ref{Key: k, Seq: int64(i + 1)})
	}
	for part := range slices.Chunk(refs, 500) {
		as, err := s.db.BeginAttempts(ctx, part, nil, now.Add(-time.Hour), now, now)
		if err != nil {
			return k, nil, err
		}
		var rs []delivery.Result
		for _, a := range as {
			rs = append(rs, delivery.Result{Ref: a.Ref, Number: a.Number, Status: campaigns.DeliverySent, At: now, ActivityID: "card-" + a.Person.ID, ConversationID: "a:1" + a.Person.ID})
		}
		if _, err := s.db.Record(ctx, rs); err != nil {
			return k, nil, err
		}
	}
	return k, people, nil
}

package store_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"herald/campaigns"
	"herald/campaigns/delivery"
	"herald/campaigns/message"
	"herald/campaigns/survey"
	"herald/infra/store"
)

// branching asks its questions one at a time; whole on one card.
var (
	branching = survey.Definition{Intro: "Hello [FIRSTNAME|you]", AllowChange: true, Questions: []survey.Question{
		{ID: "q1", Type: survey.YesNo, Text: "Coming?", Required: true, Branch: []survey.Branch{{Option: "no", To: "q3"}}},
		{ID: "q2", Type: survey.Choice, Text: "Meal?", Required: true, Options: []survey.Option{{ID: "a", Text: "Fish"}, {ID: "b", Text: "Rice"}}},
		{ID: "q3", Type: survey.LongText, Text: "Anything else?"},
	}}
	whole = survey.Definition{Questions: []survey.Question{
		{ID: "q1", Type: survey.NPS, Text: "How likely?", Required: true},
		{ID: "q2", Type: survey.Text, Text: "Why?"},
	}}
)

// poll is a survey that a campaign asks n people, who all have its card.
type poll struct {
	*campaigns.Service
	t      testing.TB
	db     *store.DB
	survey string
	key    campaigns.Key
	within bool // campaigns go out within a window
	found  bool // the chats are those that Graph named

	mu  sync.Mutex
	now time.Time
}

func polling(t testing.TB, db *store.DB, d survey.Definition, n int) *poll {
	t.Helper()
	p := &poll{t: t, db: db, survey: fmt.Sprintf("s%06d", ids.Add(1)), now: now}
	p.Service = &campaigns.Service{Store: db, Now: p.clock, Log: slog.New(slog.DiscardHandler), ResultsFor: -1}
	ok(t, db.CreateSurvey(t.Context(), &campaigns.Survey{TenantID: tenant, ID: p.survey, Name: "Poll", Definition: d, Version: 1, CreatedAt: now, UpdatedAt: now}))
	p.key = p.ask(campaigns.Audience{Emails: []string{"ann@contoso.example"}}, people(n))
	return p
}

func (p *poll) clock() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// ask sends a campaign of the survey to people.
func (p *poll) ask(a campaigns.Audience, to []delivery.Planned) campaigns.Key {
	p.t.Helper()
	ctx := p.t.Context()
	c := &campaigns.Campaign{
		TenantID: tenant, ID: fmt.Sprintf("c%06d", ids.Add(1)), Name: "Poll", Format: message.Survey, Content: message.Content{SurveyID: p.survey}, Audience: a,
		Status: campaigns.Draft, CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	ok(p.t, p.db.CreateCampaign(ctx, c))
	k := c.Key()
	if p.within {
		must(p.db.ScheduleWithin(ctx, k, 0, window, now, now))(p.t)
	} else {
		must(p.db.ScheduleCampaign(ctx, k, 0, now, now))(p.t)
	}
	_, plan, err := p.db.Begin(ctx, k, now)
	ok(p.t, err)
	ok(p.t, p.db.WritePage(ctx, k, plan, delivery.Plan{Cursor: "end", Done: true}, to, now))
	if p.within {
		placeAll(p.t, p.db, k, len(to))
	}
	var seqs []int64
	for i := range to {
		seqs = append(seqs, int64(i+1))
	}
	as := must(p.db.BeginAttempts(ctx, refs(k, seqs...), nil, long, now.Add(time.Hour), now.Add(time.Hour)))(p.t)
	var rs []delivery.Result
	for _, a := range as {
		r := result(a, campaigns.DeliverySent)
		r.ActivityID = fmt.Sprintf("%s-%d", k.CampaignID, a.Seq)
		if p.found {
			r.ConversationID = "19:" + a.Reference.PersonID + "_app@unq.gbl.spaces"
		}
		rs = append(rs, r)
	}
	if len(rs) != len(to) {
		p.t.Fatalf("%d of %d attempts", len(rs), len(to))
	}
	record(p.t, p.db, rs...)
	return k
}

func chatOf(i int) campaigns.Reference {
	id := fmt.Sprintf("p%d", i)
	return campaigns.Reference{TenantID: tenant, PersonID: id, UserID: "29:" + id, ConversationID: "conv-" + id, Locale: "en"}
}

func (p *poll) activity(i int) string { return fmt.Sprintf("%s-%d", p.key.CampaignID, i) }

// data is what a card's button sends.
func (p *poll) data(act survey.Act, at, token string, inputs map[string]any) campaigns.Pressed {
	raw := map[string]json.RawMessage{}
	for id, v := range inputs {
		raw[id], _ = json.Marshal(v)
	}
	return campaigns.Pressed{Press: survey.Press{Survey: 1, Campaign: p.key.CampaignID, At: at, Token: token, Act: act, Version: 1}, Inputs: raw}
}

func (p *poll) press(i int, act survey.Act, at, token string, inputs map[string]any) campaigns.Reply {
	p.t.Helper()
	return must(p.Answer(p.t.Context(), chatOf(i), p.activity(i), p.data(act, at, token, inputs)))(p.t)
}

// shows says what a card is, by its buttons and words.
func shows(r campaigns.Reply) string {
	card := string(r.Card)
	for _, w := range []struct{ words, kind string }{
		{"answers are not kept", "test"}, {"You have already answered", "already"}, {"closed", "closed"}, {"Thank you", "thanks"},
	} {
		if strings.Contains(card, w.words) {
			return w.kind
		}
	}
	for _, q := range []string{"q1", "q2", "q3"} {
		if strings.Contains(card, `"id":"`+q+`"`) {
			return q
		}
	}
	return card
}

func (p *poll) shown(r campaigns.Reply, want string) {
	p.t.Helper()
	if got := shows(r); got != want {
		p.t.Fatalf("the card is %s, want %s", got, want)
	}
}

// stored is all complete answers, as JSON, sorted.
func (p *poll) stored() (out []string) {
	p.t.Helper()
	ok(p.t, p.db.Respondents(p.t.Context(), p.key, campaigns.ResponseFilter{}, func(r campaigns.Respondent) error {
		if r.Response.Done {
			b, err := json.Marshal(r.Response.Answers)
			out = append(out, string(b))
			return err
		}
		return nil
	}))
	slices.Sort(out)
	return out
}

func (p *poll) keeps(want ...string) {
	p.t.Helper()
	if got := p.stored(); !slices.Equal(got, want) {
		p.t.Fatalf("answers %q, want %q", got, want)
	}
}

func (p *poll) answered() int {
	p.t.Helper()
	return must(p.db.Engagement(p.t.Context(), p.key))(p.t).Answered
}

func TestAnswerWay(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := polling(t, db, branching, 2)
		p.shown(p.press(1, survey.Show, "q1", "", nil), "q1")
		p.shown(p.press(1, survey.Answer, "q1", "", map[string]any{"q1": "yes"}), "q2")
		p.shown(p.press(1, survey.Show, "q1", "", nil), "q2") // on another device
		p.shown(p.press(1, survey.Answer, "q2", "", nil), "q2")
		p.shown(p.press(1, survey.Answer, "q3", "", map[string]any{"q3": "early"}), "q2")
		p.shown(p.press(1, survey.Back, "q2", "", nil), "q1")
		p.shown(p.press(1, survey.Answer, "q2", "", map[string]any{"q2": "b", "q1": "no", "extra": 1}), "q3")
		p.keeps()
		if p.answered() != 0 {
			t.Error("somebody half way has answered")
		}
		p.shown(p.press(1, survey.Answer, "q3", "", map[string]any{"q3": "no ties"}), "thanks")
		const first = `{"q1":"yes","q2":"b","q3":"no ties"}`
		p.keeps(first)
		if p.answered() != 1 {
			t.Errorf("%d have answered, want 1", p.answered())
		}

		// Old cards change nothing; "change my answer" does, once it is complete.
		p.shown(p.press(1, survey.Answer, "q1", "", map[string]any{"q1": "no"}), "thanks")
		p.shown(p.press(1, survey.Change, "", "", nil), "q1")
		p.shown(p.press(1, survey.Show, "q1", "", nil), "q1")
		p.shown(p.press(1, survey.Answer, "q1", "", map[string]any{"q1": "no"}), "q3")
		p.keeps(first)
		p.shown(p.press(1, survey.Answer, "q3", "", map[string]any{"q3": "sorry"}), "thanks")
		p.keeps(`{"q1":"no","q3":"sorry"}`)

		// Closing takes effect at once, and what was complete stays.
		p.shown(p.press(1, survey.Change, "", "", nil), "q1")
		p.shown(p.press(2, survey.Answer, "q1", "", map[string]any{"q1": "no"}), "q3")
		ok(t, db.CloseSurvey(t.Context(), tenant, p.survey, now))
		p.shown(p.press(2, survey.Answer, "q3", "", nil), "closed")
		p.shown(p.press(1, survey.Answer, "q1", "", map[string]any{"q1": "yes"}), "thanks")
		p.shown(p.press(1, survey.Change, "", "", nil), "thanks")
		p.keeps(`{"q1":"no","q3":"sorry"}`)
		ok(t, db.ReopenSurvey(t.Context(), tenant, p.survey, nil, now))
		p.shown(p.press(2, survey.Answer, "q3", "", nil), "thanks")
		p.keeps(`{"q1":"no","q3":"sorry"}`, `{"q1":"no","q3":null}`)
	})
}

// Whatever a press claims, nothing of it is kept but what the person was asked.
func TestForgedPresses(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := polling(t, db, branching, 3)
		other := polling(t, db, branching, 3)
		yes := map[string]any{"q1": "yes"}
		for name, c := range map[string]struct {
			who      int
			activity string
			change   func(*campaigns.Pressed)
			shows    string
			code     campaigns.Code
		}{
			"another act":            {1, p.activity(1), func(d *campaigns.Pressed) { d.Act = "delete" }, "", campaigns.CodeInvalid},
			"another campaign":       {1, p.activity(1), func(d *campaigns.Pressed) { d.Campaign = other.key.CampaignID }, "", campaigns.CodeConflict},
			"no campaign":            {1, p.activity(1), func(d *campaigns.Pressed) { d.Campaign = "c-none" }, "", campaigns.CodeConflict},
			"another's message":      {1, p.activity(2), nil, "test", ""},
			"no message":             {1, "", nil, "test", ""},
			"never received":         {9, "1", nil, "test", ""},
			"never received at all":  {9, "1", func(d *campaigns.Pressed) { d.Campaign = "c-none" }, "", campaigns.CodeNotFound},
			"another's chat":         {2, p.activity(1), nil, "test", ""},
			"old version":            {1, p.activity(1), func(d *campaigns.Pressed) { d.Version = 7 }, "q1", ""},
			"the whole form at once": {1, p.activity(1), func(d *campaigns.Pressed) { d.At = "" }, "q1", ""},
			"a question too far":     {1, p.activity(1), func(d *campaigns.Pressed) { d.At = "q3" }, "q1", ""},
			"no such question":       {1, p.activity(1), func(d *campaigns.Pressed) { d.At = "q99" }, "q1", ""},
			"nothing":                {1, p.activity(1), func(d *campaigns.Pressed) { d.Inputs = nil }, "q1", ""},
			"an object":              {1, p.activity(1), func(d *campaigns.Pressed) { d.Inputs["q1"] = []byte(`{"a":1}`) }, "q1", ""},
			"a list":                 {1, p.activity(1), func(d *campaigns.Pressed) { d.Inputs["q1"] = []byte(`["yes"]`) }, "q1", ""},
			"a number":               {1, p.activity(1), func(d *campaigns.Pressed) { d.Inputs["q1"] = []byte(`1`) }, "q1", ""},
			"no option":              {1, p.activity(1), func(d *campaigns.Pressed) { d.Inputs["q1"] = []byte(`"perhaps"`) }, "q1", ""},
			"a megabyte":             {1, p.activity(1), func(d *campaigns.Pressed) { d.Inputs["q1"] = []byte(`"` + strings.Repeat("y", 1<<20) + `"`) }, "q1", ""},
			"change before answer":   {1, p.activity(1), func(d *campaigns.Pressed) { d.Act = survey.Change }, "q1", ""},
			"back from the start":    {1, p.activity(1), func(d *campaigns.Pressed) { d.Act = survey.Back }, "q1", ""},
			"somebody else's tenant": {1, p.activity(1), func(d *campaigns.Pressed) { d.Token = "x" }, "", campaigns.CodeNotFound},
		} {
			d := p.data(survey.Answer, "q1", "", yes)
			if c.change != nil {
				c.change(&d)
			}
			ref := chatOf(c.who)
			if strings.Contains(name, "tenant") {
				ref.TenantID = other.survey
			}
			r, err := p.Answer(t.Context(), ref, c.activity, d)
			if campaigns.CodeOf(err) != c.code {
				t.Fatalf("%s: %v, want code %q", name, err, c.code)
			}
			if err == nil && shows(r) != c.shows {
				t.Errorf("%s: the card is %s, want %s", name, shows(r), c.shows)
			}
			n := 0
			ok(t, db.Respondents(t.Context(), p.key, campaigns.ResponseFilter{}, func(campaigns.Respondent) error { n++; return nil }))
			if n != 0 || p.answered() != 0 || other.answered() != 0 {
				t.Fatalf("%s: something was kept", name)
			}
		}
		// A press that is no survey's does not get past them into the delivery.
		known, err := db.RecordAnswer(t.Context(), chatOf(1), p.activity(1), `{"q1":"yes"}`, now)
		ok(t, err)
		if known || p.answered() != 0 {
			t.Error("a raw answer was kept")
		}
	})
}

// A card that was sent to try the survey leads through it and keeps nothing.
func TestTryCard(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := polling(t, db, branching, 1)
		for _, step := range []struct {
			act    survey.Act
			at     string
			inputs map[string]any
			want   string
		}{
			{survey.Answer, "q1", map[string]any{"q1": "yes"}, `"id":"q2"`},
			{survey.Answer, "q1", map[string]any{"q1": "no"}, `"id":"q3"`},
			{survey.Answer, "q2", nil, `"id":"q2"`},
			{survey.Back, "q2", nil, `"id":"q1"`},
			{survey.Answer, "q3", nil, "Thank you"},
			{survey.Change, "", nil, `"id":"q1"`},
		} {
			r := must(p.Answer(t.Context(), chatOf(9), "5", p.data(step.act, step.at, "", step.inputs)))(t)
			if !strings.Contains(string(r.Card), step.want) || r.Keep {
				t.Errorf("%s at %s: %s", step.act, step.at, r.Card)
			}
		}
		p.keeps()
	})
}

// Of presses at the same moment each has one right outcome.
func TestAnswerRaces(t *testing.T) {
	const crowd = 12
	each(t, func(t *testing.T, db *store.DB) {
		hidden, open := whole, whole
		hidden.Anonymous, hidden.AllowChange, open.AllowChange = true, true, true
		score := func(i int) map[string]any { return map[string]any{"q1": fmt.Sprint(i % 11)} }
		t.Run("two devices", func(t *testing.T) {
			p := polling(t, db, open, 1)
			cards := make([]string, crowd)
			for _, err := range together(crowd, func(i int) error {
				r, err := p.Answer(t.Context(), chatOf(1), p.activity(1), p.data(survey.Answer, "", "", score(i)))
				cards[i] = shows(r)
				return err
			}) {
				ok(t, err)
			}
			if got := p.stored(); len(got) != 1 || p.answered() != 1 || slices.ContainsFunc(cards, func(c string) bool { return c != "thanks" }) {
				t.Errorf("answers %q, cards %q", got, cards)
			}
		})
		t.Run("double press", func(t *testing.T) {
			p := polling(t, db, branching, 1)
			for _, at := range []string{"q1", "q2", "q3"} {
				for _, err := range together(crowd, func(int) error {
					_, err := p.Answer(t.Context(), chatOf(1), p.activity(1), p.data(survey.Answer, at, "", map[string]any{"q1": "yes", "q2": "a", "q3": "x"}))
					return err
				}) {
					ok(t, err)
				}
			}
			p.keeps(`{"q1":"yes","q2":"a","q3":"x"}`)
		})
		t.Run("anonymous", func(t *testing.T) {
			p := polling(t, db, hidden, 1)
			token, cards := rand.Text(), make([]string, crowd)
			for _, err := range together(crowd, func(i int) error {
				own := token // half of them press the same card
				if i%2 == 0 {
					own = rand.Text()
				}
				r, err := p.Answer(t.Context(), chatOf(1), p.activity(1), p.data(survey.Answer, "", own, score(i)))
				cards[i] = shows(r)
				return err
			}) {
				ok(t, err)
			}
			if got := p.stored(); len(got) != 1 || p.answered() != 1 || !slices.Contains(cards, "thanks") || slices.ContainsFunc(cards, func(c string) bool { return c != "thanks" && c != "already" }) {
				t.Errorf("answers %q, cards %q", got, cards)
			}
			for i := 3; i < crowd; i += 2 {
				if cards[i] != cards[1] {
					t.Errorf("presses of the same card show %q", cards)
				}
			}
		})
		t.Run("many people", func(t *testing.T) {
			p := polling(t, db, hidden, 30)
			for _, err := range together(60, func(i int) error {
				_, err := p.Answer(t.Context(), chatOf(1+i%30), p.activity(1+i%30), p.data(survey.Answer, "", rand.Text(), score(i)))
				return err
			}) {
				ok(t, err)
			}
			if n := len(p.stored()); n != 30 || p.answered() != 30 {
				t.Errorf("%d answers of %d people, want 30", n, p.answered())
			}
		})
		t.Run("change", func(t *testing.T) {
			p := polling(t, db, hidden, 2)
			tokens := []string{rand.Text(), rand.Text()}
			for i, token := range tokens {
				p.shown(p.press(i+1, survey.Answer, "", token, score(i)), "thanks")
			}
			p.shown(p.press(1, survey.Change, "", tokens[0], nil), "q1")
			for _, err := range together(crowd, func(i int) error {
				_, err := p.Answer(t.Context(), chatOf(1), p.activity(1), p.data(survey.Answer, "", tokens[0], score(7)))
				return err
			}) {
				ok(t, err)
			}
			p.keeps(`{"q1":"1","q2":null}`, `{"q1":"7","q2":null}`)
			p.shown(p.press(2, survey.Change, "", "", nil), "already") // another card of the same person
		})
		t.Run("close", func(t *testing.T) {
			p := polling(t, db, open, crowd)
			cards := make([]string, crowd+1)
			for _, err := range together(crowd+1, func(i int) error {
				if i == crowd {
					return db.CloseSurvey(t.Context(), tenant, p.survey, p.clock())
				}
				r, err := p.Answer(t.Context(), chatOf(i+1), p.activity(i+1), p.data(survey.Answer, "", "", score(i)))
				cards[i] = shows(r)
				return err
			}) {
				ok(t, err)
			}
			thanked := 0
			for _, c := range cards[:crowd] {
				switch c {
				case "thanks":
					thanked++
				case "closed":
				default:
					t.Errorf("the card is %s", c)
				}
			}
			if n := len(p.stored()); n != thanked || p.answered() != thanked {
				t.Errorf("%d were thanked, %d answers, %d answered", thanked, n, p.answered())
			}
		})
	})
}

// A reminder's card answers the campaign that it reminds of.
func TestAnswerReminder(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := polling(t, db, branching, 3)
		p.press(1, survey.Answer, "q1", "", map[string]any{"q1": "no"})
		again := p.ask(campaigns.Audience{Unanswered: p.key.CampaignID}, people(3))
		d := p.data(survey.Answer, "q3", "", map[string]any{"q3": "late"})
		d.Campaign = again.CampaignID
		r := must(p.Answer(t.Context(), chatOf(1), again.CampaignID+"-1", d))(t)
		p.shown(r, "thanks")
		p.keeps(`{"q1":"no","q3":"late"}`)
		p.shown(p.press(1, survey.Show, "q1", "", nil), "thanks") // on the first card too
		if p.answered() != 1 {
			t.Errorf("%d have answered", p.answered())
		}
	})
}

// A survey within a window may be asked for later until its person has begun to answer; what they answered elsewhere meanwhile does not
// come back, and nothing that comes back has lost its answers.
func TestSurveyAskedForLater(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p := polling(t, db, branching, 2)
		const later = "herald.later.hour"
		if r := p.press(1, survey.Show, "q1", "", nil); strings.Contains(string(r.Card), later) {
			t.Error("a survey that was sent at once may be asked for later")
		}
		p.within = true
		p.key = p.ask(campaigns.Audience{Emails: []string{"ann@contoso.example"}}, people(3))
		for i, press := range []struct {
			act   survey.Act
			at    string
			in    map[string]any
			later bool
		}{{survey.Show, "q1", nil, true}, {survey.Answer, "q1", nil, true}, {survey.Answer, "q1", map[string]any{"q1": "no"}, false}, {survey.Back, "q3", nil, false}} {
			if r := p.press(1, press.act, press.at, "", press.in); strings.Contains(string(r.Card), later) != press.later {
				t.Errorf("press %d: %s", i, r.Card)
			}
		}

		// Not beyond its end.
		postpone := func(i int) campaigns.PostponedKind {
			return must(p.Postpone(ctx, chatOf(i), p.key.CampaignID, "hour", "card"))(t).Kind
		}
		soon := now.Add(30 * time.Minute)
		ok(t, db.CloseSurvey(ctx, tenant, p.survey, now))
		if kind := postpone(1); kind != campaigns.PostponedLate {
			t.Errorf("of a closed survey: %d", kind)
		}
		ok(t, db.ReopenSurvey(ctx, tenant, p.survey, &soon, now))
		if kind := postpone(1); kind != campaigns.PostponedLate {
			t.Errorf("beyond its end: %d", kind)
		}
		ok(t, db.ReopenSurvey(ctx, tenant, p.survey, nil, now))
		if id := must(p.Postponable(ctx, chatOf(1)))(t); id != p.key.CampaignID || postpone(1) != campaigns.PostponedUntil || postpone(2) != campaigns.PostponedUntil {
			t.Errorf("not later: %q", id)
		}

		// One answers meanwhile, on a card that shows the question still; it comes back to the other, who goes on where they were on either card.
		p.shown(p.press(2, survey.Answer, "q1", "", map[string]any{"q1": "no"}), "q3")
		p.shown(p.press(2, survey.Answer, "q3", "", nil), "thanks")
		as := must(db.BeginAttempts(ctx, []delivery.Ref{{Key: p.key, Seq: 1, Return: 1}, {Key: p.key, Seq: 2, Return: 1}}, nil, long, now.Add(2*time.Hour), now.Add(2*time.Hour)))(t)
		if len(as) != 1 || as[0].Seq != 1 {
			t.Fatalf("it comes back to %+v", as)
		}
		r := result(as[0], campaigns.DeliverySent)
		r.ActivityID = "back"
		record(t, db, r)
		p.shown(p.press(1, survey.Show, "q1", "", nil), "q3")
		p.shown(must(p.Answer(ctx, chatOf(1), "back", p.data(survey.Answer, "q3", "", map[string]any{"q3": "better now"})))(t), "thanks")
		p.keeps(`{"q1":"no","q3":"better now"}`, `{"q1":"no","q3":null}`)
		p.shown(p.press(1, survey.Show, "q1", "", nil), "thanks")
		for i := range 2 { // whose came back, and who waits for what does not
			if kind := postpone(i + 1); kind != campaigns.PostponedAnswered {
				t.Errorf("of an answered survey: %d", kind)
			}
		}
		if id := must(p.Postponable(ctx, chatOf(2)))(t); id != "" {
			t.Errorf("what was answered may be asked for later: %s", id)
		}
	})
}

// A survey's card that was sent into a chat by Graph's name for it is answered in the same chat by Teams' name, by nobody else.
func TestSurveyAnsweredInAFoundChat(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		p := polling(t, db, whole, 2)
		p.found = true
		p.key = p.ask(campaigns.Audience{Emails: []string{"ann@contoso.example"}}, people(2))
		p.shown(p.press(1, survey.Answer, "", "", map[string]any{"q1": "9"}), "thanks")
		if r, err := p.Answer(t.Context(), chatOf(2), p.activity(1), p.data(survey.Answer, "", "", map[string]any{"q1": "1"})); err == nil && shows(r) == "thanks" {
			t.Error("somebody else's press of the card counts")
		}
		if n := p.answered(); n != 1 {
			t.Errorf("%d have answered", n)
		}
	})
}

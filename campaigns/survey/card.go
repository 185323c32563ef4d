package survey

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"herald/campaigns/message"
	"herald/campaigns/message/wire"
)

// Kind is what a card is for.
type Kind string

const (
	Ask     Kind = "ask"     // the whole form or one question
	Thanks  Kind = "thanks"  // all is answered
	Closed  Kind = "closed"  // no answers are taken any more
	Already Kind = "already" // answered elsewhere, and the answers cannot be shown
)

// View says how one person's card looks now.
type View struct {
	Kind   Kind
	Locale string // BCP 47; the bot's own words come in English and French
	Test   bool   // on cards sent to try the survey: says that answers are not kept

	AssetsURL  string // public base address below which /assets/formats/ is served; "": the first card goes without its icon
	CampaignID string
	Version    int    // of the survey
	Token      string // goes into the buttons' data; "" leaves it out
	MRI        string // the person's "29:…", for whom Teams refreshes the card by itself; "" leaves refresh out

	At       string                     // Ask: id of the question; "" is the whole form
	Answers  Answers                    // what is answered so far: prefilled by Ask, listed by Thanks unless the survey is anonymous
	Problems []InputProblem             // of Accept
	Inputs   map[string]json.RawMessage // with Problems: what the person sent, so that nobody has to write it again
	NoBack   bool                       // Ask: no Back button although a question comes before this one

	Later     bool      // Ask: who gets it may have it come back at another time; the card offers so when it has room for that
	CanChange bool      // Thanks: "Change my answer", if the survey allows it
	ClosedAt  time.Time // Closed: the day it says, in this time's location; zero says only that it is closed
}

// maxCard is the size, as wire.Size counts, of a card that Teams takes with room for what is not known here: a person's
// values of variables, ids, the activity around it.
const maxCard = wire.MaxSize - 6<<10

// Elements up to Adaptive Cards 1.2 only, which is what phones draw (platform.md §5). What later versions brought is added
// where a card without it still works: label, isRequired and errorMessage of inputs (1.3), which is why the question itself
// and "Answer required" are texts of their own, Action.Execute (1.4) and the heading style (1.5).
//
// Choices' titles and buttons are no Markdown (platform.md §5 names TextBlock and Fact only) and stay unescaped.

// Card draws a card, an Adaptive Card 1.5. It is meant to go through message.Compile as card JSON, which replaces the
// variables of intro and thanks, the only ones in it. summary is its text for notifications, with such variables too; it is
// also the card's fallbackText.
//
// An error means that there is no such card: an unknown kind, an unknown question, a question of an unknown type.
func Card(d Definition, v View) (card json.RawMessage, summary string, err error) {
	c := drawing{d: &d, v: &v, w: wordsOf(v.Locale)}
	switch v.Kind {
	case Ask:
		err = c.ask()
	case Thanks:
		c.thanks()
	case Closed:
		c.notice("", c.closedText())
	case Already:
		c.notice(c.w.already, c.w.alreadyText)
	default:
		err = fmt.Errorf("survey: no card of the kind %q", v.Kind)
	}
	if err != nil {
		return nil, "", err
	}
	out := object{
		{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
		{"type", "AdaptiveCard"},
		{"version", "1.5"},
		{"lang", c.w.tag},
		{"fallbackText", c.summary},
	}
	if v.MRI != "" && (v.Kind == Ask || v.Kind == Thanks) {
		out = append(out, member{"refresh", object{
			{"action", c.execute("", Show, v.At, false)},
			{"userIds", []string{v.MRI}},
		}})
	}
	out = append(out, member{"body", c.body})
	card = appendObject(nil, out)
	if v.Later && v.Kind == Ask {
		campaign := v.CampaignID
		if v.Test {
			campaign = message.TriedCampaign
		}
		with := appendObject(nil, append(out, member{"actions", []json.RawMessage{message.LaterButton(v.Locale, campaign)}}))
		if wire.Size(with)+wire.Size([]byte(c.summary)) <= maxCard {
			card = with
		}
	}
	return card, c.summary, nil
}

type drawing struct {
	d       *Definition
	v       *View
	w       *words
	body    []json.RawMessage
	summary string
}

func (c *drawing) add(o object) { c.body = append(c.body, appendObject(nil, o)) }

// text adds a TextBlock of words that mean nothing but themselves.
func (c *drawing) text(s string, look ...member) {
	c.add(append(object{{"type", "TextBlock"}, {"text", message.Literal(s)}, {"wrap", true}}, look...))
}

func (c *drawing) heading(s string) {
	c.text(s, member{"size", "Large"}, member{"weight", "Bolder"}, member{"style", "heading"})
}

// test is the band on cards of a trial.
func (c *drawing) test(s string) {
	if c.v.Test {
		c.add(object{{"type", "Container"}, {"style", "warning"}, {"bleed", true}, {"items", []object{
			{{"type", "TextBlock"}, {"text", message.Literal(s)}, {"wrap", true}},
		}}})
	}
}

// band opens the first card as campaigns/message opens Idea, Success and Important: icon and heading.
func (c *drawing) band() {
	var columns []object
	if c.v.AssetsURL != "" {
		columns = append(columns, object{{"type", "Column"}, {"width", "auto"}, {"verticalContentAlignment", "Center"}, {"items", []object{
			{{"type", "Image"}, {"url", strings.TrimRight(c.v.AssetsURL, "/") + "/assets/formats/survey.png"}, {"altText", c.w.survey}, {"width", "40px"}, {"height", "40px"}},
		}}})
	}
	columns = append(columns, object{{"type", "Column"}, {"width", "stretch"}, {"verticalContentAlignment", "Center"}, {"items", []object{
		{{"type", "TextBlock"}, {"text", c.w.survey}, {"size", "Large"}, {"weight", "Bolder"}, {"style", "heading"}, {"wrap", true}},
	}}})
	c.add(object{{"type", "Container"}, {"style", "emphasis"}, {"bleed", true}, {"items", []object{{{"type", "ColumnSet"}, {"columns", columns}}}}})
}

func (c *drawing) ask() error {
	d, v := c.d, c.v
	c.test(c.w.isTest)
	ask := []int{}
	if v.At == "" {
		for i := range d.Questions {
			ask = append(ask, i)
		}
	} else {
		i := d.index(v.At)
		if i < 0 {
			return fmt.Errorf("survey: no question %q", v.At)
		}
		ask = append(ask, i)
	}

	intro := ""
	first := v.At == "" || ask[0] == 0
	if first {
		intro = d.Intro
		c.band()
	}
	blocks, words := message.Embed(intro)
	c.body = append(c.body, blocks...)
	if first {
		who := c.w.named
		if d.Anonymous {
			who = c.w.anonymous
		}
		c.text(who, member{"isSubtle", true}, member{"size", "Small"})
	}
	for _, p := range v.Problems {
		if !slices.ContainsFunc(ask, func(i int) bool { return d.Questions[i].ID == p.QuestionID }) {
			c.problem(c.w.problem(&Question{}, p.Code))
		}
	}

	last := true // nothing can follow this card
	if v.At != "" {
		position, total := d.Progress(v.At, v.Answers)
		last = position == total
		if total > 1 {
			look := []member{{"isSubtle", true}, {"size", "Small"}}
			if len(c.body) > 0 {
				look = append(look, member{"separator", true})
			}
			c.text(fmt.Sprintf(c.w.progress, position, total), look...)
		}
	}
	for _, i := range ask {
		if err := c.question(i, len(ask) > 1); err != nil {
			return err
		}
		if words == "" {
			words = message.NoVariables(short(message.Line(d.Questions[i].Text), 200))
		}
	}
	switch {
	case words == "":
		words = c.w.newSurvey
	case first:
		words = c.w.survey + c.w.colon + words
	}
	c.summary = words

	title := c.w.next
	if last {
		title = c.w.send
	}
	actions := []object{c.execute(title, Answer, v.At, true)}
	if _, before := d.Previous(v.At, v.Answers); before && !v.NoBack {
		actions = append(actions, c.execute(c.w.back, Back, v.At, false))
	}
	c.add(object{{"type", "ActionSet"}, {"actions", actions}})
	return nil
}

// execute is an action with everything that both kinds of clients need: those that know Action.Execute, and those that fall
// back to Action.Submit. The first button gathers the inputs; the others must work without a required answer.
func (c *drawing) execute(title string, act Act, at string, inputs bool) object {
	data, _ := json.Marshal(map[string]Press{reservedKey: { // plain strings and numbers
		Survey: 1, Campaign: c.v.CampaignID, At: at, Token: c.v.Token, Act: act, Version: c.v.Version,
	}})
	common := object{}
	if title != "" {
		common = append(common, member{"title", title})
	}
	if !inputs && title != "" {
		common = append(common, member{"associatedInputs", "none"})
	}
	common = append(common, member{"data", json.RawMessage(data)})
	o := append(object{{"type", "Action.Execute"}, {"verb", VerbPrefix + string(act)}}, common...)
	if title != "" {
		o = append(o, member{"fallback", append(object{{"type", "Action.Submit"}}, common...)})
	}
	return o
}

func (c *drawing) problem(s string) {
	c.text(s, member{"color", "Attention"}, member{"weight", "Bolder"})
}

// question draws one question and its input.
func (c *drawing) question(i int, numbered bool) error {
	q := &c.d.Questions[i]
	if !q.Type.known() {
		return fmt.Errorf("survey: question %q is of the unknown type %q", q.ID, q.Type)
	}
	label, text := c.w.answer, message.Line(q.Text)
	if numbered {
		n := strconv.Itoa(i + 1)
		label, text = fmt.Sprintf(c.w.answerTo, i+1), n+". "+text
	}
	look := []member{{"weight", "Bolder"}}
	if numbered {
		look = append(look, member{"spacing", "Large"})
	} else {
		look = append(look, member{"size", "Medium"})
	}
	c.text(text, look...)
	hint := message.Line(q.Help)
	if q.Required {
		hint = strings.TrimSuffix(c.w.required+c.w.separator+hint, c.w.separator)
	}
	if hint != "" {
		c.text(hint, member{"isSubtle", true}, member{"size", "Small"}, member{"spacing", "None"})
	}
	for _, p := range c.v.Problems {
		if p.QuestionID == q.ID {
			c.problem(c.w.problem(q, p.Code))
			break
		}
	}
	c.add(c.input(q, label))
	return nil
}

func (c *drawing) input(q *Question, label string) object {
	o := object{{"type", map[Type]string{Number: "Input.Number", Date: "Input.Date", Text: "Input.Text", LongText: "Input.Text"}[q.Type]}, {"id", q.ID}, {"label", label}}
	choices := q.optionIDs()
	if choices != nil {
		o[0].value = "Input.ChoiceSet"
	}
	if q.Required {
		o = append(o, member{"isRequired", true})
	}
	value, given := c.prefill(q)
	switch {
	case choices != nil:
		message := c.w.missing[q.Type]
		o = append(o, member{"errorMessage", message})
		return append(o, c.choices(q, choices, value)...)
	case q.Type == Number:
		o = append(o, member{"errorMessage", c.w.problems[CodeNotANumber]})
		if given {
			o = append(o, member{"value", json.RawMessage(value)})
		}
	case q.Type == Date:
		o = append(o, member{"errorMessage", c.w.problems[CodeNotADate]})
		if given {
			o = append(o, member{"value", value})
		}
	default:
		o = append(o, member{"errorMessage", c.w.missing[q.Type]})
		guarded := message.NoVariables(value)
		// The client counts the guards too, and they are not the person's.
		o = append(o, member{"maxLength", q.limit() + utf8.RuneCountInString(guarded) - utf8.RuneCountInString(value)})
		if q.Type == LongText {
			o = append(o, member{"isMultiline", true})
		}
		if given {
			o = append(o, member{"value", guarded})
		}
	}
	return o
}

// compactFrom: this many choices are a drop-down, fewer are buttons to see at once.
const compactFrom = 8

func (c *drawing) choices(q *Question, ids []string, value string) object {
	o := object{}
	style := "expanded"
	if q.Type == MultiChoice {
		o = append(o, member{"isMultiSelect", true})
	} else if len(ids) >= compactFrom {
		style = "compact"
		o = append(o, member{"placeholder", c.w.choose})
	}
	list := []object{}
	for i, id := range ids {
		title := c.w.option(q, id)
		if q.Type.listed() {
			title = message.NoVariables(message.Line(q.Options[i].Text))
		}
		list = append(list, object{{"title", title}, {"value", id}})
	}
	o = append(o, member{"style", style}, member{"wrap", true}, member{"choices", list})
	if value != "" {
		o = append(o, member{"value", value})
	}
	return o
}

// prefill is what stands in an input: what was just sent and refused, else the answer so far.
func (c *drawing) prefill(q *Question) (value string, given bool) {
	if raw := bytes.TrimSpace(c.v.Inputs[q.ID]); len(raw) > 0 && len(raw) <= maxInput {
		v, code := q.parse(raw)
		if q.Type == Text || q.Type == LongText {
			if code == CodeTextTooLong {
				s, _ := scalar(raw)
				return short(s, q.limit()), true
			}
		}
		if code == "" {
			return v.joined(), !v.Blank()
		}
	}
	v := c.v.Answers[q.ID]
	switch q.Type {
	case Number:
		if v.kind != number {
			return "", false
		}
	case MultiChoice:
		if v.kind != many {
			return "", false
		}
	default:
		if v.kind != one {
			return "", false
		}
	}
	return v.joined(), true
}

// joined is the value as an input wants it.
func (v Value) joined() string {
	if v.kind == many {
		return strings.Join(v.list, ",")
	}
	return v.text
}

// short cuts s to n characters.
func short(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

func (c *drawing) thanks() {
	d := c.d
	c.test(c.w.wasTest)
	c.heading(c.w.thanks)
	blocks, words := message.Embed(d.Thanks)
	c.body = append(c.body, blocks...)
	if len(blocks) == 0 {
		words = c.w.received
		c.text(words)
	}
	c.summary = words
	if !d.Anonymous {
		c.listing()
	}
	if d.AllowChange && c.v.CanChange {
		c.add(object{{"type", "ActionSet"}, {"actions", []object{c.execute(c.w.change, Change, "", false)}}})
	}
}

// What of an answer and its question the thank-you repeats, in characters.
const (
	maxShownQuestion = 150
	maxShownAnswer   = 400
)

// listing repeats the person's answers, as many as the card has room for.
func (c *drawing) listing() {
	var path []int
	for _, i := range c.d.Path(c.v.Answers) {
		if _, asked := c.v.Answers[c.d.Questions[i].ID]; asked {
			path = append(path, i)
		}
	}
	if len(path) == 0 {
		return
	}
	room := maxCard - 4<<10 // the frame and the button
	for _, b := range c.body {
		room -= wire.Size(b)
	}
	c.text(c.w.answers, member{"weight", "Bolder"}, member{"separator", true}, member{"spacing", "Large"})
	for k, i := range path {
		q := &c.d.Questions[i]
		start := len(c.body)
		c.text(short(message.Line(q.Text), maxShownQuestion), member{"isSubtle", true}, member{"size", "Small"})
		v := c.v.Answers[q.ID]
		for j, line := range strings.Split(short(c.shown(q, v), maxShownAnswer), "\n") {
			look := []member{{"spacing", "None"}}
			if v.Blank() {
				look = append(look, member{"isSubtle", true})
			}
			if line = message.Line(line); line == "" && j > 0 {
				continue
			}
			c.text(line, look...)
		}
		for _, b := range c.body[start:] {
			room -= wire.Size(b)
		}
		if room < 0 {
			c.body = c.body[:start]
			c.text(fmt.Sprintf(c.w.moreAnswers, len(path)-k), member{"isSubtle", true})
			return
		}
	}
}

// shown is an answer in a person's language.
func (c *drawing) shown(q *Question, v Value) string {
	switch {
	case v.Blank():
		return c.w.noAnswer
	case v.kind == many:
		var texts []string
		for _, id := range v.list {
			texts = append(texts, c.w.option(q, id))
		}
		return strings.Join(texts, "; ")
	case v.kind == number:
		return strings.Replace(v.text, ".", c.w.decimal, 1)
	case q.Type == Date:
		if day, err := time.Parse(time.DateOnly, v.text); err == nil {
			return c.w.day(day)
		}
	case q.Type.single():
		return c.w.option(q, v.text)
	}
	return v.text
}

func (c *drawing) closedText() string {
	if c.v.ClosedAt.IsZero() {
		return c.w.closed
	}
	return fmt.Sprintf(c.w.closedOn, c.w.day(c.v.ClosedAt))
}

func (c *drawing) notice(heading, text string) {
	c.test(c.w.isTest)
	if heading != "" {
		c.heading(heading)
	}
	c.text(text)
	c.summary = text
}

// largest is the size of the Ask card at a question, or of the whole form, in its largest state; 0 when there is no card.
func (d *Definition) largest(at string) int {
	v := View{
		Kind: Ask, Locale: "fr", Test: true, At: at, AssetsURL: strings.Repeat("a", 200), CampaignID: strings.Repeat("c", 64), Token: strings.Repeat("t", 200), MRI: strings.Repeat("m", 200),
		Answers: Answers{},
	}
	for i := range d.Questions {
		q := &d.Questions[i]
		v.Problems = append(v.Problems, InputProblem{q.ID, CodeInvalidText})
		switch q.Type {
		case Text, LongText: // every character of it costs two
			v.Answers[q.ID] = Value{kind: one, text: strings.Repeat(`"`, q.limit())}
		case MultiChoice:
			v.Answers[q.ID] = Value{kind: many, list: q.optionIDs()}
		}
	}
	if at != "" {
		v.Problems = []InputProblem{{at, CodeInvalidText}}
	}
	card, summary, err := Card(*d, v)
	if err != nil {
		return 0
	}
	return wire.Size(card) + wire.Size([]byte(summary))
}

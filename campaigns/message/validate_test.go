package message_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"herald/campaigns/message"
	"herald/campaigns/message/cardtest"
)

// codes is "field code" of each problem, in order.
func codes(ps []message.Problem) string {
	var out []string
	for _, p := range ps {
		out = append(out, strings.TrimPrefix(p.Field, "/content")+" "+p.Code)
	}
	return strings.Join(out, ", ")
}

func button(url string) message.Content {
	return message.Content{Title: "t", Buttons: []message.Button{{Title: "Go", URL: url}}}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	type C = message.Content
	long := strings.Repeat("é", 10_000)
	card := json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","body":[]}`)
	for name, tc := range map[string]struct {
		f    message.Format
		c    message.Content
		want string
	}{
		"a text":                       {message.Idea, C{Text: news}, ""},
		"nothing yet":                  {message.Idea, C{}, ""},
		"no card yet":                  {message.Card, C{}, ""},
		"null and {} are no card":      {message.Card, C{Title: "t", Card: json.RawMessage("null")}, ""},
		"10,000 characters":            {message.Message, C{Text: long}, ""},
		"10,001 characters":            {message.Message, C{Text: long + "x"}, "/text text_too_long"},
		"short but heavy":              {message.Idea, C{Text: strings.Repeat("a\n", 5000)}, "/text too_large"},
		"unknown format":               {"banner", C{Text: "x"}, "/format unknown_format"},
		"a survey":                     {message.Survey, C{SurveyID: "s1"}, ""},
		"no survey yet":                {message.Survey, C{}, ""},
		"a known column":               {message.Idea, C{Text: "[Dept] [cost  center]"}, ""},
		"an unknown variable":          {message.Idea, C{Text: "a [COUNTRY] b"}, "/text unknown_variable"},
		"a variable in link text":      {message.Idea, C{Text: "[a [COUNTRY]](https://a.example)"}, "/text unknown_variable"},
		"escaped brackets":             {message.Idea, C{Text: `\[COUNTRY\]`}, ""},
		"title with a variable":        {message.Card, C{Title: "[COUNTRY]"}, "/title unknown_variable"},
		"title of 200":                 {message.Card, C{Title: long[:400]}, ""},
		"title too long":               {message.Card, C{Title: long[:402]}, "/title title_too_long"},
		"https link":                   {message.Idea, C{Text: "[a](https://a.example)"}, ""},
		"http link":                    {message.Idea, C{Text: "[a](http://a.example)"}, ""},
		"mail link":                    {message.Idea, C{Text: "[a](mailto:a@a.example?subject=x)"}, ""},
		"script link":                  {message.Idea, C{Text: "[a](javascript:alert(1))"}, "/text script_url"},
		"script link, disguised":       {message.Idea, C{Text: "[a](JaVa&#x53;cript:alert)"}, "/text script_url"},
		"data link":                    {message.Idea, C{Text: "[a](data:text/html,x)"}, "/text script_url"},
		"file link":                    {message.Idea, C{Text: "[a](file:///etc/passwd)"}, "/text link_not_allowed"},
		"relative link":                {message.Idea, C{Text: "[a](/x)"}, "/text link_not_allowed"},
		"empty link":                   {message.Idea, C{Text: "[a]()"}, "/text link_empty"},
		"link with a user":             {message.Idea, C{Text: "[a](https://bank.example@evil.example)"}, "/text url_userinfo"},
		"variable in a link":           {message.Idea, C{Text: "[a](https://a.example/?n=[FIRSTNAME])"}, "/text variable_in_url"},
		"bold link counts once":        {message.Idea, C{Text: "[a **b** c](ftp://x.example)"}, "/text link_not_allowed"},
		"title in a note":              {message.Idea, C{Text: "x", Title: "t"}, "/title field_not_allowed"},
		"card in a message":            {message.Message, C{Card: card}, "/card field_not_allowed"},
		"buttons in a message":         {message.Message, C{Text: "x", Buttons: []message.Button{{Title: "a", URL: "https://a.example"}}}, "/buttons field_not_allowed"},
		"survey in a card":             {message.Card, C{SurveyID: "s"}, "/surveyId field_not_allowed"},
		"form and JSON":                {message.Card, C{Card: card, Title: "t", Text: "x"}, "/text card_and_form, /title card_and_form"},
		"https image":                  {message.Card, C{ImageURL: " https://a.example/i.png "}, ""},
		"http image":                   {message.Card, C{ImageURL: "http://a.example/i.png"}, "/imageUrl url_not_https"},
		"data image":                   {message.Card, C{ImageURL: "data:image/png;base64,AA"}, "/imageUrl url_not_https"},
		"image without host":           {message.Card, C{ImageURL: "https:///i.png"}, "/imageUrl url_not_https"},
		"image with a variable":        {message.Card, C{ImageURL: "https://a.example/?[FIRSTNAME]"}, "/imageUrl variable_in_url"},
		"image alternative too long":   {message.Card, C{ImageAlt: long[:1002]}, "/imageAlt text_too_long"},
		"button":                       {message.Card, button("https://a.example:8443/b?c=d#e"), ""},
		"button to another alphabet":   {message.Card, button("https://bücher.example/"), ""},
		"http button":                  {message.Card, button("http://a.example"), "/buttons/0/url url_not_https"},
		"mail button":                  {message.Card, button("mailto:a@a.example"), "/buttons/0/url url_not_https"},
		"script button":                {message.Card, button("java\tscript:alert(1)"), "/buttons/0/url script_url"},
		"button with a user":           {message.Card, button("https://a:b@evil.example"), "/buttons/0/url url_userinfo"},
		"button with a backslash":      {message.Card, button(`https://a.example\@evil.example`), "/buttons/0/url url_invalid"},
		"button with a space":          {message.Card, button("https://a.example/ b"), "/buttons/0/url url_invalid"},
		"button with a strange port":   {message.Card, button("https://a.example:99999"), "/buttons/0/url url_invalid"},
		"button to IPv6":               {message.Card, button("https://[::1]/"), "/buttons/0/url url_invalid"},
		"button to odd host":           {message.Card, button("https://a%2eb/"), "/buttons/0/url url_invalid"},
		"button, long":                 {message.Card, button("https://a.example/" + strings.Repeat("x", 2048)), "/buttons/0/url url_too_long"},
		"not there yet":                {message.Card, button(""), ""},
		"variable in the query":        {message.Card, button("https://a.example/?n=[FIRSTNAME]&d=[DEPT|x]#y"), ""},
		"variable in the path":         {message.Card, button("https://a.example/[FIRSTNAME]"), "/buttons/0/url variable_in_url"},
		"variable in the host":         {message.Card, button("https://[FIRSTNAME].example/?a"), "/buttons/0/url variable_in_url"},
		"variable as scheme":           {message.Card, button("[FIRSTNAME]"), "/buttons/0/url variable_in_url"},
		"variable in the fragment":     {message.Card, button("https://a.example/?a#[FIRSTNAME]"), "/buttons/0/url variable_in_url"},
		"unknown variable in an URL":   {message.Card, button("https://a.example/?a=[NOPE]"), "/buttons/0/url unknown_variable"},
		"seven buttons":                {message.Card, C{Buttons: make([]message.Button, 7)}, "/buttons too_many_buttons"},
		"six buttons":                  {message.Card, C{Buttons: make([]message.Button, 6)}, ""},
		"button title of 41":           {message.Card, C{Buttons: []message.Button{{Title: strings.Repeat("x", 41)}}}, "/buttons/0/title title_too_long"},
		"eleven facts":                 {message.Card, C{Facts: make([]message.Fact, 11)}, "/facts too_many_facts"},
		"ten facts":                    {message.Card, C{Facts: make([]message.Fact, 10)}, ""},
		"name of a fact, 100":          {message.Card, C{Facts: []message.Fact{{Title: long[:200]}}}, ""},
		"name of a fact, 101":          {message.Card, C{Facts: []message.Fact{{Title: long[:202]}}}, "/facts/0/title title_too_long"},
		"value of a fact, 500":         {message.Card, C{Facts: []message.Fact{{Value: long[:1000]}}}, ""},
		"value of a fact, 501":         {message.Card, C{Facts: []message.Fact{{}, {Value: long[:1002]}}}, "/facts/1/value text_too_long"},
		"variables in a fact":          {message.Card, C{Facts: []message.Fact{{Title: "[NOPE] [Dept]", Value: "[NIX|x]"}}}, "/facts/0/title unknown_variable, /facts/0/value unknown_variable"},
		"facts in a message":           {message.Message, C{Text: "x", Facts: make([]message.Fact, 1)}, "/facts field_not_allowed"},
		"facts beside JSON":            {message.Card, C{Card: card, Facts: make([]message.Fact, 1)}, "/facts card_and_form"},
		"facts too heavy":              {message.Card, C{Text: strings.Repeat("a\n", 600), Facts: heavyFacts()}, "/text too_large"},
		"the same without facts":       {message.Card, C{Text: strings.Repeat("a\n", 600)}, ""},
		"several at once":              {message.Card, C{Title: "[A1]", ImageURL: "x", Text: "[b](x:y)"}, "/title unknown_variable, /imageUrl url_not_https, /text link_not_allowed"},
		"a fallback does not name one": {message.Idea, C{Text: "[NOPE|there]"}, "/text unknown_variable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := message.Validate(tc.f, tc.c, []string{"Dept", "Cost center"})
			if codes(got) != tc.want {
				t.Errorf("got  %s\nwant %s", codes(got), tc.want)
			}
			for _, p := range got {
				if p.Message == "" || len([]rune(p.Value)) > 200 {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"FIRST NAME": "FIRSTNAME", "first_name": "FIRSTNAME", "FRISTNAME": "FIRSTNAME", "LASTNAM": "LASTNAME", "Prénom": "FIRSTNAME", "NOM": "LASTNAME",
		"Department": "DEPARTMENT", "Departement": "DEPARTMENT", "COUNTRY": "", "X": "",
	} {
		ps := message.Validate(message.Idea, message.Content{Text: "[" + typed + "]"}, []string{"Department"})
		if typed == "Department" {
			if len(ps) != 0 {
				t.Errorf("%s: %+v", typed, ps)
			}
			continue
		}
		if len(ps) != 1 {
			t.Fatalf("%s: %+v", typed, ps)
		}
		if got := strings.Contains(ps[0].Message, "Did you mean ["+want+"]?"); got != (want != "") {
			t.Errorf("%s: %s", typed, ps[0].Message)
		}
	}
}

func TestIncomplete(t *testing.T) {
	t.Parallel()
	type C = message.Content
	for name, tc := range map[string]struct {
		f    message.Format
		c    message.Content
		want string
	}{
		"text":            {message.Idea, C{Text: "x"}, ""},
		"no text":         {message.Idea, C{}, "/text text_missing"},
		"blank text":      {message.Message, C{Text: " \n\u00a0\n"}, "/text text_missing"},
		"empty list":      {message.Message, C{Text: "-\n- "}, "/text text_missing"},
		"a variable":      {message.Message, C{Text: "[FIRSTNAME]"}, ""},
		"empty card":      {message.Card, C{}, " empty_card"},
		"title":           {message.Card, C{Title: "t"}, ""},
		"image":           {message.Card, C{ImageURL: "https://a.example/i.png"}, ""},
		"buttons alone":   {message.Card, C{Buttons: []message.Button{{Title: "a", URL: "https://a.example"}}}, " empty_card"},
		"unready buttons": {message.Card, C{Title: "t", Buttons: []message.Button{{Title: "a"}, {URL: "https://a.example"}}}, "/buttons/0/url button_url_missing, /buttons/1/title button_title_missing"},
		"facts alone":     {message.Card, C{Facts: []message.Fact{{Title: "a", Value: "b"}}}, ""},
		"unready facts":   {message.Card, C{Facts: []message.Fact{{Title: "a"}, {Value: "\u00a0"}, {Title: " ", Value: "b"}}}, "/facts/0/value fact_value_missing, /facts/1/title fact_title_missing, /facts/1/value fact_value_missing, /facts/2/title fact_title_missing"},
		"empty JSON":      {message.Card, C{Card: json.RawMessage(` { } `)}, " empty_card"},
		"no body":         {message.Card, C{Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5"}`)}, "/card empty_card_body"},
		"JSON":            {message.Card, C{Card: json.RawMessage(`{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"x"}]}`)}, ""},
		"no survey":       {message.Survey, C{}, "/surveyId survey_missing"},
	} {
		if got := codes(message.Incomplete(tc.f, tc.c)); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

// A draft that Validate accepts can always be previewed, however little is there yet.
func TestDraftsRender(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		f message.Format
		c message.Content
	}{
		"note":    {message.Success, message.Content{}},
		"message": {message.Message, message.Content{}},
		"form":    {message.Card, message.Content{Facts: []message.Fact{{}, {Title: "a"}, {Value: "b"}}, Buttons: []message.Button{{}, {Title: "a"}}}},
		"json":    {message.Card, message.Content{Card: json.RawMessage(`{}`)}},
	} {
		body := bodyOf(t, tc.f, tc.c, message.Person{})
		if card := cardOf(t, body); card != nil {
			cardtest.Check(t, card)
		} else if tc.f != message.Message {
			t.Errorf("%s: no card in %s", name, body)
		}
	}
}

// heavyFacts are as long as facts may be, in characters that Markdown escapes.
func heavyFacts() (out []message.Fact) {
	for range 10 {
		out = append(out, message.Fact{Title: strings.Repeat("*", 100), Value: strings.Repeat("*", 500)})
	}
	return out
}

func nested(n int) string {
	s := `{"type":"TextBlock","text":"x"}`
	for range n {
		s = fmt.Sprintf(`{"type":"Container","items":[%s]}`, s)
	}
	return s
}

func cardWith(element string) string {
	return `{"type":"AdaptiveCard","version":"1.5","body":[` + element + `]}`
}

func cardAction(action string) string {
	return `{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"x"}],"actions":[` + action + `]}`
}

// badCards and why; the want is "field code" without /content/card.
var badCards = map[string]struct{ card, want string }{
	"not JSON":            {`{"type":`, "/type invalid_json"},
	"trailing text":       {`{"type":"AdaptiveCard"} x`, " invalid_json"},
	"a list":              {`[]`, " not_an_object"},
	"a number":            {`1`, " not_an_object"},
	"another type":        {`{"type":"Card","version":"1.5"}`, "/type not_a_card"},
	"no type":             {`{"version":"1.5"}`, "/type not_a_card"},
	"no version":          {`{"type":"AdaptiveCard"}`, "/version version_missing"},
	"version 1.6":         {`{"type":"AdaptiveCard","version":"1.6"}`, "/version version_unsupported"},
	"version 2":           {`{"type":"AdaptiveCard","version":"2.0"}`, "/version version_unsupported"},
	"version as number":   {`{"type":"AdaptiveCard","version":1.5}`, "/version version_invalid"},
	"version 1.10":        {`{"type":"AdaptiveCard","version":"1.10"}`, "/version version_unsupported"},
	"twice the same":      {`{"type":"AdaptiveCard","version":"1.5","body":[{"type":"TextBlock","text":"a","text":"b"}]}`, "/body/0/text duplicate_property"},
	"body no list":        {`{"type":"AdaptiveCard","version":"1.5","body":{}}`, "/body list_expected"},
	"refresh":             {`{"type":"AdaptiveCard","version":"1.5","refresh":{}}`, "/refresh property_not_supported"},
	"sign-in":             {`{"type":"AdaptiveCard","version":"1.5","authentication":{}}`, "/authentication property_not_supported"},
	"text in the body":    {cardWith(`"x"`), "/body/0 element_expected"},
	"unknown element":     {cardWith(`{"type":"Marquee"}`), "/body/0/type unknown_element"},
	"wrong case":          {cardWith(`{"type":"textblock","text":"x"}`), "/body/0/type unknown_element"},
	"media":               {cardWith(`{"type":"Media","sources":[]}`), "/body/0/type unknown_element"},
	"no element type":     {cardWith(`{"text":"x"}`), "/body/0/type type_missing"},
	"text missing":        {cardWith(`{"type":"TextBlock"}`), "/body/0/text property_missing"},
	"text a number":       {cardWith(`{"type":"TextBlock","text":5}`), "/body/0/text text_expected"},
	"http image":          {cardWith(`{"type":"Image","url":"http://a.example/i.png"}`), "/body/0/url url_not_https"},
	"data image":          {cardWith(`{"type":"Image","url":"data:image/png;base64,AA"}`), "/body/0/url url_not_https"},
	"variable image":      {cardWith(`{"type":"Image","url":"https://a.example/?[FIRSTNAME]"}`), "/body/0/url variable_in_url"},
	"background":          {`{"type":"AdaptiveCard","version":"1.5","backgroundImage":"http://a.example/i.png"}`, "/backgroundImage url_not_https"},
	"background object":   {`{"type":"AdaptiveCard","version":"1.5","backgroundImage":{"url":"//a.example/i.png"}}`, "/backgroundImage/url url_not_https"},
	"deep inside":         {cardWith(`{"type":"ColumnSet","columns":[{"type":"Column","items":[{"type":"Container","items":[{"type":"Image","url":"ftp://x.example"}]}]}]}`), "/body/0/columns/0/items/0/items/0/url url_not_https"},
	"wrong column":        {cardWith(`{"type":"ColumnSet","columns":[{"type":"Row"}]}`), "/body/0/columns/0/type element_misplaced"},
	"table cell":          {cardWith(`{"type":"Table","rows":[{"type":"TableRow","cells":[{"type":"TableCell","items":[{"type":"X"}]}]}]}`), "/body/0/rows/0/cells/0/items/0/type unknown_element"},
	"unknown variable":    {cardWith(`{"type":"TextBlock","text":"[NOPE]"}`), "/body/0/text unknown_variable"},
	"variable in a fact":  {cardWith(`{"type":"FactSet","facts":[{"title":"a","value":"[NOPE]"}]}`), "/body/0/facts/0/value unknown_variable"},
	"variable in inlines": {cardWith(`{"type":"RichTextBlock","inlines":["[NOPE]",{"type":"TextRun","text":"[NIX]"}]}`), "/body/0/inlines/0 unknown_variable, /card/body/0/inlines/1/text unknown_variable"},
	"script link in text": {cardWith(`{"type":"TextBlock","text":"[a](javascript:x)"}`), "/body/0/text script_url"},
	"file link in text":   {cardWith(`{"type":"TextBlock","text":"[a](file:///x)"}`), "/body/0/text link_not_allowed"},
	"link in a fact":      {cardWith(`{"type":"FactSet","facts":[{"title":"[a](x:y)","value":"b"}]}`), "/body/0/facts/0/title link_not_allowed"},
	"variable in a link":  {cardWith(`{"type":"TextBlock","text":"[a](https://a.example/[FIRSTNAME])"}`), "/body/0/text variable_in_url"},
	"script anywhere":     {cardWith(`{"type":"TextBlock","text":"x","id":"JavaScript:1"}`), "/body/0/id script_url"},
	"script in data":      {cardAction(`{"type":"Action.Submit","title":"x","data":{"a":[{"b":"java\nscript:x"}]}}`), "/actions/0/data/a/0/b script_url"},
	"unknown action":      {cardAction(`{"type":"Action.Http","title":"x"}`), "/actions/0/type unknown_action"},
	"element as action":   {cardAction(`{"type":"TextBlock","text":"x"}`), "/actions/0/type unknown_action"},
	"no address":          {cardAction(`{"type":"Action.OpenUrl","title":"x"}`), "/actions/0/url property_missing"},
	"http address":        {cardAction(`{"type":"Action.OpenUrl","title":"x","url":"http://a.example"}`), "/actions/0/url url_not_https"},
	"host from a value":   {cardAction(`{"type":"Action.OpenUrl","title":"x","url":"https://[FIRSTNAME]/?"}`), "/actions/0/url variable_in_url"},
	"icon":                {cardAction(`{"type":"Action.Submit","title":"x","iconUrl":"http://a.example/i.png"}`), "/actions/0/iconUrl url_not_https"},
	"select action":       {cardWith(`{"type":"Container","items":[],"selectAction":{"type":"Action.OpenUrl","url":"x"}}`), "/body/0/selectAction/url url_not_https"},
	"show card selected":  {cardWith(`{"type":"Container","items":[],"selectAction":{"type":"Action.ShowCard","card":{}}}`), "/body/0/selectAction/type action_misplaced"},
	"inside a shown card": {cardAction(`{"type":"Action.ShowCard","title":"x","card":{"type":"AdaptiveCard","body":[{"type":"Nope"}]}}`), "/actions/0/card/body/0/type unknown_element"},
	"a number to show":    {cardAction(`{"type":"Action.ShowCard","title":"x","card":5}`), "/actions/0/card card_expected"},
	"fallback element":    {cardWith(`{"type":"TextBlock","text":"x","fallback":{"type":"Nope"}}`), "/body/0/fallback/type unknown_element"},
	"Herald's own data":   {cardAction(`{"type":"Action.Submit","title":"x","data":{"Herald":{}}}`), "/actions/0/data/Herald reserved_key"},
	"Herald's own verb":   {cardAction(`{"type":"Action.Execute","title":"x","verb":"herald.answer"}`), "/actions/0/verb reserved_verb"},
	"Herald's own input":  {cardWith(`{"type":"Input.Text","id":"herald"}`), "/body/0/id reserved_key"},
	"inputs mixed":        {cardWith(`{"type":"Input.Text","id":"a"},{"type":"Input.Date","id":"a"}`), "/body/1/id duplicate_id"},
	"input without id":    {cardWith(`{"type":"Input.Text"}`), "/body/0/id property_missing"},
	"sign-in window":      {cardAction(`{"type":"Action.Submit","title":"x","data":{"msteams":{"type":"signin","value":"http://evil.example"}}}`), "/actions/0/data/msteams/value url_not_https"},
	"typeahead":           {cardWith(`{"type":"Input.ChoiceSet","id":"a","choices.data":{"type":"Data.Query","dataset":"x"}}`), "/body/0/choices.data/type unknown_element"},
	"20 deep":             {cardWith(nested(20)), "/body/0" + strings.Repeat("/items/0", 19) + " too_deep"},
	"300 deep":            {cardWith(nested(300)), "/body/0" + strings.Repeat("/items/0", 63) + " too_deep"},
	"too large":           {cardWith(`{"type":"TextBlock","text":"` + strings.Repeat("x", 41_000) + `"}`), " too_large"},
}

func TestValidateCardRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range badCards {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := codes(message.Validate(message.Card, message.Content{Card: json.RawMessage(tc.card)}, nil))
			if got != "/card"+tc.want {
				t.Errorf("got  %s\nwant /card%s", got, tc.want)
			}
		})
	}
}

func TestValidateCardAccepts(t *testing.T) {
	t.Parallel()
	for name, card := range map[string]string{
		"minimal":       `{"type":"AdaptiveCard","version":"1.0"}`,
		"19 deep":       cardWith(nested(18)),
		"variables":     cardWith(`{"type":"TextBlock","text":"[FIRSTNAME] [NICK|you] \\[NOPE\\] [a](https://a.example)"}`),
		"no text":       cardWith(`{"type":"TextBlock","text":"x","id":"[NOPE]"},{"type":"Input.Text","id":"i","regex":"[a-z]"}`),
		"mention":       `{"type":"AdaptiveCard","version":"1.5","body":[],"msteams":{"width":"Full","entities":[{"type":"mention","text":"<at>A</at>","mentioned":{"id":"29:x","name":"A"}}]}}`,
		"columns":       cardWith(`{"type":"ColumnSet","columns":[{"width":"auto","items":[]},{"type":"Column","items":[{"type":"Image","url":"https://a.example/i.png"}]}]}`),
		"table":         cardWith(`{"type":"Table","columns":[{"width":1}],"rows":[{"type":"TableRow","cells":[{"type":"TableCell","items":[]}]}]}`),
		"choices":       cardWith(`{"type":"Input.ChoiceSet","id":"c","choices":[{"title":"a","value":"1"}],"label":"Choose"}`),
		"actions":       cardAction(`{"type":"Action.Submit","title":"a","data":{"heralds":1}},{"type":"Action.Execute","title":"b","verb":"x","fallback":{"type":"Action.Submit","title":"b"}},{"type":"Action.ToggleVisibility","title":"c","targetElements":["x",{"elementId":"y"}]},{"type":"Action.OpenUrl","title":"d","url":"https://a.example/?n=[FIRSTNAME]"}`),
		"shown card":    cardAction(`{"type":"Action.ShowCard","title":"x","card":{"type":"AdaptiveCard","body":[{"type":"TextBlock","text":"x"}]}}`),
		"fallback drop": cardWith(`{"type":"TextBlock","text":"x","fallback":"drop"}`),
		"inline action": cardWith(`{"type":"Input.Text","id":"a","inlineAction":{"type":"Action.Submit","title":"x"}}`),
		"image set":     cardWith(`{"type":"ImageSet","images":[{"type":"Image","url":"https://a.example/i.png"}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if ps := message.Validate(message.Card, message.Content{Card: json.RawMessage(card)}, []string{"Nick"}); len(ps) > 0 {
				t.Errorf("%+v", ps)
			}
		})
	}
}

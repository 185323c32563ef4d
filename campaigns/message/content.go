package message

import "encoding/json"

// Format is the kind of push a campaign sends.
type Format string

const (
	Idea      Format = "idea"
	Success   Format = "success"
	Important Format = "important"
	Card      Format = "card"
	Message   Format = "message"
	Survey    Format = "survey"
)

// Valid says whether f is one of the six formats.
func (f Format) Valid() bool {
	switch f {
	case Idea, Success, Important, Card, Message, Survey:
		return true
	}
	return false
}

// Content is what the author wrote. Which fields count depends on the format:
// Text alone for idea, success, important and message; the form fields or Card
// for card; SurveyID for survey.
type Content struct {
	Text     string          `json:"text,omitempty"` // Markdown subset
	Title    string          `json:"title,omitempty"`
	ImageURL string          `json:"imageUrl,omitempty"` // https, or an image of Herald's own
	ImageAlt string          `json:"imageAlt,omitempty"`
	Facts    []Fact          `json:"facts,omitempty"`
	Buttons  []Button        `json:"buttons,omitempty"`
	Card     json.RawMessage `json:"card,omitempty"` // Adaptive Card JSON; excludes the form fields
	SurveyID string          `json:"surveyId,omitempty"`
	// SurveyVersion is the version of the survey that is asked, from when the campaign is scheduled.
	SurveyVersion int `json:"surveyVersion,omitempty"`
}

// Button opens a link.
type Button struct {
	Title string `json:"title"`
	URL   string `json:"url"` // https
}

// Fact is one line of a table of two columns: a name and its value. Plain text with variables.
type Fact struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// Params are the numbers and names in a problem's message, so that a page can say it in another language: strings, and
// numbers of type int.
type Params map[string]any

// Problem is one thing that is wrong with an input, at its place.
type Problem struct {
	Field   string `json:"field"`           // JSON pointer into the request body, e.g. "/content/buttons/0/url"
	Code    string `json:"code"`            // stable word, e.g. "url_not_https"
	Message string `json:"message"`         // one English sentence: what is wrong and what would be right
	Value   string `json:"value,omitempty"` // the offending part, shortened to 200 characters
	Params  Params `json:"params,omitempty"`
}

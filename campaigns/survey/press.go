package survey

import "encoding/json"

// Act is what a button, or the card's refresh, asks for.
type Act string

const (
	Answer Act = "answer" // take the inputs, show what follows
	Back   Act = "back"   // show the question before At
	Change Act = "change" // show the first card again, with the answers so far
	Show   Act = "show"   // show the card as it should look now
)

// reservedKey is the name of Herald's own data in an action's data; campaigns/message keeps authors' cards from using it.
const reservedKey = "herald"

// VerbPrefix and an Act make the verb of a survey card's actions, "herald.survey.answer". The verb only tells buttons apart
// for clients; what counts is the data.
const VerbPrefix = "herald.survey."

// Press is the data of a survey card's button:
//
//	{"herald":{"survey":1,"campaign":"…","at":"q2","token":"…","act":"answer","v":3}}
//
// Everything in it may be forged.
type Press struct {
	Survey   int    `json:"survey"` // version of this format: 1
	Campaign string `json:"campaign"`
	At       string `json:"at"` // the question's id; "" is the whole form, and no question at all
	Token    string `json:"token,omitempty"`
	Act      Act    `json:"act"`
	Version  int    `json:"v"` // of the survey
}

const maxField = 4096 // bytes of a text in Press

// ReadPress finds the press in an action's data; ok is false when these are not a survey card's.
func ReadPress(data map[string]json.RawMessage) (p Press, ok bool) {
	raw := data[reservedKey]
	if len(raw) == 0 || len(raw) > 4*maxField || json.Unmarshal(raw, &p) != nil || p.Survey != 1 {
		return Press{}, false
	}
	switch p.Act {
	case Answer, Back, Change, Show:
	default:
		return Press{}, false
	}
	if p.Campaign == "" || len(p.Campaign) > maxField || len(p.At) > maxID || len(p.Token) > maxField {
		return Press{}, false
	}
	return p, true
}

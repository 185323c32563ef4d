package message

import (
	"encoding/json"
	"slices"
)

// laterVerb begins the verbs of the buttons with which people say when a message shall come back, each its own. Authors' cards
// cannot have them.
const laterVerb = reservedKey + ".later."

// TriedCampaign stands in the buttons of a test message for the campaign's id: of a test nothing comes back.
const TriedCampaign = "try"

// laterChoices are what schedule.Later knows, soonest first, and how it is said.
var laterChoices = []struct {
	when  string
	words [languages]string
}{
	{"hour", [languages]string{"In an hour", "Dans une heure"}},
	{"afternoon", [languages]string{"This afternoon", "Cet après-midi"}},
	{"tomorrow", [languages]string{"Tomorrow", "Demain"}},
}

// The button that opens the choices, and the question above them.
var (
	laterButton   = [languages]string{"Not now", "Plus tard"}
	laterQuestion = [languages]string{"When would you like this message again?", "Quand souhaitez-vous retrouver ce message\u00a0?"}
)

// LaterPress is what one of these buttons sends, beneath the key that is Herald's own.
type LaterPress struct {
	Later    int    `json:"later"` // 1: tells it from the data of other cards
	Campaign string `json:"campaign"`
	When     string `json:"when"` // of schedule.Later; empty: now, after all
}

// ReadLater finds such a press in an action's data. Nothing in it can be trusted.
func ReadLater(data json.RawMessage) (p LaterPress, ok bool) {
	var in map[string]json.RawMessage
	const most = 1000
	if json.Unmarshal(data, &in) != nil || len(in[reservedKey]) > most || json.Unmarshal(in[reservedKey], &p) != nil || p.Later != 1 || p.Campaign == "" {
		return LaterPress{}, false
	}
	return p, true
}

// LaterChoices is the body of a card on which somebody says when a campaign's message shall come back, and what it asks.
func LaterChoices(locale, campaign string) (question string, body json.RawMessage) {
	l := languageOf(locale)
	return laterQuestion[l], compileTree(laterBody(l, campaign)).run(filling{})
}

// LaterAction is a button that sends a press; clients that know no Action.Execute send it as a message.
func LaterAction(title string, p LaterPress) json.RawMessage {
	return compileTree(laterAction(title, p)).run(filling{})
}

// laterBody has the choices one below the other: beside each other they are too wide for a phone.
func laterBody(l language, campaign string) *node {
	body := arr(obj(is("type", "TextBlock"), is("text", laterQuestion[l]), yes("wrap")))
	for _, c := range laterChoices {
		action := laterAction(c.words[l], LaterPress{Later: 1, Campaign: campaign, When: c.when})
		body.items = append(body.items, obj(is("type", "ActionSet"), is("spacing", "Small"), prop("actions", arr(action))))
	}
	return body
}

func laterAction(title string, p LaterPress) *node {
	verb := laterVerb + p.When
	if p.When == "" {
		verb = laterVerb + "now"
	}
	data := obj(prop(reservedKey, obj(prop("later", raw("1")), is("campaign", p.Campaign), is("when", p.When))))
	// What the card asks beside it is none of this button's business.
	return obj(is("type", "Action.Execute"), is("title", title), is("verb", verb), is("associatedInputs", "none"), prop("data", data),
		prop("fallback", obj(is("type", "Action.Submit"), is("title", title), is("associatedInputs", "none"), prop("data", data))))
}

// LaterButton is an action that opens the choices on the card itself.
func LaterButton(locale, campaign string) json.RawMessage {
	return compileTree(laterButtonOf(languageOf(locale), campaign)).run(filling{})
}

func laterButtonOf(l language, campaign string) *node {
	inner := obj(is("type", "AdaptiveCard"), prop("body", laterBody(l, campaign)))
	return obj(is("type", "Action.ShowCard"), is("title", laterButton[l]), prop("card", inner))
}

// withLater is the card with a button that opens the choices, the last of its own. Nil when it has no room for one.
func withLater(root *node, l language, campaign string) *node {
	button := laterButtonOf(l, campaign)
	out := obj(slices.Clone(root.members)...)
	i := slices.IndexFunc(out.members, func(m member) bool { return m.name == "actions" })
	if i < 0 {
		out.members = append(out.members, prop("actions", arr(button)))
		return out
	}
	own := out.members[i].value
	if own.kind != arrayNode || len(own.items) >= maxButtons {
		return nil
	}
	out.members[i].value = arr(append(slices.Clone(own.items), button)...)
	return out
}

// laterCard compiles the card that withLater makes.
func (k *compiler) laterCard(root *node, l language) *program {
	if k.later == "" {
		return nil
	}
	if with := withLater(root, l, k.later); with != nil {
		return compileTree(with)
	}
	return nil
}

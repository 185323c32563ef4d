package manifest

import (
	"strconv"
	"strings"
)

// language is every word of the app package in one language. Adding one means
// adding a value here and naming it in Build and WritePackage.
type language struct {
	tag       string // BCP 47
	nameTail  string // behind the short name in the full one
	short     string // ≤ 80 characters
	paragraph []string
	tab       string
	commands  []Command
}

func (l language) file() string { return l.tag + ".json" }

func (l language) fullName(name string) string { return name + l.nameTail }

func (l language) full(name string) string {
	return strings.ReplaceAll(strings.Join(l.paragraph, "\n\n"), "{name}", name)
}

// strings returns the language file: the manifest's texts by JSON path.
func (l language) strings(name string) map[string]string {
	texts := map[string]string{
		"$schema":            languageURL,
		"name.short":         name,
		"name.full":          l.fullName(name),
		"description.short":  l.short,
		"description.full":   l.full(name),
		"staticTabs[0].name": l.tab,
	}
	for i, command := range l.commands {
		at := "bots[0].commandLists[0].commands[" + strconv.Itoa(i) + "]."
		texts[at+"title"] = command.Title
		texts[at+"description"] = command.Description
	}
	return texts
}

var english = language{
	tag:      "en",
	nameTail: " – campaigns in Teams chats",
	short:    "News, surveys and reminders from your organisation, in a chat of your own.",
	paragraph: []string{
		"{name} brings you what your organisation wants you to know, in a one-to-one chat in Teams: ideas, good news, important notices, cards and surveys. You answer where you read.",
		"Communicators write a campaign in the Campaigns tab, see exactly what people will see, try it on themselves, send it now or up to six days later, and follow the delivery person by person.",
		"{name} writes only to people who have the app. Whoever removes or blocks it gets nothing more. It is run by your own organisation; its privacy page says which data it keeps.",
	},
	tab: "Campaigns",
	commands: []Command{
		{Title: "help", Description: "What this bot is for, who writes to you here and how to stop it"},
	},
}

var french = language{
	tag:      "fr",
	nameTail: " – des campagnes dans Teams",
	short:    "Actualités, sondages et rappels de votre organisation, dans votre conversation.",
	paragraph: []string{
		"{name} vous apporte ce que votre organisation souhaite vous faire savoir, dans une conversation individuelle de Teams : idées, bonnes nouvelles, messages importants, cartes et sondages. Vous répondez là où vous lisez.",
		"Les responsables de la communication écrivent une campagne dans l’onglet Campagnes, voient exactement ce que verront les destinataires, l’essaient sur eux-mêmes, l’envoient tout de suite ou jusqu’à six jours plus tard, puis suivent l’envoi personne par personne.",
		"{name} n’écrit qu’aux personnes qui ont installé l’application. Qui la supprime ou la bloque ne reçoit plus rien. Elle est exploitée par votre propre organisation ; sa page de confidentialité indique les données conservées.",
	},
	tab: "Campagnes",
	commands: []Command{
		{Title: "aide", Description: "À quoi sert ce bot, qui vous écrit ici et comment l’arrêter"},
	},
}

package bot

import (
	"strings"

	"github.com/infracloudio/msbotbuilder-go/schema"

	"herald/campaigns/message/wire"
)

// The bot's own words, in the two languages that Herald speaks.

func french(locale string) bool {
	language, _, _ := strings.Cut(strings.ReplaceAll(locale, "_", "-"), "-")
	return strings.EqualFold(language, "fr")
}

func say(locale, en, fr string) string {
	if french(locale) {
		return fr
	}
	return en
}

// help says what the manifest's command promises: what the bot is for, who writes, and how to stop it.
func help(locale string) string {
	return say(locale,
		"Hello, I am Herald. I bring you news from your organisation's communicators; there is nothing you need to do. I cannot read questions, so for those please write to the people named in a message. Write “later” when a message does not suit you now, “stop” to get only what is mandatory, and “start” to get everything again. To get nothing at all, uninstall or block the app in Teams.",
		"Bonjour, je suis Herald. Je vous apporte les nouvelles que publie le service de communication de votre organisation ; vous n’avez rien à faire. Je ne sais pas lire les questions : adressez-les aux personnes citées dans les messages. Écrivez « plus tard » quand un message vous dérange, « arrêter » pour ne recevoir que l’obligatoire, et « reprendre » pour tout recevoir de nouveau. Pour ne plus rien recevoir du tout, désinstallez ou bloquez l’application dans Teams.")
}

func thanks(locale string) string {
	return say(locale, "Thank you, your answer has arrived.", "Merci, votre réponse est bien arrivée.")
}

func outdated(locale string) string {
	return say(locale, "This message no longer takes answers.", "Ce message n’accepte plus de réponse.")
}

func tooLong(locale string) string {
	return say(locale, "Your answer is too long. Please shorten it and send it again.", "Votre réponse est trop longue. Raccourcissez-la, puis envoyez-la de nouveau.")
}

// optedOut and optedIn confirm what a person has asked for; see wishes.
func optedOut(locale string) string {
	return say(locale,
		"Understood. From now on I bring you only what your organisation has marked as mandatory. Write “start” whenever you want everything again.",
		"C’est noté. Je ne vous apporte plus que ce que votre organisation a déclaré obligatoire. Écrivez « reprendre » quand vous voudrez tout recevoir de nouveau.")
}

func optedIn(locale string) string {
	return say(locale,
		"Understood. I bring you everything again. Write “stop” whenever you want only what is mandatory.",
		"C’est noté. Je vous apporte de nouveau tout. Écrivez « arrêter » quand vous ne voudrez plus que l’obligatoire.")
}

func notShown(locale string) string {
	return say(locale, "I could not change the card just now. Please press its button again in a moment.", "Je n’ai pas pu modifier la carte. Appuyez de nouveau sur son bouton dans un instant.")
}

func misunderstood(locale string) string {
	return say(locale, "The card's button was not understood.", "Le bouton de la carte n’a pas été compris.")
}

func failed(locale string) string {
	return say(locale, "Your answer could not be kept. Please try again in a moment.", "Votre réponse n’a pas pu être enregistrée. Réessayez dans un instant.")
}

func plain(text string) ([]byte, error) {
	return wire.Encode(schema.Activity{Type: schema.Message, TextFormat: schema.PLAIN, Text: text})
}

// welcome is the card that greets a person once per installation.
func welcome(locale, assetsURL string) ([]byte, error) {
	title := say(locale, "Welcome to Herald", "Bienvenue dans Herald")
	text := say(locale,
		"News from your organisation will reach you here: ideas, successes, deadlines, and now and then a short survey. There is nothing to set up.",
		"Les nouvelles de votre organisation vous parviendront ici : idées, réussites, échéances et, de temps en temps, un court sondage. Il n’y a rien à configurer.")
	card := map[string]any{
		"type": "AdaptiveCard", "version": "1.5", "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
		"lang": say(locale, "en", "fr"), "fallbackText": title + ". " + text,
		"body": []any{
			map[string]any{"type": "ColumnSet", "columns": []any{
				map[string]any{"type": "Column", "width": "auto", "items": []any{map[string]any{"type": "Image", "url": strings.TrimSuffix(assetsURL, "/") + "/assets/icon-color.png", "width": "40px", "altText": "Herald"}}},
				map[string]any{"type": "Column", "width": "stretch", "verticalContentAlignment": "Center", "items": []any{map[string]any{"type": "TextBlock", "text": title, "weight": "Bolder", "size": "Large", "wrap": true, "style": "heading"}}},
			}},
			map[string]any{"type": "TextBlock", "text": text, "wrap": true},
		},
	}
	return wire.Encode(schema.Activity{Type: schema.Message, Summary: title, Attachments: []schema.Attachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}})
}

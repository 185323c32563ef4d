package bot

import (
	"context"
	"regexp"
	"strings"
	"unicode"

	"herald/bot/activity"
	"herald/campaigns"
)

// wish is what somebody asks the bot for in a word.
type wish int

const (
	wantsNothing wish = iota
	wantsMandatory
	wantsEverything
	wantsLater
)

// wishes are the words, in either language whatever the person's is.
var wishes = map[string]wish{
	"stop": wantsMandatory, "unsubscribe": wantsMandatory, "opt out": wantsMandatory,
	"arrêter": wantsMandatory, "arreter": wantsMandatory, "arrêtez": wantsMandatory, "arrête": wantsMandatory, "se désabonner": wantsMandatory, "désabonner": wantsMandatory, "desabonner": wantsMandatory,
	"start": wantsEverything, "resume": wantsEverything, "subscribe": wantsEverything, "opt in": wantsEverything,
	"not now": wantsLater, "later": wantsLater, "pas maintenant": wantsLater, "plus tard": wantsLater,
	"reprendre": wantsEverything, "reprenez": wantsEverything, "s'abonner": wantsEverything, "abonner": wantsEverything,
}

var mention = regexp.MustCompile(`(?s)<at[^>]*>.*?</at>`)

// wishOf reads a message that says nothing but such a word. A pressed button is never one, whatever its text.
func wishOf(in activity.Inbound) wish {
	if len(in.RawValue) > 0 {
		return wantsNothing
	}
	text := strings.ReplaceAll(mention.ReplaceAllString(in.Text, " "), "’", "'")
	text = strings.TrimFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	return wishes[strings.Join(strings.Fields(text), " ")]
}

// grant does what somebody has asked for, and returns the activity that answers.
func (b *Bot) grant(ctx context.Context, ref campaigns.Reference, w wish) ([]byte, error) {
	switch w {
	case wantsNothing:
		return plain(help(ref.Locale))
	case wantsLater:
		return b.offerLater(ctx, ref)
	}
	out := w == wantsMandatory
	if err := b.Book.Store.SetOptedOut(ctx, ref.TenantID, ref.PersonID, out, b.Now()); err != nil {
		return nil, err
	}
	b.Log.InfoContext(ctx, "a person has chosen what to get", "tenant", ref.TenantID, "person", ref.PersonID, "onlyMandatory", out)
	if out {
		return plain(optedOut(ref.Locale))
	}
	return plain(optedIn(ref.Locale))
}

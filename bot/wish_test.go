package bot_test

import (
	"strings"
	"testing"
	"time"

	"herald/campaigns"
)

// A word is enough, in either language and however it is written; the bot confirms in the person's.
func TestOptingOutAndIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(1)
	ok(t, w.box.Install(t.Context(), p.ID, true))
	say := func(text, locale string, more map[string]any) string {
		t.Helper()
		a := map[string]any{"text": text, "locale": locale}
		for k, v := range more {
			a[k] = v
		}
		w.take(w.frame(p, "message", a))
		said := w.chat(p)
		return said[len(said)-1]
	}
	for _, c := range []struct {
		text, locale, want string
		out                bool
	}{
		{"stop", "en-US", "only what your organisation has marked as mandatory", true},
		{"hello", "en-US", "“stop” to get only", true},
		{"stop the meeting at noon?", "en-US", "“stop” to get only", true},
		{"Start.", "en-US", "I bring you everything again", false},
		{"<at>Herald</at>  STOP !", "fr-FR", "déclaré obligatoire", true},
		{"Reprendre", "fr-FR", "de nouveau tout", false},
		{"arrêter", "fr-FR", "déclaré obligatoire", true},
		{"opt in", "fr-FR", "de nouveau tout", false},
		{"aide", "fr-FR", "« arrêter » pour", false},
	} {
		if said := say(c.text, c.locale, nil); !strings.Contains(said, c.want) {
			t.Errorf("%q: the bot said %q, want %q", c.text, said, c.want)
		}
		if got := w.reference(p).OptedOut; got != c.out {
			t.Errorf("%q: opted out %v, want %v", c.text, got, c.out)
		}
	}
	// A card's button is not a wish, whatever is written on it.
	say("stop", "en-US", map[string]any{"value": map[string]any{"a": 1}})
	if w.reference(p).OptedOut {
		t.Error("a button opted out")
	}
}

// Who was forgotten is not known again by a receipt, a reaction or a question, but by asking for it or by installing the app.
func TestForgottenPeopleComeBackThemselves(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.person(2)
	ok(t, w.box.Install(t.Context(), p.ID, true))
	forget := func() {
		t.Helper()
		w.take(w.frame(p, "installationUpdate", map[string]any{"action": "add"}))
		w.state(p, campaigns.Installed)
		_, err := w.db.ForgetPerson(t.Context(), p.TenantID, p.ID, w.box.Now())
		ok(t, err)
		ok(t, w.box.Advance(time.Minute))
	}
	gone := func(after string) {
		t.Helper()
		if ref, err := w.db.Reference(t.Context(), p.TenantID, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("after %s: %+v, %v", after, ref, err)
		}
		if known, err := w.db.FindByID(t.Context(), p.TenantID, p.ID); campaigns.CodeOf(err) != campaigns.CodeNotFound {
			t.Errorf("after %s: %+v, %v", after, known, err)
		}
	}
	forget()
	w.take(w.frame(p, "event", map[string]any{"name": "application/vnd.microsoft.readReceipt", "value": map[string]any{"lastReadMessageId": "1"}}))
	gone("a receipt")
	w.take(w.frame(p, "messageReaction", map[string]any{"replyToId": "1", "reactionsAdded": []any{map[string]any{"type": "like"}}}))
	gone("a reaction")
	w.take(w.frame(p, "message", map[string]any{"text": "who are you?"}))
	gone("a question")
	w.take(w.frame(p, "conversationUpdate", map[string]any{"membersRemoved": []any{map[string]any{"id": "29:x", "aadObjectId": p.ID}}}))
	gone("leaving")
	w.take(w.frame(p, "message", map[string]any{"text": "start"}))
	w.state(p, campaigns.Installed)
	forget()
	w.take(w.frame(p, "installationUpdate", map[string]any{"action": "add"}))
	w.state(p, campaigns.Installed)
}

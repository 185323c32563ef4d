package bot

import (
	"context"
	"log/slog"
	"time"

	"herald/bot/connector"
	"herald/campaigns"
)

const (
	// sendTimeout bounds one message of the bot's own, so that a slow Connector leaves
	// time for what has to be stored.
	sendTimeout = 5 * time.Second
	// updateTimeout bounds the change of a card, so that an invoke is answered while somebody waits for it.
	updateTimeout = 2 * time.Second
	// giveBackTimeout bounds the one write that may come after the deadline.
	giveBackTimeout = 2 * time.Second
)

func (b *Bot) send(ctx context.Context, ref campaigns.Reference, body []byte) connector.Outcome {
	return sendOwn(ctx, b.Sender, ref, body)
}

func sendOwn(ctx context.Context, s Sender, ref campaigns.Reference, body []byte) connector.Outcome {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return s.Send(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, body, connector.Options{})
}

func (b *Bot) greet(ctx context.Context, ref campaigns.Reference) error {
	return (&Greeter{Store: b.Book.Store, Sender: b.Sender, AssetsURL: b.AssetsURL, Log: b.Log}).Greet(ctx, ref)
}

// Greeter sends the welcome card.
type Greeter struct {
	Store     WelcomeStore
	Sender    Sender
	AssetsURL string // public base of Herald's images
	Log       *slog.Logger
}

// WelcomeStore knows who was welcomed.
type WelcomeStore interface {
	// ClaimWelcome is true for the first caller since the last ForgetWelcome.
	ClaimWelcome(ctx context.Context, tenantID, personID string) (bool, error)
	ForgetWelcome(ctx context.Context, tenantID, personID string) error
}

// Greet sends the welcome card to whoever has the app and was not welcomed yet. The
// claim comes before the send, so that of many activities at once one sends it, and
// is given back only when the card certainly did not arrive: rather no welcome than
// two. Errors are the store's, from before the send.
func (g *Greeter) Greet(ctx context.Context, ref campaigns.Reference) error {
	if ref.State != campaigns.Installed || ref.Welcomed {
		return nil
	}
	card, err := welcome(ref.Locale, g.AssetsURL)
	if err != nil {
		return err
	}
	if first, err := g.Store.ClaimWelcome(ctx, ref.TenantID, ref.PersonID); err != nil || !first {
		return err
	}
	o := sendOwn(ctx, g.Sender, ref, card)
	if o.OK() {
		return nil
	}
	// The reference is what matters; a greeting is not worth Teams' retry of the whole activity.
	again := !o.Ambiguous && (o.Kind == connector.RetryAt || o.Kind == connector.ConversationGone)
	g.Log.WarnContext(ctx, "welcome not sent", "tenant", ref.TenantID, "person", ref.PersonID, "outcome", o, "with_next_activity", again)
	if !again {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTimeout)
	defer cancel()
	if err := g.Store.ForgetWelcome(ctx, ref.TenantID, ref.PersonID); err != nil {
		g.Log.ErrorContext(ctx, "welcome not given back", "tenant", ref.TenantID, "person", ref.PersonID, "err", err)
	}
	return nil
}

package bot

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"herald/bot/connector"
	"herald/campaigns"
)

// Messenger writes to people for campaigns, on the connector. It implements
// campaigns.Messenger and conversation.Roster.
type Messenger struct {
	Client *connector.Client
	BotID  string // "28:" and the app id; used when a reference does not say
	// ServiceURL is where a chat is made for a person whose region is not known.
	ServiceURL string
	// TabURL is Teams' deep link to Herald's tab for people of a tenant, without a context.
	TabURL func(ctx context.Context, tenantID string) string
	Now    func() time.Time
}

// Send implements campaigns.Messenger. A chat that is gone is made again, once.
func (m *Messenger) Send(ctx context.Context, ref campaigns.Reference, body []byte, correlation string) campaigns.Outcome {
	began := m.Now()
	changed := false
	if ref.ConversationID == "" {
		if o := m.create(ctx, &ref); !o.OK() {
			return m.outcome(o, ref, began, false)
		}
		changed = true
	}
	o := m.send(ctx, ref, body, correlation)
	if o.Kind == connector.ConversationGone && !changed {
		if c := m.create(ctx, &ref); !c.OK() {
			return m.outcome(c, ref, began, false)
		}
		changed = true
		o = m.send(ctx, ref, body, correlation)
	}
	return m.outcome(o, ref, began, changed)
}

func (m *Messenger) send(ctx context.Context, ref campaigns.Reference, body []byte, correlation string) connector.Outcome {
	return m.Client.Send(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, body, connector.Options{CorrelationID: correlation})
}

// create makes the one-to-one chat. The person's object id names them
// (msteams-docs, send-proactive-messages: personal scope, app installed).
func (m *Messenger) create(ctx context.Context, ref *campaigns.Reference) connector.Outcome {
	if ref.ServiceURL == "" {
		ref.ServiceURL = m.ServiceURL
	}
	if ref.BotID == "" {
		ref.BotID = m.BotID
	}
	created, o := m.Client.CreateConversation(ctx, ref.ServiceURL, connector.CreateParams{BotID: ref.BotID, MemberID: ref.PersonID, TenantID: ref.TenantID})
	if o.OK() {
		ref.ConversationID = created.ID
		if created.ServiceURL != "" {
			ref.ServiceURL = created.ServiceURL
		}
	}
	o.Ambiguous = false // there is one chat with a person, however often it is made
	return o
}

// outcome translates, and says what the attempt taught about the reference as of when it began, so
// that an installation that happened meanwhile is not overwritten.
func (m *Messenger) outcome(o connector.Outcome, ref campaigns.Reference, began time.Time, changed bool) campaigns.Outcome {
	out := campaigns.Outcome{ActivityID: o.ActivityID, RetryAfter: o.RetryAfter, Reason: campaigns.Reason(o.Reason), Detail: o.String(), Ambiguous: o.Ambiguous, Slow: o.Status == http.StatusTooManyRequests}
	if o.ServiceURL != "" && o.ServiceURL != ref.ServiceURL { // moved to GCC's host, whatever came of it there
		ref.ServiceURL, changed = o.ServiceURL, true
	}
	switch {
	case o.Kind == connector.Sent:
		out.Kind = campaigns.OutcomeSent
	case o.Kind == connector.RetryAt && o.Ambiguous && o.Status == 0:
		// The message was written and no answer came. Nothing in Teams tells whether it arrived, and a person must not get it
		// twice: it is for the author to decide, who sees these people in the report. An answer of a gateway is another matter:
		// Microsoft's table says to try again (platform.md §2).
		out.Kind, out.Reason = campaigns.OutcomeGone, campaigns.Unconfirmed
	case o.Kind == connector.RetryAt:
		out.Kind = campaigns.OutcomeRetry
	case o.Kind == connector.ConversationGone:
		out.Kind, out.Reason = campaigns.OutcomeGone, campaigns.ConversationGone
	default:
		out.Kind = campaigns.OutcomeGone
	}
	switch out.Reason {
	case campaigns.NotInstalled:
		ref.State, changed = campaigns.Uninstalled, true
	case campaigns.BlockedByUser:
		ref.State, changed = campaigns.Blocked, true
	}
	if o.OK() && ref.State != campaigns.Installed { // Teams delivers only to people with the app
		ref.State, changed = campaigns.Installed, true
	}
	if changed {
		ref.UpdatedAt = began
		out.Reference = &ref
	}
	return out
}

// Profile implements conversation.Roster. Whose id for the bot Teams has not told is asked for by object id.
func (m *Messenger) Profile(ctx context.Context, ref campaigns.Reference) (campaigns.Person, error) {
	p, err := m.Client.Member(ctx, connector.Target{ServiceURL: ref.ServiceURL, ConversationID: ref.ConversationID}, cmp.Or(ref.UserID, ref.PersonID))
	if err != nil {
		return campaigns.Person{}, err
	}
	return campaigns.Person{UPN: p.UserPrincipalName, Mail: p.Email, DisplayName: p.Name, GivenName: p.GivenName, Surname: p.Surname}, nil
}

// Package conversation keeps the conversation references: whom the bot can write to,
// and where. Every activity that Teams posts refreshes one.
//
// It imports campaigns and bot/activity. Start reading at Book.Refresh.
package conversation

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"herald/bot/activity"
	"herald/campaigns"
)

// Store is what the book is written in.
type Store interface {
	// Reference returns CodeNotFound for a person whom the bot never met.
	Reference(ctx context.Context, tenantID, personID string) (campaigns.Reference, error)
	SaveReference(ctx context.Context, r campaigns.Reference) error
	SavePeople(ctx context.Context, people []campaigns.Person) error
	FindByID(ctx context.Context, tenantID, personID string) (campaigns.Person, error)
	// ClaimWelcome is true for the first caller since the last ForgetWelcome.
	ClaimWelcome(ctx context.Context, tenantID, personID string) (bool, error)
	ForgetWelcome(ctx context.Context, tenantID, personID string) error
	RecordRead(ctx context.Context, tenantID, conversationID, lastActivityID string, at time.Time) error
	RecordReaction(ctx context.Context, tenantID, conversationID, activityID, reaction string) error
	RecordAnswer(ctx context.Context, tenantID, conversationID, activityID, answer string, at time.Time) (known bool, err error)
}

// Roster tells who a member of a conversation is, by the Bot Connector. It needs no
// permission in Microsoft Graph.
type Roster interface {
	Profile(ctx context.Context, ref campaigns.Reference) (campaigns.Person, error)
}

// Book is the set of conversation references.
type Book struct {
	Store  Store
	Roster Roster
	Now    func() time.Time
	Log    *slog.Logger
}

// profileTimeout bounds the look-up of a new person's name; Teams waits for our answer meanwhile.
const profileTimeout = 4 * time.Second

// Of reads the reference that an activity carries. ok is false when it is not from a
// person in a one-to-one chat.
func Of(in activity.Inbound, now time.Time) (ref campaigns.Reference, ok bool) {
	if !in.IsPersonal() || in.Conversation.ID == "" {
		return campaigns.Reference{}, false
	}
	ref = campaigns.Reference{
		TenantID: in.Tenant(), PersonID: strings.ToLower(in.From.AadObjectID), UserID: in.From.ID, BotID: in.Recipient.ID,
		ConversationID: in.Conversation.ID, ServiceURL: in.ServiceURL, Locale: in.Language(), AppVersion: in.AppVersion(),
		State: campaigns.Installed, UpdatedAt: now,
	}
	if ref.PersonID == "" {
		ref.PersonID = ref.UserID // local clients without Entra; Teams always says it
	}
	return ref, ref.TenantID != "" && ref.PersonID != "" && ref.UserID != ref.BotID
}

// Refresh stores what an activity says about its sender, who therefore has the app and
// does not block it. A person met for the first time is looked up by name.
func (b *Book) Refresh(ctx context.Context, in activity.Inbound) (ref campaigns.Reference, ok bool, err error) {
	ref, ok = Of(in, b.Now())
	if !ok {
		return ref, false, nil
	}
	if err := b.Store.SaveReference(ctx, ref); err != nil {
		return ref, false, err
	}
	return ref, true, b.know(ctx, ref, in.From.Name)
}

// know makes sure that the person behind a reference has a name.
func (b *Book) know(ctx context.Context, ref campaigns.Reference, name string) error {
	p, err := b.Store.FindByID(ctx, ref.TenantID, ref.PersonID)
	if err != nil && campaigns.CodeOf(err) != campaigns.CodeNotFound {
		return err
	}
	if p.GivenName != "" && p.Address() != "" {
		return nil
	}
	known := campaigns.Person{TenantID: ref.TenantID, ID: ref.PersonID, DisplayName: name, Locale: ref.Locale}
	lookup, cancel := context.WithTimeout(ctx, profileTimeout)
	defer cancel()
	profile, err := b.Roster.Profile(lookup, ref)
	if err != nil {
		b.Log.WarnContext(ctx, "name not looked up; the next activity tries again", "tenant", ref.TenantID, "person", ref.PersonID, "err", err)
	} else {
		profile.TenantID, profile.ID, profile.Locale = known.TenantID, known.ID, known.Locale
		if profile.DisplayName == "" {
			profile.DisplayName = name
		}
		known = profile
	}
	return b.Store.SavePeople(ctx, []campaigns.Person{known})
}

// Forget marks a person as without the app. The reference stays: a later installation
// overwrites it.
func (b *Book) Forget(ctx context.Context, tenantID, personID string) error {
	ref, err := b.Store.Reference(ctx, tenantID, personID)
	if campaigns.CodeOf(err) == campaigns.CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	ref.State, ref.UpdatedAt = campaigns.Uninstalled, b.Now()
	if err := b.Store.SaveReference(ctx, ref); err != nil {
		return err
	}
	return b.Store.ForgetWelcome(ctx, tenantID, personID)
}

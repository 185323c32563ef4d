// Package conversation keeps the conversation references: whom the bot can write to,
// and where. Every activity that Teams posts refreshes one.
//
// It imports campaigns and bot/activity. Start reading at Book.Refresh.
package conversation

import (
	"context"
	"hash/fnv"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/infracloudio/msbotbuilder-go/schema"

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
	// SaveClientZone keeps the time zone of somebody known, IANA's name; what is kept already costs no write.
	SaveClientZone(ctx context.Context, tenantID, personID, zone string) error
	// ClaimWelcome is true for the first caller since the last ForgetWelcome.
	ClaimWelcome(ctx context.Context, tenantID, personID string) (bool, error)
	ForgetWelcome(ctx context.Context, tenantID, personID string) error
	// SetOptedOut notes that a person wants only mandatory campaigns, or everything again.
	SetOptedOut(ctx context.Context, tenantID, personID string, out bool, now time.Time) error
	// Remember lets somebody who was forgotten before then be known again. Of whoever is forgotten the store keeps nothing.
	Remember(ctx context.Context, tenantID, personID string, at time.Time) error
	RecordRead(ctx context.Context, chat campaigns.Reference, lastActivityID string, at time.Time) error
	RecordReaction(ctx context.Context, chat campaigns.Reference, activityID, reaction string) error
	// RemoveReactions takes away the one that is known, if it is among these.
	RemoveReactions(ctx context.Context, chat campaigns.Reference, activityID string, reactions []string) error
	RecordAnswer(ctx context.Context, chat campaigns.Reference, activityID, answer string, at time.Time) (known bool, err error)
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

	turns   [64]sync.Mutex // one person's references are written one after the other
	lookups lookups
}

// Of reads the reference that an activity carries. ok is false when it is not from a
// person in a one-to-one chat.
func Of(in activity.Inbound, now time.Time) (ref campaigns.Reference, ok bool) {
	if !in.IsPersonal() || in.Conversation.ID == "" {
		return campaigns.Reference{}, false
	}
	ref = campaigns.Reference{
		TenantID: in.Tenant(), PersonID: strings.ToLower(in.From.AadObjectID), UserID: in.From.ID, BotID: in.Recipient.ID,
		ConversationID: in.Conversation.ID, ServiceURL: in.ServiceURL, Locale: in.Language(), AppVersion: in.AppVersion(),
		State: campaigns.Installed, UpdatedAt: seen(in, now),
	}
	if ref.PersonID == "" {
		ref.PersonID = ref.UserID // local clients without Entra; Teams always says it
	}
	return ref, ref.TenantID != "" && ref.PersonID != "" && ref.UserID != ref.BotID
}

// OfMember is what a membersRemoved tells of one member. ok is false for the bot.
func OfMember(in activity.Inbound, m schema.ChannelAccount, now time.Time) (ref campaigns.Reference, ok bool) {
	ref = campaigns.Reference{TenantID: in.Tenant(), PersonID: strings.ToLower(m.AadObjectID), UserID: m.ID, UpdatedAt: seen(in, now)}
	return ref, in.IsPersonal() && ref.TenantID != "" && ref.PersonID != "" && m.ID != in.Recipient.ID
}

// seen is when it happened: Teams' own time, by which a repeated or late activity is
// older than what overtook it. A time to come is no time.
func seen(in activity.Inbound, now time.Time) time.Time {
	if at := in.Timestamp; !at.IsZero() && at.Before(now) {
		return at
	}
	return now
}

// Note stores what an activity says about its sender, who therefore has the app and
// does not block it, unless something newer is known. The result is where to answer;
// its State, Welcomed and, if the activity names none, Locale are what is stored now.
func (b *Book) Note(ctx context.Context, in activity.Inbound) (ref campaigns.Reference, ok bool, err error) {
	if ref, ok, err = b.note(ctx, in); err != nil || !ok {
		return ref, false, err
	}
	return ref, true, b.place(ctx, ref, in)
}

func (b *Book) note(ctx context.Context, in activity.Inbound) (ref campaigns.Reference, ok bool, err error) {
	ref, ok = Of(in, b.Now())
	if !ok {
		return ref, false, nil
	}
	defer b.turn(ref)()
	before, err := b.Store.Reference(ctx, ref.TenantID, ref.PersonID)
	if err != nil && campaigns.CodeOf(err) != campaigns.CodeNotFound {
		return ref, false, err
	}
	if err := b.Store.SaveReference(ctx, ref); err != nil {
		return ref, false, err
	}
	stored, err := b.Store.Reference(ctx, ref.TenantID, ref.PersonID)
	if campaigns.CodeOf(err) == campaigns.CodeNotFound {
		return ref, false, nil // forgotten: a receipt or a reaction does not bring them back
	}
	if err != nil {
		return ref, false, err
	}
	// Back again, although nobody told of the removal: only a refused message did.
	if before.State == campaigns.Uninstalled && stored.State == campaigns.Installed && stored.Welcomed {
		if err := b.Store.ForgetWelcome(ctx, ref.TenantID, ref.PersonID); err != nil {
			return ref, false, err
		}
		stored.Welcomed = false
	}
	ref.State, ref.Welcomed = stored.State, stored.Welcomed
	if ref.Locale == "" {
		ref.Locale = stored.Locale
	}
	return ref, true, nil
}

// Refresh notes an activity's sender and makes sure that they have a name.
func (b *Book) Refresh(ctx context.Context, in activity.Inbound) (ref campaigns.Reference, ok bool, err error) {
	return b.meet(ctx, in, false)
}

// Return lets an activity's sender be known again who was forgotten before it.
func (b *Book) Return(ctx context.Context, in activity.Inbound) error {
	ref, ok := Of(in, b.Now())
	if !ok {
		return nil
	}
	return b.Store.Remember(ctx, ref.TenantID, ref.PersonID, ref.UpdatedAt)
}

// Install is Refresh for somebody who was given the app. Whoever left the tenant or was
// forgotten before is there again.
func (b *Book) Install(ctx context.Context, in activity.Inbound) (ref campaigns.Reference, ok bool, err error) {
	if err := b.Return(ctx, in); err != nil {
		return ref, false, err
	}
	return b.meet(ctx, in, true)
}

func (b *Book) meet(ctx context.Context, in activity.Inbound, installs bool) (ref campaigns.Reference, ok bool, err error) {
	if ref, ok, err = b.note(ctx, in); err != nil || !ok {
		return ref, false, err
	}
	if err := b.know(ctx, ref, in.From.Name, installs && ref.State == campaigns.Installed); err != nil {
		return ref, false, err
	}
	return ref, true, b.place(ctx, ref, in)
}

// place keeps where an activity's sender is, if their client says it.
func (b *Book) place(ctx context.Context, ref campaigns.Reference, in activity.Inbound) error {
	zone := campaigns.ZoneName(in.TimeZone())
	if zone == "" {
		return nil
	}
	return b.Store.SaveClientZone(ctx, ref.TenantID, ref.PersonID, zone)
}

// know makes sure that the person behind a reference has a name. Teams is asked only
// about people without an address: some have no given name, and never will.
func (b *Book) know(ctx context.Context, ref campaigns.Reference, name string, present bool) error {
	known, err := b.Store.FindByID(ctx, ref.TenantID, ref.PersonID)
	if err != nil && campaigns.CodeOf(err) != campaigns.CodeNotFound {
		return err
	}
	met := err == nil
	person := campaigns.Person{TenantID: ref.TenantID, ID: ref.PersonID, DisplayName: name, Locale: ref.Locale}
	if known.Address() != "" || !b.lookups.due(person, b.Now()) {
		if met && !present {
			return nil
		}
		return b.Store.SavePeople(ctx, []campaigns.Person{person})
	}
	lookup, cancel := context.WithTimeout(ctx, profileTimeout)
	defer cancel()
	profile, err := b.Roster.Profile(lookup, ref)
	if err != nil {
		b.Log.WarnContext(ctx, "name not looked up; a later activity tries again", "tenant", ref.TenantID, "person", ref.PersonID, "err", err)
	} else {
		b.lookups.done(person, b.Now())
		profile.TenantID, profile.ID, profile.Locale = person.TenantID, person.ID, person.Locale
		if profile.DisplayName == "" {
			profile.DisplayName = name
		}
		person = profile
	}
	return b.Store.SavePeople(ctx, []campaigns.Person{person})
}

// Forget marks a person as without the app, unless they got it again since. The
// reference stays, also for somebody never met: an older activity that Teams repeats
// must not bring them back.
func (b *Book) Forget(ctx context.Context, ref campaigns.Reference) error {
	ref.State = campaigns.Uninstalled
	defer b.turn(ref)()
	if err := b.Store.SaveReference(ctx, ref); err != nil {
		return err
	}
	stored, err := b.Store.Reference(ctx, ref.TenantID, ref.PersonID)
	if campaigns.CodeOf(err) == campaigns.CodeNotFound {
		return nil // forgotten in every sense
	}
	if err != nil || stored.State != campaigns.Uninstalled {
		return err
	}
	return b.Store.ForgetWelcome(ctx, ref.TenantID, ref.PersonID)
}

// turn waits for the person's turn and returns what ends it.
func (b *Book) turn(ref campaigns.Reference) (end func()) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(ref.TenantID + "/" + ref.PersonID))
	m := &b.turns[h.Sum32()%uint32(len(b.turns))]
	m.Lock()
	return m.Unlock
}

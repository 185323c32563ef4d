package campaigns

import (
	"context"
	"time"

	"github.com/google/uuid"

	"herald/campaigns/message"
)

// Apps is Herald's own app in people's Teams, as Microsoft Graph installs it. Errors are *Error as those of Directory.
type Apps interface {
	// CatalogID finds the app in the organisation's catalogue. CodeNotFound when nobody has published it there.
	CatalogID(ctx context.Context, tenantID string) (string, error)
	// MayInstall is CodeForbidden when Herald lacks the permission to install; it looks at one person's apps. Somebody who does
	// not exist will do.
	MayInstall(ctx context.Context, tenantID, personID string) error
	// InstallApp installs it for one person, in one request. already: they had it. CodeNotFound: no such person, or no such app;
	// CodeForbidden: a policy, or the permission; CodeInvalid: Graph refuses this person for another reason.
	InstallApp(ctx context.Context, tenantID, catalogID, personID string) (already bool, err error)
	// AppOf finds what one person has of the app, and ChatOf the chat that comes with it, each in one request. CodeNotFound: they
	// do not have it, or have no chat yet.
	AppOf(ctx context.Context, tenantID, catalogID, personID string) (installationID string, err error)
	ChatOf(ctx context.Context, tenantID, personID, installationID string) (chatID string, err error)
}

// InstallationState is where the installing of the app for an audience stands.
type InstallationState string

const (
	InstallationRunning   InstallationState = "running"
	InstallationCompleted InstallationState = "completed" // everybody was tried
	InstallationStopped   InstallationState = "stopped"
	InstallationFailed    InstallationState = "failed" // nobody can be installed for; Reason says why
)

// Why an installation failed as a whole.
const (
	AppNotPublished   Reason = "app_not_published"
	CatalogPermission Reason = "catalog_permission"
	InstallPermission Reason = "install_permission"
	GraphSignIn       Reason = "graph_sign_in"
)

// Why one person could not be installed for, besides UserNotFound and Removed.
const (
	BlockedByPolicy Reason = "blocked_by_policy"
	InstallRefused  Reason = "install_refused"
	GraphFailed     Reason = "graph_failed" // Microsoft Graph failed again and again
)

// ChatNotFound is why somebody who has the app is not waited for any more, besides NotInstalled and BlockedByUser: Teams has not called
// the bot, and Graph names no chat.
const ChatNotFound Reason = "chat_not_found"

// Installation is the work of installing the app for an audience. A tenant has one that runs at a time.
type Installation struct {
	TenantID, ID string
	Audience     Audience // without typed addresses
	Typed        int      // how many addresses were typed
	RemovedToo   bool     // also for those who had removed the app themselves
	State        InstallationState
	Reason       Reason // of Failed; AfterRestore of Stopped
	// Total is for how many people; the other four add up to it.
	Total, Pending, Installed, Already, Failed int
	// Waiting is how many of Installed and Already cannot be written to yet, because Teams has not called the bot nor Herald found their
	// chat; -1 when it is not known any more who they were. Unreached is how many of them are not waited for: see ChatNotFound.
	Waiting   int
	Unreached int
	CreatedBy Author
	CreatedAt time.Time
	EndedAt   *time.Time
	ResumeAt  *time.Time // it pauses until then: Graph asked for it, or did not answer
}

// InstallTargetState is what became of installing the app for one person.
type InstallTargetState string

const (
	TargetPending   InstallTargetState = "pending" // for ever, when the installation was stopped
	TargetInstalled InstallTargetState = "installed"
	TargetAlready   InstallTargetState = "already" // they had it, though Teams had not told Herald
	TargetFailed    InstallTargetState = "failed"
)

// InstallTarget is one person of an installation.
type InstallTarget struct {
	Person    Person // only the id when nothing else is known
	State     InstallTargetState
	Reason    Reason // of TargetFailed, and of who has it and is not waited for
	Reachable bool   // the bot can write to them
	Attempts  int    // that failed, and may not the next time
}

// InstallGroup narrows an installation's people.
type InstallGroup string

const (
	InstallPending InstallGroup = "pending"
	InstallWaiting InstallGroup = "waiting" // have it, and Teams has not called the bot
	InstallReady   InstallGroup = "ready"   // have it, and can be written to
	InstallFailed  InstallGroup = "failed"
	// InstallUnreached have it, cannot be written to, and are not waited for.
	InstallUnreached InstallGroup = "unreached"
)

// InstallTargetFilter asks for a page of an installation's people.
type InstallTargetFilter struct {
	Group  InstallGroup // empty: all
	Cursor string
	Limit  int // 1–200
}

// InstallResult is what came of one try.
type InstallResult struct {
	PersonID string
	State    InstallTargetState
	Reason   Reason
	Attempts int
	DueAt    time.Time // of TargetPending: when to try again; of those who have it: when Graph said so
	ChatAt   time.Time // of those who have it: when to look for their chat, unless Teams has called by then
}

// ChatTarget is one person who has the app, and whose chat it is time to look for.
type ChatTarget struct {
	PersonID string
	Attempts int
	// Settled: there is nothing to look for. Teams has called, or they blocked or removed the app since, or they were removed from Herald.
	Settled bool
}

// ChatResult is what came of looking for one person's chat.
type ChatResult struct {
	PersonID string
	ChatID   string // empty: not found
	Attempts int
	Over     bool      // not looked for any more
	At       time.Time // unless Over: when to look again
}

// InstallationStore keeps installations.
type InstallationStore interface {
	// CreateInstallation writes it with its people: those of q who do not have the app. It sets the counts. CodeConflict,
	// "installation_running", when another one runs; CodeInvalid, "nobody", when there is nobody to install for.
	CreateInstallation(ctx context.Context, i *Installation, q AudienceQuery) error
	// Installation returns CodeNotFound when the tenant has no such one.
	Installation(ctx context.Context, tenantID, id string) (*Installation, error)
	// Installations returns a page, newest first, without Waiting.
	Installations(ctx context.Context, tenantID, cursor string, limit int) (items []*Installation, next string, err error)
	// StopInstallation: running -> stopped. CodeConflict, "installation_over", else.
	StopInstallation(ctx context.Context, tenantID, id string, now time.Time) error
	Targets(ctx context.Context, tenantID, id string, f InstallTargetFilter) (items []InstallTarget, next string, err error)

	// RunningInstallations are those of all tenants, without Waiting.
	RunningInstallations(ctx context.Context) ([]*Installation, error)
	// DueTargets are up to limit people to be tried now, the longest due first; left: somebody is pending, if not now.
	DueTargets(ctx context.Context, tenantID, id string, now time.Time, limit int) (due []InstallTarget, left bool, err error)
	// RecordTargets writes what came of tries, for those who are still pending.
	RecordTargets(ctx context.Context, tenantID, id string, results []InstallResult) error
	// ChatInstallations are those, of all tenants and in whatever state, with people whose chat it is time to look for; without Waiting.
	ChatInstallations(ctx context.Context, now time.Time) ([]*Installation, error)
	// DueChats are up to limit of these people, the longest due first.
	DueChats(ctx context.Context, tenantID, id string, now time.Time, limit int) ([]ChatTarget, error)
	// RecordChats writes what came of looking. Who was found can be written to from then on, as of when Graph said that they have the
	// app: at the service URL that Teams told last for the tenant, or at base's, by base's bot. What Teams tells stands above it, and
	// so does a block, or a removal since. made are the references that came of it, with the person's own language.
	RecordChats(ctx context.Context, tenantID, id string, results []ChatResult, base Reference) (made []Reference, err error)
	// PauseInstallation has one wait until then.
	PauseInstallation(ctx context.Context, tenantID, id string, until time.Time) error
	// EndInstallation: running -> state; nothing happens when it runs no more.
	EndInstallation(ctx context.Context, tenantID, id string, state InstallationState, reason Reason, now time.Time) error
	// Lease is RetentionStore's.
	Lease(ctx context.Context, name, holder string, now, until time.Time) (held bool, err error)
}

// InstallPreview says for whom the app would be installed.
type InstallPreview struct {
	Total     int // people of the audience
	Installed int // have the app
	Blocked   int // have it, and blocked the bot: only they can change that
	Missing   int // never had it
	Removed   int // had it, and removed it themselves
	Unknown   int // addresses that belong to nobody in the directory
	Excluded  int // would be of the audience, but for the excluded lists
}

// installable is an audience for which the app can be installed, as a query.
func (s *Service) installable(ctx context.Context, a Actor, aud Audience) (AudienceQuery, error) {
	if err := a.require(Administer); err != nil {
		return AudienceQuery{}, err
	}
	if aud.Unanswered != "" { // they have it
		return AudienceQuery{}, invalid([]message.Problem{{Field: "/audience", Code: "ambiguous_audience", Message: "Choose all users, lists or addresses."}})
	}
	q, err := s.audienceQuery(ctx, a.TenantID, aud)
	if err == nil && !q.All && len(q.Typed)+len(q.ListIDs) == 0 {
		err = invalid([]message.Problem{{Field: "/audience", Code: "audience_empty", Message: "Choose for whom to install it: all users, a list, or at least one address."}})
	}
	return q, err
}

// PreviewInstallation says for how many people of an audience the app would be installed now.
func (s *Service) PreviewInstallation(ctx context.Context, a Actor, aud Audience) (InstallPreview, error) {
	q, err := s.installable(ctx, a, aud)
	if err != nil {
		return InstallPreview{}, err
	}
	n, err := s.Store.CountAudience(ctx, a.TenantID, q)
	return InstallPreview{
		Total: n.Total, Installed: n.Installed, Blocked: n.Blocked, Missing: n.NotInstalled - n.Blocked - n.Uninstalled,
		Removed: n.Uninstalled, Unknown: n.Unknown, Excluded: n.Excluded,
	}, err
}

// nobodysID is a person's id that is nobody's: the permission is looked at before the person.
const nobodysID = "00000000-0000-4000-8000-000000000000"

// InstallObstacles says what keeps Herald from installing the app for anybody in the actor's tenant; empty: nothing. An error is
// that it cannot be told now.
func (s *Service) InstallObstacles(ctx context.Context, a Actor) ([]Reason, error) {
	if err := a.require(Administer); err != nil {
		return nil, err
	}
	var out []Reason
	if _, err := s.Apps.CatalogID(ctx, a.TenantID); err != nil {
		why := catalogObstacle(err)
		if why == "" {
			return nil, err
		}
		out = append(out, why)
	}
	if err := s.Apps.MayInstall(ctx, a.TenantID, nobodysID); err != nil {
		switch why := installObstacle(err); {
		case why == "":
			return nil, err
		case len(out) == 0 || out[0] != why: // both say it when there is no token
			out = append(out, why)
		}
	}
	return out, nil
}

// catalogObstacle is why nobody can be installed for, by what CatalogID said; empty: it may pass.
func catalogObstacle(err error) Reason {
	switch CodeOf(err) {
	case CodeNotFound:
		return AppNotPublished
	case CodeForbidden:
		if ReasonOf(err) == "graph_forbidden" {
			return CatalogPermission
		}
		return GraphSignIn
	}
	return ""
}

// installObstacle is the same by what MayInstall said.
func installObstacle(err error) Reason {
	if CodeOf(err) != CodeForbidden {
		return ""
	}
	if ReasonOf(err) == "graph_forbidden" {
		return InstallPermission
	}
	return GraphSignIn
}

// StartInstallation begins to install the app for the people of an audience who do not have it; removedToo also for those who
// removed it themselves.
func (s *Service) StartInstallation(ctx context.Context, a Actor, aud Audience, removedToo bool) (*Installation, error) {
	q, err := s.installable(ctx, a, aud)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	kept := aud.normalise()
	typed := len(kept.Emails)
	kept.Emails = nil
	i := &Installation{
		TenantID: a.TenantID, ID: id.String(), Audience: kept, Typed: typed, RemovedToo: removedToo,
		State: InstallationRunning, CreatedBy: a.author(), CreatedAt: s.moment(),
	}
	if err := s.Store.CreateInstallation(ctx, i, q); err != nil {
		return nil, err
	}
	if s.Installer != nil {
		s.Installer.Poke()
	}
	return i, nil
}

// StopInstallation has no more people tried. Who was installed for keeps the app.
func (s *Service) StopInstallation(ctx context.Context, a Actor, id string) (*Installation, error) {
	if err := a.require(Administer); err != nil {
		return nil, err
	}
	if err := s.Store.StopInstallation(ctx, a.TenantID, id, s.moment()); err != nil {
		return nil, err
	}
	return s.Store.Installation(ctx, a.TenantID, id)
}

// Installation returns one.
func (s *Service) Installation(ctx context.Context, a Actor, id string) (*Installation, error) {
	if err := a.require(Administer); err != nil {
		return nil, err
	}
	return s.Store.Installation(ctx, a.TenantID, id)
}

// Installations returns a page of them, newest first.
func (s *Service) Installations(ctx context.Context, a Actor, cursor string, limit int) ([]*Installation, string, error) {
	if err := a.require(Administer); err != nil {
		return nil, "", err
	}
	return s.Store.Installations(ctx, a.TenantID, cursor, limit)
}

// InstallationTargets returns a page of an installation's people.
func (s *Service) InstallationTargets(ctx context.Context, a Actor, id string, f InstallTargetFilter) ([]InstallTarget, string, error) {
	if err := a.require(Administer); err != nil {
		return nil, "", err
	}
	switch f.Group {
	case "", InstallPending, InstallWaiting, InstallReady, InstallFailed, InstallUnreached:
	default:
		return nil, "", Errorf(CodeInvalid, "unknown_state", "There is no state %q. Use pending, waiting, ready, unreached or failed.", short(string(f.Group)))
	}
	return s.Store.Targets(ctx, a.TenantID, id, f)
}

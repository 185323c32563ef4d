package campaigns

import (
	"context"
	"time"
)

// Person is someone in a customer's tenant, as Microsoft Entra knows them.
// (TenantID, ID) is the identity everywhere in Herald; addresses change, object ids do not.
type Person struct {
	TenantID string
	ID       string // Entra object id (aadObjectId)

	UPN         string // user principal name; often, but not always, the mail address
	Mail        string // primary SMTP address; may be empty
	DisplayName string
	GivenName   string
	Surname     string
	Locale      string // BCP 47, e.g. "fr-FR"; empty when unknown
}

// Address is the address that people recognise this person by: the mail
// address, or the UPN of people who have no mailbox.
func (p Person) Address() string {
	if p.Mail != "" {
		return p.Mail
	}
	return p.UPN
}

// InstallState says what Herald knows of the app in one person's Teams.
type InstallState string

const (
	// Installed: Teams told us of the installation and nothing since contradicts it.
	Installed InstallState = "installed"
	// Uninstalled: Teams told us of the removal, or refused a message because of it.
	Uninstalled InstallState = "uninstalled"
	// Blocked: the person blocked the bot; only a message of theirs lifts it.
	Blocked InstallState = "blocked"
)

// Reference is a conversation reference: what the bot needs in order to write
// to one person without being written to first.
type Reference struct {
	TenantID       string
	PersonID       string // Entra object id
	UserID         string // "29:…", the person's id for this bot
	BotID          string // "28:…"
	ConversationID string // the one-to-one chat; empty: must be created
	ServiceURL     string // where the Bot Connector of this person's region listens
	AppVersion     string // of the installed package; may be empty
	Locale         string // BCP 47; empty when Teams did not say
	State          InstallState
	Welcomed       bool // the welcome card has been sent for this installation
	OptedOut       bool // wants only mandatory campaigns; SaveReference leaves it as it is
	UpdatedAt      time.Time
}

// DirectoryPage is one page of a tenant's people.
type DirectoryPage struct {
	People  []Person
	Removed []string // object ids of people who left the tenant
}

// Directory knows the people of a tenant. It is implemented on Microsoft Graph.
//
// Errors are *Error: CodeNotFound (no such person), CodeForbidden (the
// permission is missing; Message names it), CodeThrottled (RetryAfter is set),
// CodeUnavailable (Graph cannot be reached or failed).
type Directory interface {
	// FindByEmail finds a person by mail address, proxy address or UPN.
	// CodeNotFound when the tenant has no such person.
	FindByEmail(ctx context.Context, tenantID, email string) (Person, error)
	// SearchPeople finds up to limit (1–50) people who can sign in and whose name has words beginning with
	// those of query, or whose address begins with it. Nobody is an empty answer, not an error.
	SearchPeople(ctx context.Context, tenantID, query string, limit int) ([]Person, error)
	// EachPage walks the tenant's people: all of them when token is empty,
	// else what changed since the walk that returned token. It calls fn for
	// every page in order and returns the token for the next walk. A token
	// that Graph no longer accepts (older than seven days) gives CodeGone.
	EachPage(ctx context.Context, tenantID, token string, fn func(DirectoryPage) error) (next string, err error)
}

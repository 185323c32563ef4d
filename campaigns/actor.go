package campaigns

import "slices"

// Role is an app role of the Entra application, as it stands in the token.
type Role string

const (
	RoleAuthor    Role = "Author"
	RolePublisher Role = "Publisher"
	RoleAnalyst   Role = "Analyst"
	RoleAdmin     Role = "Admin"
)

// Actor is the person on whose behalf a use case runs. It comes from a verified token.
type Actor struct {
	TenantID    string
	PersonID    string // Entra object id
	DisplayName string
	UPN         string
	Roles       []Role
}

// Permission is something that a role allows.
type Permission int

const (
	Read       Permission = iota // see campaigns and reports
	Write                        // make, change and delete campaigns, try them
	Send                         // send, take back and stop
	Administer                   // see how Herald itself is, and change what concerns everybody
)

// Can says whether one of the actor's roles allows p. In this version Author and
// Admin may do everything with campaigns; nobody else may do anything.
func (a Actor) Can(p Permission) bool {
	if p == Administer {
		return slices.Contains(a.Roles, RoleAdmin)
	}
	return slices.Contains(a.Roles, RoleAuthor) || slices.Contains(a.Roles, RoleAdmin)
}

func (a Actor) author() Author { return Author{ID: a.PersonID, DisplayName: a.DisplayName} }

// Require is the error of an actor who may not do p; nil when they may.
func (a Actor) Require(p Permission) error { return a.require(p) }

func (a Actor) require(p Permission) error {
	if a.Can(p) {
		return nil
	}
	if p == Administer && a.Can(Read) {
		return Errorf(CodeForbidden, "no_admin", "You need the role Admin for this. A Teams admin of your organisation can give it to you in Microsoft Entra.")
	}
	return Errorf(CodeForbidden, "no_role", "You need the role Author or Admin for this. A Teams admin of your organisation can give it to you in Microsoft Entra.")
}

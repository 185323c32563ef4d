package campaigns

import "slices"

// Role is an app role of the Entra application, as it stands in the token.
type Role string

const (
	RoleAuthor    Role = "Author"    // writes and sends own campaigns, reads all
	RolePublisher Role = "Publisher" // writes and sends all campaigns, and approves
	RoleAnalyst   Role = "Analyst"   // reads campaigns, reports and results
	RoleAdmin     Role = "Admin"     // everything
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
	Read       Permission = iota // see campaigns, reports and results
	Prepare                      // see lists and people, as writing a campaign needs
	Write                        // make, change and delete own campaigns, try them; lists and surveys
	Send                         // send, take back and stop own campaigns
	Others                       // do with everybody's campaigns what Write and Send allow with own ones
	Approve                      // decide whether somebody else's large campaign is sent
	Administer                   // read the audit log, see how Herald itself is, and change what concerns everybody
)

var allowed = map[Role][]Permission{
	RoleAnalyst:   {Read},
	RoleAuthor:    {Read, Prepare, Write, Send},
	RolePublisher: {Read, Prepare, Write, Send, Others, Approve},
	RoleAdmin:     {Read, Prepare, Write, Send, Others, Approve, Administer},
}

// refusals say who may, for each permission; the first says that the actor has no role at all.
var refusals = map[Permission]string{
	Prepare: "Lists and people are for those who write campaigns: you need the role Author, Publisher or Admin.",
	Write:   "Your role lets you read. To change something you need the role Author, Publisher or Admin.",
	Send:    "Your role lets you read. To send campaigns you need the role Author, Publisher or Admin.",
	Approve: "Only people with the role Publisher or Admin can approve campaigns.",
}

// Can says whether one of the actor's roles allows p.
func (a Actor) Can(p Permission) bool {
	return slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(allowed[r], p) })
}

func (a Actor) author() Author { return Author{ID: a.PersonID, DisplayName: a.DisplayName} }

// Require is the error of an actor who may not do p; nil when they may.
func (a Actor) Require(p Permission) error { return a.require(p) }

func (a Actor) require(p Permission) error {
	switch {
	case a.Can(p):
		return nil
	case !a.Can(Read):
		return Errorf(CodeForbidden, "no_role", "You need the role Author, Publisher, Analyst or Admin for this. A Teams admin of your organisation can give it to you in Microsoft Entra.")
	case p == Administer:
		return Errorf(CodeForbidden, "no_admin", "You need the role Admin for this. A Teams admin of your organisation can give it to you in Microsoft Entra.")
	default:
		return Errorf(CodeForbidden, "role_too_small", "%s", refusals[p])
	}
}

// requireOf is require for something that is done to c: Authors may only with their own campaigns.
func (a Actor) requireOf(c *Campaign, p Permission) error {
	if err := a.require(p); err != nil {
		return err
	}
	if c.CreatedBy.ID == a.PersonID || a.Can(Others) {
		return nil
	}
	return Errorf(CodeForbidden, "not_yours", "This campaign is %s's; ask them or a Publisher, or clone it.", short(c.CreatedBy.DisplayName))
}

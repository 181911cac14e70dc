package team

// Counts is what the cards and badges of a members page show.
type Counts struct {
	Roles   []RoleCount // in the scheme's order, every role of the scope's kind
	Members int         // with a membership in the scope itself
	Above   int         // without one, but with access from above (C7, D7)
	AtMost  bool        // Above counts some who are among Members too: both are large
	Pending int
	Owners  int
	Seats   Seats
}

// Everybody is how many people have access.
func (c Counts) Everybody() int { return c.Members + c.Above }

// InviteAnswer is what became of one address of an invite form.
type InviteAnswer struct {
	Email      string
	Invitation *Invitation // made, or the pending one that stands in the way
	Err        *Error      // nil where the address was (or would be) invited
}

// OpenInvitation is an invitation as its page shows it.
type OpenInvitation struct {
	Arrival
	Face         Face
	Answering    Membership // who a request for a new link goes to, with id, name and address; none where the face has no such request
	Organization Organization
	Scheme       *Scheme
}

// MyInvitation is a pending invitation as the invited person sees it in the app.
type MyInvitation struct {
	Invitation
	Organization Organization
	RoleLabel    string
	Places       string // the child scopes it leads to, by name
}

// SetUpForm is what the first visitor types: the first account, an operator,
// and the first organization.
type SetUpForm struct {
	Name, Email, Password, Organization, Slug, Scheme string
}

// NewOrganization is what it takes to make an organization.
type NewOrganization struct {
	Name, Slug, Scheme, Plan string
	OwnerID                  string
}

// Export is an organization as a document: what roster org export prints and
// roster org apply takes.
type Export struct {
	Organization struct {
		Slug   string `json:"slug"`
		Name   string `json:"name"`
		Scheme string `json:"scheme"`
		Plan   string `json:"plan"`
	} `json:"organization"`
	Members     []ExportMember     `json:"members"`
	Invitations []ExportInvitation `json:"invitations"`
}

// ExportMember is one member of an Export.
type ExportMember struct {
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"`
}

// ExportInvitation is one pending invitation of an Export.
type ExportInvitation struct {
	Email   string `json:"email"`
	Role    string `json:"role"`
	Message string `json:"message,omitempty"`
}

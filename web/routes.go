package web

import (
	"slices"

	"github.com/labstack/echo/v4"

	"roster/handlers"
	"roster/handlers/api"
)

// Access says whom a route is for. The handlers' decisions come on top.
type Access string

// The kinds of access.
const (
	Bare     Access = "bare"      // anybody; nobody is recognized
	Public   Access = "public"    // anybody; who is signed in is recognized
	Asked    Access = "asked"     // a proxy, about whoever came to it: by any method, in plain text, and nothing changes
	SignedIn Access = "signed_in" // any account; others are sent to sign in
	Operator Access = "operator"  // who runs the server; to others it does not exist
	Member   Access = "member"    // members of the organization in the address; to others it does not exist
	Token    Access = "token"     // programs that bring a token; the API lets them in, and a session counts for nothing
)

// Route is one address, whom it is for, and what keeps it from being flooded.
type Route struct {
	Method, Path string
	Access       Access
	Handler      echo.HandlerFunc // nil for an operation of the API, which serves it itself
	Limit        Limit
	Body         int64 // most bytes it reads; 0 for the usual
}

// Store is everything the pages need from the database.
type Store interface {
	handlers.VisitorStore
	handlers.SignInStore
	handlers.SignUpStore
	handlers.SetUpStore
	handlers.PasswordStore
	handlers.VerificationStore
	handlers.ProfileStore
	handlers.SessionStore
	handlers.OrganizationStore
	handlers.MembersStore
	handlers.TransferStore
	handlers.RolesStore
	handlers.AccessStore
	handlers.InvitationsStore
	handlers.InviteStore
	handlers.AcceptanceStore
	handlers.MyInvitationsStore
	handlers.AuditStore
	handlers.GeneralStore
	handlers.NotificationStore
	handlers.AdminStore
	handlers.TokensStore
	handlers.ScopesStore
	handlers.CheckStore
	ProbeStore
	handlers.DemoStore
	api.Store
}

// routes is every route there is.
func (s *site) routes() []Route {
	d := s.deps()
	signIn := &handlers.SignIn{Deps: d, Store: s.Store}
	signUp := &handlers.SignUp{Deps: d, Store: s.Store}
	setUp := &handlers.SetUp{Deps: d, Store: s.Store}
	password := &handlers.Password{Deps: d, Store: s.Store}
	verification := &handlers.Verification{Deps: d, Store: s.Store}
	profile := &handlers.Profile{Deps: d, Store: s.Store}
	browsers := &handlers.BrowserSessions{Deps: d, Store: s.Store}
	orgs := &handlers.Organizations{Deps: d, Store: s.Store}
	transfer := &handlers.Transfer{Deps: d, Store: s.Store}
	roles := &handlers.Roles{Deps: d, Store: s.Store}
	access := &handlers.Access{Deps: d, Store: s.Store}
	acceptance := &handlers.Acceptance{Deps: d, Store: s.Store}
	mine := &handlers.MyInvitations{Deps: d, Store: s.Store}
	audit := &handlers.Audit{Deps: d, Store: s.Store}
	general := &handlers.General{Deps: d, Store: s.Store}
	notifications := &handlers.Notifications{Deps: d, Store: s.Store}
	admin := &handlers.Admin{Deps: d, Store: s.Store}
	scopes := &handlers.Scopes{Deps: d, Store: s.Store}
	check := &handlers.Check{Deps: d, Store: s.Store, Key: s.sessions.key, Original: s.original}
	tokens := &handlers.Tokens{Deps: d, Store: s.Store}

	routes := append(s.demoRoutes(), []Route{
		{"GET", "/healthz", Bare, s.healthz, "", 0},
		{"GET", "/readyz", Bare, s.readyz, "", 0},
		{"GET", "/healthz/arrived/:token", Bare, s.arrival, ByAddress, 0},
		{"GET", "/static/:file", Bare, serveAsset, "", 0},
		{"GET", api.Document, Bare, s.api.ShowDocument, "", 0},
		{"GET", api.Docs, Bare, s.api.ShowDocs, "", 0},
		{"GET", checkPath, Asked, check.Answer, "", 0},

		{"GET", "/setup/:token", Public, setUp.Show, ByAddress, 0},
		{"POST", "/setup/:token", Public, setUp.Create, ByAddress, 0},
		{"GET", "/signin", Public, signIn.Show, "", 0},
		{"POST", "/signin", Public, signIn.Create, ByAddress, 0},
		{"POST", "/signout", Public, signIn.End, "", 0},
		{"GET", "/signup", Public, signUp.Show, "", 0},
		{"POST", "/signup", Public, signUp.Create, ByAddress, 0},
		{"GET", "/signup/sent", Public, signUp.Sent, "", 0},
		{"GET", "/password/forgot", Public, password.Forgot, "", 0},
		{"POST", "/password/forgot", Public, password.Send, ByAddress, 0},
		{"GET", "/password/forgot/sent", Public, password.Sent, "", 0},
		{"GET", "/password/reset/:token", Public, password.Reset, ByAddress, 0},
		{"POST", "/password/reset/:token", Public, password.Change, ByAddress, 0},
		{"GET", "/verify/:token", Public, verification.Show, ByAddress, 0},
		{"POST", "/verify/:token", Public, verification.Confirm, ByAddress, 0},

		{"GET", "/invitations/:token", Public, acceptance.Show, ByAddress, 0},
		{"POST", "/invitations/:token/accept", Public, acceptance.Accept, ByAddress, 0},
		{"POST", "/invitations/:token/decline", Public, acceptance.Decline, ByAddress, 0},
		{"POST", "/invitations/:token/renew", Public, acceptance.Renew, ByAddress, 0},
		{"POST", "/invitations/:token/switch", Public, acceptance.Switch, ByAddress, 0},

		{"GET", "/", SignedIn, orgs.Home, "", 0},
		{"GET", "/organizations", SignedIn, orgs.Index, "", 0},
		{"GET", "/organizations/new", SignedIn, orgs.New, "", 0},
		{"POST", "/organizations/new", SignedIn, orgs.Create, ByUser, 0},

		{"GET", "/profile", SignedIn, profile.Show, "", 0},
		{"POST", "/profile", SignedIn, profile.Change, "", 0},
		{"POST", "/profile/address", SignedIn, profile.ChangeAddress, ByUser, 0},
		{"POST", "/profile/verification", SignedIn, verification.Send, ByUser, 0},
		{"GET", "/profile/security", SignedIn, profile.Security, "", 0},
		{"POST", "/profile/password", SignedIn, profile.ChangePassword, ByUser, 0},
		{"GET", "/profile/delete", SignedIn, profile.AskDelete, "", 0},
		{"POST", "/profile/delete", SignedIn, profile.Delete, ByUser, 0},
		{"GET", "/profile/sessions", SignedIn, browsers.Index, "", 0},
		{"POST", "/profile/sessions/end-others", SignedIn, browsers.EndOthers, "", 0},
		{"POST", "/profile/sessions/:id/end", SignedIn, browsers.End, "", 0},

		{"GET", "/profile/invitations", SignedIn, mine.Index, "", 0},
		{"POST", "/profile/invitations/:id/accept", SignedIn, mine.Accept, "", 0},
		{"POST", "/profile/invitations/:id/decline", SignedIn, mine.Decline, "", 0},

		{"GET", "/profile/notifications", SignedIn, notifications.Show, "", 0},
		{"POST", "/profile/notifications", SignedIn, notifications.Choose, "", 0},

		{"GET", "/admin", Operator, admin.Health, "", 0},
		{"POST", "/admin/check", Operator, admin.Check, ByUser, 0},
		{"GET", "/admin/accounts", Operator, admin.Accounts, "", 0},
		{"POST", "/admin/accounts/:id/disable", Operator, admin.Disable, "", 0},
		{"POST", "/admin/accounts/:id/enable", Operator, admin.Enable, "", 0},
		{"GET", "/admin/organizations", Operator, admin.Organizations, "", 0},
		{"POST", "/admin/organizations/:id/plan", Operator, admin.ChangePlan, "", 0},
		{"GET", "/admin/mail", Operator, admin.Mail, "", 0},
		{"POST", "/admin/mail/:id/retry", Operator, admin.Retry, "", 0},
		{"POST", "/admin/mail/:id/cancel", Operator, admin.Cancel, "", 0},
		{"GET", "/admin/audit", Operator, admin.Log, "", 0},
		{"GET", adminTokensPath, Operator, admin.Tokens, "", 0},
		{"POST", adminTokensPath, Operator, admin.CreateToken, ByUser, 0},
		{"GET", adminTokensPath + "/new", Operator, admin.NewToken, "", 0},
		{"GET", adminTokensPath + "/:id/revoke", Operator, admin.AskRevokeToken, "", 0},
		{"POST", adminTokensPath + "/:id/revoke", Operator, admin.RevokeToken, "", 0},

		{"GET", "/o/:slug", Member, orgs.Overview, "", 0},
		{"GET", scopesPath, Member, scopes.Index, "", 0},
		{"GET", scopesPath + "/new", Member, scopes.New, "", 0},
		{"POST", scopesPath, Member, scopes.Create, "", 0},
		{"POST", scopesPath + "/:id/restore", Member, scopes.Restore, "", 0},
		{"GET", scopesPath + "/:id/delete", Member, scopes.AskDelete, "", 0},
		{"POST", scopesPath + "/:id/delete", Member, scopes.Delete, "", 0},
		{"GET", scopePath, Member, scopes.Show, "", 0},
		{"GET", scopePath + "/scopes/:kind", Member, scopes.Index, "", 0},
		{"GET", scopePath + "/scopes/:kind/new", Member, scopes.New, "", 0},
		{"POST", scopePath + "/scopes/:kind", Member, scopes.Create, "", 0},
		{"POST", scopePath + "/scopes/:kind/:id/restore", Member, scopes.Restore, "", 0},
		{"GET", scopePath + "/scopes/:kind/:id/delete", Member, scopes.AskDelete, "", 0},
		{"POST", scopePath + "/scopes/:kind/:id/delete", Member, scopes.Delete, "", 0},
		{"GET", scopePath + "/settings", Member, scopes.Settings, "", 0},
		{"POST", scopePath + "/rename", Member, scopes.Rename, "", 0},
		{"POST", scopePath + "/move", Member, scopes.Move, "", 0},
		{"POST", scopePath + "/archive", Member, scopes.Archive, "", 0},
		{"GET", scopePath + "/delete", Member, scopes.AskEnd, "", 0},
		{"POST", scopePath + "/delete", Member, scopes.End, "", 0},
		{"GET", settingsPath + "/general", Member, general.Show, "", 0},
		{"POST", settingsPath + "/general", Member, general.Rename, "", 0},
		{"POST", settingsPath + "/general/audit", Member, general.Keep, "", 0},
		{"POST", settingsPath + "/general/outsiders", Member, general.Outsiders, "", 0},
		{"GET", settingsPath + "/general/delete", Member, general.AskDelete, "", 0},
		{"POST", settingsPath + "/general/delete", Member, general.Delete, ByUser, 0},
		{"GET", tokensPath, Member, tokens.Index, "", 0},
		{"POST", tokensPath, Member, tokens.Create, ByUser, 0},
		{"GET", tokensPath + "/new", Member, tokens.New, "", 0},
		{"GET", tokensPath + "/tokens/:id/revoke", Member, tokens.AskRevoke, "", 0},
		{"POST", tokensPath + "/tokens/:id/revoke", Member, tokens.Revoke, "", 0},
		{"GET", settingsPath + "/audit", Member, audit.Index, "", 0},
		{"POST", settingsPath + "/audit/export", Member, audit.Export, ByUser, 0},
		{"GET", teamPath + "/transfer", Member, transfer.New, "", 0},
		{"POST", teamPath + "/transfer", Member, transfer.Create, ByUser, 0},
		{"GET", "/o/:slug/settings/roles", Member, roles.Index, "", 0},
		{"GET", settingsPath + "/access", Member, access.Show, "", 0},
		{"GET", scopePath + "/access", Member, access.Show, "", 0},
	}...)
	return slices.Concat(routes, s.people(teamPath), s.people(scopePath+"/members"), s.operations())
}

// people is the routes of a team page: of the organization, or of a child scope.
func (s *site) people(base string) []Route {
	d := s.deps()
	members := &handlers.Members{Deps: d, Store: s.Store}
	invite := &handlers.Invite{Deps: d, Store: s.Store}
	invitations := &handlers.Invitations{Deps: d, Store: s.Store}
	return []Route{
		{"GET", base + "/export", Member, members.Export, ByUser, 0},
		{"GET", base, Member, members.Index, "", 0},
		{"GET", base + "/members/:user", Member, members.Show, "", 0},
		{"GET", base + "/members/:user/role", Member, members.ConfirmRole, "", 0},
		{"POST", base + "/members/:user/role", Member, members.ChangeRole, "", 0},
		{"GET", base + "/members/:user/roles", Member, members.ManageRoles, "", 0},
		{"POST", base + "/members/:user/roles", Member, members.SaveRoles, "", 0},
		{"POST", base + "/undo/:entry", Member, members.Undo, "", 0},
		{"GET", base + "/members/:user/remove", Member, members.Removal, "", 0},
		{"POST", base + "/members/:user/remove", Member, members.Remove, "", 0},
		{"GET", base + "/invite", Member, invite.New, "", 0},
		{"POST", base + "/invite", Member, invite.Again, "", listBody},
		{"POST", base + "/invite/preview", Member, invite.Preview, "", listBody},
		{"POST", base + "/invitations", Member, invitations.Create, Invites, listBody},
		{"POST", base + "/invitations/:id/resend", Member, invitations.Resend, "", 0},
		{"POST", base + "/invitations/:id/revoke", Member, invitations.Revoke, "", 0},
		{"GET", base + "/invitations/:id/edit", Member, invitations.Edit, "", 0},
		{"POST", base + "/invitations/:id/edit", Member, invitations.Edit, "", 0},
		{"POST", base + "/invitations/:id/link", Member, invitations.Link, "", 0},
	}
}

const (
	checkPath    = "/auth/check"
	apiCheckPath = api.Prefix + api.CheckPath
	settingsPath = "/o/:slug/settings"
	scopesPath   = "/o/:slug/scopes/:kind"
	scopePath    = "/o/:slug/s/:scope"
	teamPath     = settingsPath + "/team"
	tokensPath   = settingsPath + "/api"

	adminTokensPath = "/admin/tokens"
)

// The most bytes that a form may have.
const (
	usualBody = 64 << 10
	listBody  = 1 << 20 // a pasted list of addresses
)

func (r Route) bodyLimit() int64 {
	if r.Body == 0 {
		return usualBody
	}
	return r.Body
}

package team

// Permission is a dotted key: one of Roster's own below, or one that the scheme
// declares for the host product.
type Permission string

// Roster's own permissions.
const (
	TeamView           Permission = "team.view"
	TeamInvite         Permission = "team.invite"
	TeamChangeRole     Permission = "team.change_role"
	TeamRemove         Permission = "team.remove"
	ActivityView       Permission = "activity.view"
	AuditView          Permission = "audit.view"
	SettingsManage     Permission = "settings.manage"
	BillingManage      Permission = "billing.manage"
	ScopesManage       Permission = "scopes.manage"
	TokensManage       Permission = "tokens.manage"
	OrganizationDelete Permission = "organization.delete"
	OwnershipTransfer  Permission = "ownership.transfer"
	ReviewRun          Permission = "review.run"
)

// PermissionInfo describes a permission to people.
type PermissionInfo struct {
	Key         Permission
	Label       string // a verb phrase: "Invite people"
	Description string
	Group       string
}

// OwnPermissions lists Roster's own permissions in the order pages show them.
var OwnPermissions = []PermissionInfo{
	{TeamView, "See who is on the team", "The list of members and their roles.", "Team"},
	{TeamInvite, "Invite people", "Send, resend and revoke invitations.", "Team"},
	{TeamChangeRole, "Change roles", "Of the people whose roles this role manages.", "Team"},
	{TeamRemove, "Remove people", "Those whose roles this role manages.", "Team"},
	{ActivityView, "See activity", "Who was here when, and what they did lately.", "Team"},
	{AuditView, "Read the audit log", "Every change, who made it, and sign-ins.", "Settings"},
	{SettingsManage, "Change settings", "Name, address and security of the organization.", "Settings"},
	{ScopesManage, "Manage what is below", "Create, rename and delete what the organization contains.", "Settings"},
	{TokensManage, "Manage API tokens", "Create and revoke tokens.", "Settings"},
	{ReviewRun, "Run access reviews", "Go through all members and keep, lower or remove each.", "Settings"},
	{BillingManage, "Manage plan and billing", "Change the plan and the number of seats.", "Ownership"},
	{OwnershipTransfer, "Transfer ownership", "Hand the organization over to somebody else.", "Ownership"},
	{OrganizationDelete, "Delete the organization", "With everything in it.", "Ownership"},
}

// Package team holds the rules: who may do what to whom, and what follows from
// it. Every decision is a pure function that returns either one value with the
// change and its audit entry, or an *Error that explains itself. The package
// knows no HTTP, no SQL, no files and no clock: time comes in as a value.
//
// # Glossary
//
// The words below are the product's own; each has one meaning and one name in
// addresses, types, tables and headings.
//
//   - user: an account on this instance; one address, one name, ways to sign in.
//   - organization: the top scope. scope: an organization, or a child of one
//     (tenant, project, sub-organization); at most three levels, the
//     organization counted.
//   - personal organization: one that an account owns for good, and that goes
//     with it, where the scheme says that every user owns one.
//   - scheme: the data that says which roles, child scopes, modules and plans
//     an organization has (package team/scheme reads the files).
//   - membership: a user's role, and module grants, in one scope.
//   - role: a name in the scheme for one kind of scope. It lists the roles it
//     manages (may change from, remove, revoke invitations of) and the roles it
//     grants (may invite as, change to).
//   - permission: a dotted key such as team.invite.
//   - invitation: an address, an organization and one or more grants; pending
//     until accepted, declined, revoked or expired. grant: what an invitation
//     gives in one scope.
//   - sponsor: who answers for an invitation: the inviter, or whoever took it over.
//   - seat: one person with any access in the organization, or one pending
//     invitation for a person who has none yet.
//   - entry: a line of the audit log. event: something that a person did in the
//     host product, as that one tells. letter: a mail to one person.
//   - token: what a program acts with: for an organization, for a person in it, or
//     for the instance. repeat: a request that a program sends under a key of its
//     own, which is done once however often it is sent.
//   - operator: who runs the instance; acts from the command line or /admin.
//
// # Invariants
//
// An organization is never without an owner; in a single-owner scheme it never
// has two. A person has at most one membership in a scope. A plan's seats are
// never exceeded by an invitation (rule 7). The store keeps these by taking
// every decision under the organization's lock.
package team

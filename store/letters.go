package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"roster/team"
)

// letter fills a queued letter from what is true now. It is not good any more
// where what it tells of has ended: a revoked or replaced invitation, a link
// that was used, an account that is gone (H4).
func (db *DB) letter(ctx context.Context, q queued) (team.Letter, bool, error) {
	l := team.Letter{ID: q.id, Kind: team.LetterKind(q.kind), Attempt: q.attempts, To: q.recipient, At: moment(q.created)}
	if q.user != "" {
		to, err := account(ctx, db.read, q.user)
		if errors.Is(err, error(team.ErrNotFound)) {
			return l, false, nil
		}
		if err != nil {
			return l, false, err
		}
		l.ToName, l.TimeZone = to.Name, to.TimeZone
		// Who is asked for a new link was chosen with an eye on this already.
		if quiet, err := db.QuietLetters(ctx, q.user); err != nil || l.Kind != team.LetterRenewal && !quiet.Wants(l.Kind) {
			return l, false, err
		}
	}
	if q.actor != "" {
		if err := db.nameActor(ctx, q, &l); err != nil {
			return l, false, err
		}
	}
	if q.org != "" {
		return db.organizationLetter(ctx, q, l)
	}
	return db.accountLetter(ctx, q, l)
}

// nameActor names who did it: a person, or a token of the organization.
func (db *DB) nameActor(ctx context.Context, q queued, l *team.Letter) error {
	actor, err := account(ctx, db.read, q.actor)
	if errors.Is(err, error(team.ErrNotFound)) && q.org != "" {
		t, err := token(ctx, db.read, q.org, q.actor)
		if err == nil {
			l.ActorName = t.Name + " (API token)"
		}
		return unlessGone(err)
	}
	l.ActorName, l.ActorEmail = actor.Name, actor.Email
	return unlessGone(err)
}

// unlessGone is nil for what is no longer there.
func unlessGone(err error) error {
	if errors.Is(err, error(team.ErrNotFound)) {
		return nil
	}
	return err
}

func (db *DB) organizationLetter(ctx context.Context, q queued, l team.Letter) (team.Letter, bool, error) {
	o, err := one(ctx, db.read, scanOrganization, `SELECT `+organizationColumns+` FROM organizations o WHERE o.id = $1 AND o.deleted_at = 0`, q.org)
	if errors.Is(err, error(team.ErrNotFound)) {
		return l, false, nil
	}
	if err != nil {
		return l, false, fmt.Errorf("read organization %s: %w", q.org, err)
	}
	s, err := db.scheme(o.Scheme)
	if err != nil {
		return l, false, err
	}
	l.Organization, l.Noun = o.Name, s.Noun.One
	page := "/o/" + o.Slug + "/settings/team"
	switch l.Kind { //nolint:exhaustive // letters about an account have no organization
	case team.LetterInvitation, team.LetterReminder:
		return db.invitationLetter(ctx, q, l, s)
	case team.LetterAccepted:
		l.Path = page
		return db.aboutInvitation(ctx, q, l, s)
	case team.LetterRenewal:
		l.Path, l.Message = page+"?tab=invitations", q.detail
		return db.aboutInvitation(ctx, q, l, s)
	case team.LetterRole:
		l.Path = "/o/" + o.Slug
		if entry, ok := strings.CutPrefix(q.detail, entryDetail); ok {
			return db.accessLetter(ctx, q, l, s, entry)
		}
		before, after, _ := strings.Cut(q.detail, " ")
		key, _, _ := strings.Cut(after, " ")
		was, _ := s.Role(before)
		is, _ := s.Role(key)
		l.RoleBefore = was.Label
		describeRole(&l, s, is)
		if _, scopeID, below := strings.Cut(after, " "); below {
			err = db.aboutScope(ctx, &l, s, o, scopeID)
		}
	case team.LetterRemoved:
		if q.detail != "" {
			err = db.aboutScope(ctx, &l, s, o, q.detail)
			l.Path = ""
		}
	case team.LetterWelcome:
		describeRole(&l, s, s.OwnerRole())
		return db.resetLetter(ctx, q, l, welcomeLife)
	case team.LetterToken:
		l.Path = "/o/" + o.Slug + "/settings/api"
		return db.tokenLetter(ctx, q, l, s)
	case team.LetterTransfer:
		l.Path = page
		err = db.transferLetter(ctx, q, &l, s)
	}
	return l, true, err
}

// transferLetter says what the reader was and is, and whose the organization is
// now; that one may be gone again.
func (db *DB) transferLetter(ctx context.Context, q queued, l *team.Letter, s *team.Scheme) error {
	before, rest, _ := strings.Cut(q.detail, " ")
	after, owner, _ := strings.Cut(rest, " ")
	was, _ := s.Role(before)
	is, _ := s.Role(after)
	l.RoleBefore = was.Label
	describeRole(l, s, is)
	to, err := account(ctx, db.read, owner)
	if errors.Is(err, error(team.ErrNotFound)) {
		return nil
	}
	l.OwnerName, l.OwnerEmail = to.Name, to.Email
	return err
}

// invitationLetter signs the link of an invitation that is still pending and of
// the generation the letter was queued for.
func (db *DB) invitationLetter(ctx context.Context, q queued, l team.Letter, s *team.Scheme) (team.Letter, bool, error) {
	row, err := invitation(ctx, db.read, q.org, q.invitation)
	if err != nil {
		return l, false, err
	}
	inv := row.Invitation
	if inv.Status(db.now()) != team.Pending || inv.Generation != q.generation {
		return l, false, nil
	}
	l.Message, l.EndsAt = inv.Message, inv.ExpiresAt
	l.Path = db.invitationPath(team.MailedInvitation, inv)
	aboutGrants(&l, s, inv)
	return l, true, nil
}

// aboutGrants says what an invitation gives: where it leads first, and what else.
func aboutGrants(l *team.Letter, s *team.Scheme, inv team.Invitation) {
	for i, g := range inv.Grants {
		role, _ := s.Role(g.Role)
		k, below := s.Kind(g.Kind)
		switch {
		case i > 0:
			l.Besides = append(l.Besides, role.Label+" in "+g.ScopeName)
		case below:
			l.Within, l.Organization, l.Noun = l.Organization, g.ScopeName, k.Noun.One
			fallthrough
		default:
			describeRole(l, s, role)
		}
	}
}

// aboutScope makes a letter one about a child scope, by the name it has now, also
// where it is deleted since.
func (db *DB) aboutScope(ctx context.Context, l *team.Letter, s *team.Scheme, o team.Organization, scopeID string) error {
	at, err := one(ctx, db.read, scanScope, `SELECT `+scopeColumns+` FROM scopes s WHERE s.id = $1 AND s.organization_id = $2`, scopeID, o.ID)
	if errors.Is(err, error(team.ErrNotFound)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read scope %s: %w", scopeID, err)
	}
	k, _ := s.Kind(at.Kind)
	l.Within, l.Organization, l.Noun, l.Path = l.Organization, at.Name, k.Noun.One, l.Path+"/s/"+at.ID
	return nil
}

// aboutInvitation fills a letter to the sponsor: the actor is the invited person.
func (db *DB) aboutInvitation(ctx context.Context, q queued, l team.Letter, s *team.Scheme) (team.Letter, bool, error) {
	row, err := invitation(ctx, db.read, q.org, q.invitation)
	if err != nil {
		return l, false, err
	}
	l.ActorEmail = row.Email
	aboutGrants(&l, s, row.Invitation)
	if first := scopeOf(row.Invitation); first != q.org && l.Within != "" {
		slug, query, _ := strings.Cut(strings.TrimPrefix(l.Path, "/o/"), "/settings/team")
		l.Path = "/o/" + slug + "/s/" + first + "/members" + query
	}
	return l, true, nil
}

// describeRole says in words what a role may and may not do: the host product's
// permissions where the scheme declares any, else Roster's own.
func describeRole(l *team.Letter, s *team.Scheme, r team.Role) {
	l.Role = r.Label
	l.Can, l.Cannot = s.RoleInWords(r)
}

func (db *DB) accountLetter(ctx context.Context, q queued, l team.Letter) (team.Letter, bool, error) {
	switch l.Kind { //nolint:exhaustive // letters about an organization are told elsewhere
	case team.LetterReset:
		return db.resetLetter(ctx, q, l, resetLife)
	case team.LetterVerify:
		return db.verifyLetter(ctx, q, l)
	case team.LetterExists:
		l.Path = "/signin"
	case team.LetterSignIn:
		l.Address, l.Device, _ = strings.Cut(q.detail, " ")
		l.Path = "/profile/sessions"
	case team.LetterToken:
		l.Path, l.Noun = "/admin/tokens", "server"
		return db.tokenLetter(ctx, q, l, nil)
	case team.LetterPassword, team.LetterAddress:
		l.Path = "/password/forgot"
	}
	return l, true, nil
}

package store

import (
	"context"
	"errors"

	"roster/team"
)

// TransferOwnershipAs hands the organization over to another member, as its
// owner asks for with the phrase typed and their password (B6). There is no
// undo. All but the password is decided first, so that who may not ask learns
// no more than that; then the password is checked outside of the lock, because
// that takes long; then all is decided again.
func (db *DB) TransferOwnershipAs(ctx context.Context, actor team.Actor, organizationID, toUserID, confirm, password string) (team.Transferred, error) {
	var out handOver
	decide := func(c *change) (err error) {
		out, err = c.handOver(ctx, toUserID, confirm)
		return err
	}
	if err := db.change(ctx, organizationID, actor, decide); err != nil {
		return team.Transferred{}, err
	}
	if err := db.provenFor(ctx, actor, organizationID, password, out.moved.Entry); err != nil {
		return team.Transferred{}, err
	}
	err := db.change(ctx, organizationID, actor, func(c *change) error {
		if err := decide(c); err != nil {
			return err
		}
		return c.transfer(ctx, out.from, out.to)
	})
	return out.moved, err
}

// handOver is a transfer between two memberships as they are now.
type handOver struct {
	from, to member
	moved    team.Transferred
}

// handOver re-reads under the lock who hands over and who takes over, and
// decides. For who has no access there is no organization (rule 8).
func (c *change) handOver(ctx context.Context, toUserID, confirm string) (h handOver, err error) {
	about := team.Done(team.OwnershipMoved, team.OnOrganization, c.org.ID, c.org.ID)
	party, err := c.party(ctx, c.org.ID)
	if err != nil {
		return h, err
	}
	if refused := team.MayTransfer(c.scheme, party); refused != nil {
		return h, refused.Refused(about)
	}
	if h.from, err = c.membership(ctx, c.org.ID, c.actor.UserID); err != nil {
		return h, err
	}
	h.to, err = c.membership(ctx, c.org.ID, toUserID)
	if errors.Is(err, error(team.ErrNotFound)) {
		return h, team.Wrong("user", "not_member", "Choose a member of %s.", c.org.Name).Refused(about)
	}
	if err != nil {
		return h, err
	}
	h.moved, err = team.AskTransfer(c.scheme, party, h.from.Membership, h.to.Membership, c.org.Slug, confirm)
	if err == nil && h.to.inactive {
		err = team.Wrong("user", "owner_disabled", "The account of %s is disabled. Choose another member.", h.to.Name).Refused(h.moved.Entry)
	}
	return h, err
}

// errProofNeeded is that a token came alone: whoever stole it would take all there is.
var errProofNeeded = team.Wrong("password", "proof_needed", "A token alone does not do this: send your password with it, too.")

// provenFor checks the actor's password before something weighty in an
// organization, which remembers it where it was the wrong one.
func (db *DB) provenFor(ctx context.Context, actor team.Actor, organizationID, password string, attempt team.Entry) error {
	if actor.TokenID != "" && password == "" {
		return errProofNeeded
	}
	_, err := db.provenBy(ctx, actor, password)
	e, ok := errors.AsType[*team.Error](err)
	if err == nil || !ok || e.Kind == team.SignedOut || e.Kind == team.Unavailable {
		return err
	}
	if e.Field != "" {
		e = team.Wrong("password", e.Code, "%s", e.Message)
	}
	return db.change(ctx, organizationID, actor, func(*change) error { return e.Refused(attempt) })
}

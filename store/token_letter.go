package store

import (
	"context"
	"errors"
	"strings"

	"roster/team"
)

// tellMaker tells whose account made a token: who got hold of a session could make
// one that outlives it. The command line has no account.
func (tx *Tx) tellMaker(ctx context.Context, actor team.Actor, t team.Token) error {
	if actor.UserID == "" {
		return nil
	}
	a, err := account(ctx, tx, actor.UserID)
	if err != nil {
		return err
	}
	_, err = tx.queue(ctx, letter{
		kind: team.LetterToken, to: team.Membership{UserID: a.ID, Email: a.Email}, org: t.OrganizationID, detail: t.ID + " " + actor.Address,
	})
	return err
}

// tokenLetter says what a new token is called and acts as. It goes out for one that
// was revoked since, too.
func (db *DB) tokenLetter(ctx context.Context, q queued, l team.Letter, s *team.Scheme) (team.Letter, bool, error) {
	id, address, _ := strings.Cut(q.detail, " ")
	t, err := token(ctx, db.read, q.org, id)
	if errors.Is(err, error(team.ErrNotFound)) {
		return l, false, nil
	}
	if err != nil {
		return l, false, err
	}
	l.Token, l.Address = t.Name, address
	label := t.Role
	if s != nil {
		r, _ := s.Role(t.Role)
		label = r.Label
	}
	switch t.Kind {
	case team.TokenInstance:
		l.Role = "An operator, in every organization"
	case team.TokenPersonal:
		if l.Role = "You, with all you may do there"; label != "" {
			l.Role = "You, but no more than " + label
		}
	case team.TokenOrganization:
		l.Role = label
		l.Path += "?tab=organization"
	}
	return l, true, nil
}

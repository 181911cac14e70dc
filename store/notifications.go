package store

import (
	"context"
	"fmt"

	"roster/team"
)

// QuietLetters returns the letters that somebody does not want.
func (db *DB) QuietLetters(ctx context.Context, userID string) (team.Quiet, error) {
	text, err := one(ctx, db.read, scanText, `SELECT quiet FROM users WHERE id = $1`, userID)
	if err != nil {
		return nil, fmt.Errorf("read choice of letters of %s: %w", userID, err)
	}
	return team.ParseQuiet(text), nil
}

// ChooseLetters sets which letters the actor gets: those ticked, of those there
// is a choice about.
func (db *DB) ChooseLetters(ctx context.Context, actor team.Actor, wanted []string) error {
	next, err := team.ChooseLetters(wanted)
	if err != nil {
		return err
	}
	return db.inTx(ctx, func(tx *Tx) error {
		a, _, err := tx.lockAccount(ctx, actor.UserID)
		if err != nil {
			return err
		}
		before, err := one(ctx, tx, scanText, `SELECT quiet FROM users WHERE id = $1`, a.ID)
		if err != nil {
			return fmt.Errorf("read choice of letters of %s: %w", a.ID, err)
		}
		if before == next.String() {
			return nil
		}
		if err := tx.do(ctx, "choose letters", `UPDATE users SET quiet = $1 WHERE id = $2`, next.String(), a.ID); err != nil {
			return err
		}
		return tx.appendEntry(ctx, instanceChain, actor, team.Done(team.AccountChanged, team.OnAccount, a.ID, "",
			team.Change{Field: "letters_off", Before: before, After: next.String()}))
	})
}

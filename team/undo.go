package team

import (
	"maps"
	"time"
)

// UndoFor is how long whoever changed a role may take it back with one click; the
// letter about the change waits as long (B3, F4).
const UndoFor = time.Minute

// OffersUndo reports whether who made a change of role could take it back now:
// not where the scheme asked first (B3), not on the command line, and not where
// the role before is no longer theirs to give. actor and owners are as the change
// has left them.
func OffersUndo(s *Scheme, actor Party, change RoleChange, owners int) bool {
	if !change.Changed || actor.Operator || s.ConfirmRoleChange {
		return false
	}
	_, err := ChangeRole(s, actor, change.Member, change.Before, owners)
	return err == nil
}

// UndoRole decides whether actor may take back a change of role that they made.
// It is a change of role like any other, under the same rules; done is its entry.
func UndoRole(s *Scheme, actor Party, done Record, target Membership, owners int, now time.Time) (RoleChange, error) {
	if done.Action != MemberRoleChanged || done.Result != Success || done.TargetID != target.UserID || len(done.Changes) == 0 ||
		done.Actor.Kind != ByUser || done.Actor.UserID != actor.UserID || s.ConfirmRoleChange {
		return RoleChange{}, ErrNotFound
	}
	if now.Sub(done.At) > UndoFor {
		return RoleChange{}, Refuse(Conflict, "undo_over", "It is too late to undo that. Change the role again instead.")
	}
	change := done.Changes[0]
	if target.Role != change.After {
		return RoleChange{}, Refuse(Conflict, "undo_stale", "The role of %s has changed again since. Look at it, then decide.", target.Name)
	}
	out, err := ChangeRole(s, actor, target, change.Before, owners)
	if err != nil || !out.Changed {
		return out, err
	}
	out.Member.Modules = levelsBefore(target.Modules, done.Changes)
	out.Entry.Changes = s.roleChanges(target, out.Member)
	return out, nil
}

// levelsBefore takes back the levels that a change has set, and leaves the others:
// whoever had none in any module gets none by coming back to a role that gives some.
func levelsBefore(now map[string]Level, done []Change) map[string]Level {
	out := map[string]Level{}
	maps.Copy(out, now)
	for _, c := range done {
		if c.Field != "modules" {
			continue
		}
		for _, l := range levelsIn(c.Before) {
			if delete(out, l[0]); Level(l[1]).AtLeast(LevelRead) {
				out[l[0]] = Level(l[1])
			}
		}
	}
	return out
}

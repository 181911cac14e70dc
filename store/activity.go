package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"roster/team"
)

const activityCounted = 500 // entries, and events, that a summary looks at, at most

// MemberActivity returns what a member of the organization did lately, here and in
// the host product, and what was done about them, newest first (A8, B9). Addresses
// and refused attempts are for those who may read the audit log. What it costs is
// the same however long the log is, and however much the host product tells.
func (db *DB) MemberActivity(ctx context.Context, v team.Viewer, userID string) (team.Activity, error) {
	var out team.Activity
	if v.Account.ID != userID {
		if err := v.Access.Require(team.ActivityView); err != nil {
			return out, err
		}
	}
	full := v.Access.Can(team.AuditView)
	f := team.AuditFilter{Person: userID, Limit: team.ActivityShown}
	if !full {
		f.Result = team.Success
	}
	page, err := db.entries(ctx, v.Organization.ID, f)
	if err != nil {
		return out, err
	}
	for i, r := range page.Items {
		if !full {
			page.Items[i] = r.Activity()
		}
	}
	// Who accepted an invitation has joined: one of the two entries says it.
	out.Records = slices.DeleteFunc(page.Items, func(r team.Record) bool {
		return r.Action == team.InvitationAccepted && r.Result == team.Success && r.Actor.UserID == userID
	})
	return out, db.countActivity(ctx, v.Organization.ID, userID, &out)
}

// countActivity fills in what the person did within the days that the summary
// tells of, and the newest events of the host product.
func (db *DB) countActivity(ctx context.Context, chain, userID string, out *team.Activity) error {
	since := millis(db.now().Add(-team.ActivityDays * 24 * time.Hour))
	actions, err := all(ctx, db.read, func(s scanner) (team.Action, error) {
		var a team.Action
		return a, s.Scan(&a)
	}, `SELECT action FROM audit_entries WHERE chain_id = $1 AND actor_id = $2 AND result = 'success' AND at >= $3
		ORDER BY at DESC, seq DESC LIMIT $4`, chain, userID, since, activityCounted)
	if err != nil {
		return fmt.Errorf("count activity of %s: %w", userID, err)
	}
	events, err := db.eventsBy(ctx, chain, userID, activityCounted)
	if err != nil {
		return err
	}
	out.Did, out.DidHost = map[team.Action]int{}, map[string]int{}
	for _, a := range actions {
		out.Did[a]++
	}
	recent := 0
	for ; recent < len(events) && millis(events[recent].At) >= since; recent++ {
		out.DidHost[events[recent].Action]++
	}
	out.More = len(actions) == activityCounted || recent == activityCounted
	out.Events = events[:min(len(events), team.ActivityShown)]
	return nil
}

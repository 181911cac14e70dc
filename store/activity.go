package store

import (
	"cmp"
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

// deed is an entry of the log, or an event of the host product.
type deed struct {
	team.Event
	entry bool
}

// countActivity fills in what the person did within the days that the summary
// tells of, and the newest events of the host product. What has been kept too long
// is left out before it is dropped (rule 10).
func (db *DB) countActivity(ctx context.Context, chain, userID string, out *team.Activity) error {
	since := millis(db.now().Add(-team.ActivityDays * 24 * time.Hour))
	deeds, err := all(ctx, db.read, func(s scanner) (deed, error) {
		d := deed{Event: team.Event{UserID: userID}}
		var at int64
		err := s.Scan(&d.entry, &d.ID, &at, &d.Action, &d.Resource)
		d.At = moment(at)
		return d, err
	}, `SELECT * FROM (SELECT TRUE, '', a.at, a.action, '' FROM audit_entries a WHERE a.chain_id = $1 AND a.actor_id = $2 AND a.result = 'success' AND a.at >= $3
			ORDER BY a.at DESC, a.seq DESC LIMIT $4) did
		UNION ALL SELECT * FROM (SELECT FALSE, e.id, e.at, e.action, e.resource FROM events e WHERE e.user_id = $2 AND e.organization_id = $1 AND e.at > $5
			ORDER BY e.at DESC, e.id DESC LIMIT $4) told`, chain, userID, since, activityCounted, millis(db.now().Add(-team.EventsKept)))
	if err != nil {
		return fmt.Errorf("count activity of %s: %w", userID, err)
	}
	out.Did, out.DidHost = map[team.Action]int{}, map[string]int{}
	entries, recent := 0, 0
	for _, d := range deeds {
		switch {
		case d.entry:
			out.Did[team.Action(d.Action)]++
			entries++
			continue
		case millis(d.At) >= since:
			out.DidHost[d.Action]++
			recent++
		}
		out.Events = append(out.Events, d.Event)
	}
	out.More = entries == activityCounted || recent == activityCounted
	// No statement of two parts promises an order.
	slices.SortFunc(out.Events, func(a, b team.Event) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	out.Events = out.Events[:min(len(out.Events), team.ActivityShown)]
	return nil
}

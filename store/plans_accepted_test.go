package store_test

// accepted are sorts of a few rows that no index serves, and why they stay few.
var accepted = []struct{ text, fault, reason string }{
	{"WITH RECURSIVE up", "TEMP B-TREE FOR ORDER BY", "a scope has two others above it at most"},
	{"WITH RECURSIVE up", "SCAN up", "the same"},
	{"(SELECT * FROM memberships WHERE user_id = $2) m CROSS JOIN", "USE TEMP B-TREE FOR ORDER BY", "the scopes that somebody was added to"},
	{"WITH RECURSIVE held", "SCAN ", "fifty scopes at most that somebody was added to, with those above them"},
	{"WITH RECURSIVE held", "TEMP B-TREE", "the same"},
	{"(SELECT 1 AS x) one", "SCAN ", "one line, for what is there or not"},
	{"json_each(", "SCAN a ", "what is asked about, a thousand at most"},
	{"AS section", "SCAN s", "parts of a list, each cut to a page"},
	{"ORDER BY scope_id LIMIT 200) m", "SCAN ", "what a limit ends is read whole: 200 memberships, and 30 children by the start of their name"},
	{"WITH RECURSIVE reach", "SCAN ", "some dozens of scopes at most that somebody was added to, with those above them"},
	{"WITH RECURSIVE reach", "TEMP B-TREE", "the same"},
	{"WITH RECURSIVE down", "", "reads what it is about to delete"},
	{"FROM (SELECT 1 FROM users LIMIT 1) u", "SCAN u", "ends at the first row"},
	{"FROM (SELECT 1 FROM users LIMIT 1) u", "Seq Scan on users", "ends at the first row"},
	{"AND m.inactive ORDER BY f.num", "actual rows=", "a search among a few goes through what it finds until a page of theirs is full"},
	{"FROM scopes WHERE leaving", "INDEX scopes_leaving", "only what was deleted and is being emptied stands in the index"},
	{"FROM handovers", "handovers", "a row for each who left with hundreds of invitations, until the next sweep"},
	{"(SELECT TRUE, '', a.at", "", "500 at most of each are counted; of many more, they come from the index in order"},
	{"(SELECT 'scope', s.id", "SCAN below", "the lists of what one person holds, each with its limit"},
	{"(SELECT 'scope', s.id", "SCAN made", "the same"},
	{"(SELECT 'scope', s.id", "SCAN own", "the same"},
	{"(SELECT 'scope', s.id", "SCAN held", "the same"},
	{"e.action = $2 AND e.result = 'failure' AND e.actor_id", "", "refused attempts of one person, of which sixty an hour are kept at most"},
	{"SELECT MAX(at) FROM (SELECT at FROM events", "", "reads what it is about to drop, and a limit ends it"},
}

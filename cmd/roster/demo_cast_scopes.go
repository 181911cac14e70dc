package main

import (
	"maps"
	"time"

	"roster/team"
)

// demoStridewell is an organization with tenants, and projects in them: clients of
// a maker of wearables, each with people of its own. Other people of a client come
// to one project alone.
var demoStridewell = demoOrganization{
	scheme: "tenanted", slug: "stridewell", name: "Stridewell Labs", domain: "stridewell.example", age: 11 * demoMonth,
	people: []int{1, 3, 30}, known: map[int][]int{1: {0}}, gone: 3, refused: 3,
	waiting: []demoWaiting{
		{email: "field.tester@stridewell.example", role: 2, ago: 28 * time.Hour, message: "Welcome to the field team. Your first project comes with the next invitation."},
		{email: "sales@full.example", role: 2, ago: 4 * time.Hour},
		{email: "summer.intern@stridewell.example", role: 2, ago: 13 * demoDay},
		{email: "second.thoughts@stridewell.example", role: 2, ago: 8 * demoDay, then: declined},
	},
	scopes: []demoScope{
		{
			kind: "tenant", name: "Northgate Hospital", age: 10 * demoMonth, people: []int{2, 5}, changes: true,
			inside: []demoScope{
				{
					kind: "project", name: "Gait study", age: 9 * demoMonth, people: []int{1, 3, 2}, guests: []int{0, 1, 3}, domain: "northgate.example", changes: true,
					waiting: []demoWaiting{
						{email: "dr.amundsen@northgate.example", role: 2, ago: 20 * time.Hour, message: "This shows you the recordings of your ward, and nothing else."},
						{email: "research.office@gone.example", role: 2, ago: 6 * time.Hour},
						{email: "prof.iversen@northgate.example", role: 2, ago: 3 * demoDay, also: "Sleep at home", message: "Both studies at once: the recordings and the nights."},
						{email: "ward.nurse@northgate.example", role: 2, ago: 9 * demoDay},
					},
				},
				{
					kind: "project", name: "Sleep at home", age: 6 * demoMonth, people: []int{0, 2, 1}, guests: []int{1, 0, 1}, domain: "northgate.example",
					waiting: []demoWaiting{{email: "night.shift@busy.example", role: 2, ago: 33 * time.Minute}},
				},
				{kind: "project", name: "Pilot of last year", age: 10 * demoMonth, people: []int{1, 2}, archived: 4 * demoMonth},
			},
		},
		{
			kind: "tenant", name: "Fjord Rowing Federation", age: 8 * demoMonth, people: []int{1, 4}, changes: true,
			inside: []demoScope{
				{kind: "project", name: "Juniors", age: 7 * demoMonth, people: []int{1, 2, 1}, guests: []int{0, 1, 2}, domain: "fjordrowing.example", changes: true},
				{
					kind: "project", name: "National squad", age: 5 * demoMonth, people: []int{1, 2}, guests: []int{0, 0, 2}, domain: "fjordrowing.example",
					waiting: []demoWaiting{{email: "coach@fjordrowing.example", role: 1, ago: 5 * demoDay, then: resent}},
				},
			},
		},
		{
			kind: "tenant", name: "Kite Insurance", age: 4 * demoMonth, people: []int{1, 3},
			inside: []demoScope{{kind: "project", name: "Ten thousand steps", age: 3 * demoMonth, people: []int{0, 2, 2}, guests: []int{0, 0, 1}, domain: "kite.example"}},
		},
		{kind: "tenant", name: "Harbor Museum", age: 20 * demoDay, people: []int{1}},
		{
			kind: "tenant", name: "Old Mill Gym", age: 9 * demoMonth, people: []int{1, 2}, archived: 2 * demoMonth,
			inside: []demoScope{{kind: "project", name: "Trial", age: 8 * demoMonth, people: []int{0, 1}}},
		},
	},
}

// demoPaperplane is an organization whose members hold modules: jobs are
// combinations of them. Each of its people owns a personal organization besides.
var demoPaperplane = demoOrganization{
	scheme: "modular", slug: "paperplane", name: "Paperplane", domain: "paperplane.example", age: 7 * demoMonth,
	people: []int{3, 17}, known: map[int][]int{1: {0}}, gone: 2, refused: 3,
	waiting: []demoWaiting{
		{email: "api.author@paperplane.example", role: 1, ago: 9 * time.Hour, message: "You get to read everything at first. Tell me what you work on, and I set the rest."},
		{email: "auditor@gone.example", role: 1, ago: 2 * demoDay},
		{email: "left.before.starting@paperplane.example", role: 1, ago: 10 * demoDay},
		{email: "wrong.address@paperplane.example", role: 1, ago: 3 * demoDay, then: revoked},
	},
	skills: []demoSkill{
		{label: "a developer", members: 5, modules: levels(map[string]team.Level{"api": team.LevelWrite, "tests": team.LevelRead, "billing": team.LevelNone})},
		{label: "a tester", members: 4, modules: levels(map[string]team.Level{"api": team.LevelRead, "tests": team.LevelWrite, "billing": team.LevelNone})},
		{label: "a billing administrator", members: 2, modules: levels(map[string]team.Level{"api": team.LevelNone, "tests": team.LevelNone, "billing": team.LevelWrite, "details": team.LevelWrite})},
		{label: "a contractor", members: 1, modules: levels(map[string]team.Level{"api": team.LevelWrite, "tests": team.LevelNone, "billing": team.LevelNone, "details": team.LevelNone})},
	},
	scopes: []demoScope{
		{
			kind: "sub_organization", name: "Paperplane Labs", age: 6 * demoMonth, people: []int{1, 4}, guests: []int{0, 3}, domain: "glider.example", changes: true,
			waiting: []demoWaiting{
				{email: "wind.tunnel@glider.example", role: 1, ago: 31 * time.Hour, message: "For the experiments only; the rest of Paperplane stays as it is for you."},
				{email: "lab.access@full.example", role: 1, ago: 7 * time.Hour},
			},
		},
		{kind: "sub_organization", name: "Paperplane Studio", age: 4 * demoMonth, people: []int{1, 3}, guests: []int{1, 2}, domain: "origami.example"},
		{kind: "sub_organization", name: "Road show", age: 5 * demoMonth, people: []int{0, 3}, archived: demoMonth},
	},
}

// levels are what somebody holds of each module: read, but where it says another.
func levels(other map[string]team.Level) map[string]team.Level {
	out := map[string]team.Level{"api": team.LevelRead, "tests": team.LevelRead, "billing": team.LevelRead, "team": team.LevelRead, "details": team.LevelRead}
	maps.Copy(out, other)
	return out
}

package handlers

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"roster/team"
)

// G6: nothing in a cell is computed by a spreadsheet, and what is harmless stays
// as it is.
func TestG6CellsAreSafe(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "",
		"Maya Okafor":                "Maya Okafor",
		"maya@example.com":           "maya@example.com",
		"Jean-Luc":                   "Jean-Luc",
		"O’Neill, Shaq":              "O’Neill, Shaq",
		"=1+1":                       "'=1+1",
		"+49 30 1234":                "'+49 30 1234",
		"-2":                         "'-2",
		"@SUM(A1)":                   "'@SUM(A1)",
		"\t=1":                       "'\t'=1",
		"\r=1":                       "'\r'=1",
		"\n=1":                       "'\n'=1",
		"  =1":                       "'  =1",
		"＝1+1":                       "'＝1+1",
		"＠A1":                        "'＠A1",
		"x;=HYPERLINK(\"a\")":        "x;'=HYPERLINK(\"a\")",
		"x\n=cmd|' /C calc'!A0":      "x\n'=cmd|' /C calc'!A0",
		"x|-1":                       "x|'-1",
		"a; - b":                     "a; '- b",
		"=HYPERLINK(\"http://x\",1)": "'=HYPERLINK(\"http://x\",1)",
		"日本":                         "日本",
	} {
		if got := safeCell(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// FuzzCell: whatever somebody is called, the file reads back with as many cells
// as were written, none of which a spreadsheet computes.
func FuzzCell(f *testing.F) {
	for _, seed := range []string{"=1+1", "\t@x", "a,b", "a\"b", "x\r\n=1", "＝1", ";=1", " +1", "\x00", "\xff", "\xff=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cells, err := csv.NewReader(strings.NewReader(csvLine([]string{s, "after"}))).Read()
		if err != nil || len(cells) != 2 || cells[1] != "after" {
			t.Fatalf("%q: %q, %v", s, cells, err)
		}
		if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cells[0], " ")); strings.ContainsRune(formula, first) {
			t.Fatalf("%q begins a formula: %q", s, cells[0])
		}
	})
}

// The columns are a promise to people's spreadsheets: new ones come last.
func TestExportColumns(t *testing.T) {
	t.Parallel()
	r := team.Record{
		Seq: 7, At: time.Date(2026, 11, 21, 12, 0, 0, 5e6, time.UTC), Actor: team.Actor{Kind: team.ByUser, UserID: "u-1", SessionID: "s-1", Address: "192.0.2.1"},
		ActorName: "=Maya", TargetName: "Omar", Hash: "00ff",
		Entry: team.Done(team.MemberRemoved, team.OnMember, "u-2", "o-1", team.Change{Field: "role", Before: "admin"}),
	}
	if got := len(auditRow(&team.Scheme{}, r)); got != len(auditColumns) {
		t.Errorf("%d cells under %d columns", got, len(auditColumns))
	}
	line := csvLine(auditRow(&team.Scheme{}, r))
	want := "7,2026-11-21T12:00:00.005Z,success,member.removed,\"'=Maya removed Omar, whose role was admin.\",'=Maya,u-1,user,192.0.2.1,s-1,Omar,member,u-2,role=admin,role=,,o-1,00ff,\r\n"
	if line != want {
		t.Errorf("got  %q\nwant %q", line, want)
	}
	text, err := jsonLine(newAuditLine(&team.Scheme{}, r))
	if err != nil || text != `{"entry":7,"time":"2026-11-21T12:00:00.005Z","result":"success","action":"member.removed","what":"=Maya removed Omar, whose role was admin.",`+
		`"who":{"kind":"user","id":"u-1","name":"=Maya","address":"192.0.2.1","session":"s-1"},"about":{"kind":"member","id":"u-2","name":"Omar"},`+
		`"changes":[{"field":"role","before":"admin"}],"scope":"o-1","hash":"00ff"}` {
		t.Error(text, err)
	}
}

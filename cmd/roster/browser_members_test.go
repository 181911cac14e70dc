package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/chromedp/kb"
)

// changeRole: with scripts the page stays, only what changed is swapped, and the
// keyboard stays where it was; without, there is a button. E4: the new role
// counts from the other's next click.
func changeRole(p *play) {
	p.organization("workspace", p.account("Maya"), "Omar", "viewer", "Lena", "member")
	maya, omar := p.member("Maya"), p.member("Omar")
	omar.at("Brightwater")
	omar.says("Your role: Viewer")
	maya.visit(p.team())
	maya.at("Members")
	maya.find("link", "Admins 0 …")
	if p.scripts {
		must[bool](maya, `window.stayed = true`)
	}
	maya.choose("Role of Omar", "Admin")
	if !p.scripts {
		maya.row("Omar").click("button", "Save")
	}
	maya.told("Omar is now Admin.")
	maya.find("link", "Admin 1 …")
	if got := maya.chosen("Role of Omar"); got != "Admin" {
		p.Errorf("the row shows %s", got)
	}
	if p.scripts {
		maya.onto("combobox", "Role of Omar")
		if !must[bool](maya, `window.stayed === true`) {
			p.Error("the page was loaded anew")
		}
	}
	maya.check()

	omar.click("link", "Members")
	omar.at("Members")
	omar.find("link", "Invite member")
	omar.choose("Role of Lena", "Viewer")
	if !p.scripts {
		omar.row("Lena").click("button", "Save")
	}
	omar.told("Lena is now Viewer.")
	omar.check() // with Undo in the message
	omar.click("button", "Undo")
	omar.told("Lena is Member again.")
	if got := omar.chosen("Role of Lena"); got != "Member" {
		p.Errorf("after Undo the row shows %s", got)
	}
	if omar.has("combobox", "Role of Maya") {
		p.Error("E5: an admin is offered to change the owner")
	}
}

// confirmRole: B3: in this scheme a change of role asks first.
func confirmRole(p *play) {
	p.organization("cluster", p.account("Maya"), "Omar", "viewer")
	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Team")
	pick := func() {
		maya.choose("Role of Omar", "MODERATOR")
		if !p.scripts {
			maya.row("Omar").click("button", "Save")
		}
		maya.sheet("Make Omar MODERATOR?")
		maya.says("May from now on", "Moderate servers")
	}
	pick()
	if p.scripts {
		maya.click("link", "Cancel")
		maya.gone("dialog", "…")
		maya.onto("combobox", "Role of Omar")
	} else {
		maya.click("link", "Cancel")
		maya.at("Team")
	}
	if got := maya.chosen("Role of Omar"); got != "VIEWER" {
		p.Errorf("after Cancel the row shows %s", got)
	}
	pick()
	maya.click("button", "Make Omar MODERATOR")
	maya.told("Omar is now MODERATOR.")
	if p.scripts {
		maya.gone("dialog", "…")
		maya.onto("combobox", "Role of Omar")
	}
	if got := maya.chosen("Role of Omar"); got != "MODERATOR" {
		p.Errorf("after the answer the row shows %s", got)
	}
	maya.check()
}

// search works on a list of several pages.
func search(p *play) {
	w := p.world(p.silent)
	o := p.organization("workspace", p.account("Maya"))
	w.Seed(o, 62, 12)
	maya := p.member("Maya")
	maya.visit(p.team())
	maya.at("Members")
	maya.says("Showing 50 of 63 members")
	first, err := maya.rows()
	if err != nil {
		p.Fatal(err)
	}
	maya.click("link", "Next")
	maya.says("Showing 13 of 63 members")
	maya.check()
	second, err := maya.rows()
	if err != nil || len(second) != 13 || slices.ContainsFunc(second, func(row string) bool { return slices.Contains(first, row) }) {
		p.Errorf("the second page has %s: %v", second, err)
	}
	maya.back()
	maya.until("first page", func() error { return sameRows(maya, first) })
	maya.check()

	for _, way := range []string{"ascending", "descending"} {
		maya.click("link", "Member")
		maya.until("sorted", func() error { return sorted(maya, way) })
	}
	maya.check()
	p.find(maya)
}

// find searches in members and pending invitations at once, and narrows what it
// found to one role.
func (p *play) find(maya *person) {
	p.seek(maya, "GUEST.000001")
	maya.until("found", func() error { return counted(maya, 2, "guest.000001") })
	p.seek(maya, "000001")
	maya.until("found", func() error { return counted(maya, 14, "000001") })
	maya.says("Pending", "11 members match")
	if p.scripts {
		maya.onto("searchbox", "Search members")
	}
	maya.check()
	const viewers = `[...document.querySelectorAll("#members select")].filter((s) => s.selectedOptions[0].label === "Viewer").length`
	n := must[int](maya, viewers)
	maya.choose("Role", "Viewer")
	if !p.scripts {
		maya.click("button", "Apply")
	}
	maya.says(fmt.Sprintf("%d members match", n))
	if got := must[int](maya, viewers); got != n {
		p.Errorf("of %d viewers the filter leaves %d", n, got)
	}
	maya.back()
	maya.says("11 members match")
	if got := must[string](maya, `document.getElementById("q").value`); got != "000001" {
		p.Errorf("after going back the search says %q", got)
	}
	p.seek(maya, "zebra")
	maya.says("zebra")
	maya.click("link", "Clear search and filters")
	maya.says("Showing 50 of 63 members")
	maya.check()
}

func (p *play) seek(who *person, words string) {
	p.Helper()
	who.fillAs("searchbox", "Search members", words)
	if !p.scripts {
		who.keys(kb.Enter)
	}
}

// counted fails unless so many rows are there, all of them showing a text.
func counted(p *person, n int, text string) error {
	rows, err := p.rows()
	if err == nil && (len(rows) != n || slices.ContainsFunc(rows, func(row string) bool { return !strings.Contains(row, text) })) {
		err = fmt.Errorf("the list has %d rows: %s", len(rows), rows)
	}
	return err
}

func sameRows(p *person, want []string) error {
	got, err := p.rows()
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("the list is %s", got)
	}
	return err
}

// sorted fails unless the list says that it is sorted by name, and is.
func sorted(p *person, way string) error {
	got, err := eval[string](p, `document.getElementById("sort-name").closest("th").ariaSort ?? ""`)
	if err == nil && got != way {
		err = fmt.Errorf("aria-sort is %q", got)
	}
	if err != nil {
		return err
	}
	names, err := eval[[]string](p, `[...document.querySelectorAll("#members > [role=row] > [role=rowheader]")].map((r) => r.querySelector("bdi").innerText.toLowerCase())`)
	if err != nil {
		return err
	}
	if way == "descending" {
		slices.Reverse(names)
	}
	if !slices.IsSorted(names) {
		return fmt.Errorf("the names are not %s: %s", way, names)
	}
	return nil
}

// remove: A7, D1: the next click of who was removed is refused and says what to
// do; the account itself goes on. Then somebody leaves.
func remove(p *play) {
	p.organization("workspace", p.account("Maya"), "Omar", "admin", "Lena", "member")
	maya, omar, lena := p.member("Maya"), p.member("Omar"), p.member("Lena")
	omar.visit(p.team())
	omar.at("Members")
	maya.visit(p.team())
	maya.at("Members")
	maya.click("button", "Actions for Omar")
	maya.check() // with the menu open
	maya.click("link", "Remove member")
	maya.sheet("Remove Omar?")
	maya.says("Omar loses at once", "Brightwater keeps")
	if p.scripts {
		maya.onto("link", "Cancel") // the harmless one
	}
	maya.click("button", "Remove Omar")
	maya.told("Omar was removed.")
	maya.gone("button", "Actions for Omar")
	maya.find("link", "Members 2")
	if p.scripts {
		maya.until("focus", func() error {
			f, err := maya.focused()
			if err == nil && (f.role == "RootWebArea" || f.role == "generic" || f.role == "none") {
				err = errors.New("it is lost")
			}
			return err
		})
	}
	maya.check()

	if p.scripts { // a part of the page is refused as well
		omar.fillAs("searchbox", "Search members", "len")
		omar.refused(404)
		omar.told("your access to it has ended.")
		omar.check()
	}
	omar.click("link", "Overview")
	omar.refused(404)
	omar.at("We can’t find that page")
	omar.says("your access to it has ended.")
	omar.click("link", "Go to your organizations")
	omar.at("Your organizations")
	omar.says("You’re not in an organization yet")

	lena.visit(p.team())
	lena.at("Members")
	lena.click("button", "Actions for Lena")
	lena.click("link", "Leave Brightwater")
	lena.sheet("Leave Brightwater?")
	lena.click("button", "Leave Brightwater")
	lena.at("Your organizations")
	lena.says("You left Brightwater.")
}

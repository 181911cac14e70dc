package views

import (
	"strconv"

	"roster/team"
)

// GeneralPath returns the address of an organization's general settings.
func GeneralPath(slug string) string { return OrganizationPath(slug) + "/settings/general" }

// GeneralModel is the page of an organization's general settings.
type GeneralModel struct {
	Path, Organization string
	Noun               string
	MayManage          bool
	Name, Slug         string
	Links              string // what every address begins with
	OldSlugs           []string
	Naming             Problem
	Forever            bool
	Days               string
	Keeping            Problem
	Outsiders          string // which scopes take people of the organization only; "" where there is none
	Open               bool   // and outsiders are let in all the same
	Delete             string // address of the question, "" for who may not
	Personal           string // why a personal one is not deleted here; "" for any other (C2)
	DeleteAccount      bool   // the way to delete it with the account
}

// GeneralInput is what the page is made of.
type GeneralInput struct {
	Viewer   team.Viewer
	Settings team.Settings
	BaseURL  string
}

// daysOffered stand in the field before anybody chose a number.
const daysOffered = "400"

// NewGeneralModel prepares the page from how things are.
func NewGeneralModel(in GeneralInput) GeneralModel {
	o := in.Viewer.Organization
	m := GeneralModel{
		Path: GeneralPath(o.Slug), Organization: o.Name, Noun: in.Viewer.Scheme.Noun.One, MayManage: in.Viewer.Access.Can(team.SettingsManage),
		Name: o.Name, Slug: o.Slug, Links: in.BaseURL + "/o/", OldSlugs: in.Settings.OldSlugs,
		Forever: in.Settings.KeptDays == team.KeepForever, Days: strconv.Itoa(in.Settings.KeptDays),
	}
	if m.Forever {
		m.Days = daysOffered
	}
	var kinds []string
	for _, k := range in.Viewer.Scheme.InvitesMembersOnly() {
		kinds = append(kinds, k.Noun.Many)
	}
	m.Outsiders, m.Open = andList(kinds), in.Settings.Outsiders
	switch why := team.MayDelete(in.Viewer.Party(), o); {
	case why == nil:
		m.Delete = m.Path + "/delete"
	case in.Viewer.Access.Can(team.OrganizationDelete):
		m.Personal, m.DeleteAccount = why.Message, o.PersonalOf == in.Viewer.Account.ID
	}
	return m
}

// DeletionModel is the question before an organization is deleted.
type DeletionModel struct {
	Sheet    SheetModel
	Above    string
	Email    string // of the account, for password managers
	Name     string // to be typed
	Typed    string
	Wrong    string
	Loses    []string
	Keeps    []string
	Password FieldModel
}

// DeletionInput is what the question is made of.
type DeletionInput struct {
	Viewer  team.Viewer
	Counts  team.Counts
	Typed   string
	Dialog  bool
	Problem Problem
}

// NewDeletionModel prepares the question: what ends at once, what stays.
func NewDeletionModel(in DeletionInput) DeletionModel {
	v, p := in.Viewer, in.Problem
	o, path := v.Organization, GeneralPath(v.Organization.Slug)
	m := DeletionModel{
		Name: o.Name, Typed: in.Typed, Wrong: p.at("confirm"), Above: p.above("confirm", "password"), Email: v.Account.Email,
		Loses: []string{
			"Access for " + plural(in.Counts.Members, "member", "members") + ", you included",
			"Its name, its settings and its roles",
		},
		Keeps: []string{"Everybody’s account and their other organizations", "Its sealed audit log, which the operator of this server keeps: a name or an address that was changed stays in it"},
	}
	if in.Counts.Pending > 0 {
		m.Loses = append(m.Loses, plural(in.Counts.Pending, "pending invitation", "pending invitations"))
	}
	m.Sheet = SheetModel{
		ID: "delete", Title: "Delete " + o.Name + "?", Text: "Nobody can undo this, the operator of this server included.",
		Action: path + "/delete", Back: path, Dialog: in.Dialog, Small: true,
	}
	m.Password = FieldModel{
		ID: "password", Name: "password", Label: "Your password", Type: "password", Error: p.at("password"),
		Autocomplete: "current-password", Required: true,
	}
	return m
}

// KeptText says how long entries are kept from now on.
func KeptText(days int) string {
	if days == team.KeepForever {
		return "Entries of the audit log are kept forever."
	}
	return "Entries of the audit log are kept for " + plural(days, "day", "days") + "."
}

package views

import "strings"

// APIDocsModel is the API as its page shows it.
type APIDocsModel struct {
	Intro    []string // paragraphs; what stands between backquotes is code
	Document string   // address of the OpenAPI document
	Subjects []APISubject
	Schemas  []APISchema
}

// APISubject is a group of operations.
type APISubject struct {
	Anchor, Name, About string
	Operations          []APIOperation
}

// APIOperation is one thing that the API does.
type APIOperation struct {
	Anchor, Method, Path, Summary string
	About                         []string
	Parameters, Body              []APIField
	Answer                        string // status and its words
	Returns                       []APIField
	Shape                         *APIType // of an answer that has no fields of its own
	Example                       string   // a command for a shell
}

// APISchema is the fields of something that several operations take or return.
type APISchema struct {
	Anchor, Name, About string
	Fields              []APIField
}

// APIField is one parameter, or one field of a body.
type APIField struct {
	Name, Where, About string
	Required           bool
	Type               APIType
}

// APIType is the type of a field in words, with the schema that it leads to.
type APIType struct {
	Text, Name, Anchor string // Name and Anchor of a schema, "" for none
}

// pieces splits prose at its backquotes: every second piece is code.
func pieces(text string) []string { return strings.Split(text, "`") }

// mark is the class of the tag of a method: what only reads is calm.
func (o APIOperation) mark() string {
	switch o.Method {
	case "GET":
		return "tag"
	case "DELETE":
		return "tag bad"
	}
	return "tag info"
}

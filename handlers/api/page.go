package api

import "roster/team"

// Page is a part of a list.
type Page[T any] struct {
	_     struct{} `json:"-" additionalProperties:"true"`
	Items []T      `json:"items" nullable:"false"`
	Next  *string  `json:"next" doc:"What to send as after for the next page; null at the end." example:"WzEsImFjbWUiXQ"`
}

// Paging is which part of a list is wanted.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many lines a page has at most."`
	After string `query:"after" maxLength:"1000" doc:"The next of the page before."`
}

// pageOf shapes a page of the store.
func pageOf[R, T any](p team.Page[R], shape func(R) T) Page[T] {
	out := Page[T]{Items: make([]T, 0, len(p.Items))}
	for _, row := range p.Items {
		out.Items = append(out.Items, shape(row))
	}
	if p.Next != "" {
		out.Next = &p.Next
	}
	return out
}

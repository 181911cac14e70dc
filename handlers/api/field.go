package api

import "roster/team"

// named has the fields of an error called as the request calls them.
func named(err error, name func(field string) string) error {
	if err == nil {
		return nil
	}
	return &namedFields{err, name}
}

type namedFields struct {
	error
	name func(string) string
}

// Unwrap returns the error.
func (n *namedFields) Unwrap() error { return n.error }

// wrongFields are all fields that an error says something about, or several errors
// in one.
func wrongFields(err error) []Field {
	switch e := err.(type) { //nolint:errorlint // each is looked into
	case *team.Error:
		if e.Field != "" {
			return []Field{{Field: e.Field, Detail: e.Message}}
		}
		return nil
	case *namedFields:
		out := wrongFields(e.error)
		for i, f := range out {
			out[i].Field = e.name(f.Field)
		}
		return out
	case interface{ Unwrap() []error }:
		var out []Field
		for _, one := range e.Unwrap() {
			out = append(out, wrongFields(one)...)
		}
		return out
	case interface{ Unwrap() error }:
		return wrongFields(e.Unwrap())
	}
	return nil
}

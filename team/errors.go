package team

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of refusal an Error is; the edges turn it into a status.
type Kind int

// The kinds of refusal.
const (
	Internal    Kind = iota // not a refusal: something broke
	Invalid                 // a field is wrong (422)
	Malformed               // the request makes no sense (400)
	SignedOut               // who are you? (401, or 303 to sign-in)
	Forbidden               // known, but not allowed (403)
	NotFound                // not there, or not yours to know (404)
	Conflict                // does not go with how things are now (409)
	Gone                    // the link is no longer good (410)
	TooLarge                // more than is accepted (413)
	Limited                 // slow down (429)
	Unavailable             // the server cannot now (503)
	Stale                   // no longer what the change was meant for (412)
)

// Error is a refusal that a person may read: what happened and what to do next,
// with the stable code of the rule behind it and, where access was weighed, the
// steps that led there (F2).
type Error struct {
	Kind    Kind
	Code    string // stable, lower snake case: the rule that refused
	Message string // a full sentence, or two
	Field   string // the form field that is wrong, if one is
	Trace   Trace
	Retry   time.Duration // how long to wait, with Limited and Unavailable
	Entry   *Entry        // the audit entry of the refused attempt, if it is one to record
}

// Error returns the code and the sentence.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Because returns a copy of e with the trace that explains it.
func (e *Error) Because(t Trace) *Error {
	c := *e
	c.Trace = t
	return &c
}

// Refused returns a copy of e that carries the entry of the refused attempt (rule 2).
func (e *Error) Refused(entry Entry) *Error {
	c := *e
	entry.Result, entry.Code = Failure, e.Code
	entry.Changes = nil
	c.Entry = &entry
	return &c
}

// Refuse makes an Error.
func Refuse(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrong makes an Error about one form field.
func Wrong(field, code, format string, args ...any) *Error {
	e := Refuse(Invalid, code, format, args...)
	e.Field = field
	return e
}

// ErrNotFound is the one answer for what is not there and for what is not the
// asker's to know of (rule 8).
var ErrNotFound = Refuse(NotFound, "not_found",
	"We can’t find that. It may have moved or been deleted, or your access to it has ended.")

// ErrSignedOut means that nobody is signed in.
var ErrSignedOut = Refuse(SignedOut, "signed_out", "Sign in to go on.")

// Explain returns the refusal inside err, or one fixed sentence for anything
// that was not meant for a person's eyes.
func Explain(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{
		Kind: Internal, Code: "internal",
		Message: "Something broke on our side. Nothing was changed. Try again, and tell the operator if it happens twice.",
	}
}

// Conflict returns a copy of e of the kind Conflict; the field stays.
func (e *Error) Conflict() *Error {
	c := *e
	c.Kind = Conflict
	return &c
}

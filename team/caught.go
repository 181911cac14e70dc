package team

import "time"

// CaughtLetter is a letter that the demo's mail catcher kept instead of
// delivering it.
type CaughtLetter struct {
	ID       string
	From, To string
	Subject  string
	Text     string // the plain part
	HTML     string // "" where there is none
	At       time.Time
}

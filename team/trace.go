package team

import "fmt"

// Step is one line of an explanation.
type Step struct {
	Scope   string // its name
	Rule    string // stable: direct, inherited, managing, owner_kept, none, role, module, permission
	Text    string
	ScopeID string // of Scope
}

// Trace explains a decision, first reason first (F2).
type Trace []Step

func (t *Trace) add(p Place, rule, format string, args ...any) {
	*t = append(*t, Step{Scope: p.Name, Rule: rule, Text: fmt.Sprintf(format, args...), ScopeID: p.ScopeID})
}

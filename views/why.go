package views

import "roster/team"

// WhyStep is one step of an explanation, with what kind of step it is. Names in
// the text are isolated.
type WhyStep struct{ Label, Text string }

// newWhy turns the trace of a decision into words. Steps of one kind that follow
// each other share a label.
func newWhy(trace team.Trace) []WhyStep { return newWhyOf(trace, "Your access") }

// newWhyOf is newWhy for the access of somebody else.
func newWhyOf(trace team.Trace, access string) []WhyStep {
	var out []WhyStep
	last := ""
	for _, s := range trace {
		label, text := whyLabel(s.Rule, access), isolate(s.Text, s.Scope)
		if label == last {
			out[len(out)-1].Text += " " + text
			continue
		}
		out, last = append(out, WhyStep{label, text}), label
	}
	return out
}

func whyLabel(rule, access string) string {
	switch rule {
	case "direct", "inherited", "managing", "owner_kept", "none":
		return access
	case "role":
		return "Role needed"
	}
	return "The rule"
}

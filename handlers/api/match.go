package api

import (
	"strings"

	"roster/team"
)

// IfMatch has a change made only to what it was meant for.
type IfMatch struct {
	Match string `header:"If-Match" maxLength:"1000" doc:"ETag of what is changed, as it was read: if it has changed since, nothing is done (412)."`
}

// noTag is the tag of nothing.
const noTag = "none"

// actorIf returns the caller as the actor of changes to what is still in a state
// that they saw.
func (c *caller) actorIf(m IfMatch) (team.Actor, error) {
	actor := c.actor()
	if strings.TrimSpace(m.Match) == "" {
		return actor, nil
	}
	var tags []string
	for part := range strings.SplitSeq(m.Match, ",") {
		tag, err := parseTag(strings.TrimSpace(part))
		if err != nil {
			return actor, err
		}
		tags = append(tags, tag)
	}
	actor.Match = strings.Join(tags, " ")
	return actor, nil
}

var errIfMatch = team.Refuse(team.Malformed, "if_match", "The header If-Match takes the ETag of what is changed, in its quotation marks, and stands there once.")

// parseTag reads one entity tag. A weak one never matches (RFC 9110, 13.1.1).
func parseTag(text string) (string, error) {
	if text == team.AnyTag {
		return team.AnyTag, nil
	}
	strong, weak := strings.CutPrefix(text, "W/")
	tag, opened := strings.CutPrefix(strong, `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	if !opened || !closed || tag == "" || strings.ContainsAny(tag, "\" \t") || tag == team.AnyTag {
		return "", errIfMatch
	}
	if weak {
		return noTag, nil
	}
	return tag, nil
}

// etag writes the tag of a state as a header.
func etag(tag string) string { return `"` + tag + `"` }

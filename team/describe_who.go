package team

// Who names who acted.
func (r Record) Who() string {
	switch r.Actor.Kind {
	case BySystem:
		return "Roster"
	case ByOperator:
		if r.TokenName != "" {
			return "The token " + r.TokenName + " (operator)"
		}
		if r.ActorName != "" {
			return r.ActorName + " (operator)"
		}
		return "The operator"
	case ByToken:
		return "The token " + nameOr(r.ActorName, "that is gone")
	case ByUser:
	}
	switch {
	case r.Actor.UserID == "":
		return "Somebody"
	case r.ActorName == "":
		return "A deleted account"
	}
	return r.ActorName
}

// About names who or what the entry is about; "" where that is the organization
// whose log it is.
func (r Record) About() string {
	switch {
	case r.TargetKind == OnMember || r.TargetKind == OnAccount:
		return nameOr(r.TargetName, "a deleted account")
	case r.TargetKind == OnInvitation && r.TargetID != "":
		return nameOr(r.TargetName, "a deleted account")
	case r.TargetKind == OnToken:
		return nameOr(r.TargetName, "that is gone")
	case r.TargetKind == OnScope:
		return nameOr(r.TargetName, "what is gone")
	case r.TargetKind == OnOrganization:
		return r.TargetName
	}
	return ""
}

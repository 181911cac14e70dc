package team

// Seats is how many seats an organization has and uses (rule 7).
type Seats struct {
	Cap  int // 0: no cap
	Used int // people with any access
	Held int // pending invitations for people who have none yet
	Plan Plan
}

// Free reports how many are left; large where there is no cap.
func (s Seats) Free() int {
	if s.Cap == 0 {
		return 1 << 30
	}
	return max(0, s.Cap-s.Used-s.Held)
}

// Full returns why nobody can be invited, or nil (D6, E7).
func (s Seats) Full() *Error {
	if s.Free() > 0 {
		return nil
	}
	way := "Remove somebody, revoke an invitation, or move to a larger plan."
	if s.Plan.ExtraSeats {
		way = "Add a seat, remove somebody or revoke an invitation."
	}
	if s.Cap == 1 {
		return Refuse(Conflict, "seats_full", "The plan %s has one seat, and the owner fills it. Move to a larger plan to invite people.", s.Plan.Label)
	}
	held := ""
	if s.Held > 0 {
		held = ", " + count(s.Held, "held by a pending invitation", "held by pending invitations")
	}
	return Refuse(Conflict, "seats_full", "All %s are taken: %d by members%s. %s", count(s.Cap, "seat", "seats"), s.Used, held, way)
}

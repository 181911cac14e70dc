package views

import "roster/team"

// QueuePath returns the address of a part of the mail queue.
func QueuePath(s team.QueueState) string {
	if s == team.QueueFailed {
		return "/admin/mail?state=failed"
	}
	return "/admin/mail"
}

// QueueModel is a part of the mail queue.
type QueueModel struct {
	Failed       bool
	Waiting      string // counts, for the tabs
	GivenUp      string
	Lines        []QueueLine
	Pager        PagerModel
	MailOff      bool
	Empty, Hints string
}

// QueueLine is one letter of the queue.
type QueueLine struct {
	ID, To, What string
	Organization string
	Delivery     DeliveryModel
	Attempts     string
	When         TimeModel
	Retry        bool
	Cancel       bool
}

// QueueInput is what the page is made of.
type QueueInput struct {
	State  team.QueueState
	Counts team.QueueCounts
	Page   team.Page[team.QueuedLetter]
	MailOn bool
	Clock  Clock
}

// letterNames say what a letter is about.
var letterNames = map[team.LetterKind]string{
	team.LetterInvitation: "Invitation", team.LetterReminder: "Invitation, again", team.LetterAccepted: "Invitation accepted",
	team.LetterRenewal: "New link asked for", team.LetterRole: "Role changed", team.LetterRemoved: "Removed", team.LetterReset: "Password reset",
	team.LetterPassword: "Password changed", team.LetterVerify: "Confirm address", team.LetterAddress: "Address changed",
	team.LetterWelcome: "Account made", team.LetterSignIn: "New sign-in", team.LetterTransfer: "Ownership transferred", team.LetterToken: "New API token", team.LetterExists: "Sign-up with a known address",
}

// NewQueueModel prepares the page.
func NewQueueModel(in QueueInput) QueueModel {
	m := QueueModel{Failed: in.State == team.QueueFailed, Waiting: upTo(in.Counts.Waiting), GivenUp: upTo(in.Counts.Failed), MailOff: !in.MailOn}
	m.Pager = adminPager("/admin/mail", team.OperatorPage{}, len(in.Page.Items), "", "")
	state := ""
	m.Empty, m.Hints = "Nothing waits", "Messages are sent as soon as they are written."
	m.Pager.Text = "The next one due first"
	if m.Failed {
		state = string(team.QueueFailed)
		m.Empty, m.Hints = "Nothing was given up", "Messages are retried for three days, and listed here for 30 days when that did not help."
		m.Pager.Text = "The last one given up first"
	}
	if len(in.Page.Items) == 0 {
		m.Pager.Text = ""
	}
	if in.Page.Prev != "" {
		m.Pager.Prev = withQuery("/admin/mail", "state", state, "before", in.Page.Prev)
	}
	if in.Page.Next != "" {
		m.Pager.Next = withQuery("/admin/mail", "state", state, "after", in.Page.Next)
	}
	for _, l := range in.Page.Items {
		m.Lines = append(m.Lines, queueLine(l, in.Clock))
	}
	return m
}

func upTo(n int) string {
	if n >= team.QueueCountMax {
		return grouped(n) + "+"
	}
	return grouped(n)
}

func queueLine(l team.QueuedLetter, clock Clock) QueueLine {
	out := QueueLine{
		ID: l.ID, To: l.Recipient, What: letterNames[l.Kind], Organization: l.Organization,
		Attempts: plural(l.Attempts, "attempt", "attempts"), When: clock.Relative(l.DueAt), Retry: !l.Sending, Cancel: l.State != team.Failed,
	}
	if l.Attempts == 0 {
		out.Attempts = "Not tried yet"
	}
	if out.What == "" {
		out.What = string(l.Kind)
	}
	switch {
	case l.State == team.Failed:
		out.Delivery = DeliveryModel{Kind: "bad", Icon: "circle-x", Text: "Given up", Detail: l.Answer}
		out.When = clock.Relative(l.EndedAt)
	case l.Sending:
		out.Delivery = DeliveryModel{Kind: "muted", Icon: "send", Text: "Being sent", Detail: l.Answer}
	case l.State == team.Retrying:
		out.Delivery = DeliveryModel{Kind: "warn", Icon: "refresh-cw", Text: "Retrying", Detail: l.Answer}
	default:
		out.Delivery = DeliveryModel{Kind: "muted", Icon: "clock", Text: "Queued"}
	}
	return out
}

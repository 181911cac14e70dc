package store

import (
	"context"
	"slices"
	"time"

	"roster/team"
)

// recipientMails is how many invitation mails one address gets a day from
// this whole instance (S10).
const recipientMails = 3

const day = 24 * time.Hour

// withinLimits counts an invitation against what an organization sends and an
// address receives in a day (S10).
func (c *change) withinLimits(ctx context.Context, key string) (*team.Error, error) {
	name := "invitations:" + c.org.ID
	within, err := c.take(ctx, name, day, c.db.opt.InvitationsPerDay)
	if err != nil {
		return nil, err
	}
	if !within {
		return tooMany(c.now, day, "invitations_per_day", "%s has sent %d invitations today, which is the limit. Send the rest tomorrow.", c.org.Name, c.db.opt.InvitationsPerDay), nil
	}
	refusal, err := c.mailsWithin(ctx, key)
	if err != nil || refusal == nil {
		return nil, err
	}
	return refusal, c.giveBack(ctx, name, day)
}

// lockRecipients takes the locks of the recipients' limits in one order: two
// bulks that meet each other's addresses crosswise would wait in a circle.
func (c *change) lockRecipients(ctx context.Context, emails []string) error {
	if c.db.lite || !c.db.opt.MailOn || len(emails) < 2 {
		return nil
	}
	names := make([]string, len(emails))
	for i, email := range emails {
		names[i] = recipientLimit(emailKey(email))
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := c.touch(ctx, name, day); err != nil {
			return err
		}
	}
	return nil
}

func recipientLimit(key string) string { return "invited:" + key }

func (c *change) mailsWithin(ctx context.Context, key string) (*team.Error, error) {
	if !c.db.opt.MailOn {
		return nil, nil //nolint:nilnil // no refusal and no failure
	}
	within, err := c.take(ctx, recipientLimit(key), day, recipientMails)
	if err != nil || within {
		return nil, err
	}
	return tooMany(c.now, day, "recipient_per_day", "%s has been sent %d messages today. Copy the link and hand it over, or try tomorrow.", key, recipientMails), nil
}

package store

import (
	"context"

	"roster/team"
)

// RecordAuditExport notes in the log that somebody takes a copy of it, and
// refuses who may not. It comes before the first line is read.
func (db *DB) RecordAuditExport(ctx context.Context, actor team.Actor, organizationID, format string) error {
	return db.change(ctx, organizationID, actor, func(c *change) error {
		party, err := c.party(ctx, c.org.ID)
		if err != nil {
			return err
		}
		entry, err := team.ExportAudit(party, c.org.ID, format)
		if err != nil {
			return err
		}
		return c.record(ctx, entry)
	})
}

package store

// Hashing tells fn how many passwords are computed at once, when one more is.
func (db *DB) Hashing(fn func(n int)) { db.passwords.busy = fn }

// HashesAtOnce is how many passwords are computed at once at most.
func (db *DB) HashesAtOnce() int { return cap(db.passwords.slots) }

// CheapHashes makes passwords cost next to nothing, for tests that make many.
func (db *DB) CheapHashes() { db.passwords.cost = cost{memory: 8, time: 1} }

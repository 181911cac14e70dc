package store

import (
	"slices"
	"sync"
	"time"

	"roster/team"
)

// ring is the server's keys as the database uses them: the one in use first.
type ring struct {
	mu     sync.RWMutex
	given  team.Keys // as the settings or the key file have them
	keys   team.Keys
	audit  [][]byte
	ids    []string
	reload func() (team.Keys, error)
	looked time.Time // when the key file was read again
}

func (r *ring) set(k team.Keys) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.given = k
	r.lead(k)
}

// lead sets the order of the keys. The lock is held.
func (r *ring) lead(k team.Keys) { r.keys, r.audit, r.ids = k, k.AuditKeys(), k.IDs() }

// promote has the key of an id be the one in use, or reports that there is none.
func (r *ring) promote(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	k, ok := r.given.Led(id)
	if ok {
		r.lead(k)
	}
	return ok
}

// advance is promote while the process runs: not to a key that was given up, for
// whoever knows that one could lead there.
func (r *ring) advance(id string) bool {
	r.mu.RLock()
	back := r.given.Retired(id) && r.ids[0] != id
	r.mu.RUnlock()
	return !back && r.promote(id)
}

// rereadPause keeps guessed links from having the key file read again and again.
const rereadPause = time.Second

// reread takes the keys from their file again, where they come from one.
func (r *ring) reread() bool {
	r.mu.Lock()
	if r.reload == nil || time.Since(r.looked) < rereadPause {
		r.mu.Unlock()
		return false
	}
	r.looked = time.Now()
	r.mu.Unlock()
	fresh, err := r.reload()
	if err != nil {
		return false // the file is being replaced, or is gone: what is known holds
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Equal(fresh.Words(), r.given.Words()) {
		return false
	}
	inUse := r.ids[0]
	r.given = fresh
	if led, ok := fresh.Led(inUse); ok {
		fresh = led // until the database says otherwise
	}
	r.lead(fresh)
	return true
}

// current returns the key in use and its id.
func (r *ring) current() (id string, key []byte) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.ids[0], r.audit[0]
}

// all returns every key, the one in use first.
func (r *ring) all() (ids []string, keys [][]byte) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.ids, r.audit
}

// newest returns the id of the key that the settings have in front.
func (r *ring) newest() string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.given.IDs()[0]
}

func (r *ring) newestKey() []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.given.AuditKeys()[0]
}

// sealing are the keys that things are sealed with and opened, earlier ones too.
func (r *ring) sealing() team.Keys {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys
}

func (r *ring) links(now time.Time) team.Keys {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys.At(now)
}

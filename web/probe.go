package web

import (
	"net/http"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"

	"roster/team"
)

// ProbeStore tells who asks how a request arrived.
type ProbeStore interface {
	CheckProbe(token string) (id string, err error)
}

// Arrived is what the server saw of a request: what its proxy made of it. Only
// “roster doctor” can ask, with a token under the server's key that is good once,
// for a minute.
type Arrived struct {
	Host         string   `json:"host"`
	Peer         string   `json:"peer"`    // who connected; "" on a socket
	Trusted      bool     `json:"trusted"` // whether what the peer forwards counts
	Address      string   `json:"address"` // whom the request counts as from
	ForwardedFor []string `json:"forwarded_for"`
}

// probes remembers which tokens were used.
type probes struct {
	store ProbeStore
	used  *lru.Cache[string, struct{}]
}

// rememberedProbes is more than anybody makes within the minute they are good for.
const rememberedProbes = 1000

func newProbes(store ProbeStore) probes {
	cache, err := lru.New[string, struct{}](rememberedProbes)
	if err != nil {
		panic("web: make memory of probes: " + err.Error()) // only for sizes below one
	}
	return probes{store, cache}
}

// arrival answers how the request arrived, to who has the server's key.
func (s *site) arrival(c echo.Context) error {
	id, err := s.probes.store.CheckProbe(c.Param("token"))
	if err != nil {
		return err
	}
	if used, _ := s.probes.used.ContainsOrAdd(id, struct{}{}); used {
		return team.ErrNotFound
	}
	r := c.Request()
	a := Arrived{Host: r.Host, Address: s.address(r), Trusted: true}
	if peer, ok := parseAddress(r.RemoteAddr); ok {
		a.Peer, a.Trusted = peer.String(), s.trusts(peer)
	}
	for _, hop := range strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",") {
		if hop = strings.TrimSpace(hop); hop == "" {
			continue
		}
		a.ForwardedFor = append(a.ForwardedFor, hop)
	}
	return c.JSON(http.StatusOK, a)
}

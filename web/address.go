package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// address returns where a request came from. X-Forwarded-For is read from its
// end, as far as the proxies that wrote it are trusted: whatever stands before
// that, the sender may have made up.
func (s *site) address(r *http.Request) string {
	peer, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return s.forwarded(r, "") // a unix socket: who can open it is trusted by the file's mode
	}
	if !s.trusts(peer) {
		return peer.String()
	}
	return s.forwarded(r, peer.String())
}

func (s *site) forwarded(r *http.Request, nearest string) string {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := parseAddress(strings.TrimSpace(hops[i]))
		if !ok {
			break
		}
		nearest = hop.String()
		if !s.trusts(hop) {
			break
		}
	}
	return nearest
}

func (s *site) trusts(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func parseAddress(text string) (netip.Addr, bool) {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err == nil
}

// original is the whole address that a proxy asks about, as far as it is trusted:
// in its own headers (Caddy, Traefik and, in docs/forward-auth.md, nginx and
// Envoy) or in the one of an ingress. It decides nothing but where to come back to.
func (s *site) original(r *http.Request) string {
	if peer, ok := parseAddress(r.RemoteAddr); ok && !s.trusts(peer) {
		return ""
	}
	h := r.Header
	if path := h.Get("X-Forwarded-Uri"); strings.HasPrefix(path, "/") {
		return h.Get("X-Forwarded-Proto") + "://" + h.Get("X-Forwarded-Host") + path
	}
	return h.Get("X-Original-URL")
}

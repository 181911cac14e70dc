package main

import (
	"net/netip"
	"net/url"
	"strings"
)

// isLocal reports whether an address leads to this machine or to a private
// network, by what it says: nobody is asked.
func isLocal(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
	}
	if !strings.Contains(host, ".") {
		return true // a name of the network at home
	}
	for _, end := range []string{".local", ".lan", ".internal", ".localhost", ".home.arpa", ".test"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

package team

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// ParseOrigin reads where a site is, “https://app.example.com” or
// “http://localhost:3000”, and returns it as it is compared: in lower case, its
// name in ASCII, without the port that its scheme has anyway. ok is false for
// everything that is more than that, or less.
func ParseOrigin(text string) (origin string, ok bool) {
	u, err := url.Parse(text)
	if err != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(text, "#") {
		return "", false
	}
	return originOf(u)
}

func originOf(u *url.URL) (origin string, ok bool) {
	usual, known := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	if !known || u.User != nil || u.Opaque != "" {
		return "", false
	}
	host, port := u.Hostname(), u.Port()
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.String()
	} else if host, err = idna.Lookup.ToASCII(strings.ToLower(host)); err != nil || host == "" || strings.HasSuffix(host, ".") {
		return "", false
	}
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return "", false
	}
	switch {
	case port != "" && port != usual:
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return u.Scheme + "://" + host, true
}

// returnMax is the longest address that anybody is led back to.
const returnMax = 2000

// ReturnTo returns an absolute address where it leads to one of these origins, as
// ParseOrigin returns them, and "" for any other (F2). It is written anew from what
// it means: whatever else a browser might read in it is gone.
func ReturnTo(address string, origins []string) string {
	if len(address) > returnMax || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f }) {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	origin, ok := originOf(u)
	if !ok || !slices.Contains(origins, origin) {
		return ""
	}
	return origin + u.RequestURI()
}

package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"

	"roster/team"
)

// Settings for other sites that ask Roster who somebody is (docs/forward-auth.md):
// the sign-in counts there, and leads back there.

const cookieDomainExample = "example.com, for team.example.com and app.example.com"

// parseCookieDomain reads the domain that the session cookie is for.
func (c *config) parseCookieDomain(where, text string) error {
	if text == "" {
		return nil
	}
	domain, err := idna.Lookup.ToASCII(strings.ToLower(strings.TrimPrefix(text, ".")))
	if _, ip := netip.ParseAddr(domain); err != nil || domain == "" || ip == nil || strings.HasSuffix(domain, ".") {
		return wrong(where, fmt.Sprintf("%q is not the name of a domain", text), cookieDomainExample)
	}
	if suffix, _ := publicsuffix.PublicSuffix(domain); suffix == domain {
		return wrong(where, fmt.Sprintf("browsers take no cookie for all of %q, where anybody may have a site", text), cookieDomainExample)
	}
	if base, err := c.publicURL(nil); err == nil && !within(base, domain) {
		return wrong(where, fmt.Sprintf("the base URL %s is not in %q, so that browsers would take no cookie from it", base, domain), cookieDomainExample)
	}
	c.cookieDomain = domain
	return nil
}

// within reports whether the host of an address is a domain or below it.
func within(address, domain string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// parseReturnOrigins reads where signing in may lead back to. It has to be where
// the session cookie goes too: who came back without it would be sent to sign in
// again, and so on.
func (c *config) parseReturnOrigins(where, text string) error {
	const example = "https://app.example.com,https://admin.example.com"
	base, err := c.publicURL(nil)
	if err != nil {
		return nil //nolint:nilerr // told by who needs it
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		origin, ok := team.ParseOrigin(w)
		if !ok {
			return wrong(where, fmt.Sprintf("%q is not the beginning of an address, with http:// or https:// and without a path", w), example)
		}
		switch scheme, _, _ := strings.Cut(base, "://"); {
		case !strings.HasPrefix(origin, scheme+"://"):
			return wrong(where, fmt.Sprintf("%s and the base URL %s are not both https, or both http: nobody signed in at the one is signed in at the other", w, base), example)
		case c.cookieDomain != "" && !within(origin, c.cookieDomain):
			return wrong(where, fmt.Sprintf("%s is not in %s, the --cookie-domain: nobody signed in at Roster is signed in there", w, c.cookieDomain), example)
		case c.cookieDomain == "" && !sameHost(origin, base):
			return wrong(where, fmt.Sprintf("%s has another host than the base URL %s: set --cookie-domain to the domain of both, or nobody signed in at Roster is signed in there", w, base), example)
		}
		if !slices.Contains(c.returnOrigins, origin) {
			c.returnOrigins = append(c.returnOrigins, origin)
		}
	}
	return nil
}

func sameHost(a, b string) bool {
	one, err := url.Parse(a)
	other, otherErr := url.Parse(b)
	return err == nil && otherErr == nil && strings.EqualFold(one.Hostname(), other.Hostname())
}

// checkSiblings looks for what signing in at other sites takes and is not there.
func (d *doctor) checkSiblings(base string) {
	switch c := d.conf; {
	case len(c.returnOrigins) > 0 && len(c.proxies) == 0 && c.network != "unix":
		d.unsure("settings", "--return-origins is set, and no --trusted-proxies: signing in leads nobody back, because nobody is believed where they came from. Name the proxy of %s.", c.returnOrigins[0])
	case c.cookieDomain != "" && len(c.returnOrigins) == 0:
		d.unsure("settings", "--cookie-domain is set, and no --return-origins: the sign-in of %s counts for every host of %s, but leads back to none. Name the sites, or leave the domain out.", base, c.cookieDomain)
	}
}

package web

import (
	"net/http"
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/labstack/echo/v4"
	"golang.org/x/time/rate"

	"roster/handlers"
	"roster/team"
)

// Limit names what a route counts its requests by.
type Limit string

// The limits. What must hold among several processes is counted by the store.
const (
	ByAddress Limit = "address" // guessing passwords and links (S4, F5)
	ByUser    Limit = "user"    // sending mail and guessing one's own password
	Invites   Limit = "invites" // inviting (S10)
	ByToken   Limit = "token"   // what a program asks for
)

// Limits are how many requests a minute each limit lets pass; 0 for the usual.
type Limits struct{ Address, User, Invites, Token int }

// remembered is how many addresses or users a limit keeps apart. Beyond it the
// ones longest quiet are forgotten, so memory stays flat under a flood.
const rememberedVisitors = 20_000

type limiters struct {
	clock func() time.Time
	by    map[Limit]*limiter
}

type limiter struct {
	perMinute int
	visitors  *lru.Cache[string, *rate.Limiter]
}

func newLimiters(l Limits, clock func() time.Time) limiters {
	return limiters{clock: clock, by: map[Limit]*limiter{
		ByAddress: newLimiter(l.Address, 60),
		ByUser:    newLimiter(l.User, 20),
		Invites:   newLimiter(l.Invites, 20),
		ByToken:   newLimiter(l.Token, 600),
	}}
}

func newLimiter(perMinute, usual int) *limiter {
	if perMinute == 0 {
		perMinute = usual
	}
	cache, err := lru.New[string, *rate.Limiter](rememberedVisitors)
	if err != nil {
		panic("web: make limiter: " + err.Error()) // only for sizes below one
	}
	return &limiter{perMinute: perMinute, visitors: cache}
}

// take counts one request, and returns how long to wait if it is one too many, and
// how many more there may be at once.
func (l *limiter) take(key string, now time.Time) (wait time.Duration, left int) {
	fresh := rate.NewLimiter(rate.Limit(float64(l.perMinute)/60), l.perMinute)
	lim, known, _ := l.visitors.PeekOrAdd(key, fresh)
	if known {
		l.visitors.Get(key) // refreshes its place in the queue
	} else {
		lim = fresh
	}
	r := lim.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait, max(0, int(lim.TokensAt(now)))
}

// drawsAgain are the forms that come back with what was typed. Their handlers read
// the form before they do anything: reading it is what refuses.
var drawsAgain = map[string]bool{"/signin": true, "/signup": true, "/organizations/new": true, teamPath + "/invitations": true, tokensPath: true, adminTokensPath: true}

func tooMany(wait time.Duration) *team.Error {
	e := team.Refuse(team.Limited, "too_many_requests", "That was a lot in a short time. Wait a minute, then go on.")
	e.Retry = wait
	return e
}

// slow refuses requests beyond a limit with 429 and Retry-After.
func (s limiters) slow(by Limit, who *sessions) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		l := s.by[by]
		if l == nil {
			return next
		}
		return func(c echo.Context) error {
			key := network(c.RealIP())
			if by != ByAddress {
				key = who.UserID(c.Request().Context())
			}
			if wait, _ := l.take(key, s.clock()); wait > 0 {
				e := tooMany(wait)
				if c.Request().Method != http.MethodPost || !drawsAgain[c.Path()] {
					return e
				}
				handlers.Slowed(c, e)
			}
			return next(c)
		}
	}
}

// network is what of an address one visitor can't change at will: of IPv6 the
// first 64 bits.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Is4() {
		return address
	}
	p, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"roster/mail"
	"roster/store"
	"roster/team"
	"roster/web"
)

// metrics are the numbers of a process for Prometheus. No label holds an id, a
// name or a token: each has a handful of values, whatever people do.
type metrics struct {
	registry    *prometheus.Registry
	requests    *prometheus.CounterVec
	took        *prometheus.HistogramVec
	inFlight    prometheus.Gauge
	signIns     *prometheus.CounterVec
	invitations *prometheus.CounterVec
	letters     *prometheus.CounterVec
}

// measure has the process count, if there is somewhere to tell it.
func (p *process) measure(db *store.DB) (err error) {
	if p.conf.metricsAddress != "" {
		p.metrics, err = newMetrics(db, func() *secured { return p.tls }, p.log)
	}
	return err
}

func newMetrics(db *store.DB, tlsOf func() *secured, log *slog.Logger) (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_http_requests_total", Help: "Requests answered.",
		}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "roster_http_request_duration_seconds", Help: "How long requests took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "method"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "roster_http_requests_in_flight", Help: "Requests under way.",
		}),
		signIns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_sign_ins_total", Help: "Attempts to sign in: success, wrong (address or password), slowed down, error.",
		}, []string{"result"}),
		invitations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_invitations_total", Help: "Invitations made, and sent again.",
		}, []string{"kind"}),
		letters: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roster_letters_total", Help: "Attempts to send a letter: sent, later (it is tried again), refused (for good).",
		}, []string{"kind", "outcome"}),
	}
	for _, c := range []prometheus.Collector{
		certificateEnd(tlsOf), m.requests, m.took, m.inFlight, m.signIns, m.invitations, m.letters, &databaseMetrics{db, log}, buildInfo(),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	} {
		if err := m.registry.Register(c); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	// There from the start, so that a rate has something to begin from.
	for _, result := range []string{signedIn, signInWrong, signInSlowed, signInFailed} {
		m.signIns.WithLabelValues(result)
	}
	for _, kind := range []string{invitedNew, invitedAgain} {
		m.invitations.WithLabelValues(kind)
	}
	return m, nil
}

// Began counts a request that is under way.
func (m *metrics) Began() { m.inFlight.Inc() }

// Answered counts a request that was answered, or cut off with status 0.
func (m *metrics) Answered(route, method string, status int, took time.Duration) {
	m.inFlight.Dec()
	class := "none"
	if status >= 100 && status < 600 {
		class = fmt.Sprintf("%dxx", status/100)
	}
	m.requests.WithLabelValues(route, method, class).Inc()
	m.took.WithLabelValues(route, method).Observe(took.Seconds())
}

// The values of labels.
const (
	signedIn     = "success"
	signInWrong  = "wrong"
	signInSlowed = "slowed"
	signInFailed = "error"
	invitedNew   = "new"
	invitedAgain = "again"
)

// countedStore counts what pages do with the store.
type countedStore struct {
	*store.DB
	m *metrics
}

// meter returns what the site tells of its requests, nothing if nobody counts.
func (m *metrics) meter() web.Meter {
	if m == nil {
		return nil
	}
	return m
}

// pages returns the store for the site, counted if somebody counts.
func (m *metrics) pages(db *store.DB) web.Store {
	if m == nil {
		return db
	}
	return countedStore{db, m}
}

// SignIn counts how it ended.
func (c countedStore) SignIn(ctx context.Context, actor team.Actor, email, password, device string) (team.Account, error) {
	a, err := c.DB.SignIn(ctx, actor, email, password, device)
	result := signedIn
	if err != nil {
		switch team.Explain(err).Kind {
		case team.Invalid, team.Forbidden:
			result = signInWrong
		case team.Limited:
			result = signInSlowed
		default:
			result = signInFailed
		}
	}
	c.m.signIns.WithLabelValues(result).Inc()
	return a, err
}

// Invite counts whom it invited.
func (c countedStore) Invite(ctx context.Context, actor team.Actor, organizationID string, emails []string, grants []team.Grant, message string) ([]team.InviteAnswer, error) {
	answers, err := c.DB.Invite(ctx, actor, organizationID, emails, grants, message)
	for _, a := range answers {
		if a.Err == nil {
			c.m.invitations.WithLabelValues(invitedNew).Inc()
		}
	}
	return answers, err
}

// ResendInvitation counts what went out again.
func (c countedStore) ResendInvitation(ctx context.Context, actor team.Actor, organizationID, id string) (team.InvitationRow, error) {
	row, err := c.DB.ResendInvitation(ctx, actor, organizationID, id)
	if err == nil {
		c.m.invitations.WithLabelValues(invitedAgain).Inc()
	}
	return row, err
}

// countedCarrier counts what became of letters.
type countedCarrier struct {
	mail.Carrier
	m *metrics
}

func (m *metrics) carrier(c mail.Carrier) mail.Carrier {
	if m == nil {
		return c
	}
	return countedCarrier{c, m}
}

// Send counts the outcome.
func (c countedCarrier) Send(ctx context.Context, l team.Letter) team.Outcome {
	out := c.Carrier.Send(ctx, l)
	outcome := "later"
	switch {
	case out.Sent:
		outcome = "sent"
	case out.Permanent:
		outcome = "refused"
	}
	c.m.letters.WithLabelValues(string(l.Kind), outcome).Inc()
	return out
}

// certificateEnd is when the certificate in use ends; nothing without TLS.
type certificateEnd func() *secured

var certificateEndDesc = described("certificate_expiry_timestamp_seconds", "When the certificate in use ends.")

// Describe names it.
func (certificateEnd) Describe(out chan<- *prometheus.Desc) { out <- certificateEndDesc }

// Collect reads it.
func (c certificateEnd) Collect(out chan<- prometheus.Metric) {
	if s := c(); s != nil && s.expiry.Load() > 0 {
		out <- prometheus.MustNewConstMetric(certificateEndDesc, prometheus.GaugeValue, float64(s.expiry.Load()))
	}
}

// buildInfo says which version runs.
func buildInfo() prometheus.Collector {
	info, _ := debug.ReadBuildInfo()
	b := builtFrom(info)
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "roster_build_info", Help: "Which version runs.",
		ConstLabels: prometheus.Labels{"version": b.version, "commit": b.commit, "go": b.golang},
	})
	g.Set(1)
	return g
}

// metricsPatience is how long reading and writing may take on the listener of the
// metrics.
const metricsPatience = 10 * time.Second

// serveMetrics answers /metrics on a listener of its own until stop is called: it
// is told to nobody who may only see the pages.
func (p *process) serveMetrics() (stop func(), err error) {
	m := p.metrics
	if m == nil {
		return func() {}, nil
	}
	l, err := listenOn(p.ctx, p.conf.metricsNetwork, p.conf.metricsAddress, "metrics-addr")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, Timeout: metricsPatience}))
	srv := newServer(mux, p.log)
	srv.ReadTimeout, srv.WriteTimeout = metricsPatience, 2*metricsPatience
	go func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.log.Error("metrics are not served any more", "error", err)
		}
	}()
	p.log.Info("metrics", "address", metricsAddress(l.Addr()))
	return func() { _ = srv.Close() }, nil
}

func metricsAddress(at net.Addr) string {
	if at.Network() == "unix" {
		return "unix:" + at.String()
	}
	return "http://" + at.String() + "/metrics"
}

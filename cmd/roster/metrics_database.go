package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"roster/store"
)

// databaseMetrics are read when they are asked for.
type databaseMetrics struct {
	db  *store.DB
	log *slog.Logger
}

func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("roster_"+name, help, labels, nil)
}

var (
	lettersWaiting = described("letters_waiting", "Letters in the outbox, those that are tried again included. Counted up to 100,000.")
	letterOldest   = described("letter_oldest_seconds", "Age of the oldest letter in the outbox; 0 for none.")
	letterOverdue  = described("letter_overdue_seconds", "How long the most overdue letter is due; 0 for none.")
	sessionsNow    = described("sessions", "Signed-in browsers. Counted up to 100,000.")
	databaseUp     = described("database_up", "Whether the database answered when this was read.")
	connections    = described("database_connections", "Connections to the database.", "pool", "state")
	connectionsMax = described("database_connections_max", "Most connections that the pool opens.", "pool")
	connectionWait = described("database_waits_total", "How often somebody waited for a connection.", "pool")
	connectionTime = described("database_wait_seconds_total", "How long they waited in all.", "pool")
)

// Describe names the metrics.
func (d *databaseMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{lettersWaiting, letterOldest, letterOverdue, sessionsNow, databaseUp, connections, connectionsMax, connectionWait, connectionTime} {
		out <- desc
	}
}

// gaugePatience is how long the database may take to be watched.
const gaugePatience = 3 * time.Second

// Collect reads them. A database that does not answer is no reason to tell
// nothing: that it does not is the most interesting of them.
func (d *databaseMetrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, labels...)
	}
	counter := func(desc *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, v, labels...)
	}
	for pool, s := range d.db.Pools() {
		gauge(connections, float64(s.InUse), pool, "in_use")
		gauge(connections, float64(s.Idle), pool, "idle")
		gauge(connectionsMax, float64(s.MaxOpenConnections), pool)
		counter(connectionWait, float64(s.WaitCount), pool)
		counter(connectionTime, s.WaitDuration.Seconds(), pool)
	}
	ctx, cancel := context.WithTimeout(context.Background(), gaugePatience)
	defer cancel()
	g, err := d.db.Gauges(ctx)
	if err != nil {
		d.log.Warn("read metrics of the database", "error", err)
		gauge(databaseUp, 0)
		return
	}
	gauge(databaseUp, 1)
	gauge(lettersWaiting, float64(g.Waiting))
	gauge(letterOldest, since(g.Oldest))
	gauge(letterOverdue, since(g.Overdue))
	gauge(sessionsNow, float64(g.Sessions))
}

// since is how many seconds a moment is ago; 0 for one that never came or is yet
// to come.
func since(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return max(0, time.Since(t).Seconds())
}

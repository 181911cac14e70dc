package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// lastVisitors is how long a server that shuts goes on letting in who was at the
// door already, and lastLook how long it looks once more after that: the first may
// have passed while the machine was busy elsewhere. Together it is less than the
// second after which a newcomer who was turned away knocks again, to find nobody
// here and go to another process.
const (
	lastVisitors = 200 * time.Millisecond
	lastLook     = 50 * time.Millisecond
)

// gate is a listener that shuts without cutting anybody off. Closing one that the
// system has completed connections for resets them: their requests are lost, and a
// proxy can't know whether they were carried out, so it can't ask another process.
type gate struct {
	net.Listener
	shutting atomic.Bool
	log      *slog.Logger
}

// Accept returns the next visitor until the gate is shut.
func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err == nil || !g.shutting.Load() {
		return c, err //nolint:wrapcheck // the server looks at what kind of error it is
	}
	if c, err = g.within(lastLook); err == nil {
		return c, nil
	}
	return nil, net.ErrClosed
}

// within accepts who comes in the next moment.
func (g *gate) within(d time.Duration) (net.Conn, error) {
	l, ok := g.Listener.(interface{ SetDeadline(t time.Time) error })
	if !ok {
		return nil, net.ErrClosed
	}
	if err := l.SetDeadline(time.Now().Add(d)); err != nil {
		return nil, err
	}
	return g.Listener.Accept()
}

// shut turns newcomers away and lets in who waits. Serving ends soon after.
func (g *gate) shut() {
	g.shutting.Store(true)
	var err error
	switch l := g.Listener.(type) {
	case *net.UnixListener:
		// Without the path there are no newcomers. It goes here and not when the
		// listener is closed: by then it may be the next process's.
		l.SetUnlinkOnClose(false)
		if err = os.Remove(l.Addr().String()); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		err = errors.Join(err, l.SetDeadline(time.Now().Add(lastVisitors)))
	case *net.TCPListener:
		err = errors.Join(turnAway(l), l.SetDeadline(time.Now().Add(lastVisitors)))
	default:
		err = fmt.Errorf("a %T", l)
	}
	if err != nil {
		g.log.Warn("shut without waiting for who is at the door", "error", err)
		_ = g.Close() // Accept ends
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// socketMode lets the group of the process connect: the reverse proxy's.
const socketMode = 0o660

// listen opens the address of the settings.
func (c config) listen(ctx context.Context) (net.Listener, error) {
	return listenOn(ctx, c.network, c.address, "addr")
}

// listenOn opens an address that a flag names.
func listenOn(ctx context.Context, network, address, flag string) (net.Listener, error) {
	var lc net.ListenConfig
	lc.SetMultipathTCP(false) // its sockets take no filter, which a gate needs to shut
	if network == "unix" {
		if err := removeStale(ctx, address); err != nil {
			return nil, err
		}
	}
	l, err := lc.Listen(ctx, network, address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another process: stop it, or choose another address with --%s or %s, such as 127.0.0.1:8081", address, flag, variable(flag))
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s may not be listened on by this user: choose a port above 1023 with --%s or %s, such as 127.0.0.1:8080", address, flag, variable(flag))
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	if network == "unix" {
		if err := os.Chmod(address, socketMode); err != nil {
			return nil, errors.Join(fmt.Errorf("open socket to its group: %w", err), l.Close())
		}
	}
	return l, nil
}

// removeStale removes the socket that a killed process left, but no socket that
// somebody answers on and nothing that is no socket.
func removeStale(ctx context.Context, path string) error {
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeSocket {
		return nil //nolint:nilerr // not there, or a file: listening will say so
	}
	d := net.Dialer{Timeout: time.Second}
	if conn, err := d.DialContext(ctx, "unix", path); err == nil {
		return conn.Close() // in use: listening will say so
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove old socket: %w", err)
	}
	return nil
}

// publicURL returns the base URL: the one of the settings, else one made from
// the address to listen on and the port that was really opened.
func (c config) publicURL(opened net.Addr) (string, error) {
	switch {
	case c.baseURL != "":
		return c.baseURL, nil
	case c.network == "unix":
		return "", usageError{wrong("ROSTER_BASE_URL (--base-url)", "the public address is required with a socket, because links can’t be made from it", "https://team.example.com")}
	}
	host, port, err := net.SplitHostPort(c.address)
	if err != nil {
		return "", fmt.Errorf("split address: %w", err) // check has refused it
	}
	if tcp, ok := opened.(*net.TCPAddr); ok {
		port = strconv.Itoa(tcp.Port)
	}
	if c.ownTLS() {
		return c.secureURL(host, port), nil
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

// secureURL is the base URL of a server that speaks TLS itself.
func (c config) secureURL(host, port string) string {
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	if len(c.tlsDomains) > 0 {
		host = c.tlsDomains[0]
	}
	if port == "443" {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return "https://" + host
	}
	return "https://" + net.JoinHostPort(host, port)
}

// The limits on how long a client may take, and how much it may say before the
// handlers look at it (trap 4).
const (
	headerTimeout  = 5 * time.Second
	readTimeout    = 30 * time.Second
	writeTimeout   = 60 * time.Second
	idleTimeout    = 120 * time.Second
	maxHeaderBytes = 32 << 10
)

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

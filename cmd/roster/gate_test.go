package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// Who was connected before a server shut is let in and answered although nobody
// had accepted them yet; who comes later is refused and sends nothing.
func TestGateLetsInWhoWaits(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "roster") // t.TempDir() can be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(dir, "s")} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			l, err := config{network: network, address: address}.listen(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			g := &gate{Listener: l, log: slog.New(slog.NewTextHandler(t.Output(), nil))}
			early, err := net.Dial(network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer early.Close()
			if _, err := io.WriteString(early, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"); err != nil {
				t.Fatal(err)
			}
			g.shut()
			late := make(chan error, 1)
			began := time.Now()
			go func() {
				conn, err := net.Dial(network, l.Addr().String())
				if err == nil {
					_ = conn.Close()
				}
				late <- err
			}()
			time.Sleep(50 * time.Millisecond)
			srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "in") })}
			if err := srv.Serve(g); !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			resp, err := http.ReadResponse(bufio.NewReader(early), nil)
			if err != nil {
				t.Fatal("who waited was cut off: ", err)
			}
			_ = resp.Body.Close()
			err = <-late
			if network == "tcp" && runtime.GOOS != "linux" {
				return
			}
			if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ENOENT) {
				t.Errorf("a newcomer got in, or in another way not: %v", err)
			}
			t.Logf("a newcomer was refused after %v", time.Since(began).Round(time.Millisecond))
		})
	}
}

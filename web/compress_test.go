package web_test

import (
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"testing"

	"roster/static"
)

// unpacked is the body of a compressed answer.
func (a answer) unpacked(t *testing.T) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(a.body))
	if err != nil {
		t.Fatalf("an answer that is not compressed: %v", err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Pages are compressed for who takes it, whatever they answer; nothing else is.
func TestPagesAreCompressed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.signedIn(s.account("Maya Okafor", "maya@example.com"))
	plain := b.get("/profile", "Accept-Encoding", "identity")
	for _, coding := range []string{"gzip", "br, gzip;q=0.5"} {
		a := b.get("/profile", "Accept-Encoding", coding)
		if a.header.Get("Content-Encoding") != "gzip" || a.header.Get("Content-Length") != strconv.Itoa(len(a.body)) || a.unpacked(t) != plain.body {
			t.Errorf("%s: %v", coding, a.header)
		}
	}
	for _, coding := range []string{"", "br", "gzip;q=0", "identity"} {
		req := []string{"Accept-Encoding", coding}
		if coding == "" {
			req = []string{"Accept-Encoding", " "} // without one the client asks by itself
		}
		if a := b.get("/profile", req...); a.header.Get("Content-Encoding") != "" || a.body != plain.body {
			t.Errorf("%q: %v", coding, a.header)
		}
	}
	if a := b.get("/nowhere", "Accept-Encoding", "gzip"); a.status != 404 || !strings.Contains(a.unpacked(t), "We can’t find that") {
		t.Errorf("an error page: %d %v", a.status, a.header)
	}
	if a := b.send("HEAD", "/profile", nil, "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" || a.header.Get("Content-Length") != strconv.Itoa(len(plain.body)) {
		t.Errorf("HEAD: %v", a.header)
	}
	if a := b.get("/healthz", "Accept-Encoding", "gzip"); a.header.Get("Content-Encoding") != "" || !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
		t.Errorf("what is no page: %v", a.header)
	}
	if a := b.get(static.Path("app.css"), "Accept-Encoding", "gzip"); len(a.unpacked(t)) < 1000 {
		t.Error("a file is compressed twice, or not at all")
	}
}

package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"roster/store/storetest"
)

// visitor is somebody with cookies of their own who knows the public address, and
// comes to it through whichever door: a process, or the proxy in front.
type visitor struct {
	t       *testing.T
	base    string
	address string // where from
	cookies map[string]string
	htmx    bool // asks as htmx does
}

func newVisitor(t *testing.T, base, address string) *visitor {
	return &visitor{t: t, base: base, address: address, cookies: map[string]string{}}
}

// lone has a connection for each request, so that no kept one that a killed
// process had open is in the way.
var lone = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

// ask sends one request; a form makes it a POST.
func (v *visitor) ask(door, path string, form url.Values) (answered, error) {
	method, body := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, body = http.MethodPost, strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, "http://"+door+path, body)
	if err != nil {
		return answered{}, err
	}
	r.Host = strings.TrimPrefix(v.base, "http://")
	r.Header.Set("X-Forwarded-For", v.address)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.base)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if v.htmx {
		r.Header.Set("HX-Request", "true")
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := lone.Do(r)
	if err != nil {
		return answered{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answered{}, err
	}
	return answered{resp.StatusCode, resp.Header, string(text)}, nil
}

// keep takes the cookies of an answer. Who asks from several goroutines doesn't.
func (v *visitor) keep(a answered) {
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		} else {
			v.cookies[c.Name] = c.Value
		}
	}
}

// get asks for a page, which is expected to be answered so.
func (v *visitor) get(door, path string, status int) string {
	v.t.Helper()
	a, err := v.ask(door, path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	if a.status != status {
		v.t.Fatalf("%s: %d, want %d\n%.1500s", path, a.status, status, a.body)
	}
	v.keep(a)
	return a.body
}

// post sends a form, which is expected to be answered so.
func (v *visitor) post(door, path string, status int, pairs ...string) answered {
	v.t.Helper()
	a, err := v.ask(door, path, formOf(pairs))
	if err != nil {
		v.t.Fatal(err)
	}
	if a.status != status {
		v.t.Fatalf("%s: %d, want %d\n%.1500s", path, a.status, status, a.body)
	}
	v.keep(a)
	return a
}

func formOf(pairs []string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

// signIn signs in somebody whom a World made.
func (v *visitor) signIn(door, email string) *visitor {
	v.t.Helper()
	v.post(door, "/signin", http.StatusSeeOther, "email", email, "password", storetest.Password)
	return v
}

// visitor is somebody with a network address of their own: the limits on guessing
// meet nobody else.
func (c *cluster) visitor(n int) *visitor {
	return newVisitor(c.t, teamURL, fmt.Sprintf("192.0.2.%d", n))
}

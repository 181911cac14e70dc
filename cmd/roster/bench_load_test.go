package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A request is written and its answer read without net/http: on a machine whose
// processors client and server share, a client that costs as much as the server
// would hide half of every difference.

// request is one thing that a signed-in browser asks for.
type request struct {
	path string
	form url.Values // of a POST
	htmx bool

	token, json string // of a program, with what it posts, if anything
}

// bytes is the request as it goes over the wire.
func (r request) bytes(host, cookie string) []byte {
	var b strings.Builder
	if r.token != "" {
		return r.byProgram(host)
	}
	method, body := "GET", r.form.Encode()
	if r.form != nil {
		method = "POST"
	}
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nSec-Fetch-Site: same-origin\r\nAccept: text/html\r\nAccept-Language: en-US\r\n"+
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n", method, r.path, host, cookie)
	if r.htmx {
		page, _, _ := strings.Cut(r.path, "/members/")
		page, _, _ = strings.Cut(page, "?")
		fmt.Fprintf(&b, "HX-Request: true\r\nHX-Current-URL: http://%s%s\r\n", host, page)
	}
	if r.form != nil {
		fmt.Fprintf(&b, "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n", len(body))
	}
	return []byte(b.String() + "\r\n" + body)
}

func (r request) byProgram(host string) []byte {
	method := "GET"
	if r.json != "" {
		method = "POST"
	}
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nUser-Agent: Go-http-client/1.1\r\n", method, r.path, host, r.token)
	if r.json != "" {
		head += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(r.json))
	}
	return []byte(head + "\r\n" + r.json)
}

// client is one connection that is kept open.
type client struct {
	conn net.Conn
	r    *bufio.Reader
	body []byte // of the last answer
}

func dial(host string) (*client, error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// do sends a request and reads the answer, which says how long it is or comes in
// chunks.
func (c *client) do(req []byte) (status int, err error) {
	if _, err := c.conn.Write(req); err != nil {
		return 0, err
	}
	length, chunked := -1, false
	for {
		line, err := c.r.ReadSlice('\n')
		switch {
		case err != nil:
			return 0, err
		case len(line) <= 2:
			if chunked {
				if c.body, err = io.ReadAll(httputil.NewChunkedReader(c.r)); err == nil {
					_, err = c.r.ReadSlice('\n') // the end, behind the last chunk
				}
				return status, err
			}
			if length < 0 {
				return 0, errors.New("an answer without Content-Length")
			}
			c.body = slices.Grow(c.body[:0], length)[:length]
			_, err := io.ReadFull(c.r, c.body)
			return status, err
		case status == 0:
			status, err = strconv.Atoi(string(line[9:12]))
		case strings.EqualFold(string(line), "transfer-encoding: chunked\r\n"):
			chunked = true
		case len(line) > 16 && strings.EqualFold(string(line[:16]), "content-length: "):
			length, err = strconv.Atoi(strings.TrimSpace(string(line[16:])))
		}
		if err != nil {
			return 0, err
		}
	}
}

// sample is what one round measured.
type sample struct{ perSecond, p50, p99 float64 } // the last two in milliseconds

// measure has so many clients send requests one behind the other for a while.
// Every answer must have the status.
func measure(host string, clients, status int, d time.Duration, next func(client, n int) []byte) (sample, error) {
	took := make([][]time.Duration, clients)
	failed := make([]error, clients)
	begin := time.Now()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			took[i], failed[i] = visit(host, status, begin.Add(d), func(n int) []byte { return next(i, n) })
		})
	}
	all.Wait()
	wall := time.Since(begin)
	list := slices.Concat(took...)
	slices.Sort(list)
	if err := errors.Join(failed...); err != nil {
		return sample{}, err
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	return sample{float64(len(list)) / wall.Seconds(), ms(list[len(list)/2]), ms(list[len(list)*99/100])}, nil
}

func visit(host string, want int, end time.Time, next func(n int) []byte) (took []time.Duration, err error) {
	c, err := dial(host)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.conn.Close()) }()
	for n := 0; n == 0 || time.Now().Before(end); n++ {
		req := next(n)
		start := time.Now()
		status, err := c.do(req)
		took = append(took, time.Since(start))
		if err != nil || status != want {
			return took, fmt.Errorf("answered %d, want %d: %w\n%s", status, want, err, c.body)
		}
	}
	return took, nil
}

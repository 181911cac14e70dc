package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// worthPacking is how long a page has to be before it is compressed: a shorter
// one fits into one packet as it is.
const worthPacking = 1 << 10

// packer is a compressor with the buffer it writes to. They are kept between
// requests: a new one takes more memory than a page.
type packer struct {
	gzip *gzip.Writer
	buf  bytes.Buffer
}

var packers = sync.Pool{New: func() any {
	p := &packer{}
	p.gzip, _ = gzip.NewWriterLevel(&p.buf, gzip.BestSpeed) // fails for levels there are not
	return p
}}

// compressed sends pages compressed to who takes that. Pages come whole, in one
// write (handlers.render); what is streamed, and what is no page, goes as it is.
// HEAD has no body, and tells of the page as it is.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !acceptsGzip(r) {
			next.ServeHTTP(w, r)
			return
		}
		p := &packing{ResponseWriter: w}
		next.ServeHTTP(p, r)
		p.release()
	})
}

// packing holds the head of an answer back until its body is there, if it is a
// page to compress.
type packing struct {
	http.ResponseWriter
	held int // the status that waits for the body; 0 where none does
}

// WriteHeader notes the status of a page, and passes on any other.
func (p *packing) WriteHeader(status int) {
	if p.held == 0 && p.page() {
		p.held = status
		return
	}
	p.release()
	p.ResponseWriter.WriteHeader(status)
}

// page reports whether what is answered is one to compress.
func (p *packing) page() bool {
	h := p.Header()
	n, err := strconv.Atoi(h.Get(echo.HeaderContentLength))
	return err == nil && n >= worthPacking && h.Get(echo.HeaderContentEncoding) == "" && strings.HasPrefix(h.Get(echo.HeaderContentType), "text/html")
}

// release sends a head that was held back.
func (p *packing) release() {
	if status := p.held; status != 0 {
		p.held = 0
		p.ResponseWriter.WriteHeader(status)
	}
}

// Write sends a page that came whole compressed, and anything else as it is.
func (p *packing) Write(b []byte) (int, error) {
	if p.held == 0 || p.Header().Get(echo.HeaderContentLength) != strconv.Itoa(len(b)) {
		p.release()
		return p.ResponseWriter.Write(b)
	}
	pack, _ := packers.Get().(*packer)
	defer packers.Put(pack)
	pack.buf.Reset()
	pack.gzip.Reset(&pack.buf)
	_, _ = pack.gzip.Write(b) // into memory
	_ = pack.gzip.Close()
	h := p.Header()
	h.Set(echo.HeaderContentEncoding, "gzip")
	h.Set(echo.HeaderContentLength, strconv.Itoa(pack.buf.Len()))
	p.release()
	if _, err := p.ResponseWriter.Write(pack.buf.Bytes()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// FlushError sends what there is; a head that waits goes first.
func (p *packing) FlushError() error {
	p.release()
	return http.NewResponseController(p.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController reach the connection.
func (p *packing) Unwrap() http.ResponseWriter { return p.ResponseWriter }

package mailtest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"time"
)

// Received is one letter as it came in.
type Received struct {
	From, To  string // of the envelope
	Header    mail.Header
	Subject   string // decoded
	Text      string // the plain part, with line feeds alone
	HTML      string
	Raw       string
	Encrypted bool
	User      string // who signed in
	At        time.Time
}

var address = regexp.MustCompile(`https?://[^\s<>"')\]]+`)

// Link returns the first address in the letter that contains the text, such as
// "/invitations/", or "" if there is none.
func (r Received) Link(contains string) string {
	for _, body := range []string{r.Text, r.HTML} {
		for _, a := range address.FindAllString(body, -1) {
			if strings.Contains(a, contains) {
				return a
			}
		}
	}
	return ""
}

// read takes a message apart.
func read(raw []byte) (Received, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Received{}, fmt.Errorf("read message: %w", err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Received{}, fmt.Errorf("read subject: %w", err)
	}
	r := Received{Header: m.Header, Subject: subject, Raw: string(raw), At: time.Now()}
	if err := r.part(m.Header.Get, m.Body); err != nil {
		return Received{}, err
	}
	return r, nil
}

// part reads one part, and those inside it.
func (r *Received) part(header func(string) string, body io.Reader) error {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain" // what mail without a type is
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("read parts: %w", err)
			}
			if err := r.part(p.Header.Get, p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(header("Content-Transfer-Encoding")) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("decode part: %w", err)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	switch {
	case kind == "text/plain" && r.Text == "":
		r.Text = text
	case kind == "text/html" && r.HTML == "":
		r.HTML = text
	}
	return nil
}

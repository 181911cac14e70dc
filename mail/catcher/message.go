package catcher

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
)

// Message is one message, taken apart.
type Message struct {
	Header  mail.Header
	Subject string // decoded
	Text    string // the plain part, with line feeds alone
	HTML    string
	Raw     string
}

var address = regexp.MustCompile(`https?://[^\s<>"')\]]+`)

// Link returns the first address in the message that contains the text, such as
// "/invitations/", or "" if there is none.
func (m Message) Link(contains string) string {
	for _, body := range []string{m.Text, m.HTML} {
		for _, a := range address.FindAllString(body, -1) {
			if strings.Contains(a, contains) {
				return a
			}
		}
	}
	return ""
}

// Read takes a message apart.
func Read(raw []byte) (Message, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Message{}, fmt.Errorf("read message: %w", err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		return Message{}, fmt.Errorf("read subject: %w", err)
	}
	out := Message{Header: m.Header, Subject: subject, Raw: string(raw)}
	return out, out.part(m.Header.Get, m.Body, 0)
}

// deepest is how far parts may stand within parts.
const deepest = 10

// part reads one part, and those inside it.
func (m *Message) part(header func(string) string, body io.Reader, depth int) error {
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		kind = "text/plain" // what mail without a type is
	}
	if strings.HasPrefix(kind, "multipart/") && depth < deepest {
		return m.parts(multipart.NewReader(body, params["boundary"]), depth+1)
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
	case kind == "text/plain" && m.Text == "":
		m.Text = text
	case kind == "text/html" && m.HTML == "":
		m.HTML = text
	}
	return nil
}

func (m *Message) parts(parts *multipart.Reader, depth int) error {
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read parts: %w", err)
		}
		if err := m.part(p.Header.Get, p, depth); err != nil {
			return err
		}
	}
}

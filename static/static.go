// Package static holds the files that browsers load as they are: one stylesheet,
// one sprite, htmx and the few lines of our own script. Each is served under a
// name that changes with its content, so that browsers may keep it forever. It
// knows nothing about requests.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"path"
	"strings"
	"sync"
)

//go:embed *.css *.js *.svg
var embedded embed.FS

// Folder is where the files stand in addresses.
const Folder = "/static/"

// File is one file, ready to send.
type File struct {
	Name string // with the hash: app.0123456789ab.css
	Type string
	Body []byte
	gzip func() []byte
}

// Gzip returns the file compressed. That is done once, when first asked for.
func (f File) Gzip() []byte { return f.gzip() }

// byName and byHash are made while the program starts and never change.
var byName, byHash = load()

func load() (byName, byHash map[string]File) {
	byName, byHash = map[string]File{}, map[string]File{}
	entries, err := embedded.ReadDir(".")
	if err != nil {
		panic("static: read embedded files: " + err.Error())
	}
	for _, e := range entries {
		body, err := embedded.ReadFile(e.Name())
		if err != nil {
			panic("static: read embedded file: " + err.Error())
		}
		f := newFile(e.Name(), body)
		byName[e.Name()], byHash[f.Name] = f, f
	}
	return byName, byHash
}

func newFile(name string, body []byte) File {
	sum, ext := sha256.Sum256(body), path.Ext(name)
	return File{
		Name: strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		Type: contentType(ext),
		Body: body,
		gzip: sync.OnceValue(func() []byte { return compress(body) }),
	}
}

// contentType does not ask the machine's own table, which differs from host to host.
func contentType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return mime.TypeByExtension(ext)
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic("static: compress: " + err.Error()) // a buffer never fails
	}
	return b.Bytes()
}

// Path returns the address of a file, and panics if there is none: a broken
// link to an embedded file is a programming mistake.
func Path(name string) string {
	f, ok := byName[name]
	if !ok {
		panic("static: no file " + name)
	}
	return Folder + f.Name
}

// Open returns the file behind a name with its hash.
func Open(hashed string) (File, bool) {
	f, ok := byHash[hashed]
	return f, ok
}

package main

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"roster/store/storetest"
)

const days = 24 * time.Hour

// crew is who stands on the picture: name, address, role, since when, last seen.
var crew = []struct {
	name, email, role string
	joined, seen      time.Duration
}{
	{"Ingrid Solberg", "ingrid.solberg", "admin", 521 * days, 3 * time.Hour},
	{"Tomás Herrera", "tomas.herrera", "admin", 597 * days, 20 * time.Second},
	{"Aiko Tanaka", "aiko.tanaka", "member", 268 * days, 2 * days},
	{"Jonas Weber", "jonas.weber", "member", 199 * days, 8 * time.Hour},
	{"Priya Raman", "priya.raman", "member", 66 * days, 25 * time.Minute},
	{"Samuel Adeyemi", "samuel.adeyemi", "member", 384 * days, 94 * days},
	{"Chen Wei", "chen.wei", "viewer", 313 * days, 21 * days},
	{"Léa Fontaine", "lea.fontaine", "viewer", 235 * days, 6 * days},
	{"Oliver Whitcombe", "oliver.whitcombe", "viewer", 165 * days, 40 * time.Second},
	{"Wanjiru Kamau", "wanjiru.kamau", "viewer", 31 * days, 5 * time.Hour},
}

// screenshot takes the picture of the README from the running product. With
// ROSTER_SCREENSHOT it is written to that file: make screenshot.
func screenshot(t *testing.T, b browser) {
	s := newStage(t, b)
	w := s.silent
	const domain = "@brightwater.example"
	maya, _, err := w.CreateUser(t.Context(), "maya.okafor"+domain, "Maya Okafor", storetest.Password, false)
	if err != nil {
		t.Fatal(err)
	}
	o := w.Organization("workspace", "brightwater", maya)
	dated := func(user string, joined, seen time.Duration) {
		now := time.Now()
		w.Exec(`UPDATE memberships SET joined_at = $1, last_seen_at = $2 WHERE user_id = $3`, now.Add(-joined).UnixMilli(), now.Add(-seen).UnixMilli(), user)
	}
	dated(maya.ID, 620*days, 0)
	for _, c := range crew {
		a, _, err := w.CreateUser(t.Context(), c.email+domain, c.name, "", false)
		if err != nil {
			t.Fatal(err)
		}
		w.Join(maya, o, a, c.role)
		dated(a.ID, c.joined, c.seen)
	}
	s.earlier.Invite(storetest.Actor(maya), o, "rosa.lindqvist"+domain, "member")
	s.ago(3*days, storetest.WithMail).Invite(storetest.Actor(maya), o, "deniz.aydin"+domain, "viewer")
	s.mail.WaitFor(t, "deniz.aydin"+domain, 1)

	p := b.open(t, "maya", s.server.base, "10.252.0.1", true)
	p.visit("/signin")
	p.signIn(maya.Email, storetest.Password)
	p.visit("/o/brightwater/settings/team")
	p.at("Members")
	height := must[int64](p, `Math.ceil(document.getElementById("members-card").getBoundingClientRect().bottom) + 40`)
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: height, DeviceScaleFactor: 1})
	p.until("delivery", func() error { return p.shows("document.body", "Invited 3 days ago") })
	picture, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	keepPicture(t, "", picture)
}

// keepPicture checks what the documents will show, and writes it where it is
// wanted: that of the README or, with a name, one beside it.
func keepPicture(t *testing.T, name string, picture []byte) {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColors(img)); err != nil {
		t.Fatal(err)
	}
	if small.Len() > 150<<10 || img.Bounds().Dx() != 1280 {
		t.Errorf("the picture is %d wide and has %d bytes", img.Bounds().Dx(), small.Len())
	}
	if path := os.Getenv("ROSTER_SCREENSHOT"); path != "" {
		if name != "" {
			path = filepath.Join(filepath.Dir(path), name)
		}
		if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// fewColors draws a picture with 256 colors: the most frequent ones, and one of
// each kind of the others. A page has few, and the edges of letters, which nobody
// sees singly.
func fewColors(img image.Image) *image.Paletted {
	b := img.Bounds()
	at := func(x, y int) color.RGBA {
		c, _ := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
		return c
	}
	counts, alike := map[color.RGBA]int{}, map[color.RGBA]int{}
	kind := func(c color.RGBA) color.RGBA { return color.RGBA{R: c.R >> 4, G: c.G >> 4, B: c.B >> 4} }
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			counts[at(x, y)]++
			alike[kind(at(x, y))]++
		}
	}
	frequent := func(counts map[color.RGBA]int) []color.RGBA {
		return slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return cmp.Compare(counts[b], counts[a]) })
	}
	colors := frequent(counts)
	out := image.NewPaletted(b, nil)
	for _, c := range colors[:min(96, len(colors))] { // the surfaces
		out.Palette = append(out.Palette, c)
	}
	kinds, taken := frequent(alike), map[color.RGBA]bool{}
	for _, c := range colors { // one for each kind of the rest
		if k := kind(c); len(out.Palette) < 256 && !taken[k] && slices.Contains(kinds[:min(160, len(kinds))], k) {
			taken[k] = true
			out.Palette = append(out.Palette, c)
		}
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colors {
		index[c] = uint8(out.Palette.Index(c))
	}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			out.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return out
}

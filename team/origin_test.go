package team_test

import (
	"strings"
	"testing"

	"roster/team"
)

func TestParseOrigin(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://app.example.com":       "https://app.example.com",
		"https://App.Example.com/":      "https://app.example.com",
		"HTTPS://app.example.com:443":   "https://app.example.com",
		"http://app.example.com:80":     "http://app.example.com",
		"https://app.example.com:8443":  "https://app.example.com:8443",
		"http://localhost:3000":         "http://localhost:3000",
		"http://127.0.0.1:3000":         "http://127.0.0.1:3000",
		"http://[::1]":                  "http://[::1]",
		"http://[::1]:3000":             "http://[::1]:3000",
		"https://bücher.example":        "https://xn--bcher-kva.example",
		"app.example.com":               "",
		"//app.example.com":             "",
		"ftp://app.example.com":         "",
		"javascript://app.example.com":  "",
		"https:app.example.com":         "",
		"https://":                      "",
		"https://*.example.com":         "",
		"https://app.example.com.":      "",
		"https://app.example.com/path":  "",
		"https://app.example.com?":      "",
		"https://app.example.com?a=b":   "",
		"https://app.example.com#":      "",
		"https://u:p@app.example.com":   "",
		"https://app.example.com:0":     "",
		"https://app.example.com:65536": "",
		"https://app example.com":       "",
		"":                              "",
	} {
		if got, ok := team.ParseOrigin(text); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
	}
}

// F2: whatever a browser might take for another address leads nowhere.
func TestF2ReturnToAllowedOriginsOnly(t *testing.T) {
	t.Parallel()
	origins := []string{"https://app.example.com", "https://other.example.com:8443"}
	for address, want := range map[string]string{
		"https://app.example.com":                              "https://app.example.com/",
		"https://app.example.com/a%20b?c=d&e=%2F#top":          "https://app.example.com/a%20b?c=d&e=%2F",
		"HTTPS://APP.example.com:443/A":                        "https://app.example.com/A",
		"https://app.example.com:/a":                           "https://app.example.com/a",
		"https://app.example.com//evil.example/":               "https://app.example.com//evil.example/",
		"https://other.example.com:8443/":                      "https://other.example.com:8443/",
		"http://app.example.com/":                              "", // in the clear
		"https://other.example.com/":                           "", // another port
		"https://app.example.com:444/":                         "",
		"https://evil-app.example.com/":                        "",
		"https://evilapp.example.com/":                         "",
		"https://app.example.com.evil.com/":                    "",
		"https://app.example.com@evil.com/":                    "",
		"https://evil.com@app.example.com/":                    "",
		"https://:@app.example.com/":                           "",
		"https://evil.com/https://app.example.com/":            "",
		"https://evil.com#https://app.example.com/":            "",
		"https://evil.com?https://app.example.com/":            "",
		"https://evil.com\\@app.example.com/":                  "",
		"https://app.example.com\\.evil.com/":                  "",
		"https:\\\\app.example.com/":                           "",
		"//app.example.com/":                                   "",
		"///app.example.com/":                                  "",
		"https:app.example.com/":                               "",
		"https:/app.example.com/":                              "",
		"https:///app.example.com/":                            "",
		"https://app.example.com./":                            "",
		"https://app.example.com%2eevil.com/":                  "",
		"https://app.example.com%00.evil.com/":                 "",
		"https://app.example.com\t/":                           "",
		" https://app.example.com/":                            "",
		"https://app.example.com/\r\nSet-Cookie:a=b":           "",
		"https://аpp.example.com/":                             "", // a Cyrillic letter
		"https://app。example.com/":                             "",
		"javascript:alert(1)//https://app.example.com/":        "",
		"data:text/html,https://app.example.com/":              "",
		"https://app.example.com/" + strings.Repeat("a", 2000): "",
		"":  "",
		"/": "",
	} {
		if got := team.ReturnTo(address, origins); got != want {
			t.Errorf("%q leads to %q, want %q", address, got, want)
		}
	}
	if got := team.ReturnTo("https://app.example.com/", nil); got != "" {
		t.Error(got)
	}
}

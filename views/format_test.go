package views

import (
	"testing"
	"time"
)

func TestTimesInWords(t *testing.T) {
	t.Parallel()
	oslo := NewClock(now, "Europe/Oslo") // 21:30 there
	for want, at := range map[string]time.Time{
		"Just now":       ago(10 * time.Second),
		"1 minute ago":   ago(time.Minute),
		"25 minutes ago": ago(25 * time.Minute),
		"3 hours ago":    ago(3 * time.Hour),
		"20 hours ago":   ago(20 * time.Hour),
		"Yesterday":      ago(30 * time.Hour),
		"3 days ago":     ago(3 * day),
		"3 weeks ago":    ago(22 * day),
		"94 days ago":    ago(94 * day),
		"4 months ago":   ago(130 * day),
		"2 years ago":    ago(800 * day),
		"Never":          {},
		"In a moment":    now.Add(10 * time.Second),
		"In 4 minutes":   now.Add(4 * time.Minute),
		"In 5 hours":     now.Add(5 * time.Hour),
		"Tomorrow":       now.Add(20 * time.Hour),
		"In 6 days":      now.Add(6 * day),
	} {
		if got := oslo.Relative(at).Text; got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
	for want, at := range map[string]time.Time{
		"Today, 21:30": now, "Today, 00:30": ago(21 * time.Hour), "Yesterday, 23:30": ago(22 * time.Hour), "Yesterday, 20:30": ago(25 * time.Hour),
		"19 Nov, 21:30": ago(2 * day), "1 Jan, 00:30": time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC), "31 Dec 2025, 23:30": time.Date(2025, 12, 31, 22, 30, 0, 0, time.UTC), "Never": {},
	} {
		if got := oslo.Near(at).Text; got != want {
			t.Errorf("%s is %q nearby, want %q", at, got, want)
		}
	}
	if got := oslo.Exact(now); got.Text != "21 Nov 2026, 21:30" || got.At != "2026-11-21T20:30Z" {
		t.Errorf("exact: %+v", got)
	}
	if got := oslo.Date(time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)).Text; got != "1 Jan 2027" {
		t.Errorf("date: %q", got)
	}
	if got := NewClock(now, "Nowhere/City").Zone(); got != "UTC" {
		t.Errorf("an unknown zone is %q", got)
	}
}

func TestNumbersInWords(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 seats", 1: "1 seat", 2: "2 seats", 999: "999 seats", 1000: "1,000 seats", 1234567: "1,234,567 seats", -1234: "-1,234 seats"} {
		if got := plural(n, "seat", "seats"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

package main

import (
	"fmt"
	"io"
	"strings"
)

// printTable writes a block for each number of clients.
func printTable(w io.Writer, sizes []int, rows [][]*row) {
	for i, n := range clients {
		fmt.Fprintf(w, "\n%-26s", fmt.Sprintf("clients at once: %d", n))
		for _, size := range sizes {
			fmt.Fprintf(w, "  | %36s", fmt.Sprintf("%d members", size))
		}
		fmt.Fprintf(w, "  |  p50 last\n%-26s", "")
		for range sizes {
			fmt.Fprintf(w, "  | %6s %7s %7s %6s %6s", "/s", "p50 ms", "p99 ms", "floor", "÷")
		}
		fmt.Fprint(w, "  |   ÷ first\n")
		for _, line := range rows {
			fmt.Fprintf(w, "%-26s", line[0].name)
			for _, r := range line {
				got, bar := r.roster[i], r.bar[i]
				fmt.Fprintf(w, "  | %6.0f %7.2f %7.2f %6.0f %6.2f", got.perSecond, got.p50, got.p99, bar.perSecond, got.perSecond/bar.perSecond)
			}
			fmt.Fprintf(w, "  | %9.2f\n", growth(line, i))
		}
	}
}

// growth is how much longer the median request takes in the largest organization
// than in the smallest.
func growth(line []*row, i int) float64 {
	return line[len(line)-1].roster[i].p50 / line[0].roster[i].p50
}

// printGoals says which goals were reached: the worst of all sizes counts, with
// one client and with several.
func printGoals(w io.Writer, rows [][]*row) {
	fmt.Fprintf(w, "\n%-26s %-34s %8s\n", "goal", "", strings.TrimSpace(fmt.Sprintf("%v at once", clients)))
	for _, line := range rows {
		c := line[0].benchCase
		if c.least > 0 {
			var got [len(clients)]float64
			for i := range clients {
				for k, r := range line {
					if ratio := r.roster[i].perSecond / r.bar[i].perSecond; k == 0 || ratio < got[i] {
						got[i] = ratio
					}
				}
			}
			fmt.Fprintf(w, "%-26s %-34s %.2f %.2f  %s\n", c.name, fmt.Sprintf("÷ floor at least %.2f", c.least), got[0], got[1], verdict(min(got[0], got[1]) >= c.least))
		}
		if most := mostMilliseconds[c.name]; most > 0 {
			worst := 0.0
			for _, r := range line {
				worst = max(worst, r.roster[0].p50)
			}
			fmt.Fprintf(w, "%-26s %-34s %.2f       %s\n", c.name, fmt.Sprintf("p50 at most %.0f ms, one client", most), worst, verdict(worst <= most))
		}
		if c.flat > 0 {
			one, more := growth(line, 0), growth(line, 1)
			fmt.Fprintf(w, "%-26s %-34s %.2f %.2f  %s\n", c.name, fmt.Sprintf("p50 largest ÷ smallest at most %.2f", c.flat), one, more, verdict(max(one, more) <= c.flat))
		}
	}
	fmt.Fprintln(w)
}

func verdict(held bool) string {
	if held {
		return "held"
	}
	return "MISSED"
}

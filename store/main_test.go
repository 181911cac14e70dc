package store_test

import (
	"flag"
	"os"
	"testing"

	"roster/store/storetest"
)

// soaking asks for the long versions (make soak).
var soaking = os.Getenv("ROSTER_SOAK") != ""

// rounds is how often a race is run.
func rounds() int {
	if soaking {
		return 1000
	}
	return 100
}

func TestMain(m *testing.M) {
	flag.Parse()
	checks := "5"
	if soaking {
		checks = "400"
	}
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.steps": "45", "rapid.nofailfile": "true", "rapid.shrinktime": "20s"} {
		if !given[name] {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
	}
	os.Exit(storetest.Main(m))
}

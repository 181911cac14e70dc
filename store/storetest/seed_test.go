package storetest_test

import (
	"os"
	"testing"

	"roster/store/storetest"
	"roster/team"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

// What is seeded past the store is as the store itself would have left it.
func TestSeed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, w *storetest.World) {
		maya := w.User("maya@example.com")
		o := w.Organization("workspace", "brightwater", maya)
		w.Join(maya, o, w.User("omar@example.com"), "admin")
		w.Seed(o, 1234, 56)
		found, err := w.Recount(t.Context())
		if err != nil || len(found) > 0 {
			t.Fatal(found, err)
		}
		v := w.Viewer(maya, o)
		if counts, err := w.Counts(t.Context(), v, o.ID); err != nil || counts.Members != 1236 || counts.Pending != 56 {
			t.Error(counts, err)
		}
		for query, want := range map[string]int{storetest.SeedNumber(1233): 1, storetest.SeedNumber(1234): 0, "brightwater": 50, "br": 50} {
			page, err := w.Members(t.Context(), v, o.ID, team.MemberFilter{Query: query})
			if err != nil || len(page.Items) != want {
				t.Errorf("%q finds %d, want %d, %v", query, len(page.Items), want, err)
			}
		}
		w.Join(maya, o, w.User("nia@example.com"), "viewer") // numbers go on behind the seeded ones
		if found, err := w.Recount(t.Context()); err != nil || len(found) > 0 {
			t.Error(found, err)
		}
	})
}

package main

import "time"

// demoOrganization is one organization of the demo, as data: another scheme takes
// another one of these. Roles are named by their place in the scheme, the highest
// first, so that nothing here depends on what a scheme calls them.
type demoOrganization struct {
	scheme, slug, name, plan string
	formerly                 string        // what it was called in its first weeks
	domain                   string        // of its people's addresses
	age                      time.Duration // how long ago it began
	people                   []int         // how many have each role in the end
	known                    map[int][]int // place of a role → who of demoKnown has it
	gone                     int           // how many have left or were removed
	refused                  int           // attempts that were not allowed
	founder                  bool          // somebody else began it, and handed it over
	deactivated              bool          // one account is disabled
	vouched                  bool          // one came by a copied link, and never proved the address
	waiting                  []demoWaiting // invitations nobody has accepted
	skills                   []demoSkill   // of members, where there are modules
	scopes                   []demoScope   // below it
}

// demoWaiting is an invitation that is left as it is.
type demoWaiting struct {
	email   string
	role    int
	ago     time.Duration // since it was sent
	message string
	also    string // name of another scope that it leads to
	then    demoFate
}

// demoFate is what became of an invitation after it was sent; what becomes of its
// letter is the mail server's to say.
type demoFate string

const (
	nothingYet demoFate = ""
	resent     demoFate = "resent"
	handedOver demoFate = "link shown"
	declined   demoFate = "declined"
	revoked    demoFate = "revoked"
	askedAgain demoFate = "renewal asked" // after it had expired
)

// demoPassword is everybody's.
const demoPassword = "try everything once"

// demoKnown are the people with a story; the first runs the server. The others
// get their names by chance.
var demoKnown = []struct{ name, email string }{
	{"Maya Okafor", "maya.okafor@brightwater.example"},
	{"Samuel Lindgren", "samuel.lindgren@fernhill.example"},
}

const (
	demoDay   = 24 * time.Hour
	demoMonth = 30 * demoDay
)

var demoOrganizations = []demoOrganization{
	{
		scheme: "workspace", slug: "brightwater", name: "Brightwater", formerly: "Brightwater Software", plan: "business", domain: "brightwater.example",
		age: 14 * demoMonth, people: []int{1, 5, 37, 17}, known: map[int][]int{0: {0}}, gone: 7, refused: 5, deactivated: true, vouched: true,
		waiting: []demoWaiting{
			{email: "nadia.rahman@fontaine-audit.example", role: 3, ago: 26 * time.Hour, message: "Hi Nadia, this is where you find our backups for the yearly audit. Shout if anything is missing.\n\nMaya"},
			{email: "piet.vandermeer@slow.example", role: 2, ago: 4 * time.Minute},
			{email: "noor@busy.example", role: 2, ago: 38 * time.Minute},
			{email: "henrik.ostby@gone.example", role: 3, ago: 5 * time.Hour},
			{email: "accounts@full.example", role: 3, ago: 2 * demoDay},
			{email: "wei.zhang@brightwater.example", role: 2, ago: 5 * demoDay, then: resent},
			{email: "hannah.fischer@kestrel-consulting.example", role: 3, ago: 3 * demoDay, then: handedOver, message: "The project starts on Monday. Welcome."},
			{email: "samuel.lindgren@fernhill.example", role: 2, ago: 7 * time.Hour},
			{email: "old.contractor@kestrel-consulting.example", role: 2, ago: 19 * demoDay},
			{email: "late.again@kestrel-consulting.example", role: 3, ago: 11 * demoDay, then: askedAgain},
			{email: "not.interested@fontaine-audit.example", role: 3, ago: 9 * demoDay, then: declined},
			{email: "wrong.person@brightwater.example", role: 2, ago: 6 * demoDay, then: revoked},
		},
	},
	{
		scheme: "cluster", slug: "redstone", name: "Redstone Network", domain: "redstone.example", age: 9 * demoMonth,
		people: []int{1, 4, 17, 12}, known: map[int][]int{1: {0}}, gone: 5, refused: 4, founder: true,
		waiting: []demoWaiting{
			{email: "pixel.fox@redstone.example", role: 2, ago: 9 * time.Hour, message: "You answered half of the reports last month anyway. Come aboard."},
			{email: "creeper@gone.example", role: 3, ago: 3 * time.Hour},
			{email: "night.owl@busy.example", role: 3, ago: 21 * time.Minute},
			{email: "blockhead@redstone.example", role: 3, ago: 12 * demoDay},
			{email: "rival.admin@obsidian.example", role: 2, ago: 8 * demoDay, then: declined},
			{email: "oops@redstone.example", role: 2, ago: 4 * demoDay, then: revoked},
		},
	},
	{
		scheme: "pair", slug: "fernhill", name: "Fernhill Clinic", domain: "fernhill.example", age: 5 * demoMonth,
		people: []int{3, 9}, known: map[int][]int{0: {1}, 1: {0}}, gone: 2, refused: 2,
		waiting: []demoWaiting{
			{email: "locum@fernhill.example", role: 1, ago: 2 * demoDay},
			{email: "reception@full.example", role: 1, ago: 6 * time.Hour},
			{email: "intern@fernhill.example", role: 1, ago: 10 * demoDay},
		},
	},
	demoStridewell,
	demoPaperplane,
	{
		scheme: "workspace", slug: "nordlys", name: "Nordlys Studio", plan: "pro", domain: "nordlys.example", age: 7 * demoMonth,
		people: []int{1, 2, 4, 1}, known: map[int][]int{3: {0}}, gone: 1, refused: 1,
		waiting: []demoWaiting{{email: "freelance.illustrator@nordlys.example", role: 3, ago: 30 * time.Hour, message: "The last seat but one is yours."}},
	},
	{
		scheme: "workspace", slug: "kiosk", name: "Corner Kiosk", plan: "starter", domain: "kiosk.example", age: 3 * demoMonth,
		people: []int{1, 0, 1, 0}, refused: 1,
		waiting: []demoWaiting{{email: "bookkeeper@kiosk.example", role: 3, ago: 2 * demoDay}},
	},
}

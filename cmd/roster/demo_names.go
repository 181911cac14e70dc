package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// demoNames are given and family names that go together.
var demoNames = []struct{ given, family string }{
	{"Chidi Ifeoma Obinna Ngozi Adaeze", "Adeyemi Balogun Eze Nwosu Abiola"},
	{"Ingrid Lars Sigrid Bjørn Astrid", "Solberg Dahl Lindqvist Østby Håkansson"},
	{"Tomás Lucía Mateo Ximena Joaquín", "Herrera Gutiérrez Núñez Quispe Peña"},
	{"Aiko Haruto Yui Kenji Sakura", "Tanaka Nakamura Takeda Yamada Ōtani"},
	{"Jonas Greta Jürgen Lena Björn", "Weber Schäfer Vogel Krüger Großmann"},
	{"Amélie Théo Chloé Étienne Manon", "Moreau Lefèvre Dubois Girard Renaud"},
	{"Priya Arjun Kavya Rohan Meera", "Iyer Kapoor Banerjee Chatterjee Rao"},
	{"Zofia Piotr Agnieszka Wojciech Kasia", "Nowak Wójcik Mazur Kaczmarek Łukasik"},
	{"Emre Zeynep Çağla Deniz Ayşe", "Yılmaz Kaya Öztürk Şahin Aydın"},
	{"Siobhán Declan Maeve Rhys Fiona", "O’Brien Gallagher MacLeod Fitzgerald Byrne"},
	{"Amara Kwame Esi Kofi Abena", "Mensah Osei Boateng Asante Owusu"},
	{"Wanjiru Otieno Achieng Kamau Njeri", "Mwangi Ochieng Kariuki Wambui Kiptoo"},
	{"Leila Omar Yasmin Karim Nour", "Haddad Rahman Mansour Farouk Nasser"},
	{"Linh Minh Thảo Quang Hương", "Nguyễn Trần Phạm Đặng Võ"},
	{"Rafael Beatriz João Camila Thiago", "Silva Carvalho Araújo Lopes Conceição"},
	{"Giulia Matteo Chiara Lorenzo Elena", "Marchetti Ricci Bianchi Esposito D’Angelo"},
	{"Kiri Hemi Aroha Tāne Moana", "Ngata Parata Walker Te-Kanawa Rangi"},
	{"Harper Miles Quinn Desmond Ruth", "Bennett Washington Castillo Whitfield Cohen"},
}

// demoRareNames are those that lists have to stand: other scripts, one word, very
// long. Each comes with what stands before the @.
var demoRareNames = []struct{ name, local string }{
	{"ليلى حدّاد", "layla.haddad"},
	{"佐藤 美咲", "misaki.sato"},
	{"María Fernanda Guadalupe Hernández de la Torre y Villaseñor", "maria.fernanda.hernandez.de.la.torre"},
	{"Олена Шевченко", "olena.shevchenko"},
	{"Suharto", "suharto"},
	{"김지훈", "jihoon.kim"},
	{"Ελένη Παπαδοπούλου", "eleni.papadopoulou"},
	{"Anantharaman Venkatasubramanian Krishnamurthy Iyengar", "a.v.krishnamurthy"},
	{"נועה לוי", "noa.levi"},
	{"अनन्या शर्मा", "ananya.sharma"},
	{"王晓明", "wang.xiaoming"},
	{"Freifrau Wilhelmine-Charlotte von Schönborn-Hohenlohe zu Bartenstein", "wilhelmine.von.schoenborn"},
	{"ธนพร สุขใจ", "thanaporn.sukjai"},
	{"ნინო გელაშვილი", "nino.gelashvili"},
	{"Անի Հակոբյան", "ani.hakobyan"},
	{"Дмитро Коваль", "dmytro.koval"},
	{"محمد عبد الرحمن الشافعي", "m.alshafei"},
	{"Jo", "jo"},
}

// rareEvery is how often a rare name comes.
const rareEvery = 7

// demoPeopleNamed returns so many names with what stands before the @, no two
// alike, in an order that the source decides.
func demoPeopleNamed(n int, random *rand.Rand) ([][2]string, error) {
	var common [][2]string
	for _, c := range demoNames {
		for _, given := range strings.Fields(c.given) {
			for _, family := range strings.Fields(c.family) {
				family = strings.ReplaceAll(family, "-", " ")
				common = append(common, [2]string{given + " " + family, plainLetters(given + "." + family)})
			}
		}
	}
	random.Shuffle(len(common), func(i, j int) { common[i], common[j] = common[j], common[i] })
	common = varied(common)
	var out [][2]string
	for rare := demoRareNames; len(out) < n; {
		switch {
		case len(out)%rareEvery == rareEvery-1 && len(rare) > 0:
			out, rare = append(out, [2]string{rare[0].name, rare[0].local}), rare[1:]
		case len(common) == 0:
			return nil, fmt.Errorf("name people: %d are too many", n)
		default:
			out, common = append(out, common[0]), common[1:]
		}
	}
	return out, nil
}

// sameName is how many people may share a given or a family name.
const sameName = 3

// varied leaves out names that would come too often.
func varied(names [][2]string) [][2]string {
	seen := map[string]int{}
	var out [][2]string
	for _, n := range names {
		given, family, _ := strings.Cut(n[0], " ")
		if seen[given] < sameName && seen[family] < sameName {
			seen[given]++
			seen[family]++
			out = append(out, n)
		}
	}
	return out
}

var withoutMarks = strings.NewReplacer(
	"á", "a", "ã", "a", "ä", "ae", "å", "a", "ā", "a", "ạ", "a", "ả", "a", "ặ", "a", "ầ", "a", "ç", "c", "đ", "d", "è", "e", "é", "e", "ê", "e",
	"ễ", "e", "ğ", "g", "í", "i", "ı", "i", "ł", "l", "ñ", "n", "ń", "n", "ó", "o", "ö", "oe", "ø", "o", "ō", "o", "õ", "o", "ß", "ss", "ş", "s",
	"ü", "ue", "ú", "u", "ư", "u", "ơ", "o", "’", "", " ", "",
)

// plainLetters writes a name as it stands in an address.
func plainLetters(name string) string { return withoutMarks.Replace(strings.ToLower(name)) }

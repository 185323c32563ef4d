package message

import "strings"

// synonyms are names that authors try, also in French.
var synonyms = map[string]string{
	"NAME": "FIRSTNAME", "FORENAME": "FIRSTNAME", "GIVENNAME": "FIRSTNAME", "GIVEN NAME": "FIRSTNAME", "PRENOM": "FIRSTNAME", "PRÉNOM": "FIRSTNAME",
	"SURNAME": "LASTNAME", "FAMILYNAME": "LASTNAME", "FAMILY NAME": "LASTNAME", "NOM": "LASTNAME",
}

// nearest is the known name that the author probably meant, or "".
func nearest(name string, known []string) string {
	bare := strings.NewReplacer(" ", "", "_", "")
	best, distance := "", 3
	for _, k := range known {
		if bare.Replace(k) == bare.Replace(name) {
			return k
		}
		// One slip in short names, two in longer ones: "DEPT" is not "DATE".
		allowed := min(2, len([]rune(name))/3)
		if d := editDistance(name, k); d <= allowed && d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		best = synonyms[name]
	}
	return best
}

// editDistance counts the letters to insert, delete, replace or swap with
// their neighbour (optimal string alignment).
func editDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	var before []int
	last := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row := make([]int, len(y)+1)
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(y)]
}

package settings

// nearest offers the setting that a misspelt one may have meant.
func nearest(typed string) string {
	best, at := "", 3
	for _, f := range Fields() {
		if d := distance(typed, f.Key); d < at {
			best, at = f.Key, d
		}
	}
	if best == "" {
		return "adit config lists those there are"
	}
	return "did you mean " + best + "?"
}

// distance is how many letters must be changed, added, dropped (Levenshtein).
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

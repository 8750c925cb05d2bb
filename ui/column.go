package ui

// Column of a table.
type Column[R any] struct {
	ID, Title string
	// Min is the least width in cells, Max the most, 0 for no limit: what is left over goes to the columns without one.
	Min, Max int
	// Priority decides what a narrow table drops first: the highest. 0 is never dropped.
	Priority int
	Right    bool // align right
	// Hidden columns are not drawn; the rows may be sorted by them all the same.
	Hidden bool
	Cell   func(R) Cell
	// Less sorts; nil means the column cannot be sorted by. Last are the rows that stay at the end whichever way, because
	// what they would be sorted by is not known; nil for none.
	Less func(a, b R) bool
	Last func(R) bool
}

// compare orders two rows by the column, or the other way.
func (c Column[R]) compare(a, b R, descending bool) int {
	if c.Last != nil {
		if x, y := c.Last(a), c.Last(b); x != y {
			if x {
				return 1
			}
			return -1
		}
	}
	if descending {
		a, b = b, a
	}
	switch {
	case c.Less(a, b):
		return -1
	case c.Less(b, a):
		return 1
	}
	return 0
}

// gutter holds the cursor, the mark and a space before the first column; gap stands between two columns.
const (
	gutter = 3
	gap    = 2
)

// slot is a column and the width it got.
type slot struct{ column, width int }

// arrange gives the columns their widths for a table of width cells. The widths depend on nothing but the columns and
// the width: a refresh that brings longer texts must not shift what is being read.
func arrange[R any](columns []Column[R], width int) []slot {
	var slots []slot
	need := gutter - gap
	for i, c := range columns {
		if c.Hidden {
			continue
		}
		slots = append(slots, slot{i, max(c.Min, 1)})
		need += gap + max(c.Min, 1)
	}
	for need > width {
		worst := -1
		for i, s := range slots {
			if p := columns[s.column].Priority; p > 0 && (worst < 0 || p >= columns[slots[worst].column].Priority) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		need -= gap + slots[worst].width
		slots = append(slots[:worst], slots[worst+1:]...)
	}
	left := width - need
	left = share(columns, slots, left, true)
	share(columns, slots, left, false)
	return slots
}

// share deals the cells that are left, one at a time, to the columns with a limit up to it, or to those without one. It
// returns what nobody could take.
func share[R any](columns []Column[R], slots []slot, left int, limited bool) int {
	for left > 0 {
		dealt := false
		for i := range slots {
			limit := columns[slots[i].column].Max
			if left == 0 || limited != (limit > 0) || limited && slots[i].width >= limit {
				continue
			}
			slots[i].width++
			left--
			dealt = true
		}
		if !dealt {
			break
		}
	}
	return left
}

package ui

import (
	"slices"
)

// Table is a windowed list of rows by key: the selection follows the key, not the index, and only visible rows are
// rendered. It is not safe for concurrent use.
type Table[K comparable, R any] struct {
	key     func(R) K
	columns []Column[R]

	rows  []R // in the order of SetRows
	shown []R // in the order on screen
	index map[K]int
	marks map[K]struct{}
	// anchor is where a range was begun that goes to the cursor.
	anchor    K
	hasAnchor bool

	cursor int // index into shown, -1 while there are no rows
	offset int // index of the first visible row

	// wanted is the key to select as soon as its row is there, however long that takes; lost is the key that was selected
	// in a list that was emptied, and only the next rows can bring it back.
	wanted, lost       K
	hasWanted, hasLost bool

	sortID     string
	descending bool

	width, height int
}

// NewTable makes a table; key must be unique among the rows.
func NewTable[K comparable, R any](key func(R) K, columns []Column[R]) *Table[K, R] {
	return &Table[K, R]{
		key:     key,
		columns: columns,
		index:   map[K]int{},
		marks:   map[K]struct{}{},
		cursor:  -1,
	}
}

// SetRows replaces the rows; selection, marks and the scroll position stay with their keys. When the selected row is
// gone, the nearest one that is still there takes its place. The table keeps no hold of the slice.
func (t *Table[K, R]) SetRows(rows []R) {
	t.rows = slices.Clone(rows)
	t.reorder()
}

// SetSize tells the table its place in cells, the header's line included.
func (t *Table[K, R]) SetSize(width, height int) {
	t.width, t.height = max(width, 0), max(height, 0)
	t.scroll()
}

// Selected is the row under the cursor; AtEnd tells whether it is the last.
func (t *Table[K, R]) Selected() (R, bool) {
	if t.cursor < 0 {
		var none R
		return none, false
	}
	return t.shown[t.cursor], true
}

// AtEnd tells whether the cursor is on the last row, or there is none.
func (t *Table[K, R]) AtEnd() bool { return t.cursor == len(t.shown)-1 }

// Select moves the cursor to a key, and remembers it when the row is not there yet. It tells whether it was there.
func (t *Table[K, R]) Select(key K) bool {
	i, ok := t.index[key]
	if !ok {
		t.wanted, t.hasWanted = key, true
		return false
	}
	t.moveTo(i)
	return true
}

// ToggleMark marks the selected row, or takes its mark away.
func (t *Table[K, R]) ToggleMark() {
	if t.cursor < 0 {
		return
	}
	key := t.key(t.shown[t.cursor])
	if _, ok := t.marks[key]; ok {
		delete(t.marks, key)
	} else {
		t.marks[key] = struct{}{}
	}
}

// Marked are the marked rows that are there, in the order on screen.
func (t *Table[K, R]) Marked() []R {
	var marked []R
	for _, row := range t.shown {
		if _, ok := t.marks[t.key(row)]; ok {
			marked = append(marked, row)
		}
	}
	return marked
}

// Mark marks a row, also one that is not there.
func (t *Table[K, R]) Mark(key K) { t.marks[key] = struct{}{} }

// IsMarked tells whether a row is marked.
func (t *Table[K, R]) IsMarked(key K) bool { _, ok := t.marks[key]; return ok }

// MarkCount is how many rows are marked, those that are not there too.
func (t *Table[K, R]) MarkCount() int { return len(t.marks) }

// ClearMarks forgets all marks, those of rows that are not there too.
func (t *Table[K, R]) ClearMarks() { clear(t.marks) }

// Len is the number of rows.
func (t *Table[K, R]) Len() int { return len(t.shown) }

// Rows are all of them in the order on screen. They are not to be changed.
func (t *Table[K, R]) Rows() []R { return t.shown }

// Visible are the rows on screen.
func (t *Table[K, R]) Visible() []R {
	return t.shown[t.offset:min(t.offset+t.window(), len(t.shown))]
}

// SortBy sorts by a column, again by the same column the other way; "" restores the order of SetRows. A column that
// cannot be sorted by changes nothing.
func (t *Table[K, R]) SortBy(id string) {
	switch {
	case id == "":
		t.sortID, t.descending = "", false
	case t.column(id).Less == nil:
		return
	case id == t.sortID:
		t.descending = !t.descending
	default:
		t.sortID, t.descending = id, false
	}
	t.reorder()
}

// Sorting is the column sorted by and whether the other way, "" for the order of SetRows.
func (t *Table[K, R]) Sorting() (id string, descending bool) { return t.sortID, t.descending }

// SetColumns replaces the columns. Rows, selection and sort order stay; an order by a column that is gone ends.
func (t *Table[K, R]) SetColumns(columns []Column[R]) {
	t.columns = columns
	if t.column(t.sortID).Less == nil {
		t.sortID, t.descending = "", false
	}
	t.reorder()
}

// column is the one with an ID, zero where there is none.
func (t *Table[K, R]) column(id string) Column[R] {
	for _, c := range t.columns {
		if c.ID == id {
			return c
		}
	}
	return Column[R]{}
}

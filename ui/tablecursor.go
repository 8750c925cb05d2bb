package ui

import "slices"

// Move moves the selection by delta rows, clamped.
func (t *Table[K, R]) Move(delta int) { t.moveTo(t.cursor + delta) }

// Page moves the selection by pages.
func (t *Table[K, R]) Page(delta int) { t.moveTo(t.cursor + delta*max(t.window(), 1)) }

// Top moves the selection to the first row.
func (t *Table[K, R]) Top() { t.moveTo(0) }

// Bottom moves the selection to the last row.
func (t *Table[K, R]) Bottom() { t.moveTo(len(t.shown) - 1) }

// Point moves the selection to the row on a line of the window, counted from its first row, and tells whether there is one.
func (t *Table[K, R]) Point(line int) bool {
	if line < 0 || line >= min(t.window(), len(t.shown)-t.offset) {
		return false
	}
	t.moveTo(t.offset + line)
	return true
}

// moveTo puts the cursor on a row by hand, and with that ends the wait for another one.
func (t *Table[K, R]) moveTo(i int) {
	if len(t.shown) == 0 {
		return
	}
	t.hasWanted = false
	t.cursor = min(max(i, 0), len(t.shown)-1)
	t.scroll()
}

// window is how many rows are visible.
func (t *Table[K, R]) window() int { return max(t.height-1, 0) }

// scroll moves the window as little as brings the cursor into it.
func (t *Table[K, R]) scroll() {
	t.offset = min(t.offset, t.cursor)
	t.offset = max(t.offset, t.cursor-t.window()+1)
	t.offset = max(min(t.offset, len(t.shown)-t.window()), 0)
}

// reorder puts the rows on screen in their order, and the cursor and the window where the reader left them.
func (t *Table[K, R]) reorder() {
	before, cursor, line := t.shown, t.cursor, t.cursor-t.offset

	t.shown = slices.Clone(t.rows)
	if c := t.column(t.sortID); c.Less != nil {
		slices.SortStableFunc(t.shown, func(a, b R) int { return c.compare(a, b, t.descending) })
	}
	if !t.inOrder(before) {
		clear(t.index)
		for i, row := range t.shown {
			t.index[t.key(row)] = i
		}
	}

	t.cursor = t.find(before, cursor)
	t.offset = t.cursor - line
	t.scroll()
}

// inOrder tells whether the rows shown have the keys of those before, in the same order: to compare is much cheaper than to
// hash.
func (t *Table[K, R]) inOrder(before []R) bool {
	return slices.EqualFunc(before, t.shown, func(a, b R) bool { return t.key(a) == t.key(b) })
}

// find is where the cursor goes after the rows before, with the cursor on one of them, became the rows shown.
func (t *Table[K, R]) find(before []R, cursor int) int {
	if len(t.shown) == 0 {
		if cursor >= 0 {
			t.lost, t.hasLost = t.key(before[cursor]), true
		}
		return -1
	}
	hadLost := t.hasLost
	t.hasLost = false
	if i, ok := t.index[t.wanted]; ok && t.hasWanted {
		t.hasWanted = false
		return i
	}
	if i, ok := t.index[t.lost]; ok && hadLost {
		return i
	}
	if cursor < 0 {
		return 0
	}
	for distance := range len(before) {
		for _, i := range []int{cursor + distance, cursor - distance} {
			if i < 0 || i >= len(before) {
				continue
			}
			if at, ok := t.index[t.key(before[i])]; ok {
				return at
			}
		}
	}
	return min(cursor, len(t.shown)-1)
}

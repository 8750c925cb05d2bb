package ui

// BeginRange has a range go from the selected row to wherever the cursor is. Its rows look marked.
func (t *Table[K, R]) BeginRange() {
	if t.cursor >= 0 {
		t.anchor, t.hasAnchor = t.key(t.shown[t.cursor]), true
	}
}

// EndRange forgets the range.
func (t *Table[K, R]) EndRange() { t.hasAnchor = false }

// Ranging tells whether a range was begun. One whose first row is gone is over.
func (t *Table[K, R]) Ranging() bool {
	_, there := t.index[t.anchor]
	return t.hasAnchor && there
}

// Range are the rows of the range, in the order on screen; none without one.
func (t *Table[K, R]) Range() []R {
	from, to := t.span()
	return t.shown[from:to]
}

// span is the range as indexes into the rows on screen, empty without one.
func (t *Table[K, R]) span() (from, to int) {
	if !t.Ranging() {
		return 0, 0
	}
	at := t.index[t.anchor]
	return min(at, t.cursor), max(at, t.cursor) + 1
}

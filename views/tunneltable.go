package views

import (
	"adit/client"
	"adit/session"
	"adit/ui"
)

// tunnelSlot is a tunnelRow as the table keeps it, thousands of them: the tunnel itself stays the snapshot's.
type tunnelSlot struct {
	row   *client.Row
	mine  bool
	proxy *session.Proxy
}

func (s tunnelSlot) tunnelRow() tunnelRow { return tunnelRow{*s.row, s.mine, s.proxy} }

// tunnelTable is a table of tunnelRows that keeps only slots.
type tunnelTable struct {
	*ui.Table[client.Key, tunnelSlot]
}

func newTunnelTable(columns []ui.Column[tunnelRow]) tunnelTable {
	return tunnelTable{ui.NewTable(func(s tunnelSlot) client.Key { return s.row.Key }, slotColumns(columns))}
}

// SetColumns replaces the columns.
func (t tunnelTable) SetColumns(columns []ui.Column[tunnelRow]) {
	t.Table.SetColumns(slotColumns(columns))
}

// Selected is the row under the cursor.
func (t tunnelTable) Selected() (tunnelRow, bool) {
	slot, ok := t.Table.Selected()
	if !ok {
		return tunnelRow{}, false
	}
	return slot.tunnelRow(), true
}

// Marked are the marked rows that are there, in the order on screen.
func (t tunnelTable) Marked() []tunnelRow { return tunnelRows(t.Table.Marked()) }

// Rows are all of them in the order on screen.
func (t tunnelTable) Rows() []tunnelRow { return tunnelRows(t.Table.Rows()) }

// Range are the rows of the range that was begun.
func (t tunnelTable) Range() []tunnelRow { return tunnelRows(t.Table.Range()) }

// Visible are the rows on screen.
func (t tunnelTable) Visible() []tunnelRow { return tunnelRows(t.Table.Visible()) }

func tunnelRows(slots []tunnelSlot) []tunnelRow {
	rows := make([]tunnelRow, len(slots))
	for i, slot := range slots {
		rows[i] = slot.tunnelRow()
	}
	return rows
}

// slotColumns are columns of tunnelRows for a table of slots.
func slotColumns(columns []ui.Column[tunnelRow]) []ui.Column[tunnelSlot] {
	out := make([]ui.Column[tunnelSlot], len(columns))
	for i, c := range columns {
		out[i] = ui.Column[tunnelSlot]{ID: c.ID, Title: c.Title, Min: c.Min, Max: c.Max, Priority: c.Priority, Right: c.Right, Hidden: c.Hidden,
			Cell: func(s tunnelSlot) ui.Cell { return c.Cell(s.tunnelRow()) }}
		if c.Last != nil {
			out[i].Last = func(s tunnelSlot) bool { return c.Last(s.tunnelRow()) }
		}
		if c.Less != nil {
			out[i].Less = func(a, b tunnelSlot) bool { return c.Less(a.tunnelRow(), b.tunnelRow()) }
		}
	}
	return out
}

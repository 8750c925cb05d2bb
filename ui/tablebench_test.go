package ui

import (
	"fmt"
	"testing"

	"charm.land/bubbles/v2/table"
)

const (
	benchRows   = 10_000
	benchWidth  = 160
	benchHeight = 50
)

// manyThings is a table of eight columns and ten thousand rows on a large screen; drawn counts the cells asked for.
func manyThings(drawn *int) *Table[string, thing] {
	var columns []Column[thing]
	for i := range 8 {
		columns = append(columns, Column[thing]{ID: fmt.Sprint(i), Title: fmt.Sprintf("COLUMN %d", i), Min: 14, Cell: func(r thing) Cell {
			*drawn++
			return Cell{{"●", Good}, {" " + r.key, Plain}}
		}})
	}
	t := NewTable(func(r thing) string { return r.key }, columns)
	t.SetSize(benchWidth, benchHeight)
	t.SetRows(manyRows())
	return t
}

func manyRows() []thing {
	rows := make([]thing, benchRows)
	for i := range rows {
		rows[i] = thing{fmt.Sprintf("pump-%05d", i), i}
	}
	return rows
}

func TestTableAsksOnlyForTheCellsInSight(t *testing.T) {
	drawn := 0
	table := manyThings(&drawn)
	table.Move(5000)
	if drawn != 0 {
		t.Errorf("%d cells were asked for before anything is drawn", drawn)
	}
	table.View(NewTheme(Look{Dark: true}))
	if want := 8 * (benchHeight - 1); drawn != want {
		t.Errorf("%d cells were asked for, %d are in sight", drawn, want)
	}
}

// The two benchmarks do the same work: one move of the cursor and the frame that shows it.
func BenchmarkMove(b *testing.B) {
	b.Run("ui", func(b *testing.B) {
		drawn := 0
		t, th := manyThings(&drawn), NewTheme(Look{Dark: true})
		b.ReportAllocs()
		for b.Loop() {
			t.Move(1)
			_ = t.View(th)
		}
	})
	b.Run("bubbles", func(b *testing.B) {
		t := bubblesTable()
		b.ReportAllocs()
		for b.Loop() {
			t.MoveDown(1)
			_ = t.View()
		}
	})
}

func BenchmarkSetRows(b *testing.B) {
	b.Run("ui", func(b *testing.B) {
		drawn := 0
		t, rows, th := manyThings(&drawn), manyRows(), NewTheme(Look{Dark: true})
		b.ReportAllocs()
		for b.Loop() {
			t.SetRows(rows)
			_ = t.View(th)
		}
	})
	b.Run("bubbles", func(b *testing.B) {
		t := bubblesTable()
		rows := t.Rows()
		b.ReportAllocs()
		for b.Loop() {
			t.SetRows(rows)
			_ = t.View()
		}
	})
}

func bubblesTable() *table.Model {
	var columns []table.Column
	for i := range 8 {
		columns = append(columns, table.Column{Title: fmt.Sprintf("COLUMN %d", i), Width: 18})
	}
	var rows []table.Row
	for _, r := range manyRows() {
		row := table.Row{}
		for range 8 {
			row = append(row, "● "+r.key)
		}
		rows = append(rows, row)
	}
	t := table.New(table.WithColumns(columns), table.WithRows(rows), table.WithWidth(benchWidth), table.WithHeight(benchHeight), table.WithFocused(true))
	return &t
}

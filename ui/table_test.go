package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// thing is a row of the tests: a key and something to sort by.
type thing struct {
	key  string
	load int
}

func thingTable(columns ...Column[thing]) *Table[string, thing] {
	if len(columns) == 0 {
		columns = []Column[thing]{
			{ID: "key", Title: "THING", Min: 8, Cell: func(r thing) Cell { return Cell{{r.key, Plain}} }, Less: func(a, b thing) bool { return a.key < b.key }},
			{ID: "load", Title: "LOAD", Min: 6, Max: 6, Right: true, Cell: func(r thing) Cell { return Cell{{fmt.Sprint(r.load), Dim}} }, Less: func(a, b thing) bool { return a.load < b.load }},
			{ID: "note", Title: "NOTE", Min: 4, Cell: func(thing) Cell { return nil }},
		}
	}
	t := NewTable(func(r thing) string { return r.key }, columns)
	t.SetSize(40, 6) // five rows
	return t
}

// things makes rows from the letters of s.
func things(s string) []thing {
	var rows []thing
	for i, r := range s {
		rows = append(rows, thing{string(r), i})
	}
	return rows
}

// keysOf are the keys of rows as one text.
func keysOf(rows []thing) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(r.key)
	}
	return b.String()
}

func selectedKey(t *Table[string, thing]) string {
	row, _ := t.Selected()
	return row.key
}

func TestTableSelectionFollowsTheKeyNotTheIndex(t *testing.T) {
	table := thingTable()
	table.SetRows(things("abc"))
	table.Move(1)
	table.SetRows(things("xyzbac"))
	if got := selectedKey(table); got != "b" {
		t.Errorf("selected %q, want b", got)
	}
}

func TestTableKeepsTheSelectedRowOnItsLineWhenRowsAppearAbove(t *testing.T) {
	table := thingTable()
	table.SetRows(things("abcdefghij"))
	table.Move(6)
	table.Move(-2) // e, third of cdefg
	if got := keysOf(table.Visible()); got != "cdefg" {
		t.Fatalf("visible %q", got)
	}
	table.SetRows(things("123abcdefghij"))
	if got := keysOf(table.Visible()); got != "cdefg" {
		t.Errorf("visible %q after rows appeared above, want cdefg", got)
	}
	table.SetRows(things("efghij"))
	if got := keysOf(table.Visible()); got != "efghi" {
		t.Errorf("visible %q after the rows above went, want efghi", got)
	}
}

func TestTableGivesTheCursorOfAVanishedRowToItsNearestNeighbour(t *testing.T) {
	for _, c := range []struct{ before, selected, after, want string }{
		{"abcde", "c", "abde", "d"},   // the one after takes its line
		{"abcde", "e", "abcd", "d"},   // the last one: the one before
		{"abcde", "c", "de", "d"},     // those above went too
		{"abcde", "c", "ae", "e"},     // equally far: the one after
		{"abcde", "c", "a", "a"},      // nothing after it
		{"abcde", "d", "xyz", "z"},    // none is left: the same line, or the last
		{"abcde", "b", "vwxyz", "w"},  // none is left: the same line
		{"abcde", "a", "zbcde", "b"},  // a newcomer is nobody's neighbour
		{"abcde", "c", "edba", "d"},   // whatever the new order
		{"abcde", "b", "abcde", "b"},  // not vanished at all
		{"abcde", "a", "bcdea", "a"},  // only moved
		{"abcdef", "f", "abfcd", "f"}, // only moved
	} {
		table := thingTable()
		table.SetRows(things(c.before))
		table.Select(c.selected)
		table.SetRows(things(c.after))
		if got := selectedKey(table); got != c.want {
			t.Errorf("%s with %s selected became %s: selected %q, want %q", c.before, c.selected, c.after, got, c.want)
		}
	}
}

func TestTableFindsItsSelectionAgainAfterAnEmptyList(t *testing.T) {
	table := thingTable()
	table.SetRows(things("abcde"))
	table.Select("d")
	table.SetRows(nil)
	if _, ok := table.Selected(); ok || !table.AtEnd() || table.Len() != 0 {
		t.Error("an empty table has a selection")
	}
	table.Move(1)
	table.Page(-1)
	table.Bottom()
	table.ToggleMark()
	table.SetRows(nil)
	table.SetRows(things("abcde"))
	if got := selectedKey(table); got != "d" {
		t.Errorf("selected %q, want d", got)
	}
}

func TestTableDoesNotGoBackToALostRowOnceAnotherIsSelected(t *testing.T) {
	table := thingTable()
	table.SetRows(things("a"))
	table.SetRows(nil)
	table.SetRows(things("bc"))
	table.SetRows(things("abc"))
	if got := selectedKey(table); got != "b" {
		t.Errorf("selected %q, want b: the reader is there by now", got)
	}
}

func TestTableSelectsARowAsSoonAsItAppears(t *testing.T) {
	table := thingTable()
	if table.Select("n") {
		t.Error("selected a row that is not there")
	}
	table.SetRows(things("abc"))
	if got := selectedKey(table); got != "a" {
		t.Errorf("selected %q before the wanted row is there", got)
	}
	table.SetRows(things("abcn"))
	if got := selectedKey(table); got != "n" {
		t.Errorf("selected %q, want n", got)
	}
}

func TestTableForgetsTheWantedRowWhenTheCursorIsMoved(t *testing.T) {
	table := thingTable()
	table.SetRows(things("abc"))
	table.Select("n")
	table.Move(1)
	table.SetRows(things("abcn"))
	if got := selectedKey(table); got != "b" {
		t.Errorf("selected %q, want b: a row that arrives late must not take the cursor away", got)
	}
}

func TestTableMarksStayWithTheirKeys(t *testing.T) {
	table := thingTable()
	table.SetRows(things("abcd"))
	table.Move(1)
	table.ToggleMark()
	table.Bottom()
	table.ToggleMark()
	table.SetRows(things("dxab"))
	if got := keysOf(table.Marked()); got != "db" {
		t.Errorf("marked %q, want db", got)
	}
	table.SetRows(things("xa"))
	if got := keysOf(table.Marked()); got != "" {
		t.Errorf("marked %q, though none of them is there", got)
	}
	table.SetRows(things("abcd"))
	if got := keysOf(table.Marked()); got != "bd" {
		t.Errorf("marked %q after they came back, want bd", got)
	}
	table.Select("b")
	table.ToggleMark()
	if got := keysOf(table.Marked()); got != "d" {
		t.Errorf("marked %q, want d", got)
	}
	table.ClearMarks()
	if len(table.Marked()) != 0 {
		t.Error("marks are left")
	}
}

func TestTableMovesAreClamped(t *testing.T) {
	table := thingTable()
	table.SetRows(things("abcdefghij"))
	for _, c := range []struct {
		move func()
		want string
	}{
		{func() { table.Move(-1) }, "a"},
		{func() { table.Page(1) }, "f"},
		{func() { table.Page(5) }, "j"},
		{func() { table.Move(3) }, "j"},
		{func() { table.Page(-1) }, "e"},
		{table.Top, "a"},
		{table.Bottom, "j"},
	} {
		c.move()
		if got := selectedKey(table); got != c.want {
			t.Errorf("selected %q, want %q", got, c.want)
		}
		if table.AtEnd() != (c.want == "j") {
			t.Errorf("AtEnd at %q", c.want)
		}
	}
}

func TestTableSortsBothWaysAndBack(t *testing.T) {
	table := thingTable()
	rows := []thing{{"c", 1}, {"a", 2}, {"b", 1}}
	table.SetRows(rows)
	table.Select("b")
	for _, c := range []struct{ by, want string }{
		{"key", "abc"}, {"key", "cba"}, {"load", "cba"}, {"load", "acb"}, {"note", "acb"}, {"none", "acb"}, {"", "cab"},
	} {
		table.SortBy(c.by)
		if got := keysOf(table.Visible()); got != c.want {
			t.Errorf("by %q: %q, want %q", c.by, got, c.want)
		}
		if got := selectedKey(table); got != "b" {
			t.Errorf("by %q: selected %q, want b", c.by, got)
		}
	}
	table.SortBy("key")
	table.SetRows(things("zyx"))
	if got := keysOf(table.Visible()); got != "xyz" {
		t.Errorf("after a refresh %q: the order was lost", got)
	}
	if rows[0].key != "c" {
		t.Error("sorting changed the caller's rows")
	}
}

// Whatever happens to the rows, the selection is a row that is there, and it is in sight.
func TestTableSelectionIsAlwaysThereAndInSight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := thingTable()
		letters := rapid.Permutation([]rune("abcdefghijkl"))
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			kept, had := selectedKey(table), table.Len() > 0
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				order := letters.Draw(t, "order")
				rows := things(string(order[:rapid.IntRange(0, 12).Draw(t, "n")]))
				table.SetRows(rows)
				if had && slices.ContainsFunc(rows, func(r thing) bool { return r.key == kept }) && selectedKey(table) != kept {
					t.Fatalf("the selection moved from %q to %q", kept, selectedKey(table))
				}
			case 1:
				table.Move(rapid.IntRange(-15, 15).Draw(t, "delta"))
			case 2:
				table.Page(rapid.IntRange(-2, 2).Draw(t, "pages"))
			case 3:
				table.SetSize(40, rapid.IntRange(0, 9).Draw(t, "height"))
			case 4:
				table.SortBy(rapid.SampledFrom([]string{"", "key", "load"}).Draw(t, "by"))
			}
			row, ok := table.Selected()
			if ok != (table.Len() > 0) {
				t.Fatalf("%d rows, selected: %v", table.Len(), ok)
			}
			if ok && len(table.Visible()) > 0 && !slices.Contains(table.Visible(), row) {
				t.Fatalf("%q is selected, in sight are %q", row.key, keysOf(table.Visible()))
			}
			if n := min(table.Len(), table.window()); len(table.Visible()) != n {
				t.Fatalf("%d of %d rows are in sight, there is room for %d", len(table.Visible()), table.Len(), table.window())
			}
		}
	})
}

func TestTableDropsColumnsByPriorityAsItNarrows(t *testing.T) {
	empty := func(thing) Cell { return nil }
	table := thingTable(
		Column[thing]{ID: "a", Title: "THING", Min: 10, Cell: empty},
		Column[thing]{ID: "b", Title: "AGE", Min: 5, Max: 5, Priority: 3, Cell: empty},
		Column[thing]{ID: "c", Title: "LEFT", Min: 5, Max: 5, Cell: empty},
		Column[thing]{ID: "d", Title: "NOTE", Min: 10, Priority: 4, Cell: empty},
		Column[thing]{ID: "e", Title: "SVC", Min: 5, Priority: 3, Cell: empty},
	)
	th := NewTheme(Look{NoColor: true})
	for _, c := range []struct {
		width int
		want  []string
	}{
		{46, []string{"THING", "AGE", "LEFT", "NOTE", "SVC"}},
		{45, []string{"THING", "AGE", "LEFT", "SVC"}},
		{33, []string{"THING", "AGE", "LEFT"}}, // of two alike the last one goes first
		{26, []string{"THING", "LEFT"}},
		{20, []string{"THING", "LEFT"}},
	} {
		table.SetSize(c.width, 3)
		header, _, _ := strings.Cut(table.View(th), "\n")
		if got := strings.Fields(ansi.Strip(header)); !slices.Equal(got, c.want) {
			t.Errorf("at %d cells: %q, want %q", c.width, got, c.want)
		}
	}
}

func TestTableGivesWhatIsLeftOverToTheColumnsWithoutALimit(t *testing.T) {
	columns := []Column[thing]{{Min: 10}, {Min: 4, Max: 8}, {Min: 6}, {Min: 5, Max: 5}}
	for _, c := range []struct {
		width int
		want  []int
	}{
		{3 + 25 + 6, []int{10, 4, 6, 5}},
		{3 + 25 + 6 + 3, []int{10, 7, 6, 5}},
		{3 + 25 + 6 + 4 + 7, []int{14, 8, 9, 5}},
	} {
		var got []int
		for _, s := range arrange(columns, c.width) {
			got = append(got, s.width)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("at %d cells: widths %v, want %v", c.width, got, c.want)
		}
	}
}

func TestTableShowsTheSelectionAndTheSortingWithoutColour(t *testing.T) {
	for _, look := range []Look{{NoColor: true}, {NoColor: true, ASCII: true}} {
		th := NewTheme(look)
		table := thingTable()
		table.SetRows(things("abc"))
		table.Move(1)
		table.ToggleMark()
		table.SortBy("key")
		table.SortBy("key")
		lines := strings.Split(ansi.Strip(table.View(th)), "\n")
		if !strings.HasPrefix(lines[2], th.Symbols.Cursor+th.Symbols.Mark+" b") {
			t.Errorf("the selected and marked row is %q", lines[2])
		}
		if !strings.Contains(lines[0], "THING "+th.Symbols.SortedDown) {
			t.Errorf("the header is %q", lines[0])
		}
	}
}

// One reset in the middle of a row would end its background there: after each one the next span has to begin it anew.
func TestTableSelectionBackgroundReachesAcrossAllSpans(t *testing.T) {
	for _, look := range []Look{{Dark: true}, {}, {NoColor: true}} {
		th := NewTheme(look)
		table := thingTable(Column[thing]{ID: "a", Title: "A", Min: 30, Cell: func(thing) Cell {
			return Cell{{"●", Good}, {" on ", Plain}, {"日本", Bad}, {"x", Strong}, {" dim", Dim}}
		}}, Column[thing]{ID: "b", Title: "B", Min: 4, Right: true, Cell: func(thing) Cell { return Cell{{"7", Warn}} }})
		table.SetRows(things("a"))
		row := strings.Split(table.View(th), "\n")[1]
		background := "48;2;"
		if look.NoColor {
			background = "7"
		}
		for i, part := range strings.Split(row, resetStyle) {
			if part == "" {
				continue
			}
			sgr, _, _ := strings.Cut(strings.TrimPrefix(part, "\x1b["), "m")
			if !strings.HasPrefix(part, "\x1b[") || !strings.Contains(sgr, background) {
				t.Errorf("%+v: part %d has no background: %q", look, i, part)
			}
		}
	}
}

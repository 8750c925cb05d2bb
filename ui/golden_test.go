package ui

import (
	"fmt"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
)

// looks are what a screen may have to look like, by name.
func looks() map[string]Look {
	return map[string]Look{
		"dark":      {Dark: true},
		"light":     {},
		"no-colour": {Dark: true, NoColor: true},
		"ascii":     {Dark: true, NoColor: true, ASCII: true},
	}
}

// eachLook compares what draw makes of each look with its golden file.
func eachLook(t *testing.T, draw func(*Theme) string) {
	for name, look := range looks() {
		t.Run(name, func(t *testing.T) { golden.RequireEqual(t, draw(NewTheme(look))) })
	}
}

func TestTableLooksAsDrawn(t *testing.T) {
	type row struct {
		thing, services, device string
		on                      bool
		left                    float64
	}
	eachLook(t, func(th *Theme) string {
		table := NewTable(func(r row) string { return r.thing }, []Column[row]{
			{ID: "thing", Title: "THING", Min: 10, Max: 20, Cell: func(r row) Cell { return Cell{{r.thing, Plain}} }, Less: func(a, b row) bool { return a.thing < b.thing }},
			{ID: "services", Title: "SERVICES", Min: 8, Max: 10, Priority: 2, Cell: func(r row) Cell { return Cell{{r.services, Dim}} }},
			{ID: "device", Title: "DEVICE", Min: 16, Max: 18, Cell: func(r row) Cell {
				if r.on {
					return Cell{{th.Symbols.On, Good}, {" " + r.device, Plain}}
				}
				return Cell{{th.Symbols.Never, Dim}, {" " + r.device, Dim}}
			}},
			{ID: "left", Title: "LEFT", Min: 10, Max: 10, Right: true, Cell: func(r row) Cell {
				return Cell{{fmt.Sprintf("%dm ", int(r.left*60)), Plain}, {th.Bar(r.left, 6), Dim}}
			}},
			{ID: "note", Title: "DESCRIPTION", Min: 12, Priority: 3, Cell: func(row) Cell { return Cell{{"INC-4411 pump stalls at start", Dim}} }},
		})
		table.SetRows([]row{
			{"pump-12", "SSH HTTP", "connected 1h", true, 0.2}, {"pump-07", "SSH", "connected 4m", true, 0.94},
			{"gate-03", "SSH", "never", false, 0.8}, {"水泵-01", "SSH", "never", false, 0}, {"مضخة-2", "SSH", "connected 2h", true, 1},
		})
		table.SetSize(80, 8)
		table.SortBy("thing")
		table.Select("pump-07")
		table.ToggleMark()
		return table.View(th)
	})
}

func TestFormLooksAsDrawn(t *testing.T) {
	eachLook(t, func(th *Theme) string {
		form, thing, _, _, _ := openForm()
		thing.SetSuggestions([]string{"pump-07", "pump-12", "gate-03"})
		form.Footer([]Span{
			{th.Symbols.Warning + " pump-07 already has an open tunnel with 52 min left. ctrl+r reuse it instead", Warn},
			{"$ aws iotsecuretunneling open-tunnel --destination-config thingName=pump-07,services=SSH", Dim},
		})
		give(form, "tab 'ABCDEFGHI' shift+tab 'pump'")
		return form.View(th, 76, 16)
	})
}

func TestDialogLooksAsDrawn(t *testing.T) {
	eachLook(t, func(th *Theme) string {
		d := &Dialog{
			Title: "Close 187 tunnels",
			Body: []Span{
				{"Close 187 of 300. 9 became connected while you looked and stay open; 104 are not checked yet and stay open.", Plain},
				{"Both sides are cut, and a closed tunnel cannot be reopened.", Warn},
			},
			Typed:   "187",
			Choices: []Choice{{Key: "enter", Label: "close", Answer: "close", Danger: true}, {Key: "esc", Label: "leave them open", Answer: "cancel"}},
		}
		answers(d, "1 8")
		return d.View(th, 60)
	})
}

func TestMenuLooksAsDrawn(t *testing.T) {
	eachLook(t, func(th *Theme) string {
		m := helpMenu()
		m.Update(press("down"))
		return m.View(th, 60, 13)
	})
}

func TestOverlayLooksAsDrawn(t *testing.T) {
	eachLook(t, func(th *Theme) string {
		form, _, _, _, _ := openForm()
		return Overlay(form.View(th, 60, 12), closeDialog().View(th, 40), 60, 12)
	})
}

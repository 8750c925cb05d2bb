package ui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// PairsField is a list of key=value lines, each of two inputs. The line after the last pair is empty: typing there adds
// one.
type PairsField struct {
	id, name string
	rows     [][2]input
	row, col int // where the cursor is
	max      int
	validate func(key, value string) error
	suggest  func(key string) []string
}

// NewPairsField holds key=value lines, up to max; a line is added at the end and removed by ctrl+d or by emptying it.
// validate may be nil.
func NewPairsField(id, label string, pairs [][2]string, max int, validate func(key, value string) error) *PairsField {
	f := &PairsField{id: id, name: label, max: max, validate: validate}
	f.SetPairs(pairs)
	return f
}

// SetPairs replaces the lines, and puts the cursor on the first.
func (f *PairsField) SetPairs(pairs [][2]string) {
	f.rows, f.row, f.col = nil, 0, 0
	for _, p := range pairs {
		f.rows = append(f.rows, newPair(p[0], p[1]))
	}
	f.tidy()
}

func newPair(key, value string) [2]input {
	return [2]input{newInput(key, "key"), newInput(value, "value")}
}

// Suggest completes what is typed with right or ctrl+e: of the empty key the function gives keys, of a key its values, best
// first.
func (f *PairsField) Suggest(suggest func(key string) []string) { f.suggest = suggest }

// completions are those of where the cursor is. A key that is there already is none.
func (f *PairsField) completions() []string {
	if f.suggest == nil {
		return nil
	}
	row := f.rows[f.row]
	if f.col == 1 {
		return completions(f.suggest(row[0].value()), row[1].model.Value())
	}
	return slices.DeleteFunc(completions(f.suggest(""), row[0].model.Value()), func(key string) bool {
		return slices.ContainsFunc(f.rows, func(r [2]input) bool { return r[0].value() == key })
	})
}

// ToEnd puts the cursor on the last line, the empty one where there is room for more.
func (f *PairsField) ToEnd() { f.row, f.col = len(f.rows)-1, 0 }

// ID is the name the form knows the field by.
func (f *PairsField) ID() string { return f.id }

// Pairs are the lines that are not empty, in their order; a text that nobody edited is exactly what was given.
func (f *PairsField) Pairs() [][2]string {
	var pairs [][2]string
	for i := range f.rows {
		if !f.empty(i) {
			pairs = append(pairs, [2]string{f.rows[i][0].value(), f.rows[i][1].value()})
		}
	}
	return pairs
}

// Err is the first mistake in the lines, nil when they are good.
func (f *PairsField) Err() error {
	pairs := f.Pairs()
	if len(pairs) > f.max {
		return fmt.Errorf("at most %d", f.max)
	}
	for i, p := range pairs {
		if p[0] == "" {
			return fmt.Errorf("%q has no key", p[1])
		}
		if slices.ContainsFunc(pairs[:i], func(q [2]string) bool { return q[0] == p[0] }) {
			return fmt.Errorf("the key %q is there twice", p[0])
		}
		if f.validate == nil {
			continue
		}
		if err := f.validate(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

func (f *PairsField) empty(i int) bool {
	return f.rows[i][0].value() == "" && f.rows[i][1].value() == ""
}

// tidy takes out the empty lines but the one the cursor is on, and keeps one at the end while there may be more.
func (f *PairsField) tidy() {
	for i := len(f.rows) - 1; i >= 0; i-- {
		if f.empty(i) && i != f.row {
			f.remove(i)
		}
	}
	if n := len(f.rows); n == 0 || n < f.max && !f.empty(n-1) {
		f.rows = append(f.rows, newPair("", ""))
	}
}

// remove takes a line out; the cursor stays on its own.
func (f *PairsField) remove(i int) {
	f.rows = slices.Delete(f.rows, i, i+1)
	if f.row > i {
		f.row--
	}
}

func (f *PairsField) label() string { return f.name }

func (f *PairsField) update(msg tea.Msg) bool {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch k := press.String(); {
		case k == "ctrl+d":
			had := !f.empty(f.row)
			f.remove(f.row)
			f.col = 0
			f.tidy()
			f.row = min(f.row, len(f.rows)-1)
			return had
		case k == "=" && f.col == 0:
			f.col = 1
			return false
		case k == "backspace" && f.col == 1 && f.rows[f.row][1].value() == "":
			f.col = 0
			return false
		case (k == "right" || k == "ctrl+e") && f.rows[f.row][f.col].atEnd():
			if found := f.completions(); len(found) > 0 {
				f.rows[f.row][f.col].set(found[0])
				f.tidy()
				return true
			}
		}
	}
	changed := f.rows[f.row][f.col].update(msg)
	f.tidy()
	return changed
}

// step goes through key and value of each line, or from line to line. The value of an empty line is passed over.
func (f *PairsField) step(delta int, byLine bool) bool {
	row, col := f.row, f.col
	switch {
	case byLine:
		row += delta
	case delta > 0 && col == 0 && !f.empty(row):
		col = 1
	case delta > 0:
		row, col = row+1, 0
	case col == 1:
		col = 0
	default:
		row, col = row-1, 1
	}
	if row < 0 || row >= len(f.rows) {
		return false
	}
	f.row, f.col = row, col
	f.tidy()
	if f.empty(f.row) {
		f.col = 0
	}
	return true
}

func (f *PairsField) enter(delta int) {
	f.row, f.col = 0, 0
	if delta < 0 {
		f.row = len(f.rows) - 1
	}
}

// leave puts the cursor on the last line, the one that may stay empty, so that every other empty one goes.
func (f *PairsField) leave() {
	f.row = len(f.rows) - 1
	f.tidy()
}

// split deals a width out to key and value, with " = " between them.
func (f *PairsField) split(width int) (key, value int) {
	key = max((width-3)*2/5, 1)
	return key, max(width-3-key, 0)
}

func (f *PairsField) view(th *Theme, width int, focused bool) []string {
	key, value := f.split(width)
	var lines []string
	for i := range f.rows {
		here := focused && i == f.row
		if !focused && f.empty(i) && len(f.rows) > 1 {
			continue
		}
		equals := th.Text(Dim, " = ")
		line := f.rows[i][0].view(th, key, here && f.col == 0) + equals + f.rows[i][1].view(th, value, here && f.col == 1)
		lines = append(lines, Fit(line, width, ""))
	}
	if focused && f.suggest != nil {
		// The line stays while there is nothing to offer: what stands under it must not jump as one types.
		lines = append(lines, th.Spans(width, Span{strings.Join(f.completions(), "  "), Dim}))
	}
	return lines
}

func (f *PairsField) cursor(_ *Theme, width int) (x, y int, ok bool) {
	key, value := f.split(width)
	x = f.rows[f.row][0].column(key)
	if f.col == 1 {
		x = key + 3 + f.rows[f.row][1].column(value)
	}
	return min(x, width-1), f.row, true
}

// Package ui is the toolkit of the screen: theme and symbols, table, form, dialog, toasts, help, layout. It knows
// nothing of tunnels, does no I/O and asks no clock: times are handed in. Every View returns lines that are exactly as
// wide as they were told to be.
package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
)

// Tone is the meaning of a colour. It never stands alone: a symbol or a word says the same.
type Tone uint8

const (
	Plain  Tone = iota
	Dim         // secondary
	Good        // connected, done
	Warn        // soon over, waiting, stale
	Bad         // failed, dangerous
	Accent      // titles, the key in a hint
	Strong      // bold
)

// Symbols are one cell wide each, in Unicode or in ASCII.
type Symbols struct {
	On, Off, Never, Closed, Stale, Done, Failed, Cursor, Mark, Sorted, SortedDown, Ellipsis, Up, Down string
	Bar                                                                                               [2]string // full, empty
	Spark                                                                                             []string
	Spinner                                                                                           []string
	Rule                                                                                              string
	Radio                                                                                             [2]string // off, on
}

// Look is what a theme is made for.
type Look struct {
	Dark, NoColor, ASCII, ReducedMotion bool
}

// Theme maps tones to styles.
type Theme struct {
	Look    Look
	Symbols Symbols
}

// NewTheme makes the theme for a look.
func NewTheme(look Look) *Theme { panic("not built") }

// Style of a tone.
func (t *Theme) Style(tone Tone) lipgloss.Style { panic("not built") }

// Text renders s in a tone.
func (t *Theme) Text(tone Tone, s string) string { panic("not built") }

// Cell is one field of a row: a run of spans. Their texts must be clean of control characters.
type Cell []Span

// Span is text in a tone.
type Span struct {
	Text string
	Tone Tone
}

// Column of a table.
type Column[R any] struct {
	ID, Title string
	// Min is the least width in cells, Max the most, 0 for no limit: what is left over goes to the columns without one.
	Min, Max int
	// Priority decides what a narrow table drops first: the highest. 0 is never dropped.
	Priority int
	Right    bool // align right
	Cell     func(R) Cell
	// Less sorts; nil means the column cannot be sorted by.
	Less func(a, b R) bool
}

// Table is a windowed list of rows by key: the selection follows the key, not the index, and only visible rows are
// rendered.
type Table[K comparable, R any] struct{}

// NewTable makes a table; key must be unique among the rows.
func NewTable[K comparable, R any](key func(R) K, columns []Column[R]) *Table[K, R] {
	panic("not built")
}

// SetRows replaces the rows; selection, marks and the scroll position stay with their keys.
func (t *Table[K, R]) SetRows(rows []R)          { panic("not built") }
func (t *Table[K, R]) SetSize(width, height int) { panic("not built") }

// Move moves the selection by delta rows, clamped; Page by pages; Top and Bottom to the ends.
func (t *Table[K, R]) Move(delta int) { panic("not built") }
func (t *Table[K, R]) Page(delta int) { panic("not built") }
func (t *Table[K, R]) Top()           { panic("not built") }
func (t *Table[K, R]) Bottom()        { panic("not built") }

// Selected is the row under the cursor; AtEnd tells whether it is the last.
func (t *Table[K, R]) Selected() (R, bool) { panic("not built") }
func (t *Table[K, R]) AtEnd() bool         { panic("not built") }

// Select moves the cursor to a key, and remembers it when the row is not there yet.
func (t *Table[K, R]) Select(key K) bool { panic("not built") }

// ToggleMark marks the selected row; Marked are the marked ones in order, ClearMarks forgets them.
func (t *Table[K, R]) ToggleMark()  { panic("not built") }
func (t *Table[K, R]) Marked() []R  { panic("not built") }
func (t *Table[K, R]) ClearMarks()  { panic("not built") }
func (t *Table[K, R]) Len() int     { panic("not built") }
func (t *Table[K, R]) Visible() []R { panic("not built") }

// SortBy sorts by a column, again by the same column the other way; "" restores the order of SetRows.
func (t *Table[K, R]) SortBy(id string) { panic("not built") }

// View renders header and rows, exactly height lines.
func (t *Table[K, R]) View(th *Theme) string { panic("not built") }

// Dialog is a question with choices; the first choice that is Safe is the default.
type Dialog struct {
	Title   string
	Body    []Span // each span is a paragraph
	Choices []Choice
	// Typed must be typed before a dangerous choice works, "" for none.
	Typed string
	// OpenedAt starts the grace period in which a dialog that opened by itself takes no key; zero for none.
	OpenedAt time.Time
}

// Choice is a key of a dialog and the answer it gives.
type Choice struct {
	Key, Label, Answer string
	Danger             bool
}

// Update takes a key and returns the answer, "" for none yet. Esc answers "cancel".
func (d *Dialog) Update(key tea.KeyPressMsg, now time.Time) (answer string) { panic("not built") }
func (d *Dialog) View(th *Theme, width int) string                          { panic("not built") }

// Overlay puts box in the middle of base, which is width×height.
func Overlay(base, box string, width, height int) string { panic("not built") }

// Fit pads or cuts styled text to width cells, with an ellipsis when it cuts.
func Fit(s string, width int, ellipsis string) string { panic("not built") }

// Age says how long something took or lasts in two to four cells: "8s", "4m", "2h", "3d".
func Age(d time.Duration) string { panic("not built") }

// Bytes says "84 kB", Rate "84 kB/s".
func Bytes(n uint64) string { panic("not built") }
func Rate(n float64) string { panic("not built") }

// Bar draws a fraction 0..1, Sparkline the last width values.
func (t *Theme) Bar(fraction float64, width int) string       { panic("not built") }
func (t *Theme) Sparkline(values []float64, width int) string { panic("not built") }

// Toasts are short notices that go by themselves.
type Toasts struct{}

// Toast is one of them.
type Toast struct {
	Tone  Tone
	Text  string
	Until time.Time
}

func (t *Toasts) Push(tone Tone, text string, now time.Time) { panic("not built") }

// Expire drops what is over and tells whether anything changed; Next is when to look again, zero for never.
func (t *Toasts) Expire(now time.Time) bool        { panic("not built") }
func (t *Toasts) Next() time.Time                  { panic("not built") }
func (t *Toasts) View(th *Theme, width int) string { panic("not built") }

// Entry is a line of the help or the palette.
type Entry struct {
	Keys, Title, Group, Answer string
	// Disabled says why it cannot run now, "" when it can.
	Disabled string
}

// Menu is a searchable list that answers with the entry chosen: help, palette, pickers.
type Menu struct{}

func NewMenu(title string, entries []Entry) *Menu { panic("not built") }

// Update takes a message; done tells that the menu is over, answer is "" when it was left.
func (m *Menu) Update(msg tea.Msg) (answer string, done bool)   { panic("not built") }
func (m *Menu) View(th *Theme, width, height int) string        { panic("not built") }
func (m *Menu) Cursor(th *Theme, width, height int) *tea.Cursor { panic("not built") }

// Form is a column of fields with one focused. Tab and shift+tab, up and down move; ctrl+s or enter on the last field
// submit; esc leaves.
type Form struct{}

// FormResult is what a key did to the form.
type FormResult uint8

const (
	FormOpen FormResult = iota
	FormSubmitted
	FormCancelled
)

// Field of a form. Its kinds are TextField, ChoiceField, ListField and PairsField.
type Field interface {
	ID() string
	// Err is the validation of what stands in it now, nil when it is good.
	Err() error
}

func NewForm(title string, fields ...Field) *Form { panic("not built") }

// NewTextField is one line; validate may be nil. Suggestions complete it with right or ctrl+e.
func NewTextField(id, label, value, placeholder string, validate func(string) error) *TextField {
	panic("not built")
}

// NewChoiceField picks one of the options with left and right.
func NewChoiceField(id, label string, options []string, selected int) *ChoiceField {
	panic("not built")
}

// NewListField holds up to max texts separated by spaces or commas, shown as chips.
func NewListField(id, label string, values []string, max int, validate func(string) error) *ListField {
	panic("not built")
}

// NewPairsField holds key=value lines; a line is added at the end and removed by ctrl+d or by emptying it.
func NewPairsField(id, label string, pairs [][2]string, max int, validate func(key, value string) error) *PairsField {
	panic("not built")
}

type (
	TextField   struct{}
	ChoiceField struct{}
	ListField   struct{}
	PairsField  struct{}
)

func (f *TextField) ID() string                { panic("not built") }
func (f *TextField) Err() error                { panic("not built") }
func (f *TextField) Value() string             { panic("not built") }
func (f *TextField) SetSuggestions(s []string) { panic("not built") }
func (f *ChoiceField) ID() string              { panic("not built") }
func (f *ChoiceField) Err() error              { panic("not built") }
func (f *ChoiceField) Selected() int           { panic("not built") }
func (f *ListField) ID() string                { panic("not built") }
func (f *ListField) Err() error                { panic("not built") }
func (f *ListField) Values() []string          { panic("not built") }
func (f *PairsField) ID() string               { panic("not built") }
func (f *PairsField) Err() error               { panic("not built") }
func (f *PairsField) Pairs() [][2]string       { panic("not built") }

func (f *Form) Update(msg tea.Msg) (FormResult, tea.Cmd) { panic("not built") }

// Footer puts lines under the fields, such as a warning and the equivalent command.
func (f *Form) Footer(lines []Span)                             { panic("not built") }
func (f *Form) Focus(id string)                                 { panic("not built") }
func (f *Form) Focused() string                                 { panic("not built") }
func (f *Form) Valid() error                                    { panic("not built") }
func (f *Form) View(th *Theme, width, height int) string        { panic("not built") }
func (f *Form) Cursor(th *Theme, width, height int) *tea.Cursor { panic("not built") }

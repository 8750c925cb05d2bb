package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

func required(s string) error {
	if s == "" {
		return errors.New("name a thing")
	}
	return nil
}

// openForm is a form with a field of each kind.
func openForm() (form *Form, thing *TextField, services *ListField, tags *PairsField, then *ChoiceField) {
	thing = NewTextField("thing", "Thing", "", "pump-07", required)
	services = NewListField("services", "Services", []string{"SSH"}, 3, func(s string) error {
		if len(s) > 8 {
			return fmt.Errorf("%s is longer than 8 characters", s)
		}
		return nil
	})
	tags = NewPairsField("tags", "Tags", [][2]string{{"incident", "4411"}}, 3, nil)
	then = NewChoiceField("then", "Then", []string{"ssh", "local proxy", "nothing"}, 0)
	return NewForm("Open a tunnel", thing, services, tags, then), thing, services, tags, then
}

// give sends a form keys, separated by spaces; 'text' in quotes is pasted. It returns the last result.
func give(f *Form, keys string) FormResult {
	result := FormOpen
	for key := range strings.FieldsSeq(keys) {
		if text, ok := strings.CutPrefix(key, "'"); ok {
			result, _ = f.Update(tea.PasteMsg{Content: strings.ReplaceAll(strings.TrimSuffix(text, "'"), "_", " ")})
		} else {
			result, _ = f.Update(press(key))
		}
	}
	return result
}

func TestFormMovesThroughItsFields(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"", "thing"},
		{"tab", "services"},
		{"enter", "services"},
		{"down down", "tags"},
		{"tab tab tab", "tags"},         // key, value
		{"tab tab tab tab", "tags"},     // the line to add
		{"tab tab tab tab tab", "then"}, // its value is passed over while it is empty
		{"down down down down", "then"}, // by line: one pair, the line to add
		{"down down down down up", "tags"},
		{"down down down down down", "then"},
		{"up", "thing"},
		{"shift+tab", "then"},
		{"shift+tab tab", "thing"},
		{"shift+tab shift+tab shift+tab shift+tab shift+tab", "services"},
	} {
		form, _, _, _, _ := openForm()
		if give(form, c.keys); form.Focused() != c.want {
			t.Errorf("%q: the focus is on %s, want %s", c.keys, form.Focused(), c.want)
		}
	}
}

func TestFormIsSubmittedOnlyWhenItIsGood(t *testing.T) {
	for _, c := range []struct {
		keys  string
		want  FormResult
		focus string
	}{
		{"'pump-07' ctrl+s", FormSubmitted, "thing"},
		{"ctrl+s", FormOpen, "thing"},
		{"tab ctrl+s", FormOpen, "thing"}, // the mistake gets the focus
		{"'pump-07' shift+tab enter", FormSubmitted, "then"},
		{"'pump-07' enter", FormOpen, "services"},
		{"'pump-07' tab 'ABCDEFGHI' shift+tab ctrl+s", FormOpen, "services"},
		{"'pump-07' esc", FormCancelled, "thing"},
	} {
		form, _, _, _, _ := openForm()
		if got := give(form, c.keys); got != c.want || form.Focused() != c.focus {
			t.Errorf("%q: result %d on %s, want %d on %s", c.keys, got, form.Focused(), c.want, c.focus)
		}
		if (form.Valid() == nil) != (c.want != FormOpen || c.focus == "services" && c.keys == "'pump-07' enter") {
			t.Errorf("%q: Valid is %v", c.keys, form.Valid())
		}
	}
}

func TestFormShowsAMistakeOnceItsFieldWasTouched(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	form, _, _, _, _ := openForm()
	shows := func() bool { return strings.Contains(ansi.Strip(form.View(th, 60, 20)), "✗ name a thing") }
	if shows() {
		t.Error("an untouched form scolds")
	}
	give(form, "p")
	if shows() {
		t.Error("there is no mistake to show")
	}
	give(form, "backspace")
	if !shows() {
		t.Error("the mistake is not shown as it is made")
	}
	if err := form.Valid(); err == nil || err.Error() != "Thing: name a thing" {
		t.Errorf("Valid says %v", err)
	}
	other, _, _, _, _ := openForm()
	give(other, "tab")
	form = other
	if !shows() {
		t.Error("the mistake is not shown once its field was left")
	}
}

func TestTextFieldIsCompletedByItsSuggestion(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"'pump' right", "pump-07"},
		{"'PUMP' ctrl+e", "pump-07"},
		{"'pump-1' right", "pump-12"},
		{"'zz' right", "zz"},
		{"right", ""},                     // nothing typed, nothing meant
		{"'pump' left right", "pump"},     // in the middle right moves
		{"'pump' home ctrl+e", "pump"},    // as does ctrl+e
		{"'pump-07' right x", "pump-07x"}, // complete already
	} {
		form, thing, _, _, _ := openForm()
		thing.SetSuggestions([]string{"gate-03", "pump-07", "pump-12"})
		if give(form, c.keys); thing.Value() != c.want {
			t.Errorf("%q: %q, want %q", c.keys, thing.Value(), c.want)
		}
	}
}

func TestFormDoesNotJumpWhenSuggestionsRunOut(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	form, thing, _, _, _ := openForm()
	thing.SetSuggestions([]string{"pump-07"})
	line := func() int {
		return slices.IndexFunc(strings.Split(ansi.Strip(form.View(th, 60, 20)), "\n"), func(s string) bool { return strings.Contains(s, "Services") })
	}
	before := line()
	give(form, "z")
	if after := line(); after != before {
		t.Errorf("the field under it moved from line %d to %d", before, after)
	}
}

func TestTextFieldGivesBackWhatNobodyEdited(t *testing.T) {
	raw := "on\u202ecall\x07\tnote"
	field := NewTextField("d", "Description", raw, "", nil)
	if field.Value() != raw {
		t.Errorf("%q became %q", raw, field.Value())
	}
	form := NewForm("", field)
	give(form, "left right home end")
	if field.Value() != raw {
		t.Errorf("moving the cursor made it %q", field.Value())
	}
	give(form, "x backspace")
	if field.Value() != raw {
		t.Errorf("an edit taken back made it %q", field.Value())
	}
	give(form, "x")
	if !strings.HasSuffix(field.Value(), "notex") {
		t.Errorf("the edit is lost: %q", field.Value())
	}
	field.SetValue("new")
	if field.Value() != "new" {
		t.Errorf("set to %q", field.Value())
	}
}

func TestListFieldTakesTextsApart(t *testing.T) {
	for _, c := range []struct {
		keys string
		want []string
		err  string
	}{
		{"tab 'HTTP'", []string{"SSH", "HTTP"}, ""},
		{"tab 'HTTP' space 'WSS'", []string{"SSH", "HTTP", "WSS"}, ""},
		{"tab 'HTTP,WSS'", []string{"SSH", "HTTP", "WSS"}, ""},
		{"tab 'HTTP_WSS_' tab", []string{"SSH", "HTTP", "WSS"}, ""},
		{"tab H T , W", []string{"SSH", "HT", "W"}, ""},
		{"tab backspace", nil, ""},
		{"tab backspace backspace 'X'", []string{"X"}, ""},
		{"tab 'X' backspace backspace", nil, ""},
		{"tab space , space", []string{"SSH"}, ""},
		{"tab 'SSH'", []string{"SSH", "SSH"}, "SSH is there twice"},
		{"tab 'SSH' space", []string{"SSH", "SSH"}, "SSH is there twice"},
		{"tab 'A,B,C'", []string{"SSH", "A", "B", "C"}, "at most 3"},
		{"tab 'ABCDEFGHI' space", []string{"SSH", "ABCDEFGHI"}, "ABCDEFGHI is longer than 8 characters"},
	} {
		form, _, services, _, _ := openForm()
		give(form, c.keys)
		if got := services.Values(); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.keys, got, c.want)
		}
		if err := services.Err(); (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%q: %v, want %q", c.keys, err, c.err)
		}
	}
}

func TestPairsFieldAddsAndRemovesLines(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		want       [][2]string
		err        string
	}{
		{"as given", "", [][2]string{{"incident", "4411"}}, ""},
		{"= goes to the value", "down t e a m = o p s", [][2]string{{"incident", "4411"}, {"team", "ops"}}, ""},
		{"tab goes to the value", "down 'team' tab 'ops'", [][2]string{{"incident", "4411"}, {"team", "ops"}}, ""},
		{"= in a value is text", "down k = a = b", [][2]string{{"incident", "4411"}, {"k", "a=b"}}, ""},
		{"a value may be empty", "down k", [][2]string{{"incident", "4411"}, {"k", ""}}, ""},
		{"texts may hold spaces", "down 'cost_center' tab 'a_b'", [][2]string{{"incident", "4411"}, {"cost center", "a b"}}, ""},
		{"ctrl+d removes the line", "ctrl+d", nil, ""},
		{"and one may be added then", "ctrl+d k = v", [][2]string{{"k", "v"}}, ""},
		{"ctrl+d on the empty line is harmless", "down ctrl+d ctrl+d k", [][2]string{{"incident", "4411"}, {"k", ""}}, ""},
		{"emptying removes it", "ctrl+u tab ctrl+u down", nil, ""},
		{"backspace from an empty value goes to the key", "ctrl+u tab ctrl+u backspace x", [][2]string{{"x", ""}}, ""},
		{"editing a value", "tab backspace 2", [][2]string{{"incident", "4412"}}, ""},
		{"no key", "ctrl+u", [][2]string{{"", "4411"}}, `"4411" has no key`},
		{"the same key", "down 'incident'", [][2]string{{"incident", "4411"}, {"incident", ""}}, `the key "incident" is there twice`},
		{"up to its limit", "down a down b down down", [][2]string{{"incident", "4411"}, {"a", ""}, {"b", ""}}, ""},
	} {
		tags := NewPairsField("tags", "Tags", [][2]string{{"incident", "4411"}}, 3, nil)
		form := NewForm("", tags)
		give(form, c.keys)
		if got := tags.Pairs(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if err := tags.Err(); (err == nil) != (c.err == "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: %v, want %q", c.name, err, c.err)
		}
	}
}

func TestPairsFieldKeepsTheCursorOnItsLineWhenOneAboveGoes(t *testing.T) {
	tags := NewPairsField("tags", "Tags", [][2]string{{"a", ""}, {"b", ""}, {"c", ""}}, 5, nil)
	give(NewForm("", tags), "ctrl+u down x")
	if got, want := tags.Pairs(), [][2]string{{"bx", ""}, {"c", ""}}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPairsFieldTallerThanTheFormKeepsItsLineInSight(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	tags := NewPairsField("tags", "Tags", [][2]string{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}}, 9, nil)
	form := NewForm("", tags, NewTextField("last", "Last", "", "", nil))
	for _, keys := range []string{"down", "up"} {
		for range 5 {
			c := form.Cursor(th, 40, 4)
			if c == nil {
				t.Fatalf("going %s, the line being edited is out of sight:\n%s", keys, ansi.Strip(form.View(th, 40, 4)))
			}
			line := strings.Split(ansi.Strip(form.View(th, 40, 4)), "\n")[c.Y]
			if want := tags.rows[tags.row][0].value(); !strings.Contains(line, " "+want+" ") {
				t.Errorf("going %s, the cursor is on %q, want the line of %q", keys, line, want)
			}
			give(form, keys)
		}
	}
}

func TestPairsFieldSaysWhenThereAreTooMany(t *testing.T) {
	tags := NewPairsField("tags", "Tags", [][2]string{{"a", ""}, {"b", ""}}, 1, nil)
	if err := tags.Err(); err == nil || err.Error() != "at most 1" {
		t.Errorf("says %v", err)
	}
	tags = NewPairsField("tags", "Tags", [][2]string{{"aws:x", ""}}, 1, func(key, _ string) error {
		if strings.HasPrefix(key, "aws:") {
			return errors.New("keys that begin with aws: belong to AWS")
		}
		return nil
	})
	if tags.Err() == nil {
		t.Error("the validation is not asked")
	}
}

func TestPairsFieldGivesBackWhatNobodyEdited(t *testing.T) {
	raw := [][2]string{{"k\u00a0\x07", "v\u200f\n"}, {"Ключ", "値"}}
	tags := NewPairsField("tags", "Tags", raw, 50, nil)
	form := NewForm("", tags)
	give(form, "tab tab tab tab down up ctrl+s")
	if got := tags.Pairs(); !slices.Equal(got, raw) {
		t.Errorf("%q became %q", raw, got)
	}
}

func TestChoiceFieldIsMovedWithinItsOptions(t *testing.T) {
	for _, c := range []struct {
		keys string
		want int
	}{
		{"", 0}, {"right", 1}, {"right right right", 2}, {"left", 0}, {"right left", 0}, {"space", 1}, {"space space space", 0}, {"x", 0},
	} {
		then := NewChoiceField("then", "Then", []string{"ssh", "local proxy", "nothing"}, 0)
		form := NewForm("", then)
		if give(form, c.keys); then.Selected() != c.want {
			t.Errorf("%q: %d, want %d", c.keys, then.Selected(), c.want)
		}
	}
	if NewChoiceField("", "", nil, 3).Err() == nil {
		t.Error("a choice among nothing is good")
	}
	if got := NewChoiceField("", "", []string{"a"}, 9).Selected(); got != 0 {
		t.Errorf("an option that is not there is selected: %d", got)
	}
}

// The cursor must stand behind what was typed, whatever is in front of it: screen readers and input methods follow it.
func TestFormCursorStandsBehindWhatWasTyped(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	for _, c := range []struct{ keys, before string }{
		{"'pump'", "pump"},
		{"'日本'", "日本"},
		{"'日本' left", "日"},
		{"tab 'HTTP'", "[SSH] HTTP"},
		{"tab tab", "incident"},
		{"tab tab tab", "4411"},
		{"tab tab down k = v", "k = v"},
		{"shift+tab right", "( ) ssh ("},
	} {
		for _, size := range [][2]int{{80, 24}, {60, 15}, {60, 5}} {
			form, _, _, _, _ := openForm()
			give(form, c.keys)
			lines := strings.Split(ansi.Strip(form.View(th, size[0], size[1])), "\n")
			cursor := form.Cursor(th, size[0], size[1])
			if cursor == nil {
				t.Errorf("%q at %v: no cursor", c.keys, size)
				continue
			}
			got := strings.Join(strings.Fields(ansi.Cut(lines[cursor.Y], 0, cursor.X)), " ")
			if want := strings.Join(strings.Fields(c.before), " "); !strings.HasSuffix(got, want) {
				t.Errorf("%q at %v: before the cursor stands %q, want %q", c.keys, size, got, want)
			}
		}
	}
}

func TestFormScrollsLongTextWithTheCursor(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	form := NewForm("", NewTextField("d", "D", "", "", nil))
	give(form, "'"+strings.Repeat("a", 50)+"日本'")
	line := func() (string, int) {
		c := form.Cursor(th, 30, 6)
		return strings.Split(ansi.Strip(form.View(th, 30, 6)), "\n")[c.Y], c.X
	}
	if text, x := line(); !strings.Contains(text, "…aaa") || !strings.HasSuffix(ansi.Cut(text, 0, x), "日本") {
		t.Errorf("at the end: %q, cursor at %d", text, x)
	}
	give(form, "home")
	if text, x := line(); !strings.HasSuffix(text, "…") || x != 5 {
		t.Errorf("at the start: %q, cursor at %d", text, x)
	}
}

func TestFormKeepsTheFocusedFieldInSight(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	for _, size := range [][2]int{{80, 24}, {60, 15}, {60, 8}, {40, 4}} {
		form, _, _, _, _ := openForm()
		form.Footer([]Span{{"! pump-07 already has an open tunnel", Warn}, {"$ aws iotsecuretunneling open-tunnel", Dim}})
		for range 10 {
			view := ansi.Strip(form.View(th, size[0], size[1]))
			if !strings.Contains(view, th.Symbols.Cursor) || form.Cursor(th, size[0], size[1]) == nil {
				t.Errorf("at %v, %s is out of sight:\n%s", size, form.Focused(), view)
			}
			give(form, "tab")
		}
	}
}

func TestFormShowsItsFooterWithTheLastField(t *testing.T) {
	th := NewTheme(Look{NoColor: true})
	form, _, _, _, _ := openForm()
	form.Footer([]Span{{"the end", Dim}})
	if view := ansi.Strip(form.View(th, 60, 6)); strings.Contains(view, "the end") || !strings.Contains(view, "↓") {
		t.Errorf("there is no sign of more below:\n%s", view)
	}
	form.Focus("then")
	if view := ansi.Strip(form.View(th, 60, 6)); !strings.Contains(view, "the end") || !strings.Contains(view, "↑") {
		t.Errorf("the footer is out of sight:\n%s", view)
	}
	form.Focus("none")
	if form.Focused() != "then" {
		t.Errorf("an unknown field took the focus to %s", form.Focused())
	}
}

func TestFormWithoutFieldsIsHarmless(t *testing.T) {
	form := NewForm("Empty")
	if got := give(form, "tab shift+tab up down x 'y' enter"); got != FormSubmitted {
		t.Errorf("enter gives %d", got)
	}
	if form.Focused() != "" || form.Valid() != nil || form.Cursor(NewTheme(Look{}), 40, 5) != nil {
		t.Error("it has a focus, a mistake or a cursor")
	}
}

func TestTypingTakesThePlaceOfAProposedText(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"", "pump-19"},
		{"g", "g"},
		{"g o", "go"},
		{"'gate-03'", "gate-03"},
		{"''", "pump-19"},
		{"space", " "},
		{"right x", "pump-19x"},
		{"end x", "pump-19x"},
		{"backspace x", "pump-1x"},
		{"left x", "pump-1x9"},
		{"ctrl+u x", "x"},
		{"tab shift+tab g", "g"}, // what nobody touched is still only proposed
		{"end tab shift+tab g", "pump-19g"},
		{"g tab shift+tab o", "go"},
	} {
		field := NewTextField("thing", "Thing", "pump-19", "", required)
		field.SetSuggestions([]string{"pump-190"})
		field.SelectAll()
		give(NewForm("Open", field, NewTextField("other", "Other", "", "", nil)), c.keys)
		if got := field.Value(); got != c.want {
			t.Errorf("after %q the text is %q, want %q", c.keys, got, c.want)
		}
	}
}

func TestProposedTextStandsOutWhileTypingReplacesIt(t *testing.T) {
	for _, look := range []Look{{Dark: true}, {NoColor: true}} {
		th := NewTheme(look)
		field := NewTextField("thing", "Thing", "pump-19", "", nil)
		form := NewForm("Open", field)
		plain := form.View(th, 60, 8)
		field.SelectAll()
		proposed := form.View(th, 60, 8)
		if proposed == plain || ansi.Strip(proposed) != ansi.Strip(plain) {
			t.Errorf("%+v: proposed %q, plain %q; want the same text in another style", look, proposed, plain)
		}
		give(form, "end")
		if got := form.View(th, 60, 8); got != plain {
			t.Errorf("%+v: after end %q, want %q", look, got, plain)
		}
	}
}

func TestNothingIsSelectedInAnEmptyField(t *testing.T) {
	field := NewTextField("thing", "Thing", "", "pump-07", nil)
	field.SelectAll()
	field.SetValue("pump-19")
	give(NewForm("Open", field), "x")
	if got := field.Value(); got != "pump-19x" {
		t.Errorf("the text is %q: a value set by hand was replaced", got)
	}
}

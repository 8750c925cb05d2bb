package views

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// dialog is a question in front of the view.
type dialog struct {
	ask      *ui.Dialog
	answered func(answer string) tea.Cmd
}

func (d *dialog) update(msg tea.Msg, s *scene) (bool, func() tea.Cmd) {
	if pasted, ok := msg.(tea.PasteMsg); ok {
		d.ask.Paste(pasted, s.now)
		return false, nil
	}
	key, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return false, nil
	}
	answer := d.ask.Update(key, s.now)
	if answer == "" {
		return false, nil
	}
	return true, func() tea.Cmd { return d.answered(answer) }
}

func (d *dialog) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(72)
	return d.ask.View(s.theme, width), d.ask.Cursor(s.theme, width)
}

func (d *dialog) hints(s *scene) []hint {
	var hints []hint
	if d.ask.Typed != "" {
		// Letters are text there: what enter does is all there is.
		hints = append(hints, hint{"enter", d.ask.Choices[d.ask.Focus()].Label})
	} else {
		for _, c := range d.ask.Choices {
			hints = append(hints, hint{c.Key, c.Label})
		}
	}
	return append(hints, hint{s.key(keymap.DialogCancel), "back"})
}

// confirm asks before yes is carried out.
func (a *app) confirm(where client.Context, ask *ui.Dialog, yes func() tea.Cmd) {
	a.choose(where, ask, func(answer string) tea.Cmd {
		if answer != "yes" {
			return nil
		}
		return yes()
	})
}

// choose asks about something in a context, and gives the answer on.
func (a *app) choose(where client.Context, ask *ui.Dialog, answered func(string) tea.Cmd) {
	a.chooseIn([]client.Context{where}, ask, answered)
}

// chooseIn asks about something in these contexts: production is said first, and what is not AWS last.
func (a *app) chooseIn(contexts []client.Context, ask *ui.Dialog, answered func(string) tea.Cmd) {
	for i := range ask.Body {
		ask.Body[i].Text = client.Clean(ask.Body[i].Text)
	}
	var marked []client.Context
	foreign := map[string]bool{}
	for _, c := range contexts {
		if c.Production {
			marked = append(marked, c)
		}
		if c.NotAWS() && !c.Demo && !foreign[c.Endpoint] {
			foreign[c.Endpoint] = true
			ask.Body = append(ask.Body, ui.Span{Text: notAWS(c), Tone: ui.Warn})
		}
	}
	if len(marked) > 0 {
		ask.Body = slices.Insert(ask.Body, 0, ui.Span{Text: production + ": " + whereAll(marked), Tone: ui.Bad})
	}
	a.show(&dialog{ask, answered})
}

func notAWS(c client.Context) string {
	return "This is not AWS: " + client.Clean(c.EndpointFrom) + " points to " + client.Clean(c.Endpoint) + "."
}

// menu is a searchable list in front of the view.
type menu struct {
	list   *ui.Menu
	chosen func(answer string) tea.Cmd
}

func (m *menu) update(msg tea.Msg, _ *scene) (bool, func() tea.Cmd) {
	answer, done := m.list.Update(msg)
	if answer == "" {
		return done, nil
	}
	return done, func() tea.Cmd { return m.chosen(answer) }
}

func (m *menu) size(s *scene) (int, int) { return s.boxWidth(84), min(s.height-3, 30) }

func (m *menu) view(s *scene) (string, *tea.Cursor) {
	width, height := m.size(s)
	return m.list.View(s.theme, width, height), m.list.Cursor(s.theme, width, height)
}

func (m *menu) hints(*scene) []hint {
	switch {
	case !m.list.Answers():
		return []hint{{"esc", "back"}}
	case m.list.Many():
		return []hint{{"enter", "go on"}, {"space", "mark several"}, {"esc", "back"}}
	}
	return []hint{{"enter", "do it"}, {"esc", "back"}}
}

// form is a form in front of the view.
type form struct {
	title string
	form  *ui.Form
	// keys takes a key before the form does; refresh renews what depends on the fields.
	keys    func(tea.KeyPressMsg) (taken, done bool, then func() tea.Cmd)
	refresh func()
	submit  func() tea.Cmd
	// height is how many lines the fields and the footer would like.
	height int
	// extra are further keys that do something now.
	extra func() []hint
	// about is the thing it is about, nil for none: its presence is asked for.
	about func() client.ThingKey
	// quiet is for a form that opened by itself: a key that was meant for something else must not fill it in.
	quiet ui.Quiet
}

func (f *form) update(msg tea.Msg, s *scene) (bool, func() tea.Cmd) {
	if key, _ := msg.(tea.KeyPressMsg); key.String() != "esc" && f.quiet.Holds(s.now) {
		return false, nil
	}
	if key, ok := msg.(tea.KeyPressMsg); ok && f.keys != nil {
		if taken, done, then := f.keys(key); taken {
			return done, then
		}
	}
	result, _ := f.form.Update(msg)
	if f.refresh != nil {
		f.refresh()
	}
	switch result {
	case ui.FormSubmitted:
		return true, f.submit
	case ui.FormCancelled:
		return true, nil
	}
	return false, nil
}

func (f *form) view(s *scene) (string, *tea.Cursor) {
	width := s.boxWidth(96)
	height := min(f.height, s.height-3)
	body := f.form.View(s.theme, width-4, height)
	cursor := f.form.Cursor(s.theme, width-4, height)
	if cursor != nil {
		cursor = tea.NewCursor(cursor.X+2, cursor.Y+1)
	}
	return s.theme.Frame(f.title, strings.Split(body, "\n"), width, 0), cursor
}

func (f *form) hints(s *scene) []hint {
	hints := []hint{{s.key("form.submit"), "go"}}
	if f.extra != nil {
		hints = append(hints, f.extra()...)
	}
	return append(hints, hint{s.key("form.next"), "next"}, hint{s.key("form.cancel"), "back"})
}

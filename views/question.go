package views

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// Question is what a login under way asks a person: the code of an MFA device.
type Question struct {
	// Serial names the device.
	Serial string
	// Answer gives the code, or tells that there is none. It does not block; only the first call counts.
	Answer func(code string, given bool)
}

type questionMsg struct{ question Question }

// awaitQuestion is the one command that waits for questions; it is armed again when it has delivered.
func (a *app) awaitQuestion() tea.Cmd {
	if a.opts.Contexts == nil || a.opts.Contexts.Questions == nil {
		return nil
	}
	ctx, questions := a.ctx, a.opts.Contexts.Questions
	return func() tea.Msg {
		select {
		case question := <-questions:
			return questionMsg{question}
		case <-ctx.Done():
			return nil
		}
	}
}

// asking is a question in front of the screen.
type asking struct {
	*form
	answer func(code string, given bool)
}

// asked shows the question. One at a time is asked; the next waits for its turn in its login.
func (a *app) asked(msg questionMsg) tea.Cmd {
	a.stopAsking()
	field := ui.NewTextField("code", "Code", "", "the six digits it shows now", checkCode)
	q := &asking{answer: msg.question.Answer, form: &form{
		title: "MFA code", form: ui.NewForm("of "+client.Clean(msg.question.Serial)+"; it goes to AWS alone", field), height: 5,
		quiet: ui.NewQuiet(a.scene.now),
	}}
	q.submit = func() tea.Cmd {
		q.answer(strings.TrimSpace(field.Value()), true)
		a.asking = nil
		return nil
	}
	q.keys = func(key tea.KeyPressMsg) (taken, done bool, then func() tea.Cmd) {
		left := key.String() == "esc"
		return left, left, func() tea.Cmd { a.stopAsking(); return nil }
	}
	a.asking = q
	a.show(q)
	return a.awaitQuestion()
}

// stopAsking takes the question away. Whoever waits for the answer gets none.
func (a *app) stopAsking() {
	if a.asking != nil {
		a.asking.answer("", false)
		a.drop(a.asking)
		a.asking = nil
	}
}

// checkCode takes what AWS does: six digits.
func checkCode(code string) error {
	code = strings.TrimSpace(code)
	if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
		return errors.New("Give the six digits.")
	}
	return nil
}

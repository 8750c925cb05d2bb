package views

import (
	"bytes"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// activityView lists what adit did, the latest first.
type activityView struct {
	scene *scene
	table *ui.Table[uint64, client.Deed]
	count uint64
}

func newActivityView(s *scene) *activityView {
	v := &activityView{scene: s}
	plain := func(tone ui.Tone, of func(client.Deed) string) func(client.Deed) ui.Cell {
		return func(d client.Deed) ui.Cell { return text(tone, of(d)) }
	}
	v.table = ui.NewTable(func(d client.Deed) uint64 { return d.N }, []ui.Column[client.Deed]{
		{ID: "time", Title: "TIME", Min: 8, Max: 15, Cell: plain(ui.Dim, func(d client.Deed) string { return s.moment(d.At) })},
		{ID: "action", Title: "ACTION", Min: 12, Max: 23, Cell: plain(ui.Strong, func(d client.Deed) string { return d.Action })},
		{ID: "object", Title: "OBJECT", Min: 12, Max: 30, Priority: 1, Cell: plain(ui.Plain, func(d client.Deed) string { return d.Object })},
		{ID: "where", Title: "WHERE", Min: 14, Max: 40, Priority: 5, Cell: plain(ui.Dim, func(d client.Deed) string {
			if d.Context == (client.Context{}) {
				return "this computer"
			}
			return where(d.Context)
		})},
		{ID: "took", Title: "TOOK", Min: 7, Max: 7, Priority: 3, Right: true, Cell: plain(ui.Plain, func(d client.Deed) string { return took(d.Took) })},
		{ID: "result", Title: "RESULT", Min: 12, Cell: func(d client.Deed) ui.Cell {
			if d.Failed {
				return text(ui.Bad, s.theme.Symbols.Failed+" "+d.Result)
			}
			return text(ui.Good, s.theme.Symbols.Done+" "+d.Result)
		}},
	})
	return v
}

// took says how long something lasted.
func took(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return milliseconds(d)
	case d < time.Minute:
		return ui.Age(d)
	}
	return ui.Countdown(d)
}

func (v *activityView) fill(j *client.Journal) {
	if count := j.Count(); count != v.count || v.table.Len() == 0 {
		// Who looks at the latest goes on with the latest.
		latest, ok := v.table.Selected()
		follow := !ok || latest.N == v.count
		v.count = count
		deeds := j.Deeds()
		v.table.SetRows(deeds)
		if follow && len(deeds) > 0 {
			v.table.Top()
		}
	}
}

func (v *activityView) view(j *client.Journal, room int) []string {
	s := v.scene
	v.fill(j)
	v.table.SetSize(s.width, max(room-2, 2))
	lines := strings.Split(v.table.View(s.theme), "\n")
	if v.table.Len() == 0 {
		copy(lines[min(2, len(lines)):], s.paragraph(ui.Plain, "adit has changed nothing yet.", 3))
	}
	asked := []string{}
	for _, a := range j.Asked() {
		one := a.Operation + " " + itoa(a.Calls)
		if a.Failed > 0 {
			one += " (" + itoa(a.Failed) + " failed)"
		}
		asked = append(asked, one)
	}
	return append(lines, s.rule(), s.theme.Spans(s.width, ui.Span{Text: " only asked: " + strings.Join(asked, ", "), Tone: ui.Dim}))
}

func needDeed(a *app) string {
	if a.activity == nil || a.activity.table.Len() == 0 {
		return "Nothing is selected: adit has changed nothing yet."
	}
	return ""
}

func needCommand(a *app) string {
	if why := needDeed(a); why != "" {
		return why
	}
	if d, _ := a.activity.table.Selected(); d.Command == "" {
		return "There is no aws command for this: it happened on this computer."
	}
	return ""
}

// deedDetail shows all of the selected deed.
func (a *app) deedDetail() tea.Cmd {
	d, _ := a.activity.table.Selected()
	a.show(&detail{title: d.Action, write: func(s *scene, width int) []string {
		var lines []string
		say := func(name, text string) {
			if text != "" {
				lines = append(lines, s.fact(width, name, ui.Span{Text: text})...)
			}
		}
		say("when", s.moment(d.At)+", took "+took(d.Took))
		if d.Context != (client.Context{}) {
			say("where", where(d.Context))
		}
		say("object", d.Object)
		say("result", d.Result)
		if d.Command != "" {
			say("command", "$ "+d.Command)
		}
		return lines
	}})
	return nil
}

func (a *app) copyCommand() tea.Cmd {
	d, _ := a.activity.table.Selected()
	return a.clip("aws command", d.Command)
}

// exportActivity asks for a file and writes the deeds into it, one JSON object a line.
func (a *app) exportActivity() tea.Cmd {
	name := ui.NewTextField("file", "File", "activity-"+a.scene.now.Local().Format("20060102-150405")+".jsonl", "a path", func(path string) error {
		if strings.TrimSpace(path) == "" {
			return errNoPath
		}
		return nil
	})
	f := ui.NewForm("JSON lines, one for each deed, readable by you alone; a name without a path goes to adit's state directory", name)
	a.show(&form{title: "Export the activity", form: f, height: 6, submit: func() tea.Cmd {
		var lines bytes.Buffer
		if err := a.opts.Journal.Write(&lines); err != nil {
			a.fail(err)
			return nil
		}
		save, path := a.opts.Save, strings.TrimSpace(name.Value())
		return func() tea.Msg {
			at, err := save(path, lines.Bytes())
			return savedMsg{at, err}
		}
	}})
	return nil
}

// savedMsg: a file was written, or not.
type savedMsg struct {
	path string
	err  error
}

func (a *app) saved(msg savedMsg) {
	if msg.err != nil {
		a.tell(keymap.ActivityExport, ui.Bad, msg.err.Error())
		return
	}
	a.tell(keymap.ActivityExport, ui.Good, "Written to "+msg.path+".")
}

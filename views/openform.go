package views

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/session"
	"adit/settings"
	"adit/tunnelconn"
	"adit/ui"
)

// defaultLifetime is what the form proposes: enough for a look, short enough to be forgotten safely.
const defaultLifetime = time.Hour

// defaults are what a context begins with.
func (a *app) defaults(where client.Context) settings.Defaults {
	if of := a.connection.backend.Defaults; of != nil {
		return of(where)
	}
	return settings.Defaults{Services: []string{sshService}, Lifetime: defaultLifetime}
}

// proposed is a field whose text gives way to what is typed: appended to, it would be a name that nobody meant.
func proposed(id, label, value, placeholder string, validate func(string) error) *ui.TextField {
	field := ui.NewTextField(id, label, value, placeholder, validate)
	field.SelectAll()
	return field
}

// openForm asks for what a new tunnel needs, and what to do with it.
type openForm struct {
	app         *app
	form        *ui.Form
	thing       *ui.TextField
	services    *ui.ListField
	lifetime    *ui.TextField
	description *ui.TextField
	tags        *ui.PairsField
	then        *ui.ChoiceField
	port        *ui.TextField
	// proposed are the services that were put there for the thing; nil once they were edited.
	proposed []string
	// carried are those of the selected tunnel, and of whom.
	carried []string
	whose   string
	// where the tunnel is opened.
	where client.Context
}

func (a *app) openForm() tea.Cmd {
	f := &openForm{app: a, where: a.context()}
	thing := a.snapshot.Thing
	if row, ok := a.selected(); ok && row.Thing != "" {
		thing = row.Thing.Raw()
		f.carried, f.whose = rawServices(row.Services), thing
	}
	f.proposed = f.propose(thing)
	f.thing = proposed("thing", "Thing", thing, "the device's thing name", f.checkThing)
	f.thing.SetSuggestions(a.things())
	f.services = ui.NewListField("services", "Services", f.proposed, 3, client.ValidateService)
	f.services.Check(f.checkServices)
	f.lifetime = proposed("lifetime", "Lifetime (min)", itoa(int(a.defaults(f.where).Lifetime/time.Minute)), "1 to 720", validateMinutes)
	f.description = ui.NewTextField("description", "Description", "", "what for, such as an incident", client.ValidateDescription)
	f.tags = ui.NewPairsField("tags", "Tags", nil, 45, client.ValidateTag)
	f.then = ui.NewChoiceField("then", "Then", []string{"ssh", "local proxy", "nothing"}, 0)
	f.port = proposed("port", "Local port", "auto", "a number, or auto", validatePort)
	f.form = ui.NewForm(where(f.where)+" "+a.scene.theme.Symbols.Dot+" billed per open",
		f.thing, f.services, f.lifetime, f.description, f.tags, f.then, f.port)
	f.refresh()
	front := &form{
		title: "Open a tunnel", form: f.form, keys: f.key, refresh: f.refresh, height: 20,
		extra: []hint{{a.scene.key(keymap.FormReuse), "reuse an open one"}},
	}
	front.submit = func() tea.Cmd { return f.submit(front) }
	a.show(front)
	return nil
}

// propose are the services to begin with: those of the selected tunnel for its own thing, SSH for any other.
func (f *openForm) propose(thing string) []string {
	if thing == f.whose && len(f.carried) > 0 {
		return f.carried
	}
	return []string{sshService}
}

// checkThing holds what follows against the thing: without one nobody is told, so that nobody ever comes.
func (f *openForm) checkThing(name string) error {
	if strings.TrimSpace(name) == "" && f.wanted() != session.ThenNothing {
		return errors.New("Without a thing no device is told of the tunnel: name one, or choose nothing below.")
	}
	return client.ValidateThing(name)
}

// checkServices holds what follows against the services.
func (f *openForm) checkServices(services []string) error {
	if f.wanted() == session.ThenShell && !slices.Contains(services, sshService) {
		return errors.New("ssh needs the service SSH.")
	}
	return client.ValidateDestination(strings.TrimSpace(f.thing.Value()), services)
}

// validateMinutes checks a lifetime as it is typed.
func validateMinutes(s string) error {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n == 0 {
		return errors.New("Give the minutes, 1 to 720.")
	}
	return client.ValidateLifetime(time.Duration(n) * time.Minute)
}

// validatePort checks a local port as it is typed.
func validatePort(s string) error {
	s = strings.TrimSpace(s)
	if s == "" || s == "auto" {
		return nil
	}
	if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 65535 {
		return errors.New("Give a port, 1 to 65535, or auto.")
	}
	return nil
}

// bindTo is the local address on loopback for what was typed as a port.
func bindTo(port string) string { return bindAt("127.0.0.1", port) }

// bindAt is the local address for what was typed as a host and a port.
func bindAt(host, port string) string {
	port = strings.TrimSpace(port)
	if port == "" || port == "auto" {
		port = "0"
	}
	return net.JoinHostPort(strings.TrimSpace(host), port)
}

func (f *openForm) input() client.OpenInput {
	n, _ := strconv.Atoi(strings.TrimSpace(f.lifetime.Value()))
	in := client.OpenInput{
		Thing: strings.TrimSpace(f.thing.Value()), Services: f.services.Values(),
		Description: f.description.Value(), Lifetime: time.Duration(n) * time.Minute,
	}
	for _, pair := range f.tags.Pairs() {
		in.Tags = append(in.Tags, client.Tag{Key: client.Text(pair[0]), Value: client.Text(pair[1])})
	}
	return in
}

// reusable is the open tunnel of the same thing that lives longest, if there is one that carries the services.
func (f *openForm) reusable() (tunnelRow, bool) {
	a, in := f.app, f.input()
	var best tunnelRow
	for _, r := range a.snapshot.Rows {
		row := tunnelRow{Row: *r}
		if in.Thing == "" || r.Thing.Raw() != in.Thing || !r.Open() || a.tunnels.remaining(row) <= a.tunnels.remaining(best) {
			continue
		}
		carried := rawServices(r.Services)
		if !slices.ContainsFunc(in.Services, func(s string) bool { return !slices.Contains(carried, s) }) {
			best = row
		}
	}
	return best, best.Key != client.Key{}
}

// refresh renews what the footer says about what stands in the fields.
func (f *openForm) refresh() {
	if f.proposed != nil && !slices.Equal(f.services.Values(), f.proposed) {
		f.proposed = nil
	}
	if next := f.propose(strings.TrimSpace(f.thing.Value())); f.proposed != nil && !slices.Equal(next, f.proposed) {
		f.proposed = next
		f.services.SetValues(next)
	}
	a, in := f.app, f.input()
	var lines []ui.Span
	if row, ok := f.reusable(); ok {
		use := ""
		switch {
		case slices.ContainsFunc(a.sessions.Proxies(), func(p session.Proxy) bool { return p.Tunnel == row.Key && p.State != tunnelconn.Stopped }):
			use = ", and its source is in use by you"
		case row.Source.Connected:
			use = ", and its source is in use"
		}
		lines = append(lines, ui.Span{Tone: ui.Warn, Text: fmt.Sprintf("%s %s already has an open tunnel with %s left%s.  %s reuse it instead",
			a.scene.theme.Symbols.Warning, client.Clean(in.Thing), ui.Age(a.tunnels.remaining(row)), use, a.scene.key(keymap.FormReuse))})
	}
	if in.Thing == "" && f.wanted() == session.ThenNothing {
		lines = append(lines, ui.Span{Tone: ui.Warn, Text: "Without a thing no device is told of the tunnel."})
	}
	if c := f.where; c.NotAWS() && !c.Demo {
		lines = append(lines, ui.Span{Tone: ui.Warn, Text: notAWS(c)})
	}
	f.form.Footer(append(lines, ui.Span{Tone: ui.Dim, Text: "$ " + client.CommandOpen(f.where, in)}))
}

// key reuses the open tunnel where there is one.
func (f *openForm) key(key tea.KeyPressMsg) (bool, func() tea.Cmd) {
	b, ok := f.app.scene.keys.Lookup(key.String(), keymap.ScopeForm)
	if !ok || b.Action != keymap.FormReuse {
		return false, nil
	}
	row, found := f.reusable()
	if !found {
		f.app.toast(ui.Warn, "No open tunnel of this thing carries these services.")
		return false, nil
	}
	if f.wanted() == session.ThenShell && !carriesSSH(rawServices(row.Services)) {
		f.app.toast(ui.Warn, f.app.withoutSSH(row.Tunnel))
		return false, nil
	}
	return true, func() tea.Cmd {
		a := f.app
		a.tunnels.table.Select(row.Key)
		req := a.requestFor(row, f.wanted())
		req.Bind = f.bind(rawServices(row.Services))
		return a.start(req, rawServices(row.Services))
	}
}

func (f *openForm) wanted() session.Then {
	return []session.Then{session.ThenShell, session.ThenProxy, session.ThenNothing}[f.then.Selected()]
}

// bind puts the first service on the port that was asked for; the others take free ones.
func (f *openForm) bind(services []string) map[string]string {
	if f.wanted() != session.ThenProxy || len(services) == 0 {
		return nil
	}
	return map[string]string{services[0]: bindTo(f.port.Value())}
}

// submit opens the tunnel. A thing that nobody ever saw may be a slip of the keys, which is billed all the same: it is
// asked first, and the form comes back for a no.
func (f *openForm) submit(front *form) tea.Cmd {
	a, in := f.app, f.input()
	open := func() tea.Cmd {
		return a.start(session.Request{
			Service: a.service(f.where), Thing: in.Thing, Open: &in, Then: f.wanted(), Bind: f.bind(in.Services),
		}, in.Services)
	}
	if in.Thing == "" || a.seen[in.Thing] {
		return open()
	}
	a.choose(&ui.Dialog{
		Title: "Open a tunnel to " + in.Thing,
		Body: []ui.Span{{Tone: ui.Warn, Text: in.Thing + " was never seen here: no tunnel of it is or was in this list. " +
			"A tunnel opened now is billed, and the device may never hear of it."}},
		Choices: []ui.Choice{{Key: "n", Label: "back to the form", Answer: "cancel"}, {Key: "y", Label: "open it (billed)", Answer: "yes", Danger: true}},
	}, func(answer string) tea.Cmd {
		if answer == "yes" {
			return open()
		}
		a.show(front)
		return nil
	})
	return nil
}

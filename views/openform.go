package views

import (
	"cmp"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/settings"
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

// wish is what an open form begins with; what is zero is proposed.
type wish struct {
	// where is the context to open in, zero for the first.
	where       client.Context
	thing       string
	services    []string
	lifetime    time.Duration
	description string
	tags        []client.Tag
	then        session.Then
	title       string
}

// openForm asks for what a new tunnel needs, and what to do with it.
type openForm struct {
	app   *app
	where client.Context
	form  *ui.Form
	// places are the contexts to choose from by place, which is nil where there is only one.
	places      []client.Context
	place       *ui.ChoiceField
	thing       *ui.TextField
	services    *ui.ListField
	lifetime    *ui.TextField
	description *ui.TextField
	tags        *ui.PairsField
	then        *ui.ChoiceField
	port        *ui.TextField
	user        *ui.TextField
	// proposed are the services that were put there for the thing; nil once they were edited.
	proposed []string
	// carried are those of the selected tunnel, and of whom.
	carried []string
	whose   string
}

// openForm begins with the selected tunnel's thing and services.
func (a *app) openForm() tea.Cmd {
	w := wish{thing: a.snapshot.Thing}
	if row, ok := a.selected(); ok && row.Thing != "" {
		w.where, w.thing, w.services = row.Context, row.Thing.Raw(), rawServices(row.Services)
	}
	return a.openFormFor(w)
}

// duplicate begins with all that the selected tunnel was opened with, but for adit's own marks.
func (a *app) duplicate() tea.Cmd {
	row, _ := a.selected()
	users, _ := apart(row.Tags)
	return a.openFormFor(wish{
		where: row.Context, thing: row.Thing.Raw(), services: rawServices(row.Services), lifetime: row.Lifetime,
		description: session.WithoutMark(row.Description.Raw()), tags: users, title: "Open a tunnel like " + shortID(row.Key.ID),
	})
}

func (a *app) openFormFor(w wish) tea.Cmd {
	if w.where == (client.Context{}) {
		w.where = a.context()
	}
	w.where = a.service(w.where).Context()
	defaults := a.defaults(w.where)
	f := &openForm{app: a, where: w.where, carried: w.services, whose: w.thing}
	f.proposed = f.propose(w.thing)
	f.thing = proposed("thing", "Thing", w.thing, "the device's thing name", f.checkThing)
	f.thing.SetSuggestions(a.thingNames())
	f.thing.Remark(f.remark)
	f.services = ui.NewListField("services", "Services", f.proposed, mostServices, client.ValidateService)
	f.services.Check(f.checkServices)
	f.lifetime = proposed("lifetime", "Lifetime (min)", inMinutes(cmp.Or(w.lifetime, defaults.Lifetime)), "1 to 720", validateMinutes)
	f.lifetime.SetPresets([]string{"15", "60", "240", "720"})
	f.description = ui.NewTextField("description", "Description", w.description, "what for, such as an incident", client.ValidateDescription)
	tags := w.tags
	if w.title == "" {
		tags = defaults.Tags
	}
	f.tags = ui.NewPairsField("tags", "Tags", pairsOf(tags), mostTags-ownTags, checkTag(tags))
	f.tags.Suggest(a.commonTags(w.where))
	f.then = ui.NewChoiceField("then", "Then", []string{"ssh", "local proxy", "nothing"}, int(w.then))
	f.port = proposed("port", "Local port", proposedPort(defaults, f.proposed), "a number, or auto", validatePort)
	f.user = ui.NewTextField("user", "ssh user", "", f.otherUser(), client.ValidateUser)
	fields := []ui.Field{f.thing, f.services, f.lifetime, f.description, f.tags, f.then, f.port, f.user}
	if f.choosePlace(); f.place != nil {
		fields = slices.Insert(fields, 0, ui.Field(f.place))
	}
	f.form = ui.NewForm("", fields...)
	f.form.SetTitle(f.heading())
	f.form.Focus("thing")
	f.refresh()
	front := &form{
		title: cmp.Or(w.title, "Open a tunnel"), form: f.form, keys: f.key, refresh: f.refresh, height: 22, about: f.about,
		extra: f.hints,
	}
	front.submit = func() tea.Cmd { return f.submit(front) }
	a.show(front)
	return nil
}

const (
	// mostServices is what the service takes of a tunnel.
	mostServices = 3
	// ownTags is how many tags are left to adit's own marks.
	ownTags = 5
)

func pairsOf(tags []client.Tag) [][2]string {
	pairs := make([][2]string, len(tags))
	for i, t := range tags {
		pairs[i] = [2]string{t.Key.Raw(), t.Value.Raw()}
	}
	return pairs
}

// otherUser says who logs in when no user is named here.
func (f *openForm) otherUser() string {
	if user := f.app.defaults(f.where).SSHUser; user != "" {
		return client.Clean(user) + ", unless your ssh configuration says otherwise"
	}
	return "as your ssh configuration says"
}

// about is the thing that is typed.
func (f *openForm) about() client.ThingKey {
	return f.where.ThingKey(strings.TrimSpace(f.thing.Value()))
}

// propose are the services to begin with: those of the selected tunnel for its own thing, the context's for any other.
func (f *openForm) propose(thing string) []string {
	if thing == f.whose && len(f.carried) > 0 {
		return f.carried
	}
	if services := f.app.defaults(f.where).Services; len(services) > 0 {
		return services
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

func (f *openForm) wanted() session.Then {
	return []session.Then{session.ThenShell, session.ThenProxy, session.ThenNothing}[f.then.Selected()]
}

// bind puts the first service on the port that was asked for; the others take those of the settings, or free ones.
func (f *openForm) bind(services []string) map[string]string {
	if f.wanted() != session.ThenProxy || len(services) == 0 {
		return nil
	}
	bind := map[string]string{services[0]: bindTo(f.port.Value())}
	for _, service := range services[1:] {
		if port := f.app.defaults(f.where).Ports[service]; port != 0 {
			bind[service] = bindTo(itoa(port))
		}
	}
	return bind
}

// request is what the form asks for, through a tunnel that is open or that is to be opened.
func (f *openForm) request(services []string) session.Request {
	req := session.Request{Service: f.app.service(f.where), Then: f.wanted(), Bind: f.bind(services)}
	if req.Then == session.ThenShell {
		req.User = strings.TrimSpace(f.user.Value())
	}
	return req
}

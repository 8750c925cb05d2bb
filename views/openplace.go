package views

import (
	"slices"
	"strings"
	"time"

	"adit/client"
	"adit/settings"
	"adit/ui"
)

// choosePlace makes a field of the contexts to open in, where several are shown. Those that are read-only are none of them.
func (f *openForm) choosePlace() {
	for _, c := range f.app.contexts() {
		if !c.ReadOnly || c == f.where {
			f.places = append(f.places, c)
		}
	}
	if len(f.places) < 2 {
		return
	}
	names := make([]string, len(f.places))
	for i, c := range f.places {
		names[i] = nameAmong(f.places, c)
	}
	f.place = ui.NewChoiceField("context", "Context", names, slices.Index(f.places, f.where))
}

// nameAmong tells a context from others by what differs, and says which are production.
func nameAmong(all []client.Context, c client.Context) string {
	var parts []string
	profiles, regions := several(all)
	if profiles {
		parts = append(parts, profilesOf([]client.Context{c}))
	}
	if regions {
		parts = append(parts, client.Clean(c.Region))
	}
	if c.Production {
		parts = append(parts, production)
	}
	return strings.Join(parts, " ")
}

// heading says where the tunnel is opened, and that it costs. The region stands first, as a narrow screen cuts the end off.
func (f *openForm) heading() ui.Span {
	dot := " " + f.app.scene.theme.Symbols.Dot + " "
	parts := whereParts(f.where)
	at := strings.Join([]string{parts[len(parts)-1], "billed per open", strings.Join(parts[:len(parts)-1], " ")}, dot)
	if f.where.Production {
		return ui.Span{Text: production + " " + at, Tone: ui.Bad}
	}
	return ui.Span{Text: at, Tone: ui.Accent}
}

// follow goes where the choice went. What still stands there as it was proposed becomes what is proposed in that context;
// what a person edited stays.
func (f *openForm) follow() {
	if f.place == nil || f.places[f.place.Selected()] == f.where {
		return
	}
	before := f.app.defaults(f.where)
	f.where = f.places[f.place.Selected()]
	after := f.app.defaults(f.where)
	if f.lifetime.Value() == inMinutes(before.Lifetime) {
		f.lifetime.SetValue(inMinutes(after.Lifetime))
	}
	if slices.Equal(f.tags.Pairs(), pairsOf(before.Tags)) {
		f.tags.SetPairs(pairsOf(after.Tags))
	}
	f.tags.Suggest(f.app.commonTags(f.where))
	if services := f.services.Values(); f.port.Value() == proposedPort(before, services) {
		f.port.SetValue(proposedPort(after, f.propose(strings.TrimSpace(f.thing.Value()))))
	}
	f.user.SetPlaceholder(f.otherUser())
	f.form.SetTitle(f.heading())
}

// inMinutes is a lifetime as it is typed.
func inMinutes(d time.Duration) string { return itoa(int(d / time.Minute)) }

// proposedPort is the settings' port of the first of the services, or else a free one.
func proposedPort(d settings.Defaults, services []string) string {
	if len(services) > 0 && d.Ports[services[0]] != 0 {
		return itoa(d.Ports[services[0]])
	}
	return "auto"
}

package views

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// profilesMsg answers the question for the profiles there are.
type profilesMsg struct {
	profiles []client.Profile
	err      error
}

// readProfiles reads the shared configuration files, which change while adit runs.
func (a *app) readProfiles() tea.Cmd {
	read := a.opts.Contexts.Profiles
	return func() tea.Msg {
		profiles, err := read()
		return profilesMsg{profiles, err}
	}
}

// noProfile stands for the environment's own choice, ownRegion for the region that each profile names itself.
const noProfile, ownRegion = "no profile", "own region"

// chooseProfiles is the first step of going to other contexts: one profile, or several that are marked.
func (a *app) chooseProfiles(msg profilesMsg) {
	if msg.err != nil {
		a.fail(msg.err)
	}
	if len(a.overlays) > 0 {
		return
	}
	var shown []string
	for _, p := range a.places() {
		shown = append(shown, profileAnswer(p.Profile))
	}
	entries := []ui.Entry{{Answer: noProfile, Title: "what the AWS environment says"}}
	for _, p := range msg.profiles {
		entries = append(entries, ui.Entry{Answer: profileAnswer(p.Name), Title: a.describeProfile(p)})
	}
	picker := ui.NewPicker("Contexts: which profiles", entries, nil)
	if len(shown) > 0 {
		picker.Choose(shown[0])
	}
	a.show(&menu{list: picker, chosen: func(answer string) tea.Cmd {
		chosen := picker.Marked()
		if len(chosen) == 0 {
			chosen = []string{answer}
		}
		a.chooseRegions(chosen, shown, msg.profiles)
		return nil
	}})
}

// profileAnswer is how a profile is known in the picker; a name may be anything.
func profileAnswer(name string) string {
	if name == "" {
		return noProfile
	}
	return "profile " + name
}

func profileOf(answer string) string {
	name, _ := strings.CutPrefix(answer, "profile ")
	if answer == noProfile {
		return ""
	}
	return name
}

func (a *app) describeProfile(p client.Profile) string {
	dot := " " + a.scene.theme.Symbols.Dot + " "
	words := []string{p.Name}
	for _, word := range []string{p.Login, p.Region} {
		if word != "" {
			words = append(words, word)
		}
	}
	if a.opts.Contexts.Production != nil && a.opts.Contexts.Production(p.Name) {
		words = append(words, production)
	}
	return strings.Join(words, dot)
}

// chooseRegions is the second step: those of the profiles are marked, or those on the screen where it shows the same ones.
func (a *app) chooseRegions(chosen, shown []string, profiles []client.Profile) {
	regions := client.Regions()
	own := "the region that the profile or the environment names"
	var marked []string
	for _, p := range profiles {
		if p.Region == "" {
			continue
		}
		if !slices.Contains(regions, p.Region) {
			regions = append(regions, p.Region)
		}
		if len(chosen) == 1 && slices.Contains(chosen, profileAnswer(p.Name)) {
			own = p.Region + ", the profile's own"
		}
	}
	if slices.Equal(distinct(shown), chosen) {
		for _, p := range a.places() {
			if region := p.Region; region != "" && !slices.Contains(marked, region) {
				marked = append(marked, region)
				regions = slices.Insert(slices.DeleteFunc(regions, func(r string) bool { return r == region }), len(marked)-1, region)
			}
		}
	}
	if len(marked) == 0 {
		marked = []string{ownRegion}
	}
	if len(chosen) > 1 {
		own = "the region of each profile"
	}
	entries := []ui.Entry{{Answer: ownRegion, Title: own}}
	for _, region := range regions {
		entries = append(entries, ui.Entry{Answer: region, Title: region})
	}
	picker := ui.NewPicker("Contexts: which regions", entries, marked)
	picker.Choose(marked[0])
	a.show(&menu{list: picker, chosen: func(answer string) tea.Cmd {
		in := picker.Marked()
		if len(in) == 0 || len(in) == 1 && slices.Equal(in, marked) {
			// Enter on a region that was only moved to means that one.
			in = []string{answer}
		}
		return a.goToPlaces(placesOf(chosen, in, profiles))
	}})
}

func distinct(answers []string) []string {
	var once []string
	for _, answer := range answers {
		if !slices.Contains(once, answer) {
			once = append(once, answer)
		}
	}
	return once
}

// placesOf are all the profiles in all the regions. Only a region that no file names is left to the environment.
func placesOf(chosen, regions []string, profiles []client.Profile) []Place {
	var places []Place
	for _, answer := range chosen {
		for _, region := range regions {
			place := Place{profileOf(answer), region}
			if region == ownRegion {
				place.Region = ""
				if i := slices.IndexFunc(profiles, func(p client.Profile) bool { return p.Name == place.Profile }); i >= 0 {
					place.Region = profiles[i].Region
				}
			}
			if !slices.Contains(places, place) {
				places = append(places, place)
			}
		}
	}
	return places
}

// places are those that were asked for last.
func (a *app) places() []Place {
	if a.connection.backend == nil {
		return nil
	}
	return a.connection.backend.Places
}

// goToPlaces leaves for other contexts. Local proxies and shells of those before keep running.
func (a *app) goToPlaces(places []Place) tea.Cmd {
	open := a.opts.Contexts.Open
	words := make([]string, len(places))
	for i, place := range places {
		words[i] = describePlace(place)
	}
	return a.connect(func(ctx context.Context) (*Backend, error) { return open(ctx, places) }, strings.Join(words, "; "))
}

// describePlace says in words what is tried.
func describePlace(p Place) string {
	words := "the default profile"
	if p.Profile != "" {
		words = "profile " + client.Clean(p.Profile)
	}
	if p.Region != "" {
		words += " in " + client.Clean(p.Region)
	}
	return words
}

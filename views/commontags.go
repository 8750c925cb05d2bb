package views

import (
	"cmp"
	"slices"

	"adit/client"
)

// mostOffered bounds the keys, and the values of each, that are offered.
const mostOffered = 30

// commonTags offers the tags of the listed tunnels and those of the settings, the most common first: keys for the empty
// key, else the values of a key. Raw texts that would look otherwise on the screen are not offered: who takes one must
// see what he takes.
func (a *app) commonTags(where client.Context) func(key string) []string {
	count := map[string]map[string]int{"": {}}
	add := func(tags []client.Tag, weight int) {
		users, _ := apart(tags)
		for _, t := range users {
			key, value := t.Key.Raw(), t.Value.Raw()
			if key == "" || t.Key.String() != key || t.Value.String() != value {
				continue
			}
			if count[key] == nil {
				count[key] = map[string]int{}
			}
			count[""][key] += weight
			count[key][value] += weight
		}
	}
	for _, r := range a.snapshot.Rows {
		add(r.Tags, 1)
	}
	// What the settings name comes first.
	add(a.defaults(where).Tags, 1+len(a.snapshot.Rows))
	offers := map[string][]string{}
	return func(key string) []string {
		if _, ok := offers[key]; !ok {
			offers[key] = byCount(count[key])
		}
		return offers[key]
	}
}

// byCount are the most common texts first.
func byCount(count map[string]int) []string {
	var texts []string
	for text := range count {
		if text != "" {
			texts = append(texts, text)
		}
	}
	slices.SortFunc(texts, func(x, y string) int { return cmp.Or(count[y]-count[x], cmp.Compare(x, y)) })
	return texts[:min(len(texts), mostOffered)]
}

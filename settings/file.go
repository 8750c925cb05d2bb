package settings

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

// file is the layer of the file, and notes those of its profiles.
func (r *reader) file(data []byte) layer {
	l := layer{}
	whole, err := fromYAML(data)
	var syntax yaml.Error
	switch {
	case errors.As(err, &syntax):
		r.complain(&fault{syntax.GetToken(), errors.New(syntax.GetMessage())}, "")
	case err != nil:
		r.complain(err, cmp.Or(r.path, FileName)+":")
	case whole.form != mapping && whole.form != nothing:
		r.complain(wrong(whole.token, "the settings are names with values, such as theme: dark"), "")
	}
	for _, entry := range whole.names {
		switch entry.text {
		case "version":
			if entry.value.text != fmt.Sprint(version) {
				r.complain(wrong(entry.value.token, "this adit knows version %d of the settings", version), "version:")
			}
		case "profiles":
			r.ofProfiles(entry.value)
		default:
			r.entry(l, entry, "")
		}
	}
	return l
}

func (r *reader) ofProfiles(n node) {
	if n.form != mapping && n.form != nothing {
		r.complain(wrong(n.token, "are names of profiles with their settings"), "profiles")
		return
	}
	for _, profile := range n.names {
		l := layer{}
		if profile.value.form != mapping && profile.value.form != nothing {
			r.complain(wrong(profile.token, "must be names with values"), profile.text)
			continue
		}
		for _, entry := range profile.value.names {
			r.entry(l, entry, profile.text)
		}
		r.settings.profiles[profile.text] = l
		r.settings.names = append(r.settings.names, profile.text)
	}
}

// entry reads one setting of the file. A name without a value chooses nothing.
func (r *reader) entry(l layer, entry name, profile string) {
	for _, f := range Fields() {
		switch {
		case f.Key != entry.text:
			continue
		case profile != "" && !f.PerProfile:
			r.complain(wrong(entry.token, "is the same for every profile: write it outside of profiles"), entry.text)
		case entry.value.form != nothing:
			r.read(l, f, entry.value, Origin{File: r.path, Line: lineOf(entry.token), Profile: profile}, entry.text)
		}
		return
	}
	r.complain(wrong(entry.token, "is not known: %s", nearest(entry.text)), "the setting "+entry.text)
}

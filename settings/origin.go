package settings

import "fmt"

// Origin is where a value was chosen. The zero value is the default.
type Origin struct {
	// File and Line are a place in the settings file, Profile whose part of it that is, "" for everybody's.
	File    string
	Line    int
	Profile string
	// Variable or Flag, when it was chosen there.
	Variable, Flag string
}

// String says it in a few words: "default", "ADIT_THEME", "--theme", "/home/me/.config/adit/settings.yaml:3".
func (o Origin) String() string {
	switch {
	case o.Flag != "":
		return "--" + o.Flag
	case o.Variable != "":
		return o.Variable
	case o.File != "" && o.Profile != "":
		return fmt.Sprintf("%s:%d, profile %s", o.File, o.Line, o.Profile)
	case o.File != "":
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	}
	return "default"
}

// layer is what one source chose, by key.
type layer map[string]chosen

// chosen is a value and where it was chosen.
type chosen struct {
	data any
	at   Origin
}

// find is the value in effect for a profile.
func (s *Settings) find(profile, key string) chosen {
	layers := append(append([]layer{}, s.over...), s.profiles[profile])
	layers = append(layers, s.under...)
	var found []chosen
	for _, l := range layers {
		if c, ok := l[key]; ok {
			found = append(found, c)
		}
	}
	top := found[0]
	for _, c := range found[1:] {
		switch weaker := c.data.(type) {
		case bool:
			// Nobody takes a promise back that somebody else made.
			if key == "read_only" && weaker && top.data == false {
				top = c
			}
		case []pair:
			if joined(key) {
				top.data = join(weaker, top.data.([]pair))
			}
		}
	}
	return top
}

func joined(key string) bool {
	for _, f := range Fields() {
		if f.Key == key {
			return f.joined
		}
	}
	return false
}

// join puts the entries of the stronger table in the place of those of the same name, and the others behind.
func join(weaker, stronger []pair) []pair {
	all := append([]pair{}, weaker...)
next:
	for _, p := range stronger {
		for i := range all {
			if all[i].name == p.name {
				all[i] = p
				continue next
			}
		}
		all = append(all, p)
	}
	return all
}

// Value is a setting as it is in effect.
type Value struct {
	Key string
	// Text is how the file could have it.
	Text   string
	Origin Origin
}

// Effective are the values for a profile, in order; "" leaves the profiles' own parts out.
func (s *Settings) Effective(profile string) []Value {
	var all []Value
	for _, f := range Fields() {
		c := s.find(profile, f.Key)
		all = append(all, Value{f.Key, show(c.data), c.at})
	}
	return all
}

// Own are the values that the file has for a profile, as they are in effect for it.
func (s *Settings) Own(profile string) []Value {
	var own []Value
	for _, v := range s.Effective(profile) {
		if _, ok := s.profiles[profile][v.Key]; ok {
			own = append(own, v)
		}
	}
	return own
}

// OriginOf tells where a value was chosen, for a profile; entry is a name in a table, "" for the whole value.
func (s *Settings) OriginOf(profile, key, entry string) Origin {
	c := s.find(profile, key)
	pairs, _ := c.data.([]pair)
	for _, p := range pairs {
		if p.name == entry {
			return p.at
		}
	}
	return c.at
}

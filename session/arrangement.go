package session

import "slices"

// Arrangement is how a person left the list of tunnels of a profile. The zero value is the list as shipped.
type Arrangement struct {
	// Sort is the column sorted by, "" for the service's own order.
	Sort       string `json:"sort,omitempty"`
	Descending bool   `json:"descending,omitempty"`
	// Columns in their order. Those that are not named stand where they are shipped.
	Columns []ColumnChoice `json:"columns,omitempty"`
	// Filters that were saved, by name.
	Filters []SavedFilter `json:"filters,omitempty"`
}

// ColumnChoice is what was chosen for a column.
type ColumnChoice struct {
	ID     string `json:"id"`
	Hidden bool   `json:"hidden,omitempty"`
	// Width in cells, 0 for as shipped.
	Width int `json:"width,omitempty"`
}

// SavedFilter is a filter with its name.
type SavedFilter struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// SaveFilter keeps a filter, in place of one of the same name.
func (a *Arrangement) SaveFilter(name, text string) {
	a.ForgetFilter(name)
	a.Filters = append(a.Filters, SavedFilter{name, text})
}

// ForgetFilter drops a filter by its name.
func (a *Arrangement) ForgetFilter(name string) {
	a.Filters = slices.DeleteFunc(slices.Clone(a.Filters), func(f SavedFilter) bool { return f.Name == name })
}

// Arrangement is how the list of a profile was left, zero where it never was changed.
func (s *Store) Arrangement(profile string) (Arrangement, error) {
	now, err := s.read()
	return now.Arrangements[profile], err
}

// Arrange changes how the list of a profile is left.
func (s *Store) Arrange(profile string, edit func(*Arrangement)) error {
	return s.change(func(now *state) {
		a := now.Arrangements[profile]
		edit(&a)
		if now.Arrangements == nil {
			now.Arrangements = map[string]Arrangement{}
		}
		now.Arrangements[profile] = a
	})
}

package cli

import (
	"errors"
	"fmt"

	"adit/keymap"
	"adit/settings"
)

// boundKeys are the keys as shipped with those that the settings chose in their place.
func boundKeys(s *settings.Settings) (*keymap.Map, error) {
	keys := keymap.Default()
	chosen := map[keymap.Action][]string{}
	for action, of := range s.Keys {
		chosen[keymap.Action(action)] = of
	}
	err := keys.Override(chosen)
	if err == nil {
		return keys, nil
	}
	var placed []error
	for _, wrong := range keymap.Wrong(err) {
		placed = append(placed, fmt.Errorf("%s: keys: %w", keyOrigin(s, wrong), wrong))
	}
	return nil, errors.Join(placed...)
}

// keyOrigin is where the settings chose what is wrong: of two actions that fight for a key, the one that was moved.
func keyOrigin(s *settings.Settings, wrong *keymap.KeyError) settings.Origin {
	for _, action := range wrong.Actions {
		if _, moved := s.Keys[string(action)]; moved {
			return s.OriginOf("", "keys", string(action))
		}
	}
	return settings.Origin{}
}

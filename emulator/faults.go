package emulator

import (
	"fmt"
	"strings"

	"adit/emulator/api"
	"adit/emulator/faults"
)

// parseFaults reads rules and refuses those of operations that there are not, as they would never strike.
func parseFaults(text string) ([]faults.Rule, error) {
	rules, err := faults.ParseAll(text)
	if err != nil {
		return nil, err
	}
	for _, rule := range rules {
		switch rule.Operation {
		case faults.Every, faults.Notification, faults.Connection:
			continue
		}
		if !api.Knows(rule.Operation) {
			return nil, fmt.Errorf("the fault %q is for no operation that the emulator knows", rule)
		}
	}
	return rules, nil
}

// SetFaults puts other faults in force, as Config.Faults has them; on an error those before stay.
func (e *Emulator) SetFaults(texts ...string) error {
	rules, err := parseFaults(strings.Join(texts, "\n"))
	if err != nil {
		return err
	}
	e.faults.Replace(rules)
	e.store.Remember(e.faults.MaxLag())
	return nil
}

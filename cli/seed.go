package cli

import (
	"time"

	"adit/emulator"
)

// seedTunnels opens what an operator finds in the morning: tunnels of colleagues, one of an editor, one that is over.
func seedTunnels(service *emulator.Emulator, account string) error {
	now := time.Now()
	for _, in := range []emulator.OpenInput{
		{Thing: "pump-12", Services: []string{"SSH", "HTTP"}, Lifetime: 12 * time.Hour,
			CreatedAt: now.Add(-130 * time.Minute), Tags: [][2]string{{"team", "ops"}}},
		{Services: []string{"WSS"}, Description: "RemoteDebugging+1f0c6a52-8f0e-4d43-9a55-5b0de0b1c3a7", Lifetime: 12 * time.Hour,
			CreatedAt: now.Add(-2 * time.Hour)},
		{Thing: "cam-11", Services: []string{"SSH"}, Description: "firmware check", Lifetime: time.Hour,
			CreatedAt: now.Add(-100 * time.Minute), Tags: [][2]string{{"team", "video"}}},
		{Thing: "gate-05", Services: []string{"SSH"}, Description: "old agent, one connection at a time", Lifetime: 4 * time.Hour,
			CreatedAt: now.Add(-50 * time.Minute)},
		{Thing: "pump-19", Services: []string{"SSH"}, Description: "on-call drill", Lifetime: time.Hour,
			CreatedAt: now.Add(-12 * time.Minute), Tags: [][2]string{{"incident", "drill"}, {"team", "ops"}}},
	} {
		in.Account, in.Region = account, demoRegion
		if _, err := service.Open(in); err != nil {
			return err
		}
	}
	return nil
}

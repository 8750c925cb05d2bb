package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

func TestPresenceOfASmallRegistryIsOneQuery(t *testing.T) {
	withRoster(t, func(service *clienttest.Service, roster *client.Roster) {
		roster.Look(client.RosterAttention{Listed: true, Selected: keysOf("pump-07")[0], Visible: keysOf("pump-07", "gate-03", "cam-11")})
		time.Sleep(10 * time.Second)
		calls := service.Calls("SearchIndex", "GetThingConnectivityData")
		if len(calls) != 1 || calls[0].Object != "" {
			t.Errorf("asked for %+v", calls)
		}
		now := roster.Snapshot().Presence
		if now[prodPlace.ThingKey("pump-07")].State != client.PresenceOnline || now[prodPlace.ThingKey("tank-4")].State != client.PresenceNotSeen {
			t.Errorf("presence is %+v", now)
		}
		time.Sleep(2 * time.Minute)
		if n := len(service.Calls("SearchIndex")); n > 9 {
			t.Errorf("%d queries in two minutes", n)
		}
	})
}

func TestPresenceOfAManyIsAskedForByTwelveAndWhatTheIndexDoesNotHaveIsLeftAlone(t *testing.T) {
	withRoster(t, func(service *clienttest.Service, roster *client.Roster) {
		visible := keysOf("pump-07", "who-knows", "not a name")
		for i := range 110 {
			service.PutThing(fmt.Sprintf("sensor-%03d", i), client.Presence{State: client.PresenceOnline})
		}
		for i := range 30 {
			visible = append(visible, prodPlace.ThingKey(fmt.Sprintf("sensor-%03d", i)))
		}
		// Names this long fill a query before it has twelve.
		long := strings.Repeat("x", 120)
		for i := range 10 {
			name := fmt.Sprintf("%s-%d", long, i)
			service.PutThing(name, client.Presence{State: client.PresenceOnline})
			visible = append(visible, prodPlace.ThingKey(name))
		}
		roster.Look(client.RosterAttention{Listed: true, Visible: visible})
		time.Sleep(50 * time.Second)
		calls := service.Calls("SearchIndex", "GetThingConnectivityData")
		for _, call := range calls {
			if names := strings.Fields(call.Object); len(names) == 0 || len(names) > 12 || len(call.Object) > 1000 {
				t.Errorf("a query for %d names in %d bytes", len(names), len(call.Object))
			}
		}
		if len(calls) < 4 || len(calls) > 6 {
			t.Errorf("%d queries for %d things", len(calls), len(visible))
		}
		snapshot := roster.Snapshot().Presence
		for _, key := range visible {
			want := client.PresenceOnline
			if key.Name == "who-knows" || key.Name == "not a name" {
				want = client.PresenceUnknown
			}
			if got, ok := snapshot[key]; !ok || got.State != want || got.AskedAt.IsZero() {
				t.Errorf("%s is %+v", key.Name, got)
			}
		}
	})
}

package client_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

var prodPlace = client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1"}

// withRoster runs a roster over a service with five things until the test is over.
func withRoster(t *testing.T, test func(service *clienttest.Service, roster *client.Roster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		service := clienttest.New(prodPlace)
		for _, name := range []string{"pump-07", "pump-12", "gate-03", "cam-11", "tank-4"} {
			service.PutThing(name, client.Presence{State: client.PresenceNotSeen})
		}
		service.PutThing("pump-07", client.Presence{State: client.PresenceOnline, Since: time.Now().Add(-time.Hour)})
		roster := client.NewRoster([]client.Service{service, service}, client.RosterOptions{Random: func() float64 { return 0.5 }})
		run(t, roster)
		test(service, roster)
	})
}

func keysOf(names ...string) []client.ThingKey {
	var keys []client.ThingKey
	for _, name := range names {
		keys = append(keys, prodPlace.ThingKey(name))
	}
	return keys
}

func TestRosterAsksNothingBeforeItIsLookedAt(t *testing.T) {
	withRoster(t, func(service *clienttest.Service, roster *client.Roster) {
		time.Sleep(time.Hour)
		if calls := service.Calls(); len(calls) != 0 {
			t.Errorf("asked for %v", calls)
		}
		roster.Look(client.RosterAttention{Listed: true})
		time.Sleep(10 * time.Second)
		list := roster.Snapshot().Lists[0]
		if len(roster.Snapshot().Lists) != 1 || len(list.Names) != 5 || list.More || list.ListedAt.IsZero() || list.Err != nil {
			t.Errorf("the lists are %+v", roster.Snapshot().Lists)
		}
	})
}

func TestPresenceIsAskedForWhatIsLookedAtAndNoMoreOftenThanItMust(t *testing.T) {
	withRoster(t, func(service *clienttest.Service, roster *client.Roster) {
		service.FailAlways("SearchIndex", service.Failure("SearchIndex", client.KindDenied))
		roster.Look(client.RosterAttention{Selected: keysOf("pump-07")[0], Visible: keysOf("pump-07", "gate-03", "who-knows")})
		time.Sleep(2*time.Minute - time.Second)
		asked := map[string]int{}
		for _, call := range service.Calls("GetThingConnectivityData") {
			asked[call.Object]++
		}
		if n := len(service.Calls("SearchIndex")); n != 1 || roster.Snapshot().Lists[0].IndexErr == nil {
			t.Errorf("an index that is denied was asked %d times", n)
		}
		if asked["pump-07"] != 8 || asked["gate-03"] != 2 || asked["who-knows"] != 1 || len(asked) != 3 {
			t.Errorf("asked %v times in two minutes", asked)
		}
		now := roster.Snapshot().Presence
		online, away, unknown := now[prodPlace.ThingKey("pump-07")], now[prodPlace.ThingKey("gate-03")], now[prodPlace.ThingKey("who-knows")]
		if online.State != client.PresenceOnline || away.State != client.PresenceNotSeen || unknown.State != client.PresenceUnknown {
			t.Errorf("presence is %+v", now)
		}

		roster.Look(client.RosterAttention{Visible: keysOf("gate-03"), Blurred: true})
		before := len(service.Calls())
		time.Sleep(time.Hour)
		if n := len(service.Calls()); n != before {
			t.Errorf("%d calls while nobody looked", n-before)
		}
	})
}

func TestDeniedRegistryIsLeftAloneUntilItIsAskedForAgain(t *testing.T) {
	withRoster(t, func(service *clienttest.Service, roster *client.Roster) {
		service.FailAlways("ListThings", service.Failure("ListThings", client.KindDenied))
		service.FailAlways("SearchIndex", &client.Error{Code: "IndexNotReadyException"})
		service.FailAlways("GetThingConnectivityData", &client.Error{Code: "IndexNotReadyException"})
		roster.Look(client.RosterAttention{Listed: true, Visible: keysOf("pump-07", "gate-03")})
		time.Sleep(time.Hour)
		if calls := service.Calls(); len(calls) != 3 {
			t.Fatalf("%d calls of what was refused for good", len(calls))
		}
		list := roster.Snapshot().Lists[0]
		if client.KindOf(list.Err) != client.KindDenied || list.IndexErr == nil || list.PresenceErr == nil {
			t.Errorf("the list is %+v", list)
		}

		service.FailAlways("ListThings", nil)
		service.FailAlways("SearchIndex", nil)
		service.FailAlways("GetThingConnectivityData", nil)
		roster.Refresh()
		time.Sleep(20 * time.Second)
		list = roster.Snapshot().Lists[0]
		if !slices.Contains(list.Names, "cam-11") || list.Err != nil || roster.Snapshot().Presence[keysOf("pump-07")[0]].State != client.PresenceOnline {
			t.Errorf("after a refresh: %+v", roster.Snapshot())
		}
	})
}

func TestRosterComesBackAfterAnOutageAndKeepsWhatItKnew(t *testing.T) {
	withRoster(t, func(service *clienttest.Service, roster *client.Roster) {
		roster.Look(client.RosterAttention{Listed: true})
		time.Sleep(10 * time.Second)
		for _, kind := range []client.Kind{client.KindThrottled, client.KindOffline, client.KindExpired} {
			service.FailNext("ListThings", service.Failure("ListThings", kind))
			roster.Refresh()
			time.Sleep(5 * time.Second)
			if list := roster.Snapshot().Lists[0]; len(list.Names) != 5 {
				t.Errorf("kind %d emptied the list", kind)
			}
			before := len(service.Calls("ListThings"))
			time.Sleep(10 * time.Minute)
			if n := len(service.Calls("ListThings")); n <= before {
				t.Errorf("kind %d: never listed again", kind)
			}
		}
	})
}

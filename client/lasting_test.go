package client_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

var far = client.Context{Account: where.Account, Region: "us-east-1"}

func TestLastingRemembersWhatItWasDeniedAndNothingElse(t *testing.T) {
	s := clienttest.New(where)
	s.Put(client.Tunnel{Key: client.Key{ID: "t1"}})
	l := client.NewLasting(s)
	calls := map[client.Permission]func() error{
		client.MayOpen:     func() error { _, err := l.Open(t.Context(), client.OpenInput{}); return err },
		client.MayClose:    func() error { return l.Close(t.Context(), "t1", false) },
		client.MayReadTags: func() error { _, err := l.Tags(t.Context(), "x"); return err },
		client.MayTag:      func() error { return l.Tag(t.Context(), "x", nil) },
		client.MayUntag:    func() error { return l.Untag(t.Context(), "x", nil) },
		client.MayRotate(client.ModeSource): func() error {
			_, err := l.Rotate(t.Context(), client.RotateInput{ID: "t1", Mode: client.ModeSource})
			return err
		},
		client.MayRotate(client.ModeAll): func() error {
			_, err := l.Rotate(t.Context(), client.RotateInput{ID: "t1", Mode: client.ModeAll})
			return err
		},
		client.MayDelete: func() error { return l.Close(t.Context(), "t1", true) },
	}
	operations := map[client.Permission]string{
		client.MayOpen: "OpenTunnel", client.MayClose: "CloseTunnel", client.MayDelete: "CloseTunnel", client.MayReadTags: "ListTagsForResource",
		client.MayTag: "TagResource", client.MayUntag: "UntagResource",
		client.MayRotate(client.ModeSource): "RotateTunnelAccessToken", client.MayRotate(client.ModeAll): "RotateTunnelAccessToken",
	}
	for permission, call := range calls {
		operation := operations[permission]
		fail := func(kind client.Kind) {
			t.Helper()
			s.FailNext(operation, s.Failure(operation, kind))
			if err := call(); client.KindOf(err) != kind {
				t.Fatalf("%s: %v", permission, err)
			}
		}
		fail(client.KindThrottled)
		if l.Denied(permission) != nil {
			t.Errorf("%s: a throttle is taken for a denial", permission)
		}
		fail(client.KindDenied)
		for other := range calls {
			if got := l.Denied(other); (got != nil) != (other == permission) {
				t.Errorf("%s was denied, and %s: %v", permission, other, got)
			}
		}
		if action := l.Denied(permission).Action(); action != "iot:"+operation {
			t.Errorf("%s names %s", permission, action)
		}
		fail(client.KindOffline)
		if l.Denied(permission) == nil {
			t.Errorf("%s: being offline took the denial back", permission)
		}
		l.Forgive()
		fail(client.KindDenied)
		if !l.Renew(clienttest.New(where)) || l.Denied(permission) != nil {
			t.Errorf("%s is still denied with another login", permission)
		}
		l.Renew(s)
	}
	s.FailNext("ListTagsForResource", s.Failure("ListTagsForResource", client.KindDenied))
	_, _ = l.Tags(t.Context(), "x")
	if _, _ = l.Tags(t.Context(), s.Put(client.Tunnel{Key: client.Key{ID: "t2"}}).ARN); l.Denied(client.MayReadTags) != nil {
		t.Error("what works is still denied")
	}
}

func TestLastingIsRenewedForTheSameTunnelsOnly(t *testing.T) {
	old := where
	old.Profile = "reader"
	l := client.NewLasting(clienttest.New(old))
	if l.Renew(clienttest.New(far)) || l.Context() != old {
		t.Error("it went to another region")
	}
	admin := where
	admin.Profile = "admin"
	if !l.Renew(clienttest.New(admin)) || l.Context() != admin {
		t.Error("another profile of the same account was refused")
	}
}

// An expired login costs no quota and no answer: rows keep their data, the list says since when, and with a new login all
// goes on at once.
func TestExpiredLoginHoldsAndGoesOnWhenItIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expired := clienttest.New(where)
		fleet(expired, 30)
		l := client.NewLasting(expired)
		w := watch(t, client.WatcherOptions{Random: middling}, l)
		after(time.Minute)
		began := time.Now()
		for _, operation := range []string{"ListTunnels", "DescribeTunnel"} {
			expired.FailAlways(operation, expired.Failure(operation, client.KindExpired))
		}
		after(20 * time.Second)
		before := len(expired.Calls("DescribeTunnel"))
		after(10 * time.Minute)
		if n := len(expired.Calls("DescribeTunnel")) - before; n != 0 {
			t.Errorf("%d describes without a login", n)
		}
		state := w.Snapshot().Contexts[0]
		if client.KindOf(state.Err) != client.KindExpired || state.Since.Before(began) || state.Since.After(began.Add(10*time.Second)) {
			t.Errorf("the list says %v, since %v after the end", state.Err, state.Since.Sub(began))
		}
		if got := described(w.Snapshot()); got != 30 {
			t.Errorf("%d rows kept what was known of them", got)
		}
		renewed := clienttest.New(where)
		fleet(renewed, 30)
		l.Renew(renewed)
		w.Refresh()
		after(15 * time.Second)
		if state = w.Snapshot().Contexts[0]; state.Err != nil || !state.Since.IsZero() {
			t.Errorf("with a new login the list says %v, since %v", state.Err, state.Since)
		}
		if n := len(renewed.Calls("DescribeTunnel")); n < 30 {
			t.Errorf("%d describes in 15 s with a new login", n)
		}
	})
}

func TestWhatTheScreenDoesNotShowIsListedNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := clienttest.New(where), clienttest.New(far)
		fleet(here, 3)
		fleet(there, 3)
		w := watch(t, client.WatcherOptions{Random: middling}, here)
		w.Look(client.Attention{Places: []client.Key{where.Place()}, Watched: []client.Key{far.Key("t2")}})
		w.Add(there, here)
		after(10 * time.Minute)
		if got := w.Snapshot(); len(got.Rows) != 6 || len(got.Contexts) != 2 {
			t.Fatalf("%d rows of %d contexts", len(got.Rows), len(got.Contexts))
		}
		if n := len(there.Calls("ListTunnels")); n < 9 || n > 12 {
			t.Errorf("it was listed %d times in 10 min", n)
		}
		for _, call := range there.Calls("DescribeTunnel") {
			if call.Object != "t2" {
				t.Fatalf("%s was described, which nobody watches", call.Object)
			}
		}
		if n := len(there.Calls("DescribeTunnel")); n < 500 {
			t.Errorf("the watched one was described %d times in 10 min", n)
		}
		before := len(there.Calls("ListTunnels"))
		w.Look(client.Attention{Places: []client.Key{far.Place()}})
		after(2 * time.Second)
		if len(there.Calls("ListTunnels")) == before || described(w.Snapshot()) != 6 {
			t.Errorf("shown again it is not up to date: %+v", w.Snapshot().Contexts)
		}
	})
}

func TestOneRegionThatFailsLeavesTheOthersAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := clienttest.New(where), clienttest.New(far)
		fleet(here, 3)
		there.FailAlways("ListTunnels", there.Failure("ListTunnels", client.KindDenied))
		w := watch(t, client.WatcherOptions{}, here, there)
		after(10 * time.Second)
		got := w.Snapshot()
		if len(got.Rows) != 3 || got.Contexts[0].Err != nil || client.KindOf(got.Contexts[1].Err) != client.KindDenied || described(got) != 3 {
			t.Errorf("%d rows, contexts %+v", len(got.Rows), got.Contexts)
		}
		there.Before("ListTunnels", func(ctx context.Context, _ clienttest.Call) error { <-ctx.Done(); return ctx.Err() })
		there.FailAlways("ListTunnels", nil)
		after(time.Minute)
		if n := len(here.Calls("ListTunnels")); n < 12 {
			t.Errorf("a region that does not answer held the other up: %d lists in 70 s", n)
		}
	})
}

func TestServicesMayComeBeforeRunAndAfterItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := client.NewWatcher(nil, client.WatcherOptions{})
		here, there := clienttest.New(where), clienttest.New(far)
		w.Add(here)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = w.Run(ctx) }()
		after(time.Second)
		cancel()
		<-done
		w.Add(there)
		after(time.Minute)
		if len(here.Calls()) == 0 || len(there.Calls()) != 0 {
			t.Errorf("%d calls of the one, %d of the other", len(here.Calls()), len(there.Calls()))
		}
	})
}

package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
)

func openRequest(then Then) Request {
	return Request{Then: then, Open: &client.OpenInput{
		Thing: "pump-07", Services: []string{"SSH"}, Description: "drill", Lifetime: time.Hour,
		Tags: []client.Tag{{Key: "team", Value: "ops"}},
	}}
}

// arrives has the device of every opened tunnel connect at once.
func arrives(u *client.Tunnel) error {
	connected(&u.Destination)
	return nil
}

func (b *bench) state() state {
	b.t.Helper()
	now, err := b.opts.Store.read()
	if err != nil {
		b.t.Fatal(err)
	}
	return now
}

func TestIntentIsOnDiskBeforeTheOpenIsAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var before string
		b.service.beforeOpen = func(in client.OpenInput) error {
			data, err := os.ReadFile(filepath.Join(b.paths.State, "state.json"))
			before = string(data)
			if marker := markerOf(client.Tunnel{Tags: in.Tags}); !strings.Contains(before, `"marker": "`+marker+`"`) {
				t.Errorf("the state does not hold the marker %q: %s", marker, before)
			}
			return err
		}
		b.service.onOpen = arrives
		p := b.run(openRequest(ThenNothing))
		if p.Err != nil || !strings.Contains(before, "pump-07") {
			t.Fatalf("error %v, state %s", p.Err, before)
		}
		now := b.state()
		if len(now.Intents) != 0 || len(now.Opened) != 1 || now.Opened[0].Key != p.Key {
			t.Errorf("state afterwards: %+v", now)
		}
		if opened := b.OpenedHere(); len(opened) != 1 || opened[0].Key != p.Key || !b.Mine(p.Key) {
			t.Errorf("opened here: %+v", opened)
		}
		tags := client.Tunnel{Tags: b.service.Calls("OpenTunnel")[0].Open.Tags}
		if tagOf(tags, "team") != "ops" || tagOf(tags, "adit:holder") != "" {
			t.Errorf("tags %v", tags.Tags)
		}
	})
}

func TestOpenedTunnelsTokenIsUsedWithoutARotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = arrives
		first := b.run(openRequest(ThenNothing))
		p := b.run(Request{Key: first.Key, Then: ThenProxy})
		if p.Err != nil || len(b.service.rotations(client.ModeSource)) != 0 {
			t.Fatalf("error %v, calls %v", p.Err, b.service.Calls())
		}
		if got := b.proxies.configs[0].AccessToken.Reveal(); got != "fake-source-tunnel-1-1" {
			t.Errorf("the proxy connected with %q", got)
		}
	})
}

func TestNothingIsOpenedWhenTheIntentCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		newer := []byte(`{"version": 99}`)
		if err := os.WriteFile(filepath.Join(b.paths.State, "state.json"), newer, 0o600); err != nil {
			t.Fatal(err)
		}
		p := b.run(openRequest(ThenNothing))
		if p.Err == nil || b.service.count("OpenTunnel") != 0 {
			t.Errorf("error %v, %d opens", p.Err, b.service.count("OpenTunnel"))
		}
	})
}

func TestDeniedTagsAreDroppedButTheUsersStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.beforeOpen = func(in client.OpenInput) error {
			if len(in.Tags) > 1 {
				return &client.Error{Kind: client.KindDenied, Code: "AccessDeniedException"}
			}
			return nil
		}
		b.service.onOpen = arrives
		p := b.run(openRequest(ThenNothing))
		if p.Err != nil || b.service.count("OpenTunnel") != 2 {
			t.Fatalf("error %v, %d opens asked for, want 2", p.Err, b.service.count("OpenTunnel"))
		}
		second := b.service.Calls("OpenTunnel")[1].Open
		if len(second.Tags) != 1 || second.Tags[0].Key != "team" || !strings.HasPrefix(second.Description, "drill (adit:open=") {
			t.Errorf("second open %+v", second)
		}
	})
}

func TestUsersTagsAtTheLimitAreKeptAndAditsGivesWay(t *testing.T) {
	for users, adits := range map[int][]string{49: {tagOpen}, 50: nil} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.service.onOpen = arrives
			req := openRequest(ThenNothing)
			req.Open.Tags = nil
			for i := range users {
				req.Open.Tags = append(req.Open.Tags, client.Tag{Key: client.Text(fmt.Sprintf("tag-%d", i)), Value: "x"})
			}
			if p := b.run(req); p.Err != nil || b.service.count("OpenTunnel") != 1 {
				t.Fatalf("%d tags: error %v, %d opens", users, p.Err, b.service.count("OpenTunnel"))
			}
			sent := b.service.Calls("OpenTunnel")[0].Open
			var ours []string
			for _, tag := range sent.Tags[users:] {
				ours = append(ours, tag.Key.Raw())
			}
			if !slices.Equal(ours, adits) || markerOf(client.Tunnel{Tags: sent.Tags, Description: client.Text(sent.Description)}) == "" {
				t.Errorf("with %d tags of the user adit adds %v and the description %q, want %v and a mark", users, ours, sent.Description, adits)
			}
		})
	}
}

func TestDenialThatIsNotAboutTagsIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.beforeOpen = func(client.OpenInput) error {
			return &client.Error{Kind: client.KindDenied, Operation: "OpenTunnel", Object: `thing "pump-07"`, Context: testContext}
		}
		p := b.run(openRequest(ThenNothing))
		if client.KindOf(p.Err) != client.KindDenied || b.service.count("OpenTunnel") != 2 || len(b.state().Intents) != 0 {
			t.Errorf("error %v, %d opens, intents %v", p.Err, b.service.count("OpenTunnel"), b.state().Intents)
		}
	})
}

var lost = &client.Error{Kind: client.KindAmbiguous, Operation: "OpenTunnel", Message: "the connection was cut"}

func TestLostAnswerIsFoundByItsMarkAndNeverOpenedAgain(t *testing.T) {
	for name, tagsDenied := range map[string]bool{"by tag": false, "by description": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.service.beforeOpen = func(in client.OpenInput) error {
					if tagsDenied && len(in.Tags) > 1 {
						return &client.Error{Kind: client.KindDenied}
					}
					return nil
				}
				b.service.onOpen = func(u *client.Tunnel) error {
					connected(&u.Destination)
					return lost
				}
				b.service.FailNext("ListTunnels", b.service.Failure("ListTunnels", client.KindOffline))
				b.service.add("other", "pump-07", func(u *client.Tunnel) { u.CreatedAt = time.Now() })
				p := b.run(openRequest(ThenProxy))
				if p.Err != nil || !strings.HasPrefix(p.Key.ID, "tunnel-") {
					t.Fatalf("key %v, error %v", p.Key, p.Err)
				}
				all := b.service.rotations("")
				if len(all) != 1 || all[0].Mode != client.ModeSource {
					t.Errorf("rotations %+v, want one of the source alone: the device is connected", all)
				}
				if wanted := map[bool]int{false: 1, true: 2}[tagsDenied]; b.service.count("OpenTunnel") != wanted {
					t.Errorf("%d opens", b.service.count("OpenTunnel"))
				}
				if now := b.state(); len(now.Intents) != 0 || len(now.Opened) != 1 {
					t.Errorf("state %+v", now)
				}
			})
		})
	}
}

func TestLostAnswerWhoseDeviceIsNotThereGetsNewTokensForBothSides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.onOpen = func(*client.Tunnel) error { return lost }
		time.AfterFunc(10*time.Second, func() { b.service.Change("tunnel-1", func(u *client.Tunnel) { connected(&u.Destination) }) })
		p := b.run(openRequest(ThenProxy))
		all := b.service.rotations("")
		if p.Err != nil || len(all) != 1 || all[0].Mode != client.ModeAll || all[0].Thing != "pump-07" || len(all[0].Services) != 1 {
			t.Errorf("error %v, rotations %+v, want one of all with thing and services", p.Err, all)
		}
	})
}

func TestLostAnswerThatIsNotFoundIsUnknownAndKeptInMind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.beforeOpen = func(client.OpenInput) error { return lost }
		started := time.Now()
		p := b.run(openRequest(ThenProxy))
		var unknown *UnknownOpenError
		if !errors.As(p.Err, &unknown) || !strings.Contains(p.Err.Error(), "unknown") || !strings.Contains(p.Err.Error(), "second charge") {
			t.Fatalf("error %v, want UnknownOpenError", p.Err)
		}
		if waited := time.Since(started); waited != 30500*time.Millisecond {
			t.Errorf("it looked for %v, want 30.5 s", waited)
		}
		if n := b.service.count("ListTunnels"); n != 6 {
			t.Errorf("it looked %d times, want 6", n)
		}
		if b.service.count("OpenTunnel") != 1 || len(b.state().Intents) != 1 {
			t.Fatalf("%d opens, intents %v", b.service.count("OpenTunnel"), b.state().Intents)
		}
		// It turns up later, after all.
		b.service.add("late", "pump-07", func(u *client.Tunnel) {
			u.Tags = []client.Tag{{Key: tagOpen, Value: client.Text(unknown.Marker)}}
			connected(&u.Destination)
		})
		if p := b.run(Request{Thing: "pump-07", Then: ThenProxy}); p.Err != nil {
			t.Fatal(p.Err)
		}
		if now := b.state(); len(now.Intents) != 0 || len(now.Opened) != 1 {
			t.Errorf("state after it turned up: %+v", now)
		}
	})
}

func TestOpenIsRecordedAlthoughTheAttemptWasCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.beforeOpen = func(client.OpenInput) error {
			time.Sleep(2 * time.Second)
			return nil
		}
		req := openRequest(ThenProxy)
		req.Service = b.service
		a := b.Start(t.Context(), req)
		time.Sleep(time.Second)
		a.Cancel()
		p := b.until(a)
		if !errors.Is(p.Err, context.Canceled) {
			t.Errorf("error %v, want cancelled", p.Err)
		}
		if opened := b.OpenedHere(); len(opened) != 1 || len(b.state().Opened) != 1 || !b.hasToken(opened[0].Key) {
			t.Errorf("opened %v, state %+v", opened, b.state())
		}
		if _, ok := b.screen.recorded[p.Key]; !ok {
			t.Error("the screen was not told of the tunnel")
		}
	})
}

func TestClosingWhileAnOpenHangsLeavesTheIntent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.service.beforeOpen = func(client.OpenInput) error {
			<-b.ctx.Done()
			return lost
		}
		req := openRequest(ThenProxy)
		req.Service = b.service
		b.Start(t.Context(), req)
		synctest.Wait()
		started := time.Now()
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(started); waited != closeGrace {
			t.Errorf("Close took %v, want %v", waited, closeGrace)
		}
		if intents := b.state().Intents; len(intents) != 1 || intents[0].Thing != "pump-07" {
			t.Errorf("intents %+v", intents)
		}
	})
}

func TestUnfitLongDescriptionMakesRoomForTheMark(t *testing.T) {
	got := withMark(strings.Repeat("é", 3000), "0123456789abcdef")
	if n := len([]rune(got)); n != maxDescription {
		t.Errorf("%d characters, want %d", n, maxDescription)
	}
	if markerOf(client.Tunnel{Description: client.Text(got)}) != "0123456789abcdef" {
		t.Error("the marker cannot be found again")
	}
}

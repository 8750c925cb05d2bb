package session

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"adit/client"
	"adit/client/clienttest"
)

// batchOf starts an errand on the tunnels as they are.
func (b *bench) batchOf(spec BatchSpec, keys ...client.Key) *Batch {
	b.t.Helper()
	for _, key := range keys {
		now, err := b.service.Describe(b.t.Context(), key.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		spec.Items = append(spec.Items, BatchItem{Service: b.service, Tunnel: now})
	}
	batch, err := b.StartBatch(b.t.Context(), spec)
	if err != nil {
		b.t.Fatal(err)
	}
	return batch
}

func statesOf(p BatchProgress) []ItemState {
	var states []ItemState
	for _, r := range p.Results {
		states = append(states, r.State)
	}
	return states
}

// closed are the ids of the tunnels that a close was asked for.
func (b *bench) closed() []string {
	var ids []string
	for _, call := range b.service.Calls("CloseTunnel") {
		ids = append(ids, call.Object)
	}
	return ids
}

func TestBatchSparesWhatCameToLifeAndTellsWhatBecameOfEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		idle, used, woken, gone, stuck := b.service.add("idle", "a", nil), b.service.add("used", "b", func(u *client.Tunnel) { connected(&u.Source) }),
			b.service.add("woken", "c", nil), b.service.add("gone", "d", nil), b.service.add("stuck", "e", nil)
		spec := BatchSpec{Errand: ErrandClose}
		for _, key := range []client.Key{idle, used, woken, gone, stuck} {
			now, _ := b.service.Describe(t.Context(), key.ID)
			spec.Items = append(spec.Items, BatchItem{Service: b.service, Tunnel: now})
		}
		b.service.Change("woken", func(u *client.Tunnel) { connected(&u.Destination) })
		b.service.Drop("gone")
		b.service.FailNext("CloseTunnel", nil, nil, b.service.Failure("CloseTunnel", client.KindNotFound), b.service.Failure("CloseTunnel", client.KindDenied))
		batch, err := b.StartBatch(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		<-batch.ended
		p := batch.Progress()
		if want := []ItemState{ItemDone, ItemDone, ItemSpared, ItemDone, ItemFailed}; !slices.Equal(statesOf(p), want) {
			t.Errorf("the states are %v, want %v", statesOf(p), want)
		}
		if got := b.closed(); slices.Contains(got, "woken") || len(got) != 4 {
			t.Errorf("closed %v", got)
		}
		if failed := batch.Failed(); len(failed) != 1 || failed[0].Tunnel.Key != stuck || p.Ended.IsZero() || p.JournalErr != nil {
			t.Errorf("failed %v, progress %+v", failed, p)
		}
	})
}

func TestBatchRestsAndGoesOnAndLeavesTheRestWhenCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var keys []client.Key
		for _, id := range []string{"t-1", "t-2", "t-3", "t-4"} {
			keys = append(keys, b.service.add(id, "pump-"+id, nil))
		}
		b.service.Before("CloseTunnel", func(context.Context, clienttest.Call) error { time.Sleep(time.Second); return nil })
		batch := b.batchOf(BatchSpec{Errand: ErrandClose}, keys...)
		time.Sleep(1500 * time.Millisecond)
		batch.Pause(true)
		time.Sleep(time.Minute)
		if p := batch.Progress(); p.Count(ItemDone) != 2 || p.PausedAt.IsZero() || p.Worked(time.Now()) != 1500*time.Millisecond {
			t.Errorf("while it rests: %v, worked %v", statesOf(p), p.Worked(time.Now()))
		}
		batch.Pause(false)
		time.Sleep(500 * time.Millisecond)
		batch.Cancel()
		<-batch.ended
		p := batch.Progress()
		if want := []ItemState{ItemDone, ItemDone, ItemDone, ItemLeft}; !slices.Equal(statesOf(p), want) || p.Worked(time.Now()) != 2500*time.Millisecond {
			t.Errorf("after the end: %v, worked %v", statesOf(p), p.Worked(time.Now()))
		}
	})
}

func TestBatchTriesAgainLaterWhatWasThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		key := b.service.add("t-1", "pump-07", nil)
		throttled := b.service.Failure("CloseTunnel", client.KindThrottled)
		b.service.FailNext("CloseTunnel", throttled, throttled)
		started := time.Now()
		batch := b.batchOf(BatchSpec{Errand: ErrandDelete}, key)
		<-batch.ended
		if p := batch.Progress(); p.Count(ItemDone) != 1 || time.Since(started) != 6*time.Second {
			t.Errorf("%v after %v", statesOf(p), time.Since(started))
		}
	})
}

func TestRegionsOfABatchGoBesideEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var spec BatchSpec
		spec.Errand = ErrandClose
		for _, region := range []string{"eu-west-1", "us-west-2", "ap-south-1"} {
			service := clienttest.New(client.Context{Account: "123456789012", Region: region})
			service.Before("CloseTunnel", func(context.Context, clienttest.Call) error { time.Sleep(time.Second); return nil })
			for _, id := range []string{"t-1", "t-2"} {
				spec.Items = append(spec.Items, BatchItem{Service: service, Tunnel: service.Put(client.Tunnel{Key: client.Key{ID: id}})})
			}
		}
		started := time.Now()
		batch, err := b.StartBatch(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		<-batch.ended
		if took := time.Since(started); took != 2*time.Second || batch.Progress().Count(ItemDone) != 6 {
			t.Errorf("three regions of two took %v: %v", took, statesOf(batch.Progress()))
		}
	})
}

func TestBatchOfTagsWritesOnlyWhatDiffersAndKeepsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		odd := client.Tag{Key: "note", Value: "a\u200fb  "}
		with := func(tags ...client.Tag) func(*client.Tunnel) { return func(u *client.Tunnel) { u.Tags = tags } }
		none := b.service.add("none", "a", with(odd))
		has := b.service.add("has", "b", with(odd, client.Tag{Key: "team", Value: "ops"}))
		old := b.service.add("old", "c", with(client.Tag{Key: "team", Value: "web"}, odd, client.Tag{Key: "drill", Value: ""}))
		batch := b.batchOf(BatchSpec{Errand: ErrandTag, Set: []client.Tag{{Key: "team", Value: "ops"}}, Unset: []string{"drill", "nobody"}}, none, has, old)
		<-batch.ended
		if p, want := batch.Progress(), []ItemState{ItemDone, ItemUnchanged, ItemDone}; !slices.Equal(statesOf(p), want) {
			t.Errorf("the states are %v, want %v", statesOf(p), want)
		}
		if n := len(b.service.Calls("TagResource")); n != 2 {
			t.Errorf("%d tunnels were tagged", n)
		}
		if n := len(b.service.Calls("UntagResource")); n != 1 {
			t.Errorf("%d tunnels were untagged", n)
		}
		for _, key := range []client.Key{none, has, old} {
			now, _ := b.service.Describe(t.Context(), key.ID)
			if len(now.Tags) != 2 || tagOf(now, "team") != "ops" || tagOf(now, "note") != odd.Value.Raw() {
				t.Errorf("%s has %q", key.ID, now.Tags)
			}
		}
	})
}

func TestJournalOfABatchTellsWhatWasBegunAndWhatBecameOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		first, second := b.service.add("t-1", "pump-07", nil), b.service.add("t-2", "gate-03", nil)
		b.service.FailNext("CloseTunnel", nil, b.service.Failure("CloseTunnel", client.KindDenied))
		batch := b.batchOf(BatchSpec{Errand: ErrandClose}, first, second)
		<-batch.ended
		files, _ := filepath.Glob(filepath.Join(b.paths.State, "bulk", "*.jsonl"))
		if len(files) != 1 {
			t.Fatalf("the journals are %v", files)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		var states []string
		for line := range strings.Lines(string(data)) {
			var l journalLine
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatal(err)
			}
			if l.Tunnel == nil {
				states = append(states, string(l.What))
				continue
			}
			states = append(states, l.Thing+" "+l.State)
		}
		if want := []string{"close", "pump-07 begun", "pump-07 done", "gate-03 begun", "gate-03 failed"}; !slices.Equal(states, want) {
			t.Errorf("the journal is %v, want %v", states, want)
		}
	})
}

func TestBatchThatCannotBeNotedIsNotBegun(t *testing.T) {
	b := newBench(t)
	key := b.service.add("t-1", "pump-07", nil)
	if err := os.WriteFile(filepath.Join(b.paths.State, "bulk"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := b.StartBatch(t.Context(), BatchSpec{Errand: ErrandClose, Items: []BatchItem{{Service: b.service, Tunnel: client.Tunnel{Key: key}}}})
	if err == nil || len(b.closed()) != 0 {
		t.Errorf("error %v, closed %v", err, b.closed())
	}
}

func TestOldJournalsMakeRoom(t *testing.T) {
	b := newBench(t)
	now := time.Now()
	for i := range mostJournals + 5 {
		j, err := b.opts.Store.newJournal(BatchSpec{Errand: ErrandClose}, now.Add(time.Duration(i)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(b.paths.State, "bulk", "*.jsonl"))
	if oldest := now.Add(5 * time.Second).UTC().Format("20060102T150405"); len(files) != mostJournals || !strings.HasPrefix(filepath.Base(files[0]), oldest) {
		t.Errorf("%d journals, the first is %s, want one of %s", len(files), files[0], oldest)
	}
}

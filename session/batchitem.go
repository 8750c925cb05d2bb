package session

import (
	"context"
	"slices"
	"time"

	"adit/client"
)

const (
	// itemPatience bounds the look at a tunnel before its turn.
	itemPatience = 30 * time.Second
	// mostThrottled is how often an item is tried again after a throttle, each time after a longer rest.
	mostThrottled  = 5
	firstThrottled = 2 * time.Second
)

// run takes the items of one region one by one.
func (b *Batch) run(ctx context.Context, lane []int) {
	for _, i := range lane {
		if !b.proceed(ctx) {
			b.settle(i, ItemResult{State: ItemLeft})
			continue
		}
		b.settle(i, ItemResult{State: ItemWorking})
		b.settle(i, b.patiently(ctx, b.spec.Items[i]))
	}
}

func (b *Batch) settle(i int, r ItemResult) {
	b.tools.Journal.note(b.spec.Items[i].Tunnel, r)
	b.update(func(p *BatchProgress) { p.Results[i] = r })
}

// patiently does one item, and rests where the service asks for fewer calls.
func (b *Batch) patiently(ctx context.Context, item BatchItem) ItemResult {
	rest := firstThrottled
	for try := 0; ; try++ {
		r := b.do(ctx, item)
		if client.KindOf(r.Err) != client.KindThrottled || try == mostThrottled || pause(ctx, rest) != nil {
			return r
		}
		rest *= 2
	}
}

// do looks at the tunnel as it is now, and does the errand unless that says otherwise. A change that was begun comes to its
// end.
func (b *Batch) do(ctx context.Context, item BatchItem) ItemResult {
	if b.spec.Errand == ErrandTag {
		return b.tag(ctx, item)
	}
	key := item.Tunnel.Key
	if item.Tunnel.Open() {
		now, err := lookAt(ctx, item)
		switch {
		case client.KindOf(err) == client.KindNotFound:
			// It is gone, which closing records.
		case ctx.Err() != nil:
			return ItemResult{State: ItemLeft}
		case err != nil:
			return ItemResult{ItemFailed, err}
		case now.Open() && b.cameToLife(item, now):
			b.tools.Record(now)
			return ItemResult{State: ItemSpared}
		}
	}
	ctx, cancel := b.recorded(ctx)
	defer cancel()
	if err := b.tools.Close(ctx, item.Service, key, b.spec.Errand == ErrandDelete); err != nil {
		return ItemResult{ItemFailed, err}
	}
	return ItemResult{State: ItemDone}
}

func lookAt(ctx context.Context, item BatchItem) (client.Tunnel, error) {
	ctx, cancel := context.WithTimeout(ctx, itemPatience)
	defer cancel()
	return item.Service.Describe(ctx, item.Tunnel.Key.ID)
}

// cameToLife tells whether somebody connected to a tunnel after the question whether to close it.
func (b *Batch) cameToLife(item BatchItem, now client.Tunnel) bool {
	before := item.Tunnel
	return now.Source.Connected && !before.Source.Connected && !item.Ours ||
		now.Destination.Connected && !before.Destination.Connected && !b.spec.Leaving
}

// tag writes only what differs from the tags as they are now. It removes first: a tunnel at the limit has room only then.
func (b *Batch) tag(ctx context.Context, item BatchItem) ItemResult {
	now, err := lookAt(ctx, item)
	switch {
	case ctx.Err() != nil:
		return ItemResult{State: ItemLeft}
	case err != nil:
		return ItemResult{ItemFailed, err}
	}
	set, unset := retag(now.Tags, b.spec.Set, b.spec.Unset)
	if len(set) == 0 && len(unset) == 0 {
		b.tools.Record(now)
		return ItemResult{State: ItemUnchanged}
	}
	ctx, cancel := b.recorded(ctx)
	defer cancel()
	if len(unset) > 0 {
		err = item.Service.Untag(ctx, now.ARN, unset)
		now.Tags = slices.DeleteFunc(slices.Clone(now.Tags), func(t client.Tag) bool { return slices.Contains(unset, t.Key.Raw()) })
	}
	if err == nil && len(set) > 0 {
		err = item.Service.Tag(ctx, now.ARN, set)
		now.Tags = slices.DeleteFunc(slices.Clone(now.Tags), func(t client.Tag) bool {
			return slices.ContainsFunc(set, func(s client.Tag) bool { return s.Key == t.Key })
		})
		now.Tags = append(now.Tags, set...)
	}
	if err != nil {
		return ItemResult{ItemFailed, err}
	}
	b.tools.Record(now)
	return ItemResult{State: ItemDone}
}

func (b *Batch) recorded(ctx context.Context) (context.Context, context.CancelFunc) {
	if b.tools.Recorded != nil {
		return b.tools.Recorded(ctx)
	}
	return context.WithoutCancel(ctx), func() {}
}

// retag is what of an edit would change something in tags.
func retag(tags, set []client.Tag, unset []string) (write []client.Tag, remove []string) {
	for _, t := range set {
		if !slices.Contains(tags, t) {
			write = append(write, t)
		}
	}
	for _, key := range unset {
		if slices.ContainsFunc(tags, func(t client.Tag) bool { return t.Key.Raw() == key }) {
			remove = append(remove, key)
		}
	}
	return write, remove
}

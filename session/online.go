package session

import (
	"context"
	"time"

	"adit/client"
)

const (
	// presenceEvery is the pause between two questions for the presence of a thing that is waited for. Each is paid for.
	presenceEvery = 15 * time.Second
	// settleOnline is what a device that came online gets to subscribe to what it will be told.
	settleOnline = 5 * time.Second
)

// awaitOnline asks for the presence of the thing until it is online. Nothing is opened or taken before.
func (a *Attempt) awaitOnline(ctx context.Context) (string, error) {
	thing, registry := a.thing(), a.req.Service.Registry()
	name := client.Clean(thing)
	for first := true; ; first = false {
		presence, err := presenceOf(ctx, registry, thing)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil && !passing(err):
			what, _ := explain(err)
			return "", &Failure{Text: "Nobody tells whether " + name + " is online, and nothing was opened. " + what,
				Remedy: "Open without waiting; the device may be there all the same.", Err: err}
		case presence.State == client.PresenceOnline && first:
			return name + " is online", nil
		case presence.State == client.PresenceOnline:
			a.board.say(StageOnline, name+" came online: it gets 5 s to listen for the tunnel")
			return name + " came online", pause(ctx, settleOnline)
		}
		text := "Waiting for " + name + " to come online. Nothing is opened, and nothing billed, before."
		if !presence.Since.IsZero() {
			text = "Waiting for " + name + ", last seen at " + clock(presence.Since) + ", to come online. Nothing is opened, and nothing billed, before."
		}
		a.board.say(StageOnline, text)
		if err := pause(ctx, presenceEvery); err != nil {
			return "", err
		}
	}
}

// presenceOf asks for a thing by itself, and the fleet index where that is denied: each has a permission of its own.
func presenceOf(ctx context.Context, registry client.Registry, thing string) (client.Presence, error) {
	presence, err := registry.Presence(ctx, thing)
	if client.KindOf(err) != client.KindDenied {
		return presence, err
	}
	found, failed := registry.Search(ctx, []string{thing})
	if presence, ok := found[thing]; ok && failed == nil {
		return presence, nil
	}
	return presence, err
}

// thing is the raw name of the thing that the request means.
func (a *Attempt) thing() string {
	if a.req.Open != nil {
		return a.req.Open.Thing
	}
	return a.req.Thing
}

package views

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// rotate asks which side, and says whom it cuts.
func (a *app) rotate() tea.Cmd {
	row, _ := a.selected()
	source, device := "Nobody is connected as source.", "The device is not connected."
	if row.Source.Connected {
		source = "Whoever is connected as source is cut off."
		if row.proxy != nil {
			source = "Your own local proxy is cut off."
		}
	}
	if row.Destination.Connected {
		device = "The device is cut off, and told to connect again."
	}
	a.choose(&ui.Dialog{
		Title: "Rotate tokens of the tunnel to " + label(row.Tunnel),
		Body: []ui.Span{
			{Text: "Tokens that were not used yet become void (tunnel " + shortID(row.Key.ID) + ", " + a.context().Region + "). Rotating is free and does not lengthen the tunnel's life."},
			{Text: "s  " + source, Tone: ui.Warn},
			{Text: "d  " + device, Tone: ui.Warn},
			{Text: "The new source token is not kept: enter or " + a.scene.key("tunnel.proxy") + " makes one of its own.", Tone: ui.Dim},
		},
		Choices: []ui.Choice{
			{Key: "n", Label: "rotate nothing", Answer: "cancel"},
			{Key: "s", Label: "source", Answer: string(client.ModeSource), Danger: true},
			{Key: "d", Label: "device", Answer: string(client.ModeDestination), Danger: true},
			{Key: "b", Label: "both", Answer: string(client.ModeAll), Danger: true},
		},
	}, func(answer string) tea.Cmd {
		switch mode := client.ClientMode(answer); mode {
		case client.ModeSource, client.ModeDestination, client.ModeAll:
			return a.rotateTokens(row, mode)
		}
		return nil
	})
	return nil
}

// rotateTokens sends the destination along whenever the device's token is renewed, so that the device hears of it.
func (a *app) rotateTokens(row tunnelRow, mode client.ClientMode) tea.Cmd {
	ctx, service, watcher := a.ctx, a.service(row.Context), a.connection.backend.Watcher
	in := client.RotateInput{ID: row.Key.ID, Mode: mode}
	if mode != client.ModeSource {
		in.Thing, in.Services = row.Thing.Raw(), rawServices(row.Services)
	}
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		_, err := service.Rotate(ctx, in)
		watcher.Refresh(row.Key)
		return changedMsg{"The tokens of the tunnel to " + label(row.Tunnel) + " are rotated.", err}
	}
}

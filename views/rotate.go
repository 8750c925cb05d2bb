package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// rotate asks which side, and says whom it cuts.
func (a *app) rotate() tea.Cmd {
	row, _ := a.selected()
	body := []ui.Span{{Text: "Tokens that were not used yet become void (tunnel " + shortID(row.Key.ID) + ", " + row.Context.Region +
		"). Rotating is free and does not lengthen the tunnel's life."}}
	choices := []ui.Choice{{Key: "n", Label: "rotate nothing", Answer: "cancel"}}
	for _, side := range []struct {
		key, name, what string
		mode            client.ClientMode
	}{
		{"s", "source", "the source's token", client.ModeSource}, {"d", "device", "the device's token", client.ModeDestination},
		{"b", "both", "both tokens", client.ModeAll},
	} {
		body = append(body, ui.Span{Text: side.key + " rotates " + side.what + ". " + a.sessions.Cuts(row.Tunnel, side.mode), Tone: ui.Warn})
		choices = append(choices, ui.Choice{Key: side.key, Label: side.name, Answer: string(side.mode), Danger: true})
	}
	body = append(body, ui.Span{Text: "adit keeps a new source token for its next shell or local proxy there.", Tone: ui.Dim})
	a.choose(row.Context, &ui.Dialog{
		Title: "Rotate tokens of the tunnel to " + label(row.Tunnel), Body: body, Choices: choices,
	}, func(answer string) tea.Cmd {
		switch mode := client.ClientMode(answer); mode {
		case client.ModeSource, client.ModeDestination, client.ModeAll:
			return a.rotateTokens(row, mode)
		}
		return nil
	})
	return nil
}

func (a *app) rotateTokens(row tunnelRow, mode client.ClientMode) tea.Cmd {
	ctx, service, running := a.ctx, a.service(row.Context), a.sessions
	done := "The tokens of the tunnel to " + label(row.Tunnel) + " are rotated."
	return func() tea.Msg { return changedMsg{done: done, err: running.Rotate(ctx, service, row.Tunnel, mode)} }
}

// needResend says why the device cannot be sent a token now, with the countdown where one was sent a moment ago.
func needResend(a *app) string {
	if why := needOpen(a); why != "" {
		return why
	}
	row, _ := a.selected()
	switch wait := a.sessions.ResendAfter(row.Key).Sub(a.scene.now); {
	case !row.Described:
		return "This tunnel is not described yet: try again in a moment."
	case row.Thing == "":
		return "This tunnel names no thing, so that the service cannot send its device a token."
	case wait > 0:
		return "Sending again now would void the token " + label(row.Tunnel) + " may be using: wait " + ui.Countdown(wait) + "."
	}
	return ""
}

// resendToken sends the device its token again, and asks first where that cuts it off.
func (a *app) resendToken() tea.Cmd {
	row, _ := a.selected()
	send := func() tea.Cmd {
		ctx, service, running := a.ctx, a.service(row.Context), a.sessions
		done := label(row.Tunnel) + " is sent a new token. " + a.scene.key(keymap.TunnelResend) + " sends the next in 0:30 at the earliest."
		return func() tea.Msg { return changedMsg{done: done, err: running.Resend(ctx, service, row.Tunnel)} }
	}
	if !row.Destination.Connected {
		return send()
	}
	a.confirm(row.Context, &ui.Dialog{
		Title: "Send the token again",
		Body: []ui.Span{
			{Text: label(row.Tunnel) + " is in the tunnel (" + shortID(row.Key.ID) + ", " + row.Context.Region + ") and needs no new token. " +
				a.sessions.Cuts(row.Tunnel, client.ModeDestination), Tone: ui.Warn},
		},
		Choices: []ui.Choice{{Key: "n", Label: "leave it", Answer: "cancel"}, {Key: "y", Label: "send it", Answer: "yes", Danger: true}},
	}, send)
	return nil
}

package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/ui"
)

// rotate asks which side, and says whom it cuts.
func (a *app) rotate() tea.Cmd {
	row, _ := a.selected()
	body := []ui.Span{{Text: "Tokens that were not used yet become void (tunnel " + shortID(row.Key.ID) + ", " + row.Context.Region +
		"). Rotating is free and does not lengthen the tunnel's life."}}
	choices := []ui.Choice{{Key: "n", Label: "rotate nothing", Answer: "cancel"}}
	for _, side := range []struct {
		key, name string
		mode      client.ClientMode
	}{{"s", "source", client.ModeSource}, {"d", "device", client.ModeDestination}, {"b", "both", client.ModeAll}} {
		body = append(body, ui.Span{Text: side.key + " " + side.name + ": " + a.sessions.Cuts(row.Tunnel, side.mode), Tone: ui.Warn})
		choices = append(choices, ui.Choice{Key: side.key, Label: side.name, Answer: string(side.mode), Danger: true})
	}
	body = append(body, ui.Span{Text: "adit keeps a new source token for its next shell or local proxy there.", Tone: ui.Dim})
	a.choose(&ui.Dialog{
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

package views

import (
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/tunnelconn/token"
	"adit/ui"
)

// tokenIssuedMsg brings a source token that somebody asked for. It prints as redacted wherever it is printed.
type tokenIssuedMsg struct {
	target string
	secret token.Token
	err    error
}

// copyToken asks, and issues a source token for another local proxy. It goes to the clipboard and nowhere else.
func (a *app) copyToken(row tunnelRow) tea.Cmd {
	a.confirm(row.Context, &ui.Dialog{
		Title: "Copy a source token of " + label(row.Tunnel),
		Body: []ui.Span{
			{Text: "A token can only be had by rotating (tunnel " + shortID(row.Key.ID) + ", " + row.Context.Region + "), which is free. " +
				a.sessions.Cuts(row.Tunnel, client.ModeSource), Tone: ui.Warn},
			{Text: "It goes to the clipboard and nowhere else: adit neither shows nor keeps it. Whoever gets hold of it can take the tunnel's source, once."},
		},
		Choices: []ui.Choice{{Key: "n", Label: "copy nothing", Answer: "cancel"}, {Key: "y", Label: "rotate and copy", Answer: "yes", Danger: true}},
	}, func() tea.Cmd {
		ctx, service, running, target := a.ctx, a.service(row.Context), a.sessions, label(row.Tunnel)
		return func() tea.Msg {
			secret, err := running.IssueSource(ctx, service, row.Tunnel)
			return tokenIssuedMsg{target, secret, err}
		}
	})
	return nil
}

func (a *app) tokenIssued(msg tokenIssuedMsg) tea.Cmd {
	a.sample()
	if msg.err != nil {
		a.fail(msg.err)
		return nil
	}
	return a.put("new source token of "+msg.target+" (hidden)", msg.secret.Reveal())
}

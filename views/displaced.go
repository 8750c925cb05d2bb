package views

import (
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/tunnelconn"
	"adit/ui"
)

// displaced tells whether somebody else took the source of a tunnel from this adit.
func (a *app) displaced(key client.Key) bool {
	return slices.ContainsFunc(a.sessions.Proxies(), func(p session.Proxy) bool {
		return p.Tunnel == key && p.State == tunnelconn.Stopped && errors.Is(p.Err, tunnelconn.ErrReplaced)
	})
}

// chooseAgain asks what to do about whoever took the source: adit does not fight back by itself.
func (a *app) chooseAgain(req session.Request, services []string) {
	target := req.Thing
	if target == "" {
		target = "tunnel " + shortID(req.Key.ID)
	}
	where := req.Service.Context()
	taken := "Someone else took the source of " + target + " (tunnel " + shortID(req.Key.ID) + ", " + req.Key.Region +
		"). Taking it over cuts them off at once."
	ask := &ui.Dialog{
		Title: "The source of " + target + " was taken",
		Body:  []ui.Span{{Text: taken, Tone: ui.Warn}},
		Choices: []ui.Choice{
			{Key: "b", Label: "leave it to them", Answer: "cancel"},
			{Key: "t", Label: "take over", Answer: "over", Danger: true},
		},
	}
	if req.Thing != "" {
		ask.Body = append(ask.Body, ui.Span{Text: "A second tunnel leaves them alone, and is billed."})
		ask.Choices = append(ask.Choices, ui.Choice{Key: "n", Label: "second tunnel (billed)", Answer: "second", Danger: true})
	}
	a.choose(where, ask, func(answer string) tea.Cmd {
		switch answer {
		case "over":
			if where.Production {
				a.askToTakeOver(req, services, target, taken)
				return nil
			}
			req.TakeOver = true
			return a.start(req, services)
		case "second":
			a.askToOpen(req, services, "The tunnel that is open is somebody else's now.", time.Time{})
		}
		return nil
	})
}

package views

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/session"
	"adit/ui"
)

// tunnelDetail shows everything that is known of the selected tunnel, and what was seen to change.
func (a *app) tunnelDetail() tea.Cmd {
	row, _ := a.selected()
	a.show(&detail{title: "Tunnel to " + label(row.Tunnel), write: func(s *scene, width int) []string {
		// The row as it is now: the list may have moved on, and one that left it is shown as it was.
		if now, ok := a.rowOf(row.Key); ok {
			row = now
		}
		lines := a.tunnelFacts(s, row, width)
		lines = append(lines, s.heading(width, "seen to change since adit is connected")...)
		events := a.chronicle.of(row.Key)
		for i := len(events) - 1; i >= 0; i-- {
			e := events[i]
			lines = append(lines, s.fact(width, s.moment(e.at), ui.Span{Text: e.text, Tone: e.tone})...)
		}
		if len(events) == 0 {
			lines = append(lines, s.theme.Spans(width, ui.Span{Text: "nothing so far", Tone: ui.Dim}))
		}
		return lines
	}})
	return nil
}

// rowOf is a tunnel as the latest snapshot has it.
func (a *app) rowOf(key client.Key) (tunnelRow, bool) {
	known, ok := a.snapshot.Row(key)
	if !ok {
		return noTunnel(), false
	}
	return a.rowFor(known), true
}

func (a *app) tunnelFacts(s *scene, row tunnelRow, width int) []string {
	var lines []string
	say := func(name string, tone ui.Tone, text string) {
		if text != "" {
			lines = append(lines, s.fact(width, name, ui.Span{Text: text, Tone: tone})...)
		}
	}
	say("tunnel", ui.Plain, client.Clean(row.Key.ID))
	say("arn", ui.Dim, client.Clean(row.ARN))
	say("where", ui.Plain, where(row.Context))
	say("thing", ui.Strong, row.Thing.String())
	say("services", ui.Plain, servicesOf(row))
	say("about", ui.Plain, row.Description.String())
	say("owner", ui.Plain, session.OwnerOf(row.Tunnel).String())
	if !row.CreatedAt.IsZero() {
		by := ""
		if row.mine {
			by = " by this adit"
		}
		say("opened", ui.Plain, s.moment(row.CreatedAt)+by+", "+ui.Age(s.now.Sub(row.CreatedAt))+" ago")
	}
	tone, text := a.ending(row)
	say("ends", tone, text)
	say("source", ui.Plain, a.sourceText(row)+s.ago(row.Source))
	say("device", ui.Plain, a.deviceText(row)+s.ago(row.Destination))
	for i, t := range row.Tags {
		name := ""
		if i == 0 {
			name = "tags"
		}
		say(name, ui.Plain, t.Key.String()+" = "+t.Value.String())
	}
	if !row.DescribedAt.IsZero() {
		say("as of", ui.Dim, s.moment(row.DescribedAt)+", "+ui.Age(s.now.Sub(row.DescribedAt))+" ago")
	}
	if row.Err != nil {
		_, word, tone := trouble(s.theme.Symbols, row.Err)
		sentence, _ := explain(row.Err)
		say("refresh", tone, sentences(word+":", sentence, advice(row.Err)))
	}
	return lines
}

// ending says by the clock when a tunnel is over.
func (a *app) ending(row tunnelRow) (ui.Tone, string) {
	switch ends := row.Ends(); {
	case !row.Open() && row.Lifetime > 0:
		return ui.Dim, "closed; it was opened for " + minutes(row.Lifetime)
	case !row.Open():
		return ui.Dim, "closed"
	case ends.IsZero():
		return ui.Dim, ""
	default:
		left := a.tunnels.remaining(row)
		bar := a.scene.theme.Bar(float64(left)/float64(row.Lifetime), 12)
		return a.tunnels.urgency(row), a.scene.moment(ends) + ", " + ui.Countdown(left) + " left  " + bar + "  of " + minutes(row.Lifetime) + "; it cannot be extended"
	}
}

// ago is the age of a side's state, where the service tells when it began.
func (s *scene) ago(side client.Side) string {
	if !side.Known || side.Since.IsZero() {
		return ""
	}
	return ", " + ui.Age(s.now.Sub(side.Since)) + " ago"
}

// moment is a time of day to the second, with the day where it is not today.
func (s *scene) moment(t time.Time) string {
	t, today := t.Local(), s.now.Local()
	if t.YearDay() == today.YearDay() && t.Year() == today.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("2 Jan 15:04:05")
}

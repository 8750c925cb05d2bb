package views

import (
	"fmt"
	"strings"

	"adit/client"
	"adit/ui"
)

// where names a context in one line: who and which region. An endpoint that is not AWS's stands in the account's place,
// because a stranger's service can claim any account.
func where(c client.Context) string { return strings.Join(whereParts(c), " ") }

func whereParts(c client.Context) []string {
	var parts []string
	switch {
	case c.Demo:
		parts = append(parts, "DEMO")
	case c.NotAWS():
		parts = append(parts, fmt.Sprintf("NOT AWS %s (from %s)", client.Clean(host(c.Endpoint)), client.Clean(c.EndpointFrom)))
	default:
		if c.Profile != "" {
			parts = append(parts, client.Clean(c.Profile))
		}
		if c.Account != "" {
			parts = append(parts, grouped(c.Account))
		}
	}
	return append(parts, client.Clean(c.Region))
}

// grouped writes a 12-digit account as people read it out: 1234-5678-9012.
func grouped(account string) string {
	if len(account) != 12 {
		return client.Clean(account)
	}
	return account[:4] + "-" + account[4:8] + "-" + account[8:]
}

func host(url string) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		return strings.TrimSuffix(rest, "/")
	}
	return url
}

// roomy is the width from which the header has space for what only looks good.
const roomy = 100

// header is one line and a rule: context, counts and how old the list is.
func (a *app) header() []string {
	s := a.scene
	if a.connection.backend == nil {
		return []string{s.theme.Spans(s.width, ui.Span{Text: " adit", Tone: ui.Accent}), s.rule()}
	}
	left := []ui.Span{{Text: " adit  ", Tone: ui.Accent}}
	if s.width < roomy {
		// The name of the program gives way to where it looks.
		left[0].Text = " "
	}
	if a.opts.ReadOnly {
		// First, as what stands last is cut off first.
		left = append(left, ui.Span{Text: "READ-ONLY  ", Tone: ui.Warn})
	}
	c := a.context()
	if (s.width < 80 || a.opts.ReadOnly && s.width < roomy) && c.Profile != "" {
		// The profile tells the account; the region must not be cut off.
		c.Account = ""
	}
	for i, part := range whereParts(c) {
		tone := ui.Strong
		if i > 0 {
			left = append(left, ui.Span{Text: " " + s.theme.Symbols.Into + " ", Tone: ui.Dim})
		}
		if i == 0 && (c.Demo || c.NotAWS()) {
			tone = ui.Warn
		}
		left = append(left, ui.Span{Text: part, Tone: tone})
	}
	counts := []ui.Span{{Text: a.counts(), Tone: ui.Plain}}
	if a.snapshot.Thing != "" {
		counts = append([]ui.Span{{Text: "thing " + client.Clean(a.snapshot.Thing) + "  ", Tone: ui.Warn}}, counts...)
	}
	fresh := a.freshness()
	return []string{spread(s, left, counts, []ui.Span{fresh}), s.rule()}
}

// tally is what one glance must tell, counted when the rows change.
type tally struct{ open, ready, mine int }

func (t *tally) count(r tunnelRow) {
	if !r.Open() {
		return
	}
	t.open++
	if r.Destination.Connected {
		t.ready++
	}
	if r.mine || r.proxy != nil {
		t.mine++
	}
}

// counts are the tally in words. "Ready" is open and the device is connected: the ones that can be used now; "mine" is
// opened by this adit, or its source is held by it.
func (a *app) counts() string {
	dot := " " + a.scene.theme.Symbols.Dot + " "
	if a.scene.width < roomy {
		dot = "  "
	}
	more := ""
	if a.more() {
		more = "+"
	}
	if a.opts.ReadOnly && a.scene.width < 80 {
		// Nothing can be used from here: the words give way to the region.
		return fmt.Sprintf("%d%s open", a.tally.open, more)
	}
	return fmt.Sprintf("%d%s open%s%d ready%s%d mine", a.tally.open, more, dot, a.tally.ready, dot, a.tally.mine)
}

// freshness says how old the list is, and why it does not get younger. Each reason has a word of its own.
func (a *app) freshness() ui.Span {
	state := a.listing()
	age := "never listed"
	if !state.ListedAt.IsZero() {
		age = "as of " + ui.Age(a.scene.now.Sub(state.ListedAt)) + " ago"
	}
	if state.Err == nil {
		if state.ListedAt.IsZero() {
			age = "listing"
		}
		return ui.Span{Text: age, Tone: ui.Dim}
	}
	_, word, tone := trouble(a.scene.theme.Symbols, state.Err)
	return ui.Span{Text: word + ", " + age, Tone: tone}
}

// trouble is a symbol and a word for why something cannot be brought up to date: each kind has its own, since each has
// another remedy.
func trouble(sy ui.Symbols, err error) (symbol, word string, tone ui.Tone) {
	switch client.KindOf(err) {
	case client.KindThrottled:
		return sy.Stale, "throttled", ui.Warn
	case client.KindOffline:
		return sy.Never, "offline", ui.Warn
	case client.KindDenied:
		return sy.Failed, "denied", ui.Bad
	case client.KindExpired, client.KindNoCredentials:
		return sy.Warning, "login expired", ui.Bad
	}
	return sy.Stale, "stale", ui.Warn
}

// listing is the state of the context shown.
func (a *app) listing() client.ContextState {
	for _, c := range a.snapshot.Contexts {
		return c
	}
	return client.ContextState{}
}

// more tells whether the service has further pages.
func (a *app) more() bool { return a.connection.backend != nil && a.listing().More }

// spread sets three groups on one line: left, middle and right. What does not fit is cut at the left group, which
// is the longest; then the middle gives way.
func spread(s *scene, left, middle, right []ui.Span) string {
	l, m, r := length(left), length(middle), length(right)
	width := s.width - 1
	if l+m+r+4 > width && m+r+4 < width-12 {
		line := s.theme.Spans(width-m-r-4, left...)
		return line + "  " + s.theme.Spans(m, middle...) + "  " + s.theme.Spans(r, right...) + " "
	}
	if l+m+r+4 > width {
		rest := max(width-r-2, 1)
		return ui.Fit(s.theme.Spans(rest, append(append(left, ui.Span{Text: "  "}), middle...)...)+"  "+s.theme.Spans(r, right...), s.width, "")
	}
	gap := width - l - m - r
	line := s.theme.Spans(l+gap/2, left...) + s.theme.Spans(m+gap-gap/2, middle...) + s.theme.Spans(r, right...)
	return ui.Fit(line, s.width, "")
}

func length(spans []ui.Span) int {
	n := 0
	for _, span := range spans {
		n += cellsOf(span.Text)
	}
	return n
}

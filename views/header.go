package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"adit/client"
	"adit/keymap"
	"adit/ui"
)

// production is the word for contexts that their user has marked so.
const production = "PRODUCTION"

// where names a context in one line: who and which region. An endpoint that is not AWS's stands in the account's place,
// because a stranger's service can claim any account.
func where(c client.Context) string { return strings.Join(whereParts(c), " ") }

// whereAll names several: the regions of one profile and account together.
func whereAll(contexts []client.Context) string {
	var groups []string
	for i := 0; i < len(contexts); {
		next := i + 1
		for next < len(contexts) && sameLogin(contexts[i], contexts[next]) {
			next++
		}
		parts := whereParts(contexts[i])
		parts[len(parts)-1] = regionsOf(contexts[i:next])
		groups = append(groups, strings.Join(parts, " "))
		i = next
	}
	return strings.Join(groups, " + ")
}

// sameLogin tells whether contexts differ in nothing but the region.
func sameLogin(a, b client.Context) bool {
	a.Region = b.Region
	return a == b
}

// whereSpans are the contexts in the header. Where there is no room for several they are counted.
func (a *app) whereSpans() []ui.Span {
	s, contexts := a.scene, a.contexts()
	c := contexts[0]
	if (s.width < 80 || (a.onlyRead() || c.Production) && s.width < roomy) && c.Profile != "" {
		// The profile tells the account; the region must not be cut off.
		c.Account = ""
	}
	parts := whereParts(c)
	if s.width < roomy && c.NotAWS() && !c.Demo {
		// Where it was chosen is told by every question, and the region must not be cut off here either.
		parts[0] = "NOT AWS " + client.Clean(host(c.Endpoint))
	}
	profiles, regions := several(contexts)
	switch {
	case profiles:
		parts = []string{whereAll(contexts)}
		if cellsOf(parts[0]) > s.width/3 {
			parts = []string{profilesOf(contexts), regionsOf(contexts)}
		}
		if cellsOf(parts[0]) > s.width/3 {
			parts[0] = itoa(len(contexts)) + " contexts"
		}
	case regions:
		parts[len(parts)-1] = regionsOf(contexts)
	}
	if last := len(parts) - 1; len(contexts) > 1 && cellsOf(parts[last]) > s.width/3 {
		parts[last] = itoa(len(contexts)) + " regions"
	}
	foreign := slices.ContainsFunc(contexts, func(c client.Context) bool { return c.Demo || c.NotAWS() })
	var spans []ui.Span
	for i, part := range parts {
		tone := ui.Strong
		if i > 0 {
			spans = append(spans, ui.Span{Text: " " + s.theme.Symbols.Into + " ", Tone: ui.Dim})
		}
		if i == 0 && foreign {
			tone = ui.Warn
		}
		spans = append(spans, ui.Span{Text: part, Tone: tone})
	}
	return spans
}

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

// header is one line and a rule: contexts, counts and how old the list is; between them stands what keeps it old.
func (a *app) header() []string {
	s := a.scene
	if a.connection.backend == nil || a.front == keymap.ScopeConnect {
		return []string{s.theme.Spans(s.width, ui.Span{Text: " adit", Tone: ui.Accent}), s.rule()}
	}
	left := []ui.Span{{Text: " adit  ", Tone: ui.Accent}}
	if s.width < roomy {
		// The name of the program gives way to where it looks.
		left[0].Text = " "
	}
	if a.onlyRead() {
		// First, as what stands last is cut off first.
		left = append(left, ui.Span{Text: "READ-ONLY  ", Tone: ui.Warn})
	}
	if slices.ContainsFunc(a.contexts(), func(c client.Context) bool { return c.Production }) {
		left = append(left, ui.Span{Text: production + "  ", Tone: ui.Bad})
	}
	left = append(left, a.whereSpans()...)
	counts := []ui.Span{{Text: a.counts(), Tone: ui.Plain}}
	if a.snapshot.Thing != "" {
		counts = append([]ui.Span{{Text: "thing " + client.Clean(a.snapshot.Thing) + "  ", Tone: ui.Warn}}, counts...)
	}
	fresh := a.freshness()
	lines := append([]string{spread(s, left, counts, []ui.Span{fresh})}, a.setbacks()...)
	return append(lines, s.rule())
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
	if a.onlyRead() && a.scene.width < 80 {
		// Nothing can be used from here: the words give way to the region.
		return fmt.Sprintf("%d%s open", a.tally.open, more)
	}
	return fmt.Sprintf("%d%s open%s%d ready%s%d mine", a.tally.open, more, dot, a.tally.ready, dot, a.tally.mine)
}

// freshness says how old the list is, and why it does not get younger. Each reason has a word of its own. Of several
// contexts it tells the worst.
func (a *app) freshness() ui.Span {
	var oldest time.Time
	var failed error
	failing, listing := 0, false
	for i, c := range a.snapshot.Contexts {
		if c.Err != nil {
			failing++
			failed = cmp.Or(failed, c.Err)
		}
		if i == 0 || c.ListedAt.Before(oldest) {
			oldest = c.ListedAt
		}
		listing = listing || c.Err == nil && c.ListedAt.IsZero()
	}
	age := "never listed"
	switch {
	case !oldest.IsZero():
		age = "as of " + ui.Age(a.scene.now.Sub(oldest)) + " ago"
	case listing || len(a.snapshot.Contexts) == 0:
		age = "listing"
	}
	if failed == nil {
		return ui.Span{Text: age, Tone: ui.Dim}
	}
	_, word, tone := trouble(a.scene.theme.Symbols, failed)
	if n := len(a.snapshot.Contexts); n > 1 {
		word = itoa(failing) + " of " + itoa(n) + " " + word
	}
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

// more tells whether the service has further pages.
func (a *app) more() bool {
	return slices.ContainsFunc(a.snapshot.Contexts, func(c client.ContextState) bool { return c.More })
}

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

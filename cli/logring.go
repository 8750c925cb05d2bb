package cli

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"adit/views"
)

// mostEntries bounds what the screen shows of the log; the file has all of it.
const mostEntries = 2000

// logRing keeps the latest entries of the log for the screen, which samples them: whoever logs never waits for it.
type logRing struct {
	mu      sync.Mutex
	count   uint64
	entries []views.LogEntry
}

// Entries are the latest, the oldest first.
func (r *logRing) Entries() []views.LogEntry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.entries)
}

// Count grows with each entry.
func (r *logRing) Count() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

func (r *logRing) add(e views.LogEntry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	e.N = r.count
	r.entries = append(r.entries, e)
	if over := len(r.entries) - mostEntries; over > 0 {
		r.entries = slices.Delete(r.entries, 0, over)
	}
}

// ringHandler writes into a logRing. What it is given redacts itself as for the file: attributes are resolved.
type ringHandler struct {
	ring  *logRing
	level slog.Level
	// group is the prefix of keys, such as "tunnel.", given the attributes that every entry ends with.
	group, given string
}

func (h ringHandler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h ringHandler) Handle(_ context.Context, record slog.Record) error {
	var text strings.Builder
	text.WriteString(record.Message)
	text.WriteString(h.given)
	record.Attrs(func(a slog.Attr) bool {
		writeAttr(&text, h.group, a)
		return true
	})
	h.ring.add(views.LogEntry{At: record.Time, Level: record.Level, Text: text.String()})
	return nil
}

func (h ringHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var text strings.Builder
	for _, a := range attrs {
		writeAttr(&text, h.group, a)
	}
	h.given += text.String()
	return h
}

func (h ringHandler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "."
	}
	return h
}

// writeAttr writes " key=value", the members of a group one by one.
func writeAttr(to *strings.Builder, prefix string, a slog.Attr) {
	value := a.Value.Resolve()
	if value.Kind() == slog.KindGroup {
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, member := range value.Group() {
			writeAttr(to, prefix, member)
		}
		return
	}
	if a.Key == "" {
		return
	}
	to.WriteString(" " + prefix + a.Key + "=")
	to.WriteString(value.String())
}

package views

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"charm.land/bubbles/v2/table"
	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/client/clienttest"
	"adit/keymap"
	"adit/ui"
)

const benchRows, benchWidth, benchHeight = 10_000, 160, 50

// manyTunnels is a connected screen with ten thousand tunnels that stands still.
func manyTunnels(tb testing.TB) *app {
	tb.Helper()
	now := time.Date(2026, 5, 3, 10, 41, 0, 0, time.UTC)
	service := clienttest.New(prod)
	watcher := client.NewWatcher([]client.Service{service}, client.WatcherOptions{})
	a := newApp(tb.Context(), Options{Keys: keymap.Default(), Look: ui.Look{Dark: true}, Now: func() time.Time { return now }})
	a.live = func(*Backend) sessions { return newScripted() }
	a.Init()
	a.Update(tea.WindowSizeMsg{Width: benchWidth, Height: benchHeight})
	a.Update(connectedMsg{epoch: a.trial.epoch, backend: &Backend{Services: []client.Service{service}, Watcher: watcher}})
	rows := make([]*client.Row, benchRows)
	for i := range rows {
		side := client.Side{Known: true, Connected: i%2 == 0, Since: now.Add(-time.Hour)}
		rows[i] = &client.Row{ListedAt: now, DescribedAt: now, Tunnel: client.Tunnel{
			Key: prod.Key(fmt.Sprintf("%08d", i)), Context: prod, Status: client.StatusOpen, Described: true,
			Thing: client.Text(fmt.Sprintf("pump-%05d", i)), Services: []client.Text{"SSH", "HTTP"}, Description: "INC-4411 pump stalls at start",
			CreatedAt: now.Add(-time.Hour), Lifetime: client.MaxLifetime, Source: side, Destination: side,
			Tags: []client.Tag{{Key: "team", Value: "ops"}, {Key: "incident", Value: "4411"}},
		}}
	}
	snapshot := &client.Snapshot{Seq: 1, At: now, Rows: rows, Contexts: []client.ContextState{{Context: prod, ListedAt: now}}}
	a.Update(snapshotMsg{epoch: a.connection.epoch, snapshot: snapshot})
	return a
}

// BenchmarkKeyToFrame is one move of the cursor and the frame that shows it; bubbles' table alone is drawn beside it, with
// neither header nor preview.
func BenchmarkKeyToFrame(b *testing.B) {
	down, up := keyOf("down"), keyOf("up")
	key := func(i int) tea.KeyPressMsg {
		if i/(benchRows-1)%2 == 1 {
			return up
		}
		return down
	}
	b.Run("adit", func(b *testing.B) {
		a, i := manyTunnels(b), 0
		b.ReportAllocs()
		for b.Loop() {
			a.Update(key(i))
			_ = a.View()
			i++
		}
	})
	b.Run("bubbles", func(b *testing.B) {
		t, i := bubblesTable(), 0
		b.ReportAllocs()
		for b.Loop() {
			t, _ = t.Update(key(i))
			_ = t.View()
			i++
		}
	})
}

// BenchmarkSecond is what the clock costs while nothing happens: rows are filled in anew and drawn.
func BenchmarkSecond(b *testing.B) {
	a := manyTunnels(b)
	b.ReportAllocs()
	for b.Loop() {
		a.Update(tickMsg{chain: a.clock})
		_ = a.View()
	}
}

// BenchmarkSnapshot is what a snapshot costs in which a few of the rows have changed, in the list's own order and sorted.
func BenchmarkSnapshot(b *testing.B) {
	for _, column := range []string{"", "thing"} {
		b.Run("sorted by "+column, func(b *testing.B) {
			a := manyTunnels(b)
			a.tunnels.table.SortBy(column)
			b.ReportAllocs()
			for b.Loop() {
				next := *a.known
				next.Seq++
				next.Rows = slices.Clone(next.Rows)
				for i := range 100 {
					row := *next.Rows[i*97]
					row.Destination.Connected = !row.Destination.Connected
					next.Rows[i*97] = &row
				}
				a.Update(snapshotMsg{epoch: a.connection.epoch, snapshot: &next})
				_ = a.View()
			}
		})
	}
}

func bubblesTable() table.Model {
	var columns []table.Column
	for i := range 8 {
		columns = append(columns, table.Column{Title: fmt.Sprintf("COLUMN %d", i), Width: 18})
	}
	rows := make([]table.Row, benchRows)
	for i := range rows {
		for range 8 {
			rows[i] = append(rows[i], fmt.Sprintf("● pump-%05d", i))
		}
	}
	return table.New(table.WithColumns(columns), table.WithRows(rows), table.WithWidth(benchWidth), table.WithHeight(benchHeight), table.WithFocused(true))
}

package views

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// logLines is a LogBook of a test.
type logLines []LogEntry

func (l logLines) Entries() []LogEntry { return l }
func (l logLines) Count() uint64       { return uint64(len(l)) }

func (d *desk) logs(level slog.Level, text string) {
	book, _ := d.app.opts.Log.(logLines)
	d.app.opts.Log = append(book, LogEntry{N: uint64(len(book)) + 1, At: time.Now(), Level: level, Text: text})
}

func TestActivityListsWhatWasDoneAndItsCommandCanBeCopied(t *testing.T) {
	onDeskOf(t, 160, 40, prod, func(d *desk) {
		stock(d.service)
		d.connect()
		d.press("4")
		d.sees("adit has changed nothing yet.", "only asked: DescribeTunnel", "ListTunnels")
		d.press("E", "y")
		d.sees("adit has changed nothing yet.")
		d.press("1")
		d.choose("pump-07")
		d.service.FailNext("CloseTunnel", d.service.Failure("CloseTunnel", client.KindDenied))
		d.press("x", "y", "x", "y", "4")
		d.pass(2 * time.Second)
		if calls := d.service.Calls("CloseTunnel"); len(calls) != 2 {
			t.Fatalf("%d calls", len(calls))
		}
		d.sees("✓ ok", "✗ You may not", "CloseTunnel", "tunnel 8f2c9a14-07", "prod 1234-5678-9012 eu-west-1")
		d.press("y")
		if !strings.HasPrefix(d.clipboard, "aws iotsecuretunneling close-tunnel --tunnel-id 8f2c9a14-07") {
			t.Errorf("copied %q", d.clipboard)
		}
		d.press("enter")
		d.sees("command $ aws iotsecuretunneling close-tunnel", "result ok")
		d.press("esc")

		var path, content string
		d.app.opts.Save = func(to string, lines []byte) (string, error) {
			path, content = to, string(lines)
			return "/state/" + to, nil
		}
		d.press("E")
		d.sees("Export the activity", "readable by you alone", "activity-20")
		d.press("ctrl+s")
		d.sees("Written to /state/" + path + ".")
		if lines := strings.Split(strings.TrimSpace(content), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"ok":false`) || !strings.Contains(lines[1], `"took_ms":0`) {
			t.Errorf("exported %s", content)
		}
		d.app.opts.Save = func(string, []byte) (string, error) { return "", errMade }
		d.press("E", "ctrl+s")
		d.sees("made up by a test")
	})
}

func TestLogPaneShowsLevelsAndFollowsTheLatest(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.press("5")
		d.sees("Nothing was logged at info or above.")
		d.logs(slog.LevelDebug, "a detail")
		d.logs(slog.LevelInfo, "tokens rotated tunnel=1")
		d.logs(slog.LevelError, "local proxy stopped \x1b[2J error=reset")
		d.pass(2 * time.Second)
		d.sees("tokens rotated", "error local proxy stopped error=reset", "info and above")
		d.seesNot("a detail")
		d.press("l", "l")
		d.sees("error and above")
		d.seesNot("tokens rotated")
		d.press("l")
		d.sees("debug and above", "a detail")
		d.press("i")
		d.sees("Log, error", "what local proxy stopped")
	})
}

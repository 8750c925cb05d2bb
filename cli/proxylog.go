package cli

import (
	"io"
	"log/slog"
	"sync"
)

// proxyLog is the log of adit proxy. verbose counts as the reference local proxy does: 0 nothing, 1 and 2 errors, 3
// warnings, 4 what happens, 5 and more the details.
func proxyLog(w io.Writer, format string, verbose uint8) *slog.Logger {
	var level slog.Level
	switch verbose {
	case 0:
		return slog.New(slog.DiscardHandler)
	case 1, 2:
		level = slog.LevelError
	case 3:
		level = slog.LevelWarn
	case 4:
		level = slog.LevelInfo
	default:
		level = slog.LevelDebug
	}
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// liveLine keeps one line that changes below a log that grows, both on the same terminal.
type liveLine struct {
	mu   sync.Mutex
	out  io.Writer
	line string
}

const clearLine = "\r\x1b[K"

// Write takes whole records of the log.
func (l *liveLine) Write(record []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.line == "" {
		return l.out.Write(record)
	}
	if _, err := io.WriteString(l.out, clearLine+string(record)+l.line); err != nil {
		return 0, err
	}
	return len(record), nil
}

// set replaces the line; "" takes it away.
func (l *liveLine) set(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if line != l.line {
		_, _ = io.WriteString(l.out, clearLine+line)
		l.line = line
	}
}

package cli

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// logLimit is the size in bytes at which a log is moved aside, so that two files of it are the most there is.
const logLimit = 4 << 20

// openLog appends to adit.log in the state directory: the screen has the terminal, so nothing may be printed.
// The screen keeps what it shows in handlers of its own.
func openLog(stateDir string, level slog.Level, screen ...slog.Handler) (*slog.Logger, *os.File, error) {
	path := filepath.Join(stateDir, "adit.log")
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		_ = os.Rename(path, path+".1")
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	handlers := append(screen, slog.NewJSONHandler(file, &slog.HandlerOptions{Level: level}))
	return slog.New(slog.NewMultiHandler(handlers...)), file, nil
}

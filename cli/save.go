package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// saver writes what the screen exports into a new file that only this user may read: a name alone into the directory, a
// path where it says, ~ for the home. It never writes over a file.
func saver(directory string) func(path string, content []byte) (string, error) {
	return func(path string, content []byte) (string, error) {
		switch rest, home := strings.CutPrefix(path, "~/"); {
		case home:
			user, err := os.UserHomeDir()
			if err != nil {
				return "", fmt.Errorf("find the home directory: %w", err)
			}
			path = filepath.Join(user, rest)
		case !strings.ContainsRune(path, filepath.Separator):
			path = filepath.Join(directory, path)
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return "", err
		}
		file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		switch {
		case errors.Is(err, fs.ErrExist):
			return "", fmt.Errorf("%s is there already: give another name", path)
		case err != nil:
			return "", fmt.Errorf("the file could not be made: %w", err)
		}
		if _, err := file.Write(content); err != nil {
			return "", errors.Join(fmt.Errorf("the file %s could not be written: %w", path, err), file.Close())
		}
		if err := file.Close(); err != nil {
			return "", fmt.Errorf("the file %s could not be written: %w", path, err)
		}
		return path, nil
	}
}

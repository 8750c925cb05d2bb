package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// mayImport is the house: the rooms of adit each room may use. Arrows go down only; ARCHITECTURE.md draws them.
var mayImport = map[string][]string{
	"adit":                  {"adit/cli"},
	"adit/cli":              {"adit/pattern", "adit/views", "adit/ui", "adit/keymap", "adit/session", "adit/settings", "adit/client", "adit/tunnelconn", "adit/tunnelconn/token", "adit/emulator", "adit/emulator/fleet"},
	"adit/views":            {"adit/ui", "adit/keymap", "adit/session", "adit/settings", "adit/filter", "adit/client", "adit/tunnelconn", "adit/tunnelconn/token"},
	"adit/session":          {"adit/pattern", "adit/client", "adit/tunnelconn", "adit/tunnelconn/token"},
	"adit/settings":         {"adit/pattern", "adit/client", "adit/filter"},
	"adit/filter":           {"adit/client"},
	"adit/client":           {"adit/pattern", "adit/tunnelconn/token"},
	"adit/client/...":       {"adit/client", "adit/tunnelconn/token"},
	"adit/tunnelconn":       {"adit/pattern", "adit/tunnelconn/wire", "adit/tunnelconn/token", "adit/tunnelconn/cork"},
	"adit/tunnelconn/...":   {"adit/tunnelconn", "adit/tunnelconn/wire", "adit/tunnelconn/token"},
	"adit/tunnelconn/cork":  {},
	"adit/tunnelconn/token": {},
	"adit/tunnelconn/wire":  {},
	// It breaks networks, for tests alone: no room may import it, so it stands in no other line.
	"adit/tunnelconn/faultproxy": {},
	"adit/pattern":               {},
	"adit/ui":                    {},
	"adit/keymap":                {},
	"adit/emulator":              {"adit/emulator/...", "adit/tunnelconn/wire"},
	"adit/emulator/...":          {"adit/pattern", "adit/emulator/...", "adit/tunnelconn/wire", "adit/tunnelconn/cork"},
	"adit/emulator/fleet":        {"adit/pattern", "adit/tunnelconn", "adit/tunnelconn/token", "adit/emulator/fleet/..."},
}

// mustNotReach are dependencies, direct or not, that a room must not have.
var mustNotReach = map[string][]string{
	"adit/client":     {"charm.land/", "github.com/charmbracelet/"},
	"adit/tunnelconn": {"charm.land/", "github.com/charmbracelet/", "github.com/aws/", "adit/client"},
	"adit/session":    {"charm.land/bubbletea", "charm.land/lipgloss", "adit/emulator"},
	"adit/settings":   {"charm.land/"},
	"adit/views":      {"adit/emulator"},
	"adit/ui":         {"adit/client", "adit/session", "adit/tunnelconn"},
	"adit/keymap":     {"charm.land/"},
}

// mustNotImport are what a room must not use itself, whatever its neighbours do: views draws, and neither dials nor calls.
var mustNotImport = map[string][]string{
	"adit/views":  {"net/http", "os/exec", "github.com/aws/", "github.com/gobwas/"},
	"adit/ui":     {"net", "os", "time/tzdata", "github.com/aws/"},
	"adit/keymap": {"net", "os", "github.com/aws/"},
	"adit/client": {"os/exec"},
}

type pkg struct {
	ImportPath    string
	Imports, Deps []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "adit/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestArrowsBetweenTheRoomsGoDownOnly(t *testing.T) {
	checked := 0
	for _, p := range packages(t) {
		if strings.HasPrefix(p.ImportPath, "adit/cli/") {
			continue // tests and tools of the command line stand above everything
		}
		allowed, known := rule(p.ImportPath)
		if !known {
			t.Errorf("%s is in no room: give it one in this test and in ARCHITECTURE.md", p.ImportPath)
			continue
		}
		checked++
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "adit") && !matches(imported, allowed) {
				t.Errorf("%s must not import %s", p.ImportPath, imported)
			}
			for _, banned := range mustNotImport[p.ImportPath] {
				if imported == banned || strings.HasSuffix(banned, "/") && strings.HasPrefix(imported, banned) {
					t.Errorf("%s must not import %s", p.ImportPath, imported)
				}
			}
		}
		for _, reached := range p.Deps {
			for _, prefix := range mustNotReach[p.ImportPath] {
				if strings.HasPrefix(reached, prefix) {
					t.Errorf("%s must not reach %s", p.ImportPath, reached)
				}
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d packages were checked", checked)
	}
}

// rule finds the most particular entry for a package.
func rule(path string) ([]string, bool) {
	if allowed, ok := mayImport[path]; ok {
		return allowed, true
	}
	for room := path; strings.Contains(room, "/"); {
		room = room[:strings.LastIndex(room, "/")]
		if allowed, ok := mayImport[room+"/..."]; ok {
			return allowed, true
		}
	}
	return nil, false
}

func matches(path string, allowed []string) bool {
	for _, pattern := range allowed {
		if prefix, folder := strings.CutSuffix(pattern, "..."); path == pattern || folder && strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMatrixNamesTestsThatExistAndRun holds docs/test-matrix.md to the tests: every row of the matrix and every trap has
// one, or says what is open or why it is not ours; what it names exists, and is not skipped without the page saying so.
func TestMatrixNamesTestsThatExistAndRun(t *testing.T) {
	page, err := os.ReadFile("docs/test-matrix.md")
	if err != nil {
		t.Fatal(err)
	}
	var wanted []string
	for n := 1; n <= 32; n++ {
		wanted = append(wanted, fmt.Sprintf("T-%02d", n))
	}
	for n := 1; n <= 30; n++ {
		wanted = append(wanted, fmt.Sprintf("trap %d", n))
	}
	wanted = append(wanted, "trap 5a")
	rows := make(map[string]string)
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) > 3 {
			rows[strings.TrimSpace(cells[1])] = line
		}
	}
	named := regexp.MustCompile("`([a-z0-9/]+)\\.((?:Test|Fuzz)[A-Za-z0-9]+)`( \\(skipped without [^)]+\\))?")
	suites := make(map[string]map[string]*ast.FuncDecl)
	checked := 0
	for _, id := range wanted {
		row, ok := rows[id]
		names := named.FindAllStringSubmatch(row, -1)
		if !ok || len(names) == 0 && !strings.Contains(row, "open:") && !strings.Contains(row, "not ours:") {
			t.Errorf("docs/test-matrix.md has no test for %s, and no word on why", id)
		}
		if number, trap := strings.CutPrefix(id, "trap "); trap && !strings.Contains(row, "not ours:") {
			after := fmt.Sprintf(".TestTrap%02s", number)
			if number == "5a" {
				after = ".TestTrap05a"
			}
			if !strings.Contains(row, after) {
				t.Errorf("%s has no test that is named after it, %s…", id, after)
			}
		}
		for _, name := range names {
			checked++
			dir, test := name[1], name[2]
			if suites[dir] == nil {
				suites[dir] = testsOf(t, dir)
			}
			switch f := suites[dir][test]; {
			case f == nil:
				t.Errorf("%s: there is no %s in %s", id, test, dir)
			case calls(f, "long") != strings.HasPrefix(test, "TestLong"):
				t.Errorf("%s: %s is a long test by its name or by its body, and not by both", id, test)
			case (calls(f, "Skip") || calls(f, "Skipf") || calls(f, "SkipNow") || calls(f, "need")) != (name[3] != ""):
				t.Errorf("%s: %s may be skipped, and the page does not say so, or the other way round", id, test)
			}
		}
	}
	if checked < 80 {
		t.Errorf("only %d names were checked", checked)
	}
}

// testsOf are the tests of a package by name.
func testsOf(t *testing.T, dir string) map[string]*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("no tests in %s: %v", dir, err)
	}
	found := make(map[string]*ast.FuncDecl)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil {
				found[f.Name.Name] = f
			}
		}
	}
	return found
}

// calls tells whether a function calls one of a name, of its package or of a value.
func calls(f *ast.FuncDecl, name string) bool {
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			switch called := call.Fun.(type) {
			case *ast.Ident:
				found = found || called.Name == name
			case *ast.SelectorExpr:
				found = found || called.Sel.Name == name
			}
		}
		return !found
	})
	return found
}

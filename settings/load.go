package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml/printer"
	"github.com/goccy/go-yaml/token"
)

// FileName is the settings file in the configuration directory.
const FileName = "settings.yaml"

// version grows when an older adit could misread the file.
const version = 1

// Input is where the settings come from.
type Input struct {
	// Dir is the configuration directory. A file that is not there is no error.
	Dir string
	// Getenv reads the environment; an empty variable chooses nothing.
	Getenv func(string) string
	// Flags are the texts that the command line gave, by the field's key; only those that it gave.
	Flags map[string][]string
}

// Load reads the settings. What is wrong in them is told at once, all of it, each with its line, flag or variable.
func Load(in Input) (*Settings, error) {
	path := filepath.Join(in.Dir, FileName)
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the settings cannot be read: %w", err)
	}
	return parse(path, data, in)
}

func parse(path string, data []byte, in Input) (*Settings, error) {
	r := &reader{path: path, settings: &Settings{profiles: map[string]layer{}}}
	flags, variables := r.flags(in.Flags), r.variables(in.Getenv)
	file := r.file(data)
	defaults := layer{}
	for _, f := range Fields() {
		defaults[f.Key] = chosen{data: f.otherwise}
	}
	s := r.settings
	s.over, s.under = []layer{flags, variables}, []layer{file, defaults}
	s.general()
	return s, errors.Join(r.wrong...)
}

// reader collects the layers, and what is wrong in them.
type reader struct {
	path     string
	settings *Settings
	wrong    []error
}

// complain notes a mistake. One of the file is shown in its line.
func (r *reader) complain(err error, what string) {
	var at *fault
	if !errors.As(err, &at) || at.token == nil {
		r.wrong = append(r.wrong, fmt.Errorf("%s %w", what, err))
		return
	}
	r.wrong = append(r.wrong, fmt.Errorf("%s:%d: %s\n%s", r.path, lineOf(at.token), strings.TrimSpace(what+" "+err.Error()), excerpt(at.token)))
}

func lineOf(t *token.Token) int {
	if t == nil || t.Position == nil {
		return 0
	}
	return t.Position.Line
}

// excerpt is the line of a token with those around it, and a mark under the token.
func excerpt(t *token.Token) string {
	var p printer.Printer
	return strings.TrimRight(p.PrintErrorToken(t, false), "\n ")
}

// flags is the layer of the command line.
func (r *reader) flags(given map[string][]string) layer {
	l := layer{}
	for _, f := range Fields() {
		if texts := given[f.Key]; len(texts) > 0 {
			r.take(l, f, texts, Origin{Flag: f.Flag()})
		}
	}
	return l
}

// variables is the layer of the environment.
func (r *reader) variables(getenv func(string) string) layer {
	l := layer{}
	for _, f := range Fields() {
		for i, variable := range f.Variables() {
			value := getenv(variable)
			at := Origin{Variable: variable}
			switch {
			case value == "":
				continue
			case variable == noColor:
				l[f.Key] = chosen{true, at}
			case i > 0:
				l[f.Key] = chosen{value, at}
			default:
				r.take(l, f, []string{value}, at)
			}
			break
		}
	}
	return l
}

// take reads texts of a flag or a variable into a layer. Of a list or a table each may add to those before.
func (r *reader) take(l layer, f Field, texts []string, at Origin) {
	var whole node
	for _, s := range texts {
		n, err := fromText(s, f.kind)
		if err != nil {
			r.complain(err, at.String()+":")
			return
		}
		if n.form != whole.form {
			whole = n
			continue
		}
		whole.text = n.text
		whole.items, whole.names = append(whole.items, n.items...), append(whole.names, n.names...)
	}
	r.read(l, f, whole, at, at.String())
}

// read makes the value of a field.
func (r *reader) read(l layer, f Field, n node, at Origin, what string) {
	data, err := f.kind.read(n)
	if err != nil {
		r.complain(err, what)
		return
	}
	if pairs, ok := data.([]pair); ok {
		for i := range pairs {
			pairs[i].at = at
			if line := lineOf(pairs[i].token); line > 0 {
				pairs[i].at.Line = line
			}
		}
	}
	l[f.Key] = chosen{data, at}
}

package world

import (
	"errors"
	"fmt"
	"strings"
)

// maxLine is the longest command line in bytes; a Linux kernel takes 128 KiB for one argument.
const maxLine = 128 << 10

// joint says when a step of a list runs, by the status of the one before.
type joint uint8

const (
	always   joint = iota // after ; or a line's end
	ifOK                  // after &&
	ifFailed              // after ||
)

// step is a pipeline and its condition.
type step struct {
	when     joint
	pipeline []invocation
}

// invocation is one command with its redirections.
type invocation struct {
	words     []word
	redirects []redirect
}

// redirect joins a stream (0, 1 or 2) to a file, or, as in 2>&1, to what another stream is.
type redirect struct {
	stream byte
	output bool
	target word
	// same is the other stream, 0 for a file.
	same byte
}

// word is one argument in pieces, since variables are known only when it runs.
type word struct {
	pieces []piece
	// quoted words stay when they are empty.
	quoted bool
}

// piece is literal text, or the name of a variable.
type piece struct {
	text     string
	variable bool
}

var errUnterminated = errors.New("syntax error: unterminated quoted string")

func unexpected(what string) error { return fmt.Errorf("syntax error: unexpected %q", what) }

// parse reads a command line: words with single and double quotes, backslashes and $NAME, ${NAME}, $?; pipes; the
// redirections <, >, >>, 2> and 2>&1; joined by ;, &&, || and line ends. Everything else of a shell is a syntax error.
func parse(line string) ([]step, error) {
	if len(line) > maxLine {
		return nil, errors.New("argument list too long")
	}
	p := parser{rest: line}
	return p.list()
}

type parser struct{ rest string }

// list reads steps until the end of the line.
func (p *parser) list() ([]step, error) {
	var steps []step
	when, joined := always, ""
	for {
		pipeline, err := p.pipeline()
		if err != nil {
			return nil, err
		}
		operator := p.operator()
		if len(pipeline) == 0 {
			switch {
			case operator != "" && operator != "\n":
				return nil, unexpected(operator)
			case operator == "" && joined != "":
				return nil, unexpected("end of line")
			}
		} else {
			steps = append(steps, step{when, pipeline})
			when, joined = always, ""
		}
		switch operator {
		case "":
			return steps, nil
		case "&&":
			when, joined = ifOK, operator
		case "||":
			when, joined = ifFailed, operator
		}
	}
}

// pipeline reads commands joined by pipes, or nothing at all.
func (p *parser) pipeline() ([]invocation, error) {
	var pipeline []invocation
	for {
		command, err := p.invocation()
		if err != nil {
			return nil, err
		}
		empty := len(command.words) == 0 && len(command.redirects) == 0
		if empty && len(pipeline) > 0 {
			return nil, unexpected("|")
		}
		piped := strings.HasPrefix(p.rest, "|") && !strings.HasPrefix(p.rest, "||")
		if empty && piped {
			return nil, unexpected("|")
		}
		if !empty {
			pipeline = append(pipeline, command)
		}
		if !piped {
			return pipeline, nil
		}
		p.rest = p.rest[1:]
	}
}

// operator takes the operator that ended a pipeline, "" at the end of the line.
func (p *parser) operator() string {
	for _, operator := range []string{"&&", "||", ";", "\n"} {
		if rest, ok := strings.CutPrefix(p.rest, operator); ok {
			p.rest = rest
			return operator
		}
	}
	return ""
}

// invocation reads words and redirections up to an operator.
func (p *parser) invocation() (invocation, error) {
	var command invocation
	for {
		p.blanks()
		if p.rest == "" || strings.IndexByte(";|\n", p.rest[0]) >= 0 || strings.HasPrefix(p.rest, "&&") {
			return command, nil
		}
		if redirect, ok := p.redirection(); ok {
			if err := p.target(&redirect); err != nil {
				return command, err
			}
			command.redirects = append(command.redirects, redirect)
			continue
		}
		word, err := p.word()
		if err != nil {
			return command, err
		}
		command.words = append(command.words, word)
	}
}

// blanks skips white space, a comment and escaped line ends.
func (p *parser) blanks() {
	for {
		p.rest = strings.TrimLeft(p.rest, " \t\r")
		if rest, ok := strings.CutPrefix(p.rest, "\\\n"); ok {
			p.rest = rest
			continue
		}
		if strings.HasPrefix(p.rest, "#") {
			_, rest, found := strings.Cut(p.rest, "\n")
			p.rest = rest
			if found {
				p.rest = "\n" + rest
			}
		}
		return
	}
}

// target reads what a redirection leads to.
func (p *parser) target(r *redirect) error {
	for _, same := range []byte{1, 2} {
		if rest, ok := strings.CutPrefix(p.rest, "&"+string('0'+rune(same))); ok && r.output {
			p.rest, r.same = rest, same
			return nil
		}
	}
	p.blanks()
	target, err := p.word()
	r.target = target
	return err
}

// redirection takes an operator such as 2> and leaves its target.
func (p *parser) redirection() (redirect, bool) {
	for _, form := range []struct {
		text string
		redirect
	}{
		{"2>>", redirect{stream: 2, output: true}},
		{"1>>", redirect{stream: 1, output: true}},
		{">>", redirect{stream: 1, output: true}},
		{"2>", redirect{stream: 2, output: true}},
		{"1>", redirect{stream: 1, output: true}},
		{">", redirect{stream: 1, output: true}},
		{"<", redirect{stream: 0}},
	} {
		if rest, ok := strings.CutPrefix(p.rest, form.text); ok {
			p.rest = rest
			return form.redirect, true
		}
	}
	return redirect{}, false
}

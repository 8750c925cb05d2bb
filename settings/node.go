package settings

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is what was written for a value: a text, a list or names with their values. It forgets what YAML takes a text for, so
// that a user called 007 or a region called no stay what they are.
type node struct {
	form  form
	text  string
	items []node
	names []name
	token *token.Token // where it stands in the file, nil elsewhere
}

type form uint8

const (
	nothing form = iota
	plain
	sequence
	mapping
)

// name is a key of a mapping with its value.
type name struct {
	text  string
	token *token.Token
	value node
}

// fault is something wrong at a place of the file.
type fault struct {
	token *token.Token
	why   error
}

func (f *fault) Error() string { return f.why.Error() }
func (f *fault) Unwrap() error { return f.why }

func wrong(at *token.Token, format string, args ...any) error {
	return &fault{at, fmt.Errorf(format, args...)}
}

// mostDepth is how deep values may nest: the settings need four.
const mostDepth = 16

// fromYAML reads the one document of a file.
func fromYAML(data []byte) (node, error) {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return node{}, err
	}
	var found node
	for _, document := range file.Docs {
		if document.Body == nil {
			continue
		}
		read, err := fromAST(document.Body, 0)
		switch {
		case err != nil:
			return node{}, err
		case read.form == nothing:
		case found.form != nothing:
			return node{}, wrong(read.token, "a second document is not read: put everything into the first")
		default:
			found = read
		}
	}
	return found, nil
}

func fromAST(n ast.Node, depth int) (node, error) {
	if depth > mostDepth {
		return node{}, wrong(n.GetToken(), "this is nested too deeply")
	}
	switch n := n.(type) {
	case *ast.NullNode, *ast.CommentGroupNode:
		return node{token: n.GetToken()}, nil
	case *ast.LiteralNode:
		return node{form: plain, text: n.Value.Value, token: n.GetToken()}, nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node{form: plain, text: n.GetToken().Value, token: n.GetToken()}, nil
	case *ast.SequenceNode:
		read := node{form: sequence, token: n.GetToken()}
		for _, value := range n.Values {
			item, err := fromAST(value, depth+1)
			if err != nil {
				return node{}, err
			}
			read.items = append(read.items, item)
		}
		return read, nil
	case *ast.MappingNode:
		return fromMapping(n.GetToken(), n.Values, depth)
	case *ast.MappingValueNode:
		return fromMapping(n.GetToken(), []*ast.MappingValueNode{n}, depth)
	}
	return node{}, wrong(n.GetToken(), "anchors, aliases and tags of YAML are not read here: write the value itself")
}

func fromMapping(at *token.Token, values []*ast.MappingValueNode, depth int) (node, error) {
	read := node{form: mapping, token: at}
	seen := map[string]bool{}
	for _, pair := range values {
		key, err := fromAST(pair.Key, depth+1)
		if err != nil || key.form != plain {
			return node{}, wrong(pair.Key.GetToken(), "this is no name")
		}
		if seen[key.text] {
			return node{}, wrong(key.token, "%q stands here twice", key.text)
		}
		seen[key.text] = true
		value, err := fromAST(pair.Value, depth+1)
		if err != nil {
			return node{}, err
		}
		read.names = append(read.names, name{key.text, key.token, value})
	}
	return read, nil
}

// fromText reads what a flag or a variable holds for a kind of value. Lists are parted by commas, names have their values
// behind "="; where that does not do, both may be written as in the file: [a, b], {a: b}.
func fromText(s string, k kind) (node, error) {
	var parts func(string) (node, error)
	switch k := k.(type) {
	case list:
		parts = commaList
	case table:
		parts = commaPairs
		if k.whole {
			parts = onePair
		}
	default:
		return node{form: plain, text: s}, nil
	}
	if strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") {
		read, err := fromYAML([]byte(s))
		var at *fault
		if errors.As(err, &at) {
			err = at.why
		}
		return withoutTokens(read), err
	}
	return parts(s)
}

// withoutTokens forgets the places in a text that is no file.
func withoutTokens(n node) node {
	n.token = nil
	for i := range n.items {
		n.items[i] = withoutTokens(n.items[i])
	}
	for i := range n.names {
		n.names[i].token, n.names[i].value = nil, withoutTokens(n.names[i].value)
	}
	return n
}

func commaList(s string) (node, error) {
	read := node{form: sequence}
	for part := range strings.SplitSeq(s, ",") {
		read.items = append(read.items, node{form: plain, text: strings.TrimSpace(part)})
	}
	return read, nil
}

func commaPairs(s string) (node, error) {
	read := node{form: mapping}
	for part := range strings.SplitSeq(s, ",") {
		one, err := onePair(part)
		if err != nil {
			return node{}, err
		}
		read.names = append(read.names, one.names...)
	}
	return read, nil
}

func onePair(s string) (node, error) {
	key, value, ok := strings.Cut(s, "=")
	if !ok {
		return node{}, fmt.Errorf("%q is not of the form name=value", strings.TrimSpace(s))
	}
	value = strings.TrimSpace(value)
	return node{form: mapping, names: []name{{text: strings.TrimSpace(key), value: node{form: plain, text: value}}}}, nil
}

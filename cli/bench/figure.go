package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// series are the samples of one thing, one of each round.
type series struct {
	Name    string    `json:"name"`
	Unit    string    `json:"unit"`
	Samples []float64 `json:"samples"`
}

// target is what the median of a figure has to be.
type target struct {
	// AtLeast: the median must not fall below Limit; otherwise it must not exceed it.
	AtLeast bool    `json:"at_least"`
	Limit   float64 `json:"limit"`
}

func atLeast(limit float64) *target { return &target{AtLeast: true, Limit: limit} }
func atMost(limit float64) *target  { return &target{Limit: limit} }

// figure is a line of the table: what its target is about, and what was measured beside it in the same rounds.
type figure struct {
	Judged series `json:"judged"`
	// Target is nil where a figure only stands beside others.
	Target *target  `json:"target,omitempty"`
	Beside []series `json:"beside,omitempty"`
}

// met tells whether the figure holds. One that was not measured does not.
func (f figure) met() bool {
	value := median(f.Judged.Samples)
	switch {
	case f.Target == nil:
		return true
	case f.Target.AtLeast:
		return value >= f.Target.Limit
	default:
		return value <= f.Target.Limit
	}
}

func (f figure) verdict() string {
	switch {
	case f.Target == nil:
		return ""
	case f.met():
		return "met"
	default:
		return "MISSED"
	}
}

func (t *target) String() string {
	switch {
	case t == nil:
		return ""
	case t.AtLeast:
		return "≥ " + number(t.Limit)
	default:
		return "≤ " + number(t.Limit)
	}
}

func (s series) String() string {
	return strings.TrimSpace(number(median(s.Samples)) + " " + s.Unit)
}

// raw lists the samples, in the order of the rounds.
func (s series) raw() string {
	texts := make([]string, len(s.Samples))
	for i, sample := range s.Samples {
		texts[i] = number(sample)
	}
	return strings.Join(texts, " ")
}

// number has three significant digits, or all of those before the point.
func number(value float64) string {
	if value >= 100 || value <= -100 {
		return strconv.FormatFloat(value, 'f', 0, 64)
	}
	return strconv.FormatFloat(value, 'g', 3, 64)
}

// writeTable writes the medians as a table in Markdown.
func writeTable(w io.Writer, figures []figure) error {
	var table strings.Builder
	table.WriteString("| figure | target | median | beside it, medians | |\n|---|---|---|---|---|\n")
	for _, f := range figures {
		beside := make([]string, len(f.Beside))
		for i, s := range f.Beside {
			beside[i] = s.Name + " " + s.String()
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s | %s |\n", f.Judged.Name, f.Target, f.Judged, strings.Join(beside, "; "), f.verdict())
	}
	_, err := io.WriteString(w, table.String())
	return err
}

// writeRaw writes every sample of a figure.
func writeRaw(w io.Writer, f figure) error {
	var lines strings.Builder
	for _, s := range append([]series{f.Judged}, f.Beside...) {
		fmt.Fprintf(&lines, "  %s [%s]: %s\n", s.Name, s.Unit, s.raw())
	}
	_, err := io.WriteString(w, lines.String())
	return err
}

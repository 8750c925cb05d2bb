package world

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"
)

func wc(_ context.Context, p *process) int {
	var only string
	if len(p.args) > 0 && strings.HasPrefix(p.args[0], "-") {
		only, p.args = p.args[0], p.args[1:]
	}
	return p.each(p.args, func(name string, in io.Reader) error {
		lines, words, size, inWord := 0, 0, 0, false
		buffer := make([]byte, copyBuffer)
		for {
			n, end := in.Read(buffer)
			for _, c := range buffer[:n] {
				if c == '\n' {
					lines++
				}
				blank := c == ' ' || '\t' <= c && c <= '\r'
				if !blank && !inWord {
					words++
				}
				inWord = !blank
			}
			size += n
			if end != nil {
				break
			}
		}
		if name == "-" {
			name = ""
		} else {
			name = " " + name
		}
		switch only {
		case "-c":
			p.printf("%d%s\n", size, name)
		case "-l":
			p.printf("%d%s\n", lines, name)
		default:
			p.printf("%7d %7d %7d%s\n", lines, words, size, name)
		}
		return nil
	})
}

func sha256sum(_ context.Context, p *process) int {
	return p.each(p.args, func(name string, in io.Reader) error {
		sum := sha256.New()
		if _, err := io.Copy(sum, in); err != nil {
			return err
		}
		p.printf("%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
		return nil
	})
}

package views

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"adit/client"
)

// scripts are texts that a terminal draws otherwise than one character a cell, left to right.
var scripts = []struct{ thing, description string }{
	{"wide-1", "水泵停止 ポンプ停止 펌프 정지"},
	{"arabic-2", "توقفت المضخة INC-4411"},
	{"hebrew-3", "המשאבה נעצרה"},
	{"marks-4", "Pu\u0308mpe ist ste\u0301hen geblieben a\u0327\u0323"},
	{"emoji-5", "👩\u200d🔧 1️⃣ 🇩🇪 pump"},
	{"bidi-6", "\u202egnp.exe\u2069 \u2066pump\u200f"},
	{"long-7", strings.Repeat("水", 2048)},
}

func TestTextOfEveryScriptKeepsTheColumnsInTheirPlaces(t *testing.T) {
	var pictures strings.Builder
	for _, size := range [][2]int{{40, 10}, {80, 24}, {160, 50}} {
		onDeskOf(t, size[0], size[1], prod, func(d *desk) {
			for i, s := range scripts {
				d.service.Put(client.Tunnel{
					Key: client.Key{ID: fmt.Sprintf("%08d", i)}, Thing: client.Text(s.thing), Description: client.Text(s.description),
					CreatedAt: time.Now().Add(-time.Duration(i) * time.Minute), Services: []client.Text{"SSH"},
					Tags: []client.Tag{{Key: client.Text(s.description), Value: client.Text(s.description)}},
				})
			}
			d.connect() // the driver measures every line of every frame from here on
			d.listedJustNow()
			picture(&pictures, fmt.Sprintf("%dx%d", size[0], size[1]), d.screen())
			for _, s := range scripts {
				d.choose(s.thing)
				for _, key := range []string{"i", "x", "t", "y", "o"} {
					d.press(key)
					d.press("esc")
				}
			}
			d.choose("bidi-6")
			d.press("i")
			d.listedJustNow()
			picture(&pictures, "bidi-6", d.screen())
		})
	}
	compare(t, "widetext", pictures.String())
}

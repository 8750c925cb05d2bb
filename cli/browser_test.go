package cli

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestBrowserIsOfferedOnlyWhereSomebodySeesIt(t *testing.T) {
	dir := t.TempDir()
	seen := filepath.Join(dir, "seen")
	script := "#!/bin/sh\nprintf %s \"$1\" > " + seen + ".new && mv " + seen + ".new " + seen + "\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/bin:/usr/bin")
	env := map[string]string{}
	getenv := func(name string) string { return env[name] }
	if browser("linux", getenv) != nil {
		t.Error("there is a browser without a desktop")
	}
	env["DISPLAY"] = ":0"
	open := browser("linux", getenv)
	if open == nil {
		t.Fatal("there is no browser on a desktop")
	}
	if err := open("http://127.0.0.1:8080/"); err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if got, err := os.ReadFile(seen); err == nil {
			if string(got) != "http://127.0.0.1:8080/" {
				t.Errorf("it was asked for %q", got)
			}
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the browser was not started")
		}
	}
	env["SSH_CONNECTION"] = "10.0.0.1 1 10.0.0.2 22"
	if browser("linux", getenv) != nil {
		t.Error("there is a browser at the other end of ssh")
	}
}

package session

import (
	"strings"
	"testing"

	"adit/client"
)

func TestHostIsFitForSSHAndScp(t *testing.T) {
	for thing, want := range map[string]string{
		"pump-07": "pump-07", "Pump_07": "Pump_07",
		"-oProxyCommand": "adit-" + shortHash("-oProxyCommand"), "pump:07": "adit-" + shortHash("pump:07"),
		"": "adit-" + shortHash(""), "a b": "adit-" + shortHash("a b"), "a\nb": "adit-" + shortHash("a\nb"),
	} {
		if got := Host(thing); got != want {
			t.Errorf("Host(%q) = %q, want %q", thing, got, want)
		}
	}
}

func TestHostKeyAliasNeverCollides(t *testing.T) {
	aws := client.Context{Account: "123456789012", Region: "eu-west-1"}
	contexts := []client.Context{
		aws,
		{Account: "999999999999", Region: "eu-west-1"},
		{Account: "123456789012", Region: "us-east-1"},
		{Account: "123456789012", Region: "eu-west-1", Demo: true, Endpoint: "http://127.0.0.1:1"},
		{Account: "123456789012", Region: "eu-west-1", Endpoint: "http://127.0.0.1:1"},
		{Account: "123456789012", Region: "eu-west-1", Endpoint: "http://127.0.0.1:2"},
	}
	seen := map[string]string{}
	for _, c := range contexts {
		for _, thing := range []string{"pump-07", "Pump-07", "PUMP-07", "pump:07", "-pump"} {
			alias := HostKeyAlias(c, thing)
			if alias != strings.ToLower(alias) {
				t.Errorf("ssh lower-cases %q", alias)
			}
			if before, ok := seen[alias]; ok {
				t.Errorf("%s and %s of %+v share %s", before, thing, c, alias)
			}
			seen[alias] = thing
		}
	}
	if got := HostKeyAlias(aws, "pump-07"); got != "pump-07.eu-west-1.123456789012" {
		t.Errorf("alias %q", got)
	}
	again := contexts[3]
	again.Endpoint = "http://127.0.0.1:65535"
	if HostKeyAlias(contexts[3], "pump-07") != HostKeyAlias(again, "pump-07") {
		t.Error("the demo's host keys change their names with its ports")
	}
}

func FuzzHost(f *testing.F) {
	for _, seed := range []string{"pump-07", "-x", "a:b", "", "ü", "a b\nProxyCommand evil", "*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, thing string) {
		for _, name := range []string{Host(thing), HostKeyAlias(testContext, thing)} {
			if name == "" || name[0] == '-' || strings.ContainsAny(name, ": \t\r\n\"'*?!,%$@/\\") {
				t.Errorf("%q becomes %q", thing, name)
			}
		}
	})
}

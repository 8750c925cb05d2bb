package cli

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"adit/tunnelconn"
)

const (
	aToken       = "AQGAAXhcanary-access-token-0123456789"
	aClientToken = "6f6b1d7c-0000-4000-8000-00000000cafe"
)

// writing is what somebody wrote for adit proxy, in all its places.
type writing struct {
	args   string
	config string
	env    map[string]string
	stdin  string
}

// read takes the options as the command does.
func (w writing) read(t *testing.T) (*proxyOptions, *proxyPlan, error) {
	t.Helper()
	o := &proxyOptions{}
	flags := pflag.NewFlagSet("proxy", pflag.ContinueOnError)
	o.register(flags)
	args := strings.Fields(w.args)
	if w.config != "" {
		path := filepath.Join(t.TempDir(), "proxy.ini")
		if err := os.WriteFile(path, []byte(w.config), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	if err := flags.Parse(args); err != nil {
		return o, nil, proxyFlagError(nil, err)
	}
	env := environment{
		func(name string) string { return w.env[name] },
		func(name string) error { delete(w.env, name); return nil },
	}
	if err := o.gather(flags, env); err != nil {
		return o, nil, err
	}
	plan, err := o.plan(context.Background(), strings.NewReader(w.stdin), env)
	return o, plan, err
}

func TestEachSideComesFromItsOptions(t *testing.T) {
	const rest = " -r eu-west-1 -t " + aToken
	for args, want := range map[string]struct {
		role      tunnelconn.Role
		listeners []tunnelconn.Listener
		targets   map[string]string
		exposed   string
	}{
		"-s 5555":                       {listeners: []tunnelconn.Listener{{Address: "127.0.0.1:5555"}}},
		"-s 0":                          {listeners: []tunnelconn.Listener{{Address: "127.0.0.1:0"}}},
		"-m src":                        {listeners: []tunnelconn.Listener{{Address: "127.0.0.1:0"}}},
		"-m source -s 7":                {listeners: []tunnelconn.Listener{{Address: "127.0.0.1:7"}}},
		"-s SSH=5555,HTTP=0":            {listeners: []tunnelconn.Listener{{Service: "SSH", Address: "127.0.0.1:5555"}, {Service: "HTTP", Address: "127.0.0.1:0"}}},
		"-s 5555 -b localhost":          {listeners: []tunnelconn.Listener{{Address: "localhost:5555"}}},
		"-s 5555 -b ::1":                {listeners: []tunnelconn.Listener{{Address: "[::1]:5555"}}},
		"-s 5555 -b 0.0.0.0":            {listeners: []tunnelconn.Listener{{Address: "0.0.0.0:5555"}}, exposed: "0.0.0.0"},
		"-s 5555 -b [::]":               {listeners: []tunnelconn.Listener{{Address: "[::]:5555"}}, exposed: "::"},
		"-s 5555 -b bastion":            {listeners: []tunnelconn.Listener{{Address: "bastion:5555"}}, exposed: "bastion"},
		"-d 22":                         {role: tunnelconn.RoleDestination, targets: map[string]string{"": "127.0.0.1:22"}},
		"--mode dst -d 22 -b 10.0.0.7":  {role: tunnelconn.RoleDestination, targets: map[string]string{"": "10.0.0.7:22"}},
		"-d web:80":                     {role: tunnelconn.RoleDestination, targets: map[string]string{"": "web:80"}},
		"-d /run/a=b,c.sock":            {role: tunnelconn.RoleDestination, targets: map[string]string{"": "/run/a=b,c.sock"}},
		"-d SSH=22,A:B=[::1]:8080":      {role: tunnelconn.RoleDestination, targets: map[string]string{"SSH": "127.0.0.1:22", "A:B": "[::1]:8080"}},
		"-d X=/run/x.sock,SSH=web:0022": {role: tunnelconn.RoleDestination, targets: map[string]string{"X": "/run/x.sock", "SSH": "web:22"}},
	} {
		_, plan, err := writing{args: args + rest}.read(t)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if plan.role != want.role || plan.exposed != want.exposed ||
			!reflect.DeepEqual(plan.listeners, want.listeners) || !reflect.DeepEqual(plan.targets, want.targets) {
			t.Errorf("%s: %v %v %v %q, want %+v", args, plan.role, plan.listeners, plan.targets, plan.exposed, want)
		}
	}
}

func TestTheEndpointIsTheRegionsOrTheGivenOne(t *testing.T) {
	for args, want := range map[string]string{
		"-r eu-west-1":              "data.tunneling.iot.eu-west-1.amazonaws.com",
		"--region=cn-north-1":       "data.tunneling.iot.cn-north-1.amazonaws.com.cn",
		"-e Data.Example.com":       "data.example.com",
		"-e 127.0.0.1:8443":         "127.0.0.1:8443",
		"-e wss://data.example.com": "data.example.com",
	} {
		_, plan, err := writing{args: "-s 1 -t " + aToken + " " + args}.read(t)
		if err != nil || plan.link.Endpoint != want {
			t.Errorf("%s: %v, %v; want %s", args, plan, err, want)
		}
	}
}

func TestTheCommandLineCountsBeforeTheFileAndTheFileBeforeTheEnvironment(t *testing.T) {
	all := func() map[string]string {
		return map[string]string{
			"AWSIOT_TUNNEL_ACCESS_TOKEN": "environment", "AWSIOT_TUNNEL_CLIENT_TOKEN": strings.Repeat("e", 32), "AWSIOT_TUNNEL_REGION": "eu-north-1",
		}
	}
	file := "# of the device\naccess-token = file # with a comment\nclient-token = " + strings.Repeat("f", 32) + "\nregion=eu-south-1\nsource-listen-port = 2\nverbose = 2\ndestination-client-type=v1\n"
	line := "-t line -i " + strings.Repeat("a", 32) + " -r eu-central-1 -s 1 -v 0 -y V2"
	for name, c := range map[string]struct {
		writing
		access, client, region, port string
		verbose                      uint8
		version                      tunnelconn.Version
	}{
		"environment":             {writing{args: "-s 9", env: all()}, "environment", "e", "eu-north-1", "9", 4, tunnelconn.Auto},
		"file and environment":    {writing{config: file, env: all()}, "file", "f", "eu-south-1", "2", 2, tunnelconn.V1},
		"all three":               {writing{args: line, config: file, env: all()}, "line", "a", "eu-central-1", "1", 0, tunnelconn.V2},
		"token file before file":  {writing{args: "--token-file -", stdin: "input\r\nmore\n", config: file}, "input", "f", "eu-south-1", "2", 2, tunnelconn.V1},
		"file's own token file":   {writing{stdin: "input", config: "token-file = -\nregion=eu-south-1\nsource-listen-port=2\n", env: all()}, "input", "e", "eu-south-1", "2", 4, tunnelconn.Auto},
		"line's token before all": {writing{args: "-t line", config: "token-file = /no/such\nregion=eu-south-1\nmode=src\nsource-listen-port=2\n"}, "line", "", "eu-south-1", "2", 4, tunnelconn.Auto},
	} {
		o, plan, err := c.read(t)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := plan.link.AccessToken.Reveal(); got != c.access {
			t.Errorf("%s: access token of the %s, want of the %s", name, got, c.access)
		}
		if got := plan.link.ClientToken.Reveal(); got != strings.Repeat(c.client, 32) {
			t.Errorf("%s: client token %s, want %s…", name, got, c.client)
		}
		if o.region != c.region || o.listen != c.port || o.verbose != c.verbose || plan.link.Version != c.version {
			t.Errorf("%s: %s %s %d %v, want %+v", name, o.region, o.listen, o.verbose, plan.link.Version, c)
		}
	}
}

func TestTheEnvironmentForgetsTheTokens(t *testing.T) {
	env := map[string]string{
		"AWSIOT_TUNNEL_ACCESS_TOKEN": aToken, "AWSIOT_TUNNEL_CLIENT_TOKEN": aClientToken,
		"AWSIOT_TUNNEL_ENDPOINT": "127.0.0.1:1", "AWSIOT_TUNNEL_REGION": "", "PATH": "/bin",
	}
	if _, _, err := (writing{args: "-d 22 -t " + aToken, env: env}).read(t); err != nil {
		t.Fatal(err)
	}
	if len(env) != 1 || env["PATH"] == "" {
		t.Errorf("left in the environment: %v", env)
	}
}

func TestAMistakeIsASentenceWithExitCodeTwo(t *testing.T) {
	const good = "-s 5555 -r eu-west-1 -t " + aToken
	stray := strings.Repeat("Zq8", 40)
	for name, c := range map[string]struct {
		writing
		says string
	}{
		"no side":                   {writing{args: "-r eu-west-1 -t x"}, "which side"},
		"both sides":                {writing{args: good + " -d 22"}, "exclude each other"},
		"both sides, two places":    {writing{args: good, config: "destination-app = 22"}, "line 1 of "},
		"mode against side":         {writing{args: good + " -m dst"}, "contradicts"},
		"unknown mode":              {writing{args: good + " -m both"}, `"both"`},
		"destination without app":   {writing{args: "-m destination -r eu-west-1 -t x"}, "needs -d"},
		"no place":                  {writing{args: "-s 1 -t x"}, "-r REGION"},
		"region and endpoint":       {writing{args: good + " -e example.com"}, "exclude each other"},
		"region, endpoint of env":   {writing{args: good, env: map[string]string{"AWSIOT_TUNNEL_ENDPOINT": "h"}}, "-e (AWSIOT_TUNNEL_ENDPOINT)"},
		"no region":                 {writing{args: "-s 1 -t x -r eu_west"}, `"eu_west"`},
		"region without endpoint":   {writing{args: "-s 1 -t x -r us-iso-east-1"}, "give the endpoint with -e"},
		"no endpoint":               {writing{args: "-s 1 -t x -e http://x/y"}, "host:port"},
		"long endpoint":             {writing{args: "-s 1 -t x -e " + strings.Repeat("a", 254)}, "longer"},
		"no token":                  {writing{args: "-s 1 -r eu-west-1"}, "no access token"},
		"two tokens":                {writing{args: good + " --token-file f"}, "leave one out"},
		"two tokens in a file":      {writing{args: "-s 1", config: "token-file=f\naccess-token=x"}, "leave one out"},
		"missing token file":        {writing{args: "-s 1 -r eu-west-1 --token-file /no/such"}, "/no/such"},
		"empty token input":         {writing{args: "-s 1 -r eu-west-1 --token-file -", stdin: "\n"}, "no token in its first line"},
		"client token":              {writing{args: good + " -i short"}, "32 to 128"},
		"shape":                     {writing{args: good + " -y V4"}, `"V4"`},
		"port":                      {writing{args: "-s 65536 -r eu-west-1 -t x"}, "65536"},
		"port twice":                {writing{args: "-s A=1,B=01 -r eu-west-1 -t x"}, "given twice"},
		"service twice":             {writing{args: "-s A=1,A=2 -r eu-west-1 -t x"}, "given twice"},
		"service without name":      {writing{args: "-s A=1,2 -r eu-west-1 -t x"}, "no service"},
		"service's name":            {writing{args: "-s A.B=1 -r eu-west-1 -t x"}, `"A.B"`},
		"application":               {writing{args: "-d host: -r eu-west-1 -t x"}, "not a port"},
		"application's port":        {writing{args: "-d 0 -r eu-west-1 -t x"}, "1 to 65535"},
		"bind":                      {writing{args: good + " -b a/b"}, "not an address"},
		"bind with a port":          {writing{args: good + " -b 127.0.0.1:80"}, "not an address"},
		"option twice":              {writing{args: good + " -s 6"}, "--source-listen-port is given twice"},
		"token twice":               {writing{args: good + " -t x"}, "--access-token is given twice"},
		"where to connect from":     {writing{args: "-d host:22 -b 10.0.0.7 -r eu-west-1 -t x"}, "bare ports"},
		"verification":              {writing{args: good + " -k"}, "-k is refused"},
		"verification in a file":    {writing{args: good, config: "no-ssl-host-verify = true"}, "-k is refused"},
		"configuration directory":   {writing{args: good + " --config-dir d"}, "--config-dir is not taken over"},
		"settings":                  {writing{args: good + " --settings-json f"}, "not taken over"},
		"log format":                {writing{args: good + " --log-format xml"}, `"xml"`},
		"status":                    {writing{args: good + " --status=xml"}, `"xml"`},
		"time":                      {writing{args: good + " --give-up-after soon"}, "10m"},
		"negative time":             {writing{args: good + " --give-up-after -1s"}, "negative"},
		"verbosity":                 {writing{args: good + " -v 256"}, "0 to 255"},
		"verbosity in a file":       {writing{args: good, config: "verbose = " + stray}, "0 to 255"},
		"unknown option":            {writing{args: good + " --colour"}, "--colour"},
		"unknown long option":       {writing{args: good + " --" + stray}, "no option"},
		"unknown letter":            {writing{args: good + " -x" + stray}, "-x"},
		"option without value":      {writing{args: good + " -b"}, "--local-bind-address needs a value"},
		"odd option":                {writing{args: good + " --=" + stray}, "--name VALUE"},
		"unknown option in a file":  {writing{args: good, config: "colour = x"}, "no option colour"},
		"file in a file":            {writing{args: good, config: "config = x"}, "command line only"},
		"missing file":              {writing{args: good + " --config /no/such"}, "/no/such"},
		"missing authority":         {writing{args: good + " --ca /no/such"}, "/no/such"},
		"missing authorities":       {writing{args: good + " -c /no/such"}, "/no/such"},
		"a token where a port goes": {writing{args: "-r eu-west-1 -s " + stray}, "120 characters"},
	} {
		_, _, err := c.read(t)
		var status *exitStatus
		if !errors.As(err, &status) || status.code != exitUsage || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want a usage error with %q", name, err, c.says)
			continue
		}
		if strings.Contains(err.Error(), stray[:30]) || strings.Contains(err.Error(), aToken) {
			t.Errorf("%s: the error repeats what may be a token: %v", name, err)
		}
	}
}

func TestASwitchForVerificationThatIsOffIsNoMistake(t *testing.T) {
	if _, _, err := (writing{args: "-s 1 -r eu-west-1 -t x", config: "no-ssl-host-verify = false"}).read(t); err != nil {
		t.Error(err)
	}
}

func TestWhatIsDangerousIsSaid(t *testing.T) {
	readable := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(readable, []byte(aToken), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(readable, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		writing
		says string
	}{
		"token in argv":        {writing{args: "-s 1 -r eu-west-1 -t " + aToken}, "every user of this machine"},
		"client token in argv": {writing{args: "-s 1 -r eu-west-1 --token-file - -i " + aClientToken, stdin: aToken}, "the client-token stands on the command line"},
		"token file":           {writing{args: "-s 1 -r eu-west-1 --token-file " + readable}, "chmod 600"},
		"stranger":             {writing{args: "-s 1 -e example.com:443 --token-file -", stdin: aToken}, "not AWS"},
		"stray authority":      {writing{args: "-s 1 -r eu-west-1 --token-file -", stdin: aToken, env: map[string]string{"ADIT_CA": "/no/such"}}, "ADIT_CA"},
		"nothing":              {writing{args: "-s 1 -e Data.tunneling.iot.eu-west-1.amazonaws.com:443 --token-file -", stdin: aToken}, ""},
	} {
		o, _, err := c.read(t)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		all := strings.Join(o.notes, "\n")
		if !strings.Contains(all, c.says) || (c.says == "") != (all == "") {
			t.Errorf("%s: warnings %q, want %q", name, all, c.says)
		}
		if strings.Contains(all, aToken) || strings.Contains(all, aClientToken) {
			t.Errorf("%s: a warning repeats a token", name)
		}
	}
}

func TestADirectoryOfAuthoritiesIsTrusted(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	dir := t.TempDir()
	args := "-s 1 -e 127.0.0.1:1 -t x -c " + dir
	if err := os.WriteFile(filepath.Join(dir, "README"), []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (writing{args: args}).read(t); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("a directory without certificates: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "0a1b2c3d.0")); err != nil {
		t.Fatal(err)
	}
	_, plan, err := writing{args: args}.read(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifies(plan, server); err != nil {
		t.Errorf("the authority is not trusted: %v", err)
	}
	_, plan, err = writing{args: "-s 1 -e 127.0.0.1:1 -t x", env: map[string]string{"ADIT_CA": filepath.Join(dir, "ca.pem")}}.read(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := verifies(plan, server); err != nil {
		t.Errorf("the authority of ADIT_CA is not trusted: %v", err)
	}
}

// TestTheUnitInTheDocsIsOneThatRuns holds the example to the options and exit codes that there are.
func TestTheUnitInTheDocsIsOneThatRuns(t *testing.T) {
	unit, err := os.ReadFile("../docs/adit-proxy.service")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(unit), "\nExecStart=/usr/local/bin/adit proxy ")
	command, _, _ := strings.Cut(rest, "\n")
	dir := t.TempDir()
	options := "source-listen-port = 5555\nregion = eu-west-1\nclient-token = " + aClientToken + "\n"
	for name, content := range map[string]string{"token": aToken + "\n", "proxy.ini": options} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, plan, err := writing{args: strings.ReplaceAll(command, "%d", dir)}.read(t)
	if !found || err != nil || plan.link.AccessToken.Reveal() != aToken {
		t.Errorf("the unit's command %q: %v", command, err)
	}
	hopeless := fmt.Sprintf("RestartPreventExitStatus=%d %d %d %d %d\n", exitUsage, exitRefused, exitReplaced, exitOver, exitBarred)
	if !strings.Contains(string(unit), hopeless) {
		t.Errorf("the unit has no line %s", hopeless)
	}
}

// TestTheReadmeExplainsTheExitCodesOfTheHelp holds both to the same words.
func TestTheReadmeExplainsTheExitCodesOfTheHelp(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, codes, _ := strings.Cut(proxyHelp, "Exit codes:\n")
	count := 0
	for line := range strings.Lines(codes) {
		code, says, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if plain := strings.ReplaceAll(string(readme), "`", ""); !strings.Contains(plain, "| "+code+" | "+says) {
			t.Errorf("README.md does not say that %s means %q", code, says)
		}
		count++
	}
	if count != exitBarred+1 {
		t.Errorf("the help explains %d exit codes, want %d", count, exitBarred+1)
	}
}

package views

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"adit/client"
	"adit/client/clienttest"
	"adit/session"
)

// atlas is a desk whose screen can go to other profiles and regions. Each place has a service of its own.
type atlas struct {
	*desk
	watcher   *client.Watcher
	services  map[Place]*clienttest.Service
	lasting   map[Place]*client.Lasting
	failing   map[Place]error
	opened    [][]Place
	logins    [][]string
	noCLI     bool
	questions chan Question
}

var (
	prodWest = Place{"prod", "eu-west-1"}
	prodEast = Place{"prod", "us-east-1"}
	devWest  = Place{"dev", "eu-west-1"}
)

func onAtlas(t *testing.T, width, height int, test func(a *atlas)) {
	t.Helper()
	onDeskOf(t, width, height, prod, func(d *desk) {
		a := &atlas{
			desk: d, services: map[Place]*clienttest.Service{}, lasting: map[Place]*client.Lasting{}, failing: map[Place]error{}, questions: make(chan Question),
			watcher: client.NewWatcher(nil, client.WatcherOptions{PageSize: 20, Pages: 1, Rate: 100, Burst: 100}),
		}
		d.sessions.watcher = a.watcher
		a.put(prodWest, client.Context{Profile: "prod", Account: "123456789012", Region: "eu-west-1", Production: true}, "west-pump")
		a.put(prodEast, client.Context{Profile: "prod", Account: "123456789012", Region: "us-east-1", Production: true}, "east-pump")
		a.put(devWest, client.Context{Profile: "dev", Account: "210987654321", Region: "eu-west-1"}, "dev-pump")
		a.put(Place{"dev", "us-east-1"}, client.Context{Profile: "dev", Account: "210987654321", Region: "us-east-1"}, "far-pump")
		d.app.opts.Contexts = &Contexts{
			Open: a.open, Questions: a.questions,
			Profiles: func() ([]client.Profile, error) {
				return []client.Profile{{Name: "prod", Region: "eu-west-1", Login: "SSO"}, {Name: "dev", Region: "eu-west-1", Login: "keys"}}, nil
			},
			Production: func(profile string) bool { return profile == "prod" },
			Login: func(words []string) Login {
				if a.noCLI {
					return Login{Note: "The AWS CLI (aws) is not installed here, so adit cannot run this."}
				}
				return Login{Run: noted{func() { a.logins = append(a.logins, words) }}}
			},
		}
		d.app.opts.Connect = func(ctx context.Context) (*Backend, error) { return a.open(ctx, []Place{prodWest}) }
		d.app.exec = func(command tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
			return func() tea.Msg { d.shells++; return done(command.Run()) }
		}
		go func() { _ = a.watcher.Run(d.app.ctx) }()
		test(a)
	})
}

// noted is a login that takes no time.
type noted struct{ ran func() }

func (n noted) Run() error        { n.ran(); return nil }
func (noted) SetStdin(io.Reader)  {}
func (noted) SetStdout(io.Writer) {}
func (noted) SetStderr(io.Writer) {}

func (a *atlas) put(place Place, where client.Context, thing string) {
	s := clienttest.New(where)
	s.Put(client.Tunnel{Key: client.Key{ID: thing + "-0001"}, Thing: client.Text(thing), CreatedAt: time.Now().Add(-time.Hour),
		Lifetime: 12 * time.Hour, Services: []client.Text{"SSH"}, Destination: client.Side{Connected: true, Since: time.Now().Add(-time.Minute)}})
	a.services[place], a.lasting[place] = s, client.NewLasting(s)
}

func (a *atlas) open(_ context.Context, places []Place) (*Backend, error) {
	a.opened = append(a.opened, places)
	b := &Backend{Watcher: a.watcher, Places: places}
	for _, place := range places {
		if a.lasting[place] == nil {
			return nil, fmt.Errorf("no test knows the place %q", place)
		}
		if err := a.failing[place]; err != nil {
			b.Failed = append(b.Failed, Failed{place, err})
			continue
		}
		b.Services = append(b.Services, a.lasting[place])
	}
	if len(b.Services) == 0 {
		return nil, b.Failed[0].Err
	}
	a.watcher.Add(b.Services...)
	return b, nil
}

// goTo chooses profiles and regions as a person does: the names of the entries, with a + for those
// that are marked and not only moved to.
func (a *atlas) goTo(profiles, regions []string) {
	a.t.Helper()
	a.press("c")
	for _, step := range [][]string{profiles, regions} {
		for _, name := range step {
			name, marks := strings.CutPrefix(name, "+")
			a.press("ctrl+u")
			a.write(name)
			if marks {
				a.press("space")
			}
		}
		a.press("enter")
	}
	a.pass(3 * time.Second)
}

func expired(place Place) *client.Error {
	return &client.Error{Kind: client.KindExpired, Context: client.Context{Profile: place.Profile, Region: place.Region},
		Message: "The AWS login of profile " + place.Profile + " has expired", Remedy: "Log in again:",
		Command: "aws sso login --profile " + place.Profile, Login: []string{"sso", "login", "--profile", place.Profile}}
}

func TestSeveralRegionsStandInOneTableAndEachIsAskedForItself(t *testing.T) {
	onAtlas(t, 160, 30, func(a *atlas) {
		a.connect()
		a.seesNot("REGION", "PROFILE ")
		a.goTo([]string{"prod"}, []string{"+us-east-1"})
		a.sees("REGION", "west-pump", "east-pump", "eu-west-1, us-east-1", "2 open", "PRODUCTION prod ▸ 1234-5678-9012")
		a.seesNot("PROFILE ")
		a.choose("east-pump")
		a.press("x")
		a.sees("Close the tunnel to east-pump (tunnel east-pum, us-east-1)?", "PRODUCTION: prod 1234-5678-9012 us-east-1")
		a.press("y")
		a.sees("The tunnel to east-pump is closed.")
		if west, east := len(a.services[prodWest].Calls("CloseTunnel")), len(a.services[prodEast].Calls("CloseTunnel")); west != 0 || east != 1 {
			t.Errorf("%d closes in the west, %d in the east", west, east)
		}
		a.goTo([]string{"+prod", "+dev"}, []string{"ownreg"})
		a.sees("PROFILE", "west-pump", "dev-pump")
		a.seesNot("REGION")
		if len(a.services[devWest].Calls("ListTunnels")) == 0 {
			t.Error("the new context was not listed")
		}
	})
}

func TestARegionThatFailsSaysSoAndLeavesTheOthers(t *testing.T) {
	onAtlas(t, 160, 30, func(a *atlas) {
		denied := &client.Error{Kind: client.KindDenied, Operation: "ListTunnels", Context: a.services[prodEast].Context()}
		a.services[prodEast].FailAlways("ListTunnels", denied)
		a.failing[devWest] = &client.Error{Kind: client.KindNoCredentials, Message: "No AWS credentials were found"}
		a.connect()
		a.goTo([]string{"+prod", "+dev"}, []string{"+eu-west-1", "+us-east-1", "+ownreg"})
		a.sees("west-pump", "us-east-1: denied since 10:41. You may not iot:ListTunnels on the tunnels in us-east-1 (profile prod).",
			"profile dev in eu-west-1 is not shown: No AWS credentials were found. L log in", "1 of 3 denied")
		a.services[prodEast].FailAlways("ListTunnels", nil)
		a.failing[devWest] = nil
		a.press("R")
		a.pass(3 * time.Second)
		a.sees("west-pump", "east-pump", "dev-pump", "Logged in.")
		a.seesNot("denied", "not shown")
	})
}

func TestLoginThatExpiresIsRenewedInPlaceAndNothingIsLost(t *testing.T) {
	onAtlas(t, 160, 30, func(a *atlas) {
		a.connect()
		a.choose("west-pump")
		a.press("space")
		a.sessions.proxies = []session.Proxy{a.proxy("west-pump")}
		west := a.services[prodWest]
		for _, operation := range []string{"ListTunnels", "DescribeTunnel"} {
			west.FailAlways(operation, expired(prodWest))
		}
		a.pass(30 * time.Second)
		a.sees("Your AWS login expired at 10:41. Shells and proxies keep running; lists are as of then. L log in", "login expired, as of", "west-pump", "● you")
		calls := len(west.Calls("DescribeTunnel"))
		a.pass(5 * time.Minute)
		if n := len(west.Calls("DescribeTunnel")) - calls; n != 0 {
			t.Errorf("%d tunnels were described without a login", n)
		}
		epoch := a.app.connection.epoch
		west.FailAlways("ListTunnels", nil)
		west.FailAlways("DescribeTunnel", nil)
		a.press("L")
		a.pass(2 * time.Second)
		if len(a.logins) != 1 || strings.Join(a.logins[0], " ") != "sso login --profile prod" {
			t.Fatalf("logged in by %q", a.logins)
		}
		a.sees("Logged in.", "west-pump", "● you")
		a.seesNot("expired")
		if marked := a.app.tunnels.table.Marked(); len(marked) != 1 || a.app.connection.epoch != epoch || a.shells != 1 {
			t.Errorf("%d marks are left, epoch %d after %d", len(marked), a.app.connection.epoch, epoch)
		}
		a.press("L")
		a.sees("No login has expired here.")
	})
}

func TestWhatIsDeniedIsDisabledAloneAndInItsContextAlone(t *testing.T) {
	onAtlas(t, 160, 30, func(a *atlas) {
		a.connect()
		a.goTo([]string{"prod"}, []string{"+us-east-1"})
		west := a.services[prodWest]
		west.FailAlways("ListTagsForResource", &client.Error{Kind: client.KindDenied, Operation: "ListTagsForResource", Object: `tunnel "west"`, Context: west.Context()})
		a.choose("west-pump")
		a.press("t")
		a.sees("You may not iot:ListTagsForResource")
		a.press("t")
		a.sees("You may not iot:ListTagsForResource on tunnel \"west\" in eu-west-1 (profile prod). R has it tried again.")
		if n := len(west.Calls("ListTagsForResource")); n != 1 {
			t.Errorf("it was asked %d times", n)
		}
		a.press("x")
		a.sees("Close the tunnel")
		a.press("esc")
		a.choose("east-pump")
		a.press("t")
		a.sees("Tags of east-pump")
		a.press("esc")
		a.choose("west-pump")
		west.FailAlways("ListTagsForResource", nil)
		a.press("R", "t")
		a.sees("Tags of west-pump")
	})
}

func TestLeavingAContextLeavesItsProxiesRunning(t *testing.T) {
	onAtlas(t, 120, 30, func(a *atlas) {
		a.connect()
		a.sessions.proxies = []session.Proxy{a.proxy("west-pump")}
		tunnel := a.sessions.proxies[0].Tunnel
		a.goTo([]string{"dev"}, []string{"ownreg"})
		a.sees("dev-pump", "dev ▸ 2109-8765-4321 ▸ eu-west-1")
		a.seesNot("west-pump", "PRODUCTION")
		a.press("2")
		a.sees("west-pump", "127.0.0.1:5555")
		a.press("enter")
		if req := a.sessions.lastReq(); req.Key != tunnel || req.Service.Context().Profile != "prod" {
			t.Errorf("a shell through it asks for %v as %q", req.Key, req.Service.Context().Profile)
		}
		a.press("esc", "q")
		a.sees("Quitting stops these local proxies:", "west-pump")
		a.press("n")
		before := len(a.services[prodWest].Calls("DescribeTunnel"))
		a.pass(time.Minute)
		if len(a.services[prodWest].Calls("DescribeTunnel")) == before {
			t.Error("the proxy's tunnel is looked at no more")
		}
	})
}

func TestContextThatFailsCanBeLeftForTheOneBefore(t *testing.T) {
	onAtlas(t, 100, 30, func(a *atlas) {
		a.failing[devWest] = expired(devWest)
		a.connect()
		a.choose("west-pump")
		a.goTo([]string{"dev"}, []string{"ownreg"})
		a.sees("tried: profile dev in eu-west-1", "The AWS login of profile dev has expired.", "$ aws sso login --profile dev", "r try again", "L log in",
			"Shells and local proxies keep running; esc goes back to prod 1234-5678-9012 eu-west-1.")
		a.seesNot("d demo")
		a.press("r")
		a.sees("has expired")
		if a.press("esc"); a.app.trial != nil {
			t.Error("the trial goes on")
		}
		a.sees("west-pump", "prod ▸ 1234-5678-9012 ▸ eu-west-1")
		a.goTo([]string{"dev"}, []string{"ownreg"})
		a.failing[devWest] = nil
		a.press("L")
		a.pass(3 * time.Second)
		a.sees("dev-pump")
		if len(a.logins) != 1 || len(a.opened) != 5 {
			t.Errorf("%d logins, %d tries", len(a.logins), len(a.opened))
		}
	})
}

func TestLoginThatTakesLongCanBeGivenUp(t *testing.T) {
	onAtlas(t, 80, 24, func(a *atlas) {
		a.app.opts.Connect = func(ctx context.Context) (*Backend, error) {
			<-ctx.Done()
			return nil, &client.Error{Kind: client.KindCancelled, Message: "The login was given up", Err: ctx.Err()}
		}
		a.do(a.app.Init())
		a.sees("connecting: profile prod, region eu-west-1", "esc back", "d demo", "c contexts…")
		a.press("esc")
		a.sees("The login was given up.", "r try again")
		a.goTo([]string{"dev"}, []string{"ownreg"})
		a.sees("dev-pump")
	})
}

func TestMFACodeIsAskedForInFrontOfTheScreen(t *testing.T) {
	onAtlas(t, 80, 24, func(a *atlas) {
		codes := make(chan string, 9)
		a.app.opts.Connect = func(ctx context.Context) (*Backend, error) {
			reply := make(chan string, 1)
			a.questions <- Question{Serial: "arn:aws:iam::1:mfa/me", Answer: func(code string, given bool) {
				select {
				case reply <- fmt.Sprint(code, " ", given):
				default:
				}
			}}
			select {
			case code := <-reply:
				codes <- code
			case <-ctx.Done():
			}
			if len(codes) > 1 {
				return a.open(ctx, []Place{prodWest})
			}
			return nil, &client.Error{Kind: client.KindCancelled, Message: "The login was given up", Err: errors.New("no code")}
		}
		a.do(a.app.Init())
		a.sees("MFA code", "of arn:aws:iam::1:mfa/me")
		a.press("esc")
		a.sees("The login was given up.")
		a.press("r")
		a.write("98") // what was being typed when the question came up
		a.pass(time.Second)
		a.write("12345")
		a.press("enter")
		a.sees("Give the six digits.")
		a.write("6")
		a.press("ctrl+s")
		a.pass(3 * time.Second)
		a.sees("west-pump")
		if first, second := <-codes, <-codes; first != " false" || second != "123456 true" {
			t.Errorf("answered %q and %q", first, second)
		}
	})
}

// What is no AWS must be told from it wherever something is at stake, whatever account it claims.
func TestForeignEndpointsAreMarkedWhereverSomethingIsAtStake(t *testing.T) {
	onAtlas(t, 160, 30, func(a *atlas) {
		a.put(devWest, client.Context{Profile: "dev", Account: "123456789012", Region: "eu-west-1", Endpoint: "http://127.0.0.1:4566", EndpointFrom: "AWS_ENDPOINT_URL"}, "fake-pump")
		a.connect()
		a.goTo([]string{"dev"}, []string{"ownreg"})
		a.sees("NOT AWS 127.0.0.1:4566 (from AWS_ENDPOINT_URL) ▸ eu-west-1")
		a.seesNot("1234-5678-9012")
		a.press("x")
		a.sees("This is not AWS: AWS_ENDPOINT_URL points to http://127.0.0.1:4566.")
		a.press("esc", "o")
		a.sees("This is not AWS")
		a.press("esc")
		a.goTo([]string{"+prod", "+dev"}, []string{"ownreg"})
		a.press("g")
		for _, thing := range []string{"west-pump", "fake-pump"} {
			a.choose(thing)
			a.press("x")
			a.sees(map[string]string{"west-pump": "PRODUCTION: prod 1234-5678-9012 eu-west-1", "fake-pump": "This is not AWS"}[thing])
			a.press("esc")
		}
	})
}

// TestCredentialScreensLookAsTheyShould holds one picture of each way in which there is no login.
func TestCredentialScreensLookAsTheyShould(t *testing.T) {
	var pictures strings.Builder
	failures := []struct {
		name  string
		noCLI bool
		err   *client.Error
	}{
		{"SSO has expired", false, expired(prodWest)},
		{"SSO has expired, and no AWS CLI", true, expired(prodWest)},
		{"aws login", false, &client.Error{Kind: client.KindExpired, Message: "You are not logged in with profile prod", Remedy: "Log in again:",
			Command: "aws login --profile prod", Login: []string{"login", "--profile", "prod"}}},
		{"credential_process", false, &client.Error{Kind: client.KindNoCredentials, Message: "The credential_process of profile prod failed",
			Remedy: "Run it by hand to see why; some want a terminal. This runs it:", Command: "aws sts get-caller-identity --profile prod"}},
		{"no credentials", false, &client.Error{Kind: client.KindNoCredentials, Message: "No AWS credentials were found",
			Remedy: "Choose a profile with --profile or AWS_PROFILE, or set one up:", Command: "aws configure sso"}},
		{"offline", false, &client.Error{Kind: client.KindOffline, Message: "The AWS login could not be reached: no answer in time",
			Remedy: "Check the network, VPN and proxy, then connect again."}},
		{"unknown profile", false, &client.Error{Kind: client.KindConfig, Message: `There is no profile "nosuch" in the AWS configuration`,
			Remedy: "Choose one of these with --profile or AWS_PROFILE:", Command: "aws configure list-profiles"}},
	}
	for _, size := range [][2]int{{40, 10}, {80, 24}} {
		for _, f := range failures {
			onAtlas(t, size[0], size[1], func(a *atlas) {
				a.noCLI = f.noCLI
				a.failing[prodWest] = f.err
				a.do(a.app.Init())
				picture(&pictures, fmt.Sprintf("%s, %dx%d", f.name, size[0], size[1]), a.screen())
			})
		}
		onAtlas(t, size[0], size[1], func(a *atlas) {
			a.app.opts.Connect = func(ctx context.Context) (*Backend, error) {
				a.questions <- Question{Serial: "arn:aws:iam::123456789012:mfa/alice", Answer: func(string, bool) {}}
				<-ctx.Done()
				return nil, ctx.Err()
			}
			a.do(a.app.Init())
			picture(&pictures, fmt.Sprintf("MFA, %dx%d", size[0], size[1]), a.screen())
		})
	}
	compare(t, "credentials", pictures.String())
}

func TestContextScreensLookAsTheyShould(t *testing.T) {
	var pictures strings.Builder
	for _, size := range [][2]int{{40, 10}, {60, 15}, {80, 24}, {100, 30}, {160, 50}} {
		for _, scene := range []struct {
			name string
			set  func(a *atlas)
		}{
			{"two regions", func(a *atlas) { a.goTo([]string{"prod"}, []string{"+us-east-1"}) }},
			{"a region that is offline", func(a *atlas) {
				a.services[prodEast].FailAlways("ListTunnels", a.services[prodEast].Failure("ListTunnels", client.KindOffline))
				a.goTo([]string{"prod"}, []string{"+us-east-1"})
			}},
			{"two profiles", func(a *atlas) { a.goTo([]string{"+prod", "+dev"}, []string{"ownreg"}) }},
			{"an expired login", func(a *atlas) {
				a.services[prodWest].FailAlways("ListTunnels", expired(prodWest))
				a.pass(10 * time.Second)
			}},
			{"profiles", func(a *atlas) { a.press("c") }},
			{"regions", func(a *atlas) { a.press("c", "enter", "space") }},
		} {
			onAtlas(t, size[0], size[1], func(a *atlas) {
				a.connect()
				scene.set(a)
				a.listedJustNow()
				picture(&pictures, fmt.Sprintf("%s, %dx%d", scene.name, size[0], size[1]), a.screen())
			})
		}
	}
	compare(t, "contexts", pictures.String())
}

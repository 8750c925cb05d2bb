package client

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestErrorsSayWhatHappenedWhereAndWhatToDo(t *testing.T) {
	where := Context{Profile: "prod", Region: "eu-west-1"}
	for _, c := range []struct {
		err  Error
		want string
	}{
		{Error{Kind: KindDenied, Operation: opOpen, Object: `thing "pump-07"`, Remedy: "Ask for iot:OpenTunnel."},
			`You may not iot:OpenTunnel on thing "pump-07" in eu-west-1 (profile prod). Ask for iot:OpenTunnel.`},
		{Error{Kind: KindThrottled, Operation: opList}, `Could not list the tunnels in eu-west-1: AWS asks for fewer requests a second.`},
		{Error{Kind: KindNotFound, Operation: opClose, Object: `tunnel "t1"`}, `Could not close tunnel "t1" in eu-west-1: it is not there.`},
		{Error{Kind: KindLimit, Operation: opOpen, Message: "too many.", Code: "LimitExceededException"},
			`Could not open a tunnel in eu-west-1: a limit of the account is reached: LimitExceededException, too many.`},
		{Error{Kind: KindReadOnly, Operation: opTag, Object: `tunnel "t1"`}, `adit is read-only and does not tag tunnel "t1" in eu-west-1.`},
		{Error{Kind: KindUnknown, Operation: opRotate, Object: `tunnel "t1"`, Code: "Odd", RequestID: "r1"},
			`Could not renew the access token of tunnel "t1" in eu-west-1: Odd, request r1.`},
		{Error{Kind: KindConfig, Message: "No AWS region is set", Remedy: "Name one:", Command: "aws configure"},
			`No AWS region is set. Name one: aws configure`},
	} {
		c.err.Context = where
		if got := c.err.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestKindOfFindsTheErrorInAChain(t *testing.T) {
	err := fmt.Errorf("attempt: %w", &Error{Kind: KindLimit})
	if KindOf(err) != KindLimit || KindOf(errors.New("other")) != KindUnknown || KindOf(nil) != KindUnknown {
		t.Errorf("KindOf(%v) = %d", err, KindOf(err))
	}
}

func TestDenialNamesTheMissingActionAndThePrefixThatDoesNotWork(t *testing.T) {
	s := newWire(t, func(w http.ResponseWriter, _ request) {
		reply(w, 403, `{"__type":"AccessDeniedException","Message":"User: arn:aws:iam::1:user/x is not authorized\u001b]0;owned\u0007"}`)
	})
	err := s.connect(t, nil).Close(t.Context(), "t1", true)
	for _, want := range []string{"iot:CloseTunnel", `tunnel "t1"`, "eu-west-1", "is not authorized", "iotsecuretunneling: do not work", "request req-1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if strings.ContainsAny(err.Error(), "\x1b\a") {
		t.Errorf("%q holds control characters", err)
	}
}

func TestReadOnlyRefusesEveryChangeWithoutAskingTheService(t *testing.T) {
	s := newWire(t, func(w http.ResponseWriter, _ request) { reply(w, 200, `{"tunnelSummaries":[]}`) })
	service := s.connect(t, func(o *ConnectOptions) { o.ReadOnly = true })
	ctx := t.Context()
	_, open := service.Open(ctx, OpenInput{})
	_, rotate := service.Rotate(ctx, RotateInput{ID: "t1", Mode: ModeSource})
	for name, err := range map[string]error{"open": open, "rotate": rotate, "close": service.Close(ctx, "t1", false),
		"tag": service.Tag(ctx, "arn", []Tag{{"a", "b"}}), "untag": service.Untag(ctx, "arn", []string{"a"})} {
		if KindOf(err) != KindReadOnly {
			t.Errorf("%s: %v, want read-only", name, err)
		}
	}
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	if _, err := service.List(ctx, ListInput{}); err != nil {
		t.Errorf("a read was refused: %v", err)
	}
}

func TestWrongInputIsRefusedBeforeItIsSent(t *testing.T) {
	s := newWire(t, func(w http.ResponseWriter, _ request) { reply(w, 200, `{}`) })
	service := s.connect(t, nil)
	ctx := t.Context()
	check := func(name string, err error) {
		t.Helper()
		if KindOf(err) != KindInvalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
	for name, in := range map[string]OpenInput{
		"thing": {Thing: "pump 07", Services: []string{"SSH"}}, "no service": {Thing: "pump-07"}, "service": {Services: []string{"ä"}},
		"description": {Description: "a\nb"}, "tags": {Tags: []Tag{{"", "v"}}}, "lifetime": {Lifetime: 13 * time.Hour},
	} {
		_, err := service.Open(ctx, in)
		check(name, err)
	}
	_, err := service.Describe(ctx, "")
	check("id", err)
	_, err = service.Rotate(ctx, RotateInput{ID: "t1", Mode: "source"})
	check("mode", err)
	_, err = service.List(ctx, ListInput{PageSize: 101})
	check("page size", err)
	if n := len(s.seen()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

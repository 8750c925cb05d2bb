package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// tunnel is adit from end to end: emulator, destination and source, each a process of its own.
type tunnel struct {
	path
	emulator, destination, source *process

	id, api, secret string
}

// ready is what is read of the line that adit emulate prints.
type ready struct {
	API, Data, CA string
	AdminSecret   string `json:"admin_secret"`
}

// openTunnel starts one. stop ends it.
func openTunnel(ctx context.Context, adit string, apps *applications) (_ *tunnel, err error) {
	t := &tunnel{path: path{name: "adit"}}
	defer func() {
		if err != nil {
			t.stop()
		}
	}()
	if t.emulator, err = launch(ctx, "adit emulate", "", true, adit, "emulate", "--things", "0", "--log-level", "error"); err != nil {
		return nil, err
	}
	out := bufio.NewReader(t.emulator.stdout)
	line, err := out.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("adit emulate printed no address: %w; it says: %s", err, t.emulator.stderr.String())
	}
	var r ready
	if err := json.Unmarshal(line, &r); err != nil {
		return nil, fmt.Errorf("the ready line of adit emulate: %w", err)
	}
	t.api, t.secret = r.API, r.AdminSecret
	tokens, err := t.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.listening(ctx); err != nil {
		return nil, err
	}
	proxy := func(role, token, option string, addresses map[string]string) (*process, error) {
		mapping := fmt.Sprintf("%s=%s,%s=%s", echo, portOf(addresses[echo]), bulk, portOf(addresses[bulk]))
		return launch(ctx, "adit proxy ("+role+")", token+"\n", false,
			adit, "proxy", option, mapping, "-e", r.Data, "--ca", r.CA, "--token-file", "-", "-v", "3")
	}
	if t.destination, err = proxy("destination", tokens.Destination, "-d", apps.addresses); err != nil {
		return nil, err
	}
	if t.source, err = proxy("source", tokens.Source, "-s", t.addresses); err != nil {
		return nil, err
	}
	return t, t.source.await(ctx, func() error { return t.answers(ctx) })
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address) // It came from a listener.
	return port
}

// opened is the answer of OpenTunnel.
type opened struct {
	ID          string `json:"tunnelId"`
	Source      string `json:"sourceAccessToken"`
	Destination string `json:"destinationAccessToken"`
}

// open opens a tunnel with both services.
func (t *tunnel) open(ctx context.Context) (opened, error) {
	body, err := json.Marshal(map[string]any{"destinationConfig": map[string]any{"services": []string{echo, bulk}}})
	if err != nil {
		return opened{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.api, bytes.NewReader(body))
	if err != nil {
		return opened{}, err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "IoTSecuredTunneling.OpenTunnel")
	var answer opened
	if err := exchange(r, &answer); err != nil {
		return opened{}, fmt.Errorf("open a tunnel: %w", err)
	}
	t.id = answer.ID
	return answer, nil
}

// cut drops the source's connection to the service, as a failing network does.
func (t *tunnel) cut(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, t.api+"/_adit/cut?side=source&tunnel="+t.id, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+t.secret)
	return exchange(r, nil)
}

func exchange(r *http.Request, answer any) error {
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode/100 != 2:
		return errors.New(response.Status + ": " + string(text))
	case answer == nil:
		return nil
	default:
		return json.Unmarshal(text, answer)
	}
}

func (t *tunnel) stop() {
	for _, p := range []*process{t.source, t.destination, t.emulator} {
		if p != nil {
			p.stop()
		}
	}
}

package token

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

func TestNoPrintedFormCarriesTheSecret(t *testing.T) {
	const secret = "canary-3f9c"
	type inner struct{ hidden Token }
	type outer struct {
		Open   Token
		inner  inner
		List   []Token
		Lookup map[string]Token
	}
	tok := New(secret)
	value := outer{tok, inner{tok}, []Token{tok}, map[string]Token{"k": tok}}

	var printed []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		printed = append(printed, fmt.Sprintf(verb, tok), fmt.Sprintf(verb, value), fmt.Sprintf(verb, &value))
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	log.Info("x", "token", tok, "value", value)
	log = slog.New(slog.NewTextHandler(&logged, nil))
	log.Info("x", "token", tok, "value", value)
	printed = append(printed, string(encoded), logged.String(), fmt.Errorf("wrapped: %w", fmt.Errorf("%v", tok)).Error())

	hex := fmt.Sprintf("%x", secret)
	for _, text := range printed {
		if strings.Contains(text, secret) || strings.Contains(strings.ToLower(text), hex) {
			t.Errorf("the secret shows in %q", text)
		}
	}
	if tok.Reveal() != secret {
		t.Errorf("Reveal() = %q, want the secret", tok.Reveal())
	}
}

func TestClientTokenKeepsTheGuidesForm(t *testing.T) {
	form := regexp.MustCompile(`^[a-zA-Z0-9-]{32,128}$`)
	first, second := NewClientToken(), NewClientToken()
	if !form.MatchString(first.Reveal()) {
		t.Errorf("client token %q does not match %s", first.Reveal(), form)
	}
	if first.Equal(second) {
		t.Error("two client tokens are the same")
	}
}

func TestZeroTokenIsEmptyEverywhere(t *testing.T) {
	var zero Token
	if !zero.IsZero() || !New("").IsZero() || zero.String() != "" || zero.Fingerprint() != "" {
		t.Errorf("zero token: IsZero %v, String %q", zero.IsZero(), zero.String())
	}
}

package client

import (
	"context"
	"testing"
)

func TestSeveralRegionsOfAProfileShareOneLogin(t *testing.T) {
	sts := identity(t, "123456789012")
	machine(t, "[profile base]\n"+keys+"[profile ops]\nregion = eu-west-1\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n",
		map[string]string{"AWS_ENDPOINT_URL_STS": sts.URL})
	asks := 0
	opts := ConnectOptions{Profile: "ops", EndpointURL: sts.URL, Production: true, ReadOnly: true,
		MFA: func(context.Context, string) (string, error) { asks++; return "123456", nil }}
	services, err := ConnectRegions(t.Context(), opts, "us-east-1", "ap-south-1")
	if err != nil || len(services) != 2 || asks != 1 {
		t.Fatalf("%d services, asked %d times: %v", len(services), asks, err)
	}
	for i, region := range []string{"us-east-1", "ap-south-1"} {
		want := Context{Profile: "ops", Account: "123456789012", Region: region, Endpoint: sts.URL, EndpointFrom: "--endpoint-url", Production: true, ReadOnly: true}
		if got := services[i].Context(); got != want {
			t.Errorf("context = %+v, want %+v", got, want)
		}
		if _, err := services[i].Open(t.Context(), OpenInput{}); KindOf(err) != KindReadOnly {
			t.Errorf("%s is not read-only: %v", region, err)
		}
	}
	if services, err = ConnectRegions(t.Context(), opts); err != nil || services[0].Context().Region != "eu-west-1" {
		t.Errorf("without a region: %v", err)
	}
	if services, err = ConnectRegions(t.Context(), opts, "", "us-east-1"); err != nil || services[0].Context().Region != "eu-west-1" || len(services) != 2 {
		t.Errorf("with its own region and another: %v, %v", services, err)
	}
	opts.MFA = func(context.Context, string) (string, error) { return "", ErrNoCode }
	if _, err = ConnectRegions(t.Context(), opts); KindOf(err) != KindCancelled {
		t.Errorf("without a code: %v", err)
	}
	if _, err = ConnectRegions(t.Context(), opts, "us-east-1", "evil.example/"); KindOf(err) != KindConfig {
		t.Errorf("with a region that is none: %v", err)
	}
}

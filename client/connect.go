package client

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/iotsecuretunneling"
	"github.com/aws/smithy-go/logging"

	"adit/pattern"
	"adit/tunnelconn/token"
)

// ConnectOptions choose the account, region and endpoint, as the AWS CLI does; empty values follow the usual chain.
type ConnectOptions struct {
	Profile, Region string
	// EndpointURL overrides the control plane (--endpoint-url); AWS_ENDPOINT_URL and its kin count as usual without it.
	EndpointURL string
	// CAFile holds extra certificate authorities for an endpoint that is not AWS's.
	CAFile string
	// Journal notes what the Services do, nil for nothing.
	Journal *Journal
	// ReadOnly refuses every changing operation in the Service itself.
	ReadOnly bool
	// Static are fixed credentials that replace the chain altogether, as the demo's: with them neither the environment
	// nor a shared configuration file is read.
	Static *StaticCredentials
	// Demo marks the Context as the embedded service of `adit demo`.
	Demo bool
	// Production marks the Context as such.
	Production bool
	// MFA asks for a token code; nil makes an MFA profile an error with its remedy. It is asked while connecting only.
	MFA func(ctx context.Context, serial string) (string, error)
	Log *slog.Logger
}

// StaticCredentials are an access key and its secret.
type StaticCredentials struct {
	AccessKeyID     string
	SecretAccessKey token.Token
}

// loginLimit is how long a login may take when the caller sets no deadline: an expired SSO session against a host that
// does not answer is tried for more than ten seconds otherwise.
const loginLimit = 10 * time.Second

var regionForm = pattern.Of(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Connect resolves credentials and region up front, within the context's deadline (10 s without one, not counting the
// time a person takes to type a token code), and returns the Service. A failure is an *Error of KindNoCredentials,
// KindExpired, KindDenied, KindConfig, KindOffline or KindCancelled, with the command that mends it.
func Connect(ctx context.Context, opts ConnectOptions) (Service, error) {
	services, err := ConnectRegions(ctx, opts)
	if err != nil {
		return nil, err
	}
	return services[0], nil
}

// ErrNoCode is what ConnectOptions.MFA returns when a person gives no code.
var ErrNoCode = errors.New("no MFA code was given")

// ConnectRegions is Connect for several regions of one profile, in their order, with one login; without any it is the
// region of the options, or else the one that the usual chain finds. The first may be "" for that, too.
func ConnectRegions(ctx context.Context, opts ConnectOptions, regions ...string) ([]Service, error) {
	if len(regions) > 0 {
		opts.Region = regions[0]
	}
	opts.Log = cmp.Or(opts.Log, slog.New(slog.DiscardHandler))
	where := Context{Profile: opts.Profile, Region: opts.Region, Demo: opts.Demo, Production: opts.Production, ReadOnly: opts.ReadOnly}
	limited, limit := withLimit(ctx, loginLimit)
	defer limit.stop()

	base, err := load(limited, opts, limit)
	shared := sharedConfig(base)
	if opts.Static == nil {
		where.Profile = cmp.Or(opts.Profile, os.Getenv("AWS_PROFILE"), os.Getenv("AWS_DEFAULT_PROFILE"))
		where.Region = base.Region
	}
	in := login{where, shared, base.Credentials}
	if err != nil {
		return nil, in.failure(ctx, err)
	}
	if where.Region == "" {
		return nil, in.noRegion()
	}
	if len(regions) == 0 || regions[0] == "" {
		regions = append([]string{where.Region}, regions[min(1, len(regions)):]...)
	}
	for _, region := range regions {
		if !regionForm.MatchString(region) {
			return nil, &Error{Kind: KindConfig, Context: where, Message: "\"" + Clean(region) + "\" is not a region",
				Remedy: "Regions have names such as eu-west-1."}
		}
	}
	if opts.CAFile != "" {
		if base.HTTPClient, err = trusting(base.HTTPClient, opts.CAFile); err != nil {
			return nil, &Error{Kind: KindConfig, Context: where, Message: err.Error(), Err: err,
				Remedy: "Name a file of certificates in PEM form."}
		}
	}

	base.Credentials = namedCredentials{base.Credentials}
	override := aws.ToString(newSDK(base, opts).Options().BaseEndpoint)
	if where, err = withEndpoint(where, override, endpointOrigin(opts, shared, override)); err != nil {
		return nil, err
	}
	in.context = where
	value, err := base.Credentials.Retrieve(limited)
	if err != nil {
		return nil, in.failure(ctx, err)
	}
	in.context.Account = account(limited, base, opts, where, value)
	services := make([]Service, len(regions))
	for i, region := range regions {
		base.Region, in.context.Region = region, region
		made := &api{login: in, sdk: newSDK(base, opts), polling: retryer(untrusted, throttled), readOnly: opts.ReadOnly, log: opts.Log}
		made.registry = newRegistry(made, base, opts)
		services[i] = made
		if opts.Journal != nil {
			services[i] = Recorded(made, opts.Journal)
		}
		opts.Log.Info("connected", "profile", where.Profile, "region", region, "account", in.context.Account,
			"endpoint", where.Endpoint, "endpoint from", where.EndpointFrom, "credentials", Clean(value.Source))
	}
	return services, nil
}

func newSDK(base aws.Config, opts ConnectOptions) *iotsecuretunneling.Client {
	return iotsecuretunneling.NewFromConfig(base, func(o *iotsecuretunneling.Options) {
		if opts.EndpointURL != "" {
			o.BaseEndpoint = aws.String(opts.EndpointURL)
		}
		o.Retryer = retryer(untrusted)
		o.HTTPClient = wholeBody{o.HTTPClient}
	})
}

// load makes the SDK's configuration. With static credentials it reads nothing.
func load(ctx context.Context, opts ConnectOptions, limit *limit) (aws.Config, error) {
	if opts.Static != nil {
		return aws.Config{
			Region: opts.Region,
			Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(
				opts.Static.AccessKeyID, opts.Static.SecretAccessKey.Reveal(), "")),
			Logger: logging.Nop{},
		}, nil
	}
	options := []func(*config.LoadOptions) error{
		// The SDK's own logger writes to standard error, which is the screen.
		config.WithLogger(logging.Nop{}),
		config.WithRegion(opts.Region),
	}
	if opts.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(opts.Profile))
	}
	ask := func(o *stscreds.AssumeRoleOptions) {
		if opts.MFA == nil {
			return
		}
		serial := Clean(aws.ToString(o.SerialNumber))
		o.TokenProvider = func() (string, error) {
			// The SDK asks again when the role's credentials end, from whatever call comes first then.
			if ctx.Err() != nil {
				return "", errCodeNeeded
			}
			limit.pause()
			defer limit.resume()
			return opts.MFA(ctx, serial)
		}
	}
	if opts.MFA != nil {
		options = append(options, config.WithAssumeRoleCredentialOptions(ask))
	}
	base, err := config.LoadDefaultConfig(ctx, options...)
	if err == nil {
		offTerminal(&base, ask)
	}
	return base, err
}

// sharedConfig is what the configuration files said of the profile; zero where there are none.
func sharedConfig(cfg aws.Config) config.SharedConfig {
	for _, source := range cfg.ConfigSources {
		if shared, ok := source.(config.SharedConfig); ok {
			return shared
		}
	}
	return config.SharedConfig{}
}

package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/smithy-go"
)

// errCodeNeeded: a role's credentials have ended and the next ones need a token code, which only Connect asks for.
var errCodeNeeded = errors.New("a new MFA code is needed")

// namedCredentials wraps the errors of a login, so that they are told from those of the service: the SDK fetches
// credentials again in the middle of any call, and a call without credentials was never sent.
type namedCredentials struct{ aws.CredentialsProvider }

func (c namedCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	value, err := c.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return value, &loginError{err}
	}
	return value, nil
}

// IsCredentialsProvider looks through the wrapper for the SDK.
func (c namedCredentials) IsCredentialsProvider(target aws.CredentialsProvider) bool {
	return aws.IsCredentialsProvider(c.CredentialsProvider, target)
}

type loginError struct{ err error }

func (e *loginError) Error() string { return "log in: " + e.err.Error() }
func (e *loginError) Unwrap() error { return e.err }

// login is where the credentials come from; it knows which command renews them.
type login struct {
	context  Context
	shared   config.SharedConfig
	provider aws.CredentialsProvider
}

func (l login) profile() string { return Clean(cmp.Or(l.context.Profile, "default")) }

// command is an aws command for the profile.
func (l login) command(words string) string {
	if l.context.Profile == "" {
		return "aws " + words
	}
	return "aws " + words + " --profile " + quote(l.profile())
}

// words are those behind aws of a command for the profile, as a program is given them.
func (l login) words(words ...string) []string {
	if l.context.Profile == "" {
		return words
	}
	return append(words, "--profile", l.context.Profile)
}

func (l login) sso() bool { return l.shared.SSOSession != nil || l.shared.SSOStartURL != "" }

// base finds where the base of a chain of roles logs in.
func (l login) base() login {
	for l.shared.Source != nil {
		l.shared = *l.shared.Source
		l.context.Profile = l.shared.Profile
	}
	return l
}

// renew says how credentials that do not count any more are renewed.
func (l login) renew(e *Error) *Error {
	base := l.base()
	switch {
	case base.sso():
		e.Remedy, e.Command, e.Login = "Log in again:", base.command("sso login"), base.words("sso", "login")
	case base.shared.LoginSession != "":
		e.Remedy, e.Command, e.Login = "Log in again:", base.command("login"), base.words("login")
	case base.shared.CredentialProcess != "":
		e.Remedy, e.Command = "Renew what the credential_process of the profile reads; this shows what it says:", base.command("sts get-caller-identity")
	default:
		e.Remedy, e.Command = "Get new credentials, then connect again. This shows which ones are used:", base.command("configure list")
	}
	return e
}

func (l login) noRegion() *Error {
	where := "No AWS region is set"
	if l.context.Profile != "" {
		where += " for profile " + l.profile()
	}
	return &Error{Kind: KindConfig, Context: l.context, Message: where,
		Remedy: "Name one with --region or AWS_REGION, or write it into the profile:", Command: l.command("configure set region eu-west-1")}
}

// failure puts a login that failed into words. The parent context is the caller's: ended, it was the caller's will.
func (l login) failure(parent context.Context, err error) *Error {
	if errors.Is(parent.Err(), context.Canceled) || errors.Is(err, ErrNoCode) {
		return &Error{Kind: KindCancelled, Context: l.context, Message: "The login was given up", Err: err}
	}
	if errors.Is(err, context.Canceled) {
		// Not by the caller, so by the limit.
		err = context.DeadlineExceeded
	}
	e := l.explain(err)
	e.Context = l.context
	return e
}

func (l login) explain(err error) *Error {
	var noProfile config.SharedConfigProfileNotExistError
	var noCode config.AssumeRoleTokenProviderNotSetError
	var badFile config.SharedConfigLoadError
	var process *processcreds.ProviderError
	var refused smithy.APIError
	base := l.base()
	switch {
	case errors.As(err, &noProfile):
		return &Error{Kind: KindConfig, Err: err, Message: fmt.Sprintf("There is no profile %q in the AWS configuration", Clean(noProfile.Profile)),
			Remedy: "Choose one of these with --profile or AWS_PROFILE:", Command: "aws configure list-profiles"}
	case errors.As(err, &noCode):
		return &Error{Kind: KindNoCredentials, Err: err, Message: fmt.Sprintf("The role of profile %s needs an MFA code, and adit cannot ask for one here", l.profile()),
			Remedy: "Put temporary credentials into the environment and leave the profile out:", Command: base.command("sts get-session-token --serial-number ARN --token-code CODE")}
	case errors.As(err, &badFile):
		return &Error{Kind: KindConfig, Err: err, Message: fmt.Sprintf("The AWS configuration file %s cannot be read", Clean(badFile.Filename)),
			Remedy: "Correct the file."}
	case errors.Is(err, errCodeNeeded):
		return &Error{Kind: KindExpired, Err: err, Message: fmt.Sprintf("The role of profile %s has ended, and the next login needs an MFA code", l.profile()),
			Remedy: "Connect again to be asked for the code."}
	case errors.As(err, &process):
		// The output of a credential process is credentials: its error quotes what could not be parsed, so it goes no further.
		return &Error{Kind: KindNoCredentials, Message: fmt.Sprintf("The credential_process of profile %s failed", base.profile()),
			Remedy: "Run it by hand to see why; some want a terminal. This runs it:", Command: base.command("sts get-caller-identity")}
	case errors.As(err, &refused) && !l.expiredBy(refused):
		return l.refused(err, refused)
	case (base.sso() || base.shared.LoginSession != "") && !unreachable(err):
		return l.renew(&Error{Kind: KindExpired, Err: err, Message: base.notLoggedIn(err)})
	case aws.IsCredentialsProvider(l.provider, (*ec2rolecreds.Provider)(nil)):
		return &Error{Kind: KindNoCredentials, Err: err, Message: "No AWS credentials were found",
			Remedy: "Choose a profile with --profile or AWS_PROFILE, or set one up:", Command: "aws configure sso"}
	case unreachable(err):
		return &Error{Kind: KindOffline, Err: err, Message: "The AWS login could not be reached: " + reason(err),
			Remedy: "Check the network, VPN and proxy, then connect again."}
	case refused != nil:
		return l.renew(&Error{Kind: KindExpired, Err: err, Message: fmt.Sprintf("The AWS login of profile %s has expired", base.profile())})
	default:
		return &Error{Kind: KindConfig, Err: err, Message: "The AWS configuration does not lead to credentials: " + Clean(innermost(err).Error()),
			Remedy: "This shows what is used:", Command: l.command("configure list")}
	}
}

// notLoggedIn tells a login that ended from one that never was.
func (l login) notLoggedIn(err error) string {
	// The provider of `aws login` tells a missing file by its text alone.
	if errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "token file not found") {
		return fmt.Sprintf("You are not logged in with profile %s", l.profile())
	}
	return fmt.Sprintf("The AWS login of profile %s has expired", l.profile())
}

// expiredBy tells whether the login service refused because the login is over.
func (l login) expiredBy(refused smithy.APIError) bool {
	switch refused.ErrorCode() {
	case "UnauthorizedException", "InvalidGrantException", "ExpiredTokenException", "ExpiredToken":
		return true
	case "AccessDeniedException":
		return l.base().shared.LoginSession != ""
	}
	return false
}

func (l login) refused(err error, refused smithy.APIError) *Error {
	e := &Error{Kind: KindDenied, Err: err, Code: Clean(refused.ErrorCode()),
		Message: fmt.Sprintf("AWS refused to log in profile %s: %s", l.profile(), Clean(cmp.Or(refused.ErrorMessage(), refused.ErrorCode())))}
	switch e.Code {
	case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException":
		e.Kind = KindExpired
		_ = l.renew(e)
	default:
		e.Remedy = "Check that the profile's role exists and trusts you, and that the MFA code was right; then connect again."
		if l.base().sso() {
			e.Remedy = "Check that the account and role of the profile are assigned to you."
		}
	}
	return e
}

package client

import (
	"runtime"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// offTerminal keeps the credential_process of a profile, or of the profile that its role begins with, away from the
// terminal. The SDK gives it the keys that are meant for the screen, and has it write its errors across it.
func offTerminal(base *aws.Config, ask func(*stscreds.AssumeRoleOptions)) {
	shared := sharedConfig(*base)
	last := login{shared: shared}.base().shared
	process := aws.IsCredentialsProvider(base.Credentials, (*processcreds.Provider)(nil))
	role := aws.IsCredentialsProvider(base.Credentials, (*stscreds.AssumeRoleProvider)(nil)) && shared.RoleARN != ""
	if last.CredentialProcess == "" || !process && !role {
		return
	}
	base.Credentials = quietChain(*base, shared, ask)
}

// quietChain is the chain of roles as the SDK builds it, on top of the process.
func quietChain(base aws.Config, shared config.SharedConfig, ask func(*stscreds.AssumeRoleOptions)) aws.CredentialsProvider {
	if shared.Source == nil {
		return aws.NewCredentialsCache(processcreds.NewProvider(quietCommand(shared.CredentialProcess)))
	}
	base.Credentials = quietChain(base, *shared.Source, ask)
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(base), shared.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = shared.RoleSessionName
		if shared.RoleDurationSeconds != nil {
			o.Duration = *shared.RoleDurationSeconds
		}
		if shared.ExternalID != "" {
			o.ExternalID = aws.String(shared.ExternalID)
		}
		if shared.MFASerial != "" {
			o.SerialNumber = aws.String(shared.MFASerial)
		}
		ask(o)
	}))
}

// quietCommand is a command for the shell that the SDK runs it by, without the terminal.
func quietCommand(command string) string {
	if runtime.GOOS == "windows" {
		return "(" + command + ") <NUL 2>NUL"
	}
	return "{ " + command + "\n} </dev/null 2>/dev/null"
}

package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// attempt is one call of the API and how far it came.
type attempt struct {
	operation, object string
	// sent tells whether a connection was there: without one the service cannot have heard of the request.
	sent bool
	// given tells that the caller's own context ended.
	given bool
}

// classify puts a failed call into words.
func (a *api) classify(at attempt, err error) *Error {
	e := &Error{Operation: at.operation, Object: at.object, Context: a.login.context, Err: err}
	var response *awshttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		status, e.RequestID = response.HTTPStatusCode(), Clean(response.ServiceRequestID())
	}
	var login *loginError
	var refused smithy.APIError
	// A whole answer below 500 is the service's word that nothing was done. All else leaves an open in the dark.
	answered := status >= http.StatusBadRequest && status < http.StatusInternalServerError
	switch {
	case errors.As(err, &login):
		why := a.login.explain(login.err)
		e.Kind, e.Code, e.Message, e.Remedy, e.Command, e.Login, e.Err = why.Kind, why.Code, why.Message, why.Remedy, why.Command, why.Login, why.Err
		if at.given {
			e.Kind, e.Remedy, e.Command, e.Login = KindCancelled, "", "", nil
		}
		// The login's own sentence says it all.
		e.Operation, e.Object = "", ""
	case at.operation == opOpen && at.sent && !answered:
		e.Kind, e.Message = KindAmbiguous, reason(err)
		e.Remedy = "The tunnel may be open and billed: look for it before you open another."
	case at.given:
		e.Kind = KindCancelled
	case errors.Is(err, errIncomplete):
		e.Message = err.Error()
	case errors.As(err, &refused) && status != 0:
		e.Code, e.Message = Clean(refused.ErrorCode()), Clean(refused.ErrorMessage())
		a.refused(e, status)
	case status != 0:
		e.Message = Clean(reason(err))
		a.refused(e, status)
	default:
		e.Kind, e.Message = KindOffline, reason(err)
		e.Remedy = a.reach()
	}
	var unread *smithy.DeserializationError
	if errors.As(err, &unread) {
		// It keeps the beginning of the answer, which may hold tokens.
		e.Err = nil
	}
	return e
}

// refused explains an answer of the service by its code.
func (a *api) refused(e *Error, status int) {
	_, throttled := retry.DefaultThrottleErrorCodes[e.Code]
	switch {
	case e.Code == "LimitExceededException" || e.Code == "ServiceQuotaExceededException":
		e.Kind, e.Remedy = KindLimit, "Close tunnels that nobody needs, or ask AWS for a higher quota."
		if e.Operation == opOpen {
			e.Remedy = "Nothing was opened. " + e.Remedy
		}
	case throttled || status == http.StatusTooManyRequests:
		e.Kind, e.Remedy = KindThrottled, "Wait a moment and try again; other tools of the account use the same quota."
	case strings.HasPrefix(e.Code, "AccessDenied") || e.Code == "NotAuthorized" || e.Code == "UnauthorizedException":
		e.Kind = KindDenied
		e.Remedy = "Ask for " + e.Action() + ". Policies often limit services or thing groups, or miss the tunnel/* resource; " +
			"actions written with iotsecuretunneling: do not work, the prefix is iot:."
	case e.Code == "ResourceNotFoundException":
		e.Kind, e.Remedy = KindNotFound, "It may be deleted (closed tunnels leave after about 3 hours), or belong to another region or account."
	case e.Code == "ExpiredTokenException" || e.Code == "ExpiredToken":
		e.Kind, e.Message = KindExpired, "the AWS login has expired"
		_ = a.login.renew(e)
	case e.Code == "UnrecognizedClientException" || e.Code == "InvalidClientTokenId" || e.Code == "MissingAuthenticationTokenException" ||
		e.Code == "IncompleteSignatureException":
		e.Kind, e.Message = KindExpired, e.Context.host()+" does not know these credentials"
		_ = a.login.renew(e)
	case e.Code == "InvalidSignatureException" || e.Code == "SignatureDoesNotMatch" || e.Code == "RequestExpired" || e.Code == "RequestTimeTooSkewed":
		e.Kind, e.Message = KindConfig, "the signature of the request does not count"
		e.Remedy = "Check the clock of this machine, then the secret access key."
	case status >= http.StatusInternalServerError:
		e.Kind, e.Remedy = KindUnknown, "The fault is on the other side; try again in a moment."
	case e.Code == "ValidationException" || e.Code == "InvalidRequestException" || e.Code == "SerializationException" || e.Code == "InvalidParameterException":
		e.Kind = KindInvalid
		if e.Message == "" {
			e.Message = "the request was not understood"
		}
	}
}

// reach is the remedy for a service that cannot be reached.
func (a *api) reach() string {
	if where := a.login.context; where.NotAWS() && !where.Demo {
		return "Is it running? Its address comes from " + where.EndpointFrom + "."
	}
	return "Check the network, VPN and proxy, and the name of the region."
}

// unreachable tells whether there was no conversation at all.
func unreachable(err error) bool {
	var sending *smithyhttp.RequestSendError
	var socket *net.OpError
	return errors.As(err, &sending) || errors.As(err, &socket) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// reason says in a few words why a conversation failed.
func reason(err error) string {
	var name *net.DNSError
	var unknown x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	var response *awshttp.ResponseError
	var network net.Error
	switch {
	case errors.As(err, &name):
		return "no address for " + Clean(name.Name)
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority this machine does not know"
	case errors.As(err, &certificate):
		return "its certificate does not fit: " + Clean(certificate.Err.Error())
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "given up"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was cut"
	case errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusBadRequest:
		return fmt.Sprintf("HTTP %d", response.HTTPStatusCode())
	case errors.As(err, &response):
		return "the answer could not be read"
	default:
		return Clean(innermost(err).Error())
	}
}

// innermost is the first cause, which says what happened without the SDK's own words around it.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

package client

import (
	"context"
	"strings"
	"time"
)

// recorded is a Service that notes in a Journal what it changes, and counts what it asks.
type recorded struct {
	Service
	journal *Journal
}

// Recorded decorates a Service. What changes something, or was meant to, becomes a Deed with its equivalent `aws`
// command; the polls are only counted. An answer's tokens are not looked at.
func Recorded(s Service, j *Journal) Service { return &recorded{s, j} }

func (r *recorded) List(ctx context.Context, in ListInput) (Page, error) {
	page, err := r.Service.List(ctx, in)
	r.journal.ask(opList, err)
	return page, err
}

func (r *recorded) Describe(ctx context.Context, id string) (Tunnel, error) {
	t, err := r.Service.Describe(ctx, id)
	r.journal.ask(opDescribe, err)
	return t, err
}

func (r *recorded) Tags(ctx context.Context, arn string) ([]Tag, error) {
	tags, err := r.Service.Tags(ctx, arn)
	r.journal.ask(opTags, err)
	return tags, err
}

func (r *recorded) Open(ctx context.Context, in OpenInput) (Opened, error) {
	done := r.begin(opOpen, "thing "+in.Thing, CommandOpen(r.Context(), in))
	out, err := r.Service.Open(ctx, in)
	result := ""
	if err == nil {
		result = "tunnel " + out.ID
	}
	done(result, err)
	return out, err
}

func (r *recorded) Close(ctx context.Context, id string, remove bool) error {
	done := r.begin(opClose, "tunnel "+id, CommandClose(r.Context(), id, remove))
	err := r.Service.Close(ctx, id, remove)
	done("", err)
	return err
}

func (r *recorded) Rotate(ctx context.Context, in RotateInput) (Rotated, error) {
	done := r.begin(opRotate, "tunnel "+in.ID+" "+strings.ToLower(string(in.Mode)), CommandRotate(r.Context(), in))
	out, err := r.Service.Rotate(ctx, in)
	done("", err)
	return out, err
}

func (r *recorded) Tag(ctx context.Context, arn string, tags []Tag) error {
	done := r.begin(opTag, tunnelOf(arn), CommandTag(r.Context(), arn, tags))
	err := r.Service.Tag(ctx, arn, tags)
	done("", err)
	return err
}

func (r *recorded) Untag(ctx context.Context, arn string, keys []string) error {
	done := r.begin(opUntag, tunnelOf(arn), CommandUntag(r.Context(), arn, keys))
	err := r.Service.Untag(ctx, arn, keys)
	done("", err)
	return err
}

// tunnelOf is the tunnel that an ARN ends in.
func tunnelOf(arn string) string { return "tunnel " + arn[strings.LastIndexByte(arn, '/')+1:] }

// begin starts the clock of a deed; what it returns notes the deed with its end.
func (r *recorded) begin(operation, object, command string) func(result string, err error) {
	started := time.Now()
	return func(result string, err error) {
		d := Deed{
			At: started, Took: time.Since(started), Context: r.Context(), Action: operation, Object: object, Result: result, Command: command,
		}
		if err != nil {
			d.Failed, d.Result = true, err.Error()
		}
		r.journal.Add(d)
	}
}

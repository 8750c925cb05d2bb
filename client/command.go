package client

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"adit/pattern"
)

// CommandOpen is the aws command that opens such a tunnel. Like all of these it is one line, quoted for a POSIX shell,
// and holds no secret.
func CommandOpen(c Context, in OpenInput) string {
	cmd := newCommand("open-tunnel")
	cmd.destination(in.Thing, in.Services)
	if in.Description != "" {
		cmd.flag("--description", in.Description)
	}
	if len(in.Tags) > 0 {
		cmd.tags(in.Tags)
	}
	if in.Lifetime != 0 {
		cmd.flag("--timeout-config", fmt.Sprintf("maxLifetimeTimeoutMinutes=%d", in.Lifetime/time.Minute))
	}
	return cmd.in(c)
}

// CommandList is the aws command for one page of tunnels.
func CommandList(c Context, in ListInput) string {
	cmd := newCommand("list-tunnels")
	if in.Thing != "" {
		cmd.flag("--thing-name", in.Thing)
	}
	if in.PageSize > 0 {
		cmd.flag("--max-results", fmt.Sprint(in.PageSize))
	}
	if in.Next != "" {
		cmd.flag("--next-token", in.Next)
	}
	return cmd.in(c)
}

// CommandDescribe is the aws command that shows one tunnel.
func CommandDescribe(c Context, id string) string {
	return newCommand("describe-tunnel").flag("--tunnel-id", id).in(c)
}

// CommandClose is the aws command that closes a tunnel, and with remove deletes its record.
func CommandClose(c Context, id string, remove bool) string {
	cmd := newCommand("close-tunnel").flag("--tunnel-id", id)
	if remove {
		// A switch without a value: the CLI refuses "--delete true".
		cmd.words = append(cmd.words, "--delete")
	}
	return cmd.in(c)
}

// CommandRotate is the aws command that renews access tokens; it prints them, which this line does not.
func CommandRotate(c Context, in RotateInput) string {
	cmd := newCommand("rotate-tunnel-access-token").flag("--tunnel-id", in.ID).flag("--client-mode", string(in.Mode))
	cmd.destination(in.Thing, in.Services)
	return cmd.in(c)
}

// CommandTags is the aws command that shows a tunnel's tags.
func CommandTags(c Context, arn string) string {
	return newCommand("list-tags-for-resource").flag("--resource-arn", arn).in(c)
}

// CommandTag is the aws command that adds or changes tags.
func CommandTag(c Context, arn string, tags []Tag) string {
	return newCommand("tag-resource").flag("--resource-arn", arn).tags(tags).in(c)
}

// CommandUntag is the aws command that removes tags.
func CommandUntag(c Context, arn string, keys []string) string {
	cmd := newCommand("untag-resource").flag("--resource-arn", arn)
	cmd.words = append(cmd.words, "--tag-keys")
	for _, key := range keys {
		cmd.words = append(cmd.words, quote(key))
	}
	return cmd.in(c)
}

type command struct{ words []string }

func newCommand(operation string) *command {
	return &command{[]string{"aws", "iotsecuretunneling", operation}}
}

// flag joins a value that starts with a dash by "=", or the CLI would take it for a flag of its own.
func (c *command) flag(name, value string) *command {
	if strings.HasPrefix(Clean(value), "-") {
		c.words = append(c.words, name+"="+quote(value))
	} else {
		c.words = append(c.words, name, quote(value))
	}
	return c
}

func (c *command) destination(thing string, services []string) {
	var parts []string
	if thing != "" {
		parts = append(parts, "thingName="+thing)
	}
	if len(services) > 0 {
		parts = append(parts, "services="+strings.Join(services, ","))
	}
	if len(parts) > 0 {
		c.flag("--destination-config", strings.Join(parts, ","))
	}
}

// shorthand is text the CLI's key=a,value=b form takes as it stands.
var shorthand = pattern.Of(`^[a-zA-Z0-9_.:/@+-]*$`)

func (c *command) tags(tags []Tag) *command {
	type pair struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	pairs := make([]pair, len(tags))
	short := true
	for i, tag := range tags {
		pairs[i] = pair{tag.Key.Raw(), tag.Value.Raw()}
		short = short && shorthand.MatchString(tag.Key.Raw()) && shorthand.MatchString(tag.Value.Raw())
	}
	c.words = append(c.words, "--tags")
	if !short {
		encoded, _ := json.Marshal(pairs) // Two strings always can be encoded.
		c.words = append(c.words, quote(string(encoded)))
		return c
	}
	for _, p := range pairs {
		c.words = append(c.words, quote("key="+p.Key+",value="+p.Value))
	}
	return c
}

// in adds where, and makes the line.
func (c *command) in(where Context) string {
	if where.Profile != "" {
		c.flag("--profile", where.Profile)
	}
	if where.Region != "" {
		c.flag("--region", where.Region)
	}
	if where.Endpoint != "" {
		c.flag("--endpoint-url", where.Endpoint)
	}
	return strings.Join(c.words, " ")
}

var safeWord = pattern.Of(`^[a-zA-Z0-9_.,:/=@%+-]+$`)

// quote makes one word of a POSIX shell. It is cleaned because it is meant to be copied into a terminal, and before it is
// quoted: an escape sequence could take the quote with it.
func quote(word string) string {
	word = Clean(word)
	if safeWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

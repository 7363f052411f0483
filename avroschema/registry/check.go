package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// Rules are which changes [Client.Register] refuses of those that break what a subject's
// mode promises.
type Rules uint8

const (
	AllRules  Rules = iota // also what Avro reads and Hive or the meaning of data does not bear
	AvroRules              // only those of the Avro specification, which the registry knows too
	NoRules                // none: the registry alone judges, and is not asked for what is there
)

// holds returns the changes that rules forbid.
func (r Rules) holds(changes avroschema.Changes) (breaks avroschema.Changes) {
	for _, change := range changes {
		if change.Breaks && (r == AllRules || r == AvroRules && change.Rule.Avro()) {
			breaks = append(breaks, change)
		}
	}
	return breaks
}

// A Comparison is what changes from the schemas of a subject to another.
type Comparison struct {
	Subject  string
	Mode     avroschema.Mode    // the subject's; without meaning if Versions is empty
	Versions []int              // compared with, oldest first; Change.Against is an index in it
	Changes  avroschema.Changes // from all of them
}

// An IncompatibleError is why a schema may not follow those of a subject. Its Changes
// are those that break.
type IncompatibleError struct{ Comparison }

func (e *IncompatibleError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "registry: %q is %s: %v", e.Subject, e.Mode, ErrIncompatible)
	for _, c := range e.Changes {
		fmt.Fprintf(&b, "; version %d: %s: %s: %s (%s)", e.Versions[c.Against], c.Path, c.Rule, c.Detail, c.Mode)
	}
	return b.String()
}

// Unwrap returns [ErrIncompatible].
func (e *IncompatibleError) Unwrap() error { return ErrIncompatible }

// Check returns what changes from the schemas of a subject to schema, without registering
// it: the latest, or all of them where the subject's mode is a transitive one. What
// [Options.Rules] forbid of it is an [*IncompatibleError]; the Comparison is whole even
// then. A subject that is new, or whose mode is NONE, has nothing to compare with.
//
// It fails with [ErrSchema] if it cannot read one of the schemas, and with [ErrLimit] if
// there are too many: only the registry can then judge.
func (c *Client) Check(ctx context.Context, subject string, schema *avroschema.Schema) (Comparison, error) {
	e := Error{Op: "compare", Subject: subject}
	path, err := c.place(e, schema)
	if err != nil {
		return Comparison{}, err
	}
	all := Comparison{Subject: subject}
	mode, promises, err := c.mode(ctx, e)
	if err != nil || !promises {
		return all, err
	}
	versions := []int{Latest}
	if all.Mode = mode; mode >= avroschema.BackwardTransitive {
		if versions, err = c.versions(ctx, e, path); err != nil {
			return all, err
		}
	}
	var before []*avroschema.Schema
	for _, version := range versions {
		r, err := c.BySubject(ctx, subject, version)
		if e, ok := errors.AsType[*Error](err); ok && errors.Is(err, ErrNotFound) && e.Subject == subject && e.Version == version {
			continue // deleted since
		}
		if err != nil {
			return all, err
		}
		before = append(before, r.Schema)
		all.Versions = append(all.Versions, r.Version)
	}
	all.Changes = avroschema.Check(mode, schema, before...)
	if breaks := c.rules.holds(all.Changes); breaks != nil {
		return all, &IncompatibleError{Comparison{subject, mode, all.Versions, breaks}}
	}
	return all, nil
}

// mode returns a subject's mode, which may be that of the whole registry, and whether it
// has any.
func (c *Client) mode(ctx context.Context, e Error) (avroschema.Mode, bool, error) {
	var config struct {
		Level string `json:"compatibilityLevel"`
		Group string `json:"compatibilityGroup"`
	}
	err := c.ask(ctx, e, http.MethodGet, "/config/"+url.PathEscape(e.Subject), nil, &config, sr.DefaultToGlobal)
	if errors.Is(err, ErrNotFound) { // from those that do not know the parameter
		err = c.ask(ctx, e, http.MethodGet, "/config", nil, &config)
	}
	if err != nil {
		return 0, false, err
	}
	// Of the schemas of a group only the registry knows which they are.
	if config.Level == "NONE" || config.Group != "" {
		return 0, false, nil
	}
	for mode := avroschema.Backward; mode <= avroschema.FullTransitive; mode++ {
		if mode.String() == config.Level {
			return mode, true, nil
		}
	}
	e.Err = fmt.Errorf("%w: an unknown compatibility level", ErrResponse)
	return 0, false, &e
}

// versions returns the versions that a subject has, oldest first.
func (c *Client) versions(ctx context.Context, e Error, path string) (versions []int, err error) {
	err = c.ask(ctx, e, http.MethodGet, path+"/versions", nil, &versions)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(versions) > MaxVersions {
		e.Err = fmt.Errorf("%w: more than %d versions to compare with", ErrLimit, MaxVersions)
		return nil, &e
	}
	slices.Sort(versions)
	return versions, nil
}

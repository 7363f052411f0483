package main

import (
	"os"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/avroschema/registry"
)

// schemas is the registry that the parts use.
type schemas struct {
	*registry.Client
	embedded *srfake.Registry // nil for a real one
}

// openSchemas takes the registry that cfg names, or starts one in the process, which
// forgets what it knows when the process ends, as the embedded cluster does.
func openSchemas(cfg *config) (*schemas, error) {
	s := &schemas{}
	url := cfg.registry
	if url == "" {
		s.embedded = srfake.New()
		url = s.embedded.URL()
	}
	opts := []sr.ClientOpt{sr.URLs(url)}
	if user := os.Getenv("REGISTRY_USER"); user != "" && s.embedded == nil {
		opts = append(opts, sr.BasicAuth(user, os.Getenv("REGISTRY_PASSWORD")))
	}
	cl, err := sr.NewClient(opts...)
	if err == nil {
		s.Client, err = registry.New(cl, registry.Options{})
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *schemas) close() {
	if s.embedded != nil {
		s.embedded.Close()
	}
}

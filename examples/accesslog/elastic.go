package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/elastic"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// newElastic returns what lands the JSON records in Elasticsearch or OpenSearch, in an
// index a day by the time of the request, each once. Documents that it refuses are
// dead-lettered.
func newElastic(_ context.Context, cfg *config, cluster *cluster) (*job, error) {
	j := &job{part: "elastic", name: "elastic", cfg: cfg, cluster: cluster, group: cfg.groups.elastic, in: cfg.topics.json,
		to: cfg.elastic.index + "-* in " + strings.Join(cfg.elastic.nodes, ",")}
	target := bulk.Target{Nodes: cfg.elastic.nodes, Auth: elastic.Auth(), Gzip: true}
	ix := &bulk.Indexer{
		Target:     target,
		Index:      bulk.ByTimestamp(cfg.elastic.index+"-", "@timestamp"),
		DeadLetter: cfg.topics.dlq,
		OnDataLoss: cfg.onLoss(),
		Observer:   indexed{j},
	}
	template := bulk.Template{Patterns: []string{cfg.elastic.index + "-*"}}
	j.land = func(ctx context.Context) error {
		if err := putTemplate(ctx, j, template, target); err != nil {
			return err
		}
		cl, err := j.member()
		if err != nil {
			return err
		}
		defer cl.CloseAllowingRebalance()
		return ix.Run(ctx, cl)
	}
	return j, nil
}

// putEvery is how long it is until a cluster that is away is asked again.
const putEvery = time.Second

// putTemplate waits until the cluster has the template: a document before it would make an
// index that guesses its fields.
func putTemplate(ctx context.Context, j *job, template bulk.Template, target bulk.Target) error {
	for {
		err := template.Put(ctx, target, j.cfg.elastic.index)
		if err == nil {
			j.well()
			return nil
		}
		if failed := (*bulk.RequestError)(nil); !errors.As(err, &failed) || !failed.Passes() {
			return fmt.Errorf("template: %w", err)
		}
		j.survived.Add(1)
		j.ails(err.Error())
		select {
		case <-time.After(putEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

// indexed counts what has landed.
type indexed struct{ *job }

func (i indexed) Settled(s *bulk.Settlement) {
	if !s.Committed {
		i.redone.Add(1)
	}
	i.took(s.Poll, 0, s.Land, s.Commit)
	i.read.Add(int64(s.Read))
	i.written.Add(int64(s.Indexed))
	i.tally.duplicates.Add(int64(s.Duplicates))
	i.skipped.Add(int64(s.Skipped))
	i.rejected.Add(int64(s.DeadLettered))
	i.deadLettered.Add(int64(s.DeadLettered))
	i.well()
}

// Survived notes a cluster that is away: it holds everything up, however long.
func (i indexed) Survived(err error) {
	i.survived.Add(1)
	if failed := (*bulk.RequestError)(nil); errors.As(err, &failed) {
		i.ails(err.Error())
	}
}

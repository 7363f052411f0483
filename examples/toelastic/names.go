package main

import (
	"encoding/json"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// namesOf returns the stages between job 1 and the index: what the template does
// not list goes into one object, labels, where it can be searched; and the rest
// gets its names of the Elastic Common Schema, if they are wanted.
func namesOf(ecs bool) []transform.Stage {
	listed := make(map[string]bool)
	for _, f := range bulk.AccessLog() {
		listed[f.Name] = true
	}
	stages := []transform.Stage{transform.Custom("labels", func(rec *transform.Record) error {
		return gather(rec, listed)
	})}
	for _, f := range bulk.AccessLog() {
		if ecs && f.ECS != "" {
			stages = append(stages, transform.Rename(f.Name, f.ECS))
		}
	}
	return stages
}

// gather moves what is not listed into the object labels, as text.
func gather(rec *transform.Record, listed map[string]bool) error {
	labels := make(map[string]string)
	for label, v := range rec.All() {
		if !listed[label] && v.Kind != transform.KindNull {
			labels[label] = string(v.Bytes)
		}
	}
	if len(labels) == 0 {
		return nil
	}
	for label := range labels {
		rec.Delete(label)
	}
	text, err := json.Marshal(labels)
	if err != nil {
		return err
	}
	rec.Set("labels", transform.Value{Kind: transform.KindJSON, Bytes: text})
	return nil
}

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// results are the figures of one round, by "package benchmark unit".
type results map[string]float64

// cpuPrefix is what a key begins with that has the processor's name, and no figure.
const cpuPrefix = "cpu: "

// parse reads what a benchmark prints: its name, how often it ran, and figures
// each followed by its unit.
func (r results) parse(pkg, text string, procs int) error {
	suffix := "-" + strconv.Itoa(procs)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, cpuPrefix) {
			r[strings.TrimSpace(line)] = 0
		}
		fields := strings.Fields(line)
		if len(fields) < 4 || len(fields)%2 != 0 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if procs != 1 {
			name = strings.TrimSuffix(name, suffix)
		}
		for i := 2; i < len(fields); i += 2 {
			figure, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", pkg, name, err)
			}
			r[key(pkg, name, fields[i+1])] = figure
		}
	}
	return nil
}

func key(pkg, name, unit string) string {
	return pkg + " " + strings.ReplaceAll(name, " ", "_") + " " + unit
}

// cpu is the name of the processor.
func (r results) cpu() string {
	for k := range r {
		if name, ok := strings.CutPrefix(k, cpuPrefix); ok {
			return name
		}
	}
	return "unknown processor"
}

// sum adds up the figures of benchmarks. It is false if one of them did not run.
func (r results) sum(pkg string, names []string, unit string) (total float64, ok bool) {
	for _, name := range names {
		figure, ok := r[key(pkg, name, unit)]
		if !ok {
			return 0, false
		}
		total += figure
	}
	return total, true
}

// A ratio is that of a row in all rounds.
type ratio struct{ median, least, most float64 }

// ratioOf is false if a side of the row did not run in each round.
func ratioOf(rounds []results, pkg, unit string, ours, against []string) (ratio, bool) {
	var all []float64
	for _, r := range rounds {
		a, ok := r.sum(pkg, ours, unit)
		b, there := r.sum(pkg, against, unit)
		if !ok || !there || b == 0 {
			return ratio{}, false
		}
		all = append(all, a/b)
	}
	slices.Sort(all)
	n := len(all)
	return ratio{(all[n/2] + all[(n-1)/2]) / 2, all[0], all[n-1]}, true
}

func (r ratio) String() string { return fmt.Sprintf("%.2f (%.2f–%.2f)", r.median, r.least, r.most) }

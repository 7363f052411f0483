// Benchreport measures the performance table of the project and prints it as
// Markdown: what is ours, what it is held against, the ratio of the two, and what
// the ratio must be.
//
//	go run ./internal/benchreport -count 6
//
// Each round runs every benchmark once and takes the ratio of both sides of it, so
// that a machine that changes its pace changes both; what is printed is the median
// of the rounds, and the least and the most of them.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

func main() {
	count := flag.Int("count", 6, "rounds")
	benchtime := flag.String("benchtime", "1s", "how long each benchmark runs in a round, as for go test")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := report(ctx, os.Stdout, os.Stderr, *count, *benchtime); err != nil {
		fmt.Fprintln(os.Stderr, "benchreport:", err)
		os.Exit(1)
	}
}

// report measures and prints. What it is at, it tells progress.
func report(ctx context.Context, out, progress io.Writer, count int, benchtime string) error {
	if count < 1 {
		return fmt.Errorf("-count %d: must be 1 or more", count)
	}
	dir, err := os.MkdirTemp("", "benchreport")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i, s := range suites {
		fmt.Fprintln(progress, "build", s.pkg)
		if _, err := goCommand(ctx, "test", "-c", "-o", binary(dir, i), module+"/"+s.pkg); err != nil {
			return err
		}
	}
	var rounds []results
	for round := range count {
		r := results{}
		for i, s := range suites {
			fmt.Fprintf(progress, "%s round %d of %d: %s\n", time.Now().Format(time.TimeOnly), round+1, count, s.pkg)
			if err := s.run(ctx, binary(dir, i), benchtime, r); err != nil {
				return err
			}
		}
		rounds = append(rounds, r)
	}
	versions, err := goCommand(ctx, append([]string{"list", "-m", "-f", "{{.Path}} {{.Version}}"}, opponents...)...)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s, %d CPUs, %s/%s, %s; %s; median of %d rounds (least–most)\n",
		rounds[0].cpu(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(),
		strings.ReplaceAll(strings.TrimSpace(versions), "\n", ", "), count)
	return write(out, rounds)
}

func binary(dir string, suite int) string { return filepath.Join(dir, fmt.Sprint(suite, ".test")) }

// run adds what a round of the suite's benchmarks gives to r.
func (s suite) run(ctx context.Context, binary, benchtime string, r results) error {
	folder, err := goCommand(ctx, "list", "-f", "{{.Dir}}", module+"/"+s.pkg)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, binary, "-test.run", "^$", "-test.bench", s.bench, "-test.benchtime", benchtime, "-test.timeout", "10m")
	cmd.Dir = strings.TrimSpace(folder)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", s.pkg, err, text)
	}
	return r.parse(s.pkg, string(text), runtime.GOMAXPROCS(0))
}

func goCommand(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w\n%s", args[0], err, errs.String())
	}
	return string(out), nil
}

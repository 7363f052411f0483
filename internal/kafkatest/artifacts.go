package kafkatest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// version is the Apache Kafka that real brokers are: 4.x, which needs Java 17.
const version = "4.1.1"

// pom asks Maven for the broker and what it needs at run time. It logs nothing
// without a binding for slf4j, which is what tests want.
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>kafkatest</groupId><artifactId>kafkatest</artifactId><version>1</version>
<dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>` + version + `</version>
</dependency></dependencies>
</project>
`

// artifacts returns the folder with Kafka's jars, which Maven fills once: a
// cache of the user, or the folder that LTSVPIPE_KAFKA_JARS names.
func artifacts() (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", errors.New("no real Kafka: java (17 or newer) is not in PATH")
	}
	dir := os.Getenv("LTSVPIPE_KAFKA_JARS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no real Kafka: no folder to keep its jars in (set LTSVPIPE_KAFKA_JARS): %w", err)
		}
		dir = filepath.Join(cache, "ltsvpipe-kafka-"+version)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", errors.New("no real Kafka: mvn is not in PATH, and its jars are not in " + dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("no real Kafka: %w", err)
	}
	// Into a folder of its own first: who finds dir finds it whole.
	work, err := os.MkdirTemp(filepath.Dir(dir), ".kafka")
	if err != nil {
		return "", fmt.Errorf("no real Kafka: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), []byte(pom), 0o644); err != nil {
		return "", fmt.Errorf("no real Kafka: %w", err)
	}
	jars := filepath.Join(work, "jars")
	cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+jars)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("no real Kafka: mvn could not fetch it: %w\n%s", err, tail(out))
	}
	if err := os.Rename(jars, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // and nobody was faster
			return "", fmt.Errorf("no real Kafka: %w", err)
		}
	}
	return dir, nil
}

// tail returns the last lines of a program's output.
func tail(out []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return bytes.Join(lines[max(len(lines)-15, 0):], []byte("\n"))
}

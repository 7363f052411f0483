package avrotest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// version is the Apache Avro that Java is.
const version = "1.12.2"

// pom asks Maven for Avro, its codecs, and what they need at run time.
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>avrotest</groupId><artifactId>avrotest</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.avro</groupId><artifactId>avro</artifactId><version>` + version + `</version></dependency>
<dependency><groupId>org.xerial.snappy</groupId><artifactId>snappy-java</artifactId><version>1.1.10.8</version></dependency>
<dependency><groupId>com.github.luben</groupId><artifactId>zstd-jni</artifactId><version>1.5.7-6</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies>
</project>
`

// artifacts returns the folder with the jars, which Maven fills once: a cache of the
// user, or the folder that LTSVPIPE_AVRO_JARS names.
func artifacts() (string, error) {
	dir := os.Getenv("LTSVPIPE_AVRO_JARS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no Java Avro: no folder to keep its jars in (set LTSVPIPE_AVRO_JARS): %w", err)
		}
		dir = filepath.Join(cache, "ltsvpipe-avro-"+version)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if _, err := exec.LookPath("mvn"); err != nil {
		return "", errors.New("no Java Avro: mvn is not in PATH, and its jars are not in " + dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("no Java Avro: %w", err)
	}
	// Into a folder of its own first: who finds dir finds it whole.
	work, err := os.MkdirTemp(filepath.Dir(dir), ".avro")
	if err != nil {
		return "", fmt.Errorf("no Java Avro: %w", err)
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), []byte(pom), 0o644); err != nil {
		return "", fmt.Errorf("no Java Avro: %w", err)
	}
	jars := filepath.Join(work, "jars")
	cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+jars)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("no Java Avro: mvn could not fetch it: %w\n%s", err, tail(out))
	}
	if err := os.Rename(jars, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // and nobody was faster
			return "", fmt.Errorf("no Java Avro: %w", err)
		}
	}
	return dir, nil
}

// tail returns the last lines of a program's output.
func tail(out []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return bytes.Join(lines[max(len(lines)-15, 0):], []byte("\n"))
}

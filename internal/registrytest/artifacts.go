package registrytest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// apicurioVersion is the last Apicurio Registry found to run on Java 17; 3.3 wants 21.
const apicurioVersion = "3.0.9"

// apicurio returns the folder of the program, which Maven fills once: a cache of the
// user, or the folder that LTSVPIPE_APICURIO names.
func apicurio() (string, error) {
	if _, err := exec.LookPath("java"); err != nil {
		return "", errors.New("no real registry: java (17 or newer) is not in PATH")
	}
	return once("LTSVPIPE_APICURIO", "apicurio-"+apicurioVersion, func(dir string) *exec.Cmd {
		return exec.Command("mvn", "-q", "-B", "dependency:unpack",
			"-Dartifact=io.apicurio:apicurio-registry-app:"+apicurioVersion+":tar.gz:all", "-DoutputDirectory="+dir)
	})
}

// packages are what [Node]'s programs may require.
var packages = []string{"@kafkajs/confluent-schema-registry@3.9.0"}

// modules returns a folder with node_modules, which npm fills once: a cache of the user,
// or the folder that LTSVPIPE_REGISTRY_NODE names.
func modules() (string, error) {
	return once("LTSVPIPE_REGISTRY_NODE", "registry-node-1", func(dir string) *exec.Cmd {
		return exec.Command("npm", append([]string{"install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir}, packages...)...)
	})
}

// once returns a folder that a command fills unless it is there: that which the
// environment names, or name in the user's cache.
func once(env, name string, fill func(dir string) *exec.Cmd) (string, error) {
	dir := os.Getenv(env)
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("no folder to keep %s in (set %s): %w", name, env, err)
		}
		dir = filepath.Join(cache, "ltsvpipe-"+name)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	// Into a folder of its own first: who finds dir finds it whole.
	work, err := os.MkdirTemp(filepath.Dir(dir), ".registrytest")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	got := filepath.Join(work, "got")
	if err := os.Mkdir(got, 0o755); err != nil {
		return "", err
	}
	cmd := fill(got)
	cmd.Dir = work
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s could not fetch %s: %w\n%s", filepath.Base(cmd.Path), name, err, tail(out))
	}
	if err := os.Rename(got, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // and nobody was faster
			return "", err
		}
	}
	return dir, nil
}

// tail returns the last lines of a program's output.
func tail(out []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return bytes.Join(lines[max(len(lines)-15, 0):], []byte("\n"))
}

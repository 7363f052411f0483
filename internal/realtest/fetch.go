package realtest

import (
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Maven returns a folder with the jars of artifacts, each written group:artifact:version,
// and of all that they need at run time. It needs java and mvn in PATH the first time.
func Maven(artifacts ...string) (jars string, err error) { return maven("mvn", artifacts) }

// MavenOnly is as Maven, but without what the artifacts need.
func MavenOnly(artifacts ...string) (jars string, err error) {
	return maven("mvn-only", artifacts, coordinates{Group: "*", Artifact: "*"})
}

// coordinates name an artifact.
type coordinates struct {
	Group    string `xml:"groupId"`
	Artifact string `xml:"artifactId"`
	Version  string `xml:"version,omitempty"`
}

func maven(kind string, artifacts []string, without ...coordinates) (jars string, err error) {
	return once(kind, artifacts, func(dir string) ([]*exec.Cmd, error) {
		type dependency struct {
			coordinates
			Without []coordinates `xml:"exclusions>exclusion"`
		}
		pom := struct {
			XMLName      xml.Name     `xml:"http://maven.apache.org/POM/4.0.0 project"`
			Model        string       `xml:"modelVersion"`
			Dependencies []dependency `xml:"dependencies>dependency"`
			coordinates
		}{Model: "4.0.0", coordinates: coordinates{"realtest", "realtest", "1"}}
		for _, a := range artifacts {
			part := strings.Split(a, ":")
			if len(part) != 3 {
				return nil, errors.New("not group:artifact:version")
			}
			pom.Dependencies = append(pom.Dependencies, dependency{coordinates{part[0], part[1], part[2]}, without})
		}
		text, err := xml.Marshal(pom)
		if err != nil {
			return nil, err
		}
		cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir)
		cmd.Dir = filepath.Dir(dir)
		return []*exec.Cmd{cmd}, os.WriteFile(filepath.Join(cmd.Dir, "pom.xml"), text, 0o644)
	})
}

// MavenArchive returns a folder with what an archive of Maven's holds, written
// group:artifact:version:packaging:classifier. It needs java and mvn in PATH the first
// time.
func MavenArchive(artifact string) (dir string, err error) {
	return once("mvn", []string{artifact}, func(dir string) ([]*exec.Cmd, error) {
		return []*exec.Cmd{exec.Command("mvn", "-q", "-B", "dependency:unpack", "-Dartifact="+artifact, "-DoutputDirectory="+dir)}, nil
	})
}

// NPM returns a folder of modules, for NODE_PATH, with packages, each written
// name@version, and what they need. Scripts of packages do not run. It needs npm in PATH
// the first time.
func NPM(packages ...string) (modules string, err error) {
	dir, err := once("npm", packages, func(dir string) ([]*exec.Cmd, error) {
		return []*exec.Cmd{exec.Command("npm", append([]string{
			"install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", dir,
		}, packages...)...)}, nil
	})
	return filepath.Join(dir, "node_modules"), err
}

// PyPI returns the path of a Python that has packages, each written name==version, in
// an environment of its own. It needs python3 with venv in PATH the first time.
func PyPI(packages ...string) (python string, err error) {
	dir, err := once("pip", packages, func(dir string) ([]*exec.Cmd, error) {
		return []*exec.Cmd{
			exec.Command("python3", "-m", "venv", dir),
			// As a module: the scripts beside Python name the folder that it had first.
			exec.Command(filepath.Join(dir, "bin", "python"), append([]string{
				"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
			}, packages...)...),
		}, nil
	})
	return filepath.Join(dir, "bin", "python"), err
}

// once returns a folder that commands fill unless it is there. It stands in a cache of
// the user, by the name of its contents, so that other versions are another folder.
func once(kind string, contents []string, fill func(dir string) ([]*exec.Cmd, error)) (dir string, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("no %s: %w", strings.Join(contents, " "), err)
		}
	}()
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "ltsvpipe")
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(strings.Join(contents, "\n")))
	dir = filepath.Join(cache, fmt.Sprintf("%s-%x", kind, sum[:8]))
	unlock, err := lock(dir + ".lock") // packages are tested side by side
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	// Into a folder of its own first: who finds dir finds it whole.
	work, err := os.MkdirTemp(cache, ".fetch")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	got := filepath.Join(work, "got")
	if err := os.Mkdir(got, 0o755); err != nil {
		return "", err
	}
	commands, err := fill(got)
	if err != nil {
		return "", err
	}
	for _, cmd := range commands {
		cmd.Dir = work
		DieWithParent(cmd)
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", cmd.Args[:2], err, Tail(out))
		}
	}
	return dir, os.Rename(got, dir)
}

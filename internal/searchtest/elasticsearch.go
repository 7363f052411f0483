package searchtest

import (
	"archive/zip"
	_ "embed"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// elasticVersion is the newest of 8.x that needs no more than Java 17 and has all
// its parts at Maven.
const elasticVersion = "8.19.5"

//go:embed Elasticsearch.java
var elasticSource []byte

// The server and its transport are what Maven has of the distribution: bulk,
// search, mappings, templates; no data streams, and nobody at GET /.
var elasticsearch = product{name: "Elasticsearch", flattened: "flattened",
	command: func(dir string) (*exec.Cmd, error) {
		jars, err := realtest.Maven("org.elasticsearch:elasticsearch:"+elasticVersion, "org.elasticsearch.plugin:"+transport+":"+elasticVersion)
		if err != nil {
			return nil, err
		}
		path, err := layOut(dir, jars)
		if err != nil {
			return nil, err
		}
		source := filepath.Join(dir, "Elasticsearch.java")
		if err := os.WriteFile(source, elasticSource, 0o644); err != nil {
			return nil, err
		}
		return exec.Command("java", "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-cp", path, source, dir), nil
	},
	find: func(_ string, log []byte) string {
		if m := listens.FindSubmatch(log); m != nil {
			return "http://127.0.0.1:" + string(m[1])
		}
		return ""
	},
}

// listens is what Elasticsearch.java prints when it is ready.
var listens = regexp.MustCompile(`(?m)^ready at port (\d+)$`)

const transport = "transport-netty4"

// layOut makes of jars a home as the distribution has it, where the transport is a
// module with a class loader of its own, and returns the class path of the rest.
func layOut(home, jars string) (path string, err error) {
	module := filepath.Join(home, "modules", transport)
	for _, dir := range []string{module, filepath.Join(home, "plugins"), filepath.Join(home, "config")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", err
		}
	}
	all, err := filepath.Glob(filepath.Join(jars, "*.jar"))
	if err != nil {
		return "", err
	}
	var rest []string
	for _, jar := range all {
		name := filepath.Base(jar)
		if !strings.HasPrefix(name, "netty-") && !strings.HasPrefix(name, transport) {
			rest = append(rest, jar)
			continue
		}
		if err := os.Symlink(jar, filepath.Join(module, name)); err != nil {
			return "", err
		}
	}
	return strings.Join(rest, string(os.PathListSeparator)), describe(module)
}

// describe takes the module's descriptor out of its jar, without the name of a Java
// module: the server is on the class path and is none.
func describe(module string) error {
	jar, err := zip.OpenReader(filepath.Join(module, transport+"-"+elasticVersion+".jar"))
	if err != nil {
		return err
	}
	defer jar.Close()
	const name = "plugin-descriptor.properties"
	f, err := jar.Open("META-INF/es-plugins/" + transport + "/" + name)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	plain := regexp.MustCompile(`(?m)^modulename=.*$`).ReplaceAll(text, nil)
	return os.WriteFile(filepath.Join(module, name), plain, 0o644)
}
